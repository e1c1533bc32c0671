// Times of payments as instants: a time is a number of whole seconds after 00:00 UTC of the day before the
// settlement date.
import { DATE, LATEST } from './live-payment';

const DAY_MS: i64 = 86_400_000;

/** The two times of a record or, from `LATEST`, the one of a payment: 24 bits each. */
export function secondsAt(address: usize): u32 {
  return <u32>load<u16>(address) | ((<u32>load<u8>(address, 2)) << 16);
}

export function instantOf(date: u32, seconds: u32): i64 {
  return (<i64>date - 1) * DAY_MS + <i64>seconds * 1000;
}

/** The same where 0 is no time: the largest number. */
export function instantOrNever(date: u32, seconds: u32): i64 {
  return seconds == 0 ? i64.MAX_VALUE : instantOf(date, seconds);
}

/** When the latest time of a leg comes; the largest number where it has none. */
export function latestOf(leg: usize): i64 {
  return instantOrNever(load<u32>(leg, DATE), secondsAt(leg + LATEST));
}
