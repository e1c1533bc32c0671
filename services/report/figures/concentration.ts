/**
 * How concentrated what settles in a currency is, and what would stay unsettled if one participant sent nothing: by
 * whom it was paid, to whom, through which dealers and between whom, of the whole run and of each business date.
 */
import { ExactSums } from '../../analysis/exact-sum.ts';
import { NONE32 } from '../../core/settlement/records.ts';
import type { DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import type { AccountBounds } from './liquidity-bounds.ts';
import type { PaymentTable } from './payment-table.ts';
import { ratio } from './ratio-rounding.ts';
import { SumsByPair } from './sums-by-pair.ts';

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

interface ConcentrationFigures {
  readonly shares: SharesBy;
  /** By business date on which any settled. */
  readonly sharesByDate: readonly (SharesBy & { readonly date: string })[];
  /**
   * By participant: at least so much of the valid payments stays unsettled if it sends nothing all run long. Minor
   * units; what it would send, and what others then lack, at the end, above all that they have.
   * @param available by participant: opening, the most issued less redeemed, and the most credit; minor units
   */
  readonly leastUnsettled: (available: ReadonlyMap<number, bigint>) => ReadonlyMap<number, bigint>;
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

/** What settles in a currency, and what would if all valid payments did, by who pays whom. */
export class SharedValue {
  readonly #payments: PaymentTable;
  /** By date and side, then by dealer. */
  readonly #parts = new Map<number, Map<number, Part>>();
  /** That of the row before: most rows have the same. */
  #part: Part | null = null;
  #partPlace = 0;

  constructor(payments: PaymentTable) {
    this.#payments = payments;
  }

  /**
   * A valid payment.
   * @param date index of the business date on which it settled; null: it did not
   */
  take(row: number, date: number | null, isDebited: boolean): void {
    const payments = this.#payments;
    const { debtors, creditors, dealers } = payments.of;
    const place = 2 * (date === null ? 0 : date + 1) + Number(isDebited);
    const dealer = dealers[row] as number;
    let part = this.#part;
    if (part === null || place !== this.#partPlace || dealer !== part.dealer) {
      const byDealer = madeIn(this.#parts, place, () => new Map<number, Part>());
      part = madeIn(byDealer, dealer, () => ({
        ...{ date, isDebited, dealer, pairs: new SumsByPair() },
      }));
      this.#part = part;
      this.#partPlace = place;
    }
    const { pairs } = part;
    const pair = pairs.place(debtors[row] as number, creditors[row] as number);
    pairs.sums.addFrom(pair, isDebited ? payments.words : payments.words2, row);
  }

  /** @param bounds of the valid payments, by participant */
  figures(
    businessDates: readonly string[],
    bounds: ReadonlyMap<number, AccountBounds>,
  ): ConcentrationFigures {
    const parts = [...this.#parts.values()].flatMap((byDealer) => [...byDealer.values()]);
    const settled = parts.filter(({ date }) => date !== null);
    const sharesOf = (some: readonly Part[]) => sharesBy(some, this.#payments.directory);
    const shares = sharesOf(settled);
    return {
      shares,
      sharesByDate: businessDates.flatMap((date, index) => {
        const own = settled.filter((part) => part.date === index);
        // Of a single date they are those of all.
        const isAll = own.length === settled.length;
        return own.length === 0 ? [] : [{ date, ...(isAll ? shares : sharesOf(own)) }];
      }),
      leastUnsettled: leastUnsettled.bind(null, owedIn(parts), bounds),
    };
  }
}

/** What a map has under a key; where it has nothing, it is made. */
function madeIn<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function sharesBy(parts: readonly Part[], { participants }: DirectoryNames): SharesBy {
  const byParticipant = () => new ExactSums(participants.length);
  const [debtors, creditors, dealers] = [byParticipant(), byParticipant(), byParticipant()];
  const both = new SumsByPair();
  for (const { isDebited, dealer, pairs } of parts) {
    const isConverted = dealer !== NONE32;
    const { sums } = pairs;
    for (let place = 0; place < pairs.length; place++) {
      const [debtor, creditor] = [pairs.first(place), pairs.second(place)];
      if (isDebited) {
        debtors.addSum(debtor, sums, place);
        both.sums.addSum(both.place(debtor, creditor), sums, place);
        if (isConverted) dealers.addSum(dealer, sums, place);
      }
      if (!isDebited || !isConverted) creditors.addSum(creditor, sums, place);
    }
  }
  return {
    debtors: shareFigures(debtors, participants.length),
    creditors: shareFigures(creditors, participants.length),
    dealers: shareFigures(dealers, participants.length),
    pairs: shareFigures(both.sums, both.length),
  };
}

const LARGEST = 10;

function shareFigures(sums: ExactSums, length: number): ShareFigures {
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

/** What one account is to pay another. */
function owedIn(parts: readonly Part[]): SumsByPair {
  const owed = new SumsByPair();
  for (const { isDebited, dealer, pairs } of parts)
    for (let place = 0; place < pairs.length; place++) {
      const [debtor, creditor] = [pairs.first(place), pairs.second(place)];
      const from = isDebited ? debtor : dealer;
      const to = isDebited && dealer !== NONE32 ? dealer : creditor;
      owed.sums.addSum(owed.place(from, to), pairs.sums, place);
    }
  return owed;
}

/**
 * Nobody pays more than it has and receives: of what an account is to pay, out - in - available stays unsettled, or
 * nothing. Without what one participant sends, all that it was to pay stays unsettled, and the others receive less.
 */
function leastUnsettled(
  owed: SumsByPair,
  bounds: ReadonlyMap<number, AccountBounds>,
  available: ReadonlyMap<number, bigint>,
): Map<number, bigint> {
  const above0 = (value: bigint) => (value > 0n ? value : 0n);
  const lacking = new Map<number, bigint>();
  let anyway = 0n;
  for (const [account, { inMinor, outMinor }] of bounds) {
    const lacks = outMinor - inMinor - (available.get(account) ?? 0n);
    lacking.set(account, lacks);
    anyway += above0(lacks);
  }
  const least = new Map<number, bigint>();
  for (const [account, lacks] of lacking) least.set(account, anyway - above0(lacks));
  for (let place = 0; place < owed.length; place++) {
    const [from, to] = [owed.first(place), owed.second(place)];
    const value = owed.sums.value(place);
    const lacks = lacking.get(to) as bigint;
    const more = to === from ? 0n : above0(lacks + value) - above0(lacks);
    least.set(from, (least.get(from) as bigint) + value + more);
  }
  return least;
}
