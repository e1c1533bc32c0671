import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';
import { compareDoors } from './compare-doors.ts';

test('random scenarios with everything in them come to the same by both doors', async () => {
  const met = await compareDoors(8, 12);
  for (const one of [
    ...['signatureInvalid', 'repeated', 'refusedRequests', 'afterCutOff', 'quoteExhausted'],
    ...['entry', 'gridlockResolution', 'partial', 'multiple', 'bankClearing', 'deferredNet'],
  ])
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

const small = readdirSync(join(packageFolder, 'scenarios'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''))
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
      const { summary } = await runScenario(load(name), { signatures });
      assert.deepEqual((await runDirectly(load(name), { signatures })).summary, summary);
    }
  });
