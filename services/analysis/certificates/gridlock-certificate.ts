import type { GrossOutcome } from '../../core/settlement/events.ts';
import type { QueuedPayment, QueueState } from '../../core/settlement/queue-state.ts';
import type { CycleMechanism } from '../../core/settlement/records.ts';
import { PRIORITIES } from '../../protocol/messages/priorities.ts';
import { type AccountKey, accountKey } from '../ledger.ts';
import {
  type Drop,
  holdsChains,
  resolve,
  resolvedCurrencies,
  shortagesOfEach,
} from '../queues/gridlock-resolution.ts';
import {
  leastPossible,
  moreThanEnough,
  smallestInjection,
  whatIf,
  withoutReservations,
} from '../queues/money-to-release.ts';
import { type AccountName, byClass, type Shortage } from '../queues/queue-set.ts';
import { afterSettling } from '../queues/settled-state.ts';
import {
  type Certificate,
  type CertificateBase,
  type CertifiedDrop,
  type CertifiedPayment,
  type CertifiedRelease,
  type CertifiedShortage,
  sealed,
} from './certificate-format.ts';

/** How a certificate names what the core numbers: a handle has one name for good. */
export interface CertificateNames {
  participant(handle: number): string;
  currency(handle: number): string;
  /** UETR of the other leg where the payment is a matched pair, else null. */
  pairedWith(payment: Pick<QueuedPayment, 'position'>): string | null;
}

/** Where in a pool's history a state stands. */
export type CertifiedPlace = Omit<CertificateBase, 'digest'>;

/** What a `cycled` event says of its run. */
export interface CycleRun {
  readonly cycle: number;
  readonly mechanism: CycleMechanism;
  readonly outcome: GrossOutcome;
  /** The run's own currency; null for gridlock resolution, which joins all that do it. */
  readonly currency: number | null;
  /** Positions of the payments that it settled. */
  readonly settled: readonly number[];
}

/** A UETR from its 32 hexadecimal digits. */
export function uetrOf(id: string): string {
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
}

/**
 * The certificate of a run over queues.
 * @param state the queues right before the run
 */
export const certifyRun = (
  state: QueueState,
  run: CycleRun,
  place: CertifiedPlace,
  names: CertificateNames,
): Certificate => sealed(contentOfRun(state, run, place, names));

/** The certificate of a run without its digest, for whoever puts more into it. */
export function contentOfRun(
  state: QueueState,
  run: CycleRun,
  place: CertifiedPlace,
  names: CertificateNames,
): Omit<Certificate, 'digest'> {
  const currencies = run.currency === null ? resolvedCurrencies(state) : [run.currency];
  const settled = new Set(run.settled);
  const after = afterSettling(state, settled);
  return {
    ...head(state, run.mechanism, currencies, place, names),
    cycle: run.cycle,
    mechanism: run.mechanism,
    outcome: run.outcome,
    settled: positionsOf(state, (p) => settled.has(p.position)),
    heldUp: heldUp(after, firstOfQueues(after), names),
    asked: null,
    release: null,
  };
}

/**
 * The certificate of a state: what gridlock resolution could settle of it, and what holds a payment.
 * @param asked a queued payment and the account into which money would come
 */
export function certifyState(
  state: QueueState,
  asked: { readonly payment: QueuedPayment; readonly account: AccountName },
  place: CertifiedPlace,
  names: CertificateNames,
): Certificate {
  const { position } = asked.payment;
  const payment = state.payments.find((p) => p.position === position);
  if (payment === undefined) throw new Error(`payment ${position} is not queued`);
  const resolved = resolvedCurrencies(state);
  const currencies = resolved.length > 0 ? resolved : state.mechanisms.map((_, c) => c);
  const told = new Set([...firstOfQueues(state), payment]);
  return sealed({
    ...head(state, 'gridlockResolution', currencies, place, names),
    cycle: null,
    mechanism: 'gridlockResolution',
    outcome: null,
    settled: [],
    heldUp: heldUp(state, told, names),
    asked: position,
    release: releaseOf(state, payment, asked.account, names),
  });
}

function head(
  state: QueueState,
  mechanism: CycleMechanism,
  currencies: readonly number[],
  place: CertifiedPlace,
  names: CertificateNames,
): Pick<
  Certificate,
  | 'format'
  | keyof CertifiedPlace
  | 'currencies'
  | 'rules'
  | 'accounts'
  | 'valuations'
  | 'crossLimits'
  | 'limits'
  | 'payments'
  | 'largest'
  | 'drops'
> {
  const areHeld = holdsChains(mechanism);
  const { settled, drops } = resolve(state, currencies, undefined, undefined, areHeld);
  return {
    format: 'corridor-certificate-1',
    ...place,
    currencies: currencies.map((c) => names.currency(c)),
    ...describe(state, names),
    largest: positionsOf(state, (p) => settled.has(p)),
    drops: drops.map((drop) => certifiedDrop(drop, names)),
  };
}

const positionsOf = (state: QueueState, isIn: (payment: QueuedPayment) => boolean): number[] =>
  state.payments.filter(isIn).map((p) => p.position);

/** What the core numbers, by name. */
export const certifiedShortage = (s: Shortage, names: CertificateNames): CertifiedShortage => ({
  amount: String(s.amount),
  by: s.by,
  counterparty: s.counterparty === null ? null : names.participant(s.counterparty),
  currency: names.currency(s.currency),
  participant: names.participant(s.participant),
});

function certifiedDrop({ payment, because }: Drop, names: CertificateNames): CertifiedDrop {
  const { position } = payment;
  if (because.kind === 'held') return { because: { kind: 'held' }, payment: position };
  if (because.kind === 'short') {
    const shortage = certifiedShortage(because.shortage, names);
    return { because: { kind: 'short', shortage }, payment: position };
  }
  const participant = names.participant(because.participant);
  const currency = names.currency(because.currency);
  return { because: { currency, kind: 'behind', participant }, payment: position };
}

/** The tables of a certificate. */
export function describe(
  state: QueueState,
  names: CertificateNames,
): Pick<Certificate, 'rules' | 'accounts' | 'limits' | 'valuations' | 'crossLimits' | 'payments'> {
  const { participant, currency } = names;
  const text = (amount: bigint | null): string | null => (amount === null ? null : String(amount));
  return {
    rules: state.mechanisms.map((mechanism, c) => ({
      bypasses: state.bypasses[c] === true,
      currency: currency(c),
      mechanism,
      offsets: state.offsets[c] === true,
    })),
    valuations:
      state.crossLimits.length === 0
        ? []
        : state.valuations.map(({ weight, haircutBps }, c) => ({
            currency: currency(c),
            haircutBps: String(haircutBps),
            weight: String(weight),
          })),
    crossLimits: state.crossLimits.map((l) => ({
      aggregateShort: text(l.aggregateShort),
      currency: currency(l.currency),
      participant: participant(l.participant),
      pooledCollateral: text(l.pooledCollateral),
    })),
    accounts: state.accounts.map((a) => ({
      balance: String(a.balance),
      creditLine: String(a.creditLine),
      currency: currency(a.currency),
      participant: participant(a.participant),
      reservedHigh: String(a.reserved[1]),
      reservedUrgent: String(a.reserved[0]),
    })),
    limits: state.limits.map((l) => ({
      counterparty: l.counterparty === null ? null : participant(l.counterparty),
      currency: currency(l.currency),
      limit: String(l.limit),
      participant: participant(l.participant),
      position: String(l.position),
    })),
    payments: state.payments.map((payment) => certifiedPayment(payment, names)),
  };
}

function certifiedPayment(payment: QueuedPayment, names: CertificateNames): CertifiedPayment {
  const { position, isChain, isHeld } = payment;
  const uetr = uetrOf(payment.id);
  const pairedWith = names.pairedWith(payment);
  const priority = PRIORITIES[payment.priority] ?? 'normal';
  const legs = payment.legs.map((leg) => ({
    amount: String(leg.amount),
    creditor: names.participant(leg.creditor),
    currency: names.currency(leg.currency),
    debtor: names.participant(leg.debtor),
  }));
  // Without a spread for most, which are neither: there are thousands in each certificate.
  if (!isChain && !isHeld) return { legs, pairedWith, position, priority, uetr };
  return {
    ...(isChain && { isChain }),
    ...(isHeld && { isHeld }),
    ...{ legs, pairedWith, position, priority, uetr },
  };
}

/** The first payment of each queue, once. */
export function firstOfQueues(state: QueueState): QueuedPayment[] {
  const first = new Map<AccountKey, QueuedPayment>();
  for (const payment of byClass(state.payments))
    for (const leg of payment.legs) {
      const queue = accountKey(leg.debtor, leg.currency);
      if (!first.has(queue)) first.set(queue, payment);
    }
  return [...new Set(first.values())];
}

/** What the closures of payments leave short. */
export const heldUp = (
  state: QueueState,
  payments: Iterable<QueuedPayment>,
  names: CertificateNames,
): Certificate['heldUp'] =>
  [...shortagesOfEach(state, payments)].map(({ payment, shortages }) => ({
    payment: payment.position,
    shortages: shortages.map((s) => certifiedShortage(s, names)),
  }));

/** Whether a certificate can prove what releases a payment. */
const isOrdered = (state: QueueState): boolean =>
  state.mechanisms.every((m) => m === 'gridlockResolution') &&
  ![...state.bypasses, ...state.offsets].includes(true) &&
  state.crossLimits.length === 0;

function releaseOf(
  state: QueueState,
  payment: QueuedPayment,
  account: AccountName,
  names: CertificateNames,
): CertifiedRelease | null {
  const smallest = smallestInjection(state, payment, account);
  if (!isOrdered(state) || smallest.kind === 'unknown') return null;
  const [participant, currency] = account.split('/').map(Number) as [number, number];
  const least = leastPossible(state, payment, account);
  const endless = new Map([[account, moreThanEnough(state, account)]]);
  const drops =
    least?.drops ?? resolve(withoutReservations(state), resolvedCurrencies(state), endless).drops;
  const amount = smallest.kind === 'releases' ? smallest.amount : null;
  const settles = amount === null ? new Set() : whatIf(state, { account, amount }).settled;
  return {
    amount: amount === null ? null : String(amount),
    currency: names.currency(currency),
    drops: drops.map((drop) => certifiedDrop(drop, names)),
    least: least === undefined ? null : String(least.amount),
    participant: names.participant(participant),
    payment: payment.position,
    settles: positionsOf(state, (p) => settles.has(p)),
  };
}
