import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Envelope,
  envelopeHeaders,
  readEnvelope,
  SIGNATURE_PATTERN,
} from './message-headers.ts';

const envelope: Envelope = {
  ...{ id: '8a562c67-ca16-48ba-b074-65581be6f001', sender: 'BANKDEF0', keyId: 'key-1' },
  ...{ messageType: 'pacs.008.001.08', issuedAtMs: 0 },
  signature: Uint8Array.from({ length: 64 }, (_, place) => 4 * place),
};

test('a signature of the form is read, and any other is one that cannot verify', () => {
  const headers = envelopeHeaders(envelope);
  const good = headers.ce_signature as string;
  const form = new RegExp(SIGNATURE_PATTERN);
  const others = [...'Az09+/=-_ .\u0000\u0141\uffff'];
  const texts = [good, '', `${good}A`, good.slice(1), `A${good}`, good.slice(0, -1), `${good}\n`];
  for (const at of good.split('').keys())
    for (const other of others) texts.push(good.slice(0, at) + other + good.slice(at + 1));
  for (const text of texts) {
    const read = readEnvelope({ ...headers, ce_signature: text }) as Envelope;
    assert.equal(read.signature.length, form.test(text) ? 64 : 0, JSON.stringify(text));
  }
  assert.deepEqual([...(readEnvelope(headers) as Envelope).signature], [...envelope.signature]);
});
