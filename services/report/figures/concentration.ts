/**
 * How concentrated what settles in a currency is, and what would stay unsettled if one participant sent nothing: by
 * whom it was paid, to whom, through which dealers and between whom, of the whole run and of each business date.
 */
import { ExactSum } from '../../analysis/exact-sum.ts';
import { NONE32 } from '../../core/settlement/records.ts';
import type { ScenarioCurrency } from '../../scenario/scenario.ts';
import { isSettled, isValid } from './liquidity-bounds.ts';
import type { PaymentTable } from './payment-table.ts';
import { ratio } from './ratio-rounding.ts';
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
   */
  readonly leastUnsettled: ReadonlyMap<number, bigint>;
}

/** @param available by participant: opening, issued less redeemed, and the most credit; minor units */
export function concentrationFigures(
  payments: PaymentTable,
  currency: ScenarioCurrency,
  businessDates: readonly string[],
  available: ReadonlyMap<number, bigint>,
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
    leastUnsettled: leastUnsettled(parts, available),
  };
}

/** What has a date, a side and a dealer in common, by pair of agents. */
interface Part {
  /** Index of the business date on which it settled; null: valid, and did not. */
  readonly date: number | null;
  /** False: a dealer paid it out, of what was debited in another currency. */
  readonly isDebited: boolean;
  /** NONE32: none converts. */
  readonly dealer: number;
  /** Participants of the pool: a pair is the debtor's handle times this, and the creditor's. Maps find small numbers faster. */
  readonly handles: number;
  readonly pairs: Map<number, ExactSum>;
}

const debtorOf = ({ handles }: Part, pair: number) => Math.floor(pair / handles);
const creditorOf = ({ handles }: Part, pair: number) => pair % handles;

function partsIn(payments: PaymentTable, { code, hours }: ScenarioCurrency): Part[] {
  const currency = payments.currency(code);
  const { currencies, debtors, creditors, dealers, finalMs } = payments.of;
  const handles = payments.directory.participants.length;
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
      const pairs = new Map<number, ExactSum>();
      part = madeIn(byDealer, dealer, () => ({ date, isDebited, dealer, handles, pairs }));
      partPlace = place;
    }
    const pair = (debtors[row] as number) * handles + (creditors[row] as number);
    let sum = part.pairs.get(pair);
    if (sum === undefined) {
      sum = new ExactSum();
      part.pairs.set(pair, sum);
    }
    sum.addFrom(isDebited ? payments.words : payments.words2, row);
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
  const sums = {
    ...{ debtors: new Map<number, bigint>(), creditors: new Map<number, bigint>() },
    ...{ dealers: new Map<number, bigint>(), pairs: new Map<number, bigint>() },
  };
  for (const part of parts) {
    const { isDebited, dealer, pairs } = part;
    for (const [pair, { value }] of pairs) {
      if (isDebited) {
        add(sums.debtors, debtorOf(part, pair), value);
        add(sums.pairs, pair, value);
        if (dealer !== NONE32) add(sums.dealers, dealer, value);
      }
      if (!isDebited || dealer === NONE32) add(sums.creditors, creditorOf(part, pair), value);
    }
  }
  const figures = (of: (typeof SHARED_BY)[number]) => shareFigures([...sums[of].values()]);
  return {
    debtors: figures('debtors'),
    creditors: figures('creditors'),
    dealers: figures('dealers'),
    pairs: figures('pairs'),
  };
}

function add<Key>(sums: Map<Key, bigint>, key: Key, value: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + value);
}

function shareFigures(all: readonly bigint[]): ShareFigures {
  const values = all.filter((value) => value > 0n).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  const sum = (of: readonly bigint[]) => of.reduce((total, value) => total + value, 0n);
  const whole = sum(values);
  const share = (part: bigint, of: bigint) => (whole === 0n ? null : ratio(part, of));
  const largest = (count: number) => share(sum(values.slice(0, count)), whole);
  return {
    number: values.length,
    concentration: share(sum(values.map((value) => value * value)), whole * whole),
    largestShare: largest(1),
    fiveLargestShare: largest(5),
    tenLargestShare: largest(10),
  };
}

/**
 * Nobody pays more than it has and receives: of what an account is to pay, out - in - available stays unsettled, or
 * nothing. Without what one participant sends, all that it was to pay stays unsettled, and the others receive less.
 */
function leastUnsettled(
  parts: readonly Part[],
  available: ReadonlyMap<number, bigint>,
): Map<number, bigint> {
  const outgoing = new Map<number, Map<number, bigint>>();
  const net = new Map<number, bigint>();
  for (const part of parts) {
    const { isDebited, dealer, pairs } = part;
    for (const [pair, { value }] of pairs) {
      const from = isDebited ? debtorOf(part, pair) : dealer;
      const to = isDebited && dealer !== NONE32 ? dealer : creditorOf(part, pair);
      add(
        madeIn(outgoing, from, () => new Map<number, bigint>()),
        to,
        value,
      );
      add(net, from, value);
      add(net, to, -value);
    }
  }
  const above0 = (value: bigint) => (value > 0n ? value : 0n);
  const lacking = new Map(
    [...net].map(([account, value]) => [account, value - (available.get(account) ?? 0n)] as const),
  );
  const anyway = [...lacking.values()].reduce((sum, value) => sum + above0(value), 0n);
  return new Map(
    [...net.keys()].map((account) => {
      let least = anyway - above0(lacking.get(account) as bigint);
      for (const [to, value] of outgoing.get(account) ?? []) {
        least += value;
        if (to === account) continue;
        const lacks = lacking.get(to) as bigint;
        least += above0(lacks + value) - above0(lacks);
      }
      return [account, least] as const;
    }),
  );
}
