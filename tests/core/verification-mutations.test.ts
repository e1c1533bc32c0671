import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  VerificationBuffer,
  type VerificationPath,
} from '../../services/core/verification/verification-buffer.ts';
import { BUILDS, PATHS } from './verification-cases.ts';
import { type Case, generateCases, oracle, Random } from './verification-oracle.ts';

// Twenty thousand and more generated cases, and ten times as many with CORRIDOR_LONG_TESTS=1. The
// oracle takes a millisecond a case and is asked once; every path of both builds must give its verdict.
const SEED = process.env.CORRIDOR_SEED ?? 'mutations';
const COUNT = process.env.CORRIDOR_LONG_TESTS === '1' ? 220_000 : 20_240;
/** Cases under one instance: many have a key of their own, so instances are renewed. */
const ROUND = 2024;

function verdictsOf(
  buffer: VerificationBuffer,
  handles: readonly number[],
  cases: readonly Case[],
  path: VerificationPath,
) {
  buffer.input.clear();
  cases.forEach(({ message, signature }, i) => {
    buffer.input.append(handles[i] as number, message, signature);
  });
  buffer.verify(cases.length, path);
  return Array.from(buffer.verdicts.subarray(0, cases.length), Boolean);
}

/** Registers each distinct key; a refused one gets a handle that does not exist. */
function register(buffer: VerificationBuffer, cases: readonly Case[]): number[] {
  const handles = new Map<string, number>();
  return cases.map(({ publicKey }) => {
    const name = Buffer.from(publicKey).toString('hex');
    let handle = handles.get(name);
    if (handle === undefined) {
      try {
        handle = buffer.registerKey(publicKey, true);
      } catch (error) {
        assert.match((error as RangeError).message, /canonical|point|small order/);
        handle = 0xffffffff;
      }
      handles.set(name, handle);
    }
    return handle;
  });
}

/** On every path, in batches of random sizes: good ones also meet the equation by themselves. */
function expectVerdicts(
  wasm: WebAssembly.Module,
  cases: readonly Case[],
  expected: readonly boolean[],
  random: Random,
  what: string,
): void {
  const buffer = new VerificationBuffer(wasm, { keysMax: ROUND, recordsMax: ROUND });
  const handles = register(buffer, cases);
  for (const path of PATHS)
    for (let at = 0; at < cases.length; ) {
      const size = Math.min(cases.length - at, 1 + random.below(path === 'batch' ? 8 : 400));
      const part = cases.slice(at, at + size);
      const verdicts = verdictsOf(buffer, handles.slice(at, at + size), part, path);
      part.forEach(({ kind }, i) => {
        assert.equal(verdicts[i], expected[at + i], `${kind}, ${path}, ${what}`);
      });
      at += size;
    }
  cases.forEach(({ kind, publicKey, message, signature }, i) => {
    const verdict = buffer.verifyUnregistered(publicKey, message, signature);
    assert.equal(verdict, expected[i], `${kind}, unregistered, ${what}`);
  });
}

test(`${COUNT} generated cases have the oracle's verdicts on every path`, () => {
  const random = new Random(`${SEED}/sizes`);
  let valid = 0;
  for (let from = 0; from < COUNT; from += ROUND) {
    const cases = [...generateCases(`${SEED}/${from}`, Math.min(ROUND, COUNT - from))];
    const expected = cases.map(oracle);
    valid += expected.filter(Boolean).length;
    for (const [build, wasm] of BUILDS)
      expectVerdicts(wasm, cases, expected, random, `${build} build, seed ${SEED}/${from}`);
  }
  assert.ok(valid > COUNT / 10 && valid < COUNT / 2, `${valid} of ${COUNT} are valid`);
});
