import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  VerificationBuffer,
  type VerificationPath,
} from '../../services/core/verification/batch-size-and-key-room.ts';
import { BUILDS, PATHS } from './verification-cases.ts';
import { generateCases } from './verification-mutations.ts';
import { type Case, oracle, Random } from './verification-oracle.ts';

// The oracle takes a millisecond a case and is asked once; every path of both builds must give its verdict.
const SEED = process.env.CORRIDOR_SEED ?? 'mutations';
/** Cases under one instance: many have a key of their own, so instances are renewed. */
export const ROUND = 506;

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

/** Makes a test of the generated cases from `first` up to `end`: whole rounds. */
export function haveTheOraclesVerdicts(first: number, end: number): void {
  const count = end - first;
  test(`${count} generated cases have the oracle's verdicts on every path`, () => {
    const random = new Random(`${SEED}/sizes`);
    let valid = 0;
    for (let from = first; from < end; from += ROUND) {
      const cases = [...generateCases(`${SEED}/${from}`, ROUND)];
      const expected = cases.map(oracle);
      valid += expected.filter(Boolean).length;
      for (const [build, wasm] of BUILDS)
        expectVerdicts(wasm, cases, expected, random, `${build} build, seed ${SEED}/${from}`);
    }
    assert.ok(valid > count / 10 && valid < count / 2, `${valid} of ${count} are valid`);
  });
}
