/** Recorded instructions under another mechanism, other liquidity and other hours. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { BadInput, exitCode } from '../../services/platform/service/exit.ts';
import { provenRun } from '../../services/replay/replay-run.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { counterfactualOf, executeCounterfactual } from '../../services/run/counterfactual.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { recordFolder } from '../support/explained-run.ts';
import { atLeast } from '../support/at-least.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { followed, load, runDirectly, runScenario } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-counterfactual-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const record = (name: string, scenario: Scenario, signatures = false): Promise<Summary> =>
  recordFolder(at(name), scenario, signatures, (onSlice) =>
    runScenario(scenario, { signatures, onSlice }),
  );

/** What a recorded run comes to otherwise. */
async function otherwise(name: string, ...set: readonly string[]): Promise<Summary> {
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

const small = readdirSync(join(packageFolder, 'scenarios'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''))
  .filter((name) => name !== 'four-corridors');

/** What moves no draw of the traffic. */
const OTHERS = [
  ['settlement.cycle=off', 'settlement.queue=fifo'],
  ['settlement.mechanism=dns', 'settlement.cycleEverySeconds=1800'],
  ['settlement.offsetting.entry=true', 'settlement.atClose=carry-over', 'tickMs=30000'],
  ['participants.*.accounts.*.balance=77', 'participants.0.accounts.*.creditLine=5'],
  ['participants.*.accounts.*.netDebitCap=40', 'settlement.mechanism=hybrid'],
  ['events.defaults=[]', 'events.cycles=[]', 'events.creditLines=[]'],
];

describe('a counterfactual', () => {
  for (const name of atLeast(6, small))
    test(`of ${name} is the run where nothing changes, and else what a run with the change is`, async () => {
      const signatures = name === 'smoke';
      const summary = await record(name, load(name), signatures);
      const same = await otherwise(name, `settlement.identityDays=${load(name).settlement.identityDays}`);
      assert.equal(same.counterfactualOf, summary.eventsHash);
      assert.deepEqual(figures(same), summary);
      const set = OTHERS[small.indexOf(name) % OTHERS.length] as readonly string[];
      const run = await runDirectly(load(name, set), { signatures });
      assert.notEqual(run.summary.eventsHash, summary.eventsHash);
      assert.deepEqual(figures(await otherwise(name, ...set)), run.summary);
    });

  test('of random days is so too, and comes back', async () => {
    const seeds = process.env.CORRIDOR_LONG_TESTS === '1' ? 100 : 6;
    let differ = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const scenario = randomScenario(seed);
      const name = `random-${seed}`;
      const { eventsHash } = await record(name, scenario);
      assert.equal((await otherwise(name, 'description=—')).eventsHash, eventsHash, `seed ${seed}`);
      const { closes } = scenario.document.currencies.EUR as { closes: string };
      const { queue } = scenario.document.settlement;
      const other = await leave(
        `${name}-other`,
        name,
        'currencies.EUR.closes=13:30',
        `settlement.queue=${queue === 'fifo' ? 'bypass-fifo' : 'fifo'}`,
      );
      if (other.eventsHash !== eventsHash) differ += 1;
      assert.equal((await provenRun(at(`${name}-other`))).differences.length, 0, `seed ${seed}`);
      const back = [`currencies.EUR.closes=${closes}`, `settlement.queue=${queue}`];
      const again = await otherwise(`${name}-other`, ...back);
      assert.equal(again.eventsHash, eventsHash, `seed ${seed}, there and back`);
    }
    assert.ok(differ > seeds / 2, `${differ} of ${seeds} differ`);
  });

  test('keeps what was sent when hours change: later than the close it is rejected', async () => {
    const summary = await record('hours', load('smoke'));
    const early = await otherwise('hours', 'currencies.EUR.closes=10:00');
    assert.equal(early.submitted, summary.submitted);
    assert.equal(early.repeated, summary.repeated);
    assert.ok((early.rejectedByReason.TM01 ?? 0) > (summary.rejectedByReason.TM01 ?? 0));
    // A run under those hours draws its payments inside them.
    const run = await runDirectly(load('smoke', ['currencies.EUR.closes=10:00']), {
      signatures: false,
    });
    assert.notEqual(run.summary.eventsHash, early.eventsHash);
    // Before all that was sent, whenever it opens.
    assert.ok((await otherwise('hours', 'currencies.*.opens=12:00')).submitted > 0);
  });

  test('has in its report and its summary whose instructions they are', async () => {
    const { eventsHash } = await record('named', load('pssimpy-ring'));
    const request = { run: at('named'), set: ['settlement.cycle=off'], results: 'summary' } as const;
    const finished = await executeCounterfactual({ ...request, out: at('named-off') });
    assert.deepEqual(readdirSync(at('named-off')), ['summary.json']);
    const written = JSON.parse(readFileSync(join(at('named-off'), 'summary.json'), 'utf8'));
    assert.deepEqual(written, finished.summary);
    assert.equal(written.counterfactualOf, eventsHash);
    assert.deepEqual(written.overrides, ['settlement.cycle=off']);
    await assert.rejects(executeCounterfactual({ ...request, out: at('named') }), /it is the run itself/);
  });
});

describe('refused', () => {
  const REFUSED: readonly (readonly [set: string, told: RegExp])[] = [
    ['seed=2', /seed: 2: expected a field that leaves .* are drawn|seed: 2: .*drawn from it/],
    ['traffic.eur.paymentsPerDate=1', /paymentsPerDate: 1: .*it decides what banks instruct/],
    ['businessDates=[2026-03-17]', /businessDates\[0\]: .*it decides what banks instruct/],
    ['participants.0.size=9', /participants\[0\]\.size: 9: .*instruct/],
    ['participants.0.accounts.EUR.limit=9', /limit: .*messages of the bank itself \(camt\.011/],
    ['participants.0.accounts.EUR.reservations.urgent=9', /reservations.*the bank itself/],
    ['events.limits=[]', /events\.limits.*the bank itself/],
    ['rates.perBase.SGD=2', /rates\.perBase\.SGD: "2": .*dealers’ quotes/],
    ['quotes.0.spreadBasisPoints=77', /spreadBasisPoints: 77: .*dealers’ quotes/],
    ['events.outages=[]', /events\.outages.*what participants send, and when/],
    ['events.corruptSignatures=[]', /events\.corruptSignatures.*what participants send/],
    ['network=other', /network: "other": .*signature/],
    ['pools={ a: [EUR], b: [SGD] }', /pools.*verified into its pool/],
    ['currencies.USD={ opens: "08:00", closes: "09:00", zone: UTC }', /currencies\.USD: .*instruct/],
    ['settlement.cycel=off', /settlement\.cycel: expected a path of the scenario/],
    ['settlement.cycle=on', /settlement\.cycle: "on": expected/],
  ];

  test('what decides the instructions is refused by its path, with what to do', async () => {
    await record('refused', load('smoke'));
    for (const [set, told] of atLeast(16, REFUSED)) {
      const error = await counterfactualOf(at('refused'), [set]).then(
        () => assert.fail(`${set} was taken`),
        (one: Error) => one,
      );
      assert.equal(exitCode(error), 2, `${set}: ${error.stack}`);
      assert.doesNotMatch(error.message, /\n/);
      assert.ok(error.message.startsWith(join(at('refused'), 'scenario.json')) || /^--set/.test(error.message), error.message);
      assert.match(error.message, told);
    }
    // A value that is there already changes nothing.
    await counterfactualOf(at('refused'), ['seed=7', 'participants.0.size=3']);
  });

  test('a run of which a file was changed, or is missing, is none', async () => {
    await record('whole', load('pssimpy-ring'));
    const copy = (name: string) => {
      cpSync(at('whole'), at(name), { recursive: true });
      return (file: string, change: (text: string) => string) =>
        writeFileSync(join(at(name), file), change(readFileSync(join(at(name), file), 'utf8')));
    };
    const refused = (name: string, told: RegExp) =>
      assert.rejects(counterfactualOf(at(name), ['settlement.cycle=off']), (error) => {
        assert.ok(error instanceof BadInput, String(error));
        assert.match((error as Error).message, told);
        return true;
      });
    copy('other-summary')('summary.json', (text) => text.replace('"unsent":0', '"unsent":1'));
    await refused('other-summary', /summary\.json is damaged or was changed after the run/);
    copy('other-scenario')('scenario.json', (text) => text.replace('"50"', '"60"'));
    await refused('other-scenario', /scenario\.json: what it has the operator do in pool main/);
    copy('other-name')('scenario.json', (text) => text.replace('pssimpy-ring', 'another'));
    await refused('other-name', /name another, seed 1, and input\.log is of pssimpy-ring/);
    copy('no-scenario');
    rmSync(join(at('no-scenario'), 'scenario.json'));
    await refused('no-scenario', /scenario\.json: not found/);
    copy('no-log');
    rmSync(join(at('no-log'), 'input.log'));
    await refused('no-log', /input\.log: not found/);
    await assert.rejects(counterfactualOf(join(at('whole'), 'input.log'), []), /expected the folder/);
  });
});
