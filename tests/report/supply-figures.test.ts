/** Money by issuer: figures by arithmetic on small days, and the section that shows them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SupplyBook } from '../../services/analysis/issued-money-and-reserves.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { LEG_TYPE, MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { DEFINITIONS } from '../../services/report/figure-definitions.ts';
import { SupplyFold, supplyFigures } from '../../services/report/figures/supply-figures.ts';
import type { View } from '../../services/report/sections/section-input.ts';
import { supplySection } from '../../services/report/sections/supply.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { atLeast } from '../support/at-least.ts';
import { load, runDirectly } from '../support/run.ts';

/** Two banks with one customer each; A has 10 EUR of reserves. The example of docs/settlement.md, "Two layers". */
const EXAMPLE = {
  ...{ name: 'example', zone: 'UTC', businessDates: ['2026-03-16'], tickMs: 60_000 },
  currencies: { EUR: { opens: '08:00', closes: '16:00', zone: 'UTC', issuer: 'EUCBDE00' } },
  participants: [
    { bic: 'EUCBDE00', name: 'C', role: 'central-bank', accounts: { EUR: { balance: '0' } } },
    { bic: 'ALFADE00', name: 'A', accounts: { EUR: { balance: '10' } } },
    { bic: 'BETAFR00', name: 'B', accounts: { EUR: { balance: '0' } } },
  ],
  deposits: [
    { bank: 'ALFADE00', currency: 'EUR', customers: 1, balance: '100' },
    { bank: 'BETAFR00', currency: 'EUR', customers: 1, balance: '50' },
  ],
  chains: [
    {
      ...{ id: 'OUT', at: '09:00' },
      legs: [
        { from: 'ALFADE00000', to: 'ALFADE00', currency: 'XTALFADEEUR7', amount: '12' },
        { from: 'ALFADE00', to: 'BETAFR00', currency: 'EUR', amount: '12' },
        { from: 'BETAFR00', to: 'BETAFR00000', currency: 'XTBETAFREUR8', amount: '12' },
      ],
    },
    {
      ...{ id: 'BACK', at: '10:00' },
      legs: [
        { from: 'BETAFR00000', to: 'BETAFR00', currency: 'XTBETAFREUR8', amount: '3' },
        { from: 'BETAFR00', to: 'ALFADE00', currency: 'EUR', amount: '3' },
        { from: 'ALFADE00', to: 'ALFADE00000', currency: 'XTALFADEEUR7', amount: '3' },
      ],
    },
  ],
  events: {
    issues: [
      { participant: 'BETAFR00', currency: 'EUR', amount: '5', at: '12:00' },
      { participant: 'BETAFR00000', currency: 'XTBETAFREUR8', amount: '7', at: '12:00' },
    ],
    redemptions: [
      { participant: 'ALFADE00000', currency: 'XTALFADEEUR7', amount: '90', at: '13:00' },
    ],
  },
};
const example = () => loadScenario('example.yaml', { readFile: () => JSON.stringify(EXAMPLE) });

test('supply, reserves and cover of the example are those by hand', async () => {
  const { summary } = await runDirectly(example());
  assert.deepEqual(summary.chains, { matched: 2, settled: 2, ended: 0 });
  assert.deepEqual(summary.settledByMechanism, { gridlockResolution: 6 });
  const money = (...amounts: readonly number[]) => {
    const [opening, issued, redeemed, closing, least, most] = amounts.map((one) => `${one * 100}`);
    return {
      ...{ openingMinor: opening, issuedMinor: issued, redeemedMinor: redeemed },
      ...{ closingMinor: closing, leastMinor: least, mostMinor: most },
    };
  };
  const reserves = (opening: number, closing: number, least: number, leastCover: number) => ({
    ...{ currency: 'EUR', openingMinor: `${opening * 100}`, closingMinor: `${closing * 100}` },
    ...{ leastMinor: `${least * 100}`, leastCover },
  });
  const customers = (sent: number, share: number, exposure: number) => ({
    ...{ number: 1, payments: 1, share, sentMinor: `${sent * 100}` },
    ...{ exposureMinor: `${exposure * 100}`, averageMinor: `${sent * 100}` },
    outstandingMinor: [`${sent * 100}`],
  });
  assert.deepEqual(summary.supply, [
    { currency: 'EUR', issuer: 'EUCBDE00', ...money(10, 5, 0, 15, 10, 15), records: 2 },
    {
      ...{ currency: 'XTALFADEEUR7', issuer: 'ALFADE00', records: 2 },
      ...money(100, 3, 102, 1, 1, 100),
      // 1 of 91 after the chains, 10 of 100 before, 1 of 1 at last.
      reserves: reserves(10, 1, 1, 0.010989011),
      // 12 of 15; 100 less 10 before and 91 less 1 after.
      customers: customers(12, 0.8, 90),
    },
    {
      ...{ currency: 'XTBETAFREUR8', issuer: 'BETAFR00', records: 2 },
      ...money(50, 19, 3, 66, 50, 66),
      reserves: reserves(0, 14, 0, 0),
      // 66 less 14 at the end.
      customers: customers(3, 0.2, 52),
    },
  ]);
});

test('the pilot: reserves less deposits of each bank end as they began, and both layers were compared at each record', async () => {
  const { supply } = (await runDirectly(load('two-layer'))).summary;
  const deposits = supply!.filter(({ reserves }) => reserves);
  assert.equal(deposits.length, 5);
  for (const { openingMinor, closingMinor, reserves, records } of deposits) {
    const gap = (minor: string, of: string) => BigInt(of) - BigInt(minor);
    assert.equal(
      gap(closingMinor, reserves!.closingMinor),
      gap(openingMinor, reserves!.openingMinor),
    );
    assert.ok(records > 40);
  }
  const alfa = deposits[0]!;
  assert.ok(BigInt(alfa.closingMinor) >= BigInt(alfa.openingMinor) - 1_600_000n);
});

test('a movement that no balance has is told with its record', () => {
  const names = {
    participants: ['CBEUDE00', 'ALFADE00', 'BETAFR00'].map((bic) => ({ bic, name: bic })),
    currencies: [{ currency: 'EUR', minorUnits: 2 }],
  };
  const at = (position: number, said: object) =>
    ({ position, timeMs: 0, currency: 0, ...said }) as unknown as SettlementEvent;
  const day = (balance: bigint) => [
    at(1, { kind: 'accountOpened', participant: 0, opening: 0n, balance: 0n, creditLine: 0n }),
    at(2, { kind: 'accountOpened', participant: 1, opening: 5n, balance: 5n, creditLine: 0n }),
    at(3, { kind: 'issuerSet', participant: 0 }),
    at(4, { kind: 'issued', participant: 1, amount: 3n, balance }),
  ];
  const told = (balance: bigint) => {
    const book = new SupplyBook(names as never, new Map());
    for (const event of day(balance)) book.take(event);
    book.end();
    return book.disagreements;
  };
  assert.deepEqual(told(8n), []);
  assert.deepEqual(told(9n), ['EUR after record 4: 9 held, 8 issued']);
});

test('reserves that nobody issues count too: what takes them alone makes the cover least', () => {
  const names = {
    participants: ['ALFADE00', 'BETAFR00', 'ALFADE00000'].map((bic) => ({ bic, name: bic })),
    currencies: ['EUR', 'XTALFADEEUR7'].map((currency) => ({ currency, minorUnits: 2 })),
  };
  const book = new SupplyBook(names as never, new Map([['XTALFADEEUR7', 'EUR']]));
  const opened = (participant: number, currency: number, opening: bigint) => ({
    ...{ kind: 'accountOpened', participant, currency, opening, balance: opening, creditLine: 0n },
  });
  const paid = (from: number, to: number, amount: bigint, after: readonly [bigint, bigint]) => ({
    ...{ kind: 'settled', mechanism: 'entry', messageType: 1 },
    bookings: [
      { participant: from, currency: 0, amount: -amount, balance: after[0] },
      { participant: to, currency: 0, amount, balance: after[1] },
    ],
  });
  const day = [
    ...[opened(0, 0, 10n), opened(1, 0, 10n), opened(0, 1, 0n), opened(2, 1, 20n)],
    { kind: 'issuerSet', participant: 0, currency: 1 },
    ...[paid(0, 1, 6n, [4n, 16n]), paid(1, 0, 3n, [13n, 7n])],
  ];
  for (const [at, said] of day.entries())
    book.take({ position: at + 1, timeMs: 0, ...said } as unknown as SettlementEvent);
  book.end();
  const [{ reserves, records } = {}] = book.supplies;
  assert.deepEqual(reserves, {
    ...{ currency: 0, opening: 10n, held: 7n, least: 4n },
    scarcest: { reserves: 4n, supply: 20n },
  });
  assert.equal(records, 0);
});

test('the section has every figure, and is not there where nothing has an issuer', async () => {
  const { summary } = await runDirectly(example());
  const view = { summary, names: new Map(), decimals: new Map([['EUR', 2]]) } as unknown as View;
  const { text } = supplySection(view);
  for (const { name } of [DEFINITIONS.supply, DEFINITIONS.issuedAndRedeemed, DEFINITIONS.cover])
    assert.ok(text.includes(name), name);
  for (const { issuer, currency } of summary.supply!)
    assert.ok(text.includes(issuer) && text.includes(currency), currency);
  assert.match(text, /1\.10/);
  assert.equal(supplySection({ summary: {} } as unknown as View).text, '');
});

/** Small days: what customers pay their bank, by date; a customer is 2 or 3, the bank 0. */
const DAYS: readonly {
  readonly name: string;
  readonly days: readonly (readonly number[])[];
  readonly outstanding: readonly number[];
  readonly average: number;
}[] = [
  { name: 'nothing', days: [[]], outstanding: [0], average: 0 },
  { name: 'one date', days: [[10, 5]], outstanding: [15], average: 15 },
  { name: 'a date without', days: [[9], []], outstanding: [9, 0], average: 5 },
  { name: 'more than three', days: [[1], [7, 1], [2], [9]], outstanding: [9, 8, 2], average: 5 },
  { name: 'half away from zero', days: [[1], [2]], outstanding: [2, 1], average: 2 },
];
for (const { name, days, outstanding, average } of atLeast(5, DAYS))
  test(`payments for customers by date: ${name}`, () => {
    const directory = {
      participants: ['ALFADE00', 'BETAFR00', 'ALFADE00000'].map((bic) => ({ bic, name: bic })),
      currencies: ['EUR', 'XTALFADEEUR7'].map((currency) => ({ currency, minorUnits: 2 })),
    };
    const code = [{ code: 'EUR' }, { code: 'XTALFADEEUR7' }];
    const deposits = [{ asset: 1, currency: 0 }];
    const fold = new SupplyFold(directory as never, { deposits, currencies: code } as never);
    let position = 0;
    const take = (said: object) => {
      position += 1;
      fold.book.take({ position, timeMs: 0, currency: 0, ...said } as unknown as SettlementEvent);
    };
    const opened = (participant: number, currency: number, balance: bigint) =>
      take({ kind: 'accountOpened', participant, currency, opening: balance, balance });
    opened(0, 0, 40n);
    opened(0, 1, 0n);
    opened(2, 1, 100n);
    take({ kind: 'issuerSet', participant: 0, currency: 1 });
    let held = 100n;
    const moves = (messageType: number, from: number, to: number, amount: bigint) => {
      held += from === 0 ? amount : -amount;
      const of = (participant: number) => ({
        ...{ participant, currency: 1, balance: participant === 0 ? 100n - held : held },
        amount: participant === from ? -amount : amount,
      });
      take({
        ...{ kind: 'settled', mechanism: 'entry', messageType, currency1: 1, amount1: amount },
        ...{ debtorAgent: from, creditorAgent: to, bookings: [of(from), of(to)] },
      });
    };
    for (const [date, amounts] of days.entries()) {
      take({ kind: 'opened', date });
      // The deposits' own opening is no other date.
      take({ kind: 'opened', date, currency: 1 });
      for (const amount of amounts) {
        moves(LEG_TYPE, 2, 0, BigInt(amount));
        // What the bank pays in is not its customer's, and a return is no payment.
        moves(LEG_TYPE, 0, 2, BigInt(amount + 1));
        moves(MESSAGE_TYPES.indexOf('pacs.004.001.09'), 2, 0, 1n);
      }
    }
    const customers = supplyFigures([fold])[0]?.customers;
    const sent = days.flat();
    assert.deepEqual(customers, {
      ...{ number: 1, payments: sent.length, share: sent.length === 0 ? null : 1 },
      sentMinor: BigInt(sent.reduce((sum, amount) => sum + amount, 0)),
      // 100 are owed over 40, and one more between a payment in and its return.
      exposureMinor: sent.length === 0 ? 60n : 61n,
      outstandingMinor: outstanding.map(BigInt),
      averageMinor: BigInt(average),
    });
    assert.deepEqual(fold.book.disagreements, []);
  });
