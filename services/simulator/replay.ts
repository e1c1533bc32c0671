import { type Clearing, createClearing, type SettlementCore } from '../clearing/clearing.ts';
import { eventsHash } from '../protocol/event-chain.ts';
import {
  type InputLogHeader,
  InputLogReader,
  type InputLogTrailer,
} from '../protocol/input-log-file.ts';

/** Records applied together: the events do not depend on it. */
const BATCH_RECORDS = 1024;

export interface ReplayResult {
  readonly header: InputLogHeader;
  readonly trailer: InputLogTrailer;
  /** Over the events of this replay. */
  readonly eventsHash: string;
  readonly records: number;
  readonly events: number;
}

/**
 * Re-runs a recorded input log through clearing, pool by pool, from genesis. Push the unzipped bytes
 * in pieces, then take the result; throws InputLogFault on a torn or foreign file.
 */
export class Replay {
  readonly #createCore: () => SettlementCore;
  readonly #reader: InputLogReader;
  #header: InputLogHeader | null = null;
  #trailer: InputLogTrailer | null = null;
  #pools: {
    clearing: Clearing;
    waiting: { position: number; value: Uint8Array }[];
    next: number;
  }[] = [];
  #events = 0;

  constructor(createCore: () => SettlementCore) {
    this.#createCore = createCore;
    this.#reader = new InputLogReader({
      header: (header) => this.#begin(header),
      record: (pool, value) => this.#take(pool, value),
      trailer: (trailer) => {
        this.#trailer = trailer;
      },
    });
  }

  push(piece: Uint8Array): void {
    this.#reader.push(piece);
  }

  result(): ReplayResult {
    this.#reader.end();
    for (const index of this.#pools.keys()) this.#apply(index);
    const header = this.#header as InputLogHeader;
    const digests = new Map(
      header.pools.map((pool, index) => [
        pool,
        this.#pools[index]?.clearing.digest() as Uint8Array,
      ]),
    );
    return {
      header,
      trailer: this.#trailer as InputLogTrailer,
      eventsHash: eventsHash(digests),
      records: this.#pools.reduce((sum, { next }) => sum + next, 0),
      events: this.#events,
    };
  }

  #begin(header: InputLogHeader): void {
    this.#header = header;
    this.#pools = header.pools.map(() => ({
      clearing: createClearing(this.#createCore()),
      waiting: [],
      next: 0,
    }));
  }

  #take(index: number, value: Uint8Array): void {
    const pool = this.#pools[index];
    if (!pool) return;
    pool.waiting.push({ position: pool.next++, value });
    if (pool.waiting.length >= BATCH_RECORDS) this.#apply(index);
  }

  #apply(index: number): void {
    const pool = this.#pools[index];
    if (!pool) return;
    this.#events += pool.clearing.apply(pool.waiting).count;
    pool.waiting = [];
  }
}
