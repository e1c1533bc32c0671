import { type Clearing, createClearing, type SettlementCore } from '../clearing/clearing.ts';
import { RULES_VERSION } from '../protocol/control-record.ts';
import type { Directory } from '../protocol/directory.ts';
import { eventsHash } from '../protocol/event-chain.ts';
import {
  InputLogFault,
  type InputLogHeader,
  InputLogReader,
  type InputLogTrailer,
} from '../protocol/input-log-file.ts';
import { isControl, readControl, readVerified } from '../protocol/input-record.ts';
import type { SignatureVerification } from '../verifier/verifier.ts';
import { Reverification } from './reverification.ts';

/** Records applied together: the events do not depend on it. */
const BATCH_RECORDS = 1024;

export interface ReplayResult {
  readonly header: InputLogHeader;
  readonly trailer: InputLogTrailer;
  /** Over the events of this replay. */
  readonly eventsHash: string;
  readonly records: number;
  readonly events: number;
  /** Messages of participants among the records. */
  readonly messages: number;
}

/** What a batch of records of a pool caused; the directory has the names used in it. */
export interface ReplayedEvents {
  readonly pool: string;
  readonly events: Uint8Array;
  readonly directory: Directory;
  /** Of `createCore`: which of them the pool has. */
  readonly core: SettlementCore;
}

/**
 * Re-runs a recorded input log through clearing, pool by pool, from genesis, and verifies the original
 * messages in it once more: what a verifier makes of each must be the recorded record, to the byte.
 * Push the unzipped bytes in pieces, advance after each, then take the result; throws InputLogFault on
 * a torn or foreign file, or where a message is not what its record says.
 */
export class Replay {
  readonly #createCore: () => SettlementCore;
  readonly #reader: InputLogReader;
  readonly #verification: SignatureVerification | null;
  readonly #onEvents: (events: ReplayedEvents) => void;
  #reverification: Reverification | null = null;
  #header: InputLogHeader | null = null;
  #trailer: InputLogTrailer | null = null;
  #pools: {
    core: SettlementCore;
    clearing: Clearing;
    waiting: { position: number; value: Uint8Array }[];
    next: number;
  }[] = [];
  #events = 0;

  /** @param verification null: the recorded messages are not verified again */
  constructor(
    createCore: () => SettlementCore,
    verification: SignatureVerification | null,
    onEvents: (events: ReplayedEvents) => void = () => {},
  ) {
    this.#createCore = createCore;
    this.#verification = verification;
    this.#onEvents = onEvents;
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

  /** Verifies and applies what was pushed, where it is enough for a batch. */
  async advance(): Promise<void> {
    await this.#reverification?.advance(BATCH_RECORDS);
    for (const [index, { waiting }] of this.#pools.entries())
      if (waiting.length >= BATCH_RECORDS) this.#apply(index);
  }

  async result(): Promise<ReplayResult> {
    this.#reader.end();
    await this.#reverification?.advance(1);
    for (const index of this.#pools.keys()) this.#apply(index);
    const header = this.#header as InputLogHeader;
    const trailer = this.#trailer as InputLogTrailer;
    this.#pools.forEach(({ next }, index) => {
      if (next !== trailer.records[index])
        throw new InputLogFault(
          `it holds ${next} records of pool ${header.pools[index]}, its trailer says ${trailer.records[index]}`,
        );
    });
    const digests = new Map(
      header.pools.map((pool, index) => [
        pool,
        this.#pools[index]?.clearing.digest() as Uint8Array,
      ]),
    );
    return {
      header,
      trailer,
      eventsHash: eventsHash(digests),
      records: this.#pools.reduce((sum, { next }) => sum + next, 0),
      events: this.#events,
      messages: this.#reverification?.messages ?? 0,
    };
  }

  #begin(header: InputLogHeader): void {
    this.#header = header;
    if (this.#verification) this.#reverification = new Reverification(header, this.#verification);
    this.#pools = header.pools.map(() => {
      const core = this.#createCore();
      return { core, clearing: createClearing(core), waiting: [], next: 0 };
    });
  }

  #take(index: number, value: Uint8Array): void {
    const pool = this.#pools[index];
    const name = this.#header?.pools[index];
    if (!pool || name === undefined) return;
    const place = `record ${pool.next} of pool ${name}`;
    refuseUnreadable(value, place, pool.next);
    this.#reverification?.take(name, value, place);
    pool.waiting.push({ position: pool.next++, value });
  }

  #apply(index: number): void {
    const pool = this.#pools[index];
    if (!pool) return;
    const { events, count } = pool.clearing.apply(pool.waiting);
    this.#events += count;
    pool.waiting = [];
    const name = this.#header?.pools[index] as string;
    const { core, clearing } = pool;
    this.#onEvents({ pool: name, events, directory: clearing.directory, core });
  }
}

/** A record must be readable, and the first one of a pool its genesis under the rules applied here. */
function refuseUnreadable(value: Uint8Array, place: string, position: number): void {
  try {
    const control = isControl(value) ? readControl(value) : null;
    if (!control) readVerified(value);
    if (position > 0) return;
    if (control?.kind !== 'genesis') throw new Error('expected the genesis');
    if (control.rulesVersion !== RULES_VERSION)
      throw new Error(
        `rules version ${control.rulesVersion}, this program applies ${RULES_VERSION}`,
      );
  } catch (error) {
    throw new InputLogFault(`${place} cannot be replayed: ${(error as Error).message}`);
  }
}
