// Writes SHA-512's compression function (FIPS 180-4, section 6.4.2) with its eighty rounds in line:
// the eight working variables change their names instead of their places, and the message schedule
// is sixteen locals. A round waits for e and a of the one before, so all that does not depend on them
// is added up first; Maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)), and a ^ b is the next round's b ^ c.
import { ROUND_CONSTANTS } from './constants.mjs';
import { Emitter } from './emitter.mjs';

/** x rotated by a, by b and by c, added: one after the other, which takes fewer moves. */
const rotations = (x, [a, b, c]) =>
  `rotr<u64>(rotr<u64>(rotr<u64>(${x}, ${c - b}) ^ ${x}, ${b - a}) ^ ${x}, ${a})`;
const schedule = (x, [a, b], s) =>
  `(rotr<u64>(${x}, ${a}) ^ rotr<u64>(${x}, ${b}) ^ (${x} >> ${s}))`;

/** The text of generated/sha512-block.ts. */
export function generateSha512Block() {
  const out = new Emitter();
  out.line('// Written by assembly/crypto/generate.mjs: see assembly/crypto/generator/sha512.mjs.');
  out.line();
  out.line('/** Folds one block of 128 bytes into the state, eight words in native order. */');
  out.line('export function compress(state: usize, block: usize): void {');
  for (let i = 0; i < 16; i++)
    out.line(`  let w${i}: u64 = bswap<u64>(load<u64>(block, ${8 * i}));`);
  const names = [...'abcdefgh'];
  names.forEach((name, i) => out.line(`  let ${name}: u64 = load<u64>(state, ${8 * i});`));
  out.line('  let m: u64 = b ^ c, n: u64;');
  for (let round = 0; round < 80; round++) {
    const [a, b, c, d, e, f, g, h] = names;
    const w = `w${round % 16}`;
    if (round >= 16) {
      const w1 = schedule(`w${(round + 1) % 16}`, [1, 8], 7);
      const w14 = schedule(`w${(round + 14) % 16}`, [19, 61], 6);
      out.line(`  ${w} = ${w} + ${w1} + w${(round + 9) % 16} + ${w14};`);
    }
    const constant = `0x${ROUND_CONSTANTS[round].toString(16).padStart(16, '0')}`;
    const choice = `(${g} ^ (${e} & (${f} ^ ${g})))`;
    out.line(`  ${h} = (${h} + (${w} + ${constant}) + ${choice}) + ${rotations(e, [14, 18, 41])};`);
    out.line(`  ${d} = ${d} + ${h};`);
    const [last, now] = round % 2 === 0 ? ['m', 'n'] : ['n', 'm'];
    out.line(`  ${now} = ${a} ^ ${b};`);
    out.line(`  ${h} = ${h} + (${rotations(a, [28, 34, 39])} + (${b} ^ (${now} & ${last})));`);
    names.unshift(names.pop());
  }
  [...'abcdefgh'].forEach((name, i) =>
    out.line(`  store<u64>(state, load<u64>(state, ${8 * i}) + ${name}, ${8 * i});`),
  );
  out.line('}');
  return out.text();
}
