import type { LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { QUOTES } from '../protocol/names/topic-plan.ts';
import { type QuoteRecord, readQuoteMessage } from '../protocol/records/quote-record.ts';

/** A quote as the topic has it, with the event that made it so. */
export type ListedQuote = QuoteRecord & { readonly pool: string; readonly eventNumber: number };

type BoardLog = Pick<LogPort, 'read' | 'startOffset' | 'endOffset'>;

/** What can be paid at which quotes, from the topic `quotes`. It is read when somebody asks. */
export class QuoteBoard {
  readonly #log: BoardLog;
  readonly #quotes = new Map<string, ListedQuote>();
  #next = 0;

  constructor(log: BoardLog) {
    this.#log = log;
  }

  /** As the topic has them now, in the order of dealers and ids; `nowMs` by the gateway's clock. */
  async list(nowMs: number): Promise<ListedQuote[]> {
    await this.#readOn();
    return [...this.#quotes]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([, quote]) => (Number(quote.validUntilMs) < nowMs ? [] : [quote]));
  }

  /** Takes what the topic has now. */
  async #readOn(): Promise<void> {
    const end = await this.#log.endOffset(QUOTES, 0);
    const from = this.#next === 0 ? {} : { from: this.#next };
    for await (const record of recordsOf(this.#log, QUOTES, 0, { ...from, end })) {
      const { key, value, headers, logOffset } = record;
      // Somebody else may have read it meanwhile.
      if (logOffset < this.#next) continue;
      this.#next = logOffset + 1;
      const quote = readQuoteMessage(value);
      const { ce_pool: pool = '', ce_eventnumber: number = '0' } = headers;
      if (quote) this.#quotes.set(key ?? '', { ...quote, pool, eventNumber: Number(number) });
      else this.#quotes.delete(key ?? '');
    }
  }
}
