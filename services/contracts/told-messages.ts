/** What banks are told: of each type its form, and an example by the code that writes it. */
import type { TSchema } from '@sinclair/typebox';
import { ALLEGEMENT, AllegementSchema, writeAllegement } from '../protocol/messages/allegement.ts';
import {
  ATTESTATION_REQUEST,
  AttestationRequestSchema,
  writeAttestationRequest,
} from '../protocol/messages/attestation-request.ts';
import { termsDigest } from '../protocol/messages/chain.ts';
import {
  CHAIN_ALLEGEMENT,
  ChainAllegementSchema,
  writeChainAllegement,
} from '../protocol/messages/chain-allegement.ts';
import { DAY_REPORT, DayReportSchema, writeDayReport } from '../protocol/messages/day-report.ts';
import { CANCELLATION, CREDIT_TRANSFER, LIMIT } from '../protocol/messages/message-types.ts';
import {
  QUEUE_REPORT,
  QueueReportSchema,
  writeQueueReport,
} from '../protocol/messages/queue-report.ts';
import { QUOTE_USE, QuoteUseSchema, writeQuoteUse } from '../protocol/messages/quote-use.ts';
import {
  type Answer,
  RECEIPT,
  RESOLUTION,
  ReceiptSchema,
  ResolutionSchema,
  writeReceipt,
  writeResolution,
} from '../protocol/messages/resolution-and-receipt.ts';
import {
  ACCOUNT_REPORT,
  AccountReportSchema,
  agentText,
  EntryWriter,
  NOTIFICATION,
  NotificationSchema,
  STATEMENT,
  StatementSchema,
  writeAccountReport,
  writeNotification,
  writeStatement,
} from '../protocol/messages/statement.ts';
import {
  STATUS_REPORT,
  StatusReportSchema,
  writeStatusReport,
} from '../protocol/messages/status-report.ts';
import {
  SYSTEM_EVENT,
  SystemEventSchema,
  writeDayEvent,
} from '../protocol/messages/system-event.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import { chain, EXAMPLE } from './sent-messages.ts';

/** The topics of a bank in which a type is told, by the first word of their names. */
type ToldTopic = 'statuses' | 'statements';

export interface ToldType {
  readonly topic: ToldTopic;
  readonly title: string;
  readonly schema: TSchema;
  /** Whether the node signs it. */
  readonly isSigned?: true;
  /** The bytes of an example. */
  readonly example: () => Uint8Array;
}

const { bank, other, uetr, atMs } = EXAMPLE;
const answer: Answer = {
  messageId: 'main-812-answer',
  createdAtMs: atMs,
  from: 'sandbox-1',
  to: bank,
  requestId: 'R-0001',
  requestType: LIMIT,
  reason: null,
  detail: null,
};

const account = { owner: bank, currency: 'EUR', minorUnits: 2 };
const head = (messageId: string) => ({ messageId, createdAtMs: atMs, query: null });
const summary = { credits: { count: 1, sum: 1250n }, debits: { count: 0, sum: 0n } };
const period = { fromMs: atMs - 3_600_000, toMs: atMs };
const writer = new EntryWriter(account);

/**
 * By type, all that the notifier writes into a bank's own topics, but for deliveries, which are what
 * another bank sent.
 */
export const TOLD: Readonly<Record<string, ToldType>> = {
  [STATUS_REPORT]: {
    topic: 'statuses',
    title: 'What became of a message, at each change',
    schema: StatusReportSchema,
    isSigned: true,
    example: () =>
      writeStatusReport({
        messageId: 'main-811',
        createdAtMs: atMs,
        to: bank,
        original: {
          messageId: 'M-0001',
          messageType: CREDIT_TRANSFER,
          endToEndId: 'E-0001',
          uetr,
        },
        status: 'RJCT',
        reason: isoReason('accountMissing'),
        information: [],
        detail: null,
        payloadDigest: null,
      }),
  },
  [RESOLUTION]: {
    topic: 'statuses',
    title: 'The answer to a cancellation',
    isSigned: true,
    schema: ResolutionSchema,
    example: () => writeResolution({ ...answer, requestType: CANCELLATION }, uetr),
  },
  [RECEIPT]: {
    topic: 'statuses',
    title: 'The answer to a request that asks for no payment and no report',
    schema: ReceiptSchema,
    example: () => writeReceipt(answer),
  },
  [QUOTE_USE]: {
    topic: 'statuses',
    title: 'What of a dealer’s quote a payment used, or gave back, and what is left',
    schema: QuoteUseSchema,
    example: () =>
      writeQuoteUse({
        ...{ messageId: 'main-811', createdAtMs: atMs, uetr, instructingAgent: bank },
        quoteId: '6fa1f1a0-7c1d-4e38-9d5f-0b4b6a6f2c11',
        base: { currency: 'EUR', amountMinor: 1250n, decimals: 2 },
        quoted: { currency: 'CNY', amountMinor: 9894n, decimals: 2 },
        rate: { mantissa: 79154n, scale: 4 },
        leftMinor: 99_998_750n,
      }),
  },
  [SYSTEM_EVENT]: {
    topic: 'statuses',
    title:
      'What no message of the bank asked for: the business day of its currencies, and how many notices were not told one by one',
    schema: SystemEventSchema,
    example: () =>
      writeDayEvent({
        ...{ code: 'OPEN', currency: 'EUR', date: '2026-03-16' },
        ...{ atMs: atMs + 8 * 3_600_000, timeMs: atMs },
      }),
  },
  [ALLEGEMENT]: {
    topic: 'statuses',
    title:
      'Another bank’s leg of a PvP or DvP that waits for the bank’s own, and when that is over',
    schema: AllegementSchema,
    example: () =>
      writeAllegement(
        {
          ...{ messageId: 'main-811-leg', createdAtMs: atMs, allegementId: 'main-811' },
          ...{ state: 'ALLEGED', endToEndId: 'TRADE-7731' },
          ...{ instructingAgent: other, counterparty: bank },
          delivers: { code: 'USD', minor: 114_780_000n },
          receives: { code: 'EUR', minor: 100_000_000n },
          settlementDate: '2026-03-16',
          own: {
            uetr,
            differences: [{ Elmt: 'Rcv/Amt', Val: '1147800.01', Xpctd: '1147800.00' }],
          },
        },
        () => 2,
      ),
  },
  [ATTESTATION_REQUEST]: {
    topic: 'statuses',
    title: 'A chain whose condition names the participant as an attestor, and when that is over',
    schema: AttestationRequestSchema,
    example: () =>
      writeAttestationRequest(
        {
          ...{ messageId: 'main-811-attest', createdAtMs: atMs, requestId: 'main-811' },
          ...{ state: 'REQUESTED', attestor: 'CARRDEH0' as Bic, policy: [] },
          chain: { ...chain, termsDigest: termsDigest(EXAMPLE.network, chain) },
        },
        () => 2,
      ),
  },
  [CHAIN_ALLEGEMENT]: {
    topic: 'statuses',
    title:
      'A chain that debits or credits the bank and of which a leg has come, and when that is over',
    schema: ChainAllegementSchema,
    example: () =>
      writeChainAllegement(
        {
          ...{ messageId: 'main-811-alleged', createdAtMs: atMs, state: 'ALLEGED', to: other },
          chain: { ...chain, termsDigest: termsDigest(EXAMPLE.network, chain) },
          missing: [2, 3],
        },
        () => 2,
      ),
  },
  [QUEUE_REPORT]: {
    topic: 'statuses',
    title: 'The answer to a camt.005: what of the bank’s own waits, and why',
    schema: QueueReportSchema,
    example: () =>
      writeQueueReport(
        { messageId: 'main-811-answer', createdAtMs: atMs, queryId: 'R-0001', to: bank },
        [
          {
            ...{ id: uetr, messageType: CREDIT_TRANSFER, account: 'EUR', minorUnits: 2 },
            ...{ amountMinor: 1250n, counterparty: other, priority: 'normal', place: 1 },
            ...{ settlementDate: '2026-03-16', sinceMs: atMs - 60_000, pending: 'PSTL' },
            reason: 'AM04',
            information: ['Waits for funds', 'Short by EUR 2.50'],
          },
        ],
        1,
        1,
      ),
  },
  [DAY_REPORT]: {
    topic: 'statuses',
    title: 'The answer to a camt.018: how the business day of each currency stands',
    schema: DayReportSchema,
    example: () =>
      writeDayReport(
        {
          messageId: 'main-811-answer',
          createdAtMs: atMs,
          queryId: 'R-0001',
          network: 'sandbox-1',
        },
        [
          {
            currency: 'EUR',
            day: {
              ...{ date: Math.floor(atMs / 86_400_000), openedMs: atMs - 7_200_000 },
              ...{ cutOffMs: atMs + 8 * 3_600_000, closedMs: null },
            },
          },
        ],
      ),
  },
  [NOTIFICATION]: {
    topic: 'statements',
    title: 'What was booked on the bank’s accounts',
    schema: NotificationSchema,
    example: () =>
      writeNotification(head('main-811-booked'), [
        {
          account,
          id: 'main-811-EUR',
          entries: writer.booked(
            'main-811-1',
            1250n,
            false,
            atMs,
            'payment',
            uetr,
            agentText(bank, false),
          ),
        },
      ]),
  },
  [STATEMENT]: {
    topic: 'statements',
    title: 'A business day of an account, or a page of it',
    schema: StatementSchema,
    isSigned: true,
    example: () =>
      writeStatement(head('main-811-EUR-closed'), [
        {
          ...{ account, id: 'main-811-EUR-closed', sequence: 1, period, summary },
          page: { number: 1, isLast: true },
          balances: [
            { code: 'OPBD', amount: 0n, at: period.fromMs },
            { code: 'CLBD', amount: 1250n, at: '2026-03-16', credit: 0n },
            { code: 'CLAV', amount: 1250n, at: '2026-03-16', credit: 0n, creditIncluded: true },
          ],
          entries: [
            writer.batch({
              ...{ reference: 'main-810-CRDT', amount: 1250n, kind: 'payment', bookedAtMs: atMs },
              ...{ uetr, counterparty: null, batch: { messageId: 'main-810-booked', count: 1 } },
            }),
          ],
        },
      ]),
  },
  [ACCOUNT_REPORT]: {
    topic: 'statements',
    title: 'How the bank’s accounts are',
    schema: AccountReportSchema,
    isSigned: true,
    example: () =>
      writeAccountReport(head('main-811-report'), [
        {
          ...{ account, id: 'main-811-report-EUR', period, summary },
          balances: [{ code: 'ITBD', amount: 1250n, at: atMs, credit: 0n }],
        },
      ]),
  },
};
