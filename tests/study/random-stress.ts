import assert from 'node:assert/strict';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import type { Figures } from '../../services/study/cell-figures.ts';
import { settingOverrides } from '../../services/study/cell-scenario.ts';
import { cellAt } from '../../services/study/grid.ts';
import { stressCells } from '../../services/study/stress/stress-cells.ts';
import { readStress } from '../../services/study/stress/stress-grid.ts';
import { isStress, type StressStudy } from '../../services/study/study-file.ts';
import { RANDOM_FILE, randomFiles } from '../support/random-scenario.ts';
import { runDirectly, runScenario } from '../support/run.ts';

const wasm = compiledCore();
const HOUR_MS = 3_600_000;

/**
 * Random scenarios with everything in them: a bank fails, and another with the others' reaction. Rounds sum up to the
 * whole, a run over messages has the same events, nobody pays the failed bank after the reaction, and a failure after the
 * last message changes nothing.
 */
export async function checkRandomStress(firstSeed: number, count: number): Promise<void> {
  let [unsettled, held] = [0, 0];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const what = `seed ${seed}`;
    const readFile = randomFiles(seed);
    const { businessDates } = loadScenario(RANDOM_FILE, { readFile });
    const date = businessDates.at(-1) as string;
    const afterSeconds = (seed % 3) * 900;
    const queued = seed % 2 === 0 ? 'cancelled' : 'left';
    const asked = { scenario: RANDOM_FILE, set: [], lengthSeconds: null, queued } as const;
    const { study } = readStress(
      {
        ...{ ...asked, date, reactionAfterSeconds: afterSeconds },
        ...{ banks: ['ALFADE00', 'DELRSG00'], hours: ['10:00', '15:59:59'] },
      },
      readFile,
    );
    assert.ok(isStress(study));
    const take = stressCells(study as StressStudy, readFile, wasm);
    const rows = async (number: number) => (await take(cellAt(study, number))).figures;
    const picks = (number: number) => cellAt(study, number).picks;
    const failedAtMs = Date.parse(`${date}T10:00Z`);
    for (const number of [1, 2, 6]) {
      const figures = await rows(number);
      checkSums(figures, `${what}: cell ${number}`);
      unsettled += Number(figures['newlyUnsettled.payments']);
      if (number === 1) continue;
      const set = settingOverrides(study, picks(number), readFile);
      const scenario = loadScenario(RANDOM_FILE, { readFile, set });
      const { summary, rows: payments } = await runScenario(scenario);
      assert.equal(figures.eventsHash, summary.eventsHash, `${what}: cell ${number}`);
      const bank = number === 2 ? 'ALFADE00' : 'DELRSG00';
      const stopMs = failedAtMs + afterSeconds * 1000;
      for (const { creditorAgent, dealer, submittedAtMs, priority } of payments)
        if (priority !== '' && (creditorAgent === bank || dealer === bank))
          assert.ok(submittedAtMs < stopMs, `${what}: ${bank} is paid at ${submittedAtMs}`);
      held += Number(figures['firstRound.unsent']);
    }
    const scenario = loadScenario(RANDOM_FILE, { readFile });
    const lastMs = Math.max(...[...planMessages(scenario)].map(({ atMs }) => atMs));
    if (lastMs >= failedAtMs + 6 * HOUR_MS - 1000) continue;
    const { summary } = await runDirectly(scenario);
    for (const number of [3, 4, 7, 8]) {
      // What is asked back from a queue does not settle at the close.
      if (queued === 'cancelled' && number % 2 === 0) continue;
      const figures = await rows(number);
      assert.equal(figures['newlyUnsettled.payments'], 0, `${what}: cell ${number}`);
      assert.equal(figures.eventsHash, summary.eventsHash, `${what}: cell ${number}`);
    }
  }
  assert.ok(unsettled > 0 && held > 0, `${unsettled} newly unsettled, ${held} held back`);
}

function checkSums(figures: Figures, what: string): void {
  const number = (name: string) => Number(figures[name] ?? 0);
  const parts = ['payments', 'referenceMinor'];
  const values = Object.keys(figures).filter((name) =>
    name.startsWith('newlyUnsettled.valueMinor.'),
  );
  for (const part of [...parts, ...values.map((name) => name.slice('newlyUnsettled.'.length))])
    assert.equal(
      number(`firstRound.${part}`) + number(`laterRounds.${part}`),
      number(`newlyUnsettled.${part}`),
      `${what}: ${part}`,
    );
  const rounds = Object.keys(figures).filter((name) => /^rounds\.(?:\d+|unlinked)\./.test(name));
  const sum = rounds.reduce((total, name) => total + number(name), 0);
  assert.equal(sum, number('laterRounds.payments'), `${what}: rounds`);
  assert.ok(number('newlySettled.payments') >= 0, what);
  assert.equal(
    number('settledWithout') - number('newlyUnsettled.payments') + number('newlySettled.payments'),
    number('settled'),
    what,
  );
}
