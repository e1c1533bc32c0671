/** What the live view says that banks will need until the close, against a list of all that events state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { Directory } from '../../services/protocol/names/directory.ts';
import type { Bic } from '../../services/protocol/names/identifiers.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import type { AccountState } from '../../services/view/wire.ts';
import { StatedNeeds, statedForecast } from '../store/stated-needs.ts';
import { eventsOfPools, load } from '../support/run.ts';

const NO_NOTES = { reorderings: new Map(), rules: new Map() };

/** The first pool's events, one after the other, and what a page that hears of changes alone has after each. */
async function watched(
  scenario: Scenario,
  each: (page: ReadonlyMap<string, AccountState>) => void,
) {
  const [{ directory, events } = assert.fail('no pool')] = await eventsOfPools(scenario);
  const { participants, currencies } = directory;
  const names = participants.map((one) => ({ ...one, bic: one.bic as Bic }));
  const known = Directory.from({ participants: names, currencies });
  const view = new PoolView('main', known, { series: new Series(), senders: new SenderBook() });
  const stated = new StatedNeeds();
  const page = new Map<string, AccountState>();
  for (const bytes of events) {
    stated.take(bytes, directory);
    for (const event of readEvents(bytes)) {
      view.take([event], 0, NO_NOTES);
      for (const account of view.accounts(false))
        page.set(`${account.bic} ${account.currency}`, account);
      view.forgetChanges();
      each(page);
    }
  }
  const told = new Map(
    view.accounts(true).map((account) => [`${account.bic} ${account.currency}`, account.need]),
  );
  for (const [name, { need }] of page) assert.deepEqual(need, told.get(name), name);
  return { needs: stated.needs(), page };
}

test('beside each balance stands what was forecast at the last full hour, or that dates are too few', async () => {
  const dates = ['23', '24', '25', '26', '27', '30'].map((day) => `2026-03-${day}`);
  const forecasts = new Map<string, readonly number[]>();
  const short = new Set<string>();
  const scenario = load('smoke', [`businessDates=[${dates.join(', ')}]`]);
  const { needs, page } = await watched(scenario, (accounts) => {
    for (const [name, { need }] of accounts)
      if (need?.kind === 'tooShort') {
        short.add(name);
        assert.equal(need.datesMin, 4);
      } else if (need) {
        const { lowerMinor, middleMinor, upperMinor, atMs } = need;
        forecasts.set(`${name} ${atMs}`, [lowerMinor, middleMinor, upperMinor].map(Number));
      }
  });
  let compared = 0;
  for (const need of needs) {
    const { participant, currency, hourMs, date, hour, moved } = need;
    const before = needs.filter(
      (one) =>
        one.participant === participant &&
        one.currency === currency &&
        one.hour === hour &&
        one.date < date,
    );
    const expected = statedForecast(before, moved);
    const name = `${participant} ${currency} ${hourMs}`;
    const told = forecasts.get(name);
    forecasts.delete(name);
    assert.equal(told === undefined, expected === null, name);
    for (const [at, value] of (expected ?? []).entries()) {
      if (value > 0) compared += 1;
      assert.ok(Math.abs((told?.[at] ?? NaN) - value) <= 1, `${name}: ${told}, ${expected}`);
    }
  }
  assert.ok(compared > 100, String(compared));
  assert.deepEqual([...forecasts], [], 'a forecast of an hour without a need');
  assert.deepEqual([...short].sort(), [...page.keys()].sort());
  // All is closed.
  assert.ok([...page.values()].every(({ need }) => need === undefined));
});

test('a holder of deposits and an issuer in what it issues have no need', async () => {
  const banks = new Set<string>();
  const { page } = await watched(
    load('two-layer', ['customerPayments.retail.paymentsPerDate=40']),
    (accounts) => {
      for (const { bic, currency, need } of accounts.values())
        if (need) banks.add(`${bic} ${currency}`);
    },
  );
  assert.deepEqual([...banks].sort(), [
    ...['ALFADE00 EUR', 'BETAFR00 EUR', 'DEALDE00 EUR', 'DEALDE00 GBP', 'GAMMDE00 EUR'],
    ...['KAPPGB00 GBP', 'NEUBFR00 EUR'],
  ]);
  assert.ok(page.size > 200, String(page.size));
});
