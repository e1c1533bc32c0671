/**
 * What follows from payments or stands beside them: repeats, cancellations, returns, re-orderings, limits and
 * reservations, each at its own time, and their order at one instant.
 */
import type { Move } from '../protocol/messages/instruction.ts';
import {
  BANK_TRANSFER,
  CHAIN,
  CREDIT_TRANSFER,
  LEG,
  type PaymentType,
  type TransferType,
} from '../protocol/messages/message-types.ts';
import type { Priority } from '../protocol/messages/priorities.ts';
import { textDigest } from '../protocol/names/text-digest.ts';
import type { DraftPayment } from './draft-rows.ts';
import type { Uuid } from './drawn-uuids.ts';
import { firstLegMs, paymentTimeMs, reactionCancelMs, sendingTimeMs } from './outages.ts';
import type { PlannedPayment, TrafficTotals } from './planned-payment.ts';
import { drawnContent, drawRecords, listedRecordId } from './recorded-documents.ts';
import type {
  LimitEvent,
  ListedAttestation,
  ListedRecord,
  PaymentKind,
  PlannedChainLeg,
  ReservationEvent,
  Scenario,
  ScenarioChain,
} from './scenario.ts';

/** What a participant asks for besides payments, by its number. Each but a return gets one answer. */
export type PlannedRequest = { readonly id: string } & (
  | LimitEvent
  | ReservationEvent
  | PlannedAttestation
  | {
      readonly kind: 'cancellation' | 'reordering';
      readonly atMs: number;
      readonly participant: number;
      readonly uetr: Uuid;
      readonly paymentType: PaymentType;
      readonly currency: number;
      readonly amountMinor: bigint;
      /** Of a re-ordering. */
      readonly priority: Priority;
      readonly move: Move;
    }
  | {
      /** Pays a payment back: it is a payment of its own. */
      readonly kind: 'return';
      readonly atMs: number;
      readonly participant: number;
      /** Who sent the payment. */
      readonly receiver: number;
      readonly uetr: Uuid;
      readonly paymentType: TransferType;
      readonly originalMessageId: string;
      readonly currency: number;
      readonly amountMinor: bigint;
      readonly businessDate: string;
      readonly priority: Priority;
    }
);

/** Of a chain, or of a document. */
export type PlannedAttestation = {
  /** Place among what is attested, from 0. A repeat has the number of its original. */
  readonly number: number;
  readonly atMs: number;
  /** When its document was written: of a repeat, when it was sent first. */
  readonly createdAtMs: number;
  readonly participant: number;
  /** One of its pool. */
  readonly currency: number;
  /** Whether the scenario names its id, which another may have too. */
  readonly isNamed: boolean;
  /** A forger sends it: its signature is wrong. */
  readonly isForged?: true;
} & (
  | ({ readonly kind: 'attestation' } & Pick<
      ListedAttestation,
      'chain' | 'verdict' | 'validUntilMs' | 'reason'
    >)
  | ({ readonly kind: 'record' } & Pick<ListedRecord, 'digest' | 'recordKind' | 'counter'>)
);

export type PlannedMessage =
  | { readonly kind: 'payment'; readonly atMs: number; readonly payment: PlannedPayment }
  | { readonly kind: 'request'; readonly atMs: number; readonly request: PlannedRequest };

/** What leaves later than what it follows from, with its place at one instant. */
export interface Later {
  readonly message: PlannedMessage;
  /** Of the payment that it is or is about; -1: it is about none; from AFTER_PAYMENTS on of attestations. */
  readonly number: number;
  /** 0 an outage's backlog, 1 a repeat, 2 a request, in the order of planning from there. */
  readonly rank: number;
}

/** What a payment's turn in the count of its participant brings. */
export interface PaymentMark {
  readonly corrupt: boolean;
  readonly repeatAfterMs: number | null;
  readonly cancelAfterMs: number | null;
  readonly giveBack: Scenario['returns'][number] | null;
  readonly reordering: Scenario['reorderings'][number] | null;
}

/** Orders all but requests that are about no payment: docs/decisions.md, "Simulated runs". */
export const byLeaving = (a: Later, b: Later): number =>
  a.message.atMs - b.message.atMs || a.number - b.number || a.rank - b.rank;

export function asLater(request: PlannedRequest, number: number, totals: TrafficTotals): Later {
  if (request.kind === 'return') totals.returns += 1;
  else totals.requests += 1;
  // Requests of one payment keep their order: a cancellation, a re-ordering, a return.
  const rank = request.kind === 'return' ? 4 : request.kind === 'reordering' ? 3 : 2;
  return { message: { kind: 'request', atMs: request.atMs, request }, number, rank };
}

/** At one instant what is attested comes behind payments: a chain is there, of which it is attested. */
const AFTER_PAYMENTS = 0x10_0000_0000_0000;

/** Whether it leaves before a payment that is planned for an instant. */
export const leavesBefore = ({ message, number }: Later, atMs: number): boolean =>
  message.atMs < atMs || (message.atMs === atMs && number < AFTER_PAYMENTS);

/** What is attested, listed or drawn, as far as outages let it leave. */
export class PlannedAttestations {
  readonly #scenario: Scenario;
  readonly #totals: TrafficTotals;
  #count = 0;

  constructor(scenario: Scenario, totals: TrafficTotals) {
    this.#scenario = scenario;
    this.#totals = totals;
  }

  /** Those that the file lists. */
  *listed(): Generator<Later, void> {
    for (const [index, said] of this.#scenario.attestations.entries()) {
      const { chain, currency, verdict, validUntilMs, reason } = said;
      const content = { kind: 'attestation', chain, verdict, validUntilMs, reason } as const;
      yield* this.#said(said, {
        isNamed: false,
        ...content,
        id: `attestation-${index + 1}`,
        currency,
      });
    }
    for (const [index, said] of this.#scenario.records.entries()) {
      const { digest, recordKind, counter, currency } = said;
      const id = listedRecordId(said, index);
      const isNamed = said.id !== null;
      const content = { digest, recordKind, counter, currency, isNamed } as const;
      yield* this.#said(said, { kind: 'record', id, ...content });
    }
  }

  /**
   * Those of flows of records, and of the documents of flows of chains, in order of time.
   * @param late is given what leaves later than the flow plans it, and what comes again
   */
  *counted(late: (record: Later) => void): Generator<Later, void> {
    const scenario = this.#scenario;
    const next = drawRecords(scenario);
    for (let drawn = next(); drawn !== null; drawn = next()) {
      const { sentMs: atMs } = drawn;
      const content = drawnContent(scenario, drawn);
      const { id, attestor, recordKind, currency, counter, text } = content;
      // One literal: there may be millions.
      const record = {
        kind: 'record',
        id,
        number: this.#count++,
        atMs,
        createdAtMs: atMs,
        participant: attestor,
        currency,
        isNamed: false,
        recordKind,
        counter,
        digest: textDigest(text),
      } as const;
      if (atMs === drawn.atMs) yield this.#later(record);
      else late(this.#later(record));
      if (!('again' in drawn && drawn.again)) continue;
      const againMs = sendingTimeMs(scenario, attestor, atMs + REPEAT_AFTER_MS);
      if (againMs !== null) late(this.#later({ ...record, atMs: againMs }));
    }
  }

  /** Those of a chain, from when the first of its legs leaves. */
  *of({ chain, answers = [] }: PlannedChainLeg): Generator<Later, void> {
    const startMs = firstLegMs(this.#scenario, chain);
    if (startMs === null) return;
    for (const answer of answers) {
      const { attestor, verdict, afterMs, validMs, repeatAfterMs = null, isForged } = answer;
      const { reason = null } = answer;
      const atMs = startMs + afterMs;
      const validUntilMs = validMs === null ? null : atMs + validMs;
      const content = { kind: 'attestation', chain, verdict, validUntilMs, reason } as const;
      for (const place of answer.isOfBoth ? [0, chain.synchronised?.homeLegs ?? 0] : [0]) {
        const { currency } = chain.legs[place]!;
        const id = `answer-${this.#count + 1}`;
        const said = { ...content, id, currency, isNamed: false, ...(isForged && { isForged }) };
        yield* this.#said({ attestor, atMs, repeatAfterMs }, said);
      }
    }
  }

  *#said(
    {
      attestor,
      atMs: meantMs,
      repeatAfterMs,
    }: Pick<ListedRecord, 'attestor' | 'atMs' | 'repeatAfterMs'>,
    content: Attested,
  ): Generator<Later, void> {
    // A forger has no outage of the attestor's.
    const atMs = content.isForged ? meantMs : sendingTimeMs(this.#scenario, attestor, meantMs);
    if (atMs === null) return;
    const number = this.#count++;
    const said = { ...content, number, participant: attestor, createdAtMs: atMs };
    yield this.#later({ ...said, atMs });
    if (repeatAfterMs === null) return;
    const againMs = sendingTimeMs(this.#scenario, attestor, atMs + repeatAfterMs);
    if (againMs !== null) yield this.#later({ ...said, atMs: againMs });
  }

  #later(request: PlannedRequest & PlannedAttestation): Later {
    return asLater(request, AFTER_PAYMENTS + request.number, this.#totals);
  }
}

/** When a record of a flow that is sent again comes again. */
const REPEAT_AFTER_MS = 60_000;

/** What is said, without who says it when. */
type Attested = DistributiveOmit<
  Extract<PlannedRequest, { kind: 'attestation' | 'record' }>,
  'number' | 'participant' | 'atMs' | 'createdAtMs'
>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** How many legs of a chain settle in the pool of a currency: what is attested there names them. */
export const legsInPool = (
  { currencies }: Scenario,
  { legs }: Pick<ScenarioChain, 'legs'>,
  currency: number,
): number =>
  legs.filter((leg) => currencies[leg.currency]?.pool === currencies[currency]?.pool).length;

/** Limits and reservations, as far as outages let them leave. */
export function standingRequests(scenario: Scenario): PlannedRequest[] {
  return scenario.requestEvents.flatMap((event, index) => {
    const atMs = sendingTimeMs(scenario, event.participant, event.atMs);
    return atMs === null ? [] : [{ ...event, atMs, id: `${event.kind}-${index + 1}` }];
  });
}

/** What follows from a payment: it is sent again, cancelled, moved in its queue. */
export function* followers(
  scenario: Scenario,
  payment: PlannedPayment,
  draft: DraftPayment,
  { repeatAfterMs, cancelAfterMs, giveBack, reordering }: PaymentMark,
  totals: TrafficTotals,
): Generator<Later, void> {
  const { number, debtorAgent, uetr } = payment;
  const after = (ms: number) => sendingTimeMs(scenario, debtorAgent, payment.atMs + ms);
  if (repeatAfterMs !== null) {
    const atMs = paymentTimeMs(scenario, payment, payment.atMs + repeatAfterMs);
    if (atMs !== null) {
      totals.repeats += 1;
      const repeat = { ...payment, atMs, isRepeat: true };
      yield { message: { kind: 'payment', atMs, payment: repeat }, number, rank: 1 };
    }
  }
  const about = {
    participant: debtorAgent,
    uetr,
    paymentType: PAYMENT_TYPE_OF[payment.kind],
    ...cashSide(scenario, payment),
  };
  const cancellation = { kind: 'cancellation', priority: 'normal', move: 'end', ...about } as const;
  const cancelMs = draft.cancelAfterMs ?? cancelAfterMs;
  const ownMs = cancelMs === null ? null : after(cancelMs);
  if (ownMs !== null)
    yield asLater({ ...cancellation, atMs: ownMs, id: `cxl-${number}` }, number, totals);
  const stopMs = stopsWaitingMs(scenario, payment, draft);
  // What is asked for already is asked for once.
  if (stopMs !== null && (ownMs === null || ownMs > stopMs))
    yield asLater({ ...cancellation, atMs: stopMs, id: `stop-${number}` }, number, totals);
  if (reordering !== null) {
    const atMs = after(reordering.afterMs);
    const { priority, move } = reordering;
    const request = { kind: 'reordering', priority, move, ...about } as const;
    if (atMs !== null) yield asLater({ ...request, atMs, id: `mod-${number}` }, number, totals);
  }
  const returned = giveBack && returnOf(scenario, payment, draft, giveBack);
  if (returned) yield asLater(returned, number, totals);
}

/** What its receiver pays back of a payment, for the date on which it does; null: it does not. */
function returnOf(
  scenario: Scenario,
  payment: PlannedPayment,
  { dateIndex }: DraftPayment,
  { afterMs, percent }: Scenario['returns'][number],
): PlannedRequest | null {
  const { number, kind, creditorAgent, debtorAgent, uetr, endToEndId } = payment;
  const atMs = sendingTimeMs(scenario, creditorAgent, payment.atMs + afterMs);
  if (kind === 'leg' || kind === 'chainLeg' || atMs === null) return null;
  const currency = payment.currency2 ?? payment.currency;
  const { hours } = scenario.currencies[currency]!;
  const open = hours.findIndex((one, date) => date >= dateIndex && one && atMs < one.closesMs);
  if (open < 0) return null;
  const credited = payment.amount2Minor ?? payment.amountMinor;
  return {
    kind: 'return',
    id: `rtr-${number}`,
    atMs,
    participant: creditorAgent,
    receiver: debtorAgent,
    uetr,
    paymentType: kind === 'bank' ? BANK_TRANSFER : CREDIT_TRANSFER,
    originalMessageId: endToEndId,
    currency,
    amountMinor: (credited * BigInt(percent) + 99n) / 100n,
    businessDate: scenario.businessDates[open]!,
    priority: 'normal',
  };
}

/** When its bank takes a payment back because the others stop paying who is paid; null: it does not. */
export function stopsWaitingMs(
  scenario: Scenario,
  payment: PlannedPayment,
  { dateIndex, currency }: Pick<DraftPayment, 'dateIndex' | 'currency'>,
): number | null {
  const askedMs = reactionCancelMs(scenario, payment, payment.atMs);
  if (askedMs === null) return null;
  const closesMs = scenario.currencies[currency]!.hours[dateIndex]?.closesMs ?? askedMs;
  // What a close has cancelled waits no more.
  if (askedMs >= closesMs && scenario.settlement.rules[currency]?.atClose === 'cancel') return null;
  return sendingTimeMs(scenario, payment.debtorAgent, askedMs);
}

/** A request tells the pool by a currency of the payment: of a leg, the side that is no security. */
function cashSide(scenario: Scenario, payment: PlannedPayment) {
  const { currency, amountMinor, currency2, amount2Minor } = payment;
  const isSecurity = scenario.currencies[currency]!.isSecurity;
  return isSecurity && currency2 !== null && amount2Minor !== null
    ? { currency: currency2, amountMinor: amount2Minor }
    : { currency, amountMinor };
}

const PAYMENT_TYPE_OF: Readonly<Record<PaymentKind, PaymentType>> = {
  customer: CREDIT_TRANSFER,
  bank: BANK_TRANSFER,
  leg: LEG,
  chainLeg: CHAIN,
};
