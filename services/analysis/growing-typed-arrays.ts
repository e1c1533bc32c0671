/** Typed arrays that grow: what stands in columns for millions of rows. */
type Column = (Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array) | BigInt64Array;

/** A column of this length with what the shorter one has. */
export function grown<One extends Column>(column: One, length: number): One {
  const longer = new (column.constructor as new (length: number) => One)(length);
  longer.set(column as never);
  return longer;
}

/** Gives every column room for twice as many rows. */
export function double(columns: Record<string, Column>): void {
  for (const [name, column] of Object.entries(columns))
    columns[name] = grown(column, 2 * column.length);
}

const FIRST_POSITIONS = 1024;

/**
 * What there is by position in a log of millions, most of which have nothing: as a map has it, which would hash
 * each position.
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
