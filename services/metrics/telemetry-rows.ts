import type { BatchTelemetry } from '../protocol/telemetry.ts';
import { clickHouseTime } from './rows.ts';

/** A row of `verifier_batches`. */
export function verifierRow(run: string, batch: BatchTelemetry) {
  return {
    run,
    time: clickHouseTime(batch.atMs),
    batch_size: batch.batchSize,
    valid: batch.valid,
    invalid: batch.invalid,
    duration_ns: batch.durationNs.toString(),
  };
}
