/** Several sources, each in order of time, merged into one. */

/** Gives the next of a source with each call, in order of time; at last null. */
export type Next<T> = () => T | null;

const ENDED = () => null;

/** What a generator yields. */
export function yielded<T>(from: Iterator<T, void>): Next<T> {
  return () => {
    const { value, done } = from.next();
    return done === true ? null : value;
  };
}

/**
 * All of them by time, those of one instant by source. A tournament: of each two the earlier goes on,
 * and where one was taken the next of its source plays on the same way up.
 * @param sources of one that has ended its place is taken by nothing
 */
export function earliestFirst<T extends { readonly atMs: number }>(sources: Next<T>[]): Next<T> {
  let places = 1;
  while (places < sources.length) places *= 2;
  const heads = sources.map((next) => next());
  const atMs = new Float64Array(places);
  /** By match, each from the two at twice its number; the last is 1. Behind the matches the sources themselves. */
  const winners = new Uint32Array(2 * places);
  function play(source: number): void {
    atMs[source] = heads[source]?.atMs ?? Number.POSITIVE_INFINITY;
    for (let match = (places + source) >>> 1; match > 0; match >>>= 1) {
      // Not as a list, which would be made for each of millions.
      const one = winners[2 * match]!;
      const other = winners[2 * match + 1]!;
      winners[match] = atMs[other]! < atMs[one]! ? other : one;
    }
  }
  for (let source = 0; source < places; source++) {
    winners[places + source] = source;
    play(source);
  }
  return () => {
    const source = winners[1]!;
    const head = heads[source] ?? null;
    if (head !== null) {
      heads[source] = sources[source]!();
      // One that has ended keeps nothing: there may be as many as dates times flows.
      if (heads[source] === null) sources[source] = ENDED;
      play(source);
    }
    return head;
  };
}
