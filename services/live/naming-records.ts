import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { poolInput } from '../protocol/names/topic-plan.ts';
import {
  type ControlRecord,
  isNaming,
  type NamingRecord,
} from '../protocol/records/control-record.ts';
import { isControl, readControl } from '../protocol/records/input-record.ts';
import type { LoggedMessage, LogPort } from './service-context.ts';

/** Records read together: names come in rows, as in a genesis. */
const READ_RECORDS = 256;

/**
 * The records that gave names and keys, for a reader of events alone: events say which of them the
 * pool accepted, the input log what stands in them.
 */
export class NamingRecords {
  readonly #log: Pick<LogPort, 'read'>;
  readonly #topic: string;
  #read: readonly LoggedMessage[] = [];

  constructor(log: Pick<LogPort, 'read'>, pool: string) {
    this.#log = log;
    this.#topic = poolInput(pool);
  }

  /** The accepted ones among what caused these events, in order. */
  async of(events: readonly SettlementEvent[]): Promise<NamingRecord[]> {
    const found: NamingRecord[] = [];
    for (const { kind, position } of events) {
      if (!NAMING.has(kind)) continue;
      const { value } = await this.#at(position);
      const control = isControl(value) ? readControl(value) : null;
      if (control && isNaming(control)) found.push(control);
    }
    return found;
  }

  /** The commands that these events tell to be done, in order. */
  async commandsOf(events: readonly EventOf<'commanded'>[]): Promise<ControlRecord[]> {
    const found: ControlRecord[] = [];
    for (const { outcome, position } of events) {
      if (outcome !== 'done') continue;
      const { value } = await this.#at(position);
      if (isControl(value)) found.push(readControl(value));
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

/** Kinds of events that accept such a record. */
export const NAMING_EVENTS = ['participantAdded', 'currencyAdded', 'keyChanged'] as const;
const NAMING: ReadonlySet<string> = new Set(NAMING_EVENTS);
