/** Money by issuer: figures by arithmetic on small days, and the section that shows them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SupplyBook } from '../../services/analysis/supply.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { DEFINITIONS } from '../../services/report/definitions.ts';
import type { View } from '../../services/report/sections/section-input.ts';
import { supplySection } from '../../services/report/sections/supply.ts';
import { loadScenario } from '../../services/scenario/load.ts';
import { load, runDirectly } from '../support/run.ts';

/** Two banks with one customer each; A has 10 EUR of reserves. The example of docs/settlement.md, "Two layers". */
const EXAMPLE = {
  ...{ name: 'example', zone: 'UTC', businessDates: ['2026-03-16'] },
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
  assert.deepEqual(summary.supply, [
    { currency: 'EUR', issuer: 'EUCBDE00', ...money(10, 5, 0, 15, 10, 15), records: 2 },
    {
      ...{ currency: 'XTALFADEEUR7', issuer: 'ALFADE00', records: 2 },
      ...money(100, 3, 102, 1, 1, 100),
      // 1 of 91 after the chains, 10 of 100 before, 1 of 1 at last.
      reserves: reserves(10, 1, 1, 0.010989011),
    },
    {
      ...{ currency: 'XTBETAFREUR8', issuer: 'BETAFR00', records: 2 },
      ...money(50, 19, 3, 66, 50, 66),
      reserves: reserves(0, 14, 0, 0),
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
