/**
 * Compression by Snappy. Format: https://github.com/google/snappy/blob/main/format_description.txt. Its bytes are those of
 * hyparquet-writer's own function, which makes an object for each piece of text that it copies: certificates have millions.
 */

const TABLE_BITS_MAX = 14;
const OFFSET_MAX = 0xffff;
/** What stands so near the end is not looked up any more. */
const MARGIN = 15;

const table = new Uint32Array(1 << TABLE_BITS_MAX);

/** Where what is compressed goes. */
let out = new Uint8Array(1024);
let at = 0;

const hashOf = (word: number, shift: number) => Math.imul(word, 0x1e35a7bd) >>> shift;

function putVarInt(value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80;
  out[at++] = rest;
}

function putLiteral(input: Uint8Array, from: number, to: number): void {
  const length = to - from;
  if (length <= 60) out[at++] = (length - 1) << 2;
  else {
    const last = length - 1;
    const bytes = last < 0x100 ? 1 : last < 0x10000 ? 2 : last < 0x1000000 ? 3 : 4;
    out[at++] = (59 + bytes) << 2;
    for (let byte = 0; byte < bytes; byte++) out[at++] = last >>> (8 * byte);
  }
  // A few bytes mostly: a view of them would take longer.
  if (length <= 256) for (let place = from; place < to; place++) out[at++] = input[place] as number;
  else {
    out.set(input.subarray(from, to), at);
    at += length;
  }
}

function putShortCopy(offset: number, length: number): void {
  if (length < 12 && offset < 2048) {
    out[at++] = 1 + ((length - 4) << 2) + ((offset >>> 8) << 5);
    out[at++] = offset & 0xff;
    return;
  }
  out[at++] = 2 + ((length - 1) << 2);
  out[at++] = offset & 0xff;
  out[at++] = offset >>> 8;
}

function putCopy(offset: number, length: number): void {
  let rest = length;
  for (; rest >= 68; rest -= 64) putShortCopy(offset, 64);
  if (rest > 64) {
    putShortCopy(offset, 60);
    rest -= 60;
  }
  putShortCopy(offset, rest);
}

/** Where bytes begin to differ that are equal up to `place` and to `other`: four at a time, as matches of rows are long. */
function endOfMatch(input: Uint8Array, view: DataView, place: number, other: number): number {
  let end = place;
  let behind = other;
  const last = input.length - 4;
  while (end <= last && view.getInt32(end, true) === view.getInt32(behind, true)) {
    end += 4;
    behind += 4;
  }
  while (end < input.length && input[end] === input[behind]) {
    end += 1;
    behind += 1;
  }
  return end;
}

/** @returns bytes that are the caller's */
export function snappyCompress(input: Uint8Array): Uint8Array {
  const { length } = input;
  const most = 32 + length + Math.ceil(length / 6);
  if (out.length < most) out = new Uint8Array(most);
  at = 0;
  putVarInt(length);
  const literalFrom = length < MARGIN ? 0 : compressAll(input);
  if (literalFrom < length) putLiteral(input, literalFrom, length);
  return out.slice(0, at);
}

/** @returns from where on nothing was found any more */
function compressAll(input: Uint8Array): number {
  const { length } = input;
  const bits = Math.min(TABLE_BITS_MAX, 31 - Math.clz32(length));
  const shift = 32 - bits;
  table.fill(0, 0, 1 << bits);
  const view = new DataView(input.buffer, input.byteOffset, length);
  const limit = length - MARGIN;
  let literalFrom = 0;
  let place = 1;
  for (;;) {
    let nextHash = hashOf(view.getInt32(place, true), shift);
    let next = place;
    let candidate = 0;
    // The longer nothing is found, the fewer places are looked up.
    let skip = 32;
    do {
      place = next;
      const hash = nextHash;
      next = place + (skip++ >>> 5);
      if (place > limit) return literalFrom;
      nextHash = next + 4 <= length ? hashOf(view.getInt32(next, true), shift) : 0;
      candidate = table[hash] as number;
      table[hash] = place;
    } while (
      place - candidate > OFFSET_MAX ||
      view.getInt32(place, true) !== view.getInt32(candidate, true)
    );
    putLiteral(input, literalFrom, place);
    do {
      const from = place;
      place = endOfMatch(input, view, place + 4, candidate + 4);
      putCopy(from - candidate, place - from);
      literalFrom = place;
      if (place >= limit) return literalFrom;
      table[hashOf(view.getInt32(place - 1, true), shift)] = place - 1;
      const hash = hashOf(view.getInt32(place, true), shift);
      candidate = table[hash] as number;
      table[hash] = place;
    } while (
      place - candidate <= OFFSET_MAX &&
      view.getInt32(place, true) === view.getInt32(candidate, true)
    );
    place += 1;
  }
}
