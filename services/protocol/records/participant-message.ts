import { Type } from '@sinclair/typebox';
import { closed, oneOf, text } from '../messages/document.ts';
import { BIC_PATTERN, type Bic, SIGNED_FIELD_PATTERN } from '../names/identifiers.ts';
import type { Message } from '../names/message.ts';
import type { Role } from './control-record.ts';

/**
 * A record of the `participants` topic, keyed `<BIC>:<key id>`: who may sign with which key. The
 * topic is compacted and has no tombstones: a revoked key stays, as revoked, and its id is never
 * used again.
 */
export interface ParticipantKey {
  readonly bic: Bic;
  readonly name: string;
  readonly role: Role;
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
  readonly state: 'registered' | 'revoked';
}

export const ParticipantKeySchema = closed({
  bic: Type.String({ pattern: BIC_PATTERN }),
  name: text(140),
  role: oneOf('bank', 'dealer', 'central-bank'),
  keyId: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
  publicKey: Type.String({
    description: 'The 32 bytes of an Ed25519 key, lower-case hex',
    pattern: '^[0-9a-f]{64}$',
  }),
  state: oneOf('registered', 'revoked'),
});

export function participantMessage(entry: ParticipantKey): Message {
  return {
    key: `${entry.bic}:${entry.keyId}`,
    value: Buffer.from(JSON.stringify(entry)),
    headers: { 'content-type': 'application/json' },
  };
}

export function readParticipantMessage(value: Uint8Array): ParticipantKey {
  return JSON.parse(Buffer.from(value).toString('utf8'));
}
