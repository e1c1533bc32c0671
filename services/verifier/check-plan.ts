/** Records of a pool's input that lie together, with messages among them. */
export interface Segment {
  readonly pool: string;
  readonly from: number;
  /** The first offset behind it. */
  readonly to: number;
  readonly messages: number;
}

interface Owed extends Segment {
  /** Since when it waits for its first proof, elapsed ms; null: it was proven before. */
  sinceMs: number | null;
}

/**
 * In which order segments are proven: passes over what is owed, each in a random order. What comes
 * during a pass waits for the next, so that each segment is reached in bounded time, and none too soon
 * for somebody who knows what was drawn before.
 */
export class CheckPlan {
  readonly #passEveryMs: number;
  readonly #segments: Owed[] = [];
  #pass: Owed[] = [];
  #later: Owed[] = [];
  #owedMessages = 0;
  #state: number;
  #passBeganMs = Number.NEGATIVE_INFINITY;
  #coveredAtMs: number | null = null;

  constructor(seed: number, passEveryMs: number) {
    this.#state = seed >>> 0;
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

  /** @param sinceMs elapsed ms where it is owed; null: it is proven at once */
  add(segment: Segment, sinceMs: number | null): void {
    const owed = { ...segment, sinceMs };
    this.#segments.push(owed);
    if (sinceMs === null) return;
    this.#later.push(owed);
    this.#owedMessages += segment.messages;
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
      return;
    }
    if (this.#passBeganMs === Number.NEGATIVE_INFINITY) this.#passBeganMs = elapsedMs;
    this.#pass = this.#later;
    this.#later = [];
  }

  /** Whole, from 0 up to below; mulberry32. */
  #random(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below);
  }
}
