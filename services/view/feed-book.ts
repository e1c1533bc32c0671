import type { Directory } from '../protocol/names/handles-to-names.ts';
import { eventPayment, type MessageEvent } from '../protocol/records/event-payment.ts';
import { FEED_ROWS } from './lengths-of-feed-lists-charts.ts';
import type { PaymentChange } from './open-payments-and-queues.ts';
import { type ScenarioClock, spanBetween } from './scenario-clock.ts';
import type { FeedRow } from './told-to-page.ts';

interface Entry {
  readonly event: MessageEvent;
  readonly change: PaymentChange;
  /** Rises with every change of any payment. */
  readonly turn: number;
}

/**
 * The last payments of one pool whose status changed, each once, the newest last. Rows are written
 * when they are asked for: of ten thousand changes a second the page is told a hundred.
 */
export class FeedBook {
  readonly #pool: string;
  readonly #directory: Directory;
  readonly #entries = new Map<number, Entry>();
  readonly #scenarioMs: ScenarioClock;
  #turn = 0;
  #told = 0;

  constructor(pool: string, directory: Directory, scenarioMs: ScenarioClock) {
    this.#pool = pool;
    this.#scenarioMs = scenarioMs;
    this.#directory = directory;
  }

  take(event: MessageEvent, change: PaymentChange): void {
    this.#turn += 1;
    this.#entries.delete(event.paymentPosition);
    this.#entries.set(event.paymentPosition, { event, change, turn: this.#turn });
    if (this.#entries.size <= FEED_ROWS) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest as number);
  }

  rows(all: boolean): FeedRow[] {
    return [...this.#entries.values()]
      .filter(({ turn }) => all || turn > this.#told)
      .map(({ event, change }) => this.#row(event, change));
  }

  forgetChanges(): void {
    this.#told = this.#turn;
  }

  #row(event: MessageEvent, { status, submittedAtMs }: PaymentChange): FeedRow {
    const { dealer: _, ...payment } = eventPayment(this.#directory, event);
    const afterScenarioMs = spanBetween(this.#scenarioMs, submittedAtMs, event.timeMs);
    return {
      ...payment,
      pool: this.#pool,
      eventNumber: event.number,
      position: event.paymentPosition,
      status,
      atMs: event.timeMs,
      afterMs: event.timeMs - submittedAtMs,
      ...(afterScenarioMs !== null && { afterScenarioMs }),
    };
  }
}
