// The operator's records about limits across currencies: what a currency is worth, and the limits.
//
// Invariant: a record is applied whole, with one event, or refused whole. What it changes may let queued
// payments go: all accounts of every participant that has such limits are scanned next.

import { accountOf, currencyCount, participantCount } from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { hasCrossLimits, setCrossLimits, setValuation } from './cross-limits';
import { writeEvent } from './event-output';
import {
  EVENT_CROSS_LIMIT_SET,
  EVENT_VALUATION_SET,
  IN_AMOUNT_1,
  IN_AMOUNT_2,
  IN_CURRENCY_1,
  IN_HAIRCUT_BPS,
  IN_PARTICIPANT,
  OUT_AMOUNT_1,
  OUT_AMOUNT_2,
  OUT_CURRENCY_1,
  OUT_DEBTOR_AGENT,
  REASON_NONE,
  REASON_RECORD_INVALID,
} from './record-numbers';

function rescanAll(participant: u32): void {
  for (let currency: u32 = 0; currency < currencyCount(); currency++) {
    const account = accountOf(participant, currency);
    if (account != 0) pushWork(account);
  }
}

/** Sets the value of a currency's minor unit and its haircut. */
export function value(record: usize): i32 {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const weight = load<i64>(record, IN_AMOUNT_1);
  const haircutBps = load<u32>(record, IN_HAIRCUT_BPS);
  if (currency >= currencyCount() || !setValuation(currency, weight, haircutBps))
    return REASON_RECORD_INVALID;
  const event = writeEvent(EVENT_VALUATION_SET, REASON_NONE);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, weight, OUT_AMOUNT_1);
  store<i64>(event, haircutBps, OUT_AMOUNT_2);
  for (let p: u32 = 0; p < participantCount(); p++) if (hasCrossLimits(p)) rescanAll(p);
  return REASON_NONE;
}

/** Sets a participant's aggregate short limit and its pooled collateral. */
export function limitAcross(record: usize): i32 {
  const participant = load<u32>(record, IN_PARTICIPANT);
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const aggregate = load<i64>(record, IN_AMOUNT_1);
  const pooled = load<i64>(record, IN_AMOUNT_2);
  if (accountOf(participant, currency) == 0 || aggregate < -1 || pooled < -1)
    return REASON_RECORD_INVALID;
  setCrossLimits(participant, currency, aggregate, pooled);
  const event = writeEvent(EVENT_CROSS_LIMIT_SET, REASON_NONE);
  store<u32>(event, participant, OUT_DEBTOR_AGENT);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, aggregate, OUT_AMOUNT_1);
  store<i64>(event, pooled, OUT_AMOUNT_2);
  rescanAll(participant);
  return REASON_NONE;
}
