import { EVENT_BYTES } from '../core/settlement/events.ts';
import { EventChain, LINK_EVENTS } from '../protocol/records/event-chain.ts';

/** The digests at the ends of a chain's links: 32 bytes for each 1,024 events. */
export class ChainLinks {
  readonly #chain = new EventChain();
  readonly #ends: Buffer[] = [this.#chain.digest()];

  /** Takes events in, in order. */
  append(events: Uint8Array): void {
    let at = 0;
    while (at < events.length) {
      const room = (LINK_EVENTS - (this.#chain.count % LINK_EVENTS)) * EVENT_BYTES;
      const piece = events.subarray(at, at + room);
      this.#chain.append(piece);
      at += piece.length;
      if (this.#chain.count % LINK_EVENTS === 0) this.#ends.push(this.#chain.digest());
    }
  }

  get count(): number {
    return this.#chain.count;
  }

  digest(): Buffer {
    return this.#chain.digest();
  }

  /** The first event of the link that holds this one, and the digest before it. */
  linkOf(eventNumber: number): { readonly firstNumber: number; readonly digestBefore: Buffer } {
    const link = Math.floor((eventNumber - 1) / LINK_EVENTS);
    const digestBefore = this.#ends[link];
    if (!digestBefore) throw new RangeError(`no event has the number ${eventNumber} yet`);
    return { firstNumber: link * LINK_EVENTS + 1, digestBefore };
  }
}
