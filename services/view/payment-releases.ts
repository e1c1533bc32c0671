import type { SmallestInjection } from '../analysis/queues/money-to-release.ts';
import { type FoundRelease, ReleaseFinder } from '../analysis/queues/money-to-release-thread.ts';
import type { Logger } from '../live/service-context.ts';
import type { PoolView } from './pool-view.ts';
import type { ViewRelease } from './told-to-page.ts';

/** Between two times that releases are worked out, at least. */
export const RELEASE_PAUSE_MS = 1_000;
/** For all heads of a pool's queues together, and for one payment that somebody asks for. */
const HEADS_MS_MAX = 1_500;
const ONE_MS_MAX = 5_000;
/** A payment for which there was no time is not tried again for so long. */
const TRIED_MS = 30_000;

export interface ReleasesPorts {
  readonly view: PoolView;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** What would release payments of one pool: worked out beside the view, in bounded time. */
export class Releases {
  readonly #ports: ReleasesPorts;
  /** One each, so that who asks for a payment does not wait for the heads. */
  readonly #heads = new ReleaseFinder();
  readonly #asked = new ReleaseFinder();
  /** By position, when there was no time for it. */
  readonly #tried = new Map<number, number>();

  constructor(ports: ReleasesPorts) {
    this.#ports = ports;
  }

  /** Works out and tells the view what releases the heads of its queues, where something changed. */
  async tellHeads(): Promise<void> {
    const { view, nowMs } = this.#ports;
    const asked = view.headQuestions();
    if (!asked) return;
    const atMs = nowMs();
    const answers = await this.#find(this.#heads, asked, HEADS_MS_MAX);
    view.tellReleases(
      answers.map((one) => ({ ...one, release: releaseOf(one.found, atMs) })),
      nowMs(),
    );
  }

  /** Null: the payment stands in no queue. */
  async of(position: number): Promise<ViewRelease | null> {
    const { view, nowMs } = this.#ports;
    const asked = view.questionOf(position);
    if (!asked) return null;
    const atMs = nowMs();
    const triedMs = this.#tried.get(position);
    if (triedMs !== undefined && atMs - triedMs < TRIED_MS) return releaseOf(null, atMs);
    const [answer] = await this.#find(this.#asked, asked, ONE_MS_MAX);
    this.#tried.delete(position);
    if (answer?.found === null) this.#tried.set(position, nowMs());
    for (const [tried, sinceMs] of this.#tried)
      if (nowMs() - sinceMs >= TRIED_MS) this.#tried.delete(tried);
    return releaseOf(answer?.found ?? null, atMs);
  }

  async #find(
    finder: ReleaseFinder,
    { state, questions }: NonNullable<ReturnType<PoolView['headQuestions']>>,
    limitMs: number,
  ): Promise<readonly FoundRelease[]> {
    try {
      return await finder.find(state, questions, limitMs);
    } catch (error) {
      const { message, stack } = error as Error;
      this.#ports.logger.error(
        { reason: `${message}\n${stack}` },
        'a release could not be worked out',
      );
      return questions.map((one) => ({ ...one, found: null }));
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#heads.stop(), this.#asked.stop()]);
  }
}

function releaseOf(found: SmallestInjection | null, atMs: number): ViewRelease {
  if (found === null) return { kind: 'notKnown', why: 'time' };
  if (found.kind === 'unknown') return { kind: 'notKnown', why: 'rules' };
  if (found.kind === 'none') return { kind: 'none', atMs };
  return { kind: 'releases', amountMinor: String(found.amount), atMs };
}
