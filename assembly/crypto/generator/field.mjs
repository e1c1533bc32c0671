// Writes the four-lane multiplication, squaring and carry of generated/field.ts.
//
// An element is 20 signed limbs of 13 bits; a product's columns C_0 .. C_38 come from columns.mjs.
// The high ones are folded by 2^260 = 608 (mod p). A column is split at 16 bits, not 13, because
// then the dot product itself takes the low half as it stands:
//   C = lo + 2^16 hi  =>  2^260 C = 608 lo + (a step of 13 bits) (8 * 608) hi.
// Every column is stored to scratch before the carry pass reads it: this pins the order of the
// work. V8 otherwise hoists the dot products and spills.
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
} from './emitter.mjs';

const COLUMNS = 2 * LIMBS - 1;
const FOLD = 608; // 2^260 mod p = 2^5 * 19
const FOLD_HIGH = FOLD * 2 ** (16 - LIMB_BITS);
const BIAS = 2 ** (LIMB_BITS - 1); // makes floor rounding give digits -4096 .. 4095
const MASK = 2 ** LIMB_BITS - 1;
const DIGIT = range(-BIAS, BIAS - 1);
const UNSIGNED_DIGIT = range(0, MASK);
/** The carry pass runs as chains that start at these (even) limbs, side by side. */
const CHAIN_STARTS = [0, 10];

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
 * part of the high columns and its bias, after emitting what it needs. The high column that was
 * loaded for k serves as the upper half for k + 1.
 */
function foldedColumns(out, name, signed) {
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
    const folded = add(load(k), dot(pair, 'fold'));
    const bias = { [BIAS]: 'bias', [PAIR_BIAS]: 'pairBias' }[signed ? biasOf(k) : 0];
    return bias ? add(folded, bias) : folded;
  };
}

/** The chain whose carry enters the given one: the one before it, the last one for the first. */
const before = (chain) => (chain + CHAIN_STARTS.length - 1) % CHAIN_STARTS.length;
const CHAIN_ENDS = [...CHAIN_STARTS.slice(1), LIMBS].map((start) => start - 1);

/** An even column's bias is also its odd neighbour's, which its carry brings there. */
const PAIR_BIAS = BIAS + BIAS * 2 ** LIMB_BITS;
/** What is added to column k before it is split, so that the digits are signed. */
function biasOf(k) {
  // The last column of a chain is split before the one below it.
  if (CHAIN_ENDS.includes(k) || CHAIN_ENDS.includes(k + 1)) return BIAS;
  return k % 2 === 0 ? PAIR_BIAS : 0;
}

/**
 * Splits the last column of each chain before the chains run (its lower part in e<chain>, what
 * moves on in f<chain>), so that the carry that leaves the chain later is small. `columns` are the
 * bounds, brought up to date.
 */
function emitSplits(out, columns, signed) {
  const folded = foldedColumns(out, 'u', signed);
  CHAIN_ENDS.forEach((end, chain) => {
    const next = (end + 1) % LIMBS;
    const last = folded(end);
    out.line(`  let e${chain}: v128 = ${last};`);
    out.check32(`e${chain}`, columns[end]);
    out.line(`  let f${chain}: v128 = i32x4.shr_s(e${chain}, ${LIMB_BITS});`);
    out.line(`  e${chain} = v128.and(e${chain}, mask);`);
    let carried = shift(columns[end], LIMB_BITS);
    if (next === 0) {
      carried = product(range(FOLD), carried);
      out.line(`  f${chain} = i32x4.mul(f${chain}, i32x4.splat(${FOLD}));`);
    }
    columns[end] = range(0, MASK);
    columns[next] = fits32(sum(columns[next], carried), `column ${next}`);
  });
}

/**
 * Runs the chains side by side: each column takes the carry of the one before it, and each pair of
 * columns becomes a vector of limbs at o.
 * @returns the bounds of the carries that leave the chains, in f0, f1, ...
 */
function emitChains(out, columns, signed) {
  const folded = CHAIN_STARTS.map((_, chain) => foldedColumns(out, `v${chain}x`, signed));
  CHAIN_STARTS.forEach((start, chain) => {
    const first = add(folded[chain](start), `f${before(chain)}`);
    out.line(`  let x${chain}: v128 = ${first}, y${chain}: v128;`);
    out.check32(`x${chain}`, columns[start]);
  });
  const carries = CHAIN_STARTS.map(() => range(0));
  const step = (k, chain) => {
    const start = CHAIN_STARTS[chain];
    const odd = (k - start) % 2 === 1;
    const name = `${odd ? 'y' : 'x'}${chain}`;
    if (k > start) {
      const value = k === CHAIN_ENDS[chain] ? `e${chain}` : folded[chain](k);
      out.line(`  ${name} = ${add(value, `f${chain}`)};`);
      columns[k] = fits32(sum(columns[k], carries[chain]), `column ${k}`);
      out.check32(name, columns[k]);
    }
    out.line(`  f${chain} = i32x4.shr_s(${name}, ${LIMB_BITS});`);
    carries[chain] = shift(columns[k], LIMB_BITS);
    if (!odd) return;
    const pair = `v128.shuffle<u16>(x${chain}, i32x4.shl(y${chain}, 16), ${BLEND})`;
    const digits = `v128.and(${pair}, mask16)`;
    out.line(`  t = ${signed ? `i16x8.sub(${digits}, bias16)` : digits};`);
    out.line(`  v128.store(o, t, ${at((k - 1) / 2)});`);
  };
  for (let k = 0; k < LIMBS; k++)
    CHAIN_STARTS.forEach((start, chain) => {
      if (start + k <= CHAIN_ENDS[chain]) step(start + k, chain);
    });
  return carries;
}

/**
 * Carries the twenty low columns into limbs and returns the bounds of the limbs.
 * @param signed digits -4096 .. 4095, which leave room for a sum; otherwise 0 .. 8191
 */
function emitCarry(out, signed) {
  const columns = [];
  for (let k = 0; k < LIMBS; k++)
    columns.push(sum(columnBound(k), foldBound(k), range(signed ? biasOf(k) : 0)));
  emitSplits(out, columns, signed);
  const carries = emitChains(out, columns, signed);
  const limbs = Array.from({ length: LIMBS }, () => (signed ? DIGIT : UNSIGNED_DIGIT));
  CHAIN_STARTS.forEach((start, chain) => {
    const carry = `f${before(chain)}`;
    const bound = carries[before(chain)];
    out.check32(carry, bound);
    if (start === 0) {
      emitWrap(out, carry, bound, limbs, signed);
      return;
    }
    const vector = at(start / 2);
    out.line(`  t = i16x8.add(v128.load(o, ${vector}), v128.and(${carry}, low16));`);
    out.line(`  v128.store(o, t, ${vector});`);
    limbs[start] = fits16(sum(limbs[start], bound), `limb ${start}`);
  });
  return limbs;
}

/** Adds 608 times the carry out of limb 19 to limb 0, and limb 0's own carry to limb 1. */
function emitWrap(out, carry, bound, limbs, signed) {
  const folded = fits16(sum(limbs[0], product(range(FOLD), bound)), 'limb 0 before its carry');
  const bias = range(signed ? BIAS : 0);
  const over = shift(fits16(sum(folded, bias), 'limb 0 with bias'), LIMB_BITS);
  out.line(`  t = i16x8.add(v128.load(o), i16x8.mul(${carry}, i32x4.splat(${FOLD})));`);
  out.check16('t', folded, limbs[1]);
  const biased = signed ? 'i16x8.add(t, bias16)' : 't';
  out.line(`  q = v128.and(i16x8.shr_s(${biased}, ${LIMB_BITS}), low16);`);
  out.line(`  t = i16x8.add(i16x8.sub(t, i16x8.shl(q, ${LIMB_BITS})), i32x4.shl(q, 16));`);
  limbs[0] = signed ? DIGIT : UNSIGNED_DIGIT;
  limbs[1] = fits16(sum(limbs[1], over), 'limb 1');
  out.check16('t', limbs[0], limbs[1]);
  out.line('  v128.store(o, t);');
}

const CONSTANTS = [
  '  const low16: v128 = i32x4.splat(0xffff), half: v128 = i32x4.splat(0x8000);',
  `  const mask: v128 = i32x4.splat(${MASK}), bias: v128 = i32x4.splat(${BIAS});`,
  `  const pairBias: v128 = i32x4.splat(${PAIR_BIAS});`,
  `  const mask16: v128 = i16x8.splat(${MASK}), bias16: v128 = i16x8.splat(${BIAS});`,
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
  const limbs = emitCarry(out, true);
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
  out.line(`/** o = a^2, lane by lane${limbsAre}; o may be a. Limbs of a within ${show(OPERAND)}. */`);
  out.line(`export function ${name}(o: usize, a: usize): void {`);
  CONSTANTS.forEach((text) => out.line(text));
  emitSquareColumns(out, { bound: OPERAND, columnBound });
  out.line('  let q: v128;');
  const limbs = emitCarry(out, signed);
  out.line('}');
  return limbs;
}

/**
 * Emits one round of carries over ten vectors in registers' order: `value(m)` gives vector m's
 * expression, `use(m, 'v')` receives it carried. What leaves limb 19 stays in `h`.
 * @returns the bounds of the carried limbs before the wrap, and of the carry out of limb 19
 */
export function emitParallelCarry(out, bound, value, use) {
  const over = shift(fits16(sum(bound, range(BIAS)), 'limb with bias'), LIMB_BITS);
  for (let m = 0; m < VECTORS; m++) {
    out.line(`  v = ${value(m)};`);
    out.check16('v', bound, bound);
    out.line(`  c = i16x8.shr_s(i16x8.add(v, bias16), ${LIMB_BITS});`);
    out.line(`  v = i16x8.add(i16x8.sub(v, i16x8.shl(c, ${LIMB_BITS})), i32x4.shl(c, 16));`);
    if (m > 0) out.line('  v = i16x8.add(v, h);');
    out.line('  h = i32x4.shr_u(c, 16);');
    use(m, 'v');
  }
  return { carried: sum(DIGIT, over), first: DIGIT, over };
}

/** The text of generated/field.ts and the bound that every limb of a product or carry keeps. */
export function generateField() {
  const out = new Emitter();
  out.line('// Written by assembly/crypto/generate.mjs: see assembly/crypto/generator/field.mjs.');
  out.line("import { lanesWithin, limbsWithin } from '../bounds';");
  out.line();
  out.line(`const SCRATCH: usize = memory.data(${COLUMNS * 16}, 16);`);
  let reduced = DIGIT;
  for (const limb of [...emitMultiply(out), ...emitSquare(out, true)])
    reduced = hull(reduced, limb);
  for (const limb of emitSquare(out, false)) isOperand(limb, 'an unsigned square');
  isOperand(sum(reduced, reduced), 'the sum of two products');
  isOperand(sum(reduced, negate(reduced)), 'the difference of two products');

  // Elements unpacked from bytes plus a product, and whatever else fits 16 bits with the bias.
  const wide = range(-20000, 20000);
  out.line();
  out.line(`/** o = a with its limbs carried once. Limbs of a within ${show(wide)}. */`);
  out.line('export function carry(o: usize, a: usize): void {');
  out.line(`  const low16: v128 = i32x4.splat(0xffff), bias16: v128 = i16x8.splat(${BIAS});`);
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
