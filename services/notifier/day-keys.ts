import { hash } from 'node:crypto';
import type { LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import type { Message } from '../protocol/names/message.ts';
import { DAY_KEYS } from '../protocol/names/topic-plan.ts';
import { SealFault } from './seal-fault.ts';

/** Where the keys of a log's days lie; nobody else has them but who is given a copy. */
export interface DayKeyFiles {
  /** The file's text; null: there is none. */
  read(day: string): string | null;
  /** Resolves when it is on the disk. What is there stays: another process was faster. */
  add(day: string, text: string): Promise<void>;
}

/** A line of the topic `daykeys`. */
interface DayKeyClaim {
  /** Such as 2026-03-16, in UTC. */
  readonly day: string;
  /** SHA-256, hex. */
  readonly digest: string;
}

const KEY_FILE = /^[0-9a-f]{64}\n$/;
const TAG = 'corridor/day-key/1';

/** What is told of a key before it is used: nobody finds the key by it. */
const digestOf = (key: Uint8Array): string =>
  hash('sha256', Buffer.concat([Buffer.from(TAG), key]), 'hex');

const claimMessage = (origin: string, claim: DayKeyClaim): Message => ({
  key: origin,
  value: Buffer.from(JSON.stringify(claim)),
  headers: { 'content-type': 'application/json' },
});

/**
 * The keys of a log's days. A day's key is used when the topic `daykeys` says that it is the day's, and the first that
 * it was said of is. So a log's tree follows from the events and that topic: whoever writes it, after a crash or beside
 * another, writes the same or stops.
 */
export class DayKeys {
  readonly #log: LogPort;
  readonly #origin: string;
  readonly #files: DayKeyFiles;
  readonly #newKey: () => Uint8Array;
  readonly #claims = new Map<string, string>();
  /** Of few days: of one whose file was deleted nothing is left here. */
  readonly #keys = new Map<string, Uint8Array>();
  #next = 0;

  /** @param newKey 32 random bytes */
  constructor(log: LogPort, origin: string, files: DayKeyFiles, newKey: () => Uint8Array) {
    this.#log = log;
    this.#origin = origin;
    this.#files = files;
    this.#newKey = newKey;
  }

  /** Of a day that `need` was asked for. */
  of(day: string): Uint8Array {
    const key = this.#keys.get(day);
    if (!key) throw new Error(`the key of ${day} was not asked for`);
    return key;
  }

  /** Null: it was not asked for, or its file was deleted. */
  known(day: string): Uint8Array | null {
    return this.#keys.get(day) ?? null;
  }

  /**
   * Holds that the keys of these days are there; makes one that never was.
   * @throws SealFault where one is lost, or is not that of the day
   */
  async need(days: readonly string[]): Promise<void> {
    const missing = days.filter((day) => !this.#keys.has(day));
    if (missing.length === 0) return;
    for (const day of [...this.#keys.keys()]) if (!days.includes(day)) this.#keys.delete(day);
    await this.#readClaims();
    for (const day of missing) this.#keys.set(day, await this.#keyOf(day));
  }

  /** Holds that the key is there of the last day that has one: it is deleted once another day is sealed. @throws SealFault */
  async needLast(): Promise<void> {
    await this.#readClaims();
    const last = [...this.#claims.keys()].at(-1);
    if (last !== undefined) await this.need([last]);
  }

  async #keyOf(day: string): Promise<Uint8Array> {
    const isClaimed = this.#claims.has(day);
    if (this.#files.read(day) === null) {
      if (isClaimed)
        throw new SealFault(
          `the key of ${day} of log ${this.#origin} was used before and is not in CORRIDOR_EVIDENCE_KEYS_FOLDER: put ${day}.key back, or stop this notifier, where another seals this pool`,
        );
      await this.#files.add(day, `${Buffer.from(this.#newKey()).toString('hex')}\n`);
    }
    const text = this.#files.read(day) ?? '';
    if (!KEY_FILE.test(text))
      throw new SealFault(
        `${day}.key in CORRIDOR_EVIDENCE_KEYS_FOLDER: expected 64 hex digits and the end of the line`,
      );
    const key = Buffer.from(text.trim(), 'hex');
    if (!isClaimed) {
      const claim = { day, digest: digestOf(key) };
      await this.#log.produce(DAY_KEYS, [claimMessage(this.#origin, claim)]);
      await this.#readClaims();
    }
    if (this.#claims.get(day) !== digestOf(key))
      throw new SealFault(
        `${day}.key in CORRIDOR_EVIDENCE_KEYS_FOLDER is not the key of ${day} that topic ${DAY_KEYS} says log ${this.#origin} has: another notifier seals this pool, or the file is another network's`,
      );
    return key;
  }

  async #readClaims(): Promise<void> {
    for await (const { key, value, logOffset } of recordsOf(this.#log, DAY_KEYS, 0, {
      from: this.#next,
    })) {
      this.#next = logOffset + 1;
      if (key !== this.#origin) continue;
      const { day, digest } = JSON.parse(Buffer.from(value).toString()) as DayKeyClaim;
      if (!this.#claims.has(day)) this.#claims.set(day, digest);
    }
  }
}
