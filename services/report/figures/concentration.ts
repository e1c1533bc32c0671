/**
 * How concentrated what settles in a currency is, and what would stay unsettled if one participant sent nothing: by
 * whom it was paid, to whom, through which dealers and between whom, of the whole run and of each business date.
 */
import { NONE32 } from '../../core/settlement/records.ts';
import type { ScenarioCurrency } from '../../scenario/scenario.ts';
import { isSettled, isValid } from './liquidity-bounds.ts';
import type { PaymentTable } from './payment-table.ts';
import { ratio } from './ratio-rounding.ts';
import { SumsByPair } from './sums-by-pair.ts';
import { dateIndexAt } from './throughput.ts';

/** How a value is shared out; shares are null where there is none. */
export interface ShareFigures {
  /** That have any of it. */
  readonly number: number;
  /** Sum of the squared shares (Herfindahl and Hirschman): 1 / n to 1. */
  readonly concentration: number | null;
  /** Of the largest one, and of the five and ten largest together. */
  readonly largestShare: number | null;
  readonly fiveLargestShare: number | null;
  readonly tenLargestShare: number | null;
}

/** Debtors' and creditors' agents, dealers by what they convert, and ordered pairs of both agents. */
export const SHARED_BY = ['debtors', 'creditors', 'dealers', 'pairs'] as const;
export type SharesBy = Readonly<Record<(typeof SHARED_BY)[number], ShareFigures>>;

export interface ConcentrationFigures {
  readonly shares: SharesBy;
  /** By business date on which any settled. */
  readonly sharesByDate: readonly (SharesBy & { readonly date: string })[];
  /**
   * By participant: at least so much of the valid payments stays unsettled if it sends nothing all run long. Minor
   * units; what it would send, and what others then lack, at the end, above all that they have.
   * @param available by participant: opening, issued less redeemed, and the most credit; minor units
   */
  readonly leastUnsettled: (available: ReadonlyMap<number, bigint>) => ReadonlyMap<number, bigint>;
}

export function concentrationFigures(
  payments: PaymentTable,
  currency: ScenarioCurrency,
  businessDates: readonly string[],
): ConcentrationFigures {
  const parts = partsIn(payments, currency);
  const settled = parts.filter(({ date }) => date !== null);
  const shares = sharesOf(settled);
  return {
    shares,
    sharesByDate: businessDates.flatMap((date, index) => {
      const own = settled.filter((part) => part.date === index);
      // Of a single date they are those of all.
      const isAll = own.length === settled.length;
      return own.length === 0 ? [] : [{ date, ...(isAll ? shares : sharesOf(own)) }];
    }),
    leastUnsettled: leastUnsettledOf(parts),
  };
}

/** What has a date, a side and a dealer in common, by debtor's and creditor's agent. */
interface Part {
  /** Index of the business date on which it settled; null: valid, and did not. */
  readonly date: number | null;
  /** False: a dealer paid it out, of what was debited in another currency. */
  readonly isDebited: boolean;
  /** NONE32: none converts. */
  readonly dealer: number;
  readonly pairs: SumsByPair;
}

function partsIn(payments: PaymentTable, { code, hours }: ScenarioCurrency): Part[] {
  const currency = payments.currency(code);
  const { currencies, debtors, creditors, dealers, finalMs } = payments.of;
  const { words, words2 } = payments;
  const parts = new Map<number, Map<number, Part>>();
  /** That of the row before: most rows have the same. */
  let part: Part | null = null;
  let partPlace = 0;
  const rows = payments.rowsIn(currency);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    if (!isValid(payments, row)) continue;
    const isDebited = currencies[row] === currency;
    const date = isSettled(payments, row) ? dateIndexAt(hours, finalMs[row] as number) : null;
    const place = 2 * (date === null ? 0 : date + 1) + Number(isDebited);
    const dealer = dealers[row] as number;
    if (part === null || place !== partPlace || dealer !== part.dealer) {
      const byDealer = madeIn(parts, place, () => new Map<number, Part>());
      part = madeIn(byDealer, dealer, () => ({
        ...{ date, isDebited, dealer, pairs: new SumsByPair() },
      }));
      partPlace = place;
    }
    const { pairs } = part;
    const pair = pairs.place(debtors[row] as number, creditors[row] as number);
    pairs.sums.addFrom(pair, isDebited ? words : words2, row);
  }
  return [...parts.values()].flatMap((byDealer) => [...byDealer.values()]);
}

/** What a map has under a key; where it has nothing, it is made. */
function madeIn<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function sharesOf(parts: readonly Part[]): SharesBy {
  const byAgent = {
    ...{ debtors: new SumsByPair(), creditors: new SumsByPair(), dealers: new SumsByPair() },
    pairs: new SumsByPair(),
  };
  for (const { isDebited, dealer, pairs } of parts)
    for (let place = 0; place < pairs.length; place++) {
      const [debtor, creditor] = [pairs.first(place), pairs.second(place)];
      const add = (of: SumsByPair, first: number, second = 0) =>
        of.sums.addSum(of.place(first, second), pairs.sums, place);
      if (isDebited) {
        add(byAgent.debtors, debtor);
        add(byAgent.pairs, debtor, creditor);
        if (dealer !== NONE32) add(byAgent.dealers, dealer);
      }
      if (!isDebited || dealer === NONE32) add(byAgent.creditors, creditor);
    }
  return {
    debtors: shareFigures(byAgent.debtors),
    creditors: shareFigures(byAgent.creditors),
    dealers: shareFigures(byAgent.dealers),
    pairs: shareFigures(byAgent.pairs),
  };
}

const LARGEST = 10;

function shareFigures({ sums, length }: SumsByPair): ShareFigures {
  let [number, whole, squares] = [0, 0n, 0n];
  /** The largest first. */
  const largest: bigint[] = [];
  for (let place = 0; place < length; place++) {
    const value = sums.value(place);
    if (value <= 0n) continue;
    number += 1;
    whole += value;
    squares += value * value;
    if (largest.length === LARGEST && value <= (largest[LARGEST - 1] as bigint)) continue;
    const behind = largest.findIndex((other) => other < value);
    largest.splice(behind < 0 ? largest.length : behind, 0, value);
    largest.length = Math.min(largest.length, LARGEST);
  }
  const share = (part: bigint, of: bigint) => (whole === 0n ? null : ratio(part, of));
  const ofLargest = (count: number) =>
    share(
      largest.slice(0, count).reduce((total, value) => total + value, 0n),
      whole,
    );
  return {
    number,
    concentration: share(squares, whole * whole),
    largestShare: ofLargest(1),
    fiveLargestShare: ofLargest(5),
    tenLargestShare: ofLargest(LARGEST),
  };
}

/**
 * Nobody pays more than it has and receives: of what an account is to pay, out - in - available stays unsettled, or
 * nothing. Without what one participant sends, all that it was to pay stays unsettled, and the others receive less.
 */
function leastUnsettledOf(parts: readonly Part[]): ConcentrationFigures['leastUnsettled'] {
  /** What one is to pay another, and each one net. */
  const owed = new SumsByPair();
  const net = new SumsByPair();
  for (const { isDebited, dealer, pairs } of parts)
    for (let place = 0; place < pairs.length; place++) {
      const [debtor, creditor] = [pairs.first(place), pairs.second(place)];
      const from = isDebited ? debtor : dealer;
      const to = isDebited && dealer !== NONE32 ? dealer : creditor;
      owed.sums.addSum(owed.place(from, to), pairs.sums, place);
      net.sums.addSum(net.place(from, 0), pairs.sums, place);
      net.sums.subtractSum(net.place(to, 0), pairs.sums, place);
    }
  return (available) => leastUnsettled(owed, net, available);
}

function leastUnsettled(
  owed: SumsByPair,
  net: SumsByPair,
  available: ReadonlyMap<number, bigint>,
): Map<number, bigint> {
  const above0 = (value: bigint) => (value > 0n ? value : 0n);
  const accounts = Array.from({ length: net.length }, (_, place) => net.first(place));
  const lacking = accounts.map(
    (account, place) => net.sums.value(place) - (available.get(account) ?? 0n),
  );
  const anyway = lacking.reduce((sum, value) => sum + above0(value), 0n);
  const least = lacking.map((value) => anyway - above0(value));
  for (let place = 0; place < owed.length; place++) {
    const from = net.place(owed.first(place), 0);
    const to = net.place(owed.second(place), 0);
    const value = owed.sums.value(place);
    const lacks = lacking[to] as bigint;
    const more = to === from ? 0n : above0(lacks + value) - above0(lacks);
    least[from] = (least[from] as bigint) + value + more;
  }
  return new Map(accounts.map((account, place) => [account, least[place] as bigint]));
}
