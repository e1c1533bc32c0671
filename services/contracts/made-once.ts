/** What is made when it is first asked for, and the same from then on: documents that all messages stand in. */
export function madeOnce<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
