// The alerts that stand, with their words. What is unusual: usual-queues.ts, usual-credit.ts and silent-banks.ts; from which
// figure on: live/alert-thresholds.ts.

import {
  BANK_OUTAGE_SHARE_MIN,
  BANK_SILENCE_MAX_MS,
  COSIGNATURE_WAIT_MAX_MS,
  CREDIT_USE_TIMES,
  FINALITY_LATE_SHARE_MAX,
  FINALITY_P99_TARGET_MS,
  FINALITY_RANGE_MS,
  LAG_MAX_MS,
  PROOF_RANGE_MS,
  QUEUE_AGE_MAX_MS,
  QUEUE_GROWN_TIMES,
  RECONCILIATION_RANGE_MS,
  REJECTED_MESSAGES_MIN,
  REJECTED_RANGE_MS,
  REJECTED_SHARE_MAX,
  SERVICE_SILENCE_MAX_MS,
} from '../live/alert-thresholds.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import {
  type CosignatureTelemetry,
  FINAL_READER,
  type FigureDifference,
  missingCosigners,
  type ProofTelemetry,
  type ReconciliationTelemetry,
} from '../protocol/records/telemetry.ts';
import type { Deadlock } from './cycle-book.ts';
import type { BankOutage } from './large-bank-outages.ts';
import type { SeriesSums } from './per-second-series.ts';
import type { SilentBank } from './silent-banks.ts';
import type { Alert, ServiceState, ViewCurrency, ViewPool } from './told-to-page.ts';
import type { TrappedMoney } from './trapped-money.ts';
import type { UnusualCredit } from './usual-credit.ts';
import type { GrownQueue } from './usual-queues.ts';

/** What an alert is raised from. Limits are those of Grafana's rules. */
export interface AlertFigures {
  readonly nowMs: number;
  readonly pools: readonly ViewPool[];
  readonly currencies: readonly ViewCurrency[];
  /** Of the last FINALITY_RANGE_MS, and of the last REJECTED_RANGE_MS. */
  readonly finality: Pick<SeriesSums, 'settled' | 'late'>;
  readonly rejects: Pick<SeriesSums, 'submitted' | 'rejected'>;
  /** Silent while others send. */
  readonly silent: readonly SilentBank[];
  readonly outages: readonly (BankOutage & { readonly trapped: readonly TrappedMoney[] })[];
  /** More waits than usual. */
  readonly queues: readonly GrownQueue[];
  /** Accounts that use more credit than usual. */
  readonly credit: readonly UnusualCredit[];
  /** The last check of each pool that was heard of. */
  readonly checks: readonly ReconciliationTelemetry[];
  /** The last word of each process that checks a pool's log. */
  readonly proofs: readonly ProofTelemetry[];
  /** The last word of each gateway on a pool's log. */
  readonly cosignatures: readonly CosignatureTelemetry[];
  /** The oldest payment that waits. */
  readonly oldest: {
    readonly sinceMs: number;
    readonly bic: string;
    readonly currency: string;
  } | null;
  readonly deadlocks: readonly Deadlock[];
  readonly services: readonly ServiceState[];
}

/** Differences that an alert spells out. */
const SPELLED_MAX = 5;
const MINUTE_MS = 60_000;
const minutes = (ms: number) => (ms === MINUTE_MS ? 'a minute' : `${ms / MINUTE_MS} minutes`);

/** Where its instant is not told, it stands since it was first raised. */
type Raised = Omit<Alert, 'sinceMs'> & { readonly sinceMs?: number };

/** Alerts with the instants since which they stand. */
export class AlertBook {
  readonly #since = new Map<string, number>();

  /** What stands now, the critical first. */
  raise(figures: AlertFigures): Alert[] {
    const raised = [
      ...ofHistory(figures),
      ...ofProofs(figures),
      ...ofForks(figures),
      ...ofCosignatures(figures),
      ...ofChecks(figures),
      ...ofServices(figures),
      ...ofPayments(figures),
      ...ofBanks(figures),
      ...ofOutages(figures),
      ...ofHabits(figures),
    ];
    const ids = new Set(raised.map(({ id }) => id));
    for (const id of [...this.#since.keys()]) if (!ids.has(id)) this.#since.delete(id);
    for (const id of ids) if (!this.#since.has(id)) this.#since.set(id, figures.nowMs);
    return raised
      .map((alert) => ({
        ...alert,
        sinceMs: alert.sinceMs ?? (this.#since.get(alert.id) as number),
      }))
      .sort(criticalFirst);
  }
}

/** What is as severe stays in its order. */
export const criticalFirst = (a: Pick<Alert, 'severity'>, b: Pick<Alert, 'severity'>): number =>
  Number(a.severity !== 'critical') - Number(b.severity !== 'critical');

function ofHistory({ pools, currencies }: AlertFigures): Raised[] {
  const broken = pools
    .filter(({ fault }) => fault !== null)
    .map(({ pool, fault }) => ({
      id: `chain/${pool}`,
      severity: 'critical' as const,
      title: `The history of pool ${pool} contradicts itself`,
      detail: fault ?? '',
    }));
  const lost = currencies
    .filter(({ isConserved }) => !isConserved)
    .map(({ code }) => ({
      id: `conservation/${code}`,
      severity: 'critical' as const,
      title: `Conservation of ${code} is broken`,
      detail: `The balances of ${code} do not add up to what was issued less what was redeemed.`,
    }));
  return [...broken, ...lost];
}

/** As Grafana's rules: of each pool what the process says that found most; nothing of one where none found any. */
function mostFound<Word extends { readonly pool: string; readonly atMs: number }>(
  words: readonly Word[],
  foundBy: (word: Word) => number,
  nowMs: number,
): Word[] {
  const most = new Map<string, Word>();
  for (const word of words) {
    const before = most.get(word.pool);
    if (nowMs - word.atMs <= PROOF_RANGE_MS && foundBy(word) > (before ? foundBy(before) : 0))
      most.set(word.pool, word);
  }
  return [...most.values()];
}

function ofProofs({ proofs, nowMs }: AlertFigures): Raised[] {
  return mostFound(proofs, ({ faults }) => faults, nowMs).map(({ pool, faults, firstFault }) => ({
    id: `proof/${pool}`,
    severity: 'critical' as const,
    title: `A record in the log of pool ${pool} is not proven`,
    detail: `${firstFault}${faults > 1 ? `, and ${faults - 1} more` : ''}. Somebody wrote past the services, and clearing settled it: corridor replay --log names each.`,
  }));
}

function ofForks({ cosignatures, nowMs }: AlertFigures): Raised[] {
  return mostFound(cosignatures, ({ forks }) => forks, nowMs).map(({ pool, forks, firstFork }) => ({
    id: `fork/${pool}`,
    severity: 'critical' as const,
    title: `The log of pool ${pool} was forked`,
    detail: `A witness cosigned ${firstFork}${forks > 1 ? `, and ${forks - 1} more` : ''}, which this log does not begin with: somebody has its key, or it was made anew.`,
  }));
}

/** As Grafana's rule: of each pool what the gateway says that waits least. */
function ofCosignatures({ cosignatures, nowMs }: AlertFigures): Raised[] {
  const least = new Map<string, CosignatureTelemetry>();
  for (const seen of cosignatures)
    if (
      nowMs - seen.atMs <= MINUTE_MS &&
      seen.waitingMs < (least.get(seen.pool)?.waitingMs ?? Number.POSITIVE_INFINITY)
    )
      least.set(seen.pool, seen);
  return [...least.values()]
    .filter(({ waitingMs }) => waitingMs > COSIGNATURE_WAIT_MAX_MS)
    .map((seen) => ({
      id: `cosignatures/${seen.pool}`,
      severity: 'warning' as const,
      title: `Cosignatures of the log of pool ${seen.pool} are missing`,
      detail: `A checkpoint has waited for the policy’s quorum for more than ${minutes(COSIGNATURE_WAIT_MAX_MS)}, and with it newer receipts. Not heard of: ${missingCosigners(seen)}.`,
    }));
}

/** As Grafana's rule: what the last check found stands until a later one, or for an hour. */
function ofChecks({ checks, currencies, nowMs }: AlertFigures): Raised[] {
  return checks
    .filter(({ atMs, differencesCount }) => differencesCount > 0 && isRecent(atMs, nowMs))
    .map(({ pool, differences, differencesCount }) => {
      const spelled = differences.slice(0, SPELLED_MAX).map((one) => spell(one, currencies));
      const more = differencesCount - spelled.length;
      return {
        id: `reconciliation/${pool}`,
        severity: 'critical' as const,
        title: `ClickHouse differs from clearing in pool ${pool}`,
        detail: `${[...spelled, ...(more > 0 ? [`and ${more} more figures`] : [])].join('; ')}. Settlement is not affected.`,
      };
    });
}

const isRecent = (atMs: number, nowMs: number) => nowMs - atMs <= RECONCILIATION_RANGE_MS;

/** What differs and by how much; amounts in the currency's own units. */
function spell(
  { figure, expected, found }: FigureDifference,
  currencies: readonly ViewCurrency[],
): string {
  const [, code] = / (\S+)$/.exec(figure) ?? [];
  const decimals = decimalsOf(code ?? '', currencies);
  const [left, right] = [BigInt(found), BigInt(expected)];
  const text = (value: bigint) => grouped(value, decimals);
  const by = left > right ? `${text(left - right)} too much` : `${text(right - left)} too little`;
  return `${figure}: ${text(left)} in ClickHouse, ${text(right)} by clearing’s events, ${by}`;
}

/** As the page writes money: 1,234.56. */
function grouped(value: bigint, decimals: number): string {
  const [whole = '', fraction] = amountText(value, decimals).replace('-', '−').split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

/** Banks that stopped sending while others went on. */
function ofBanks({ silent }: AlertFigures): Raised[] {
  return silent.map(({ bic, latestMs }) => ({
    id: `silence/${bic}`,
    severity: 'warning' as const,
    title: `${bic} is silent`,
    detail: `It has sent nothing since ${new Date(latestMs).toISOString().slice(11, 16)} UTC, for more than ${minutes(BANK_SILENCE_MAX_MS)} in which others sent in a currency in which it sends.`,
  }));
}

/** Names of those who wait that an alert spells out. */
const WAITING_MAX = 5;

function ofOutages({ outages, currencies }: AlertFigures): Raised[] {
  return outages.map(({ bic, latestMs, trapped }) => {
    const money = trapped.map(
      ({ currency, amount }) => `${currency} ${grouped(amount, decimalsOf(currency, currencies))}`,
    );
    const waiting = new Map<string, number>();
    for (const one of trapped.flatMap((each) => each.waiting))
      waiting.set(one.bic, (waiting.get(one.bic) ?? 0) + one.payments);
    const most = [...waiting].sort(([, a], [, b]) => b - a);
    const names = most.slice(0, WAITING_MAX).map(([name, payments]) => `${name} (${payments})`);
    const more = most.length > WAITING_MAX ? `, and ${most.length - WAITING_MAX} more` : '';
    return {
      id: `outage/${bic}`,
      severity: 'critical' as const,
      title: `${bic} does not send`,
      detail: `A large bank: ${BANK_OUTAGE_SHARE_MIN * 100} % of a currency’s value or more is its own. Its last message was at ${new Date(latestMs).toISOString().slice(0, 16).replace('T', ' ')} UTC. On each of the days before it sent at this time while others did.`,
      figures: `${money.length > 0 ? `Came in since and stays there: ${money.join(', ')}.` : 'Nothing came in since that stays there.'}${names.length > 0 ? ` Payments wait of ${names.join(', ')}${more}.` : ''}`,
    };
  });
}

/** Against what is usual on other days. */
function ofHabits({ queues, credit, currencies }: AlertFigures): Raised[] {
  return [
    ...queues.map(({ currency, waiting, usual }) => ({
      id: `queue/${currency}`,
      severity: 'warning' as const,
      title: `The queue in ${currency} grows against its usual shape`,
      detail: `More than ${QUEUE_GROWN_TIMES} times as many payments wait as usually at this time of day, and more than a quarter of an hour ago.`,
      figures: `${waiting} wait, usually ${usual} at most.`,
    })),
    ...credit.map(({ bic, currency, used, usual }) => {
      const text = (value: bigint) => grouped(value, decimalsOf(currency, currencies));
      return {
        id: `credit/${bic}/${currency}`,
        severity: 'warning' as const,
        title: `${bic} uses unusually much credit in ${currency}`,
        detail: `More than ${CREDIT_USE_TIMES} times as much as it usually draws at most on a day.`,
        figures: `${text(used)} drawn, usually ${text(usual)} at most.`,
      };
    }),
  ];
}

const decimalsOf = (code: string, currencies: readonly ViewCurrency[]): number =>
  currencies.find((one) => one.code === code)?.minorUnits ?? 0;

function ofServices({ services }: AlertFigures): Raised[] {
  return services.flatMap((one): Raised[] => {
    const name = [one.service, one.reader].filter((part) => part !== '').join(' ');
    const id = `service/${one.instance}/${name}`;
    const raised = (severity: Alert['severity'], what: string, detail: string): Raised[] => [
      { id, severity, title: `${name} ${what}`, detail },
    ];
    if (one.state === 'stopped') return raised('critical', 'has stopped', `Over: ${one.fault}.`);
    if (one.state === 'silent') {
      const silence = `${SERVICE_SILENCE_MAX_MS / 1000} s`;
      return raised('warning', 'is silent', `It has not told how it is for more than ${silence}.`);
    }
    if (one.state === 'notReady') return raised('critical', 'is not ready', 'See its log.');
    if (one.lagMs > LAG_MAX_MS) {
      const lag = `${LAG_MAX_MS / 1000} s`;
      if (one.reader.endsWith(`/${FINAL_READER}`))
        return raised(
          'warning',
          'waits for the quorum of auditors',
          `What settled more than ${lag} ago is not final yet: too few auditors have agreed to it.`,
        );
      return raised('warning', 'lags', `Records have waited for it for more than ${lag}.`);
    }
    return [];
  });
}

function ofPayments(figures: AlertFigures): Raised[] {
  const { finality, rejects, oldest, deadlocks, nowMs } = figures;
  const raised: Raised[] = [];
  const warn = (id: string, title: string, detail: string, sinceMs?: number) =>
    raised.push({ id, severity: 'warning', title, detail, ...(sinceMs && { sinceMs }) });
  if (finality.late / finality.settled > FINALITY_LATE_SHARE_MAX)
    warn(
      'finality',
      'Time to finality is above its target',
      `p99 of the last ${minutes(FINALITY_RANGE_MS)} is above ${minutes(FINALITY_P99_TARGET_MS)}, time in queues included.`,
    );
  const { submitted, rejected } = rejects;
  if (submitted >= REJECTED_MESSAGES_MIN && rejected > submitted * REJECTED_SHARE_MAX)
    warn(
      'rejects',
      'Many messages are rejected',
      `More than ${REJECTED_SHARE_MAX * 100} % of those of the last ${minutes(REJECTED_RANGE_MS)}.`,
    );
  if (oldest && nowMs - oldest.sinceMs > QUEUE_AGE_MAX_MS)
    warn(
      'queueAge',
      'A payment has waited for long',
      `The oldest, of ${oldest.bic} in ${oldest.currency}, for more than ${minutes(QUEUE_AGE_MAX_MS)}.`,
      oldest.sinceMs + QUEUE_AGE_MAX_MS,
    );
  // Nothing in the text changes while it stands: a screen reader speaks whatever does.
  for (const { pool, currency, sinceMs } of deadlocks)
    warn(
      `deadlock/${pool}/${currency}`,
      'Deadlock',
      `Cycles of pool ${pool}${currency && ` in ${currency}`} can settle none of what is queued: it waits for new money, a higher credit line, or more room under limits.`,
      sinceMs,
    );
  return raised;
}
