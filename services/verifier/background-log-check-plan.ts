import { seededDraws } from './seeded-draws.ts';

/** Records of a pool's input that lie together, with messages among them. */
export interface Segment {
  readonly pool: string;
  readonly from: number;
  /** The first offset behind it. */
  readonly to: number;
  readonly messages: number;
}

interface Owed extends Segment {
  to: number;
  messages: number;
  /** Since when it waits for its first proof, elapsed ms; null: it was proven before. */
  sinceMs: number | null;
  /** Whether it waits for this pass, for the next, or for nothing. */
  place: 'pass' | 'later' | 'proven';
}

/** Records that a segment takes in: a network for years has few segments, each soon read. */
const SEGMENT_RECORDS = 512;

/**
 * In which order segments are proven: passes over what is owed, each in a random order. What comes
 * during a pass waits for the next, so that each segment is reached in bounded time, and none too soon
 * for somebody who knows what was drawn before.
 */
export class CheckPlan {
  readonly #passEveryMs: number;
  readonly #segments: Owed[] = [];
  /** By pool, the one that ends last. */
  readonly #newest = new Map<string, Owed>();
  #pass: Owed[] = [];
  #later: Owed[] = [];
  #owedMessages = 0;
  readonly #random: (below: number) => number;
  #passBeganMs = Number.NEGATIVE_INFINITY;
  #coveredAtMs: number | null = null;

  constructor(seed: number, passEveryMs: number) {
    this.#random = seededDraws(seed);
    this.#passEveryMs = passEveryMs;
  }

  /** When all that there was had been proven last, ms since 1970. */
  get coveredAtMs(): number | null {
    return this.#coveredAtMs;
  }

  /** Messages that were not proven in this pass, or never. */
  get owedMessages(): number {
    return this.#owedMessages;
  }

  /** Segments that are there. */
  get segments(): number {
    return this.#segments.length;
  }

  /**
   * In the order of each pool's log. What is read a few records at a time becomes one segment.
   * @param sinceMs elapsed ms where it is owed; null: it is proven at once
   */
  add(segment: Segment, sinceMs: number | null): void {
    const place = sinceMs === null ? 'proven' : 'later';
    if (sinceMs !== null) this.#owedMessages += segment.messages;
    const newest = this.#newest.get(segment.pool);
    if (newest?.place === place && segment.to - newest.from <= SEGMENT_RECORDS) {
      newest.to = segment.to;
      newest.messages += segment.messages;
      return;
    }
    const added: Owed = { ...segment, sinceMs, place };
    this.#newest.set(segment.pool, added);
    this.#segments.push(added);
    if (sinceMs !== null) this.#later.push(added);
  }

  /** The next one to be proven now; null while nothing is owed. */
  draw(elapsedMs: number, nowMs: number): Segment | null {
    if (this.#pass.length === 0) this.#begin(elapsedMs, nowMs);
    const at = this.#random(this.#pass.length);
    const last = this.#pass.pop();
    if (!last) return null;
    const drawn = at < this.#pass.length ? (this.#pass[at] as Owed) : last;
    if (drawn !== last) this.#pass[at] = last;
    drawn.sinceMs = null;
    drawn.place = 'proven';
    this.#owedMessages -= drawn.messages;
    return drawn;
  }

  /** For how long the oldest has waited for its first proof, ms. */
  oldestOwedMs(elapsedMs: number): number {
    let oldest = elapsedMs;
    for (const list of [this.#pass, this.#later])
      for (const { sinceMs } of list) if (sinceMs !== null && sinceMs < oldest) oldest = sinceMs;
    return elapsedMs - oldest;
  }

  #begin(elapsedMs: number, nowMs: number): void {
    if (this.#later.length === 0) {
      this.#coveredAtMs = nowMs;
      if (elapsedMs - this.#passBeganMs < this.#passEveryMs) return;
      this.#passBeganMs = elapsedMs;
      this.#pass = [...this.#segments];
      this.#owedMessages = this.#pass.reduce((sum, { messages }) => sum + messages, 0);
      for (const one of this.#pass) one.place = 'pass';
      return;
    }
    if (this.#passBeganMs === Number.NEGATIVE_INFINITY) this.#passBeganMs = elapsedMs;
    this.#pass = this.#later;
    this.#later = [];
    for (const one of this.#pass) one.place = 'pass';
  }
}
