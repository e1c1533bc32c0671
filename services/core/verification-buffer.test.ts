import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { instantiate } from './module.ts';
import { VERIFICATION_RECORD_BYTES } from './record-writer.ts';
import { createSigner } from './signing.ts';
import { Random, releaseWasm } from './verification.reference.ts';
import { VerificationBuffer } from './verification-buffer.ts';

const MALFORMED = 1_000_000;
const RECORDS = 4;
const MESSAGE_BYTES = 4096;

/** xorshift32: a million draws must cost less than what they test. */
function fastRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

test('the module imports nothing that could make a verdict depend on more than its input', () => {
  const imports = WebAssembly.Module.exports(releaseWasm).length;
  assert.ok(imports > 0);
  for (const { module, name } of WebAssembly.Module.imports(releaseWasm) as unknown as {
    module: string;
    name: string;
  }[])
    assert.equal(`${module}.${name}`, 'env.abort');
});

test(`${MALFORMED} malformed buffers: no trap, no wrong accept, no growth`, () => {
  const seed = 0x5eed;
  const next = fastRandom(seed);
  const signer = createSigner(createHash('sha256').update('fuzz').digest());
  const buffer = new VerificationBuffer(releaseWasm, {
    keysMax: 4,
    recordsMax: RECORDS,
    messageBytesMax: MESSAGE_BYTES,
  });
  const handle = buffer.registerKey(signer.publicKey);
  const { records, messages } = buffer.input;
  const words = new Uint32Array(records.buffer, records.byteOffset, records.length / 4);
  messages.set(new Random('fuzz').bytes(MESSAGE_BYTES));
  const message = messages.slice(100, 400);
  const signature = signer.sign(message);
  const reserved = buffer.reservedBytes;

  /** A valid record, but for one field or several. */
  const LIMITS = [0, 1, 2, 63, 64, 255, 4095, 4096, 4097, 0x7fffffff, 0x80000000, 0xffffffff];
  const odd = () => (next() % 2 === 0 ? (LIMITS[next() % LIMITS.length] as number) : next());
  const spoil = (at: number) => {
    const word = at * (VERIFICATION_RECORD_BYTES / 4);
    const kind = next() % 6;
    if (kind === 0 || kind === 5) words[word] = odd() === handle ? 4 : odd() || 7;
    if (kind === 1 || kind === 5) words[word + 1] = odd() === 100 ? 99 : odd() | 0x1000;
    if (kind === 2 || kind === 5) words[word + 2] = MESSAGE_BYTES - 100 + 1 + (odd() % 0x7fff0000);
    if (kind === 3) {
      // Offset and length whose sum wraps around.
      words[word + 1] = 0xffffff9c - (next() % 50);
      words[word + 2] = 300;
    }
    if (kind === 4) words.set([next(), next(), next(), 0xffffffff], word + 16);
    words[word + 3] = odd();
  };

  const PATHS = ['byCount', 'batch', 'exact', 'single'] as const;
  for (let done = 0; done < MALFORMED; done++) {
    // One to four records, all malformed, but for a good one now and then.
    const count = 1 + (next() % RECORDS);
    const good = done % 64 === 0 ? next() % count : -1;
    for (let i = 0; i < count; i++) {
      words.set([handle, 100, message.length, 0], (i * VERIFICATION_RECORD_BYTES) / 4);
      records.set(signature, i * VERIFICATION_RECORD_BYTES + 16);
      if (i !== good) spoil(i);
    }
    buffer.verify(count, PATHS[done % 4]);
    for (let i = 0; i < count; i++)
      if (buffer.verdicts[i] !== (i === good ? 1 : 0))
        assert.fail(`record ${i} has verdict ${buffer.verdicts[i]}, seed ${seed}, after ${done}`);
  }
  assert.equal(buffer.reservedBytes, reserved);
});

test('records of random bytes, signatures and all', () => {
  const next = fastRandom(0xbad);
  const buffer = new VerificationBuffer(releaseWasm, {
    keysMax: 2,
    recordsMax: 64,
    messageBytesMax: 512,
  });
  const signer = createSigner(createHash('sha256').update('random').digest());
  const handle = buffer.registerKey(signer.publicKey);
  const { records } = buffer.input;
  const words = new Uint32Array(records.buffer, records.byteOffset, records.length / 4);
  const reserved = buffer.reservedBytes;
  for (let round = 0; round < 400; round++) {
    for (let i = 0; i < words.length; i++) words[i] = next();
    // In half of the rounds everything but the signature is in order, and S is below L.
    if (round % 2 === 0)
      for (let i = 0; i < 64; i++) {
        words.set([handle, next() % 200, next() % 312, next() % 2], i * 20);
        words[i * 20 + 19] = (words[i * 20 + 19] as number) & 0x0fffffff;
      }
    buffer.verify(64, (['byCount', 'batch', 'exact', 'single'] as const)[round % 4]);
    assert.ok(buffer.verdicts.every((verdict) => verdict === 0));
  }
  assert.equal(buffer.reservedBytes, reserved);
});

test('counts and paths that cannot be are refused', () => {
  const core = instantiate(releaseWasm);
  assert.equal(core.startVerifier(1, 8, 64), 1);
  for (const count of [9, 1000, 0x7fffffff, -1, -2147483648])
    for (const path of [0, 1, 2, 3]) assert.equal(core.verifyRecords(count, path), -1);
  for (const path of [4, 255, -1]) assert.equal(core.verifyRecords(1, path), -1);
  for (const path of [0, 1, 2, 3]) assert.equal(core.verifyRecords(0, path), 0);
  for (const length of [65, 0x7fffffff, -1]) assert.equal(core.verifyUnregistered(length), 0);
  assert.equal(core.startVerifier(1, 8, 64), 0);
  const buffer = new VerificationBuffer(releaseWasm, {
    keysMax: 1,
    recordsMax: 8,
    messageBytesMax: 64,
  });
  assert.throws(() => buffer.verify(9), RangeError);
  assert.throws(() => buffer.input.append(0, new Uint8Array(65), new Uint8Array(64)), RangeError);
});

test('an instance that is not started verifies nothing', () => {
  const core = instantiate(releaseWasm);
  assert.equal(core.verifyRecords(1, 0), -1);
  assert.ok(core.registerVerificationKey(0) < 0);
});
