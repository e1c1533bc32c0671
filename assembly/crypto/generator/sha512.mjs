// Writes SHA-512's compression function (FIPS 180-4, section 6.4.2) with its eighty rounds in line:
// the eight working variables change their names instead of their places. A round waits for e and a
// of the one before, so all that does not depend on them is added up first;
// Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)), and a ^ b is the next round's b ^ c.
//
// The message schedule is made beside the rounds, two words to a vector: eight vectors hold its
// last sixteen words, and what a pair of rounds adds (word and constant) lies in memory when they come.
// That leaves the rounds more registers, and takes a tenth less time.
import { Emitter } from './emitter.mjs';

/** x rotated by a, by b and by c, added: one after the other, which takes fewer moves. */
const rotations = (x, [a, b, c]) =>
  `rotr<u64>(rotr<u64>(rotr<u64>(${x}, ${c - b}) ^ ${x}, ${b - a}) ^ ${x}, ${a})`;

const WORDS = 16;
const VECTORS = WORDS / 2;
const shr = (x, bits) => `i64x2.shr_u(${x}, ${bits})`;
const xor = (first, ...rest) => rest.reduce((text, one) => `v128.xor(${text}, ${one})`, first);
const rotated = (x, bits) => [shr(x, bits), `i64x2.shl(${x}, ${64 - bits})`];
/** The lower-case sigma functions, of two words. */
const sigma0 = (x) => xor(...rotated(x, 1), `v128.swizzle(${x}, byByte)`, shr(x, 7));
const sigma1 = (x) => xor(...rotated(x, 19), ...rotated(x, 61), shr(x, 6));
/** Words 2i + 1 and 2i + 2 of the schedule. */
const straddling = (i) => `v128.shuffle<u64>(w${i % VECTORS}, w${(i + 1) % VECTORS}, 1, 2)`;

/** Leaves words 2i and 2i + 1, with their constants, in memory. */
function emitPair(out, i) {
  const w = `w${i % VECTORS}`;
  if (i < VECTORS) out.line(`  let ${w} = v128.swizzle(v128.load(block, ${16 * i}), bigEndian);`);
  else {
    out.line(`  x = ${straddling(i)};`);
    out.line(`  ${w} = i64x2.add(i64x2.add(${w}, ${straddling(i + 4)}), ${sigma0('x')});`);
    out.line(`  ${w} = i64x2.add(${w}, ${sigma1(`w${(i + 7) % VECTORS}`)});`);
  }
  const added = `i64x2.add(${w}, v128.load(ROUND_CONSTANTS, ${16 * i}))`;
  out.line(`  v128.store(ADDED, ${added}, ${16 * (i % VECTORS)});`);
}

/** The text of generated/sha512-block.ts. */
export function generateSha512Block() {
  const out = new Emitter();
  out.line('// Written by assembly/crypto/generate.mjs: see assembly/crypto/generator/sha512.mjs.');
  out.line("import { ROUND_CONSTANTS } from './constants';");
  out.line();
  out.line('/** What the next sixteen rounds add: word and constant. */');
  out.line(`const ADDED: usize = memory.data(${8 * WORDS}, 16);`);
  out.line();
  out.line('/** Folds one block of 128 bytes into the state, eight words in native order. */');
  out.line('export function compress(state: usize, block: usize): void {');
  const bytes = [...Array(16).keys()];
  out.line(`  const bigEndian: v128 = i8x16(${bytes.map((b) => b ^ 7).join(', ')});`);
  const byByte = bytes.map((b) => (b & 8) | ((b + 1) & 7));
  out.line(`  const byByte: v128 = i8x16(${byByte.join(', ')});`);
  out.line('  let x: v128;');
  for (let i = 0; i < VECTORS; i++) emitPair(out, i);
  const names = [...'abcdefgh'];
  names.forEach((name, i) => out.line(`  let ${name}: u64 = load<u64>(state, ${8 * i});`));
  out.line('  let m: u64 = b ^ c, n: u64;');
  for (let round = 0; round < 80; round++) {
    const [a, b, c, d, e, f, g, h] = names;
    const added = `load<u64>(ADDED, ${8 * (round % WORDS)})`;
    const choice = `(${g} ^ (${e} & (${f} ^ ${g})))`;
    out.line(`  ${h} = (${h} + ${added} + ${choice}) + ${rotations(e, [14, 18, 41])};`);
    out.line(`  ${d} = ${d} + ${h};`);
    const [last, now] = round % 2 === 0 ? ['m', 'n'] : ['n', 'm'];
    out.line(`  ${now} = ${a} ^ ${b};`);
    out.line(`  ${h} = ${h} + (${rotations(a, [28, 34, 39])} + (${b} ^ (${now} & ${last})));`);
    names.unshift(names.pop());
    if (round % 2 === 1 && round + WORDS < 80) emitPair(out, (round + WORDS - 1) / 2);
  }
  [...'abcdefgh'].forEach((name, i) =>
    out.line(`  store<u64>(state, load<u64>(state, ${8 * i}) + ${name}, ${8 * i});`),
  );
  out.line('}');
  return out.text();
}
