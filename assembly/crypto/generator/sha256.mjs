// Writes SHA-256's compression function (FIPS 180-4, section 6.2.2) over four messages at once, one to a lane,
// with its 64 rounds in line: the eight working variables change their names instead of their places.
import { Emitter } from './emitter.mjs';

const WORDS = 16;
const ROUNDS = 64;
const xor = (first, ...rest) => rest.reduce((text, one) => `v128.xor(${text}, ${one})`, first);
const add = (first, ...rest) => rest.reduce((text, one) => `i32x4.add(${text}, ${one})`, first);
const shr = (x, bits) => `i32x4.shr_u(${x}, ${bits})`;
/** A rotation's two halves have no bit in common: they may be put together with whatever they are added to by xor. */
const rotated = (x, bits) => [shr(x, bits), `i32x4.shl(${x}, ${32 - bits})`];
const rotations = (x, ...bits) => xor(...bits.flatMap((by) => rotated(x, by)));

/** The text of generated/sha256-lanes.ts. */
export function generateSha256Lanes() {
  const out = new Emitter();
  out.line('// Written by assembly/crypto/generate.mjs: see assembly/crypto/generator/sha256.mjs.');
  out.line("import { ROUND_CONSTANTS_256 } from './constants';");
  out.line();
  out.line(
    '/** Folds a block of each lane, sixteen vectors of words, into the lanes: eight vectors. */',
  );
  out.line('export function compressLanes(state: usize, block: usize): void {');
  for (let i = 0; i < WORDS; i++) out.line(`  let w${i}: v128 = v128.load(block, ${16 * i});`);
  const names = [...'abcdefgh'];
  names.forEach((name, i) => out.line(`  let ${name}: v128 = v128.load(state, ${16 * i});`));
  out.line('  let m: v128 = v128.xor(b, c), n: v128;');
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b, , d, e, f, g, h] = names;
    const w = (ahead) => `w${(round + ahead) % WORDS}`;
    if (round >= WORDS) {
      const sigma0 = xor(rotations(w(1), 7, 18), shr(w(1), 3));
      const sigma1 = xor(rotations(w(14), 17, 19), shr(w(14), 10));
      out.line(`  ${w(0)} = ${add(w(0), sigma0, w(9), sigma1)};`);
    }
    const constant = `v128.load32_splat(ROUND_CONSTANTS_256, ${4 * round})`;
    const choice = xor(g, `v128.and(${e}, ${xor(f, g)})`);
    out.line(
      `  ${h} = ${add(h, `i32x4.add(${w(0)}, ${constant})`, choice, rotations(e, 6, 11, 25))};`,
    );
    out.line(`  ${d} = ${add(d, h)};`);
    // Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)), and a ^ b is the next round's b ^ c.
    const [last, now] = round % 2 === 0 ? ['m', 'n'] : ['n', 'm'];
    out.line(`  ${now} = ${xor(a, b)};`);
    out.line(`  ${h} = ${add(h, rotations(a, 2, 13, 22), xor(b, `v128.and(${now}, ${last})`))};`);
    names.unshift(names.pop());
  }
  [...'abcdefgh'].forEach((name, i) =>
    out.line(`  v128.store(state, ${add(`v128.load(state, ${16 * i})`, name)}, ${16 * i});`),
  );
  out.line('}');
  return out.text();
}
