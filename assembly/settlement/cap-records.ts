// Cap records: net debit caps, and bilateral caps that one participant grants another. Whether a payment keeps them:
// `judgeCaps` in net-positions-and-caps.ts.

import { accountOf } from './accounts-and-conservation';
import { writeEvent } from './event-output';
import { AMOUNT_1, CREDIT_1, DEBIT_1 } from './live-payment';
import { pairIsKnown, setBilateralCap, setCap } from './net-positions-and-caps';
import { firstAccepted } from './netting-accepted';
import { nextInChain } from './queue-places';
import {
  EVENT_CAP_SET,
  IN_AMOUNT_1,
  IN_CREDITOR_AGENT,
  IN_CURRENCY_1,
  IN_PARTICIPANT,
  NONE32,
  OUT_AMOUNT_1,
  OUT_CREDITOR_AGENT,
  OUT_CURRENCY_1,
  OUT_DEBTOR_AGENT,
  REASON_NONE,
  REASON_RECORD_INVALID,
} from './record-numbers';

/** Sets a cap, or takes it away (-1), or says why not. It undoes nothing that has been accepted. */
export function changeCap(record: usize): i32 {
  const participant = load<u32>(record, IN_PARTICIPANT);
  const counterparty = load<u32>(record, IN_CREDITOR_AGENT);
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const cap = load<i64>(record, IN_AMOUNT_1);
  const account = accountOf(participant, currency);
  if (account == 0 || cap < -1) return REASON_RECORD_INVALID;
  if (counterparty == <u32>NONE32) {
    setCap(account, cap);
  } else {
    const grantee = accountOf(counterparty, currency);
    if (grantee == 0 || grantee == account) return REASON_RECORD_INVALID;
    const position = pairIsKnown(account, grantee) ? 0 : positionNow(account, grantee, currency);
    const reason = setBilateralCap(account, grantee, cap, position);
    if (reason != REASON_NONE) return reason;
  }
  const event = writeEvent(EVENT_CAP_SET, REASON_NONE);
  store<u32>(event, participant, OUT_DEBTOR_AGENT);
  store<u32>(event, counterparty, OUT_CREDITOR_AGENT);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, cap, OUT_AMOUNT_1);
  return REASON_NONE;
}

/** What is accepted from the grantor to the grantee, less what is accepted the other way. */
function positionNow(grantor: usize, grantee: usize, currency: u32): i64 {
  let position: i64 = 0;
  for (let payment = firstAccepted(currency); payment != 0; payment = nextInChain(payment)) {
    const debit = <usize>load<u32>(payment, DEBIT_1);
    const credit = <usize>load<u32>(payment, CREDIT_1);
    if (debit == grantor && credit == grantee) position += load<i64>(payment, AMOUNT_1);
    else if (debit == grantee && credit == grantor) position -= load<i64>(payment, AMOUNT_1);
  }
  return position;
}
