/**
 * CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), eight bytes a step: a third of the time of a
 * byte a step. https://create.stephan-brumme.com/crc32/#slicing-by-8-overview
 */
const POLYNOMIAL = 0x82f63b78;
const STEP_BYTES = 8;

/** Table k at 256 k: what a byte does to the rest k bytes later. */
const TABLES = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(STEP_BYTES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
    tables[byte] = rest;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] as number;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] as number);
  }
  return tables;
}

/** As an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const t = TABLES;
  const steps = bytes.length - (bytes.length % STEP_BYTES);
  let rest = -1;
  let at = 0;
  for (; at < steps; at += STEP_BYTES) {
    const low = view.getInt32(at, true) ^ rest;
    const high = view.getInt32(at + 4, true);
    rest =
      (t[0x700 + (low & 0xff)] as number) ^
      (t[0x600 + ((low >>> 8) & 0xff)] as number) ^
      (t[0x500 + ((low >>> 16) & 0xff)] as number) ^
      (t[0x400 + (low >>> 24)] as number) ^
      (t[0x300 + (high & 0xff)] as number) ^
      (t[0x200 + ((high >>> 8) & 0xff)] as number) ^
      (t[0x100 + ((high >>> 16) & 0xff)] as number) ^
      (t[high >>> 24] as number);
  }
  for (; at < bytes.length; at++)
    rest = (rest >>> 8) ^ (t[(rest ^ (bytes[at] as number)) & 0xff] as number);
  return ~rest >>> 0;
}
