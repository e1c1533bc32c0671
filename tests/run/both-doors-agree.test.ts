import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { randomRevocations, randomScenario } from '../support/random-scenario.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';
import { compareDoors } from './compare-doors.ts';

/** In the long form more days, and pilots in their whole size. */
const isLong = process.env.CORRIDOR_LONG_TESTS === '1';
/** Those that meet all that is asked for below. */
const SEEDS = isLong ? Array.from({ length: 12 }, (_, at) => 8 + at) : [10, 11, 12, 13, 14, 18];

test('random scenarios with everything in them come to the same by both doors', async () => {
  const met = await compareDoors(SEEDS);
  for (const one of [
    ...['signatureInvalid', 'repeated', 'refusedRequests', 'afterCutOff', 'quoteExhausted'],
    ...['entry', 'gridlockResolution', 'partial', 'multiple', 'bankClearing', 'deferredNet'],
  ])
    assert.ok(met.has(one), `${one} is among ${[...met].join(', ')}`);
});

test('random scenarios with revoked keys, backlogs and repeats come to the same by both doors', async () => {
  const seeds = Array.from({ length: isLong ? 100 : 6 }, (_, at) => 30 + at);
  const met = await compareDoors(seeds, randomRevocations);
  for (const one of ['keyRevoked', 'signatureInvalid', 'repeated'])
    assert.ok(met.has(one), `${one} is among ${[...met].join(', ')}`);
});

test('what the network has for the most of a payment bounds both doors', async () => {
  const scenario = randomScenario(9);
  const bounded = {
    ...scenario,
    currencies: scenario.currencies.map((currency) => ({ ...currency, maximumMinor: 40_000n })),
  };
  const { summary, rows } = await runScenario(bounded);
  const tooLarge = rows.filter(({ reason }) => reason === 'amountTooLarge').length;
  assert.ok(tooLarge > 10 && tooLarge < rows.length - 10, `${tooLarge} of ${rows.length}`);
  assert.deepEqual((await runDirectly(bounded)).summary, summary);
});

/** Payments and chains, which are many beside what each is about. */
const FEWER: Readonly<Record<string, readonly string[]>> = {
  'two-pools': ['traffic.0.paymentsPerDate=60', 'chainFlows.*.chainsPerDate=20'],
  'two-layer': ['customerPayments.0.paymentsPerDate=80'],
};

const small = readdirSync(join(packageFolder, 'scenarios'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''))
  // Like agora-chains, with less money and with desks that screen.
  .filter((name) => isLong || !['agora-scarce', 'agora-screened'].includes(name))
  // The large ones are in the long file; the flagship’s golden hash stands in flagship-hash-and-outage.test.ts.
  .filter(
    (name) =>
      !['four-corridors', 'core-periphery', 'insurance-burst', 'metering', 'watched-flow'].includes(
        name,
      ),
  );

for (const name of small)
  test(`${name} comes to the same by both doors`, async () => {
    // Signatures matter where some are corrupted.
    for (const signatures of name === 'smoke' ? [true, false] : [false]) {
      const scenario = load(name, isLong ? [] : FEWER[name]);
      const { summary } = await runScenario(scenario, { signatures });
      assert.deepEqual((await runDirectly(scenario, { signatures })).summary, summary);
    }
  });
