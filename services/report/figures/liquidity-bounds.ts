/**
 * What flows between settlement accounts, leg by leg, and what follows from the flows alone: bounds
 * of the liquidity that they need, what netting could save, and how concentrated they are. Sums are
 * exact (bigint); a ratio is one division at the end.
 */

import { joinedHalves } from '../../analysis/exact-sum.ts';
import { grown } from '../../analysis/growing-typed-arrays.ts';
import { type Reason, reasonNumber } from '../../core/settlement/reasons.ts';
import { NONE32 } from '../../core/settlement/records.ts';
import { type PaymentTable, STATUS } from './payment-table.ts';
import { ratio } from './ratio-rounding.ts';

/** Of one account, over the whole run: balances carry over from date to date. */
export interface AccountBounds {
  readonly inMinor: bigint;
  readonly outMinor: bigint;
  /** max(0, -min over time of cumulative in - out), were each payment settled as it comes in. */
  readonly upperMinor: bigint;
  /** max(0, out - in): what it pays, net, were all settled together at the end. */
  readonly lowerMinor: bigint;
}

/** Of all accounts of a currency. */
export interface FlowFigures {
  /** Legs. */
  readonly legs: number;
  /** Sum of the legs. */
  readonly grossMinor: bigint;
  readonly upperMinor: bigint;
  readonly lowerMinor: bigint;
  /** 1 - sum of lower bounds / gross value; null without flows. */
  readonly nettingEfficiency: number | null;
  /** Gross value / sum of the bounds; null where the bound is 0. */
  readonly turnoverAtUpper: number | null;
  readonly turnoverAtLower: number | null;
  /** Sum of the squared shares of the accounts that pay (Herfindahl and Hirschman); 1 / n to 1. */
  readonly concentration: number | null;
}

/** Payments that clearing took as valid: all but the rejected, and legs that found no mirror. */
export const isValid = (payments: PaymentTable, row: number): boolean =>
  payments.of.statuses[row] !== STATUS.rejected &&
  (!payments.isLeg(row) || !Number.isNaN(payments.of.pairs[row] as number));

export const isSettled = (payments: PaymentTable, row: number): boolean =>
  payments.of.statuses[row] === STATUS.settled;

/** Whether a payment was cancelled for the reason. */
export function isCancelledAs(reason: Reason): (payments: PaymentTable, row: number) => boolean {
  const number = reasonNumber(reason);
  return ({ of }, row) => of.statuses[row] === STATUS.cancelled && of.reasons[row] === number;
}

/** Its bank wanted it no more. */
export const isWithdrawn = isCancelledAs('cancelledByDebtorAgent');

/** Of an account: in less out, the lowest that it was, and in; each x 2^32, and the rest from 0 to 2^32 - 1. */
const ACCOUNT = 8;
const POSITION = 0;
const LOWEST = 2;
const IN = 4;
const BASE = 2 ** 32;

/** What flowed between accounts, in the order in which the payments came in. */
export class Flows {
  legs = 0;
  /** In the order in which they came. */
  readonly #accounts: number[] = [];
  /** By participant: 1 where it is one of them. */
  #isThere = new Uint8Array(16);
  /** By participant, in one column: what is added up for millions lies together. */
  #sums = new Float64Array(16 * ACCOUNT);

  /** The amount stands at a place of these words, as exact-sum.ts has it. */
  add(debtor: number, creditor: number, words: Int32Array, place: number): void {
    this.legs += 1;
    if (this.#isThere[debtor] !== 1) this.#begin(debtor);
    if (this.#isThere[creditor] !== 1) this.#begin(creditor);
    const sums = this.#sums;
    const high = words[2 * place + 1]!;
    const low = words[2 * place]! >>> 0;
    let at = debtor * ACCOUNT;
    const rest = sums[at + 1]! - low;
    const left = sums[at]! - (rest < 0 ? high + 1 : high);
    const leftLow = rest < 0 ? rest + BASE : rest;
    sums[at] = left;
    sums[at + 1] = leftLow;
    const lowest = sums[at + LOWEST]!;
    if (left < lowest || (left === lowest && leftLow < sums[at + LOWEST + 1]!)) {
      sums[at + LOWEST] = left;
      sums[at + LOWEST + 1] = leftLow;
    }
    at = creditor * ACCOUNT;
    const held = sums[at + 1]! + low;
    sums[at]! += held < BASE ? high : high + 1;
    sums[at + 1] = held < BASE ? held : held - BASE;
    const came = sums[at + IN + 1]! + low;
    sums[at + IN]! += came < BASE ? high : high + 1;
    sums[at + IN + 1] = came < BASE ? came : came - BASE;
  }

  /** Of each account that a flow touches. Source: Leinonen and Soramaki, BoF DP 16/1999. */
  bounds(): Map<number, AccountBounds> {
    return new Map(this.#accounts.map((account) => [account, this.#boundsOf(account)]));
  }

  #boundsOf(account: number): AccountBounds {
    const inMinor = this.#value(account, IN);
    const position = this.#value(account, POSITION);
    return {
      ...{ inMinor, outMinor: inMinor - position },
      upperMinor: -this.#value(account, LOWEST),
      lowerMinor: position < 0n ? -position : 0n,
    };
  }

  #value(account: number, of: number): bigint {
    const at = account * ACCOUNT + of;
    return joinedHalves(this.#sums[at] as number, this.#sums[at + 1] as number);
  }

  #begin(participant: number): void {
    if (participant >= this.#isThere.length) {
      this.#isThere = grown(this.#isThere, 2 * participant);
      this.#sums = grown(this.#sums, 2 * participant * ACCOUNT);
    }
    this.#isThere[participant] = 1;
    this.#accounts.push(participant);
  }
}

/**
 * Rows in the order in which their payments flow, were each settled as it comes in: a matched leg flows when the later
 * of the two is there. Null: as they came.
 */
export function inFlowOrder({ of, length }: PaymentTable): Uint32Array | null {
  const { positions, pairs } = of;
  if (pairs.subarray(0, length).every((pair) => Number.isNaN(pair))) return null;
  const entry = (row: number) => Math.max(positions[row] as number, (pairs[row] as number) || 0);
  return Uint32Array.from({ length }, (_, row) => row).sort((a, b) => entry(a) - entry(b));
}

/** Adds what flows with one payment in the currency that it debits, or in that which it credits. */
export function addFlow(
  flows: Pick<Flows, 'add'>,
  payments: PaymentTable,
  row: number,
  isDebited: boolean,
): void {
  const { debtors, creditors, dealers } = payments.of;
  const creditor = creditors[row] as number;
  const dealer = dealers[row] as number;
  if (!isDebited) flows.add(dealer, creditor, payments.words2, row);
  else {
    const credited = dealer === NONE32 ? creditor : dealer;
    flows.add(debtors[row] as number, credited, payments.words, row);
  }
}

export function flowFigures(of: ReadonlyMap<number, AccountBounds>, legs: number): FlowFigures {
  const bounds = [...of.values()];
  const sum = (figure: (account: AccountBounds) => bigint) =>
    bounds.reduce((total, account) => total + figure(account), 0n);
  const grossMinor = sum(({ outMinor }) => outMinor);
  const upperMinor = sum((account) => account.upperMinor);
  const lowerMinor = sum((account) => account.lowerMinor);
  const over = (part: bigint, whole: bigint) => (whole === 0n ? null : ratio(part, whole));
  return {
    legs,
    grossMinor,
    upperMinor,
    lowerMinor,
    nettingEfficiency: over(grossMinor - lowerMinor, grossMinor),
    turnoverAtUpper: over(grossMinor, upperMinor),
    turnoverAtLower: over(grossMinor, lowerMinor),
    concentration: over(
      sum(({ outMinor }) => outMinor * outMinor),
      grossMinor * grossMinor,
    ),
  };
}
