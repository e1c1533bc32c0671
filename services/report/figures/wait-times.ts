/** Times from submission to settlement, ms, 0 or more. Most payments settle as they come in: those are counted. */
export class WaitTimes {
  readonly #above: number[] = [];
  #zeros = 0;

  add(waitMs: number): void {
    if (waitMs === 0) this.#zeros += 1;
    else this.#above.push(waitMs);
  }

  ascending(): Float64Array {
    const all = new Float64Array(this.#zeros + this.#above.length);
    all.set(new Float64Array(this.#above).sort(), this.#zeros);
    return all;
  }
}
