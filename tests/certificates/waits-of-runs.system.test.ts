/** `corridor explain RUN UETR --certificate` over runs whose chains wait for attestors, and `corridor verify` of what it writes. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { certificateDigest } from '../../services/analysis/certificates/certificate-format.ts';
import { verifyCertificate } from '../../services/analysis/certificates/check/verify-certificate.ts';
import { explainPayments } from '../../services/explain/explain-payment.ts';
import { tracePayments } from '../../services/explain/payment-trace.ts';
import type { Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { runInputs } from '../../services/replay/recorded-inputs.ts';
import { recordRun, rowsOf } from '../support/explained-run.ts';
import { core } from '../support/live.ts';
import { scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

/** Of how many payments of each run. */
const ASKED = 20;
const AGORA = ['chainFlows.*.chainsPerDate=2'];

describe('certificates of the waits of a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-waits-'));
  after(async () => {
    await endWarmCorridor();
    rmSync(folder, { recursive: true });
  });
  const runs = new Map<string, Promise<string>>();
  /** The folder of a run, which is made once. */
  function runOf(scenario: string, signatures: boolean, set: readonly string[] = []) {
    const name = `${scenario} ${signatures}`;
    const made =
      runs.get(name) ?? recordRun(scenarioFile(scenario), join(folder, name), { signatures, set });
    runs.set(name, made);
    return made;
  }
  /** Payments whose chain waited for its attestors last. */
  async function waitsOf(run: string) {
    const all = rowsOf(run).map(({ uetr }) => uetr as Uetr);
    const uetrs = all.filter((_, n) => n % Math.ceil(all.length / ASKED) === 0);
    const inputs = runInputs(run);
    const traced = await tracePayments(inputs, core.module, uetrs);
    const explained = await explainPayments(inputs, core.module, [...traced.values()]);
    const waits = explained.flatMap(({ trace, state, certificate }) =>
      state?.wait?.kind === 'condition' && certificate
        ? [
            {
              uetr: uetrs.find((one) => traced.get(one)?.payments.includes(trace)),
              wait: state.wait,
              certificate,
            },
          ]
        : [],
    );
    assert.ok(waits.length >= 5, `${waits.length}`);
    return waits;
  }

  for (const [scenario, attestors, set] of [
    ['agora-screened', 6, AGORA],
    ['trade-documents', 2, []],
  ] as const)
    it(`${scenario}: a chain that waited last for whom it says has a certificate of just that`, async () => {
      for (const { wait, certificate } of await waitsOf(await runOf(scenario, true, set))) {
        const certified = await certificate();
        assert.ok(certified.format === 'corridor-wait-certificate-1');
        assert.deepEqual(verifyCertificate(JSON.stringify(certified)).faults, []);
        const { groups, holders, deadlineMs } = certified;
        assert.ok(groups.flatMap((group) => group.attestors).length >= attestors);
        assert.deepEqual([holders, deadlineMs], [wait.holders, wait.deadlineMs]);
        const missing = [...(wait.awaited?.mandatory ?? []), ...(wait.awaited?.groups ?? [])];
        assert.deepEqual(
          groups.flatMap((g) => (g.missing > 0 ? [{ missing: g.missing, attestors: g.open }] : [])),
          missing,
        );
      }
    });

  it('the command writes one, and verify says what it proves and by whose keys, or where it does not', async () => {
    const run = await runOf('agora-screened', true, AGORA);
    const [{ uetr, wait }] = (await waitsOf(run)) as [Awaited<ReturnType<typeof waitsOf>>[0]];
    const file = join(folder, 'wait.json');
    const written = await corridor('explain', run, uetr as string, '--certificate', file);
    assert.equal(written.code, 0, written.stderr);
    const holds = await corridor('verify', file);
    assert.equal(holds.code, 0, holds.stdout);
    const [someone] = wait.awaited?.groups[0]?.attestors ?? [];
    assert.match(
      holds.stdout,
      new RegExp(
        `it holds: pool main after event [0-9]+, until .*, behind record [0-9]+: the chain of .* waits for .*${someone}`,
      ),
    );
    assert.match(
      holds.stdout,
      /it could neither settle nor be refused; compare that the genesis has no policy of desks, and the keys with theirs: [A-Z0-9]+ \S+ [0-9a-f]{64}/,
    );
    const certificate = JSON.parse(readFileSync(file, 'utf8'));
    const { digest: _, ...rest } = { ...certificate, network: 'another' };
    writeFileSync(file, JSON.stringify({ ...rest, digest: certificateDigest(rest) }));
    const forged = await corridor('verify', file, '--json');
    assert.equal(forged.code, 1);
    const { faults } = JSON.parse(forged.stdout);
    assert.match(faults[0], /^legs\.0: the signature of [A-Z0-9]+ does not verify$/);
  });

  it('a run without signatures has no such certificate, and is told why', async () => {
    const run = await runOf('agora-screened', false, AGORA);
    const [{ uetr }] = (await waitsOf(run)) as [Awaited<ReturnType<typeof waitsOf>>[0]];
    const { code, stderr } = await corridor(
      ...['explain', run, uetr as string, '--certificate', join(folder, 'none.json')],
    );
    assert.equal(code, 2);
    assert.match(
      stderr,
      /--certificate: what is in the log does not prove the wait: legs\.0: the signature of [A-Z0-9]+ does not verify; expected .* \(no --no-signatures\)/,
    );
  });
});
