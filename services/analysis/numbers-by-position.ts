/**
 * A number for each of some positions in a log, as a map has it: for who asks several times for each of millions. Memory
 * follows how many there are at once, and not how far the log has come.
 */
const NONE = -1;
const FIRST_ROOM = 1024;
/** So that neighbours in the log are none in the table. */
const SPREAD = 0x9e37_79b1;

export class NumbersByPosition {
  /** By place in the table; half of the places or more have no position. */
  #positions = new Float64Array(FIRST_ROOM).fill(NONE);
  #numbers = new Int32Array(FIRST_ROOM);
  #mask = FIRST_ROOM - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Its number; -1: it has none. */
  get(position: number): number {
    const place = this.#placeOf(position);
    return this.#positions[place] === NONE ? NONE : this.#numbers[place]!;
  }

  /** @param number 0 or more */
  set(position: number, number: number): void {
    let place = this.#placeOf(position);
    if (this.#positions[place] === NONE) {
      if (2 * (this.#size + 1) > this.#mask) {
        this.#grow();
        place = this.#placeOf(position);
      }
      this.#size += 1;
      this.#positions[place] = position;
    }
    this.#numbers[place] = number;
  }

  /** What stands behind it and found its own place taken moves up. */
  delete(position: number): void {
    const positions = this.#positions;
    const mask = this.#mask;
    let free = this.#placeOf(position);
    if (positions[free] === NONE) return;
    this.#size -= 1;
    for (let place = (free + 1) & mask; positions[place] !== NONE; place = (place + 1) & mask) {
      const own = this.#ownPlace(positions[place]!);
      if (((place - own) & mask) < ((place - free) & mask)) continue;
      positions[free] = positions[place]!;
      this.#numbers[free] = this.#numbers[place]!;
      free = place;
    }
    positions[free] = NONE;
  }

  #ownPlace(position: number): number {
    const hash = Math.imul(position, SPREAD);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  /** Where it stands, or would. */
  #placeOf(position: number): number {
    const positions = this.#positions;
    let place = this.#ownPlace(position);
    while (positions[place] !== position && positions[place] !== NONE)
      place = (place + 1) & this.#mask;
    return place;
  }

  #grow(): void {
    const positions = this.#positions;
    const numbers = this.#numbers;
    this.#positions = new Float64Array(2 * positions.length).fill(NONE);
    this.#numbers = new Int32Array(2 * positions.length);
    this.#mask = 2 * positions.length - 1;
    for (let at = 0; at < positions.length; at++) {
      if (positions[at] === NONE) continue;
      const place = this.#placeOf(positions[at]!);
      this.#positions[place] = positions[at]!;
      this.#numbers[place] = numbers[at]!;
    }
  }
}
