/** `cases` as an array, once there are `count` or more: a loop over too few would prove nothing. */
export function atLeast<T>(count: number, cases: Iterable<T>): T[] {
  const all = [...cases];
  if (all.length < count)
    throw new Error(`a test goes over ${all.length} cases, and expects ${count} or more`);
  return all;
}
