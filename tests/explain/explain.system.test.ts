/** `corridor explain` and `corridor verify` over whole runs. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse as parseYaml, stringify } from 'yaml';
import type { Certificate } from '../../services/analysis/certificates/certificate-format.ts';
import { verifyCertificate } from '../../services/analysis/certificates/check/verify-certificate.ts';
import type { At } from '../../services/explain/explain-payment.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { explainInRun, type Row, recordRun, rowsOf } from '../support/explained-run.ts';
import { scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

/** One payment of each kind of end, and of each mechanism, after the first few. */
function kinds(rows: readonly Row[], skip: number): Row[] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const kind = `${row.status} ${row.reason} ${row.mechanism} ${row.messageType}`;
    found.set(kind, [...(found.get(kind) ?? []), row]);
  }
  return [...found.values()].map((some) => some[Math.min(skip, some.length - 1)] as Row);
}

const STATUS: Readonly<Record<string, readonly string[]>> = {
  ACSC: ['settled'],
  CANC: ['cancelled', 'unwound'],
  RJCT: ['rejected', 'noticed'],
};

describe('corridor explain', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-explain-'));
  const linked = join(folder, 'linked');
  before(async () => {
    await recordRun(scenarioFile('linked-gridlock'), linked, { signatures: true });
  });
  after(async () => {
    await endWarmCorridor();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the documentation shows, command by command. */
  function documented(): { command: string[]; output: string }[] {
    const text = readFileSync(join(packageFolder, 'docs/settlement.md'), 'utf8');
    return [...text.matchAll(/```\n\$ corridor (.*)\n([^`]*)```/g)].map(([, command, output]) => ({
      command: (command as string).split(' '),
      output: (output as string).replace(/\n/g, ' ').trim(),
    }));
  }

  it('prints what the documentation says it prints', async () => {
    const examples = documented();
    assert.ok(examples.length >= 5, `${examples.length} examples`);
    const runs: Record<string, string> = { 'linked-gridlock': linked };
    for (const { command, output } of examples) {
      const args: string[] = [];
      for (const word of command) {
        const [, scenario] = /^runs\/([a-z-]+)-[0-9]+$/.exec(word) ?? [];
        if (scenario !== undefined) {
          const run = runs[scenario] ?? join(folder, scenario);
          if (!existsSync(run)) await recordRun(scenarioFile(scenario), run, { signatures: true });
          args.push(run);
        } else args.push(word.endsWith('.json') ? join(folder, word) : word);
      }
      const { stdout, stderr } = await corridor(...args);
      const said = `${stdout}${stderr}`.replaceAll(`${folder}/`, '').replace(/\n/g, ' ').trim();
      assert.equal(said, output, command.join(' '));
    }
  });

  it('says of every kind of payment what payments.csv says, and certifies what is queued', async () => {
    let [held, certified] = [0, 0];
    for (const scenario of [
      'linked',
      'smoke',
      'limits-hybrid',
      'netting-default',
      'pssimpy-ring',
    ]) {
      const run = join(folder, scenario);
      if (!existsSync(run)) await recordRun(scenarioFile(scenario), run, { signatures: true });
      for (const row of kinds(rowsOf(run), 7)) {
        const { trace, state, sentences, certificate } = await explainInRun(
          run,
          row.uetr as string,
        );
        const last = trace.events.filter((e) => e.kind !== 'repeated').at(-1);
        const where = `${scenario} ${row.uetr}: ${sentences.join(' ')}`;
        assert.ok(STATUS[row.status as string]?.includes(last?.kind ?? ''), where);
        assert.equal(new Date(last?.timeMs ?? 0).toISOString(), row.finalAt, where);
        // What settled or was refused as it came never waited.
        assert.equal(state === null, row.finalAt === row.submittedAt, where);
        assert.ok(
          sentences.every((s) => !/undefined|null|NaN/.test(s)),
          where,
        );
        if (state?.hold) held += 1;
        if (certificate === null) continue;
        certified += 1;
        assert.deepEqual(verifyCertificate(JSON.stringify(await certificate())).faults, [], where);
      }
    }
    assert.ok(held >= 8 && certified === held, `${held} held, ${certified} certified`);
  });

  it('names an injection with which the run itself settles the payment, and without a cent of it does not', async () => {
    // Nothing is sent after 14:30, so the queues of 14:35 stand until the close at 15:00.
    const uetr = '34c7f200-23a0-4075-a19d-a361d685da81';
    const { state } = await explainInRun(linked, uetr);
    const [release] = state?.hold?.releases ?? [];
    assert.ok(release?.isSmallest && release.amount !== null && release.amount > 0n);
    const scenario = parseYaml(readFileSync(scenarioFile('linked-gridlock'), 'utf8'));
    const settledAt = async (amount: bigint): Promise<string> => {
      const text = `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`;
      const { participant, currency } = release;
      const issues = [{ participant, currency, amount: text, at: '14:41' }];
      const file = join(folder, 'injected.yaml');
      writeFileSync(file, stringify({ ...scenario, name: 'injected', events: { issues } }));
      const run = join(folder, 'injected');
      await recordRun(file, run);
      return rowsOf(run).find((row) => row.uetr === uetr)?.finalAt ?? '';
    };
    assert.ok((await settledAt(release.amount)) <= '2026-03-16T14:45:00.000Z');
    assert.equal(await settledAt(release.amount - 1n), '2026-03-16T15:00:00.000Z');
  });

  it('explains both legs of a pair alike, and a leg that waits for the other', async () => {
    const rows = rowsOf(linked);
    const leg = rows.find((r) => r.pairedWith !== '' && r.status === 'CANC' && r.queuedAt !== '');
    const mate = rows.find((r) => r.position === leg?.pairedWith);
    assert.ok(leg && mate);
    const [one, other] = [
      await explainInRun(linked, leg.uetr as string),
      await explainInRun(linked, mate.uetr as string),
    ];
    assert.deepEqual(one.state?.hold?.shortages, other.state?.hold?.shortages);
    assert.equal(one.state?.hold?.releases[0]?.participant, leg.debtorAgent);
    assert.equal(other.state?.hold?.releases[0]?.participant, mate.debtorAgent);
    assert.deepEqual(new Set(one.state?.hold?.releases), new Set(other.state?.hold?.releases));
    const alone = rows.find((r) => r.reason === 'AB03' && r.messageType === 'corridor.pvp.1');
    const { state } = await explainInRun(linked, alone?.uetr as string);
    assert.equal(state?.wait?.kind, 'unmatched');
  });

  it('goes to the state that is asked for', async () => {
    const row = rowsOf(linked).find(
      (r) => r.queuedAt !== '' && r.pairedWith === '' && r.mechanism === 'gridlockResolution',
    );
    assert.ok(row);
    const at = (ms: number): At => ({ kind: 'time', timeMs: ms });
    const submitted = Date.parse(row.submittedAt as string);
    const final = Date.parse(row.finalAt as string);
    const earlier = await explainInRun(linked, row.uetr as string, at(submitted - 1));
    assert.match(earlier.sentences[1] as string, /it had not come/);
    const between = await explainInRun(linked, row.uetr as string, at(submitted));
    assert.ok(between.state?.hold);
    assert.ok((between.state?.timeMs ?? 0) <= submitted);
    const later = await explainInRun(linked, row.uetr as string, at(final));
    assert.match(later.sentences[1] as string, /it had ended: settled/);
  });

  it('says the same of a log with topics as of the run that left them', async () => {
    const run = join(folder, 'embedded');
    await corridor('run', scenarioFile('smoke'), '--out', run, '--log', 'embedded');
    const row = rowsOf(run).find((r) => r.mechanism === 'queue');
    const [a, b] = [
      await explainInRun(run, row?.uetr as string),
      await explainInRun(`embedded:${join(run, 'log')}`, row?.uetr as string),
    ];
    assert.deepEqual(a.sentences, b.sentences);
    assert.ok(a.state);
  });

  it('certifies every cycle; verify takes each and refuses what was changed', async () => {
    const certificates = join(folder, 'certificates');
    const { stdout } = await corridor(
      'explain',
      linked,
      '--cycles',
      '--certificates',
      certificates,
    );
    assert.match(
      stdout,
      /83 cycles; every certificate was checked and holds\nA cycle that falls due runs only if .*\n$/,
    );
    const files = readdirSync(certificates);
    assert.equal(files.length, 83);
    for (const file of files) {
      const text = readFileSync(join(certificates, file), 'utf8');
      assert.deepEqual(verifyCertificate(text).faults, [], file);
    }
    const file = join(certificates, files[73] as string);
    const holds = await corridor('verify', file);
    assert.equal(holds.code, 0);
    assert.match(holds.stdout, /it holds: pool main/);
    const certificate = JSON.parse(readFileSync(file, 'utf8')) as Certificate;
    assert.ok(certificate.settled.length > 1);
    writeFileSync(file, JSON.stringify({ ...certificate, settled: certificate.settled.slice(1) }));
    const broken = await corridor('verify', file, '--json');
    assert.equal(broken.code, 1);
    assert.equal(JSON.parse(broken.stdout).holds, false);
  });

  it('reads as JSON with minor units as strings', async () => {
    const row = rowsOf(linked).find((r) => r.reason === 'AM04') as Row;
    const { stdout } = await corridor('explain', linked, row.uetr as string, '--json');
    const { uetr, payments } = JSON.parse(stdout);
    assert.equal(uetr, row.uetr);
    const [payment] = payments;
    assert.equal(payment.amountMinor, (row.amount as string).replace('.', ''));
    assert.equal(payment.debtorAgent, row.debtorAgent);
    assert.equal(payment.state.standing, 'queued');
    for (const { amount } of payment.state.hold.shortages) assert.match(amount, /^[1-9][0-9]*$/);
    assert.equal(payment.events.at(-1).isoReason, 'AM04');
  });

  it('refuses bad input in one line with exit code 2', async () => {
    const known = rowsOf(linked)[0]?.uetr as string;
    const unknown = '00000000-0000-4000-8000-000000000000';
    const cases: readonly (readonly [string[], RegExp])[] = [
      [
        ['explain', linked, unknown],
        /UETR 0{8}-.*: no payment of .*linked has it; expected .* column uetr of/,
      ],
      [['explain', linked, 'ABC'], /UETR ABC: expected a lower-case UUID of version 4, .*uetr/],
      [['explain', linked], /expected the folder of a run and a UETR/],
      [['explain', join(folder, 'none'), known], /input.log: not found; expected/],
      [['explain', linked, known, '--at', 'noon'], /--at noon: expected the number of an event or/],
      [['explain', linked, known, '--at', '999999'], /--at 999999: pool main has the events 1 to/],
      [
        ['explain', linked, known, '--certificate', 'x'],
        /--certificate: in this state the payment stands in no queue/,
      ],
      [['explain', linked, '--cycle', '0'], /--cycle 0: expected the number of a cycle/],
      [['explain', linked, '--cycle', '9999'], /--cycle 9999: .* has no such cycle; --cycles/],
      [['explain', linked, '--cycles', '--pool', 'x'], /--pool x: .* has main/],
      [['explain', linked, '--cycle', '5', '--exact', '--value-in', 'JPY'], /--value-in JPY: /],
      [
        ['verify', join(folder, 'none.json')],
        /cannot be read: there is no such file; expected a certificate/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await corridor(...args);
      assert.equal(code, 2, `${args.join(' ')}: ${stdout}${stderr}`);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.match(stderr, /^corridor: /);
    }
  });
});
