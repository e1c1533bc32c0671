import { readEvent } from '../core/settlement/event-reader.ts';
import {
  EVENT_BYTES,
  EVENT_KINDS,
  EVENT_OFFSETS,
  type EventKind,
} from '../core/settlement/events.ts';
import { poolInput } from '../protocol/names/topics.ts';
import { isNaming, type NamingRecord } from '../protocol/records/control-record.ts';
import { isControl, readControl } from '../protocol/records/input-record.ts';
import type { LoggedMessage, LogPort } from './ports.ts';

/** Records read together: names come in rows, as in a genesis. */
const READ_RECORDS = 256;

/**
 * The records that gave names and keys, for a reader of events alone: events say which of them the
 * pool accepted, the input log what stands in them.
 */
export class NamingRecords {
  readonly #log: LogPort;
  readonly #topic: string;
  #read: readonly LoggedMessage[] = [];

  constructor(log: LogPort, pool: string) {
    this.#log = log;
    this.#topic = poolInput(pool);
  }

  /** The accepted ones among what caused these events, by the event's index, in order. */
  async of(events: Uint8Array): Promise<{ index: number; record: NamingRecord }[]> {
    const found: { index: number; record: NamingRecord }[] = [];
    const bytes = Buffer.from(events.buffer, events.byteOffset, events.length);
    for (let index = 0; index * EVENT_BYTES < bytes.length; index++) {
      if (!NAMING.has(bytes.readUInt16LE(index * EVENT_BYTES + EVENT_OFFSETS.kind))) continue;
      const { value } = await this.#at(readEvent(events, index).position);
      const control = isControl(value) ? readControl(value) : null;
      if (control && isNaming(control)) found.push({ index, record: control });
    }
    return found;
  }

  async #at(position: number): Promise<LoggedMessage> {
    const known = this.#read.find(({ logOffset }) => logOffset === position);
    if (known) return known;
    this.#read = await this.#log.read(this.#topic, 0, position, READ_RECORDS);
    const [first] = this.#read;
    if (first?.logOffset !== position)
      throw new Error(`${this.#topic} has no record at position ${position}, which events name`);
    return first;
  }
}

const KINDS: readonly EventKind[] = ['participantAdded', 'currencyAdded', 'keyChanged'];
const NAMING: ReadonlySet<number> = new Set(KINDS.map((kind) => EVENT_KINDS[kind]));
