import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Flows, flowFigures, isValid } from '../../services/report/figures/liquidity-bounds.ts';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';
import { row, tableOf } from '../support/payment-row.ts';
import { currencyFigures } from './currency-figures.ts';
import { delaysOf } from './delays-of.ts';

type Flow = readonly [debtor: string, creditor: string, minor: bigint];

const NAMES = ['A', 'B', 'C', 'D', 'E'];

function flowing(...all: readonly Flow[]): Flows {
  const flows = new Flows();
  for (const [debtor, creditor, minor] of all)
    flows.add(
      ...([NAMES.indexOf(debtor), NAMES.indexOf(creditor)] as const),
      ...([new Int32Array(BigInt64Array.of(0n, minor).buffer), 1] as const),
    );
  return flows;
}

/** Bounds in a currency, by participant. */
const boundsIn = (rows: readonly PaymentRow[], code: string) =>
  Object.fromEntries(
    currencyFigures(rows, { code }).accounts.map(
      ({ participant, inMinor, outMinor, upperMinor }) => [
        participant,
        [inMinor, outMinor, upperMinor],
      ],
    ),
  );

const figuresOf = (flows: Flows) => flowFigures(flows.bounds(), flows.legs);

test('bounds: one account waits for money that another lends, netting needs less', () => {
  const figures = figuresOf(flowing(['A', 'B', 100n], ['B', 'A', 60n], ['A', 'B', 10n]));
  assert.deepEqual(figures, {
    legs: 3,
    grossMinor: 170n,
    // A is at -100 after its first payment; B never pays before it is paid.
    upperMinor: 100n,
    lowerMinor: 50n,
    nettingEfficiency: 0.705882353,
    turnoverAtUpper: 1.7,
    turnoverAtLower: 3.4,
    // (110 / 170)^2 + (60 / 170)^2
    concentration: 0.543252595,
  });
});

test('nothing flows: sums are 0, and there is no ratio', () => {
  const figures = figuresOf(flowing());
  assert.deepEqual(
    [figures.grossMinor, figures.upperMinor, figures.nettingEfficiency, figures.concentration],
    [0n, 0n, null, null],
  );
});

interface IndicatorVectors {
  readonly delay: {
    readonly endOfDay: number;
    readonly payments: readonly { value: number; submit: number; settle: number }[];
    readonly expect: { settlementDelayIndicator: number; valueWeightedDelay: number };
  };
  readonly bounds: {
    readonly flow: readonly [number, string, string, number][];
    readonly expect: {
      lowerBound: Record<string, number>;
      upperBound: Record<string, number>;
      lowerTotal: number;
      upperTotal: number;
      gross: number;
      nettingEfficiency: number;
      turnoverAtUpper: number;
      turnoverAtLower: number;
      hhiSenders: number;
    };
  };
}

test('the published vectors of delay and bounds', { skip: needsFixtures }, () => {
  const file = fixture('vectors/settlement/indicators.json');
  const { delay, bounds } = JSON.parse(readFileSync(file, 'utf8')) as IndicatorVectors;
  const near = (found: number | null, expected: number) =>
    assert.ok(Math.abs((found as number) - expected) < 1e-9, `${found}, expected ${expected}`);
  const payments = delay.payments.map(({ value, submit, settle }) => ({
    valueMinor: BigInt(value),
    submittedAtMs: submit,
    settledAtMs: settle,
    dayEndsAtMs: delay.endOfDay,
  }));
  const { indicator, weightedMs } = delaysOf(payments);
  near(indicator, delay.expect.settlementDelayIndicator);
  near(weightedMs, delay.expect.valueWeightedDelay);

  const { expect } = bounds;
  const flows = flowing(
    ...bounds.flow.map(([, from, to, value]): Flow => [from, to, BigInt(value)]),
  );
  const byAccount = flows.bounds();
  for (const account of atLeast(3, Object.keys(expect.lowerBound))) {
    assert.equal(
      byAccount.get(NAMES.indexOf(account))?.lowerMinor,
      BigInt(expect.lowerBound[account] as number),
    );
    assert.equal(
      byAccount.get(NAMES.indexOf(account))?.upperMinor,
      BigInt(expect.upperBound[account] as number),
    );
  }
  const figures = figuresOf(flows);
  assert.equal(figures.lowerMinor, BigInt(expect.lowerTotal));
  assert.equal(figures.upperMinor, BigInt(expect.upperTotal));
  assert.equal(figures.grossMinor, BigInt(expect.gross));
  near(figures.nettingEfficiency, expect.nettingEfficiency);
  near(figures.turnoverAtUpper, expect.turnoverAtUpper);
  near(figures.turnoverAtLower, expect.turnoverAtLower);
  near(figures.concentration, expect.hhiSenders);
});

test('a payment through a dealer flows twice, once in each currency', () => {
  const rows = [row({ dealer: 'D', currency2: 'USD', amount2Minor: 108n })];
  assert.deepEqual(boundsIn(rows, 'EUR'), { A: [0n, 100n, 100n], D: [100n, 0n, 0n] });
  assert.deepEqual(boundsIn(rows, 'USD'), { D: [0n, 108n, 108n], B: [108n, 0n, 0n] });
});

test('a matched leg flows when the later of the two is there', () => {
  const leg = { messageType: 'corridor.pvp.1' };
  const rows = [
    row({ ...leg, position: 1, pairPosition: 3 }),
    row({ position: 2, debtorAgent: 'B', creditorAgent: 'A', amountMinor: 7n }),
    row({ ...leg, position: 3, pairPosition: 1, currency: 'USD' }),
  ];
  // A has been paid 7 when its leg flows.
  assert.deepEqual(boundsIn(rows, 'EUR').A, [7n, 100n, 93n]);
});

test('valid is what clearing took in; a leg without a mirror is nothing that could be paid', () => {
  const leg = { messageType: 'corridor.pvp.1' };
  const cases: [Partial<PaymentRow>, boolean][] = [
    [{}, true],
    [{ status: 'cancelled', reason: 'cancelledAtClose' }, true],
    [{ status: 'queued' }, true],
    [{ status: 'rejected', reason: 'capExceeded' }, false],
    [{ ...leg, pairPosition: 5 }, true],
    [{ ...leg, status: 'cancelled', reason: 'unmatched' }, false],
  ];
  for (const [change, valid] of cases)
    assert.equal(isValid(tableOf([row(change)]), 0), valid, JSON.stringify(change));
});
