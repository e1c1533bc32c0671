// Writes the point operations of generated/point.ts. A point is one quad whose lanes are the
// extended coordinates X, Y, Z, T (x = X/Z, y = Y/Z, xy = T/Z); a cached point is one whose lanes
// are Y-X, Y+X, 2Z, 2dT. The formulas are those of Hisil, Wong, Carter and Dawson, "Twisted Edwards
// curves revisited" (Asiacrypt 2008), sections 3.1 and 3.3 with a = -1, arranged for four lanes.

import { emitParallelCarry } from './carry.mjs';
import {
  Emitter,
  fits16,
  hull,
  isOperand,
  LIMB_BITS,
  negate,
  product,
  QUAD_BYTES,
  range,
  show,
  sum,
  VECTORS,
} from './emitter.mjs';

const at = (vector) => vector * 16;
const lanes = (v, order) => `v128.shuffle<u32>(${v}, ${v}, ${order.join(', ')})`;
/** A vector that multiplies both limbs of lane l by factors[l]. */
const factors = (list) => `i16x8(${list.flatMap((factor) => [factor, factor]).join(', ')})`;
const perVector = (emit) => {
  for (let m = 0; m < VECTORS; m++) emit(m);
};

/** LEFT = (Y-X, Y+X, Z, T) of p, or (Y+X, Y-X, Z, T): the operand that meets a cached point. */
function emitLeft(out, swapped, reduced) {
  isOperand(sum(reduced, swapped ? reduced : negate(reduced)), 'Y - X');
  out.line(`  const signs: v128 = ${factors(swapped ? [1, -1, 0, 0] : [-1, 1, 0, 0])};`);
  perVector((m) => {
    out.line(`  v = v128.load(p, ${at(m)});`);
    if (swapped) {
      // (X, Y) -> (Y + X, Y - X): the swap of (Y, X) + signs (X, Y) is applied to the sum.
      out.line(
        `  v = i16x8.add(${lanes('v', [1, 1, 2, 3])}, i16x8.mul(${lanes('v', [0, 0, 2, 3])}, signs));`,
      );
    } else out.line(`  v = i16x8.add(${lanes('v', [1, 0, 2, 3])}, i16x8.mul(v, signs));`);
    out.line(`  v128.store(LEFT, v, ${at(m)});`);
  });
}

/**
 * o = p + q, or p - q. With the products A = (Y1-X1)(Y2-X2), B = (Y1+X1)(Y2+X2), C = 2d T1 T2,
 * D = 2 Z1 Z2: E = B - A, F = D - C, G = D + C, H = B + A and X = EF, Y = GH, Z = FG, T = EH.
 * Negating q exchanges the roles of A and B and the sign of C, so that a subtraction differs only
 * in how the lanes are combined: lane 0 is then (Y1+X1)(Y2-X2) = B, lane 1 is A, and C changes sign.
 */
function emitSum(out, subtract, reduced) {
  const name = subtract ? 'pointSubtract' : 'pointAdd';
  out.line();
  out.line(`/** o = p ${subtract ? '-' : '+'} q, q cached. o may be p. */`);
  out.line(`export function ${name}(o: usize, p: usize, q: usize): void {`);
  out.line('  let v: v128;');
  emitLeft(out, subtract, reduced);
  out.line('  multiply(LEFT, LEFT, q);');
  // Lanes of the product: (A, B, D, C), or (B, A, D, C). After: (E, H, G, F), or (E, H, F, G).
  out.line(`  const combine: v128 = ${factors(subtract ? [1, 1, 1, -1] : [-1, 1, 1, -1])};`);
  if (subtract) out.line(`  const swapSigns: v128 = ${factors([-1, 1, 1, 1])};`);
  isOperand(sum(reduced, reduced), 'H');
  isOperand(sum(reduced, negate(reduced)), 'E');
  perVector((m) => {
    out.line(`  v = v128.load(LEFT, ${at(m)});`);
    if (subtract) {
      // E = B - A (lane 0 less lane 1), H = A + B, lane 2: D + C = F, lane 3: D - C = G.
      out.line(
        `  v = i16x8.add(i16x8.mul(${lanes('v', [1, 0, 3, 2])}, swapSigns), i16x8.mul(v, combine));`,
      );
      out.line(`  v128.store(LEFT, ${lanes('v', [0, 3, 2, 0])}, ${at(m)});`);
      out.line(`  v128.store(RIGHT, ${lanes('v', [2, 1, 3, 1])}, ${at(m)});`);
    } else {
      out.line(`  v = i16x8.add(${lanes('v', [1, 0, 3, 2])}, i16x8.mul(v, combine));`);
      out.line(`  v128.store(LEFT, ${lanes('v', [0, 2, 3, 0])}, ${at(m)});`);
      out.line(`  v128.store(RIGHT, ${lanes('v', [3, 1, 2, 1])}, ${at(m)});`);
    }
  });
  out.line('  multiply(o, LEFT, RIGHT);');
  out.line('}');
}

/**
 * o = 2p. With the squares A = X^2, B = Y^2, C = Z^2 and S = (X+Y)^2, all signs turned:
 * H = A + B, G = A - B, E = H - S, F = 2C + G and X = EF, Y = GH, Z = FG, T = EH. F adds four squares,
 * more than an operand may hold, so the four lanes are carried once.
 */
function emitDouble(out, reduced) {
  out.line();
  out.line('/** o = 2p. o may be p. */');
  out.line('export function pointDouble(o: usize, p: usize): void {');
  out.line(`  const last: v128 = ${factors([0, 0, 0, 1])};`);
  out.line(
    `  const signs: v128 = ${factors([1, -1, 1, -1])}, extra: v128 = ${factors([0, 0, -1, 2])};`,
  );
  out.line(`  const bias16: v128 = i16x8.splat(${2 ** (LIMB_BITS - 1)});`);
  out.line('  let v: v128, c: v128, h: v128 = bias16;');
  isOperand(sum(reduced, reduced), 'X + Y');
  perVector((m) => {
    out.line(`  v = v128.load(p, ${at(m)});`);
    out.line(
      `  v = i16x8.add(${lanes('v', [0, 1, 2, 0])}, i16x8.mul(${lanes('v', [1, 1, 1, 1])}, last));`,
    );
    out.line(`  v128.store(LEFT, v, ${at(m)});`);
  });
  out.line('  square(LEFT, LEFT);');
  // Lanes of the square: (A, B, C, S). After: (H, G, E, F).
  const either = hull(reduced, negate(reduced));
  const bound = fits16(sum(either, either, either, either), 'F');
  const { carried, over } = emitParallelCarry(
    out,
    bound,
    (m) =>
      `v128.load(LEFT, ${at(m)}); v = i16x8.add(i16x8.add(${lanes('v', [0, 0, 0, 0])}, ` +
      `i16x8.mul(${lanes('v', [1, 1, 1, 1])}, signs)), i16x8.mul(${lanes('v', [3, 3, 3, 2])}, extra))`,
    (m, name) => {
      out.line(`  v128.store(LEFT, ${lanes(name, [2, 1, 3, 2])}, ${at(m)});`);
      out.line(`  v128.store(RIGHT, ${lanes(name, [3, 0, 1, 0])}, ${at(m)});`);
    },
  );
  // What leaves limb 19 comes back to limb 0 as 608 times itself; an operand has room for it.
  const first = isOperand(sum(carried, product(range(608), over)), 'limb 0 after the wrap');
  out.line(`  h = i16x8.mul(h, i32x4.splat(608)); // limb 0 then within ${show(first)}`);
  out.line(`  v128.store(LEFT, i16x8.add(v128.load(LEFT), ${lanes('h', [2, 1, 3, 2])}));`);
  out.line(`  v128.store(RIGHT, i16x8.add(v128.load(RIGHT), ${lanes('h', [3, 0, 1, 0])}));`);
  out.line('  multiply(o, LEFT, RIGHT);');
  out.line('}');
}

function emitCache(out) {
  out.line();
  out.line(
    '/** o = p as a cached point, all of whose coordinates are 121666 times what they need be. */',
  );
  out.line('export function pointCache(o: usize, p: usize): void {');
  out.line('  let v: v128;');
  out.line(`  const signs: v128 = ${factors([-1, 1, 0, 0])};`);
  perVector((m) => {
    out.line(`  v = v128.load(p, ${at(m)});`);
    out.line(`  v = i16x8.add(${lanes('v', [1, 0, 2, 3])}, i16x8.mul(v, signs));`);
    out.line(`  v128.store(LEFT, v, ${at(m)});`);
  });
  out.line('  scale(o, LEFT, CACHE);');
  out.line('}');
}

/** From (Y-X, Y+X, 2Z, 2dT): X' = 2X, Y' = 2Y, Z' = 2Z and T' = 2dT / d = 2T. */
function emitUncache(out, negated) {
  out.line();
  out.line(`/** o = ${negated ? '-' : ''}q as an extended point, q cached. */`);
  out.line(
    `export function ${negated ? 'pointUncacheNegated' : 'pointUncache'}(o: usize, q: usize): void {`,
  );
  out.line('  let v: v128;');
  const signs = negated ? [1, 1, 1, -1] : [-1, 1, 1, 1];
  const others = negated ? [-1, 1, 0, 0] : [1, 1, 0, 0];
  out.line(`  const signs: v128 = ${factors(signs)}, others: v128 = ${factors(others)};`);
  perVector((m) => {
    out.line(`  v = v128.load(q, ${at(m)});`);
    out.line(
      `  v = i16x8.add(i16x8.mul(v, signs), i16x8.mul(${lanes('v', [1, 0, 2, 3])}, others));`,
    );
    out.line(`  v128.store(LEFT, v, ${at(m)});`);
  });
  out.line('  scale(o, LEFT, UNCACHE);');
  out.line('}');
}

function emitTranspose(out) {
  out.line();
  out.line('/**');
  out.line(
    ' * Four elements a, b, c, d of four lanes become four quads, one after the other at o: quad l holds',
  );
  out.line(
    ' * lane l of a, b, c and d. Applied to quads of points it gives their coordinates, and back.',
  );
  out.line(' */');
  out.line('export function transpose(o: usize, a: usize, b: usize, c: usize, d: usize): void {');
  out.line('  let w: v128, x: v128, y: v128, z: v128, s: v128, t: v128;');
  perVector((m) => {
    for (const [name, from] of [
      ['w', 'a'],
      ['x', 'b'],
      ['y', 'c'],
      ['z', 'd'],
    ])
      out.line(`  ${name} = v128.load(${from}, ${at(m)});`);
    for (const [half, order] of [
      [0, '0, 4, 1, 5'],
      [1, '2, 6, 3, 7'],
    ]) {
      out.line(`  s = v128.shuffle<u32>(w, x, ${order});`);
      out.line(`  t = v128.shuffle<u32>(y, z, ${order});`);
      out.line(`  v128.store(o, v128.shuffle<u64>(s, t, 0, 2), ${2 * half * QUAD_BYTES + at(m)});`);
      out.line(
        `  v128.store(o, v128.shuffle<u64>(s, t, 1, 3), ${(2 * half + 1) * QUAD_BYTES + at(m)});`,
      );
    }
  });
  out.line('}');
}

/** The text of generated/point.ts; `reduced` bounds every limb of a product. */
export function generatePoint(reduced) {
  const out = new Emitter();
  out.line('// Written by assembly/crypto/generate.mjs: see assembly/crypto/generator/point.mjs.');
  out.line("import { limbsWithin } from '../bounds-assertions';");
  out.line("import { CACHE, UNCACHE } from './constants';");
  out.line("import { multiply, scale, square } from './field';");
  out.line();
  out.line(
    `const LEFT: usize = memory.data(${QUAD_BYTES}, 16), RIGHT: usize = memory.data(${QUAD_BYTES}, 16);`,
  );
  emitSum(out, false, reduced);
  emitSum(out, true, reduced);
  emitDouble(out, reduced);
  emitCache(out);
  emitUncache(out, false);
  emitUncache(out, true);
  emitTranspose(out);
  return out.text();
}
