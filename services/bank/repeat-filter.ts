import { type Headers, INTERIM_HEADER } from '../protocol/names/message-headers.ts';

/**
 * Drops what a bank has seen of its statuses or its deliveries: the notifier writes a message again
 * after a crash, with the same (pool, event number) and id. Numbers rise inside a pool and a topic; one
 * event may give several messages, each with an id of its own. What is told ahead of a final status comes before that of
 * earlier events: its numbers rise by themselves.
 */
export class RepeatFilter {
  /** By pool, with the ids that came under the number. */
  readonly #last = new Map<string, { readonly number: number; readonly ids: Set<string> }>();
  #dropped = 0;

  /** Messages that were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether the message is new; one that names no event is taken. */
  isNew(headers: Headers): boolean {
    const number = Number(headers.ce_eventnumber);
    if (headers.ce_pool === undefined || !Number.isSafeInteger(number)) return true;
    const pool = `${headers.ce_pool} ${headers[INTERIM_HEADER] ?? ''}`;
    const id = headers.ce_id ?? '';
    const last = this.#last.get(pool);
    if (last && (number < last.number || (number === last.number && last.ids.has(id)))) {
      this.#dropped += 1;
      return false;
    }
    if (last?.number === number) last.ids.add(id);
    else this.#last.set(pool, { number, ids: new Set([id]) });
    return true;
  }
}
