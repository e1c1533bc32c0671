// Writes the columns C_k = sum of a_i b_j over i + j = k of a product of two elements, unfolded.
//
// Two limbs share a 32-bit lane, so a column is a sum of dot products: with A_m = (a_2m, a_2m+1),
//   odd  k = 2t+1:  sum over m + n = t of A_m . (b_2n+1, b_2n)     "swapped" B
//   even k = 2t:    sum over m + n = t of A_m . (b_2n, b_2n-1)     "blended" B
// An element of twenty limbs is cut into a = a0 + 2^130 a1: a product of ten limbs needs five vectors
// of each operand, and all ten stay in registers. A multiplication takes Karatsuba's three products,
//   P = a0 b0,  Q = a1 b1,  R = (a0 + a1)(b0 + b1),  a b = P + 2^130 (R - P - Q) + 2^260 Q,
// in columns, with V_j = P_10+j - Q_j shared between the two middle parts:
//   C_j = P_j   C_10+j = R_j - P_j + V_j   C_20+j = R_10+j - Q_10+j - V_j   C_30+j = Q_10+j.
// R's columns may exceed 31 bits; the arithmetic is modulo 2^32, and the C they lead to do not.
// A square takes P = a0^2, Q = a1^2 and R = 2 a0 a1: a square of ten limbs is cheaper than a product.
import { fits16, negate, product, range, sum } from './emitter.mjs';

const HALF = 5; // vectors
const TEN = 2 * HALF; // limbs
/** Exchanges the halves of each lane: one instruction, where a shuffle of 16-bit lanes takes two. */
const swap = (v) => `v128.swizzle(${v}, swap)`;
export const SWAP_CONSTANT =
  '  const swap: v128 = i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);';
/** Low halves of the first vector, high halves of the second. */
export const BLEND = '0, 9, 2, 11, 4, 13, 6, 15';
const dot = (a, b) => `i32x4.dot_i16x8_s(${a}, ${b})`;
const add = (a, b) => `i32x4.add(${a}, ${b})`;
const subtract = (a, b) => `i32x4.sub(${a}, ${b})`;

/** Emits the "swapped" vectors of an operand whose vectors are <name><from>0 .. 4. */
function emitSwapped(out, name, from) {
  for (let n = 0; n < HALF; n++)
    out.line(`  let ${name}s${n}: v128 = ${swap(`${name}${from}${n}`)};`);
}

/** Emits the "blended" vectors of an operand: (b_2n, b_2n-1), with a zero before and after. */
function emitBlended(out, name, from) {
  const vector = (n) => `${name}${from}${n}`;
  out.line(`  let ${name}e0: v128 = v128.and(${vector(0)}, low16);`);
  for (let n = 1; n < HALF; n++)
    out.line(
      `  let ${name}e${n}: v128 = v128.shuffle<u16>(${vector(n)}, ${vector(n - 1)}, ${BLEND});`,
    );
  out.line(`  let ${name}e${HALF}: v128 = v128.andnot(${vector(HALF - 1)}, low16);`);
}

/**
 * The 19 columns of a product of ten limbs, odd ones first: `sink` gets each.
 * @param a and b give the expression of vector 0 .. 4 of an operand; without b, the second operand
 *   is the one named `other`, whose swapped and blended vectors stand already
 */
function emitTen(out, { name, a, b, other = name, sink }) {
  const column = (k, form) => {
    const t = k >> 1;
    let text = '';
    for (let m = 0; m < HALF; m++) {
      const n = t - m;
      if (n < 0 || n > (k % 2 === 1 ? HALF - 1 : HALF)) continue;
      const term = dot(`${name}a${m}`, `${other}${form}${n}`);
      text = text === '' ? term : add(text, term);
    }
    sink(k, text);
  };
  // A vector is loaded just before the first column that needs it: V8 keeps the order of loads and
  // stores, and has fewer vectors to spill.
  let first = HALF;
  const fetch = (lowest) => {
    while (first > lowest) {
      first--;
      out.line(`  let ${name}a${first}: v128 = ${a(first)};`);
      if (!b) continue;
      out.line(`  let ${name}b${first}: v128 = ${b(first)};`);
      out.line(`  let ${name}s${first}: v128 = ${swap(`${name}b${first}`)};`);
    }
  };
  for (let k = 2 * TEN - 3; k > 0; k -= 2) {
    fetch(Math.max(0, (k >> 1) - HALF + 1));
    column(k, 's');
  }
  if (b) emitBlended(out, name, 'b');
  for (let k = 2 * TEN - 2; k >= 0; k -= 2) column(k, 'e');
}

/** The 19 columns of a square of ten limbs: pairs m < n count twice by a doubled a_m. */
function emitTenSquared(out, name, a, sink) {
  for (let m = 0; m < HALF; m++)
    out.line(
      `  let ${name}a${m}: v128 = ${a(m)}, ${name}d${m}: v128 = i16x8.add(${name}a${m}, ${name}a${m});`,
    );
  emitSwapped(out, name, 'a');
  const column = (k, term) => {
    const t = k >> 1;
    const terms = [];
    for (let m = 0; m < HALF; m++) {
      const n = t - m;
      if (n < m || n > (k % 2 === 1 ? HALF - 1 : HALF)) continue;
      terms.push(term(m, n));
    }
    sink(
      k,
      terms.reduce((text, one) => add(text, one)),
    );
  };
  for (let k = 2 * TEN - 3; k > 0; k -= 2)
    column(k, (m, n) => dot(`${name}${m === n ? 'a' : 'd'}${m}`, `${name}s${n}`));
  emitBlended(out, name, 'a');
  for (let k = 0; k < 2 * TEN - 1; k += 2)
    column(k, (m, n) => {
      if (m === n) return dot(`${name}a${m}`, `v128.and(${name}e${n}, low16)`);
      if (m === n - 1)
        return dot(`v128.shuffle<u16>(${name}d${m}, ${name}a${m}, ${BLEND})`, `${name}e${n}`);
      return dot(`${name}d${m}`, `${name}e${n}`);
    });
}

const at = (vector) => vector * 16;
const vectorOf = (operand, m) => `v128.load(${operand}, ${at(m)})`;
const load = (k) => `v128.load(SCRATCH, ${at(k)})`;

/** Stores column k, after the debug build has checked it. */
function storeColumn(out, k, text, limits) {
  out.line(`  t = ${text};`);
  out.check32('t', limits);
  out.line(`  v128.store(SCRATCH, t, ${at(k)});`);
}

function checkOperand(out, operand, bound) {
  for (let m = 0; m < 2 * HALF; m++) {
    out.line(`  if (CHECK_BOUNDS) t = ${vectorOf(operand, m)};`);
    out.check16('t', bound, bound);
  }
}

/** The bound of column k of a product of ten limbs. */
const tenBound = (k, bound) =>
  product(range(Math.min(k, 2 * TEN - 2 - k) + 1), product(bound, bound));

/**
 * Emits the columns of a b, stored to SCRATCH in their order.
 * @param bound of an operand's limbs
 * @param columnBound of the whole product's column k
 */
export function emitProductColumns(out, { bound, columnBound }) {
  const lower = (operand) => (m) => vectorOf(operand, m);
  const upper = (operand) => (m) => vectorOf(operand, m + HALF);
  const total = (operand) => (m) =>
    `i16x8.add(${vectorOf(operand, m)}, ${vectorOf(operand, m + HALF)})`;
  out.line('  let t: v128;');
  checkOperand(out, 'a', bound);
  checkOperand(out, 'b', bound);
  fits16(sum(bound, bound), 'a0 + a1');
  emitTen(out, {
    name: 'p',
    a: lower('a'),
    b: lower('b'),
    sink: (k, text) => storeColumn(out, k, text, tenBound(k, bound)),
  });
  const sinkUpper = (k, text) => {
    const limits = tenBound(k, bound);
    if (k >= TEN - 1) storeColumn(out, k + 2 * TEN, text, limits);
    else {
      // V_k takes the place of P_10+k, which is not needed again.
      const both = sum(tenBound(k + TEN, bound), negate(limits));
      storeColumn(out, k + TEN, subtract(load(k + TEN), text), both);
    }
  };
  emitTen(out, { name: 'q', a: upper('a'), b: upper('b'), sink: sinkUpper });
  const sinkTotal = (k, text) => {
    let value;
    if (k >= TEN) value = subtract(subtract(text, load(k + 2 * TEN)), load(k));
    else if (k === TEN - 1) value = subtract(subtract(text, load(k)), load(k + 2 * TEN));
    else value = add(subtract(text, load(k)), load(k + TEN));
    storeColumn(out, k + TEN, value, columnBound(k + TEN));
  };
  emitTen(out, { name: 'r', a: total('a'), b: total('b'), sink: sinkTotal });
}

/** Emits the columns of a^2, stored to SCRATCH in their order. */
export function emitSquareColumns(out, { bound, columnBound }) {
  out.line('  let t: v128;');
  checkOperand(out, 'a', bound);
  fits16(sum(bound, bound), 'a doubled limb');
  emitTenSquared(
    out,
    'p',
    (m) => vectorOf('a', m),
    (k, text) => storeColumn(out, k, text, tenBound(k, bound)),
  );
  emitTenSquared(
    out,
    'q',
    (m) => vectorOf('a', m + HALF),
    (k, text) => storeColumn(out, k + 2 * TEN, text, tenBound(k, bound)),
  );
  const doubled = (m) => `i16x8.shl(${vectorOf('a', m)}, 1)`;
  const sink = (k, text) => {
    const c = k + TEN;
    const value = c === 2 * TEN - 1 ? text : add(text, load(c));
    storeColumn(out, c, value, columnBound(c));
  };
  emitTen(out, { name: 'r', a: doubled, other: 'q', sink });
}
