/** Times from submission to settlement, ms, 0 or more. Most payments settle as they come in: those are counted. */
export class AscendingWaits {
  readonly #above: number[] = [];
  #zeros = 0;
  #most = 0;

  add(waitMs: number): void {
    if (waitMs === 0) this.#zeros += 1;
    else {
      this.#above.push(waitMs);
      if (waitMs > this.#most) this.#most = waitMs;
    }
  }

  ascending(): Float64Array {
    const all = new Float64Array(this.#zeros + this.#above.length);
    // Sorted as whole numbers, where they are below seven weeks: that takes half as long.
    const Column = this.#most < 2 ** 32 ? Uint32Array : Float64Array;
    all.set(new Column(this.#above).sort(), this.#zeros);
    return all;
  }
}
