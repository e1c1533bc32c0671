import { startLoop } from '../live/retry-loop.ts';
import type { ConsumerProgress, RunningService, ServiceContext } from '../live/service-context.ts';
import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import { readTelemetry } from '../protocol/records/telemetry.ts';
import type { AnalysisStore } from './analysis-store.ts';
import { TopicRows } from './insert-topic-in-blocks.ts';
import { telemetryTables } from './telemetry-rows.ts';

const READ_RECORDS = 1_000;
/** Rows of a second go in together. */
const GATHER_MS = 1_000;

export interface TelemetryOptions {
  readonly run: string;
  readonly store: AnalysisStore;
}

/** Reads what services measured of themselves into the analysis store. */
export async function startTelemetry(
  context: ServiceContext,
  { run, store }: TelemetryOptions,
): Promise<RunningService & { readonly progress: ConsumerProgress }> {
  const rows = new TopicRows(context, {
    ...{ run, store, topic: TELEMETRY, recordsMax: READ_RECORDS },
    tablesOf: async (records) =>
      telemetryTables(
        run,
        records.map(({ value }) => readTelemetry(value)),
      ),
  });
  const { progress } = rows;
  const loop = startLoop(
    context,
    async (persistently) => {
      const count = await rows.step(persistently);
      if (count > 0 && count < READ_RECORDS) await context.pause(GATHER_MS);
    },
    async () => {},
    progress,
  );
  return {
    ...loop,
    progress,
    /** With the last words of services that are shut down together with it. */
    async stop() {
      await loop.caughtUp?.().finally(() => loop.stop());
      await loop.stop();
    },
  };
}
