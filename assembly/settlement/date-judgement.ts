// What payments and legs of trades have in common when they come in.
import { judgeDate } from './calendar';
import {
  DATE,
  DROPPED,
  ID,
  IDENTITY,
  MESSAGE_TYPE,
  POSITION,
  QUOTE,
  QUOTE_SERIAL,
  TIMER,
} from './live-payment';
import { clearState } from './queue';
import { quoteSerial } from './quotes';
import {
  IN_CURRENCY_1,
  IN_CURRENCY_2,
  IN_DATE,
  IN_ID,
  IN_MESSAGE_TYPE,
  IN_POSITION,
  REASON_NONE,
  REASON_SETTLEMENT_DATE_INVALID,
} from './record-numbers';

/** A date that one of the currencies cannot settle comes before a currency that has closed for it. */
export function judgeDates(record: usize, linked: bool): i32 {
  const date = load<u32>(record, IN_DATE);
  const first = judgeDate(load<u16>(record, IN_CURRENCY_1), date);
  if (!linked || first == REASON_SETTLEMENT_DATE_INVALID) return first;
  const second = judgeDate(load<u16>(record, IN_CURRENCY_2), date);
  return second != REASON_NONE ? second : first;
}

/** What a payment has besides its legs and times as it becomes live; `quote` 0: none. */
export function fill(payment: usize, record: usize, serial: u64, quote: usize): void {
  store<u64>(payment, load<u64>(record, IN_POSITION), POSITION);
  store<u64>(payment, load<u64>(record, IN_ID), ID);
  store<u64>(payment, load<u64>(record, IN_ID + 8), ID + 8);
  store<u64>(payment, serial, IDENTITY);
  store<u32>(payment, quote, QUOTE);
  store<u32>(payment, quote == 0 ? 0 : quoteSerial(quote), QUOTE_SERIAL);
  store<u32>(payment, load<u32>(record, IN_DATE), DATE);
  store<u16>(payment, load<u16>(record, IN_MESSAGE_TYPE), MESSAGE_TYPE);
  store<u8>(payment, 0, DROPPED);
  store<u32>(payment, 0, TIMER);
  clearState(payment);
}
