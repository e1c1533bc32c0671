/** Typed arrays that grow: what stands in columns for millions of rows. What stands by position: values-by-position.ts. */
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
