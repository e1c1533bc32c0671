/** What a recorded run is to come to under other rules, liquidity and hours, for tests of several kinds. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { provenRun } from '../../services/replay/replay-run.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { counterfactualOf } from '../../services/run/counterfactual.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { recordFolder } from '../support/explained-run.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { followed, load, runDirectly, runScenario } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-counterfactual-'));
after(() => rmSync(folder, { recursive: true, force: true }));
export const at = (name: string) => join(folder, name);

export const record = (name: string, scenario: Scenario, signatures = false): Promise<Summary> =>
  recordFolder(at(name), scenario, signatures, (onSlice) =>
    runScenario(scenario, { signatures, onSlice }),
  );

/** What a recorded run comes to otherwise. */
export async function otherwise(name: string, ...set: readonly string[]): Promise<Summary> {
  const { scenario, simulation, recorded } = await counterfactualOf(at(name), set);
  const { signatures } = recorded.header;
  return (await followed(scenario, simulation, { signatures })).summary;
}

/** The same, left as a run beside it. */
async function leave(name: string, from: string, ...set: readonly string[]): Promise<Summary> {
  const { scenario, simulation } = await counterfactualOf(at(from), set);
  return recordFolder(at(name), scenario, false, (onSlice) =>
    followed(scenario, simulation, { signatures: false, onSlice }),
  );
}

/** Two runs but for what a counterfactual's summary says of itself. */
const figures = ({ counterfactualOf: _, ...rest }: Summary) => rest;

/** What moves no draw of the traffic. */
const OTHERS = [
  ['settlement.cycle=off', 'settlement.queue=fifo'],
  ['settlement.mechanism=dns', 'settlement.cycleEverySeconds=1800'],
  ['participants.*.accounts.*.balance=77', 'participants.0.accounts.*.creditLine=5'],
  ['settlement.offsetting.entry=true', 'settlement.atClose=carry-over', 'tickMs=30000'],
  ['participants.*.accounts.*.netDebitCap=40', 'settlement.mechanism=hybrid'],
  ['events.creditLines=[]', 'events.issues=[]', 'events.cycles.+={ at: "09:00" }'],
];

/** Those of scenarios/. */
export const SCENARIOS = readdirSync(join(packageFolder, 'scenarios'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''))
  .sort();

const recorded = new Map<string, Promise<Summary>>();
/** One of scenarios/, recorded once. Its messages are signed where some signatures are corrupted. */
export function recordOf(name: string): Promise<Summary> {
  const known = recorded.get(name) ?? record(name, load(name), name === 'smoke');
  recorded.set(name, known);
  return known;
}

/** Nothing changes: it is the run, to the figure. Something does: it is what a run with the change is. */
export async function holdsOf(name: string): Promise<void> {
  const summary = await recordOf(name);
  const { identityDays } = load(name).settlement;
  const same = await otherwise(name, `settlement.identityDays=${identityDays}`);
  assert.equal(same.counterfactualOf, summary.eventsHash);
  assert.deepEqual(figures(same), summary);
  const { signatures } = summary;
  const first = SCENARIOS.indexOf(name);
  // What a scenario has already is no change: then the next.
  for (let at = first; at < first + OTHERS.length; at++) {
    const set = OTHERS[at % OTHERS.length] as readonly string[];
    const run = await runDirectly(load(name, set), { signatures });
    if (run.summary.eventsHash === summary.eventsHash) continue;
    assert.deepEqual(figures(await otherwise(name, ...set)), run.summary, set.join(' '));
    return;
  }
  assert.fail(`nothing changes ${name}`);
}

/** The same of random days, whose hours change too, and come back. */
export async function holdsOfRandomDays(first: number, count: number): Promise<void> {
  let differ = 0;
  for (let seed = first; seed < first + count; seed++) {
    const scenario = randomScenario(seed);
    const [name, other] = [`random-${seed}`, `random-${seed}-other`];
    const { eventsHash } = await record(name, scenario);
    assert.equal((await otherwise(name, 'description=—')).eventsHash, eventsHash, `seed ${seed}`);
    const { closes } = scenario.document.currencies.EUR as { closes: string };
    const { queue } = scenario.document.settlement;
    const otherQueue = `settlement.queue=${queue === 'fifo' ? 'bypass-fifo' : 'fifo'}`;
    const moved = await leave(other, name, 'currencies.EUR.closes=15:30', otherQueue);
    if (moved.eventsHash !== eventsHash) differ += 1;
    assert.deepEqual((await provenRun(at(other))).differences, [], `seed ${seed}`);
    const back = [`currencies.EUR.closes=${closes}`, `settlement.queue=${queue}`];
    assert.equal((await otherwise(other, ...back)).eventsHash, eventsHash, `seed ${seed}, back`);
  }
  assert.ok(differ >= count / 2, `${differ} of ${count} differ`);
}
