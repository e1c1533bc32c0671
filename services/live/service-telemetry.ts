import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import {
  type ServiceTelemetry,
  SHUT_DOWN,
  serviceTelemetryMessage,
} from '../protocol/records/telemetry.ts';
import { isPassing } from './passing-faults.ts';
import type { RunningService, ServiceContext } from './service-context.ts';

const REPORT_MS = 1_000;

/** What a process says of its readers: those of services/platform's probes. */
type ReaderSample = Pick<
  ServiceTelemetry,
  'service' | 'reader' | 'isReady' | 'position' | 'lagRecords' | 'lagMs' | 'records'
>;

export interface SelfReportOptions {
  /** Which of the processes that run the same services. */
  readonly instance: string;
  readonly samples: () => readonly ReaderSample[];
}

/**
 * Runs services and says every second in `telemetry` how they are; where they stop over an error the
 * last samples name its kind, and where they are asked to stop the last say that. What cannot be written
 * is left out: the next second has the present.
 */
export function reporting(
  context: ServiceContext,
  running: RunningService,
  { instance, samples }: SelfReportOptions,
): RunningService {
  let stopping = false;
  let fault = '';
  const report = async () => {
    const atMs = context.nowMs();
    const messages = samples().map((sample) =>
      serviceTelemetryMessage({
        kind: 'service',
        atMs,
        instance,
        ...sample,
        isReady: sample.isReady && fault === '',
        fault,
      }),
    );
    if (messages.length > 0) await context.log.produce(TELEMETRY, messages);
  };
  const loop = async () => {
    while (!stopping) {
      await report().catch((error: unknown) => {
        if (!isPassing(error)) throw error;
      });
      await context.pause(REPORT_MS);
    }
  };
  const reports = loop();
  // A log that refuses for good ends the services by themselves; figures must not end them first.
  reports.catch((error: Error) =>
    context.logger.warn({ reason: error.message }, 'no more telemetry of the services'),
  );
  const done = running.done.catch(async (error: Error & { kind?: string }) => {
    fault = error.kind ?? error.name;
    await report().catch(() => {});
    throw error;
  });
  done.catch(() => {});
  return {
    done,
    async caughtUp() {
      await running.caughtUp?.();
    },
    async stop() {
      stopping = true;
      // First, so that metrics puts it into the store before it ends; a log that hangs is not waited for.
      if (fault === '') {
        fault = SHUT_DOWN;
        await Promise.race([report().catch(() => {}), context.pause(REPORT_MS)]);
      }
      await running.stop();
      await reports.catch(() => {});
    },
  };
}
