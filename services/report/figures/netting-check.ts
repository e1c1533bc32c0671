import type { EventView } from '../../core/settlement/event-reader.ts';

/**
 * Holds the net positions that a cycle of deferred net settlement states against the payments that it
 * settles: an account's net is what its payments bring less what they take, and of a defaulter plus
 * what the others pay for it.
 */
export class NettingCheck {
  readonly #byPayments = new Map<string, bigint>();
  readonly #stated = new Map<string, bigint>();

  netted(event: EventView): void {
    add(this.#stated, key(event.debtorAgent, event.currency1), event.amount1);
  }

  /** A survivor's share of a defaulter's loss. */
  shared(event: EventView): void {
    add(this.#byPayments, key(event.creditorAgent, event.currency1), event.amount1);
  }

  settled({ debtorAgent, creditorAgent, currency1, amount1 }: EventView): void {
    add(this.#byPayments, key(debtorAgent, currency1), -amount1);
    add(this.#byPayments, key(creditorAgent, currency1), amount1);
  }

  /** What differs in the cycle that ends here, in words. */
  take(): string[] {
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

const key = (participant: number, currency: number) => `${participant}, ${currency}`;

function add(sums: Map<string, bigint>, account: string, amount: bigint): void {
  sums.set(account, (sums.get(account) ?? 0n) + amount);
}
