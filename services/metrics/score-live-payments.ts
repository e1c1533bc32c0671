import { BadModel, WatchModel } from '../analysis/watch/watch-model.ts';
import {
  FEATURES,
  FlowWatch,
  WATCHED_TYPES,
  type WatchedPayment,
} from '../analysis/watch/watched-features.ts';
import { WATCH_RANGE_MS } from '../live/alert-thresholds.ts';
import { placedRecords } from '../live/input-records-by-position.ts';
import { isPassing } from '../live/passing-faults.ts';
import type { Persistently } from '../live/retry-loop.ts';
import type { ServiceContext } from '../live/service-context.ts';
import type { NamedAccounts } from '../protocol/messages/credit-transfer.ts';
import { customerAccounts } from '../protocol/messages/customer-accounts.ts';
import { CREDIT_TRANSFER } from '../protocol/messages/message-types.ts';
import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import { originalPayload } from '../protocol/records/input-record.ts';
import { WATCH_ALERTS_TOLD, WATCH_SAID_MS, watchMessage } from '../protocol/records/telemetry.ts';
import type { PaymentRecord } from './store-rows.ts';
import type { ScoredPayment } from './watch-score-rows.ts';

const WATCHED: ReadonlySet<string> = new Set(WATCHED_TYPES);
const NO_ACCOUNTS: NamedAccounts = { debtor: '', creditor: '' };
/** Payments that are scored at a stretch, as many as placedRecords reads: what else the process does has its turn in between. */
const STRETCH = 500;
/** So many payments tell which share of them names accounts. */
const SHARE_OF = 500;
/** So much the watches of a network hold in all (FlowWatch.held): 1 GB. */
export const WATCH_HELD_MAX = 4_000_000;
/** Of the training's payments with accounts: fewer say little of customers. */
const WITH_ACCOUNTS_MIN = 0.1;

/** @param features of the payment, until the next is told */
type Told = (payment: ScoredPayment['payment'], features: Float32Array) => void;
type WatchContext = Pick<
  ServiceContext,
  'elapsedMs' | 'figures' | 'log' | 'logger' | 'nowMs' | 'pause'
>;
const MINUTE_MS = 60_000;

/**
 * A model that is to score payments of a live network.
 * @throws BadModel saying what the file lacks
 */
export function liveModel(bytes: Uint8Array): WatchModel {
  const model = new WatchModel(bytes);
  const { withAccounts } = model.document;
  if (withAccounts < WITH_ACCOUNTS_MIN)
    throw new BadModel(
      `withAccounts ${withAccounts}: expected at least ${WITH_ACCOUNTS_MIN}, a model trained on payments that name the payer's account`,
    );
  return model;
}

/**
 * Scores a pool's payments as their rows are made, by the features of the payments before them. Of a payment the event has
 * all but the customers' accounts: its record in the pool's input has the message that names them. Where it would hold
 * more than it may, or fails, it ends and says so: nothing else depends on it.
 */
export class LiveWatch {
  readonly model: WatchModel;
  readonly #context: WatchContext;
  readonly #pool: string;
  readonly #heldMax: number;
  /** Null: it has ended. */
  #flow: FlowWatch | null = new FlowWatch();
  readonly #ended: (value: number) => void;
  /** Why it has ended. */
  #why = '';
  #payments = 0;
  #withAccounts = 0;
  #scored = 0;
  /** By the minute in which payments were submitted, since 1970: those that were scored, and the alerts of them. */
  readonly #minutes = new Map<number, { payments: number; alerts: number }>();
  #saidMs = Number.NEGATIVE_INFINITY;

  /** @param heldMax of FlowWatch.held */
  constructor(context: WatchContext, pool: string, model: WatchModel, heldMax = WATCH_HELD_MAX) {
    this.#context = context;
    this.#pool = pool;
    this.model = model;
    this.#heldMax = heldMax;
    this.#ended = context.figures.gauge(
      'corridor_watch_ended',
      '1 where the watch has ended, and payments have no scores',
    );
    this.#ended(0);
  }

  /** Takes payments in, in the order of their events, and says what the model says of each. */
  async score(
    rows: readonly PaymentRecord[],
    persistently: Persistently,
  ): Promise<ScoredPayment[]> {
    const scored: ScoredPayment[] = [];
    await this.#takeWhileItCan(rows, persistently, (payment, features) => {
      scored.push({ payment, ...this.model.judge(features) });
    });
    for (const one of scored) this.#countScored(one);
    return scored;
  }

  /** Takes payments in that have their scores. */
  learn(rows: readonly PaymentRecord[], persistently: Persistently): Promise<void> {
    return this.#takeWhileItCan(rows, persistently, () => {});
  }

  /** A word in `telemetry` for whoever looks on, where payments are alerts: the rows are in the store already. */
  async tell(scored: readonly ScoredPayment[]): Promise<void> {
    const alerts = scored.filter(({ isAlert }) => isAlert).slice(-WATCH_ALERTS_TOLD);
    if (alerts.length === 0) return;
    const { log, logger, nowMs } = this.#context;
    const message = watchMessage({
      ...{ kind: 'watch', atMs: nowMs(), pool: this.#pool, model: this.model.digest },
      alerts: alerts.map(({ payment, score, reasons }) => ({
        ...{ atMs: payment.timeMs, uetr: payment.uetr, debtor: payment.debtorAgent },
        ...{ creditor: payment.creditorAgent, currency: payment.currency, score },
        amountMinor: payment.amountMinor.toString(),
        reasons: reasons.map(({ says }) => says),
      })),
    });
    await log.produce(TELEMETRY, [message]).catch((error: Error) => {
      logger.warn({ reason: error.message }, 'alerts of the watch were not told');
    });
  }

  /** A word in `telemetry` on how it goes, now and then: whoever looks on cannot tell else why there are no alerts. */
  async say(): Promise<void> {
    const { elapsedMs, log, nowMs } = this.#context;
    if (elapsedMs() - this.#saidMs < WATCH_SAID_MS) return;
    this.#saidMs = elapsedMs();
    const atMs = nowMs();
    const [hourPayments, hourAlerts] = this.#lastHour(atMs);
    const message = watchMessage({
      ...{ kind: 'watchState', atMs, pool: this.#pool, model: this.model.digest },
      ...{ payments: this.#scored, hourPayments, hourAlerts, ended: this.#why },
    });
    // It is said again soon.
    await log.produce(TELEMETRY, [message]).catch(() => {});
  }

  /** Payments and alerts of the minutes that the rule of Grafana's file looks at. */
  #lastHour(atMs: number): [number, number] {
    let [payments, alerts] = [0, 0];
    for (const [minute, counts] of this.#minutes)
      if ((minute + 1) * MINUTE_MS <= atMs - WATCH_RANGE_MS) this.#minutes.delete(minute);
      else {
        payments += counts.payments;
        alerts += counts.alerts;
      }
    return [payments, alerts];
  }

  #countScored({ payment, isAlert }: ScoredPayment): void {
    this.#scored += 1;
    const minute = Math.floor(payment.timeMs / MINUTE_MS);
    const counts = this.#minutes.get(minute) ?? { payments: 0, alerts: 0 };
    this.#minutes.set(minute, counts);
    counts.payments += 1;
    if (isAlert) counts.alerts += 1;
  }

  /** Takes until it ends: a fault of the log that may pass is none of its own. */
  async #takeWhileItCan(
    rows: readonly PaymentRecord[],
    persistently: Persistently,
    told: Told,
  ): Promise<void> {
    if (this.#flow === null) return;
    try {
      await this.#take(this.#flow, rows, persistently, told);
    } catch (error) {
      if (isPassing(error)) throw error;
      this.#flow = null;
      this.#why = (error as Error).message;
      this.#saidMs = Number.NEGATIVE_INFINITY;
      this.#ended(1);
      this.#context.logger.error(
        { pool: this.#pool, model: this.model.digest, reason: this.#why },
        'the watch has ended: no payment is scored any more; all else goes on',
      );
    }
  }

  /** What is watched among rows of `payments`: each is told when its features are there. */
  async #take(
    flow: FlowWatch,
    rows: readonly PaymentRecord[],
    persistently: Persistently,
    told: Told,
  ): Promise<void> {
    const { log, pause } = this.#context;
    const features = new Float32Array(FEATURES.length);
    const watched = rows.filter(
      ({ is_first, currency, message_type }) =>
        is_first === 1 && currency !== '' && WATCHED.has(message_type),
    );
    for (let from = 0; from < watched.length; from += STRETCH) {
      const stretch = watched.slice(from, from + STRETCH);
      const named = stretch.filter(({ message_type }) => message_type === CREDIT_TRANSFER);
      const positions = named.map(({ payment_position }) => payment_position);
      const records = await persistently(() => placedRecords(log, this.#pool, positions));
      const accounts = new Map(
        records.map(({ position, value }) => [position, customerAccounts(originalPayload(value))]),
      );
      for (const row of stretch) {
        const payment = watchedPayment(row, accounts.get(row.payment_position) ?? NO_ACCOUNTS);
        if (flow.held >= this.#heldMax)
          throw new Error(`it holds ${this.#heldMax} payers, pairs and payments, the most it may`);
        features.set(flow.take(payment));
        this.#count(payment);
        told(payment, features);
      }
      await pause(0);
    }
  }

  /** Tells once where the model was trained on another kind of flow. */
  #count({ debtorAccount }: WatchedPayment): void {
    this.#payments += 1;
    if (debtorAccount !== '') this.#withAccounts += 1;
    if (this.#payments !== SHARE_OF) return;
    const share = this.#withAccounts / this.#payments;
    const { withAccounts: expected } = this.model.document;
    if (this.model.knowsShare(share)) return;
    const { digest } = this.model;
    this.#context.logger.warn(
      { pool: this.#pool, model: digest, share, expected },
      "another share of the payments names the payer's account than in the model's training: its scores tell that difference and little else",
    );
  }
}

const watchedPayment = (row: PaymentRecord, accounts: NamedAccounts): ScoredPayment['payment'] => ({
  pool: row.pool,
  uetr: row.uetr,
  timeMs: Date.parse(`${row.submitted_at}Z`),
  debtorAgent: row.debtor_agent,
  creditorAgent: row.creditor_agent,
  debtorAccount: accounts.debtor,
  creditorAccount: accounts.creditor,
  currency: row.currency,
  amountMinor: BigInt(row.amount_minor),
});
