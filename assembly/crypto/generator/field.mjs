// Writes the four-lane multiplication, squaring and carry of generated/field.ts.
//
// An element is 20 signed limbs of 13 bits; a product's columns C_0 .. C_38 come from columns.mjs.
// The high ones are folded by 2^260 = 608 (mod p). A column is split at 16 bits, not 13, because
// then the dot product itself takes the low half as it stands:
//   C = lo + 2^16 hi  =>  2^260 C = 608 lo + (a step of 13 bits) (8 * 608) hi.
// Every column is stored to scratch before the carry pass reads it: this pins the order of the
// work. V8 otherwise hoists the dot products and spills.
import { CARRY_CONSTANTS, DIGIT, emitCarry, emitParallelCarry, emitWrap, FOLD } from './carry.mjs';
import { BLEND, emitProductColumns, emitSquareColumns, SWAP_CONSTANT } from './columns.mjs';
import {
  Emitter,
  fits16,
  fits32,
  hull,
  isOperand,
  LIMB_BITS,
  LIMBS,
  negate,
  OPERAND,
  product,
  QUAD_BYTES,
  range,
  shift,
  show,
  sum,
  VECTORS,
  within,
} from './emitter.mjs';

const COLUMNS = 2 * LIMBS - 1;
const FOLD_HIGH = FOLD * 2 ** (16 - LIMB_BITS);

const at = (vector) => vector * 16;
/** Column k of the product, from scratch. */
const load = (k) => `v128.load(SCRATCH, ${at(k)})`;

const dot = (a, b) => `i32x4.dot_i16x8_s(${a}, ${b})`;
const add = (a, b) => `i32x4.add(${a}, ${b})`;

/** The bound of column k, all limbs within OPERAND. */
function columnBound(k) {
  const terms = Math.min(k, COLUMNS - 1 - k) + 1;
  return fits32(product(range(terms), product(OPERAND, OPERAND)), `column ${k}`);
}

/** What column j gains from folding: 608 lo(C_20+j) + 4864 hi(C_19+j). */
function foldBound(j) {
  const low = LIMBS + j < COLUMNS ? product(range(FOLD), range(-32768, 32767)) : range(0);
  if (j === 0) return low;
  const above = columnBound(LIMBS - 1 + j);
  const high = fits16(shift(fits32(sum(above, range(32768)), 'rounding'), 16), 'high half');
  return sum(low, product(range(FOLD_HIGH), high));
}

/**
 * Names for the folding of consecutive columns: `fold(k)` gives the expression of column k with its
 * part of the high columns, after emitting what it needs. The high column that was
 * loaded for k serves as the upper half for k + 1.
 */
function foldedColumns(out, name) {
  let previous = null; // [column, local]
  let next = 0;
  return (k) => {
    const high = (column) => {
      const local = `${name}${next++}`;
      out.line(`  let ${local}: v128 = ${load(column)};`);
      return local;
    };
    const lower = LIMBS + k;
    if (k > 0 && previous?.[0] !== lower - 1) previous = [lower - 1, high(lower - 1)];
    const upper = k > 0 ? add(previous[1], 'half') : null;
    if (lower < COLUMNS) previous = [lower, high(lower)];
    let pair;
    if (upper === null) pair = `v128.and(${previous[1]}, low16)`;
    else if (lower < COLUMNS) pair = `v128.shuffle<u16>(${previous[1]}, ${upper}, ${BLEND})`;
    else pair = `v128.andnot(${upper}, low16)`;
    return add(load(k), dot(pair, 'fold'));
  };
}

const emitFoldedCarry = (out, signed) =>
  emitCarry(out, {
    columnsNamed: (name) => foldedColumns(out, name),
    bound: (k) => sum(columnBound(k), foldBound(k)),
    signed,
  });

const CONSTANTS = [
  ...CARRY_CONSTANTS,
  '  const half: v128 = i32x4.splat(0x8000);',
  `  const fold: v128 = i32x4.splat(${FOLD + FOLD_HIGH * 65536});`,
  SWAP_CONSTANT,
];

function emitMultiply(out) {
  out.line();
  out.line(
    `/** o = a b, lane by lane; o may be a or b. Limbs of a and b within ${show(OPERAND)}. */`,
  );
  out.line('export function multiply(o: usize, a: usize, b: usize): void {');
  CONSTANTS.forEach((text) => out.line(text));
  emitProductColumns(out, { bound: OPERAND, columnBound });
  out.line('  let q: v128;');
  const limbs = emitFoldedCarry(out, true);
  out.line('}');
  return limbs;
}

/**
 * A square's limbs are not signed where nothing is added to it before it is an operand again: that
 * spares thirty operations of some 470.
 */
function emitSquare(out, signed) {
  const name = signed ? 'square' : 'squareUnsigned';
  const limbsAre = signed ? '' : '; limbs not below zero, but for carries';
  out.line();
  out.line(
    `/** o = a^2, lane by lane${limbsAre}; o may be a. Limbs of a within ${show(OPERAND)}. */`,
  );
  out.line(`export function ${name}(o: usize, a: usize): void {`);
  CONSTANTS.forEach((text) => out.line(text));
  emitSquareColumns(out, { bound: OPERAND, columnBound });
  out.line('  let q: v128;');
  const limbs = emitFoldedCarry(out, signed);
  out.line('}');
  return limbs;
}

/** What `scale` takes: each lane's integer is c0 + 2^13 c1. */
const FACTOR_LOW = range(-4096, 4095);
const FACTOR_HIGH = range(-30, 30);

/**
 * The vectors that `scale` wants for an integer a lane, as i16: what meets an even limb and the one
 * below it, an odd limb and the one above, and limb 19, whose upper part folds into limb 0.
 */
export function scaleFactors(integers) {
  const pairs = integers.map((c) => {
    const low = ((((c + 4096) % 8192) + 8192) % 8192) - 4096;
    const high = (c - low) / 8192;
    if (!within(range(high), FACTOR_HIGH)) throw new Error(`${c} is too large a factor`);
    return [low, high];
  });
  return [
    ...pairs.flat(),
    ...pairs.flatMap(([low, high]) => [high, low]),
    ...pairs.flatMap(([, high]) => [0, FOLD * high]),
  ];
}

function emitScale(out) {
  out.line();
  out.line(`/**`);
  out.line(` * o = a times a small integer for each lane; o must not be a. Limbs of a within`);
  out.line(` * ${show(OPERAND)}; factors: see scaleFactors in generator/field.mjs.`);
  out.line(' */');
  out.line('export function scale(o: usize, a: usize, factors: usize): void {');
  CARRY_CONSTANTS.forEach((text) => out.line(text));
  out.line('  const even: v128 = v128.load(factors), odd: v128 = v128.load(factors, 16);');
  out.line('  const top: v128 = v128.load(factors, 32);');
  out.line('  let q: v128, t: v128;');
  const vector = (m) => `v128.load(a, ${at(m)})`;
  const columnsNamed = () => (k) => {
    const m = k >> 1;
    if (k % 2 === 1) return dot(vector(m), 'odd');
    if (k > 0) return dot(`v128.shuffle<u16>(${vector(m)}, ${vector(m - 1)}, ${BLEND})`, 'even');
    return add(dot(`v128.and(${vector(0)}, low16)`, 'even'), dot(vector(VECTORS - 1), 'top'));
  };
  const own = sum(product(OPERAND, FACTOR_LOW), product(OPERAND, FACTOR_HIGH));
  const folded = product(OPERAND, product(range(FOLD), FACTOR_HIGH));
  const bound = (k) => (k === 0 ? sum(own, folded) : own);
  fits16(product(range(FOLD), FACTOR_HIGH), 'a factor of limb 19');
  const limbs = emitCarry(out, { columnsNamed, bound, signed: true });
  out.line('}');
  return limbs;
}

/** The text of generated/field.ts and the bound that every limb of a product or carry keeps. */
export function generateField() {
  const out = new Emitter();
  out.line('// Written by assembly/crypto/generate.mjs: see assembly/crypto/generator/field.mjs.');
  out.line("import { lanesWithin, limbsWithin } from '../bounds-assertions';");
  out.line();
  out.line(`const SCRATCH: usize = memory.data(${COLUMNS * 16}, 16);`);
  let reduced = DIGIT;
  for (const limb of [...emitMultiply(out), ...emitSquare(out, true), ...emitScale(out)])
    reduced = hull(reduced, limb);
  for (const limb of emitSquare(out, false)) isOperand(limb, 'an unsigned square');
  isOperand(sum(reduced, reduced), 'the sum of two products');
  isOperand(sum(reduced, negate(reduced)), 'the difference of two products');

  // Elements unpacked from bytes plus a product, and whatever else fits 16 bits with the bias.
  const wide = range(-20000, 20000);
  out.line();
  out.line(`/** o = a with its limbs carried once. Limbs of a within ${show(wide)}. */`);
  out.line('export function carry(o: usize, a: usize): void {');
  CARRY_CONSTANTS.forEach((text) => out.line(text));
  out.line('  let v: v128, c: v128, h: v128 = bias16, t: v128, q: v128;');
  const { carried, first, over } = emitParallelCarry(
    out,
    wide,
    (m) => `v128.load(a, ${at(m)})`,
    (m, name) => out.line(`  v128.store(o, ${name}, ${at(m)});`),
  );
  const limbs = [first, ...Array.from({ length: LIMBS - 1 }, () => carried)];
  emitWrap(out, 'h', over, limbs, true);
  out.line('}');
  for (const limb of limbs) reduced = hull(reduced, limb);
  isOperand(sum(reduced, reduced), 'the sum of two carried elements');
  return { text: out.text(), reduced, quadBytes: QUAD_BYTES };
}
