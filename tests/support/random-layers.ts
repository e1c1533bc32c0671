import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';

const BANKS = ['ALFADE00', 'BETAFR00', 'GAMMDE00', 'KAPPGB00'];
const DEALER = 'DEALDE00';

/**
 * A day of some hundred payments of customers over two layers: banks with little reserves and now and then a quota, in one
 * currency or two, with payments between the banks, lending, outages, a default, and whatever mechanism.
 */
export function randomLayers(seed: number, set: readonly string[] = []): Scenario {
  const stream = new SeededStream(seed, 'random layers');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const chance = (share: number) => stream.uniform() < share;
  const one = <T>(list: readonly T[]): T => list[upTo(list.length)] as T;
  const money = (most: number) => `${upTo(most)}.${10 + upTo(90)}`;
  const isAbroad = chance(0.5);
  const banks = BANKS.slice(0, 2 + upTo(2));
  const foreign = isAbroad ? BANKS.slice(3) : [];
  const hours = { opens: '08:00', closes: '16:00', zone: 'UTC' };
  const time = () => `${String(8 + upTo(8)).padStart(2, '0')}:${10 + upTo(50)}`;
  const amounts = { median: '40.00', sigma: 1, min: '1.00', max: '900.00' };
  const flow = (name: string) => ({
    ...{ name, profile: 'day', amounts, paymentsPerDate: 15 + upTo(25) },
    priorities: { urgent: 1, high: 1, normal: 6 },
    sendsWithinSeconds: one([0, 600]),
    ...(chance(0.2) && { latest: '14:00' }),
    ...(chance(0.2) && { earliest: '09:30' }),
  });
  const deposits = (bank: string, currency: string) => ({
    ...{ bank, currency, customers: 1 + upTo(4), balance: money(900) },
    ...(chance(0.4) && { quota: money(300) }),
  });
  const document = {
    ...{ name: 'random-layers', seed, zone: 'UTC', tickMs: 600_000 },
    businessDates: ['2026-03-16', '2026-03-17'].slice(0, 1 + upTo(2)),
    currencies: {
      EUR: { ...hours, ...(chance(0.5) && { issuer: 'EUCBDE00' }) },
      ...(isAbroad && { USD: { ...hours, closes: '15:00' } }),
    },
    participants: [
      {
        bic: 'EUCBDE00',
        name: 'Issuer',
        role: 'central-bank',
        accounts: { EUR: { balance: '0' } },
      },
      ...banks.map((bic) => ({
        ...{ bic, name: bic },
        accounts: {
          EUR: { balance: money(400), ...(chance(0.3) && { creditLine: money(100) }) },
        },
      })),
      ...foreign.map((bic) => ({ bic, name: bic, accounts: { USD: { balance: money(300) } } })),
      {
        ...{ bic: DEALER, name: DEALER, role: 'dealer' },
        accounts: {
          EUR: { balance: money(500) },
          ...(isAbroad && { USD: { balance: money(500) } }),
        },
      },
    ],
    deposits: [
      ...banks.map((bank) => deposits(bank, 'EUR')),
      ...foreign.map((bank) => deposits(bank, 'USD')),
    ],
    rates: { source: 'invented', date: '2026-03-16', base: 'EUR', perBase: { USD: '1.0837' } },
    profiles: { day: { zone: 'UTC', parts: [{ from: '08:00', to: '15:00', weight: 1 }] } },
    customerPayments: [
      { ...flow('retail'), currency: 'EUR', ...(chance(0.4) && { onUs: stream.uniform() }) },
      ...(isAbroad
        ? [
            { ...flow('abroad'), currency: 'EUR', to: 'USD', dealers: { [DEALER]: 1 } },
            { ...flow('home'), currency: 'USD', to: 'EUR', dealers: { [DEALER]: 1 } },
          ]
        : []),
    ],
    traffic: chance(0.5)
      ? [
          {
            ...{ name: 'banks', kind: 'bank', from: 'EUR', paymentsPerDate: 15, profile: 'day' },
            amounts,
          },
        ]
      : [],
    settlement: {
      ...{ queue: one(['fifo', 'bypass-fifo']), atClose: one(['cancel', 'carry-over']) },
      cycle: one([
        ...['gridlockResolution', 'gridlockResolution', 'gridlockResolution', 'off'],
        ...['allOrNothing', 'partial', 'multiple', 'bankClearing'],
      ]),
      cycleEverySeconds: 1800,
      ...(chance(0.3) && { offsetting: { entry: true, bilateral: true } }),
    },
    events: {
      outages: chance(0.3) ? [{ participant: one(banks), from: '09:00', until: '11:30' }] : [],
      defaults: chance(0.15) ? [{ participant: one(banks), at: time() }] : [],
      // A bank lends to its own customer, and one gives money back in cash.
      issues: chance(0.4)
        ? [{ participant: 'ALFADE00000', currency: 'XTALFADEEUR7', amount: money(300), at: time() }]
        : [],
      redemptions: chance(0.4)
        ? [{ participant: 'BETAFR00000', currency: 'XTBETAFREUR8', amount: money(60), at: time() }]
        : [],
    },
  };
  return loadScenario('random-layers.yaml', { readFile: () => JSON.stringify(document), set });
}
