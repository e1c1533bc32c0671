// What attestors count in the records that they have made: a meter its reading, a register the version of a document.
//
// Invariant: of each participant the counter of its last record that had one, 0: none. It never falls.
import { reserve } from '../memory';

// By participant, an i64.
const COUNTER_SHIFT: u64 = 3;

let counters: usize = 0;

/** A network that takes no attestations keeps none. */
export function counterBytes(participants: u32, asked: u32): u64 {
  return asked == 0 ? 0 : (<u64>participants) << COUNTER_SHIFT;
}

export function reserveCounters(participants: u32, asked: u32): bool {
  if (asked == 0) return true;
  counters = reserve(counterBytes(participants, asked));
  return counters != 0;
}

/** Keeps a counter, unless its attestor has counted further: whether it did not. */
export function countOn(attestor: u32, counter: i64): bool {
  const last = counters + ((<usize>attestor) << (<usize>COUNTER_SHIFT));
  if (counter < load<i64>(last)) return false;
  store<i64>(last, counter);
  return true;
}
