import { chainKey } from '../analysis/chains/attested-and-earmarked.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { CHAIN_TYPE } from '../protocol/messages/message-types.ts';
import { readVerified } from '../protocol/records/input-record.ts';

interface Placed {
  readonly position: number;
  readonly value: Uint8Array;
}

interface Attested {
  readonly key: string;
  /** Number of the first event that told it. */
  readonly since: number;
  /** By attestor, the record of what it said last. */
  readonly last: Map<number, number>;
}

/**
 * Which records a notifier that starts anew must read to know what was attested of the chains that live. A complete
 * chain ends whole; of one that is not a leg may have ended by which the chain lived on, so that what was attested
 * before counts still.
 */
export class AttestedChains {
  /** By the leg that the event of an attestation names. */
  readonly #byLeg = new Map<number, Attested>();
  readonly #matched = new Set<number>();
  /** Legs that ended before their chains were complete, and the numbers of the events with which they did. */
  #ended: { readonly position: number; readonly number: number }[] = [];

  take(event: SettlementEvent): void {
    if (event.kind === 'attested') this.#attest(event);
    else if (!('messageType' in event) || event.messageType !== CHAIN_TYPE) return;
    else if (event.kind === 'matched') this.#matched.add(event.paymentPosition);
    else if (event.kind === 'settled' || event.kind === 'cancelled') this.#end(event);
  }

  #attest({ mate, termsDigest, legCount, number, debtorAgent, position }: EventOf<'attested'>) {
    const key = chainKey(termsDigest, legCount);
    const known = this.#byLeg.get(mate) ?? { key, since: number, last: new Map() };
    known.last.set(debtorAgent, position);
    this.#byLeg.set(mate, known);
  }

  #end({ paymentPosition: position, number }: EventOf<'settled' | 'cancelled'>): void {
    if (this.#matched.delete(position)) this.#byLeg.delete(position);
    else if (this.#byLeg.size > 0) this.#ended.push({ position, number });
    else this.#ended = [];
  }

  /**
   * Positions of these records, besides those of what waits.
   * @param open the records of what waits
   * @param read reads records at positions
   */
  async needed(
    open: readonly Placed[],
    read: (positions: Iterable<number>) => Promise<readonly Placed[]>,
  ): Promise<readonly number[]> {
    if (this.#byLeg.size === 0) return [];
    const alive = new Set(open.map(keyOfLeg));
    const attested = [...this.#byLeg.values()].filter(({ key }) => alive.has(key));
    if (attested.length === 0) return [];
    const keys = new Set<string | null>(attested.map(({ key }) => key));
    const since = Math.min(...attested.map((one) => one.since));
    const ended = this.#ended.filter(({ number }) => number > since);
    const legs = await read(ended.map(({ position }) => position));
    return [
      ...legs.flatMap((leg) => (keys.has(keyOfLeg(leg)) ? [leg.position] : [])),
      ...attested.flatMap(({ last }) => [...last.values()]),
    ];
  }
}

function keyOfLeg({ value }: Placed): string | null {
  const { kind, content } = readVerified(value);
  return kind === 'chainLeg' && content ? chainKey(content.termsDigest, content.legCount) : null;
}
