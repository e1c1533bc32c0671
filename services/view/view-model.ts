import { ALERT_OF } from '../analysis/watch/alert-budgets.ts';
import { unprovenCheckpoint } from '../evidence/checkpoint.ts';
import { EvidenceFault } from '../evidence/signed-note.ts';
import { FINALITY_RANGE_MS, REJECTED_RANGE_MS, watchCaseFrom } from '../live/alert-thresholds.ts';
import type { CaseBook, CaseState } from '../live/case-book.ts';
import type { DrivePort } from '../live/drive-port.ts';
import type { Network } from '../live/network.ts';
import type { LoggedMessage } from '../live/service-context.ts';
import {
  type CosignatureTelemetry,
  FINAL_READER,
  isCosignatures,
  isProof,
  isReconciliation,
  isServiceTelemetry,
  isWatchState,
  isWatchTelemetry,
  type ProofTelemetry,
  type ReconciliationTelemetry,
  readTelemetry,
  WATCH_SAID_MS,
  type WatchStateTelemetry,
  type WatchTelemetry,
} from '../protocol/records/telemetry.ts';
import { AlertBook, criticalFirst } from './alert-book.ts';
import { CASE_ROWS, CYCLE_ROWS, FEED_ROWS, WATCHED_ROWS } from './lengths-of-feed-lists-charts.ts';
import type { Series } from './per-second-series.ts';
import type { PoolView } from './pool-view.ts';
import { ServiceBook } from './service-book.ts';
import type { SenderBook } from './silent-banks.ts';
import type {
  CosignedState,
  OpenCase,
  SealState,
  ServiceState,
  Totals,
  ViewDelta,
  ViewPool,
  ViewState,
  WatchedAlert,
  WatchState,
} from './told-to-page.ts';

/** Of a watch that is heard of no more it is not known whether it goes on. */
const WATCH_SILENT_MS = 6 * WATCH_SAID_MS;

/** A pool's fold, and how far it is. Alerts: alert-book.ts. How services are: service-book.ts. */
export interface FollowedPool {
  readonly view: PoolView;
  state(): Pick<ViewPool, 'pool' | 'events' | 'digest' | 'fault'>;
}

export interface ModelPorts {
  readonly network: Network;
  readonly version: string;
  readonly pools: readonly FollowedPool[];
  readonly series: Series;
  readonly senders: SenderBook;
  readonly cases: Pick<CaseBook, 'open'>;
  readonly nowMs: () => number;
  readonly drive: () => DrivePort | null;
}

/** The pools' folds, the services' telemetry and the driven scenario as one state for the page. */
export class ViewModel {
  readonly #ports: ModelPorts;
  readonly #alerts = new AlertBook();
  readonly #services = new ServiceBook();
  /** The last of each pool. */
  readonly #checks = new Map<string, ReconciliationTelemetry>();
  /** The last of each pool and process that checks. */
  readonly #proofs = new Map<string, ProofTelemetry>();
  /** The last of each pool and gateway. */
  readonly #cosignatures = new Map<string, CosignatureTelemetry>();
  /** Of each pool whose notifier waits for a quorum of auditors, the last event that it told as final. */
  readonly #final = new Map<string, number>();
  /** Of each pool, by the origin of its log. */
  readonly #sealed = new Map<string, SealState>();
  /** The newest first. */
  #watched: readonly WatchedAlert[] = [];
  /** The last of each pool. */
  readonly #watches = new Map<string, WatchStateTelemetry>();
  #told: Partial<Record<keyof ViewState, string>> = {};

  constructor(ports: ModelPorts) {
    this.#ports = ports;
  }

  /** Takes a message of the topic `telemetry`. */
  takeTelemetry(value: Uint8Array): void {
    const telemetry = readTelemetry(value);
    if (isReconciliation(telemetry)) this.#checks.set(telemetry.pool, telemetry);
    if (isProof(telemetry)) this.#proofs.set(`${telemetry.pool}/${telemetry.instance}`, telemetry);
    if (isCosignatures(telemetry))
      this.#cosignatures.set(`${telemetry.pool}/${telemetry.instance}`, telemetry);
    if (isWatchTelemetry(telemetry)) this.#takeWatched(telemetry);
    if (isWatchState(telemetry)) this.#watches.set(telemetry.pool, telemetry);
    if (!isServiceTelemetry(telemetry)) return;
    const { kind: _, ...sample } = telemetry;
    this.#services.take(sample);
    const { reader, position } = sample;
    // A notifier that begins anew tells again what it had not remembered.
    if (position !== undefined && reader.endsWith(`/${FINAL_READER}`))
      this.#final.set(reader, Math.max(position, this.#final.get(reader) ?? 0));
  }

  /** A block that comes again has its alerts again. */
  #takeWatched({ pool, model, alerts }: WatchTelemetry): void {
    const nameOf = (one: WatchedAlert) => `${one.pool} ${one.model} ${one.uetr} ${one.atMs}`;
    const all = [...alerts.map((one) => ({ pool, model, ...one })), ...this.#watched];
    const once = new Map(all.map((one) => [nameOf(one), one]));
    this.#watched = [...once.values()].sort((a, b) => b.atMs - a.atMs).slice(0, WATCHED_ROWS);
  }

  /** Takes a message of the topic `blocks`. */
  takeBlock({ key, value, timestampMs }: LoggedMessage): void {
    try {
      const { size } = unprovenCheckpoint(Buffer.from(value).toString());
      this.#sealed.set(key ?? '', { atMs: timestampMs, eventNumber: size });
    } catch (error) {
      // Whoever reads logs proves their notes: here it is told how far one is.
      if (!(error instanceof EvidenceFault)) throw error;
    }
  }

  snapshot(): ViewState {
    const { pools, series, network, version } = this.#ports;
    return {
      network: network.network,
      version,
      ...this.#present(),
      points: series.points(true),
      accounts: pools.flatMap(({ view }) => view.accounts(true)),
      corridors: pools.flatMap(({ view }) => view.corridors(true)),
      flows: pools.flatMap(({ view }) => view.flows(true)),
      feed: pools
        .flatMap(({ view }) => view.feed.rows(true))
        .sort((a, b) => a.atMs - b.atMs)
        .slice(-FEED_ROWS),
      cycles: pools
        .flatMap(({ view }) => view.cycles.rows(true))
        .sort((a, b) => a.atMs - b.atMs)
        .slice(-CYCLE_ROWS),
    };
  }

  /** What changed since the last call; always with the clock and the finality of the last minute. */
  delta(): ViewDelta {
    const { pools, series } = this.#ports;
    const { nowMs, finality, ...present } = this.#present();
    const delta: Record<string, unknown> = { nowMs, finality };
    for (const [member, value] of Object.entries(present)) {
      const text = JSON.stringify(value);
      if (text === this.#told[member as keyof ViewState]) continue;
      this.#told[member as keyof ViewState] = text;
      delta[member] = value;
    }
    const lists = {
      points: series.points(false),
      accounts: pools.flatMap(({ view }) => view.accounts(false)),
      corridors: pools.flatMap(({ view }) => view.corridors(false)),
      flows: pools.flatMap(({ view }) => view.flows(false)),
      feed: pools.flatMap(({ view }) => view.feed.rows(false)),
      cycles: pools.flatMap(({ view }) => view.cycles.rows(false)),
    };
    for (const [member, rows] of Object.entries(lists)) if (rows.length > 0) delta[member] = rows;
    this.#forgetChanges();
    return delta as ViewDelta;
  }

  /** In place of `delta` while nobody listens: forgets changes, and looks for alerts. */
  skip(): void {
    this.#present();
    this.#forgetChanges();
  }

  #forgetChanges(): void {
    this.#ports.series.forgetChanges();
    for (const { view } of this.#ports.pools) view.forgetChanges();
  }

  #present() {
    const { pools, series, senders, cases, nowMs, drive } = this.#ports;
    const open = cases.open().sort(criticalFirst);
    const now = nowMs();
    const totals = sumOf(pools.map(({ view }) => view.totals));
    const currencies = pools.flatMap(({ view }) => view.currencies());
    const finality = series.finality(now);
    const services = this.#services.states(now);
    const states = pools.map((pool) => this.#poolState(pool, now, services));
    const figures = {
      ...{ nowMs: now, pools: states, currencies, services },
      finality: series.sums(now, FINALITY_RANGE_MS / 1000),
      rejects: series.sums(now, REJECTED_RANGE_MS / 1000),
      silent: senders.silent(now),
      outages: senders.outages(now).map((outage) => ({
        ...outage,
        trapped: pools.flatMap(({ view }) => view.trappedAt(outage.bic)),
      })),
      queues: pools.flatMap(({ view }) => view.grownQueues(now)),
      credit: pools.flatMap(({ view }) => view.unusualCredit(now)),
      checks: [...this.#checks.values()],
      proofs: [...this.#proofs.values()],
      cosignatures: [...this.#cosignatures.values()],
      oldest: this.#oldest(),
      deadlocks: pools.flatMap(({ view }) => view.cycles.deadlocks),
    };
    return {
      nowMs: now,
      finality,
      participants: this.#participants(),
      currencies,
      pools: states,
      totals,
      alerts: this.#alerts.raise(figures),
      cases: open.slice(0, CASE_ROWS).map(openCase),
      openCases: open.length,
      watched: this.#watched,
      watches: [...this.#watches.values()]
        .filter(({ atMs }) => now - atMs <= WATCH_SILENT_MS)
        .map(watchState),
      services,
      chains: pools.flatMap(({ view }) => view.chains(now) ?? []),
      drive: drive()?.status() ?? null,
    };
  }

  #poolState(pool: FollowedPool, now: number, services: readonly ServiceState[]): ViewPool {
    const state = pool.state();
    const check = this.#checks.get(state.pool);
    const { logKey } = this.#ports.network.pools.find(({ name }) => name === state.pool) ?? {};
    return {
      ...state,
      final: this.#finalOf(state.pool, services),
      cycle: pool.view.cycle(now),
      check: check
        ? {
            ...{ atMs: check.atMs, eventNumber: check.eventNumber, figures: check.figures },
            differences: check.differencesCount,
          }
        : null,
      sealed: this.#sealed.get(logKey?.split('+')[0] ?? '') ?? null,
      cosigned: this.#cosignedState(state.pool),
    };
  }

  /** As it was while no notifier is there; one that has no such reader waits for nobody. */
  #finalOf(pool: string, services: readonly ServiceState[]): number | null {
    const reader = `${pool}/${FINAL_READER}`;
    const own = services.filter(
      (one) => one.service === 'notifier' && one.reader.startsWith(`${pool}/`),
    );
    if (own.length > 0 && !own.some((one) => one.reader === reader)) return null;
    return this.#final.get(reader) ?? null;
  }

  /** As the gateway saw it that was heard of last. */
  #cosignedState(pool: string): CosignedState | null {
    const own = [...this.#cosignatures.values()].filter((one) => one.pool === pool);
    const last = own.sort((a, b) => a.atMs - b.atMs).at(-1);
    if (!last) return null;
    const { atMs, cosigned, cosigners } = last;
    return { atMs, eventNumber: cosigned, cosigners };
  }

  #participants() {
    const all = this.#ports.pools.flatMap(({ view }) => view.directory.participants);
    return [...new Map(all.map((one) => [one.bic, one])).values()];
  }

  #oldest() {
    const waiting = this.#ports.pools.flatMap(({ view }) => view.oldest() ?? []);
    waiting.sort((a, b) => a.sinceMs - b.sinceMs);
    return waiting[0] ?? null;
  }
}

const watchState = ({ kind: _, atMs: __, ...state }: WatchStateTelemetry): WatchState => ({
  ...state,
  caseFrom: watchCaseFrom(state.hourPayments, ALERT_OF),
});

const openCase = (state: CaseState): OpenCase => {
  const { id, severity, title, summary, openedMs, stoppedMs, acknowledged, held } = state;
  return { id, severity, title, summary, openedMs, stoppedMs, acknowledged, held };
};

function sumOf(all: readonly Totals[]): Totals {
  const sum = {
    ...{ submitted: 0, settled: 0, rejected: 0, cancelled: 0, queued: 0, accepted: 0, repeated: 0 },
    byMechanism: {} as Record<string, number>,
    byReason: {} as Record<string, number>,
  };
  for (const one of all) {
    sum.submitted += one.submitted;
    sum.settled += one.settled;
    sum.rejected += one.rejected;
    sum.cancelled += one.cancelled;
    sum.queued += one.queued;
    sum.accepted += one.accepted;
    sum.repeated += one.repeated;
    for (const [name, count] of Object.entries(one.byMechanism))
      sum.byMechanism[name] = (sum.byMechanism[name] ?? 0) + count;
    for (const [name, count] of Object.entries(one.byReason))
      sum.byReason[name] = (sum.byReason[name] ?? 0) + count;
  }
  return sum;
}
