/**
 * BICs and UETRs, branded where they are parsed and trusted after that. That a scenario's BICs are nobody's:
 * scenario/resolve-participants.ts.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** ISO 9362, 8 or 11 characters, compared exactly: BANKDEF0 and BANKDEF0XXX are two participants. */
export type Bic = Brand<string, 'Bic'>;
/** Unique end-to-end transaction reference: a lower-case UUID version 4. */
export type Uetr = Brand<string, 'Uetr'>;

export const BIC_PATTERN = '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$';
export const UETR_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';

const BIC = new RegExp(BIC_PATTERN);
const UETR = new RegExp(UETR_PATTERN);

export const isBic = (text: string): text is Bic => BIC.test(text);
export const isUetr = (text: string): text is Uetr => UETR.test(text);

/** The country of a BIC, ISO 3166. */
export const countryOf = (bic: string): string => bic.slice(4, 6);

/** Where a UETR has its bytes' digits. */
const BYTE_PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DIGIT_0 = 0x30;
const LETTER_A = 0x61;

/** The 16 bytes of a UETR, in the order in which it is written. */
export function uetrBytes(uetr: Uetr): Uint8Array {
  const bytes = new Uint8Array(BYTE_PLACES.length);
  for (let index = 0; index < BYTE_PLACES.length; index++) {
    const at = BYTE_PLACES[index] as number;
    bytes[index] = (digitAt(uetr, at) << 4) | digitAt(uetr, at + 1);
  }
  return bytes;
}

function digitAt(uetr: string, at: number): number {
  const code = uetr.charCodeAt(at);
  return code < LETTER_A ? code - DIGIT_0 : code - LETTER_A + 10;
}

/** The inverse of `uetrBytes`; null for bytes that are not a version 4 UUID (an id of another kind). */
export function uetrFromBytes(bytes: Uint8Array, from = 0): Uetr | null {
  // One flat text: one that is put together of parts takes five times the memory.
  return writeUetr(bytes, from, writtenView, 0) ? (written.toString('latin1') as Uetr) : null;
}

/** Characters of a UETR. */
export const UETR_LENGTH = 36;

/**
 * Writes the UETR of the 16 bytes at a place as its characters in ASCII, four at a time.
 * @returns false for bytes that are none: then nothing is written
 */
export function writeUetr(bytes: Uint8Array, from: number, to: DataView, at: number): boolean {
  // Version and variant: all else of the pattern is true of any bytes in hex.
  if (((bytes[from + 6] as number) & 0xf0) !== 0x40) return false;
  if (((bytes[from + 8] as number) & 0xc0) !== 0x80) return false;
  const byte = (index: number) => DIGITS[bytes[from + index] as number] as number;
  const [fifth, eighth] = [byte(5), byte(8)];
  to.setUint32(at, byte(0) | (byte(1) << 16), true);
  to.setUint32(at + 4, byte(2) | (byte(3) << 16), true);
  to.setUint32(at + 8, DASH | (byte(4) << 8) | (fifth << 24), true);
  to.setUint32(at + 12, (fifth >>> 8) | (DASH << 8) | (byte(6) << 16), true);
  to.setUint32(at + 16, byte(7) | (DASH << 16) | (eighth << 24), true);
  to.setUint32(at + 20, (eighth >>> 8) | (byte(9) << 8) | (DASH << 24), true);
  to.setUint32(at + 24, byte(10) | (byte(11) << 16), true);
  to.setUint32(at + 28, byte(12) | (byte(13) << 16), true);
  to.setUint32(at + 32, byte(14) | (byte(15) << 16), true);
  return true;
}

const written = Buffer.alloc(UETR_LENGTH);
const writtenView = new DataView(written.buffer, written.byteOffset, UETR_LENGTH);
const DASH = 0x2d;
/** By byte: its two digits, the first in the lower eight bits. */
const DIGITS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE(),
);
