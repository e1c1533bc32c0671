// Writes the columns of a multiplication by one step of Karatsuba's method: with a = a0 + 2^130 a1
// and b alike, three products of ten limbs instead of four,
//   P = a0 b0,  Q = a1 b1,  R = (a0 + a1)(b0 + b1),
//   a b = P + 2^130 (R - P - Q) + 2^260 Q.
// In columns, with V_j = P_10+j - Q_j shared between the two middle parts:
//   C_j = P_j   C_10+j = R_j - P_j + V_j   C_20+j = R_10+j - Q_10+j - V_j   C_30+j = Q_10+j.
// R's columns may exceed 31 bits; the arithmetic is modulo 2^32, and the C they lead to do not.
// A product of ten limbs needs five vectors of each operand: all ten stay in registers.
import { product, range, sum } from './emitter.mjs';

const HALF = 5; // vectors
const TEN = 2 * HALF; // limbs
const SWAP = '1, 0, 3, 2, 5, 4, 7, 6';
const BLEND = '0, 9, 2, 11, 4, 13, 6, 15';
const dot = (a, b) => `i32x4.dot_i16x8_s(${a}, ${b})`;
const add = (a, b) => `i32x4.add(${a}, ${b})`;
const subtract = (a, b) => `i32x4.sub(${a}, ${b})`;

/**
 * The 19 columns of a product of ten limbs, odd ones first, the highest first: `sink` gets each.
 * @param a and b give the expression of vector 0 .. 4 of an operand
 */
function emitTen(out, name, a, b, sink) {
  const column = (k, other) => {
    const t = k >> 1;
    let text = '';
    for (let m = 0; m < HALF; m++) {
      const n = t - m;
      if (n < 0 || n > (k % 2 === 1 ? HALF - 1 : HALF)) continue;
      const term = dot(`${name}a${m}`, `${name}${other}${n}`);
      text = text === '' ? term : add(text, term);
    }
    sink(k, text);
  };
  for (let m = 0; m < HALF; m++) out.line(`  let ${name}a${m}: v128 = ${a(m)};`);
  for (let n = 0; n < HALF; n++)
    out.line(
      `  let ${name}b${n}: v128 = ${b(n)}, ${name}s${n}: v128 = v128.shuffle<u16>(${name}b${n}, ${name}b${n}, ${SWAP});`,
    );
  for (let k = 2 * TEN - 3; k > 0; k -= 2) column(k, 's');
  out.line(`  let ${name}e0: v128 = v128.and(${name}b0, low16);`);
  for (let n = 1; n < HALF; n++)
    out.line(
      `  let ${name}e${n}: v128 = v128.shuffle<u16>(${name}b${n}, ${name}b${n - 1}, ${BLEND});`,
    );
  out.line(`  let ${name}e${HALF}: v128 = v128.andnot(${name}b${HALF - 1}, low16);`);
  for (let k = 2 * TEN - 2; k >= 0; k -= 2) column(k, 'e');
}

/**
 * Emits the columns C_0 .. C_38 of a b, stored by `slot(k)`, unfolded.
 * @param bound of an operand's limbs
 */
export function emitKaratsuba(out, { bound, slot, columnBound }) {
  const at = (vector) => vector * 16;
  const load = (k) => `v128.load(SCRATCH, ${at(slot(k))})`;
  const store = (k, text) => out.line(`  v128.store(SCRATCH, ${text}, ${at(slot(k))});`);
  const checked = (k, text, limits) => {
    out.line(`  t = ${text};`);
    out.check32('t', limits);
    store(k, 't');
  };
  const square = product(bound, bound);
  const terms = (k) => product(range(Math.min(k, 2 * TEN - 2 - k) + 1), square);
  const vectorOf = (operand, m) => `v128.load(${operand}, ${at(m)})`;
  const sumOf = (operand) => (m) =>
    `i16x8.add(${vectorOf(operand, m)}, ${vectorOf(operand, m + HALF)})`;
  out.line('  let t: v128;');
  for (const operand of ['a', 'b'])
    for (let m = 0; m < 2 * HALF; m++) {
      out.line(`  if (CHECK_BOUNDS) t = ${vectorOf(operand, m)};`);
      out.check16('t', bound, bound);
    }
  const lower = (operand) => (m) => vectorOf(operand, m);
  const upper = (operand) => (m) => vectorOf(operand, m + HALF);
  emitTen(out, 'p', lower('a'), lower('b'), (k, text) => checked(k, text, terms(k)));
  emitTen(out, 'q', upper('a'), upper('b'), (k, text) => {
    if (k >= TEN - 1) checked(k + 2 * TEN, text, terms(k));
    else {
      // V_k takes the place of P_10+k, which is not needed again.
      const negated = product(range(-1), terms(k));
      checked(k + TEN, subtract(load(k + TEN), text), sum(terms(k + TEN), negated));
    }
  });
  emitTen(out, 'r', sumOf('a'), sumOf('b'), (k, text) => {
    const c = k + TEN;
    const value =
      k >= TEN
        ? subtract(subtract(text, load(k + 2 * TEN)), load(k))
        : k === TEN - 1
          ? subtract(subtract(text, load(k)), load(k + 2 * TEN))
          : add(subtract(text, load(k)), load(k + TEN));
    checked(c, value, columnBound(c));
  });
}
