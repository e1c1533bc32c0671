/** `corridor verify` and the files of certificates: what is wrong where, and with which exit code. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { certificateDigest } from '../../services/analysis/certificates/certificate-format.ts';
import { scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

const MAX_TEXT = '999999999999999999';

/** Ten banks of which nine have all but the bound of the ledger; the tenth owes as much again. */
const bigScenario = (csv: string): string => `name: big
description: Amounts at the bound.
seed: 1
businessDates: [2026-03-16]
zone: UTC
currencies:
  XTS: { opens: "08:00", closes: "10:00", zone: UTC }
participants:
  - { bic: BONEDE00, name: poor, accounts: { XTS: { balance: "50" } } }
${[...'ABCDEFGHI'].map((c) => `  - { bic: BT${c}ODE00, name: rich ${c}, accounts: { XTS: { balance: "${MAX_TEXT}" } } }`).join('\n')}
payments: { csv: ${csv} }
settlement: { queue: fifo, cycleEverySeconds: 300, atClose: cancel }
tickMs: 60000
`;

describe('corridor verify', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-verify-'));
  const ring = join(folder, 'ring');
  const big = join(folder, 'big');
  before(async () => {
    const csv = join(folder, 'big.csv');
    const row = (time: string, to: string) =>
      `2026-03-16,${time},BONEDE00,${to},XTS,${MAX_TEXT},normal\n`;
    writeFileSync(
      csv,
      `date,time,debtor,creditor,currency,amount,priority\n${row('08:30', 'BTAODE00')}${row('08:31', 'BTBODE00')}`,
    );
    writeFileSync(join(folder, 'big.yaml'), bigScenario('big.csv'));
    for (const [scenario, out] of [
      [scenarioFile('pssimpy-ring'), ring],
      [join(folder, 'big.yaml'), big],
    ] as const) {
      const { code, stderr } = await corridor('run', scenario, '--out', out);
      assert.equal(code, 0, stderr);
    }
  });
  after(async () => {
    await endWarmCorridor();
    rmSync(folder, { recursive: true });
  });

  it('takes a certificate, refuses a false one with 1 and what is none with 2', async () => {
    const file = join(folder, 'cycle.json');
    const written = await corridor('explain', ring, '--cycle', '3', '--certificate', file);
    assert.equal(written.code, 0, written.stderr);
    const holds = await corridor('verify', file);
    assert.equal(holds.code, 0);
    assert.match(holds.stdout, /it holds: .* by gridlockResolution in XTS settled 3 payments/);
    assert.match(holds.stdout, /the largest set of them that can settle in XTS in the order/);
    for (const option of ['policy', 'entry', 'names', 'document', 'against', 'tiles']) {
      const { code, stderr } = await corridor('verify', file, `--${option}`, '/none');
      assert.equal(code, 2, option);
      assert.ok(
        stderr.includes(`--${option} /none: ${file} is a certificate, which does not take it`),
        stderr,
      );
    }
    const certificate = JSON.parse(readFileSync(file, 'utf8'));
    const forged = { ...certificate, currencies: [], settled: [], largest: [], drops: [] };
    const texts: readonly (readonly [string, number, RegExp])[] = [
      [JSON.stringify({ ...forged, digest: certificateDigest(forged) }), 1, /DOES NOT HOLD/],
      [JSON.stringify({ ...certificate, settled: 'all' }), 1, /DOES NOT HOLD: \/settled/],
      ['{"a":1}', 2, /must have required property 'format'.*; expected a certificate/],
      ['null', 2, /must be object.*; expected a certificate/],
      ['name: x\nseed: 1\n', 2, /it is not JSON: .*; expected a certificate/],
      ['', 2, /it is not JSON: .*; expected a certificate/],
    ];
    const other = join(folder, 'other.json');
    for (const [text, expected, message] of texts) {
      writeFileSync(other, text);
      const { code, stdout, stderr } = await corridor('verify', other);
      assert.equal(code, expected, `${text}: ${stdout}${stderr}`);
      assert.match(expected === 1 ? stdout : stderr, message);
      assert.equal((stdout + stderr).trim().split('\n').length, 1);
    }
  });

  it('names the option whose file or folder cannot be written', async () => {
    const uetr = uetrsOf(big)[0] as string;
    const file = join(folder, 'none', 'x.json');
    const cases: readonly (readonly [string[], RegExp])[] = [
      [[big, uetr, '--certificate', file], /--certificate .*x\.json: expected a file .*ENOENT/],
      [[ring, '--cycle', '3', '--certificate', file], /--certificate .*: expected a file .*ENOENT/],
      [[ring, '--cycles', '--certificates', '/proc/x'], /--certificates \/proc\/x: expected a fol/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await corridor('explain', ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    }
  });

  it('says that an injection is more than the ledger takes, and still what is short', async () => {
    for (const uetr of uetrsOf(big)) {
      const { code, stdout, stderr } = await corridor('explain', big, uetr);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /a shortage of XTS [0-9]{18,} on BONEDE00's XTS account/);
      assert.match(
        stdout,
        /no injection .* XTS [0-9]{18,} were needed, .* pass 2\^63 minor units/s,
      );
      const json = JSON.parse((await corridor('explain', big, uetr, '--json')).stdout);
      const [release] = json.payments[0].state.hold.releases;
      assert.equal(release.amountMinor, null);
      assert.match(release.beyondMinor, /^[0-9]{18,}$/);
    }
  });
});

const uetrsOf = (run: string): string[] =>
  [
    ...readFileSync(join(run, 'payments.csv'), 'utf8').matchAll(
      /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g,
    ),
  ].map(([uetr]) => uetr);
