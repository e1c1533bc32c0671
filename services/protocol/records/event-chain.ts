import { createHash, type Hash } from 'node:crypto';
import { EVENT_BYTES } from '../../core/settlement/events.ts';

/** Events in one link of the chain. */
export const LINK_EVENTS = 1024;

/**
 * The hash chain over a pool's events: h_k = SHA-256(h_(k-1) || bytes of link k), links of 1,024
 * events, h_0 = 32 zero bytes. The digest at an event inside a link is taken over the link's bytes
 * so far; at the end of a link it is that link's hash; before any event it is h_0.
 */
export class EventChain {
  #count = 0;
  #before: Buffer = Buffer.alloc(32);
  #link: Hash = createHash('sha256').update(this.#before);
  #digest: Buffer = this.#before;
  /** The events of the link that is not full yet. */
  #tail: Uint8Array[] = [];

  /** Goes on from a state that `state` gave. */
  static from({ count, before, tail }: ChainState): EventChain {
    const chain = new EventChain();
    if (tail.length !== (count % LINK_EVENTS) * EVENT_BYTES)
      throw new RangeError(`${tail.length} bytes do not end a chain of ${count} events`);
    chain.#count = count - (count % LINK_EVENTS);
    chain.#before = Buffer.from(before);
    chain.#digest = chain.#before;
    chain.#link = createHash('sha256').update(before);
    chain.append(tail);
    return chain;
  }

  /** Number of the last event taken in. */
  get count(): number {
    return this.#count;
  }

  state(): ChainState {
    return { count: this.#count, before: this.#before, tail: Buffer.concat(this.#tail) };
  }

  /** A chain of its own at the same event. */
  copy(): EventChain {
    const chain = new EventChain();
    chain.#count = this.#count;
    chain.#before = this.#before;
    chain.#link = this.#link.copy();
    chain.#digest = this.#digest;
    chain.#tail = [...this.#tail];
    return chain;
  }

  append(events: Uint8Array): void {
    if (events.length % EVENT_BYTES !== 0)
      throw new RangeError(`${events.length} bytes are not a whole number of events`);
    let at = 0;
    while (at < events.length) {
      const room = LINK_EVENTS - (this.#count % LINK_EVENTS);
      const take = Math.min(room, (events.length - at) / EVENT_BYTES);
      const piece = events.subarray(at, at + take * EVENT_BYTES);
      this.#link.update(piece);
      at += take * EVENT_BYTES;
      this.#count += take;
      this.#digest = this.#link.copy().digest();
      if (this.#count % LINK_EVENTS === 0) this.#beginLink();
      // A copy: whose events they are may give them away.
      else this.#tail.push(new Uint8Array(piece));
    }
  }

  #beginLink(): void {
    this.#before = this.#digest;
    this.#link = createHash('sha256').update(this.#before);
    this.#tail = [];
  }

  /** The digest at the last event, 32 bytes. */
  digest(): Buffer {
    return this.#digest;
  }
}

/** What a chain goes on from. */
export interface ChainState {
  /** Number of the last event. */
  readonly count: number;
  /** Digest at the end of the last full link. */
  readonly before: Uint8Array;
  /** The bytes of the events after it. */
  readonly tail: Uint8Array;
}

/**
 * One hash for a run of several pools: SHA-256 over "<pool> <digest in hex>\n" in the order of the
 * pools' names; with one pool, that pool's digest itself. Lower-case hex.
 */
export function eventsHash(digests: ReadonlyMap<string, Uint8Array>): string {
  const lines = [...digests].map(([pool, digest]) => [pool, Buffer.from(digest).toString('hex')]);
  if (lines.length === 1) return lines[0]?.[1] as string;
  lines.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1));
  const hash = createHash('sha256');
  for (const [pool, digest] of lines) hash.update(`${pool} ${digest}\n`);
  return hash.digest('hex');
}
