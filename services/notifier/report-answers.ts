import type { EventOf } from '../core/settlement/settlement-event.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { REPORT_REQUEST } from '../protocol/messages/message-types.ts';
import { isRefusal, readPayload } from '../protocol/messages/payload.ts';
import { ISO_REASONS, type IsoReason } from '../protocol/names/iso-reasons.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import type { Original } from '../protocol/records/input-record.ts';
import { faultLines } from '../protocol/rules/refusal.ts';
import { DAYS_HELD, type StatementSender, type Statements } from './statements.ts';

/** What a request for a report gives: messages, or why there are none. */
interface ReportAnswer {
  readonly messages: readonly AddressedMessage[];
  readonly refusal: IsoReason | null;
  /** Place, value and what would have been told, in lines. */
  readonly detail: readonly string[] | null;
}

const refused = (refusal: IsoReason, detail: readonly string[] | null = null): ReportAnswer => ({
  messages: [],
  refusal,
  detail,
});

const told = (messages: readonly AddressedMessage[]): ReportAnswer => ({
  ...{ messages, refusal: null, detail: null },
});

/**
 * Answers a camt.060 that the pool took, from the books as they are after its event; again where it was
 * sent again.
 */
export function answerReport(
  event: EventOf<'queried' | 'repeated'>,
  { headers, payload }: Original,
  statements: Statements | null,
  to: StatementSender,
  currencies: Currencies,
): ReportAnswer {
  const { ce_id: id = '', ce_source: sender = '' } = headers;
  const issuedAtMs = Number(headers.ce_issuedatms);
  const asked = readPayload(
    { messageType: REPORT_REQUEST, sender, id, issuedAtMs },
    payload,
    currencies,
    '',
    true,
  );
  // The pool takes a request only where it can be read.
  if (isRefusal(asked) || asked.kind !== 'query' || !('date' in asked))
    throw new Error(`the request of event ${event.number} cannot be read`);
  if (!statements) return refused(NO_STATEMENTS);
  const currency =
    asked.currency === null ? null : (to.directory.currencyHandle(asked.currency) ?? null);
  const query = { id, type: REPORT_REQUEST };
  if (asked.date === null) {
    const messages = statements.report(event, currency, query, to);
    return messages ? told(messages) : refused(ISO_REASONS.accountInvalid);
  }
  const messages = statements.statement(event, currency, asked.date, query, to);
  if (messages) return told(messages);
  const dates = statements.datesHeld(event.debtorAgent, currency).join(', ');
  const fault = {
    ...{ path: '/Document/AcctRptgReq/RptgReq/0/RptgPrd/FrToDt/FrDt', value: asked.date },
    expected: `must be one of the dates held: ${dates || 'there is none yet'}`,
  };
  return refused(notHeld(asked.date), faultLines(fault));
}

const NO_STATEMENTS: IsoReason = {
  code: 'NARR',
  text: 'This network writes no statements',
  remedy: 'Ask the operator for them',
};

const notHeld = (date: string): IsoReason => ({
  code: 'NARR',
  text: `No statement of ${date} is held`,
  remedy: `Ask for one of the last ${DAYS_HELD} business dates that have closed`,
});
