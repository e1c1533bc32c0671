import { eventsOf } from '../core/settlement/event-reader.ts';
import { EventsFollower } from '../live/events-follower.ts';
import { NAMING_EVENTS, NamingRecords } from '../live/naming-records.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import { passingProblem } from '../protocol/names/http-problems.ts';
import { poolEvents } from '../protocol/names/topic-plan.ts';
import type { GatewayLog } from './log-port-and-try-later.ts';

/** Messages of events read together: between two reads the gateway does other work. */
const READ_MESSAGES = 8;
/** How long a question waits for the pool's history to be read up to now. */
const WAIT_MS = 2_000;

/**
 * The events of one pool for a book of the gateway's, with the names in them. They are read when somebody asks,
 * from where the last question ended: a gateway that nobody asks reads none.
 */
export class PoolHistory {
  readonly #pool: string;
  readonly #log: GatewayLog;
  readonly #take: (events: Uint8Array) => Promise<void>;
  readonly #follower: EventsFollower;
  readonly #naming: NamingRecords;
  readonly directory = new Directory();
  #next: number | null = null;
  /** Read, and not taken in yet: the follower hands events over once. */
  #pending: { readonly events: Uint8Array; readonly next: number } | null = null;
  #reading: Promise<void> | null = null;
  #isClosed = false;

  /** @param take takes in the events of some messages of the log, in their order and once, or fails having taken none */
  constructor(pool: string, log: GatewayLog, take: (events: Uint8Array) => Promise<void>) {
    this.#pool = pool;
    this.#log = log;
    this.#take = take;
    this.#follower = new EventsFollower(pool);
    this.#naming = new NamingRecords(log, pool);
  }

  /** Number of the last event that was taken in. */
  get count(): number {
    return this.#follower.count;
  }

  /** Reads no further; the reading at hand ends soon. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#reading?.catch(() => {});
  }

  /** @throws ProblemError where there is more to read than is read in two seconds: asked again it goes on */
  async readUpToNow(): Promise<void> {
    const end = await this.#log.endOffset(poolEvents(this.#pool), 0);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<true>((resolve) => {
      timer = setTimeout(resolve, WAIT_MS, true);
    });
    try {
      while ((this.#next ?? 0) < end) {
        if (this.#isClosed) throw passingProblem('logUnavailable', 'the gateway is closing');
        this.#reading ??= this.#read(end).finally(() => {
          this.#reading = null;
        });
        if (!(await Promise.race([this.#reading, late]))) continue;
        // Who asked goes; what is being read is not lost.
        this.#reading?.catch(() => {});
        throw passingProblem(
          'overloaded',
          `the events of pool ${this.#pool} are being read, up to number ${this.#follower.count} so far; ask again`,
        );
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(end: number): Promise<void> {
    const topic = poolEvents(this.#pool);
    this.#next ??= await this.#log.startOffset(topic, 0);
    while (this.#next < end && !this.#isClosed) {
      this.#pending ??= await this.#readOn(topic, this.#next);
      if (!this.#pending) {
        // What an offset stands for need not be a record.
        this.#next = end;
        return;
      }
      const { events, next } = this.#pending;
      const naming = eventsOf(events, ...NAMING_EVENTS);
      const named = naming.length > 0 ? await this.#naming.of(naming) : [];
      await this.#take(events);
      for (const record of named) this.directory.fold(record);
      this.#next = next;
      this.#pending = null;
    }
  }

  async #readOn(topic: string, from: number) {
    const records = await this.#log.read(topic, 0, from, READ_MESSAGES);
    const last = records[records.length - 1];
    if (!last) return null;
    const runs = records.map((record) => this.#follower.take(record));
    const events = runs.length === 1 ? (runs[0] as Uint8Array) : Buffer.concat(runs);
    return { events, next: last.logOffset + 1 };
  }
}
