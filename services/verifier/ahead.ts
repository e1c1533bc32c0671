import { isPassing } from '../live/loop.ts';
import type { RunningService, ServiceContext } from '../live/ports.ts';

/**
 * How far a sender's messages are ahead of what its pool has settled and told. A pool's input is one line
 * to clearing and notifier: what stands in it stands before everybody who comes later. So of one sender
 * no more is written than a little ahead of what has been told, and the rest waits where turns are
 * fair (`lanes.ts`).
 *
 * Nobody is held up by services that are away: where nothing at all is told for a while, nothing
 * counts as ahead until something is; and what was written counts for a time at most.
 */

/** Of one sender at most; more than what a notifier tells between two commits. */
export const AHEAD_OF_SENDER = 128;
/** From here on the verifier asks how far a pool is. */
const ASKED_FROM = AHEAD_OF_SENDER / 2;
const LOOK_MS = 10;
const LOOK_STILL_MS = 100;
/** A pool that has told nothing for so long is not waited for. */
const STILL_MS = 1_000;
/** So long does a turn count at most: shorter than what a watchdog calls a stall. */
const COUNTS_MS = 5_000;

interface Turn {
  readonly senders: ReadonlyMap<string, number>;
  readonly writtenAtMs: number;
  /** In so many pools it is not told yet. */
  pools: number;
}

interface Pool {
  /** In the order in which they were written. */
  waiting: { readonly turn: Turn; readonly end: number }[];
  /** The first position of which it is not known that it is told. */
  told: number;
  movedAtMs: number;
  isStill: boolean;
  isAsked: boolean;
}

const newPool = (): Pool => ({
  ...{ waiting: [], told: 0, movedAtMs: Number.NEGATIVE_INFINITY },
  ...{ isStill: false, isAsked: false },
});

export interface Ahead extends RunningService {
  /** How many more of a sender may be written. */
  roomOf(sender: string): number;
  /**
   * A turn is in the log.
   * @param ends by pool: the position behind its last record
   */
  wrote(senders: ReadonlyMap<string, number>, ends: ReadonlyMap<string, number>): void;
}

export interface AheadOptions {
  /** The first position of a pool's input that is not told yet; null: none was ever told. */
  readonly toldIn: (pool: string) => Promise<number | null>;
  /** Somebody has room again who had none. */
  readonly onRoom: () => void;
}

export function startAhead(
  context: Pick<ServiceContext, 'elapsedMs' | 'pause' | 'logger'>,
  { toldIn, onRoom }: AheadOptions,
): Ahead {
  const { elapsedMs, pause, logger } = context;
  const pools = new Map<string, Pool>();
  const counts = new Map<string, number>();
  /** Who has more than ASKED_FROM. */
  const asked = new Set<string>();
  let isOver = false;
  /** Since when somebody asks without a rest. */
  let askingSinceMs = 0;
  let wake = () => {};

  const add = (sender: string, by: number) => {
    const count = (counts.get(sender) ?? 0) + by;
    if (count > 0) counts.set(sender, count);
    else counts.delete(sender);
    if (count > ASKED_FROM) asked.add(sender);
    else asked.delete(sender);
  };
  const leave = (turn: Turn) => {
    turn.pools -= 1;
    if (turn.pools === 0) for (const [sender, count] of turn.senders) add(sender, -count);
  };
  const release = (pool: Pool, isDone: (one: Pool['waiting'][number]) => boolean) => {
    let done = 0;
    for (const one of pool.waiting) {
      if (!isDone(one)) break;
      leave(one.turn);
      done += 1;
    }
    pool.waiting.splice(0, done);
  };

  /** What has been told, and what is not waited for any longer. */
  function settle(pool: Pool, told: number | null): void {
    const nowMs = elapsedMs();
    if (told !== null && told > pool.told) {
      pool.told = told;
      pool.movedAtMs = nowMs;
      pool.isStill = false;
    }
    release(pool, ({ end, turn }) => end <= pool.told || nowMs - turn.writtenAtMs > COUNTS_MS);
    const [first] = pool.waiting;
    const sinceMs = Math.max(pool.movedAtMs, first?.turn.writtenAtMs ?? nowMs, askingSinceMs);
    if (nowMs - sinceMs <= STILL_MS) return;
    pool.isStill = true;
    release(pool, () => true);
  }

  /** One answer at a time; a log that gives none holds nobody up. */
  function ask(name: string, pool: Pool): void {
    if (pool.isAsked) return;
    pool.isAsked = true;
    toldIn(name)
      .then((told) => settle(pool, told))
      .then(onRoom)
      .catch((error: Error) => {
        if (!isPassing(error)) giveUp(error);
      })
      .finally(() => {
        pool.isAsked = false;
      });
  }

  function giveUp({ message }: Error): void {
    if (isOver) return;
    isOver = true;
    logger.warn({ reason: message }, 'cannot ask what has been told: writes as fast as it can');
    for (const pool of pools.values()) release(pool, () => true);
    onRoom();
  }

  async function run(): Promise<void> {
    while (!isOver) {
      const isStill = [...pools.values()].some((pool) => pool.isStill);
      if (asked.size === 0 && !isStill) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        askingSinceMs = elapsedMs();
      }
      for (const [name, pool] of pools) {
        if (pool.waiting.length === 0 && !pool.isStill) continue;
        ask(name, pool);
        settle(pool, null);
      }
      onRoom();
      await pause(asked.size > 0 ? LOOK_MS : LOOK_STILL_MS);
    }
  }

  const done = run();
  return {
    done,
    roomOf: (sender) => AHEAD_OF_SENDER - (counts.get(sender) ?? 0),
    wrote(senders, ends) {
      if (isOver) return;
      const turn: Turn = { senders, writtenAtMs: elapsedMs(), pools: 0 };
      for (const [name, end] of ends) {
        const pool = pools.get(name) ?? newPool();
        pools.set(name, pool);
        if (pool.isStill) continue;
        pool.waiting.push({ turn, end });
        turn.pools += 1;
      }
      if (turn.pools === 0) return;
      for (const [sender, count] of senders) add(sender, count);
      if (asked.size > 0) wake();
    },
    async stop() {
      isOver = true;
      wake();
      await done;
    },
  };
}
