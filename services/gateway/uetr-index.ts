import type { LoggedMessage } from '../live/service-context.ts';

/**
 * The statuses of payments by UETR, for one question: what became of this payment? It holds what the
 * subscription brought, up to `bytesMax` of records; the payments first seen go first. For
 * each topic it knows from which offset on nothing is missing, so what it lacks is sought in the log
 * before that offset and nowhere else.
 */
export class UetrIndex {
  readonly #bytesMax: number;
  #bytes = 0;
  /** By topic and UETR, in the order in which they were first seen. */
  readonly #entries = new Map<string, Entry>();
  readonly #missingBefore = new Map<string, number>();
  /** By topic: the first record that was kept when the subscription began. */
  readonly #starts = new Map<string, number>();

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The subscription begins at this offset of a topic, which keeps records from `start` on. */
  begin(topic: string, start: number, logOffset: number): void {
    this.#starts.set(topic, start);
    this.#missingBefore.set(topic, logOffset);
  }

  /** Nothing that the topic holds is missing. */
  isWhole(topic: string): boolean {
    return this.missingBefore(topic) <= (this.#starts.get(topic) ?? 0);
  }

  /** What lies before this offset may be missing. */
  missingBefore(topic: string): number {
    return this.#missingBefore.get(topic) ?? 0;
  }

  /** @param valueBytes length of its value, which it may have to make first */
  take(topic: string, record: LoggedMessage, valueBytes = record.value.length): void {
    const { key } = record;
    if (key === null) return;
    const name = nameOf(topic, key);
    const entry = this.#entries.get(name);
    const bytes = valueBytes + ENTRY_BYTES;
    this.#bytes += bytes;
    if (entry) {
      entry.records.push(record);
      entry.bytes += bytes;
    } else this.#entries.set(name, { topic, records: [record], bytes });
    while (this.#bytes > this.#bytesMax) if (!this.#evict()) break;
  }

  /** The records under a UETR, in their order; null where there are none in memory. */
  find(topic: string, uetr: string): readonly LoggedMessage[] | null {
    return this.#entries.get(nameOf(topic, uetr))?.records ?? null;
  }

  #evict(): boolean {
    const first = this.#entries.entries().next();
    if (first.done) return false;
    const [name, { topic, records, bytes }] = first.value;
    this.#entries.delete(name);
    this.#bytes -= bytes;
    const last = records[records.length - 1] as LoggedMessage;
    this.#missingBefore.set(topic, Math.max(this.missingBefore(topic), last.logOffset + 1));
    return true;
  }
}

interface Entry {
  readonly topic: string;
  readonly records: LoggedMessage[];
  bytes: number;
}

/** What a record takes beside its value: objects, headers, keys; measured on Node 20. */
const ENTRY_BYTES = 600;

const nameOf = (topic: string, uetr: string): string => `${topic} ${uetr}`;
