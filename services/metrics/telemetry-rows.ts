import {
  type BatchTelemetry,
  type CosignatureTelemetry,
  isBatchTelemetry,
  isCosignatures,
  isProof,
  isScenarioTelemetry,
  isServiceTelemetry,
  missingCosigners,
  type ProofTelemetry,
  type ScenarioEvent,
  type ServiceTelemetry,
  type Telemetry,
} from '../protocol/records/telemetry.ts';
import { clickHouseTime } from './store-rows.ts';

/** A row of `verifier_batches`. */
export function verifierRow(run: string, batch: BatchTelemetry) {
  return {
    run,
    time: clickHouseTime(batch.atMs),
    batch_size: batch.batchSize,
    valid: batch.valid,
    invalid: batch.invalid,
    duration_ns: batch.durationNs.toString(),
    threads: batch.threads,
    keys_without_room: batch.keysWithoutRoom,
  };
}

/** A row of `service_samples`. */
function serviceRow(run: string, sample: ServiceTelemetry) {
  return {
    run,
    time: clickHouseTime(sample.atMs),
    service: sample.service,
    instance: sample.instance,
    reader: sample.reader,
    is_ready: sample.isReady ? 1 : 0,
    lag_records: sample.lagRecords,
    lag_ms: sample.lagMs,
    records: sample.records,
    fault: sample.fault,
  };
}

/** A row of `log_proofs`. */
function proofRow(run: string, proof: ProofTelemetry) {
  return {
    run,
    time: clickHouseTime(proof.atMs),
    pool: proof.pool,
    instance: proof.instance,
    records: proof.records,
    proven: proof.proven,
    faults: proof.faults,
    first_fault: proof.firstFault,
    unchecked_ms: Math.round(proof.uncheckedMs),
    covered_time: clickHouseTime(proof.coveredAtMs),
  };
}

/** A row of `log_cosignatures`. */
export const cosignatureRow = (run: string, seen: CosignatureTelemetry) => ({
  run,
  time: clickHouseTime(seen.atMs),
  pool: seen.pool,
  instance: seen.instance,
  sealed: seen.sealed,
  cosigned: seen.cosigned,
  waiting_ms: Math.round(seen.waitingMs),
  missing: missingCosigners(seen),
  forks: seen.forks,
  first_fork: seen.firstFork,
});

/** A row of `scenario_events`. */
export const scenarioEventRow = (run: string, event: ScenarioEvent) => ({
  run,
  kind: event.kind,
  participant: event.participant,
  from_time: clickHouseTime(event.fromMs),
  until_time: clickHouseTime(event.untilMs),
  text: event.text,
});

/** The rows of messages of the telemetry topic by their table; what checks found has rows already. */
export function telemetryTables(
  run: string,
  telemetry: readonly Telemetry[],
): { readonly table: string; readonly rows: readonly object[] }[] {
  const samples = telemetry.filter(isServiceTelemetry);
  const cosignatures = telemetry.filter(isCosignatures);
  const batches = telemetry.filter(isBatchTelemetry);
  const events = telemetry.filter(isScenarioTelemetry).flatMap((scenario) => scenario.events);
  return [
    { table: 'verifier_batches', rows: batches.map((one) => verifierRow(run, one)) },
    { table: 'service_samples', rows: samples.map((one) => serviceRow(run, one)) },
    { table: 'log_proofs', rows: telemetry.filter(isProof).map((one) => proofRow(run, one)) },
    { table: 'log_cosignatures', rows: cosignatures.map((one) => cosignatureRow(run, one)) },
    { table: 'scenario_events', rows: events.map((one) => scenarioEventRow(run, one)) },
  ].filter(({ rows }) => rows.length > 0);
}
