import type { Shortage } from './queue-set.ts';
import type { QueuedPayment, QueueState } from './queue-state.ts';
import { resolve, resolvedCurrencies, shortagesOf } from './resolution.ts';
import { afterSettling } from './settled-state.ts';

/** An amount in minor units, as JSON has it. */
export type AmountText = `${bigint}` | string;

export interface CertifiedShortage {
  readonly by: Shortage['by'];
  readonly participant: string;
  readonly currency: string;
  /** Of a bilateral limit, else null. */
  readonly counterparty: string | null;
  readonly amount: AmountText;
}

export type CertifiedReason =
  | { readonly kind: 'short'; readonly shortage: CertifiedShortage }
  | { readonly kind: 'behind'; readonly participant: string; readonly currency: string }
  | { readonly kind: 'held' };

/**
 * What a run of a cycle had before it, what it settled, and why nothing more: whoever holds this can
 * check it without the resolver (certificate-check.ts) and without the log.
 */
export interface Certificate {
  readonly format: 'corridor-certificate-1';
  readonly cycle: number;
  readonly mechanism: string;
  /** The currencies whose queues it looked at. */
  readonly currencies: readonly string[];
  /** Nothing was queued, it settled payments, it could not settle any (deadlock), or only this mechanism could not (gridlock). */
  readonly outcome: 'nothingQueued' | 'resolved' | 'deadlock' | 'gridlock';
  readonly accounts: readonly {
    readonly participant: string;
    readonly currency: string;
    readonly balance: AmountText;
    readonly creditLine: AmountText;
    readonly reservedUrgent: AmountText;
    readonly reservedHigh: AmountText;
  }[];
  readonly limits: readonly {
    readonly participant: string;
    readonly currency: string;
    readonly counterparty: string | null;
    readonly limit: AmountText;
    readonly position: AmountText;
  }[];
  /** In entry order: a queue is its payments by class, then in this order. */
  readonly payments: readonly {
    readonly uetr: string;
    readonly priority: 'urgent' | 'high' | 'normal';
    readonly legs: readonly {
      readonly currency: string;
      readonly debtor: string;
      readonly creditor: string;
      readonly amount: AmountText;
    }[];
  }[];
  /** UETRs, in entry order. */
  readonly settled: readonly string[];
  /**
   * Why the set is the largest that respects the order: from everything that is queued, one payment
   * after another, each the last of its queue's part and its account short, or behind one that went.
   * Empty where the mechanism promises no such thing.
   */
  readonly drops: readonly { readonly uetr: string; readonly because: CertifiedReason }[];
  readonly isLargest: boolean;
  /** Of the first payment left in each queue: what it and all that must go with it leave short. */
  readonly heldUp: readonly {
    readonly uetr: string;
    readonly shortages: readonly CertifiedShortage[];
  }[];
}

/** How a certificate names what the core numbers. */
export interface Names {
  participant(handle: number): string;
  currency(handle: number): string;
}

/** A UETR from its 32 hexadecimal digits. */
export function uetrOf(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const PRIORITIES = ['urgent', 'high', 'normal'] as const;
const OUTCOMES = ['nothingQueued', 'resolved', 'deadlock', 'gridlock'] as const;
/** Mechanisms that settle the largest set that respects the queues' order. */
const LARGEST = ['gridlockResolution', 'partial'];

/** What a `cycled` event says of its run. */
export interface CycleRun {
  readonly cycle: number;
  readonly mechanism: string;
  /** The number of its outcome. */
  readonly outcome: number;
  /** The run's own currency; null for gridlock resolution, which joins all that do it. */
  readonly currency: number | null;
  /** Ids of what it settled. */
  readonly settled: readonly string[];
}

/** @param state the queues right before the run */
export function makeCertificate(state: QueueState, run: CycleRun, names: Names): Certificate {
  const currencies = run.currency === null ? resolvedCurrencies(state) : [run.currency];
  const isLargest = LARGEST.includes(run.mechanism);
  const { drops } = isLargest ? resolve(state, currencies) : { drops: [] };
  const shortage = (s: Shortage): CertifiedShortage => ({
    by: s.by,
    participant: names.participant(s.participant),
    currency: names.currency(s.currency),
    counterparty: s.counterparty === null ? null : names.participant(s.counterparty),
    amount: String(s.amount),
  });
  const settled = new Set(run.settled);
  const reason = (because: (typeof drops)[number]['because']): CertifiedReason => {
    if (because.kind === 'short') return { kind: 'short', shortage: shortage(because.shortage) };
    if (because.kind === 'held') return { kind: 'held' };
    const { participant, currency } = because;
    return {
      kind: 'behind',
      participant: names.participant(participant),
      currency: names.currency(currency),
    };
  };
  return {
    format: 'corridor-certificate-1',
    cycle: run.cycle,
    mechanism: run.mechanism,
    currencies: currencies.map((c) => names.currency(c)),
    outcome: OUTCOMES[run.outcome] ?? 'nothingQueued',
    ...describe(state, names),
    settled: state.payments.filter((p) => settled.has(p.id)).map((p) => uetrOf(p.id)),
    drops: drops.map(({ payment, because }) => ({
      uetr: uetrOf(payment.id),
      because: reason(because),
    })),
    isLargest,
    heldUp: heldUpAfter(state, settled).map(([payment, shortages]) => ({
      uetr: uetrOf(payment.id),
      shortages: shortages.map(shortage),
    })),
  };
}

function describe(
  state: QueueState,
  names: Names,
): Pick<Certificate, 'accounts' | 'limits' | 'payments'> {
  const { participant, currency } = names;
  return {
    accounts: state.accounts.map((a) => ({
      participant: participant(a.participant),
      currency: currency(a.currency),
      balance: String(a.balance),
      creditLine: String(a.creditLine),
      reservedUrgent: String(a.reserved[0]),
      reservedHigh: String(a.reserved[1]),
    })),
    limits: state.limits.map((l) => ({
      participant: participant(l.participant),
      currency: currency(l.currency),
      counterparty: l.counterparty === null ? null : participant(l.counterparty),
      limit: String(l.limit),
      position: String(l.position),
    })),
    payments: state.payments.map((p) => ({
      uetr: uetrOf(p.id),
      priority: PRIORITIES[p.priority] ?? 'normal',
      legs: p.legs.map((leg) => ({
        currency: currency(leg.currency),
        debtor: participant(leg.debtor),
        creditor: participant(leg.creditor),
        amount: String(leg.amount),
      })),
    })),
  };
}

/** Of the first payment left in each queue, once, what its closure leaves short. */
function heldUpAfter(
  state: QueueState,
  settled: ReadonlySet<string>,
): (readonly [QueuedPayment, Shortage[]])[] {
  const after = afterSettling(state, settled);
  const first = new Map<string, QueuedPayment>();
  for (const payment of [...after.payments].sort((a, b) => a.priority - b.priority))
    for (const leg of payment.legs) {
      const queue = `${leg.debtor}/${leg.currency}`;
      if (!first.has(queue)) first.set(queue, payment);
    }
  return [...new Set(first.values())].map((p) => [p, shortagesOf(after, p)] as const);
}
