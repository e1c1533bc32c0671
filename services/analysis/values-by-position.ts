import { grown } from './growing-typed-arrays.ts';

const FIRST_POSITIONS = 1024;

/**
 * What there is by position in a log of millions, most of which have nothing: as a map has it, which would hash
 * each position. A number for a few of them: numbers-by-position.ts.
 */
export class ByPosition<Value> {
  /** By position: the place of its value, 0: it has none. */
  #placeOf = new Uint32Array(FIRST_POSITIONS);
  readonly #values: (Value | undefined)[] = [undefined];
  /** Places whose values were deleted. */
  readonly #free: number[] = [];

  get size(): number {
    return this.#values.length - 1 - this.#free.length;
  }

  get(position: number): Value | undefined {
    return this.#values[this.#placeOf[position] ?? 0];
  }

  set(position: number, value: Value): void {
    if (position >= this.#placeOf.length) this.#placeOf = grown(this.#placeOf, 2 * position);
    const place = this.#placeOf[position] || (this.#free.pop() ?? this.#values.length);
    this.#placeOf[position] = place;
    this.#values[place] = value;
  }

  /** Whether there was a value. */
  delete(position: number): boolean {
    const place = this.#placeOf[position] ?? 0;
    if (place === 0) return false;
    this.#placeOf[position] = 0;
    this.#values[place] = undefined;
    this.#free.push(place);
    return true;
  }
}
