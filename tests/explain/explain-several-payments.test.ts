/** Several payments explained in one replay, against each by itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { explainPayments } from '../../services/explain/explain-payment.ts';
import { explanationJson } from '../../services/explain/explanation-json.ts';
import { tracePayments } from '../../services/explain/payment-trace.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import type { Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { runInputs } from '../../services/replay/recorded-inputs.ts';
import { atLeast } from '../support/at-least.ts';
import { explainInRun, recordRun, rowsOf } from '../support/explained-run.ts';
import { scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-several-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const wasm = compiledCore();
const isLong = process.env.CORRIDOR_LONG_TESTS === '1';

for (const [scenario, set] of [
  ['linked-gridlock', []],
  ['linked-gridlock', ['settlement.atClose=carry-over', 'settlement.cycle=off']],
  ['netting-default', []],
  ['smoke', []],
] as const)
  test(`payments of ${scenario} ${set.join(' ')} are explained alike together and alone`, async () => {
    const run = join(folder, `${scenario}-${set.length}`);
    await recordRun(scenarioFile(scenario), run, { set });
    const kinds = new Map<string, string[]>();
    for (const { status, reason, mechanism, messageType, uetr } of rowsOf(run)) {
      const kind = `${status} ${reason} ${mechanism} ${messageType}`;
      kinds.set(kind, [...(kinds.get(kind) ?? []), uetr as string]);
    }
    // The later ones of each kind first: the order that is asked for is none of the replay.
    const uetrs = [...kinds.values()].flatMap((some) => [some.at(-1), some[0]] as Uetr[]).reverse();
    const inputs = runInputs(run);
    const asked = [...new Set(uetrs)];
    const traced = await tracePayments(inputs, wasm, asked);
    assert.deepEqual([...traced.keys()], asked);
    const together = await explainPayments(inputs, wasm, [...traced.values()]);
    for (const [index, uetr] of atLeast(4, asked).entries()) {
      // Each alone is a replay: every second one in short.
      if (!isLong && index % 2 === 1) continue;
      assert.deepEqual(
        explanationJson(together[index]!),
        explanationJson(await explainInRun(run, uetr)),
      );
    }
  });
