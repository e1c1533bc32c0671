import type { LogFault, RunningService, ServiceContext } from './ports.ts';

/** How long an idle reader waits for its next record before it looks at anything else. */
export const IDLE_WAIT_MS = 200;
/** Between two attempts while the log cannot be reached or written. */
const RETRY_MS = 500;

/** Failures that end when the broker is back, or the disk has room again. */
const PASSING = new Set(['diskFull', 'unavailable', 'timedOut']);

export const isPassing = (error: unknown): error is LogFault =>
  error instanceof Error && PASSING.has((error as LogFault).kind);

/**
 * Runs `step` again and again until it is stopped. A failure of the log that may pass is logged once
 * and the step tried again: each step must find its way from what is in the log. Any other ends the
 * service.
 */
export function startLoop(
  context: ServiceContext,
  step: () => Promise<void>,
  end: () => Promise<void> = async () => {},
): RunningService {
  let stopping = false;
  let waiting = false;
  const run = async () => {
    while (!stopping)
      try {
        await step();
        if (waiting) context.logger.info({}, 'the log can be used again');
        waiting = false;
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (!waiting) context.logger.warn({ reason: error.message }, 'waiting for the log');
        waiting = true;
        await context.pause(RETRY_MS);
      }
    await end();
  };
  const done = run();
  done.catch(() => {});
  return {
    done,
    stop() {
      stopping = true;
      return done;
    },
  };
}

/** Several loops as one service: stopped together, and failed as soon as one fails. */
export function together(services: readonly RunningService[]): RunningService {
  const done = Promise.all(services.map((service) => service.done)).then(() => {});
  done.catch(() => {});
  return {
    done,
    async stop() {
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}
