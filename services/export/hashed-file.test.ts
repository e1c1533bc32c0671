import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HashedFile } from './hashed-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-hashed-'));
after(() => rmSync(folder, { recursive: true }));

test('short and long pieces are in the file in their order, and in its digest', () => {
  const path = join(folder, 'pieces');
  const file = new HashedFile(path);
  const pieces = [3, 0x5_0000, 1, 0x4_0000, 0x3_ffff, 0x3_ffff, 7, 0x20_0000].map((length, at) =>
    Buffer.alloc(length, at + 1),
  );
  for (const piece of pieces) {
    file.appendBytes(piece);
    file.appendUint8(0);
  }
  const whole = Buffer.concat(pieces.flatMap((piece) => [piece, Buffer.of(0)]));
  assert.equal(file.offset, whole.length);
  file.finish();
  assert.ok(readFileSync(path).equals(whole));
  assert.equal(file.digest(), createHash('sha256').update(whole).digest('hex'));
});
