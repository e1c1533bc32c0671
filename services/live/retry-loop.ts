import { isPassing } from './passing-faults.ts';
import type { ConsumerProgress, RunningService, ServiceContext } from './service-context.ts';

/** How long an idle reader waits for its next record before it looks at anything else. */
export const IDLE_WAIT_MS = 200;
/** Between two attempts while the log cannot be reached or written. */
const RETRY_MS = 500;

/** A reader that has made no progress for so long is not waited for at the end. */
const CATCH_UP_MS = 3_000;
const CATCH_UP_LOOK_MS = 5;

/** The reason names what is away: the log, or the analysis store. */
const WAITS = 'waits, and tries again until it goes on';

/** For what a step has begun and cannot begin anew. */
export type Persistently = <T>(action: () => Promise<T>) => Promise<T>;

/**
 * Runs `step` again and again until it is stopped. A failure of the log that may pass is logged once
 * and the step tried again: each step must find its way from what is in the log. Any other ends the
 * service.
 * @param progress of the reader that the loop is
 */
export function startLoop(
  context: ServiceContext,
  step: (persistently: Persistently) => Promise<void>,
  end: () => Promise<void> = async () => {},
  progress?: ConsumerProgress,
): RunningService {
  let stopping = false;
  let waiting = false;
  const persistently: Persistently = (action) => persist(context, () => stopping, action);
  const run = async () => {
    while (!stopping)
      try {
        await step(persistently);
        if (waiting) context.logger.info({}, 'goes on');
        waiting = false;
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (!waiting) context.logger.warn({ reason: error.message }, WAITS);
        waiting = true;
        await context.pause(RETRY_MS);
      }
    await end();
  };
  const done = run();
  let over = false;
  done
    .catch(() => {})
    .then(() => {
      over = true;
    });
  return {
    done,
    async caughtUp() {
      if (progress) await catchUp(context, progress, () => over);
    },
    stop() {
      stopping = true;
      return done;
    },
  };
}

/** Resolves when the reader is where its log ended at the call, is over, or stands still. */
async function catchUp(
  { pause, elapsedMs }: ServiceContext,
  { position, end }: ConsumerProgress,
  over: () => boolean,
): Promise<void> {
  let goal: number;
  try {
    goal = await end();
  } catch (error) {
    if (isPassing(error)) return;
    throw error;
  }
  let last = position();
  let sinceMs = elapsedMs();
  while (!over() && (position() ?? goal) < goal && elapsedMs() - sinceMs < CATCH_UP_MS) {
    await pause(CATCH_UP_LOOK_MS);
    if (position() === last) continue;
    last = position();
    sinceMs = elapsedMs();
  }
}

/** Several loops as one service: stopped together, and failed as soon as one fails. */
export function together(services: readonly RunningService[]): RunningService {
  return asOne(services, async () => {
    const ends = await Promise.allSettled(services.map((service) => service.stop()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  });
}

/**
 * Services of which each reads what those before it write, as one: stopped in that order, each when
 * it has handled what was written for it.
 */
export function inOrder(services: readonly RunningService[]): RunningService {
  return asOne(services, async () => {
    const failures: unknown[] = [];
    for (const service of services)
      try {
        await service.caughtUp?.();
        await service.stop();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  });
}

function asOne(services: readonly RunningService[], stop: () => Promise<void>): RunningService {
  const done = Promise.all(services.map((service) => service.done)).then(() => {});
  done.catch(() => {});
  return {
    done,
    stop,
    async caughtUp() {
      await Promise.all(services.map((service) => service.caughtUp?.()));
    },
  };
}

/**
 * Does something to the log, again and again while it fails for what may pass: for the handlers of a
 * subscription, which end it by failing. Gives up, with the failure, once `stopping` says so.
 */
export async function persist<T>(
  context: Pick<ServiceContext, 'logger' | 'pause'>,
  stopping: () => boolean,
  action: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await action();
    } catch (error) {
      if (!isPassing(error) || stopping()) throw error;
      if (attempt === 1) context.logger.warn({ reason: error.message }, WAITS);
      await context.pause(RETRY_MS);
    }
}
