import type { Currencies } from '../protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';
import type { Order } from './payment-orders-csv.ts';

/** Largest random amount, in whole units of a currency. Where nobody says otherwise. */
export const RANDOM_AMOUNT_MAX = 1_000;

/** What a sample bank pays that is told nothing else. */
export interface RandomOrders {
  readonly bic: Bic;
  readonly currencies: Currencies;
  /** Whom it may pay in a currency, as the network knows at the time; itself is left out. */
  readonly creditorAgents: (currency: string) => readonly Bic[];
  readonly newUetr: () => Uetr;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Largest amount in major units. */
  readonly amountMax: number;
}

/** Orders without end to others, in the currencies in which there is somebody to pay. */
export async function* randomOrders(options: RandomOrders): AsyncGenerator<Order, void> {
  const { bic, currencies, creditorAgents, newUetr, random, amountMax } = options;
  // A security is delivered by trades, never paid.
  const codes = [...currencies.keys()].filter((code) => code.length === 3);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const othersIn = (currency: string) => creditorAgents(currency).filter((other) => other !== bic);
  for (;;) {
    const payable = codes.filter((code) => othersIn(code).length > 0);
    if (payable.length === 0) return;
    const currency = pick(payable);
    const scale = 10 ** (currencies.get(currency)?.minorUnits ?? 2);
    yield {
      uetr: newUetr(),
      creditorAgent: pick(othersIn(currency)),
      currency,
      amountMinor: BigInt(1 + Math.floor(random() * amountMax * scale)),
      priority: 'normal',
    };
  }
}
