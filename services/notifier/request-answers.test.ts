import assert from 'node:assert/strict';
import { test } from 'node:test';
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
import { RECEIPT, RESOLUTION } from '../protocol/messages/resolution-and-receipt.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import { answerTo, isOfRequest, isRequest } from './request-answers.ts';

type Event = Parameters<typeof answerTo>[0];
const UETR = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
const REQUESTS = [
  ...[
    CANCELLATION,
    REORDERING,
    LIMIT,
    LIMIT_REMOVAL,
    RESERVATION,
    REPORT_REQUEST,
    QUEUE_QUERY,
    DAY_QUERY,
  ],
  ...[RECALL_ANSWER, CREDITOR_STATUS, STATUS_REQUEST, ATTESTATION],
];

/** The answer as its reader parses it, and its type. */
function answer(
  type: string,
  reason: string,
  detail: readonly string[] | null = null,
  cancels = UETR,
) {
  const event = { reason, timeMs: Date.UTC(2026, 2, 16, 9) } as unknown as Event;
  const document = { FIToFIPmtCxlReq: { Undrlyg: [{ TxInf: [{ OrgnlUETR: cancels }] }] } };
  const request = {
    headers: { ce_type: type, ce_id: 'REQ-1' },
    payload: Buffer.from(JSON.stringify({ Document: document })),
  } as unknown as Parameters<typeof answerTo>[1];
  const made = answerTo(event, request, 'ALFADE00' as Bic, 'main-9-answer', 'test-1', detail);
  return { type: made.type, text: Buffer.from(made.value).toString('utf8') };
}

test('every request gets an answer of its own, and no payment does', () => {
  for (const type of REQUESTS) assert.ok(isRequest(type), type);
  const others = MESSAGE_TYPES.filter((type) => !(REQUESTS as readonly string[]).includes(type));
  assert.ok(others.length >= 3);
  assert.deepEqual(others.filter(isRequest), []);
  for (const [messageType, type] of MESSAGE_TYPES.entries())
    assert.equal(isOfRequest({ messageType } as Event), isRequest(type), type);
  assert.equal(isOfRequest({ messageType: MESSAGE_TYPES.length } as Event), false);
});

test('a cancellation is resolved: done, or refused with its reason, and its payment is named', () => {
  const done = answer(CANCELLATION, 'cancelledByDebtorAgent');
  assert.equal(done.type, RESOLUTION);
  assert.match(done.text, /"Conf":"CNCL"/);
  assert.ok(done.text.includes(UETR));
  assert.ok(done.text.includes('2026-03-16T09:00:00.000Z') && done.text.includes('ALFADE00'));
  const refused = answer(CANCELLATION, 'paymentFinal');
  assert.match(refused.text, /"Conf":"RJCR"/);
  assert.ok(refused.text.includes(isoReason('paymentFinal')?.text as string));
  assert.doesNotMatch(answer(CANCELLATION, 'paymentFinal', null, 'none').text, /"none"/);
});

test('other requests get a receipt: done as asked, or refused with the code and what is wrong', () => {
  for (const type of REQUESTS.slice(1)) {
    const done = answer(type, 'none');
    assert.equal(done.type, RECEIPT);
    const { RctDtls } = JSON.parse(done.text).Document.Rct;
    assert.deepEqual(RctDtls, [
      { OrgnlMsgId: { MsgId: 'REQ-1', MsgNmId: type }, ReqHdlg: [{ StsCd: 'COMP' }] },
    ]);
  }
  const said = (detail: readonly string[] | null) =>
    JSON.parse(answer(LIMIT, 'paymentUnknown', detail).text).Document.Rct.RctDtls[0].ReqHdlg;
  const { code, text, remedy } = isoReason('paymentUnknown') as NonNullable<
    ReturnType<typeof isoReason>
  >;
  const why = { StsCd: 'RJCT', Desc: `${code} ${text}. ${remedy}`.slice(0, 140) };
  assert.deepEqual(said(null), [why]);
  const lines = ['Rule: amount-form', 'Path: /Amt'];
  assert.deepEqual(said(lines), [why, ...lines.map((Desc) => ({ StsCd: 'RJCT', Desc }))]);
});
