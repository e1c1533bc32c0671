// Writes SHA-512's compression function (FIPS 180-4, section 6.4.2) with its eighty rounds in line:
// the eight working variables change their names instead of their places, and the message schedule
// is sixteen locals.
import { ROUND_CONSTANTS } from './constants.mjs';
import { Emitter } from './emitter.mjs';

const rotations = (x, [a, b, c]) =>
  `(rotr<u64>(${x}, ${a}) ^ rotr<u64>(${x}, ${b}) ^ rotr<u64>(${x}, ${c}))`;
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
  for (let round = 0; round < 80; round++) {
    const [a, b, c, d, e, f, g, h] = names;
    const w = `w${round % 16}`;
    if (round >= 16) {
      const w1 = schedule(`w${(round + 1) % 16}`, [1, 8], 7);
      const w14 = schedule(`w${(round + 14) % 16}`, [19, 61], 6);
      out.line(`  ${w} = ${w} + ${w1} + w${(round + 9) % 16} + ${w14};`);
    }
    const constant = `0x${ROUND_CONSTANTS[round].toString(16).padStart(16, '0')}`;
    out.line(
      `  ${h} = ${h} + ${rotations(e, [14, 18, 41])} + (${g} ^ (${e} & (${f} ^ ${g}))) + ${constant} + ${w};`,
    );
    out.line(`  ${d} = ${d} + ${h};`);
    out.line(
      `  ${h} = ${h} + ${rotations(a, [28, 34, 39])} + ((${a} & ${b}) | (${c} & (${a} | ${b})));`,
    );
    names.unshift(names.pop());
  }
  [...'abcdefgh'].forEach((name, i) =>
    out.line(`  store<u64>(state, load<u64>(state, ${8 * i}) + ${name}, ${8 * i});`),
  );
  out.line('}');
  return out.text();
}
