// What payments and legs of trades have in common as they become live. Which settlement dates are taken:
// cut-offs-and-cycle-times.ts.
import {
  DATE,
  ID,
  IDENTITY,
  MARK,
  MESSAGE_TYPE,
  POSITION,
  QUOTE,
  QUOTE_SERIAL,
  TIMER,
} from './live-payment';
import { clearState } from './queue-places';
import { quoteSerial } from './quotes';
import { IN_DATE, IN_ID, IN_MESSAGE_TYPE, IN_POSITION } from './record-numbers';

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
  store<u8>(payment, 0, MARK);
  store<u32>(payment, 0, TIMER);
  clearState(payment);
}
