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
 * Which of many sources is next: by the time of its head, those of one instant by source. Of each two the earlier goes
 * on, and where one's head was taken the next of its source plays on the same way up.
 */
export class Tournament {
  readonly #atMs: Float64Array;
  /** By match, each from the two at twice its number; the last is 1. Behind the matches the sources themselves. */
  readonly #winners: Uint32Array;
  readonly #places: number;

  /** None has a head yet. */
  constructor(sources: number) {
    let places = 1;
    while (places < sources) places *= 2;
    this.#places = places;
    this.#atMs = new Float64Array(places).fill(Number.POSITIVE_INFINITY);
    this.#winners = new Uint32Array(2 * places);
    for (let source = places - 1; source >= 0; source--) {
      this.#winners[places + source] = source;
      this.play(source, Number.POSITIVE_INFINITY);
    }
  }

  get first(): number {
    return this.#winners[1]!;
  }

  /** @param headMs of the source's head now; infinity: it has ended */
  play(source: number, headMs: number): void {
    const atMs = this.#atMs;
    const winners = this.#winners;
    atMs[source] = headMs;
    for (let match = (this.#places + source) >>> 1; match > 0; match >>>= 1) {
      // Not as a list, which would be made for each of millions.
      const one = winners[2 * match]!;
      const other = winners[2 * match + 1]!;
      winners[match] = atMs[other]! < atMs[one]! ? other : one;
    }
  }
}

/**
 * All of them by time, those of one instant by source.
 * @param sources of one that has ended its place is taken by nothing
 */
export function earliestFirst<T extends { readonly atMs: number }>(sources: Next<T>[]): Next<T> {
  const tournament = new Tournament(sources.length);
  const heads: (T | null)[] = [];
  const advance = (source: number) => {
    const head = sources[source]!();
    heads[source] = head;
    // One that has ended keeps nothing: there may be as many as dates times flows.
    if (head === null) sources[source] = ENDED;
    tournament.play(source, head?.atMs ?? Number.POSITIVE_INFINITY);
  };
  for (const source of sources.keys()) advance(source);
  return () => {
    const { first } = tournament;
    const head = heads[first] ?? null;
    if (head !== null) advance(first);
    return head;
  };
}
