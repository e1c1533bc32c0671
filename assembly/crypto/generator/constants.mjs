// Derives the curve's constants (RFC 8032, section 5.1) and SHA-512's (FIPS 180-4, sections 4.2.3
// and 5.3.5) instead of copying them, and writes them in the layouts the code loads.
import { Emitter, LIMB_BITS, LIMBS } from './emitter.mjs';
import { scaleFactors } from './field.mjs';

const P = 2n ** 255n - 19n;
const mod = (x) => ((x % P) + P) % P;
function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = (b * b) % P)
    if (e & 1n) result = (result * b) % P;
  return result;
}
const invert = (x) => power(x, P - 2n);

export const D = mod(-121665n * invert(121666n));
/** A square root of -1: 2 is no square modulo p. */
export const SQRT_MINUS_1 = power(2n, (P - 1n) / 4n);
/** The order of the base point. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The base point's y; its x is the even root. */
export const BASE_Y = mod(4n * invert(5n));

/** An element as centred limbs. */
function limbsOf(x) {
  const limbs = [];
  let rest = x;
  for (let i = 0; i < LIMBS; i++) {
    let digit = rest & (2n ** BigInt(LIMB_BITS) - 1n);
    if (digit >= 2n ** BigInt(LIMB_BITS - 1) && i < LIMBS - 1) digit -= 2n ** BigInt(LIMB_BITS);
    limbs.push(Number(digit));
    rest = (rest - digit) >> BigInt(LIMB_BITS);
  }
  if (rest !== 0n) throw new Error('a constant does not fit its limbs');
  return limbs;
}

function quad(out, name, elements, what) {
  const limbs = elements.map((x) => limbsOf(mod(x)));
  const words = [];
  for (let m = 0; m < LIMBS; m += 2)
    for (const element of limbs) words.push(element[m], element[m + 1]);
  out.line(`/** ${what} */`);
  out.line(`export const ${name}: usize = memory.data<i16>([${words.join(', ')}], 16);`);
}

function factors(out, name, integers) {
  const words = scaleFactors(integers).join(', ');
  out.line(`export const ${name}: usize = memory.data<i16>([${words}], 16);`);
}

const hex = (x, digits) => `0x${x.toString(16).padStart(digits, '0')}`;

function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
}

/** floor(2^64 (n^(1/degree) mod 1)), by bisection in integers. */
function rootFraction(n, degree) {
  const target = BigInt(n) << BigInt(64 * degree);
  let low = 0n;
  let high = 1n << 80n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** BigInt(degree) <= target) low = middle;
    else high = middle;
  }
  return low & (2n ** 64n - 1n);
}

const ROUND_CONSTANTS = primes(80).map((p) => rootFraction(p, 3));
const INITIAL_STATE = primes(8).map((p) => rootFraction(p, 2));

/** The text of generated/constants.ts. */
export function generateConstants() {
  const out = new Emitter();
  out.line(
    '// Written by assembly/crypto/generate.mjs: see assembly/crypto/generator/constants.mjs.',
  );
  quad(out, 'ONE', [1n, 1n, 1n, 1n], '1 in each lane.');
  quad(out, 'TWO', [2n, 2n, 2n, 2n], '2 in each lane.');
  quad(out, 'EDWARDS_D', [D, D, D, D], 'd = -121665/121666 in each lane.');
  quad(out, 'EDWARDS_2D', [2n * D, 2n * D, 2n * D, 2n * D], '2d in each lane.');
  const root = SQRT_MINUS_1;
  quad(out, 'SQRT_MINUS_ONE', [root, root, root, root], 'A square root of -1 in each lane.');
  // d is a fraction of small integers, and a point's coordinates may be scaled together.
  out.line('/** What turns (Y-X, Y+X, Z, T) into a cached point: 1, 1, 2, 2d, times 121666. */');
  factors(out, 'CACHE', [121666, 121666, 2 * 121666, -2 * 121665]);
  out.line('/** What turns (2X, 2Y, 2Z, 2dT) into a point: 1, 1, 1, 1/d, times 121665. */');
  factors(out, 'UNCACHE', [121665, 121665, 121665, -121666]);
  quad(out, 'IDENTITY', [0n, 1n, 1n, 0n], 'The neutral point (0, 1).');
  const bytes = [];
  for (let i = 0n; i < 32n; i++) bytes.push(Number((BASE_Y >> (8n * i)) & 255n));
  out.line('/** The base point, encoded. */');
  out.line(`export const BASE_POINT: usize = memory.data<u8>([${bytes.join(', ')}], 16);`);
  const words = (x, count) =>
    Array.from({ length: count }, (_, i) => hex((x >> BigInt(32 * i)) & 0xffffffffn, 8));
  out.line('/** L, the order of the base point, in eight words. */');
  out.line(`export const ORDER: usize = memory.data<u32>([${words(L, 8).join(', ')}], 16);`);
  words(L, 4).forEach((word, i) => {
    out.line(`/** Word ${i} of L - 2^252. */`);
    out.line(`export const ORDER_LOW_${i}: u64 = ${word};`);
  });
  const longs = (name, list) =>
    out.line(
      `export const ${name}: usize = memory.data<u64>([${list.map((x) => hex(x, 16)).join(', ')}], 16);`,
    );
  out.line('/** SHA-512: the initial state, and what its rounds add. */');
  longs('INITIAL_STATE', INITIAL_STATE);
  longs('ROUND_CONSTANTS', ROUND_CONSTANTS);
  // Of the same roots of the same primes SHA-256 takes the first 32 bits (sections 4.2.2 and 5.3.3).
  const halves = (name, list) =>
    out.line(
      `export const ${name}: usize = memory.data<u32>([${list.map((x) => hex(x >> 32n, 8)).join(', ')}], 16);`,
    );
  out.line('/** SHA-256: the same. */');
  halves('INITIAL_STATE_256', INITIAL_STATE);
  halves('ROUND_CONSTANTS_256', ROUND_CONSTANTS.slice(0, 64));
  return out.text();
}
