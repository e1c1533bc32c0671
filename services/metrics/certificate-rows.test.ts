import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateBlocks, type CertificateRecord } from './certificate-rows.ts';

const row = (event_number: number, characters: number): CertificateRecord => ({
  ...{ run: 'r', pool: 'main', event_number, cycle: event_number, offsetting: 0, time: '' },
  certificate: 'x'.repeat(characters),
});

test('certificates of one batch go in as many insertions as their size asks for', () => {
  const blocks = new CertificateBlocks();
  const million = 1_000_000;
  const taken = blocks.take([1, 2, 3, 4, 5].map((number) => row(number, 5 * million)));
  const tokens = [...taken, ...blocks.end()].map(({ token }) => token);
  assert.deepEqual(tokens, [
    'r/main/certificates/1-2',
    'r/main/certificates/3-4',
    'r/main/certificates/5-5',
  ]);
  assert.deepEqual(blocks.end(), []);
});
