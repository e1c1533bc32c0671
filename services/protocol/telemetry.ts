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

/** How one reader of a service is: a sample about every second. */
export interface ServiceTelemetry {
  readonly kind: 'service';
  /** When, ms. */
  readonly atMs: number;
  readonly service: string;
  /** Which of its processes. */
  readonly instance: string;
  /** What it reads, `main` for a pool's; empty where it reads nothing. */
  readonly reader: string;
  readonly isReady: boolean;
  /** Records of its topic still to be handled. */
  readonly lagRecords: number;
  /** For how long at least the first of them has been there, ms. */
  readonly lagMs: number;
  /** Handled since the sample before. */
  readonly records: number;
  /** Over what it has stopped, the kind of the error; else empty. */
  readonly fault: string;
}

export type Telemetry = BatchTelemetry | ServiceTelemetry;

export const isServiceTelemetry = (telemetry: Telemetry): telemetry is ServiceTelemetry =>
  'kind' in telemetry;

export function serviceTelemetryMessage(sample: ServiceTelemetry): Message {
  return {
    key: sample.service,
    value: Buffer.from(JSON.stringify(sample)),
    headers: { 'content-type': 'application/json' },
    timestampMs: sample.atMs,
  };
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

export function readTelemetry(value: Uint8Array): Telemetry {
  const body = JSON.parse(Buffer.from(value).toString('utf8'));
  return body.kind === 'service' ? body : { ...body, durationNs: BigInt(body.durationNs) };
}
