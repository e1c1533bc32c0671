/** What banks are told: of each type its form, and an example by the code that writes it. */
import type { TSchema } from '@sinclair/typebox';
import {
  type Answer,
  RECEIPT,
  RESOLUTION,
  ReceiptSchema,
  ResolutionSchema,
  writeReceipt,
  writeResolution,
} from '../protocol/messages/answers.ts';
import { CANCELLATION, CREDIT_TRANSFER, LIMIT } from '../protocol/messages/instruction.ts';
import {
  STATUS_REPORT,
  StatusReportSchema,
  writeStatusReport,
} from '../protocol/messages/status-report.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import {
  SYSTEM_EVENT,
  SystemEventSchema,
  writeWithheldNotices,
} from '../protocol/records/system-event.ts';
import { EXAMPLE } from './sent-messages.ts';

/** The topics of a bank in which a type is told, by the first word of their names. */
type ToldTopic = 'statuses';

export interface ToldType {
  readonly topic: ToldTopic;
  readonly title: string;
  readonly schema: TSchema;
  /** The bytes of an example. */
  readonly example: () => Uint8Array;
}

const { bank, uetr, atMs } = EXAMPLE;
const answer: Answer = {
  messageId: 'main-812-answer',
  createdAtMs: atMs,
  to: bank,
  requestId: 'R-0001',
  requestType: LIMIT,
  reason: null,
  detail: null,
};

/**
 * By type, all that the notifier writes into a bank's own topics, but for deliveries, which are what
 * another bank sent.
 */
export const TOLD: Readonly<Record<string, ToldType>> = {
  [STATUS_REPORT]: {
    topic: 'statuses',
    title: 'What became of a message, at each change',
    schema: StatusReportSchema,
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
    schema: ResolutionSchema,
    example: () => writeResolution({ ...answer, requestType: CANCELLATION }, uetr),
  },
  [RECEIPT]: {
    topic: 'statuses',
    title: 'The answer to a request that asks for no payment and no report',
    schema: ReceiptSchema,
    example: () => writeReceipt(answer),
  },
  [SYSTEM_EVENT]: {
    topic: 'statuses',
    title: 'How many notices of messages that failed authentication were not told one by one',
    schema: SystemEventSchema,
    example: () => writeWithheldNotices({ count: 12, fromMs: atMs, toldAtMs: atMs + 60_000 }),
  },
};
