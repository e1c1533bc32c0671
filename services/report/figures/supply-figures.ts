import { SupplyBook } from '../../analysis/issued-money-and-reserves.ts';
import { readEvents } from '../../core/settlement/event-reader.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type OutstandingDates, outstanding } from './intraday-liquidity.ts';
import { ratio } from './ratio-rounding.ts';

/** Of a currency or security with an issuer: docs/indicators.md. */
export interface SupplyFigures {
  readonly currency: string;
  readonly issuer: string;
  readonly openingMinor: bigint;
  readonly issuedMinor: bigint;
  readonly redeemedMinor: bigint;
  readonly closingMinor: bigint;
  readonly leastMinor: bigint;
  readonly mostMinor: bigint;
  /** Records after which supply and what was issued less what was redeemed were compared. */
  readonly records: number;
  /** Of deposits; absent: it is no deposits. */
  readonly reserves?: {
    readonly currency: string;
    readonly openingMinor: bigint;
    readonly closingMinor: bigint;
    readonly leastMinor: bigint;
    /** Reserves / deposits; null: there were none. */
    readonly leastCover: number | null;
  };
  /** Of deposits: PFMI 19 and BCBS 248 B(i), of payments that the bank makes for its customers. */
  readonly customers?: OutstandingDates & {
    readonly number: number;
    readonly payments: number;
    readonly sentMinor: bigint;
    /** Of what customers of all banks sent over the same reserves; null: nothing. */
    readonly share: number | null;
    readonly exposureMinor: bigint;
  };
}

/** Gathers them from the events of one pool. */
export class SupplyFold {
  readonly book: SupplyBook;
  readonly directory: DirectoryNames;

  constructor(directory: DirectoryNames, { deposits, currencies }: Scenario) {
    const code = (currency: number) => currencies[currency]?.code as string;
    const backing = deposits.map(({ asset, currency }) => [code(asset), code(currency)] as const);
    this.directory = directory;
    this.book = new SupplyBook(directory, new Map(backing));
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    for (const event of readEvents(events)) this.book.take(event);
  }
}

/** Of all pools, in the order in which issuers were appointed. */
export const supplyFigures = (folds: readonly SupplyFold[]): SupplyFigures[] =>
  folds.flatMap(({ book, directory }) => {
    book.end();
    const sentOver = (currency: number) =>
      sumOf(
        book.supplies.flatMap(({ reserves, customers }) =>
          reserves?.currency === currency ? customers.sentByDate : [],
        ),
      );
    return book.supplies.map((one): SupplyFigures => {
      const { reserves } = one;
      const figures = {
        currency: currencyOf(directory, one.currency),
        issuer: bicOf(directory, one.issuer),
        ...{ openingMinor: one.opening, issuedMinor: one.issued, redeemedMinor: one.redeemed },
        ...{ closingMinor: one.held, leastMinor: one.least, mostMinor: one.most },
        records: one.records,
      };
      if (!reserves) return figures;
      const { sentByDate, exposure: exposureMinor, number, payments } = one.customers;
      const sentMinor = sumOf(sentByDate);
      const all = sentOver(reserves.currency);
      const { opening: openingMinor, held: closingMinor, least: leastMinor, scarcest } = reserves;
      return {
        ...figures,
        reserves: {
          currency: currencyOf(directory, reserves.currency),
          ...{ openingMinor, closingMinor, leastMinor },
          leastCover: scarcest && ratio(scarcest.reserves, scarcest.supply),
        },
        customers: {
          ...{ number, payments, sentMinor, exposureMinor },
          share: all === 0n ? null : ratio(sentMinor, all),
          ...outstanding(sentByDate.length === 0 ? [0n] : sentByDate),
        },
      };
    });
  });

const sumOf = (values: readonly bigint[]): bigint =>
  values.reduce((total, value) => total + value, 0n);
