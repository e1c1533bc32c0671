import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { VerificationBuffer } from '../../services/core/verification/batch-size-and-key-room.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { VERIFICATION_RECORD_BYTES } from '../../services/core/verification/verification-records.ts';
import { instantiate } from '../../services/core/wasm-module.ts';
import { Random, releaseWasm } from './verification-oracle.ts';

/** Of linear memory: 0 once it has grown, which makes other views. */
const reservedBytes = ({ input }: VerificationBuffer): number => input.messages.buffer.byteLength;

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
  // Bytes from before the messages area on, signed: a sum of offset and length that wraps would
  // find them.
  const wrapping = [4, 8, 40].map((before) => {
    const start = messages.byteOffset - before;
    const bytes = new Uint8Array(messages.buffer, start, before + 300).slice();
    return { before, length: bytes.length, signature: signer.sign(bytes) };
  });
  const reserved = reservedBytes(buffer);

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
      const { before, length, signature } = wrapping[next() % 3] as (typeof wrapping)[0];
      words[word + 1] = 2 ** 32 - before;
      words[word + 2] = length;
      records.set(signature, at * VERIFICATION_RECORD_BYTES + 16);
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
  assert.equal(reservedBytes(buffer), reserved);
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
  const reserved = reservedBytes(buffer);
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
  assert.equal(reservedBytes(buffer), reserved);
});

/** What a message, its offset and length are: at the edges of the messages area, and inside. */
const SPANS = [
  [0, 300],
  [100, 64],
  [MESSAGE_BYTES - 300, 300],
  [MESSAGE_BYTES, 0],
  [0, MESSAGE_BYTES],
  [7, 1],
] as const;

test('well-formed and malformed records side by side, all of which reach the arithmetic', () => {
  const next = fastRandom(0xf00d);
  const recordsMax = 64;
  const buffer = new VerificationBuffer(releaseWasm, {
    keysMax: 4,
    recordsMax,
    messageBytesMax: MESSAGE_BYTES,
  });
  const signers = [0, 1].map((i) =>
    createSigner(createHash('sha256').update(`side ${i}`).digest()),
  );
  const handles = signers.map(({ publicKey }) => buffer.registerKey(publicKey));
  const { input, verdicts } = buffer;
  const content = new Random('spans').bytes(MESSAGE_BYTES);
  const signatures = SPANS.map(([offset, length]) =>
    signers.map((signer) => signer.sign(content.slice(offset, offset + length))),
  );
  const words = new Uint32Array(input.records.buffer, input.records.byteOffset, recordsMax * 20);
  const reserved = reservedBytes(buffer);
  const PATHS = ['byCount', 'batch', 'exact', 'single'] as const;

  /** What stands in a record: [handle, offset, length, whether it is valid]. */
  const draw = (at: number): [number, number, number, boolean] => {
    const which = next() % 2;
    const span = next() % SPANS.length;
    const [offset, length] = SPANS[span] as (typeof SPANS)[number];
    const handle = handles[which] as number;
    const place = at * VERIFICATION_RECORD_BYTES + 16;
    input.records.set(signatures[span]?.[which] as Uint8Array, place);
    switch (next() % 12) {
      case 0:
        return [handles[1 - which] as number, offset, length, false];
      case 1: {
        const other = (offset + 1 + (next() % 4000)) >>> 0;
        const there = content.subarray(other, other + length);
        const same = Buffer.compare(there, content.subarray(offset, offset + length)) === 0;
        return [handle, other, length, same && other + length <= MESSAGE_BYTES];
      }
      case 2:
        return [handle, offset, length + 1 + (next() % 5000), false];
      case 3:
        return [2 + (next() % 0xfffffffd), offset, length, false];
      case 4:
      case 5: {
        const bit = place + (next() % 64);
        input.records[bit] = (input.records[bit] as number) ^ (1 << (next() % 8));
        return [handle, offset, length, false];
      }
      case 6:
        return [handle, 0xffffffff - (next() % 5000), length, false];
      case 7:
        return [handle, offset, (0 - length - 1 - (next() % 9)) >>> 0, false];
      default:
        return [handle, offset, length, true];
    }
  };

  let valid = 0;
  for (let round = 0; round < 1500; round++) {
    const count = 1 + (next() % recordsMax);
    // Appended, and so without bad offsets, or written by hand.
    const appends = round % 3 === 0;
    const expected: boolean[] = [];
    input.clear();
    if (!appends) input.messages.set(content);
    for (let i = 0; i < count; i++) {
      const [handle, offset, length, isValid] = draw(i);
      if (!appends) {
        words.set([handle, offset, length, next() % 4], i * 20);
        expected.push(isValid);
        continue;
      }
      if (offset + length > MESSAGE_BYTES || !input.fits(length)) break;
      const at = i * VERIFICATION_RECORD_BYTES + 16;
      const signature = input.records.slice(at, at + 64);
      // As a caller may write it: a handle out of range must not wrap to one that is in.
      const wraps = next() % 8 === 0;
      const message = content.slice(offset, offset + length);
      input.append(wraps ? handle + 2 ** 32 : handle, message, signature, next() % 4 === 0);
      expected.push(isValid && !wraps);
    }
    buffer.verify(expected.length, PATHS[next() % 4]);
    expected.forEach((one, i) => {
      valid += Number(one);
      if (verdicts[i] !== Number(one))
        assert.fail(`record ${i} of round ${round} has verdict ${verdicts[i]}`);
    });
  }
  assert.ok(valid > 10_000);
  assert.equal(reservedBytes(buffer), reserved);
});

test('a signature verified by itself leaves what was appended as it is', () => {
  const buffer = new VerificationBuffer(releaseWasm, {
    keysMax: 1,
    recordsMax: 8,
    messageBytesMax: 256,
  });
  const signer = createSigner(createHash('sha256').update('apart').digest());
  const handle = buffer.registerKey(signer.publicKey);
  const [one, other] = [Buffer.from('pay 1'), Buffer.from('pay 9')];
  buffer.input.append(handle, one, signer.sign(other));
  buffer.input.append(handle, one, signer.sign(one));
  assert.ok(buffer.verifyUnregistered(signer.publicKey, other, signer.sign(other)));
  assert.equal(buffer.verifyUnregistered(signer.publicKey, one, signer.sign(other)), false);
  buffer.verify();
  assert.deepEqual([...buffer.verdicts.subarray(0, 2)], [0, 1]);
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

test('an instance that is not started, or could not be, verifies nothing', () => {
  const signer = createSigner(createHash('sha256').update('no tables').digest());
  const message = Buffer.from('m');
  // R as signed, S = 1: what passes where every multiple of every point is 0 in all coordinates.
  const forged = Uint8Array.from(signer.sign(message)).fill(0, 32);
  forged[32] = 1;
  for (const start of [false, true]) {
    const core = instantiate(releaseWasm);
    if (start) assert.equal(core.startVerifier(100_000, 1024, 4096), 0);
    const memory = new Uint8Array(core.memory.buffer);
    memory.set(signer.publicKey, core.keyInputAddress());
    for (const signature of [forged, signer.sign(message)]) {
      memory.set(signature, core.signatureInputAddress());
      for (const length of [0, 1, 64]) assert.equal(core.verifyUnregistered(length), 0);
    }
    assert.equal(core.verifyRecords(1, 0), -1);
    assert.ok(core.registerVerificationKey(0) < 0);
  }
});
