// What the generators share: a text buffer, the shape of a quad, and interval arithmetic. Every
// bound that appears as a comment or an assertion in generated code was computed here from the
// bounds of the function's inputs; a bound that its machine type cannot hold stops the build.

/** Limbs of one field element, and the bits of each. */
export const LIMBS = 20;
export const LIMB_BITS = 13;
/** Vectors of one quad: each holds limbs 2m and 2m+1 of four elements. */
export const VECTORS = LIMBS / 2;
export const QUAD_BYTES = VECTORS * 16;

/**
 * What an operand of `multiply` and `square` may hold in any limb. It covers the sum or difference
 * of two results of a multiplication (checked below each generated function) and an element
 * unpacked from bytes (0 .. 8191).
 */
export const OPERAND = { low: -8400, high: 8400 };

const I16 = { low: -32768, high: 32767 };
const I32 = { low: -(2 ** 31), high: 2 ** 31 - 1 };

export const range = (low, high = low) => ({ low, high });
export const sum = (...terms) =>
  range(
    terms.reduce((total, term) => total + term.low, 0),
    terms.reduce((total, term) => total + term.high, 0),
  );
export const negate = (a) => range(-a.high, -a.low);
export const product = (a, b) => {
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return range(Math.min(...corners), Math.max(...corners));
};
export const hull = (a, b) => range(Math.min(a.low, b.low), Math.max(a.high, b.high));
/** Arithmetic shift right: floor(a / 2^bits). */
export const shift = (a, bits) =>
  range(Math.floor(a.low / 2 ** bits), Math.floor(a.high / 2 ** bits));
export const within = (inner, outer) => inner.low >= outer.low && inner.high <= outer.high;

function required(bound, type, what) {
  if (!within(bound, type))
    throw new Error(
      `${what}: [${bound.low}, ${bound.high}] does not fit [${type.low}, ${type.high}]`,
    );
  return bound;
}
export const fits16 = (bound, what) => required(bound, I16, what);
export const fits32 = (bound, what) => required(bound, I32, what);
export const isOperand = (bound, what) => required(bound, OPERAND, what);

export const show = ({ low, high }) => `[${low}, ${high}]`;

/** Collects lines of AssemblyScript. */
export class Emitter {
  lines = [];
  line(text = '') {
    this.lines.push(text);
  }
  /** Asserts, in the debug build, that each 32-bit lane of `name` is within `bound`. */
  check32(name, bound) {
    fits32(bound, name);
    this.line(
      `  if (CHECK_BOUNDS) lanesWithin(${name}, ${bound.low}, ${bound.high}); // ${show(bound)}`,
    );
  }
  /** The same for each 16-bit limb of a vector, even and odd limbs apart. */
  check16(name, even, odd) {
    fits16(even, name);
    fits16(odd, name);
    this.line(
      `  if (CHECK_BOUNDS) limbsWithin(${name}, ${even.low}, ${even.high}, ${odd.low}, ${odd.high});` +
        ` // ${show(even)}, ${show(odd)}`,
    );
  }
  text() {
    return `${this.lines.join('\n')}\n`;
  }
}
