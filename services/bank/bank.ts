import { writeAttestation } from '../protocol/messages/attestation.ts';
import { writeBankTransfer } from '../protocol/messages/bank-transfer.ts';
import { writeCancellation } from '../protocol/messages/cancellation.ts';
import { termsDigest, writeChainLeg } from '../protocol/messages/chain.ts';
import { type Customers, writeCreditTransfer } from '../protocol/messages/credit-transfer.ts';
import {
  type ReplyWords,
  writeCreditorStatus,
  writeRecallAnswer,
} from '../protocol/messages/creditor-replies.ts';
import { writeDayQuery } from '../protocol/messages/day-query.ts';
import type {
  AttestationInstruction,
  CancellationRequest,
  ChainLegInstruction,
  LegInstruction,
  LimitRequest,
  PaymentInstruction,
  QueryRequest,
  ReorderingRequest,
  ReplyInstruction,
  ReservationRequest,
  ReturnInstruction,
  StatusRequest,
} from '../protocol/messages/instruction.ts';
import { writeLimit } from '../protocol/messages/limit.ts';
import {
  ATTESTATION,
  BANK_TRANSFER,
  CANCELLATION,
  CHAIN,
  CREDIT_TRANSFER,
  CREDITOR_STATUS,
  DAY_QUERY,
  LEG,
  LIMIT,
  LIMIT_REMOVAL,
  PAYMENT_TYPES,
  QUEUE_QUERY,
  QUOTE,
  RECALL_ANSWER,
  REORDERING,
  REPORT_REQUEST,
  RESERVATION,
  RETURN,
  STATUS_REQUEST,
} from '../protocol/messages/message-types.ts';
import { writePaymentReturn } from '../protocol/messages/payment-return.ts';
import { writeLeg } from '../protocol/messages/pvp-leg.ts';
import { writeQueueQuery } from '../protocol/messages/queue-query.ts';
import { type Quote, writeQuote } from '../protocol/messages/quote.ts';
import { isQuoteUse } from '../protocol/messages/quote-use.ts';
import { writeReordering } from '../protocol/messages/reordering.ts';
import { type ReportRequest, writeReportRequest } from '../protocol/messages/report-request.ts';
import { writeReservation } from '../protocol/messages/reservation.ts';
import { isSettledAhead, readStatusReport } from '../protocol/messages/status-report.ts';
import { writeStatusRequest } from '../protocol/messages/status-request.ts';
import { isUnasked } from '../protocol/messages/system-event.ts';
import type { Message } from '../protocol/names/message.ts';
import { type BankSignature, signedBy } from '../protocol/names/signed-message.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import { isOpen, OPEN_STATUSES } from '../protocol/records/event-status.ts';
import { type PaymentStanding, StandingBook } from './sent-payments-book.ts';

/**
 * A simulated bank: it writes its payments, signs them (signed-message.ts), and keeps a book of what became of each, which
 * it knows from its statuses alone, matched by UETR (a notice of a failed signature names no UETR
 * and is matched by the payload's digest). It decides nothing: what it sends and when is its caller's, in a scenario
 * scenario/planned-requests.ts. In a scenario no bank answers a request to cancel; which answers are passed on:
 * assembly/settlement/recalls-and-replies.ts.
 */
export interface BankOptions extends BankSignature {
  readonly decimals: (currency: string) => number;
  /** Keep what was sent, so that it can be sent again. */
  readonly keepsSent?: boolean;
  /**
   * Payments that ended and are remembered one by one, the last ones; what is told of an older one
   * matches nothing. Default: all, as a run ends and its bank with it.
   */
  readonly endedMax?: number;
}

export interface BankBook {
  sent: number;
  pending: number;
  settled: number;
  rejected: number;
  cancelled: number;
  /** Payments that arrived for this bank's customers. */
  received: number;
  /** Answers to requests that are no payments. */
  answers: number;
  /** Statuses that match nothing this bank sent: always 0 unless something is wrong. */
  unmatched: number;
}

export interface Bank {
  /**
   * @param customers for whom it pays; null: on its own account
   * @param atMs when it is signed
   * @param createdAtMs what the document says of its creation: the same bytes again are a repeat,
   *   other bytes under the same UETR are refused
   */
  pay(
    payment: PaymentInstruction,
    customers: Customers | null,
    atMs: number,
    createdAtMs?: number,
  ): Message;
  /** Its leg of a PvP or DvP. */
  leg(leg: LegInstruction, atMs: number): Message;
  /** What it attests of a chain or of a document. @param createdAtMs as of `pay` */
  attestation(said: AttestationInstruction, atMs: number, createdAtMs?: number): Message;
  /** Its leg of a chain. */
  chainLeg(leg: Omit<ChainLegInstruction, 'termsDigest'>, atMs: number): Message;
  /** @param amountMinor the payment's, told where the request names its currency */
  cancel(request: CancellationRequest, atMs: number, amountMinor?: bigint): Message;
  reorder(request: ReorderingRequest, atMs: number): Message;
  limit(request: LimitRequest, atMs: number): Message;
  reserve(request: ReservationRequest, atMs: number): Message;
  /** Pays a payment that settled in its favour back; its standing is by its id. */
  giveBack(of: ReturnInstruction, reasonCode: string, atMs: number): Message;
  /** Asks how a payment stands. */
  askStatus(of: Omit<StatusRequest, 'currency'>, originalMessageId: string, atMs: number): Message;
  /** Asks what became of its request to cancel such a payment, of this id. */
  askRecall(
    of: Omit<StatusRequest, 'currency'>,
    originalMessageId: string,
    cancellationId: string,
    atMs: number,
  ): Message;
  /** Its answer to the request to cancel such a payment; what became of the money at its customer. */
  answerRecall(of: RepliedTo, words: ReplyWords, atMs: number): Message;
  reportCredit(of: RepliedTo, words: ReplyWords, atMs: number): Message;
  /** Asks for a report or a statement of its accounts. */
  askReport(request: ReportRequest, atMs: number): Message;
  askQueue(query: Pick<QueryRequest, 'id' | 'currency'>, atMs: number): Message;
  askDay(query: Pick<QueryRequest, 'id' | 'currency'>, atMs: number): Message;
  /** The same payload again, signed anew; only for a bank that keeps what it sent. */
  repeat(uetr: string, atMs: number): Message;
  quote(quote: Quote, atMs: number): Message;
  /** A message of its own signed anew, its payload unchanged: the log was away for long. */
  renew(message: Message, atMs: number): Message;
  /** Takes up a payment that it sent before this process began, as it stands in the log. */
  resume(uetr: string, messageType: string, payload: Uint8Array): void;
  takeStatus(payload: Uint8Array): void;
  takeDelivery(): void;
  book(): BankBook;
  /** As it knows of a payment or leg; undefined: it sent none such. */
  standing(uetr: string): PaymentStanding | undefined;
  /** Payments of which it has no status yet. */
  unanswered(): number;
}

type RepliedTo = Omit<ReplyInstruction, 'currency' | 'reply'>;

export function createBank(options: BankOptions): Bank {
  const { bic, network, decimals } = options;
  const signed = signedBy(options);
  const book = new StandingBook(options.endedMax ?? Number.POSITIVE_INFINITY);
  const sent = new Map<string, { messageType: string; payload: Uint8Array }>();
  let received = 0;
  let answers = 0;
  let unmatched = 0;

  function takeStatus(payload: Uint8Array): void {
    const report = readStatusReport(payload);
    if (!report) {
      if (!isUnasked(payload) && !isQuoteUse(payload)) answers += 1;
      return;
    }
    // A message of another type may bear a payment's UETR: its status is not the payment's.
    // A return bears that of the payment that it returns, and is known by its own id.
    const { messageType } = report;
    if (report.isOfAnotherBank) {
      answers += 1;
      return;
    }
    if (messageType !== null && !PAYMENT_TYPES.includes(messageType)) return;
    const isNotice = report.uetr === null;
    const digestUetr = report.payloadDigest ? book.uetrOf(report.payloadDigest) : undefined;
    const told = messageType === RETURN ? report.messageId : report.uetr;
    const uetr = told ?? digestUetr;
    const before = uetr === undefined ? undefined : book.standing(uetr);
    if (uetr === undefined || before === undefined) {
      unmatched += 1;
      return;
    }
    // A digest beside a UETR: another payload under the UETR was rejected, this payment stands.
    if (report.uetr && report.payloadDigest) return;
    // A notice tells of a message that failed authentication. Where the payment has a status, what
    // failed was a copy of it, and the payment stands.
    if (isNotice && before !== 'sent') return;
    // A final status stands: what follows it about the same UETR is a repeat.
    if (before === 'sent' || isOpen(before)) book.set(uetr, report.status, isSettledAhead(report));
  }

  /** A payment or leg: it has a standing from now on. @returns its digest */
  function enter(uetr: string, messageType: string, payload: Uint8Array): string {
    const digest = payloadDigestHex(payload);
    book.enter(uetr, digest);
    if (options.keepsSent) sent.set(uetr, { messageType, payload });
    return digest;
  }

  function send(uetr: string, messageType: string, payload: Uint8Array, atMs: number): Message {
    return signed(messageType, uetr, payload, atMs, enter(uetr, messageType, payload));
  }

  return {
    pay(payment, customers, atMs, createdAtMs = atMs) {
      const [type, payload] = customers
        ? [CREDIT_TRANSFER, writeCreditTransfer(payment, customers, createdAtMs, decimals)]
        : [BANK_TRANSFER, writeBankTransfer(payment, createdAtMs, decimals)];
      return send(payment.uetr, type, payload, atMs);
    },
    leg: (leg, atMs) => send(leg.uetr, LEG, writeLeg(leg, atMs, decimals), atMs),
    attestation: (said, atMs, createdAtMs = atMs) =>
      signed(ATTESTATION, said.id, writeAttestation(said, createdAtMs), atMs),
    chainLeg: (leg, atMs) =>
      send(leg.uetr, CHAIN, writeChainLeg(leg, atMs, decimals, termsDigest(network, leg)), atMs),
    cancel: (request, atMs, amountMinor = 0n) =>
      signed(
        CANCELLATION,
        request.id,
        writeCancellation(request, atMs, amountMinor, decimals),
        atMs,
      ),
    reorder: (request, atMs) =>
      signed(REORDERING, request.id, writeReordering(request, atMs), atMs),
    limit: (request, atMs) =>
      signed(
        request.limitMinor === null ? LIMIT_REMOVAL : LIMIT,
        request.id,
        writeLimit(request, atMs, decimals),
        atMs,
      ),
    reserve: (request, atMs) =>
      signed(RESERVATION, request.id, writeReservation(request, atMs, decimals), atMs),
    askReport: (request, atMs) =>
      signed(REPORT_REQUEST, request.id, writeReportRequest(request, atMs), atMs),
    askQueue: (query, atMs) => signed(QUEUE_QUERY, query.id, writeQueueQuery(query, atMs), atMs),
    askDay: (query, atMs) => signed(DAY_QUERY, query.id, writeDayQuery(query, atMs), atMs),
    giveBack: (of, reasonCode, atMs) =>
      send(of.id, RETURN, writePaymentReturn(of, reasonCode, atMs, decimals), atMs),
    askStatus: (of, originalMessageId, atMs) =>
      signed(STATUS_REQUEST, of.id, writeStatusRequest(of, originalMessageId, null, atMs), atMs),
    askRecall: (of, originalMessageId, cancellationId, atMs) =>
      signed(
        STATUS_REQUEST,
        of.id,
        writeStatusRequest(of, originalMessageId, null, atMs, cancellationId),
        atMs,
      ),
    answerRecall: (of, words, atMs) =>
      signed(RECALL_ANSWER, of.id, writeRecallAnswer(of, words, atMs), atMs),
    reportCredit: (of, words, atMs) =>
      signed(CREDITOR_STATUS, of.id, writeCreditorStatus(of, words, atMs), atMs),
    repeat(uetr, atMs) {
      const message = sent.get(uetr);
      if (!message) throw new Error(`${bic} did not keep a payment ${uetr}`);
      return signed(message.messageType, uetr, message.payload, atMs);
    },
    quote: (quote, atMs) =>
      signed(QUOTE, quote.id, writeQuote(quote, decimals(quote.baseCurrency)), atMs),
    renew: ({ value, headers }, atMs) =>
      signed(headers.ce_type ?? '', headers.ce_id ?? '', value, atMs),
    resume: enter,
    takeStatus,
    takeDelivery() {
      received += 1;
    },
    unanswered: () => book.count('sent'),
    standing: (uetr) => book.standing(uetr),
    book() {
      return {
        sent: book.entered,
        pending: OPEN_STATUSES.reduce(
          (sum, status) => sum + book.count(status),
          book.count('sent'),
        ),
        settled: book.count('ACSC'),
        rejected: book.count('RJCT'),
        cancelled: book.count('CANC'),
        received,
        answers,
        unmatched,
      };
    },
  };
}
