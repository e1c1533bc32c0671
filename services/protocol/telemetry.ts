import type { Message } from './message.ts';

/**
 * The `telemetry` topic: figures about the work itself, such as how long a batch took. They are
 * measured, so they are in no event and no hash. Keyed by service; JSON.
 */
export interface BatchTelemetry {
  /** When, ms: virtual time in a simulation. */
  readonly atMs: number;
  readonly batchSize: number;
  readonly valid: number;
  readonly invalid: number;
  /** Time that the verifier took for the batch, ns. */
  readonly durationNs: bigint;
}

export function telemetryMessage(service: string, batch: BatchTelemetry): Message {
  const body = { ...batch, durationNs: batch.durationNs.toString() };
  return {
    key: service,
    value: Buffer.from(JSON.stringify(body)),
    headers: { 'content-type': 'application/json' },
    timestampMs: batch.atMs,
  };
}

export function readTelemetry(value: Uint8Array): BatchTelemetry {
  const body = JSON.parse(Buffer.from(value).toString('utf8'));
  return { ...body, durationNs: BigInt(body.durationNs) };
}
