import type { PaymentFacts } from './waiting-message.ts';

/** Of a chain of so many legs those that have come. */
interface Incomplete<Leg> {
  readonly legCount: number;
  readonly legs: Map<number, Leg>;
}

/** The legs of chains that wait for the others: so that each bank can be told which have not come. */
export class UnmatchedChains<Leg> {
  readonly #chains = new Map<string, Incomplete<Leg>>();
  readonly #keys = new Map<Leg, { readonly key: string; readonly leg: number }>();

  /** @returns the legs of its chain that had come before: they wait for one less */
  add(message: Leg, facts: PaymentFacts): readonly Leg[] {
    const { legNumber, legCount, termsDigest, settlementDate } = facts;
    if (legNumber === undefined || legCount === undefined || termsDigest === undefined) return [];
    const key = `${legCount} ${settlementDate} ${Buffer.from(termsDigest).toString('hex')}`;
    const chain = this.#chains.get(key) ?? { legCount, legs: new Map<number, Leg>() };
    const before = [...chain.legs.values()];
    this.#chains.set(key, chain);
    chain.legs.set(legNumber, message);
    this.#keys.set(message, { key, leg: legNumber });
    return before;
  }

  /** @returns the legs of its chain that still wait: for one more */
  remove(message: Leg): readonly Leg[] {
    const placed = this.#keys.get(message);
    const chain = placed && this.#chains.get(placed.key);
    if (!chain) return [];
    this.#keys.delete(message);
    chain.legs.delete(placed.leg);
    if (chain.legs.size > 0) return [...chain.legs.values()];
    this.#chains.delete(placed.key);
    return [];
  }

  copy(): UnmatchedChains<Leg> {
    const copied = new UnmatchedChains<Leg>();
    for (const [leg, placed] of this.#keys) copied.#keys.set(leg, placed);
    for (const [key, { legCount, legs }] of this.#chains)
      copied.#chains.set(key, { legCount, legs: new Map(legs) });
    return copied;
  }

  /** The numbers of the legs that have not come; undefined: it is no leg of a chain. */
  missing(message: Leg): readonly number[] | undefined {
    const chain = this.#chains.get(this.#keys.get(message)?.key ?? '');
    if (!chain) return undefined;
    const all = Array.from({ length: chain.legCount }, (_, place) => place + 1);
    return all.filter((number) => !chain.legs.has(number));
  }
}
