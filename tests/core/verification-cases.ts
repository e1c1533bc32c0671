import assert from 'node:assert/strict';
import {
  VerificationBuffer,
  type VerificationPath,
} from '../../services/core/verification/batch-size-and-key-room.ts';
import { type Case, debugWasm, releaseWasm } from './verification-oracle.ts';

/** The debug build asserts the bound of every intermediate of the field arithmetic. */
export const BUILDS = [
  ['release', releaseWasm],
  ['debug', debugWasm],
] as const;

/** Every way to a verdict under a registered key. */
export const PATHS: readonly VerificationPath[] = ['single', 'exact', 'batch', 'byCount'];

/** Verifies cases under keys that are registered as they come, mixed order included. */
export class CaseVerifier {
  readonly buffer: VerificationBuffer;
  readonly #handles = new Map<string, number | undefined>();
  constructor(wasm: WebAssembly.Module, keysMax = 4096, recordsMax = 1024) {
    this.buffer = new VerificationBuffer(wasm, { keysMax, recordsMax });
  }
  /** The key's handle, or one that is not registered where the key is refused. */
  handle(publicKey: Uint8Array): number {
    const name = Buffer.from(publicKey).toString('hex');
    if (!this.#handles.has(name)) {
      let handle: number | undefined;
      try {
        handle = this.buffer.registerKey(publicKey, true);
      } catch (error) {
        assert.ok(error instanceof RangeError);
        assert.doesNotMatch(error.message, /room/);
      }
      this.#handles.set(name, handle);
    }
    return this.#handles.get(name) ?? 0xffffffff;
  }
  verify(
    cases: readonly Case[],
    path: VerificationPath,
  ): { verdicts: boolean[]; fellBack: boolean } {
    const handles = cases.map(({ publicKey }) => this.handle(publicKey));
    this.buffer.input.clear();
    cases.forEach(({ message, signature }, i) => {
      this.buffer.input.append(handles[i] as number, message, signature);
    });
    const fellBack = this.buffer.verify(cases.length, path);
    return {
      verdicts: Array.from(this.buffer.verdicts.subarray(0, cases.length), Boolean),
      fellBack,
    };
  }
}

/** Each case must have its expected verdict on every path, a thousand at a time. */
export function expectVerdicts(
  verifier: CaseVerifier,
  cases: readonly Case[],
  expected: readonly boolean[],
): void {
  for (let from = 0; from < cases.length; from += 1024)
    for (const path of PATHS) {
      const part = cases.slice(from, from + 1024);
      const { verdicts } = verifier.verify(part, path);
      part.forEach((one, i) => {
        assert.equal(verdicts[i], expected[from + i], `${one.kind}, ${path}, case ${from + i}`);
      });
    }
}
