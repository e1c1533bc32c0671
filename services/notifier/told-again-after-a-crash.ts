import type { ServiceContext } from '../live/service-context.ts';
import { poolEvents } from '../protocol/names/topic-plan.ts';

/** The place is remembered so often at most; what comes between is told again after a crash. */
const REMEMBER_MS = 250;

export const notifierGroup = (pool: string) => `notifier.${pool}`;

/**
 * Up to where a pool's events were told. It is remembered behind the telling: after a crash between the two what was told is
 * told again, with the same ids, and its reader drops it (bank/repeat-filter.ts).
 */
export class RememberedPlace {
  readonly #context: ServiceContext;
  readonly #pool: string;
  #logOffset = 0;
  #movedMs = 0;

  constructor(context: ServiceContext, pool: string) {
    this.#context = context;
    this.#pool = pool;
  }

  /** Offset behind the events that were told. */
  get logOffset(): number {
    return this.#logOffset;
  }

  get isDue(): boolean {
    return this.#context.elapsedMs() - this.#movedMs >= REMEMBER_MS;
  }

  /** As the log has it from before. */
  async find(): Promise<void> {
    const { log } = this.#context;
    this.#logOffset =
      (await log.committed(notifierGroup(this.#pool), poolEvents(this.#pool), 0)) ?? 0;
  }

  async moveTo(logOffset: number): Promise<void> {
    if (logOffset === this.#logOffset) return;
    const { log, reached, elapsedMs } = this.#context;
    reached('notifier.beforeCommit');
    await log.commit(notifierGroup(this.#pool), [
      { topic: poolEvents(this.#pool), partition: 0, logOffset },
    ]);
    reached('notifier.afterCommit');
    this.#logOffset = logOffset;
    this.#movedMs = elapsedMs();
  }
}
