/** Scenarios whose accounts open with what the bounds of liquidity say that they need. */
import type { Scenario } from '../scenario/scenario.ts';
import { type SmallRun, writtenScenario } from './small-runs.ts';

/** Gives a scenario with these overrides. */
export type Loader = (set: readonly string[]) => Scenario;
export type Bound = 'upperMinor' | 'lowerMinor';

/** Each payment by itself, and what cannot settle waits to the end. */
export const GROSS = 'settlement={ cycle: off, queue: fifo, atClose: carry-over }';
/** What would move money, or keep payments back, is left out: the bounds are of payments alone. */
export const PLAIN = ['events={}', 'participants.*.accounts.*={ balance: "900000000" }'];

export interface BoundedAccount {
  readonly bic: string;
  readonly code: string;
  readonly needed: bigint;
  /** Decimals of the currency. */
  readonly decimals: number;
}

/** What each account needs, from a run in which money is no object. */
export function needed({ scenario, summary }: SmallRun, bound: Bound): BoundedAccount[] {
  return scenario.participants.flatMap(({ bic, accounts }) =>
    accounts.map(({ currency }) => {
      const { code, minorUnits } = scenario.currencies[currency] as Scenario['currencies'][number];
      const flows = summary.indicators.currencies.find((one) => one.currency === code);
      const own = flows?.accounts.find(({ participant }) => participant === bic);
      return { bic, code, needed: BigInt(own?.[bound] ?? 0n), decimals: minorUnits };
    }),
  );
}

/** Overrides that give each account what it needs, and nothing else. */
export const fundedWith = (accounts: readonly BoundedAccount[]): string[] =>
  accounts.map(({ bic, code, needed, decimals }) => {
    const minor = needed.toString().padStart(decimals + 1, '0');
    const whole = minor.slice(0, minor.length - decimals);
    const balance = decimals === 0 ? whole : `${whole}.${minor.slice(-decimals)}`;
    return `participants.${bic}.accounts.${code}={ balance: "${balance}" }`;
  });

const BANKS = ['AAAADE00', 'BBBBDE00', 'CCCCDE00', 'DDDDDE00', 'EEEEDE00'];

/** A day of 60 payments drawn by a seed, in one currency. */
export const drawnDay =
  (seed: number): Loader =>
  (set) => {
    const document = {
      name: 'drawn',
      seed,
      businessDates: ['2026-03-16'],
      currencies: { EUR: { opens: '08:00', closes: '16:00', zone: 'UTC' } },
      participants: BANKS.map((bic, at) => ({
        ...{ bic, name: bic, size: 1 + ((seed + at) % 3) },
        accounts: { EUR: { balance: '0' } },
      })),
      profiles: { day: { zone: 'UTC', parts: [{ from: '08:00', to: '15:30', weight: 1 }] } },
      traffic: [
        {
          ...{ name: 'eur', from: 'EUR', paymentsPerDate: 60, profile: 'day' },
          amounts: { median: '400.00', sigma: 1.2, min: '1.00', max: '9000.00' },
        },
      ],
      tickMs: 60_000,
    };
    return writtenScenario(document, '', set);
  };
