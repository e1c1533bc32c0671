/** The same bytes with the methods of a Buffer. To make one of what is one takes as long as to read it. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The number, from 1, of the first byte that is of no character in UTF-8. */
export function firstNotUtf8(bytes: Uint8Array): number {
  // What is none is read as a character of three bytes, which differ from it.
  const again = Buffer.from(asBuffer(bytes).toString('utf8'));
  return 1 + bytes.findIndex((byte, at) => again[at] !== byte);
}
