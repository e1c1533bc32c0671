import assert from 'node:assert/strict';
import { test } from 'node:test';
import { envelopeHeaders } from '../protocol/names/message-headers.ts';
import { PAYLOAD_BYTES_MAX } from '../protocol/names/size-limits.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import type { VerifiableMessage } from './verifiable-message.ts';
import { admit, whyNotAuthentic } from './why-not-authentic.ts';

const ISSUED_MS = Date.UTC(2026, 2, 16, 9);
const KEY = { publicKey: new Uint8Array(32), handle: 0 };
const KEYS = {
  knows: (bic: string) => bic === 'ALFADE00',
  key: (_: string, keyId: string) => (keyId === 'key-1' ? KEY : undefined),
};

function message(headers: Record<string, string> = {}): VerifiableMessage {
  const envelope = {
    ...{ id: 'm-1', sender: 'ALFADE00', messageType: 'pacs.008.001.08', keyId: 'key-1' },
    ...{ issuedAtMs: ISSUED_MS, signature: new Uint8Array(64) },
  };
  return {
    ...{ partition: 0, logOffset: 0, timestampMs: ISSUED_MS, value: new Uint8Array(1) },
    headers: { ...envelopeHeaders(envelope), ...headers },
  };
}

/** Its reason, and whether it is one for the bank that it names; null: authentic. */
function reasonOf(one: VerifiableMessage, verified: boolean) {
  const admitted = admit(one, KEYS);
  if (!('envelope' in admitted)) return [admitted.reason, 'told nobody'];
  return [whyNotAuthentic(admitted, verified), 'told'];
}

test('of several reasons the first counts: size, headers, sender, key, signature, issue time', () => {
  const late = { timestampMs: ISSUED_MS + ISSUE_WINDOW_MS + 1 };
  const large = { value: new Uint8Array(PAYLOAD_BYTES_MAX + 1) };
  const stranger = { ce_source: 'NOBODE00' };
  const malformed = { ce_keyid: '' };
  const otherKey = message({ ce_keyid: 'key-9' });
  const cases: readonly (readonly [VerifiableMessage, boolean, string | null, string])[] = [
    [message(), true, null, 'told'],
    [{ ...message(), ...late }, true, 'issuedOutsideWindow', 'told'],
    [{ ...message(), ...late }, false, 'signatureInvalid', 'told'],
    [{ ...otherKey, ...late }, false, 'keyUnknown', 'told'],
    [{ ...message(malformed), ...late }, false, 'formatInvalid', 'told'],
    [{ ...message(malformed), ...large }, false, 'messageTooLarge', 'told'],
    [message(stranger), false, 'senderUnknown', 'told nobody'],
    [message({ ...stranger, ...malformed }), false, 'formatInvalid', 'told nobody'],
    [{ ...message(stranger), ...large }, false, 'messageTooLarge', 'told nobody'],
    [{ ...message(), ...large, unreadable: 'torn' }, false, 'formatInvalid', 'told nobody'],
  ];
  for (const [one, verified, reason, told] of cases)
    assert.deepEqual(reasonOf(one, verified), [reason, told]);
});
