// Writes the unpacking of bytes into limbs and the reduction to the canonical representative.
import {
  Emitter,
  LIMB_BITS,
  LIMBS,
  OPERAND,
  range,
  shift,
  show,
  sum,
  VECTORS,
} from './emitter.mjs';

const MASK = 2 ** LIMB_BITS - 1;
const TOP_BITS = 255 - LIMB_BITS * (LIMBS - 1); // bits of limb 19 below 2^255
/** 256 p = 2^263 - 256 * 19 is added first, so that any element with 16-bit limbs turns positive. */
const LIFT_TOP = 2 ** (TOP_BITS + 8);
const LIFT_LOW = -256 * 19;

/** Stores 255 bits at `source` as the limbs 0 .. 8191 of one lane: ten unaligned loads. */
function emitUnpack(out) {
  out.line();
  out.line(
    '/** Unpacks the low 255 bits of 32 little-endian bytes into one lane; limbs 0 .. 8191. */',
  );
  out.line('export function unpack(o: usize, lane: usize, source: usize): void {');
  out.line('  const to = o + (lane << 2);');
  out.line('  let pair: u32;');
  if (MASK > OPERAND.high) throw new Error('unpacked limbs do not fit an operand');
  for (let m = 0; m < VECTORS; m++) {
    const bit = 2 * LIMB_BITS * m;
    const byte = Math.min(bit >> 3, 24);
    const pairMask = m === VECTORS - 1 ? 2 ** (LIMB_BITS + TOP_BITS) - 1 : 2 ** (2 * LIMB_BITS) - 1;
    out.line(`  pair = <u32>(load<u64>(source, ${byte}) >> ${bit - 8 * byte}) & ${pairMask};`);
    out.line(`  store<u32>(to, (pair & ${MASK}) | ((pair >> ${LIMB_BITS}) << 16), ${16 * m});`);
  }
  out.line('}');
}

function emitFreeze(out) {
  const limb = range(-32768, 32767);
  const load = (k) => `v128.load(DIGITS, ${16 * k})`;
  const spread = (k) => (k % 2 === 0 ? 'i32x4.shr_s(i32x4.shl(v, 16), 16)' : 'i32x4.shr_s(v, 16)');
  out.line();
  out.line(
    '/** o = the representative of a in 0 .. p-1, limbs 0 .. 8191 (the last 0 .. 255). Any a. */',
  );
  out.line('export function freeze(o: usize, a: usize): void {');
  out.line(
    `  const mask: v128 = i32x4.splat(${MASK}), top: v128 = i32x4.splat(${2 ** TOP_BITS - 1});`,
  );
  out.line(`  let v: v128 = i32x4.splat(0), x: v128, y: v128, c: v128 = i32x4.splat(${LIFT_LOW});`);
  // First pass: a + 256 p = 2^255 c + digits.
  let carry = range(LIFT_LOW);
  for (let k = 0; k < LIMBS; k++) {
    if (k % 2 === 0) out.line(`  v = v128.load(a, ${8 * k});`);
    const last = k === LIMBS - 1;
    const lift = last ? `i32x4.add(c, i32x4.splat(${LIFT_TOP}))` : 'c';
    out.line(`  x = i32x4.add(${spread(k)}, ${lift});`);
    const value = sum(limb, carry, range(last ? LIFT_TOP : 0));
    out.check32('x', value);
    out.line(`  c = i32x4.shr_s(x, ${last ? TOP_BITS : LIMB_BITS});`);
    out.line(`  v128.store(DIGITS, v128.and(x, ${last ? 'top' : 'mask'}), ${16 * k});`);
    carry = shift(value, last ? TOP_BITS : LIMB_BITS);
  }
  if (carry.low < 0) throw new Error('freeze: the lifted element may be negative');
  out.check32('c', carry);
  // The value is now digits + 19 c < 2^255 + 2^14. Second pass: q = 1 where it is p or more.
  out.line('  y = i32x4.mul(c, i32x4.splat(19));');
  out.line(`  x = i32x4.add(y, i32x4.splat(19));`);
  for (let k = 0; k < LIMBS; k++) {
    const bits = k === LIMBS - 1 ? TOP_BITS : LIMB_BITS;
    out.line(`  x = i32x4.shr_s(i32x4.add(${load(k)}, x), ${bits});`);
  }
  out.check32('x', range(0, 1));
  // Third pass: digits + 19 c + 19 q, without what reaches 2^255.
  out.line('  c = i32x4.add(y, i32x4.mul(x, i32x4.splat(19)));');
  for (let k = 0; k < LIMBS; k++) {
    const last = k === LIMBS - 1;
    const name = k % 2 === 0 ? 'x' : 'y';
    out.line(`  ${name} = i32x4.add(${load(k)}, c);`);
    out.line(`  c = i32x4.shr_s(${name}, ${LIMB_BITS});`);
    out.line(`  ${name} = v128.and(${name}, ${last ? 'top' : 'mask'});`);
    if (k % 2 === 1) out.line(`  v128.store(o, v128.or(x, i32x4.shl(y, 16)), ${8 * (k - 1)});`);
  }
  out.line('}');
}

/** The text of generated/freeze.ts. */
export function generateFreeze() {
  const out = new Emitter();
  out.line('// Written by assembly/crypto/generate.mjs: see assembly/crypto/generator/freeze.mjs.');
  out.line(`// Operands of a multiplication: ${show(OPERAND)}.`);
  out.line("import { lanesWithin } from '../bounds-assertions';");
  out.line();
  out.line(`const DIGITS: usize = memory.data(${LIMBS * 16}, 16);`);
  emitUnpack(out);
  emitFreeze(out);
  return out.text();
}
