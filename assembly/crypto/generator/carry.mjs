// Writes the passes that carry columns into limbs of 13 bits.

import { BLEND } from './columns.mjs';
import {
  fits16,
  fits32,
  LIMB_BITS,
  LIMBS,
  product,
  range,
  shift,
  sum,
  VECTORS,
} from './emitter.mjs';

export const FOLD = 608; // 2^260 mod p = 2^5 * 19
const BIAS = 2 ** (LIMB_BITS - 1); // makes floor rounding give digits -4096 .. 4095
const MASK = 2 ** LIMB_BITS - 1;
export const DIGIT = range(-BIAS, BIAS - 1);
const UNSIGNED_DIGIT = range(0, MASK);
/** A carry pass runs as chains that start at these (even) limbs, side by side. */
const CHAIN_STARTS = [0, 10];

const at = (vector) => vector * 16;
const add = (a, b) => `i32x4.add(${a}, ${b})`;

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
function emitSplits(out, columnsNamed, columns) {
  const column = columnsNamed('u');
  CHAIN_ENDS.forEach((end, chain) => {
    const next = (end + 1) % LIMBS;
    const last = column(end);
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
function emitChains(out, columnsNamed, columns, signed) {
  const column = CHAIN_STARTS.map((_, chain) => columnsNamed(`v${chain}x`));
  CHAIN_STARTS.forEach((start, chain) => {
    const first = add(column[chain](start), `f${before(chain)}`);
    out.line(`  let x${chain}: v128 = ${first}, y${chain}: v128;`);
    out.check32(`x${chain}`, columns[start]);
  });
  const carries = CHAIN_STARTS.map(() => range(0));
  const step = (k, chain) => {
    const start = CHAIN_STARTS[chain];
    const odd = (k - start) % 2 === 1;
    const name = `${odd ? 'y' : 'x'}${chain}`;
    if (k > start) {
      const value = k === CHAIN_ENDS[chain] ? `e${chain}` : column[chain](k);
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
 * Carries twenty columns into limbs at o and returns the bounds of the limbs.
 * @param columnsNamed gives, for a prefix of locals, a function from k to the expression of column
 *   k, which is asked in ascending order
 * @param bound of column k
 * @param signed digits -4096 .. 4095, which leave room for a sum; otherwise 0 .. 8191
 */
export function emitCarry(out, { columnsNamed, bound, signed }) {
  const biased = (name) => {
    const column = columnsNamed(name);
    return (k) => {
      const bias = { [BIAS]: 'bias', [PAIR_BIAS]: 'pairBias' }[signed ? biasOf(k) : 0];
      return bias ? add(column(k), bias) : column(k);
    };
  };
  const columns = [];
  for (let k = 0; k < LIMBS; k++) columns.push(sum(bound(k), range(signed ? biasOf(k) : 0)));
  emitSplits(out, biased, columns);
  const carries = emitChains(out, biased, columns, signed);
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
export function emitWrap(out, carry, bound, limbs, signed) {
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

/** The constants that the code of these passes names. */
export const CARRY_CONSTANTS = [
  `  const low16: v128 = i32x4.splat(0xffff), mask: v128 = i32x4.splat(${MASK});`,
  `  const bias: v128 = i32x4.splat(${BIAS}), pairBias: v128 = i32x4.splat(${PAIR_BIAS});`,
  `  const mask16: v128 = i16x8.splat(${MASK}), bias16: v128 = i16x8.splat(${BIAS});`,
];
