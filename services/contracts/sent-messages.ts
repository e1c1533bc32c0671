/** What banks and dealers send: of each type what it is for, and an example by the code that writes it. */
import { writeAttestation } from '../protocol/messages/attestation.ts';
import { writeBankTransfer } from '../protocol/messages/bank-transfer.ts';
import { writeCancellation } from '../protocol/messages/cancellation.ts';
import { termsDigest, writeChainLeg } from '../protocol/messages/chain.ts';
import { writeCreditTransfer } from '../protocol/messages/credit-transfer.ts';
import { writeCreditorStatus, writeRecallAnswer } from '../protocol/messages/creditor-replies.ts';
import { writeDayQuery } from '../protocol/messages/day-query.ts';
import type { PaymentInstruction } from '../protocol/messages/instruction.ts';
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
  type MessageType,
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
import { writeQuote } from '../protocol/messages/quote.ts';
import { writeReordering } from '../protocol/messages/reordering.ts';
import { writeReportRequest } from '../protocol/messages/report-request.ts';
import { writeReservation } from '../protocol/messages/reservation.ts';
import { writeStatusRequest } from '../protocol/messages/status-request.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';

export interface SentType {
  readonly title: string;
  /** Of the example: its `ce_source` and `ce_id`. */
  readonly sender: Bic;
  readonly id: string;
  /** The bytes of an example. */
  readonly example: () => Uint8Array;
}

/** What examples are about. */
export const EXAMPLE = {
  network: 'sandbox-1',
  pool: 'main',
  bank: 'BANKDEF0' as Bic,
  other: 'BANKFRP0' as Bic,
  dealer: 'DEALSGS0' as Bic,
  uetr: '8a562c67-ca16-48ba-b074-65581be6f001' as Uetr,
  keyId: 'key-1',
  /** The first of RFC 8032, section 7.1: known to everybody. */
  secretKey: Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
  atMs: Date.UTC(2026, 2, 16, 9),
};
const { bank, other, dealer, uetr, atMs } = EXAMPLE;
const cents = () => 2;

const payment: PaymentInstruction = {
  messageId: 'M-0001',
  endToEndId: 'E-0001',
  uetr,
  instructingAgent: bank,
  debtorAgent: bank,
  creditorAgent: other,
  currency: 'EUR',
  amountMinor: 1250n,
  settlementDate: '2026-03-16',
  priority: 'normal',
  conversion: null,
};
const customers = { debtor: 'A. Payer', creditor: 'B. Payee' };
const ofBank = { id: 'R-0001', sender: bank, currency: 'EUR' };
const byUetr = { sender: bank, id: uetr };
const byId = { sender: bank, id: ofBank.id };

/** A chain with all that its terms can have. */
export const chain = {
  ...{ messageId: 'H-0001', chainId: 'CHAIN-0042', uetr, instructingAgent: bank, legNumber: 1 },
  legs: [
    { debtorAgent: bank, creditorAgent: other, code: 'EUR', minor: 100_000_000n },
    { debtorAgent: other, creditorAgent: dealer, code: 'USD', minor: 114_780_000n },
    { debtorAgent: dealer, creditorAgent: bank, code: 'USD', minor: 114_700_000n },
  ],
  settlementDate: '2026-03-16',
  priority: 'normal' as const,
  condition: {
    groups: [{ threshold: 1, attestors: ['CARRDEH0', 'CUSTDEH0'] as Bic[] }],
    ...{ threshold: 1, deadline: '15:00:00Z', onSilence: 'release' as const },
  },
  earmark: {
    ...{ when: 'acceptance' as const, expiry: '15:30:00Z', onExpiry: 'release' as const },
  },
};

/** Of a payment that the bank received. */
const received = {
  ...{ id: 'R-0001', sender: bank, receiver: other, uetr },
  paymentType: CREDIT_TRANSFER as typeof CREDIT_TRANSFER,
};
const ofOriginal = { originalMessageId: 'M-0001' };
const settled = { Ccy: 'EUR', Amt: '12.50' };

/** By type. */
export const SENT: Readonly<Partial<Record<MessageType, SentType>>> = {
  [CREDIT_TRANSFER]: {
    title: 'A payment for a customer',
    ...byUetr,
    example: () => writeCreditTransfer(payment, customers, atMs, cents),
  },
  [QUOTE]: {
    title: 'A dealer’s rate for a pair of currencies, and how much it covers',
    ...{ sender: dealer, id: uetr },
    example: () =>
      writeQuote(
        {
          id: uetr,
          dealer,
          baseCurrency: 'EUR',
          quoteCurrency: 'CNY',
          rate: { mantissa: 79154n, scale: 4 },
          coversMinor: 100_000_000n,
          validUntilMs: atMs + 3_600_000,
        },
        cents(),
      ),
  },
  [BANK_TRANSFER]: {
    title: 'A payment between banks',
    ...byUetr,
    example: () => writeBankTransfer(payment, atMs, cents),
  },
  [LEG]: {
    title: 'A bank’s leg of a PvP or DvP',
    ...byUetr,
    example: () =>
      writeLeg(
        {
          messageId: 'L-0001',
          endToEndId: 'TRADE-7731',
          uetr,
          instructingAgent: bank,
          counterparty: other,
          delivers: 'EUR',
          deliversMinor: 100_000_000n,
          receives: 'USD',
          receivesMinor: 114_780_000n,
          settlementDate: '2026-03-16',
          priority: 'normal',
        },
        atMs,
        cents,
      ),
  },
  [CHAIN]: {
    title: 'A bank’s leg of a chain, whose legs settle together or not at all',
    ...byUetr,
    example: () => writeChainLeg(chain, atMs, cents, termsDigest(EXAMPLE.network, chain)),
  },
  [ATTESTATION]: {
    title: 'What a participant attests of a chain, or of a document that the log is to keep',
    ...{ sender: 'CARRDEH0' as Bic, id: 'T-0001' },
    example: () =>
      writeAttestation(
        {
          ...{ id: 'T-0001', sender: 'CARRDEH0' as Bic, verdict: 'accepted', currency: null },
          digest: termsDigest(EXAMPLE.network, chain),
          chain: {
            ...{ settlementDate: '2026-03-16', legCount: chain.legs.length },
            ...{ validUntilMs: atMs + 8 * 3_600_000, reason: 'Bill of lading 4711 at Hamburg' },
          },
          recordKind: null,
        },
        atMs,
      ),
  },
  [CANCELLATION]: {
    title: 'The cancellation of a payment of its own',
    ...byId,
    example: () =>
      writeCancellation({ ...ofBank, uetr, paymentType: CREDIT_TRANSFER }, atMs, 1250n, cents),
  },
  [REORDERING]: {
    title: 'Another place in the queue for a payment of its own',
    ...byId,
    example: () =>
      writeReordering(
        { ...ofBank, uetr, paymentType: CREDIT_TRANSFER, priority: 'high', move: 'front' },
        atMs,
      ),
  },
  [LIMIT]: {
    title: 'A bilateral or multilateral limit of its own',
    ...byId,
    example: () =>
      writeLimit({ ...ofBank, counterparty: other, limitMinor: 500_000_000n }, atMs, cents),
  },
  [LIMIT_REMOVAL]: {
    title: 'The end of such a limit',
    ...byId,
    example: () => writeLimit({ ...ofBank, counterparty: other, limitMinor: null }, atMs, cents),
  },
  [RESERVATION]: {
    title: 'Liquidity to be kept for urgent, or urgent and high payments',
    ...byId,
    example: () =>
      writeReservation({ ...ofBank, priority: 'urgent', amountMinor: 100_000_000n }, atMs, cents),
  },
  [REPORT_REQUEST]: {
    title: 'A report of its accounts, or the statement of a date that has closed',
    ...byId,
    example: () => writeReportRequest({ ...ofBank, date: '2026-03-16' }, atMs),
  },
  [QUEUE_QUERY]: {
    title: 'What of its own waits, and why',
    ...byId,
    example: () => writeQueueQuery(ofBank, atMs),
  },
  [DAY_QUERY]: {
    title: 'How the business day of its currencies stands',
    ...byId,
    example: () => writeDayQuery(ofBank, atMs),
  },
  [RETURN]: {
    title: 'The return of a settled payment',
    ...byId,
    example: () =>
      writePaymentReturn(
        {
          ...{ ...received, ...ofOriginal, currency: 'EUR', amountMinor: 1250n },
          ...{ settlementDate: '2026-03-16', priority: 'normal' },
        },
        'AC04',
        atMs,
        cents,
      ),
  },
  [STATUS_REQUEST]: {
    title: 'How a payment stands, asked by one of its banks',
    ...byId,
    example: () =>
      writeStatusRequest(
        { id: 'R-0001', sender: bank, uetr, paymentType: CREDIT_TRANSFER, paymentSender: other },
        'M-0001',
        settled,
        atMs,
      ),
  },
  [RECALL_ANSWER]: {
    title: 'The answer to the request to cancel a settled payment',
    ...byId,
    example: () =>
      writeRecallAnswer(
        received,
        { ...ofOriginal, status: 'RJCR', reasonCode: 'CUST', settled },
        atMs,
      ),
  },
  [CREDITOR_STATUS]: {
    title: 'Whether the customer of the creditor’s bank was credited',
    ...byId,
    example: () =>
      writeCreditorStatus(
        received,
        { ...ofOriginal, status: 'ACCC', reasonCode: null, settled },
        atMs,
      ),
  },
};
