import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createSigner } from '../../core/verification/signing.ts';
import { payloadDigest, signingText } from './signing-text.ts';

const payload = Buffer.from('{"Document":{}}');
const text = signingText({
  network: 'sandbox-1',
  topic: 'payments',
  messageType: 'pacs.008.001.08',
  sender: 'BANKDEF0',
  keyId: 'key-1',
  id: '8a562c67-ca16-48ba-b074-65581be6f001',
  issuedAtMs: '1773651600000',
  payloadDigest: payloadDigest(payload).toString('hex'),
});

test('the signed text is nine lines of ASCII, each ended by LF', () => {
  // The payload's digest by another route: `printf '{"Document":{}}' | sha256sum`.
  const digest = createHash('sha256').update('{"Document":{}}').digest('hex');
  assert.equal(
    Buffer.from(text).toString('latin1'),
    [
      'CORRIDOR-SIG-V1',
      'sandbox-1',
      'payments',
      'pacs.008.001.08',
      'BANKDEF0',
      'key-1',
      '8a562c67-ca16-48ba-b074-65581be6f001',
      '1773651600000',
      digest,
      '',
    ].join('\n'),
  );
});

test('a signature made in Python, as docs/messages.md shows, is the one that a bank makes here', () => {
  const { sign } = createSigner(Uint8Array.from({ length: 32 }, (_, index) => index));
  // By the package cryptography 48, secret key 00 01 .. 1f.
  assert.equal(
    Buffer.from(sign(text)).toString('base64'),
    't5y6a7CzJjXle019eay577n/oXc/IMkTBWKggM++Hz0hkh2YnbEcA7buyP5zr+amuGelAls1/WQQGNm3F/+iDA==',
  );
});
