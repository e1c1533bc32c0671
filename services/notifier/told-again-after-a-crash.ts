import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { DAY_KEYS, poolEvents } from '../protocol/names/topic-plan.ts';

/** The place is remembered so often at most; what comes between is told again after a crash. */
const REMEMBER_MS = 250;

export const notifierGroup = (pool: string) => `notifier.${pool}`;

/** Another process tells the banks of the pool: one of the two must be stopped. */
class SecondNotifier extends Error {
  override readonly name = 'SecondNotifier';
  readonly kind = 'notifierRuns';

  constructor(pool: string, cause: Error) {
    super(
      `another notifier tells the banks of pool ${pool}: end it, or this one: a network has one`,
      {
        cause,
      },
    );
  }
}

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

  /**
   * As the log has it from before, for this process alone while it is a member of the group. A group with a member takes
   * no word of whoever is none.
   * @returns rejects with SecondNotifier, as its `done` does, where another process is a member
   */
  async take(): Promise<RunningService> {
    const { log } = this.#context;
    const group = notifierGroup(this.#pool);
    const refuse = (error: Error & { readonly kind?: string }): never => {
      throw error.kind === 'groupInUse' ? new SecondNotifier(this.#pool, error) : error;
    };
    const topic = poolEvents(this.#pool);
    const find = async () => (await log.committed(group, topic, 0)) ?? 0;
    await log.commit(group, [{ topic, partition: 0, logOffset: await find() }]).catch(refuse);
    // A topic of one partition and few records: of the members that come together one has it.
    const holding = await log
      .subscribe({ group, topics: [DAY_KEYS], isSole: true, handle: async () => {} })
      .catch(refuse);
    this.#logOffset = await find();
    const done = holding.stopped.catch(refuse);
    done.catch(() => {});
    return { done, stop: () => holding.stop() };
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
