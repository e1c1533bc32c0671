import type { Message } from '../names/message.ts';

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
  /** Threads that verify beside the one that reads; 0: that one verifies. */
  readonly threads: number;
  /** Keys beyond the room of the verifier's tables. */
  readonly keysWithoutRoom: number;
}

/** What an earlier version did not say. */
const UNSAID = { threads: 0, keysWithoutRoom: 0 };

/** What of a notifier waits for the quorum of auditors, as a reader of its pool. */
export const FINAL_READER = 'final';

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
  /** Of the next record; of FINAL_READER the number of the last event that is told as final. Left out: not known. */
  readonly position?: number;
  /** Records of its topic still to be handled. */
  readonly lagRecords: number;
  /** For how long at least the first of them has been there, ms. */
  readonly lagMs: number;
  /** Handled since the sample before. */
  readonly records: number;
  /** Over what it has stopped, the kind of the error, or SHUT_DOWN; else empty. */
  readonly fault: string;
}

/** The last word of a service that was asked to end: it will be silent, and nothing is wrong with that. */
export const SHUT_DOWN = 'shutDown';

/** What a check of the analysis store against clearing's own totals found, of one pool. */
export interface ReconciliationTelemetry {
  readonly kind: 'reconciliation';
  /** When, ms. */
  readonly atMs: number;
  readonly pool: string;
  /** Of the last event that it went up to. */
  readonly eventNumber: number;
  /** Figures that were compared. */
  readonly figures: number;
  /** Of those that differ DIFFERENCES_MAX at most. */
  readonly differences: readonly FigureDifference[];
  readonly differencesCount: number;
}

/** Whole numbers as text, amounts in minor units; a figure of a currency ends in its code. */
export interface FigureDifference {
  readonly figure: string;
  /** By clearing's events. */
  readonly expected: string;
  /** In the store. */
  readonly found: string;
}

/** A message stays small, whatever is wrong. */
export const DIFFERENCES_MAX = 20;

/** How far a background check of one pool's input has come, and what it found. */
export interface ProofTelemetry {
  readonly kind: 'proof';
  /** When, ms. */
  readonly atMs: number;
  /** Which of the processes that check. */
  readonly instance: string;
  readonly pool: string;
  /** Records of its input that were read. */
  readonly records: number;
  /** Proofs made that held; a record may be proven more than once. */
  readonly proven: number;
  /** Records that are not proven. */
  readonly faults: number;
  /** Place, kind, sender and reason of the first of them; empty where there is none. */
  readonly firstFault: string;
  /** For how long the oldest record that was not checked yet has waited for it. */
  readonly uncheckedMs: number;
  /** When every record had been checked last, ms since 1970; 0: not yet. */
  readonly coveredAtMs: number;
}

/** How far the witnesses of the network's policy have cosigned a pool's log. Sizes are numbers of events. */
export interface CosignatureTelemetry {
  readonly kind: 'cosignatures';
  /** When, ms. */
  readonly atMs: number;
  /** Which of the gateways. */
  readonly instance: string;
  readonly pool: string;
  /** Of the log's newest checkpoint, and of the newest that the quorum cosigned. */
  readonly sealed: number;
  readonly cosigned: number;
  /** Of the checkpoint that has waited longest for the quorum, and for how long; 0: none waits. */
  readonly waiting: number;
  readonly waitingMs: number;
  /** Of the policy's witnesses the largest checkpoint of each; 0: none was seen. */
  readonly cosigners: readonly { readonly name: string; readonly size: number }[];
  /** Cosigned checkpoints that contradict the log, and the first of them; empty where there is none. */
  readonly forks: number;
  readonly firstFork: string;
}

/** Names of the witnesses whose cosignature of the checkpoint that waits longest was not seen. */
export const missingCosigners = ({ cosigners, waiting }: CosignatureTelemetry): string =>
  cosigners
    .filter(({ size }) => size < waiting)
    .map(({ name }) => name)
    .join(', ');

/** What a driven scenario does beside its payments, as it is planned: marks in the charts of its time. */
export interface ScenarioTelemetry {
  readonly kind: 'scenario';
  /** When it was said, ms. */
  readonly atMs: number;
  readonly events: readonly ScenarioEvent[];
}

export interface ScenarioEvent {
  /** Such as `outage`; of a change of liquidity the command's. */
  readonly kind: string;
  /** BIC. */
  readonly participant: string;
  /** State time, ms; the two are equal where it takes no time. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** A sentence without its end. */
  readonly text: string;
}

/** The newest alerts that a model of the watched flow has given of one pool (docs/watch.md). */
export interface WatchTelemetry {
  readonly kind: 'watch';
  /** When it was said, ms. */
  readonly atMs: number;
  readonly pool: string;
  /** SHA-256 of the model's file. */
  readonly model: string;
  /** The newest last, WATCH_ALERTS_TOLD at most. */
  readonly alerts: readonly PaymentAlert[];
}

/** A payment whose score is an alert of the model's. */
export interface PaymentAlert {
  /** When it was submitted, ms. */
  readonly atMs: number;
  readonly uetr: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly amountMinor: string;
  readonly score: number;
  /** In words, what moved the score most first. */
  readonly reasons: readonly string[];
}

/** A message stays small, however much comes in at once. */
export const WATCH_ALERTS_TOLD = 20;

/** How the scoring of one pool's payments goes: said again and again, and at once when it ends. */
export interface WatchStateTelemetry {
  readonly kind: 'watchState';
  /** When it was said, ms. */
  readonly atMs: number;
  readonly pool: string;
  /** SHA-256 of the model's file. */
  readonly model: string;
  /** Scored since the process that scores began. */
  readonly payments: number;
  /** Of those the ones submitted in the last hour, and the alerts of them. */
  readonly hourPayments: number;
  readonly hourAlerts: number;
  /** Why no payment is scored any more; empty: it goes on. */
  readonly ended: string;
}

/** Between two words on how the scoring goes. */
export const WATCH_SAID_MS = 5_000;

export type Telemetry =
  | BatchTelemetry
  | ServiceTelemetry
  | ReconciliationTelemetry
  | ProofTelemetry
  | CosignatureTelemetry
  | ScenarioTelemetry
  | WatchTelemetry
  | WatchStateTelemetry;

type Kind = Exclude<Telemetry, BatchTelemetry>['kind'];
const isOf =
  <K extends Kind>(kind: K) =>
  (telemetry: Telemetry): telemetry is Extract<Telemetry, { readonly kind: K }> =>
    'kind' in telemetry && telemetry.kind === kind;
export const isServiceTelemetry = isOf('service');
export const isReconciliation = isOf('reconciliation');
export const isProof = isOf('proof');
export const isCosignatures = isOf('cosignatures');
export const isScenarioTelemetry = isOf('scenario');
export const isWatchTelemetry = isOf('watch');
export const isWatchState = isOf('watchState');
export const isBatchTelemetry = (telemetry: Telemetry): telemetry is BatchTelemetry =>
  !('kind' in telemetry);

export const serviceTelemetryMessage = (sample: ServiceTelemetry): Message =>
  message(sample.service, sample.atMs, sample);

export const reconciliationMessage = (check: ReconciliationTelemetry): Message =>
  message('metrics', check.atMs, check);

export const proofMessage = (proof: ProofTelemetry): Message =>
  message('verifier', proof.atMs, proof);

export const cosignaturesTelemetry = (seen: CosignatureTelemetry): Message =>
  message('gateway', seen.atMs, seen);

export const scenarioMessage = (scenario: ScenarioTelemetry): Message =>
  message('scenario', scenario.atMs, scenario);

export const watchMessage = (watch: WatchTelemetry | WatchStateTelemetry): Message =>
  message('metrics', watch.atMs, watch);

export const telemetryMessage = (service: string, batch: BatchTelemetry): Message =>
  message(service, batch.atMs, { ...batch, durationNs: batch.durationNs.toString() });

const message = (key: string, timestampMs: number, body: object): Message => ({
  key,
  value: Buffer.from(JSON.stringify(body)),
  headers: { 'content-type': 'application/json' },
  timestampMs,
});

export function readTelemetry(value: Uint8Array): Telemetry {
  const body = JSON.parse(Buffer.from(value).toString('utf8'));
  return body.kind !== undefined
    ? body
    : { ...UNSAID, ...body, durationNs: BigInt(body.durationNs) };
}
