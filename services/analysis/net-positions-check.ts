import type { EventOf } from '../core/settlement/settlement-event.ts';

/**
 * Holds the net positions that a cycle of deferred net settlement states against the payments that it
 * settles: an account's net is what its payments bring less what they take, and of a defaulter plus
 * what the others pay for it.
 */
export class NettingCheck {
  readonly #byPayments = new Map<string, bigint>();
  readonly #stated = new Map<string, bigint>();

  netted({ participant, currency, amount }: EventOf<'netted'>): void {
    add(this.#stated, key(participant, currency), amount);
  }

  /** A survivor's share of a defaulter's loss. */
  shared({ defaulter, currency, amount }: EventOf<'lossShared'>): void {
    add(this.#byPayments, key(defaulter, currency), amount);
  }

  settled({ bookings }: EventOf<'settled'>): void {
    for (const { participant, currency, amount } of bookings)
      add(this.#byPayments, key(participant, currency), amount);
  }

  /** What differs in the cycle that ends here, in words. */
  take(): readonly string[] {
    if (this.#byPayments.size === 0 && this.#stated.size === 0) return NOTHING;
    const found = [...new Set([...this.#byPayments.keys(), ...this.#stated.keys()])].flatMap(
      (account) => {
        const [paid, stated] = [this.#byPayments, this.#stated].map((of) => of.get(account) ?? 0n);
        return paid === stated
          ? []
          : [`account (${account}): a net of ${paid} by its payments, ${stated} as stated`];
      },
    );
    this.#byPayments.clear();
    this.#stated.clear();
    return found;
  }
}

const NOTHING: readonly string[] = [];

const key = (participant: number, currency: number) => `${participant}, ${currency}`;

function add(sums: Map<string, bigint>, account: string, amount: bigint): void {
  sums.set(account, (sums.get(account) ?? 0n) + amount);
}
