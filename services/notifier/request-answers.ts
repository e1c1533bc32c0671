import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import {
  ATTESTATION,
  CANCELLATION,
  CREDITOR_STATUS,
  DAY_QUERY,
  LIMIT,
  LIMIT_REMOVAL,
  MESSAGE_TYPES,
  QUEUE_QUERY,
  RECALL_ANSWER,
  REORDERING,
  REPORT_REQUEST,
  RESERVATION,
  STATUS_REQUEST,
} from '../protocol/messages/message-types.ts';
import { reasonOfMessage } from '../protocol/messages/own-ids.ts';
import {
  type Answer,
  RECEIPT,
  RESOLUTION,
  writeReceipt,
  writeResolution,
} from '../protocol/messages/resolution-and-receipt.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { IsoReason } from '../protocol/names/iso-reasons.ts';
import { reasonOf } from '../protocol/records/event-payment.ts';
import type { Original } from '../protocol/records/input-record.ts';
import { aboutIn } from './kept-originals.ts';

/** Messages that ask for something other than a payment and get an answer of their own. */
const REQUESTS: ReadonlySet<string> = new Set([
  CANCELLATION,
  REORDERING,
  LIMIT,
  LIMIT_REMOVAL,
  RESERVATION,
  REPORT_REQUEST,
  QUEUE_QUERY,
  DAY_QUERY,
  RECALL_ANSWER,
  CREDITOR_STATUS,
  STATUS_REQUEST,
  ATTESTATION,
]);

export const isRequest = (messageType: string): boolean => REQUESTS.has(messageType);

/** Whether an event is about a request, and not about a payment. */
export const isOfRequest = (event: SettlementEvent): boolean =>
  'messageType' in event && isRequest(MESSAGE_TYPES[event.messageType] ?? '');

/** Whether what the event is about went on to another bank, now or when it first came. */
const isPassedOn = (event: SettlementEvent): boolean =>
  event.kind === 'passedOn' || (event.kind === 'repeated' && event.outcome === 'passedOn');

export interface RequestAnswer {
  readonly type: string;
  readonly value: Uint8Array;
}

/**
 * The answer to a request, from the event that decided it.
 * @param detail what is wrong in the request itself, in lines, where the fault is its own
 * @param refusal why what was asked for cannot be told, where the pool took the request
 */
export function answerTo(
  event: SettlementEvent,
  request: Original,
  to: Bic,
  messageId: string,
  network: string,
  detail: readonly string[] | null,
  refusal: IsoReason | null = null,
): RequestAnswer {
  const requestType = request.headers.ce_type ?? '';
  // The reason of what was cancelled as asked is no refusal.
  const reason = reasonOf(event);
  const refused = reason !== 'cancelledByDebtorAgent' && reason !== 'quoteWithdrawn';
  const answer: Answer = {
    messageId,
    createdAtMs: event.timeMs,
    from: network,
    to,
    requestId: request.headers.ce_id ?? '',
    requestType,
    reason: refusal ?? (refused ? reasonOfMessage(reason, requestType) : null),
    detail,
  };
  return requestType === CANCELLATION
    ? { type: RESOLUTION, value: writeResolution(answer, aboutIn(request).uetr, isPassedOn(event)) }
    : { type: RECEIPT, value: writeReceipt(answer) };
}
