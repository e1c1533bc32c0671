/** A number of this size and another as small add up exactly. */
const SAFE = 2 ** 52;

/** The exact sum of amounts in minor units: whole numbers while they are, as bigints take ten times as long. */
export function sumMinor<T>(items: Iterable<T>, minorOf: (item: T) => bigint): bigint {
  let high = 0n;
  let low = 0;
  for (const item of items) {
    const minor = minorOf(item);
    const number = Number(minor);
    if (number > SAFE || number < -SAFE) {
      high += minor;
      continue;
    }
    low += number;
    if (low > SAFE || low < -SAFE) {
      high += BigInt(low);
      low = 0;
    }
  }
  return high + BigInt(low);
}

/** Items by a name of theirs, in their order. */
export function groupBy<T, Key>(items: Iterable<T>, keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
