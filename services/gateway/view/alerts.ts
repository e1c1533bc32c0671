import type { Alert, Finality, PoolState, ServiceState, Totals, ViewCurrency } from './wire.ts';

/** What an alert is raised from; the same limits stand in docs/live-view.md. */
export interface AlertFigures {
  readonly nowMs: number;
  readonly pools: readonly PoolState[];
  readonly currencies: readonly ViewCurrency[];
  readonly finality: Finality;
  readonly totals: Totals;
  /** Of the last minute. */
  readonly rates: { readonly submitted: number; readonly rejected: number };
  /** The oldest payment that waits. */
  readonly oldest: {
    readonly sinceMs: number;
    readonly bic: string;
    readonly currency: string;
  } | null;
  /** Of the last run of a cycle that ended in a deadlock with payments still waiting. */
  readonly deadlock: {
    readonly pool: string;
    readonly number: number;
    readonly left: number;
  } | null;
  readonly services: readonly ServiceState[];
}

/** ms. */
export const FINALITY_P99_TARGET_MS = 1_000;
export const QUEUE_AGE_MAX_MS = 300_000;
export const LAG_MAX_MS = 5_000;
/** A service says every second how it is. */
export const SILENCE_MAX_MS = 10_000;
/** Of a minute's messages; below so many none counts as a spike. */
export const REJECTED_SHARE_MAX = 0.05;
const REJECTED_MIN = 20;

type Raised = Omit<Alert, 'sinceMs'>;

/** Alerts with the instants since which they stand. */
export class AlertBook {
  readonly #since = new Map<string, number>();

  /** What stands now, the critical first. */
  raise(figures: AlertFigures): Alert[] {
    const raised = [...ofHistory(figures), ...ofServices(figures), ...ofPayments(figures)];
    const ids = new Set(raised.map(({ id }) => id));
    for (const id of [...this.#since.keys()]) if (!ids.has(id)) this.#since.delete(id);
    for (const id of ids) if (!this.#since.has(id)) this.#since.set(id, figures.nowMs);
    return raised
      .map((alert) => ({ ...alert, sinceMs: this.#since.get(alert.id) as number }))
      .sort((a, b) => Number(a.severity !== 'critical') - Number(b.severity !== 'critical'));
  }
}

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

function ofServices({ services, nowMs }: AlertFigures): Raised[] {
  return services.flatMap((one): Raised[] => {
    const name = [one.service, one.reader].filter((part) => part !== '').join(' ');
    const id = `service/${one.instance}/${name}`;
    if (one.fault !== '')
      return [
        { id, severity: 'critical', title: `${name} has stopped`, detail: `Over: ${one.fault}.` },
      ];
    const silentMs = nowMs - one.atMs;
    if (silentMs > SILENCE_MAX_MS)
      return [
        {
          id,
          severity: 'warning',
          title: `${name} is silent`,
          detail: `It has not told how it is for more than ${SILENCE_MAX_MS / 1000} s.`,
        },
      ];
    if (!one.isReady)
      return [{ id, severity: 'critical', title: `${name} is not ready`, detail: 'See its log.' }];
    if (one.lagMs > LAG_MAX_MS)
      return [
        {
          id,
          severity: 'warning',
          title: `${name} lags`,
          detail: `Records have waited for it for more than ${LAG_MAX_MS / 1000} s.`,
        },
      ];
    return [];
  });
}

function ofPayments(figures: AlertFigures): Raised[] {
  const { finality, rates, oldest, deadlock, nowMs } = figures;
  const raised: Raised[] = [];
  const warn = (id: string, title: string, detail: string) =>
    raised.push({ id, severity: 'warning', title, detail });
  if (finality.p99 !== null && finality.p99 > FINALITY_P99_TARGET_MS)
    warn(
      'finality',
      'Time to finality is above its target',
      `p99 of the last minute is above ${FINALITY_P99_TARGET_MS / 1000} s, time in queues included.`,
    );
  if (rates.rejected >= REJECTED_MIN && rates.rejected > rates.submitted * REJECTED_SHARE_MAX)
    warn(
      'rejects',
      'Many payments are rejected',
      `More than ${REJECTED_SHARE_MAX * 100} % of the last minute's.`,
    );
  if (oldest && nowMs - oldest.sinceMs > QUEUE_AGE_MAX_MS)
    warn(
      'queueAge',
      'A payment has waited for long',
      `The oldest, of ${oldest.bic} in ${oldest.currency}, for more than ${QUEUE_AGE_MAX_MS / 60_000} minutes.`,
    );
  if (deadlock)
    warn(
      'deadlock',
      'Deadlock',
      `Cycle ${deadlock.number} of pool ${deadlock.pool} could settle none of what was queued: it waits for new money, or for more room under limits.`,
    );
  return raised;
}
