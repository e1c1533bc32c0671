import type { Verdict } from '../../core/settlement/records.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import { isControl, readVerified } from '../../protocol/records/input-record.ts';
import type { ChainLegContent } from '../../protocol/records/verified-content.ts';

/** What an attestor has said of a chain last. */
export interface SaidOfChain {
  readonly verdict: Verdict;
  /** An acceptance counts until then, ms since 1970; 0: as long as the chain lives. */
  readonly validUntilMs: number;
}

/** When the first leg came of those of a chain that have lived without a break since. */
export interface ChainBegin {
  readonly position: number;
  readonly appendedAtMs: number;
}

/** A record that was taken, and the state's time then, ms since 1970. */
export interface TakenRecord {
  readonly position: number;
  readonly timeMs: number;
}

interface NotedChain {
  /** When each that lives was taken in, by its position. */
  readonly legs: Map<number, number>;
  readonly began: ChainBegin;
  /** All that counted, in order. */
  readonly attested: TakenRecord[];
  /** By the attestor's handle. */
  readonly said: Map<number, SaidOfChain>;
  /** Whether it has a condition, and that is met. */
  isMet: boolean;
  isPromised: boolean;
}

type Value = (position: number) => Uint8Array | undefined;

/** Of the chains of a pool whose legs live: what was attested, whether the condition is met, what is set aside. */
export class ChainNotes {
  readonly #chains = new Map<string, NotedChain>();
  readonly #keys = new Map<number, string>();
  /** Since when the money of a leg is set aside, ms, by the position of the leg. */
  readonly earmarks = new Map<number, number>();

  copy(): ChainNotes {
    const copied = new ChainNotes();
    for (const [position, key] of this.#keys) copied.#keys.set(position, key);
    for (const [position, sinceMs] of this.earmarks) copied.earmarks.set(position, sinceMs);
    for (const [key, chain] of this.#chains) {
      const { legs, said, attested } = chain;
      const own = { legs: new Map(legs), said: new Map(said), attested: [...attested] };
      copied.#chains.set(key, { ...chain, ...own });
    }
    return copied;
  }

  /** A leg of a chain that is taken in, at an instant of the state. */
  begin(
    { position, timeMs }: TakenRecord,
    { termsDigest, legCount }: ChainLegContent,
    appendedAtMs: number,
  ): void {
    const key = chainKey(termsDigest, legCount);
    const chain = this.#chains.get(key) ?? {
      ...{ legs: new Map<number, number>(), began: { position, appendedAtMs }, attested: [] },
      ...{ said: new Map<number, SaidOfChain>(), isMet: false, isPromised: false },
    };
    this.#chains.set(key, chain);
    chain.legs.set(position, timeMs);
    this.#keys.set(position, key);
  }

  /** @param value of a record of the batch that the event is of */
  take(event: SettlementEvent, value: Value): void {
    switch (event.kind) {
      case 'attested':
        this.#attest(event, value);
        return;
      case 'triggered': {
        const chain = this.#of(event.paymentPosition);
        if (chain) chain.isMet = true;
        return;
      }
      case 'promised': {
        const chain = this.#of(event.paymentPosition);
        if (chain) chain.isPromised = true;
        return;
      }
      case 'earmarked':
        this.earmarks.set(event.paymentPosition, event.timeMs);
        return;
      case 'released':
        this.earmarks.delete(event.paymentPosition);
        return;
      case 'settled':
      case 'cancelled':
      case 'unwound':
        this.#end(event.paymentPosition);
    }
  }

  /** What attestors have said of a leg's chain that counts at an instant, by handle. */
  verdictsOf(position: number, atMs: number): Map<number, Verdict> {
    return countedVerdicts(this.#of(position)?.said ?? [], atMs);
  }

  /** When the first leg of a leg's chain came, ms; undefined: it does not live. */
  beganMs(position: number): number | undefined {
    return this.#of(position)?.began.appendedAtMs;
  }

  /** What of the log a leg's chain stands on: undefined: it does not live. */
  recordsOf(position: number): Pick<NotedChain, 'legs' | 'began' | 'attested'> | undefined {
    return this.#of(position);
  }

  isPromised(position: number): boolean {
    return this.#of(position)?.isPromised === true;
  }

  isMet(position: number): boolean {
    return this.#of(position)?.isMet === true;
  }

  #of(position: number): NotedChain | undefined {
    return this.#chains.get(this.#keys.get(position) ?? '');
  }

  #attest(
    { legCount, termsDigest, debtorAgent, verdict, position, timeMs }: EventOf<'attested'>,
    value: Value,
  ): void {
    const bytes = value(position);
    const read = bytes && !isControl(bytes) ? readVerified(bytes) : null;
    const validUntilMs = read?.kind === 'attestation' ? Number(read.content.validUntilMs) : 0;
    const said = { verdict, validUntilMs };
    const chain = this.#chains.get(chainKey(termsDigest, legCount));
    chain?.said.set(debtorAgent, said);
    chain?.attested.push({ position, timeMs });
  }

  #end(position: number): void {
    const key = this.#keys.get(position);
    if (key === undefined) return;
    this.#keys.delete(position);
    this.earmarks.delete(position);
    const chain = this.#chains.get(key);
    chain?.legs.delete(position);
    if (chain?.legs.size === 0) this.#chains.delete(key);
  }
}

/** Of what attestors have said, by attestor, that which counts at an instant. */
export function countedVerdicts<Attestor>(
  said: Iterable<readonly [Attestor, SaidOfChain]>,
  atMs: number,
): Map<Attestor, Verdict> {
  const counted = [...said].filter(
    ([, { verdict, validUntilMs }]) =>
      verdict !== 'accepted' || validUntilMs === 0 || validUntilMs >= atMs,
  );
  return new Map(counted.map(([attestor, { verdict }]) => [attestor, verdict]));
}

/**
 * By what the core finds the legs of a chain together: the digest of its terms, which has the date, and their number.
 * @param digest its first 20 bytes, as records and events have them
 */
export const chainKey = (digest: Uint8Array, legCount: number): string =>
  `${legCount} ${Buffer.from(digest).toString('hex')}`;
