/** Recorded instructions under another mechanism, other liquidity and other hours. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BadInput, exitCode } from '../../services/platform/exit-codes.ts';
import { runName } from '../../services/report/figures/run-name-in-store.ts';
import { counterfactualOf, executeCounterfactual } from '../../services/run/counterfactual.ts';
import { atLeast } from '../support/at-least.ts';
import { load, runDirectly } from '../support/run.ts';
import {
  at,
  holdsOf,
  holdsOfRandomDays,
  otherwise,
  record,
  recordOf,
} from './recorded-otherwise.ts';

describe('a counterfactual', () => {
  // All of them are in the long file.
  for (const name of ['pssimpy-quickstart', 'pssimpy-ring', 'smoke'])
    test(`of ${name} is the run where nothing changes, and else the run with the change`, () =>
      holdsOf(name));

  test('has a quote where it was, among what its operator does at its instant', async () => {
    const set = ['quotes.0.validMinutes=60', 'settlement.cyclesAt=["08:00", "09:00"]'];
    const { eventsHash } = await record('quotes', load('smoke', set));
    assert.equal((await otherwise('quotes', 'description=—')).eventsHash, eventsHash);
  });

  // More of them are in the long file.
  test('of a random day is so too', () => holdsOfRandomDays(1, 1));

  test('keeps what was sent when hours change: later than the close it is rejected', async () => {
    const summary = await recordOf('smoke');
    const early = await otherwise('smoke', 'currencies.EUR.closes=10:00');
    assert.equal(early.submitted, summary.submitted);
    assert.equal(early.repeated, summary.repeated);
    assert.ok((early.rejectedByReason.TM01 ?? 0) > (summary.rejectedByReason.TM01 ?? 0));
    // A run under those hours draws its payments inside them.
    const run = await runDirectly(load('smoke', ['currencies.EUR.closes=10:00']));
    assert.notEqual(run.summary.eventsHash, early.eventsHash);
    // No payment is drawn, so none needs hours in which both of its currencies are open.
    const never = 'currencies.SGD.closes=14:05';
    assert.throws(() => load('smoke', [never]), /expected arrivals while EUR and SGD are open/);
    assert.equal((await otherwise('smoke', never)).submitted, summary.submitted);
    // What was sent is later than the founding, however late it opens.
    await recordOf('pssimpy-ring');
    const late = await otherwise('pssimpy-ring', 'currencies.XTS.opens=09:59');
    assert.deepEqual([late.submitted, late.rejected], [9, 0]);
  });

  test('has in its report and its summary whose instructions they are', async () => {
    const { eventsHash } = await recordOf('pssimpy-ring');
    const request = {
      run: at('pssimpy-ring'),
      set: ['settlement.cycle=off'],
      results: 'summary',
    } as const;
    const finished = await executeCounterfactual({ ...request, out: at('named-off') });
    assert.deepEqual(readdirSync(at('named-off')), ['summary.json']);
    const written = JSON.parse(readFileSync(join(at('named-off'), 'summary.json'), 'utf8'));
    assert.deepEqual(written, finished.summary);
    assert.equal(written.counterfactualOf, eventsHash);
    assert.deepEqual(written.overrides, ['settlement.cycle=off']);
    // Its rows are not those of a run with the same fields.
    const { instructionsOf: _, ...planned } = finished.scenario;
    assert.notEqual(runName(finished.scenario), runName(planned));
    await assert.rejects(
      executeCounterfactual({ ...request, out: at('pssimpy-ring') }),
      /it is the run itself/,
    );
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
    [
      'events.limits.+={ participant: ALFADE00, currency: EUR, amount: "1", at: "09:00" }',
      /events\.limits.*the bank itself/,
    ],
    ['rates.perBase.SGD=2', /rates\.perBase\.SGD: "2": .*dealers’ quotes/],
    ['quotes.0.spreadBasisPoints=77', /spreadBasisPoints: 77: .*dealers’ quotes/],
    ['events.outages=[]', /events\.outages.*what participants send, and when/],
    ['events.corruptSignatures=[]', /events\.corruptSignatures.*what participants send/],
    ['network=other', /network: "other": .*signature/],
    ['pools={ other: [EUR, SGD] }', /pools\.other: .*verified into its pool/],
    [
      'currencies.USD={ opens: "08:00", closes: "09:00", zone: UTC }',
      /currencies\.USD: .*instruct/,
    ],
    ['settlement.cycel=off', /settlement\.cycel: expected a path of the scenario/],
    ['settlement.cycle=on', /settlement\.cycle: "on": expected/],
  ];

  test('what decides the instructions is refused by its path, with what to do', async () => {
    await recordOf('smoke');
    for (const [set, told] of atLeast(16, REFUSED)) {
      const error = await counterfactualOf(at('smoke'), [set]).then(
        () => assert.fail(`${set} was taken`),
        (one: Error) => one,
      );
      assert.equal(exitCode(error), 2, `${set}: ${error.stack}`);
      assert.doesNotMatch(error.message, /\n/);
      assert.ok(
        error.message.startsWith(join(at('smoke'), 'scenario.json')) ||
          /^--set/.test(error.message),
        error.message,
      );
      assert.match(error.message, told);
    }
    // A value that is there already changes nothing.
    await counterfactualOf(at('smoke'), ['seed=7', 'participants.0.size=3']);
  });

  test('a run of which a file was changed, or is missing, is none', async () => {
    await recordOf('pssimpy-ring');
    const copy = (name: string) => {
      cpSync(at('pssimpy-ring'), at(name), { recursive: true });
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
    copy('other-log');
    const log = gunzipSync(readFileSync(join(at('other-log'), 'input.log')));
    const other = Buffer.from(
      log.toString('latin1').replace('row-0000001', 'row-0000009'),
      'latin1',
    );
    writeFileSync(join(at('other-log'), 'input.log'), gzipSync(other));
    await refused(
      'other-log',
      /input\.log is damaged or was changed after the run: it is not the file/,
    );
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
    await assert.rejects(
      counterfactualOf(join(at('pssimpy-ring'), 'input.log'), []),
      /expected the folder/,
    );
  });
});
