import { type Currencies, currencyTerms } from '../protocol/messages/instruction.ts';

/** What the scenario of a founding says for analysts, and no record. */
export interface FoundingScenario {
  readonly name: string;
  readonly seed: number;
  /** Mid rates at which the cost of a payment between currencies is reckoned. */
  readonly referenceRates: readonly ReferenceRate[];
}

interface ReferenceRate {
  readonly currency: string;
  readonly currency2: string;
  /** Units of `currency2` for one of `currency`. */
  readonly rate: number;
  readonly source: string;
  /** YYYY-MM-DD */
  readonly date: string;
}

interface NetworkCurrency {
  readonly code: string;
  readonly minorUnits: number;
  /** The most that one payment may have, minor units; absent: the network has no policy for it. */
  readonly maximumMinor?: string;
}

/** What no message says and every service of a network must know. */
export interface Network {
  readonly network: string;
  /** The name under which its rows stand in the analysis store. */
  readonly run: string;
  readonly paymentPartitions: number;
  /** The first takes what names no currency. */
  readonly pools: readonly {
    readonly name: string;
    readonly currencies: readonly NetworkCurrency[];
    /** Of its transparency log (`verifierKey`); absent: the pool is not sealed. */
    readonly logKey?: string;
  }[];
  /** A network file may lack it: then the store has no reference rates. */
  readonly scenario?: FoundingScenario;
}

export const poolNames = ({ pools }: Network): string[] => pools.map(({ name }) => name);

export const currenciesOf = ({ pools }: Network): Currencies =>
  new Map(
    pools.flatMap(({ name, currencies }) =>
      currencies.map((currency) => [currency.code, currencyTerms(currency, name)] as const),
    ),
  );
