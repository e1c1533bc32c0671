import type { EventKind, NettingOutcome } from '../../core/settlement/events.ts';
import type { CoreQueues } from '../../core/settlement/queue-state.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import {
  type AmountText,
  type CertificateBase,
  type PaymentPosition,
  sealed,
} from './certificate-format.ts';
import { type CertificateNames, type CertifiedPlace, uetrOf } from './gridlock-certificate.ts';
import type { CapSet, NettingInput, NettingPayment, RefusedByCaps } from './netting-premises.ts';

interface NettedAccount {
  readonly participant: string;
  readonly balance: AmountText;
  /** Credit capacity: the balance may go down to minus it. */
  readonly creditLine: AmountText;
  /** Number of the event with which it had defaulted before the cycle; null: it had not. */
  readonly defaultedAt: number | null;
}

interface NettedCap {
  /** Number of the event that set it: it holds from there on, until another. */
  readonly event: number;
  readonly participant: string;
  /** To whom the participant grants a bilateral cap; null: its own net debit cap. */
  readonly counterparty: string | null;
  /** Null: no bound. */
  readonly cap: AmountText | null;
}

export interface NettedPayment {
  /** Number of its `accepted` event. */
  readonly event: number;
  readonly position: PaymentPosition;
  readonly uetr: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: AmountText;
}

/** What a cap left short of a payment that came in at one moment. */
interface CapShortage {
  readonly by: 'netDebitCap' | 'bilateralCap';
  readonly amount: AmountText;
}

export interface RefusedPayment extends NettedPayment {
  readonly short: readonly CapShortage[];
}

interface NetPosition {
  readonly participant: string;
  /** Received less paid, over all that was accepted. */
  readonly position: AmountText;
  /** What was booked for its payments that settled: of one in default what it paid of its position. */
  readonly netted: AmountText;
  /** Its shares of others' losses. */
  readonly borne: AmountText;
  /** After the cycle. */
  readonly balance: AmountText;
}

/**
 * What a cycle of deferred net settlement netted in one currency, and why nothing else: whoever holds
 * this can check it without the core (netting-check.ts) and without the log.
 */
export interface NettingCertificate extends CertificateBase {
  readonly format: 'corridor-netting-certificate-1';
  readonly cycle: number;
  readonly currency: string;
  /** `unwound`: nothing of what was accepted settled. */
  readonly outcome: NettingOutcome;
  readonly onDefault: 'unwind' | 'shareTheLoss';
  /** Before the cycle, in the order in which the participants were registered. */
  readonly accounts: readonly NettedAccount[];
  /** Those in force after the currency's last cycle, and every one that was set since, in order. */
  readonly caps: readonly NettedCap[];
  /** Accepted since the last cycle, in order. */
  readonly payments: readonly NettedPayment[];
  /** Kept out by caps since the last cycle, in order, each with what it was short of. */
  readonly refused: readonly RefusedPayment[];
  /** Of every account that an accepted payment debits or credits, or that bears a share. */
  readonly nets: readonly NetPosition[];
  /** Who failed in the cycle, and by how much when it was found. */
  readonly defaults: readonly { readonly participant: string; readonly shortfall: AmountText }[];
  readonly shares: readonly {
    readonly defaulter: string;
    readonly survivor: string;
    readonly amount: AmountText;
  }[];
  /** What does not settle, in order of acceptance, and which of its two parties are in default. */
  readonly unwound: readonly {
    readonly payment: PaymentPosition;
    readonly because: readonly string[];
  }[];
  /** In order of acceptance. */
  readonly settled: readonly PaymentPosition[];
}

/**
 * The certificate of a netting cycle.
 * @param before the core right before the cycle
 * @param cycled its event, of one currency, which `told` follow: all others with the cycle's number
 * @param input what the events before said (netting-premises.ts)
 */
export function certifyNetting(
  before: CoreQueues,
  input: NettingInput,
  cycled: EventOf<'cycled'>,
  told: readonly SettlementEvent[],
  place: CertifiedPlace,
  names: CertificateNames,
): NettingCertificate {
  const { participant } = names;
  const currency = cycled.currency as number;
  const own = told.filter(
    (e) => e.kind === 'unwound' || ('cycle' in e && e.cycle === cycled.cycle),
  );
  const of = <Kind extends EventKind>(kind: Kind): EventOf<Kind>[] =>
    own.filter((e): e is SettlementEvent & EventOf<Kind> => e.kind === kind);
  const content = {
    format: 'corridor-netting-certificate-1' as const,
    ...place,
    cycle: cycled.cycle,
    currency: names.currency(currency),
    outcome: cycled.outcome as NettingOutcome,
    onDefault: before.sharesLosses[currency] ? ('shareTheLoss' as const) : ('unwind' as const),
    accounts: before.accounts
      .filter((a) => a.currency === currency)
      .map((a) => ({
        balance: String(a.balance),
        creditLine: String(a.creditLine),
        defaultedAt: input.defaulted.get(a.participant) ?? null,
        participant: participant(a.participant),
      })),
    caps: input.caps.map((cap) => certifiedCap(cap, names)),
    payments: input.accepted.map((payment) => certifiedPayment(payment, names)),
    defaults: of('defaulted').map((e) => ({
      participant: participant(e.participant),
      shortfall: String(e.amount),
    })),
    shares: of('lossShared').map((e) => ({
      amount: String(e.amount),
      defaulter: participant(e.defaulter),
      survivor: participant(e.participant),
    })),
    settled: of('settled').map((e) => e.paymentPosition),
  };
  const inDefault = new Set(content.defaults.map((d) => d.participant));
  for (const a of content.accounts) if (a.defaultedAt !== null) inDefault.add(a.participant);
  const whole = {
    ...content,
    refused: input.refused.map((payment) => certifiedRefusal(payment, names)),
    nets: netsOf(before, input, own, currency, names),
    unwound: of('unwound').map((e) => ({
      because: [e.debtorAgent, e.creditorAgent].map(participant).filter((p) => inDefault.has(p)),
      payment: e.paymentPosition,
    })),
  };
  return sealed(whole);
}

/** What the cycle's events say of each account that has a part in it. */
function netsOf(
  before: CoreQueues,
  { accepted }: NettingInput,
  told: readonly SettlementEvent[],
  currency: number,
  names: CertificateNames,
): NetPosition[] {
  const sums = { position: new Map<number, bigint>(), netted: new Map(), borne: new Map() };
  const add = (to: Map<number, bigint>, participant: number, amount: bigint): void => {
    to.set(participant, (to.get(participant) ?? 0n) + amount);
  };
  for (const { debtor, creditor, amount } of accepted) {
    add(sums.position, debtor, -amount);
    add(sums.position, creditor, amount);
  }
  const after = new Map<number, bigint>();
  for (const event of told) {
    if (event.kind !== 'netted' && event.kind !== 'lossShared') continue;
    const { kind, participant: p, amount, balance } = event;
    add(kind === 'netted' ? sums.netted : sums.borne, p, amount);
    after.set(p, balance);
  }
  return before.accounts
    .filter((a) => a.currency === currency)
    .filter(({ participant: p }) => sums.position.has(p) || sums.borne.has(p))
    .map(({ participant: p, balance, earmarked = 0n }) => ({
      // Events tell what is earmarked too.
      balance: String((after.get(p) ?? balance + earmarked) - earmarked),
      borne: String(sums.borne.get(p) ?? 0n),
      netted: String(sums.netted.get(p) ?? 0n),
      participant: names.participant(p),
      position: String(sums.position.get(p) ?? 0n),
    }));
}

const certifiedCap = (
  { event, participant, counterparty, cap }: CapSet,
  names: CertificateNames,
): NettedCap => ({
  cap: cap === null ? null : String(cap),
  counterparty: counterparty === null ? null : names.participant(counterparty),
  event,
  participant: names.participant(participant),
});

const certifiedPayment = (payment: NettingPayment, names: CertificateNames): NettedPayment => ({
  amount: String(payment.amount),
  creditor: names.participant(payment.creditor),
  debtor: names.participant(payment.debtor),
  event: payment.event,
  position: payment.position,
  uetr: uetrOf(payment.id),
});

function certifiedRefusal(payment: RefusedByCaps, names: CertificateNames): RefusedPayment {
  const { overNetDebitCap, overBilateralCap } = payment;
  const short: CapShortage[] = [];
  if (overNetDebitCap > 0n) short.push({ amount: String(overNetDebitCap), by: 'netDebitCap' });
  if (overBilateralCap > 0n) short.push({ amount: String(overBilateralCap), by: 'bilateralCap' });
  const { uetr, ...terms } = certifiedPayment(payment, names);
  return { ...terms, short, uetr };
}
