import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { disclosedDates } from '../../services/export/disclosure.ts';
import { storeOn } from '../../services/replay/named-store.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { load } from '../support/run.ts';
import { disclosedByPayments, recordPayments } from './disclosed-dates.ts';

const DATES = 'businessDates=[2026-03-30, 2026-03-31, 2026-04-01]';
let database: OwnDatabase;
before(async () => {
  database = await ownDatabase();
});
after(() => database.close());

for (const [name, scenario] of [
  ['smoke over three dates', () => load('smoke', [DATES])],
  ['trades, chains and a gridlock', () => load('linked-gridlock')],
  ['deposits over reserves', () => load('two-layer')],
  ...Array.from(
    { length: 30 },
    (_, seed) => [`random scenario ${seed}`, () => randomScenario(seed)] as const,
  ),
] as const)
  test(`${name}: what is published is as the payments have it`, async () => {
    const recorded = await recordPayments(database, scenario());
    const found = await disclosedDates(storeOn(database.client).query, recorded.run);
    assert.deepEqual(found, disclosedByPayments(recorded));
  });
