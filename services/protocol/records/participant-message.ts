import { Type } from '@sinclair/typebox';
import { closed, oneOf, text } from '../messages/document.ts';
import { BIC_PATTERN, type Bic } from '../names/bic-and-uetr.ts';
import type { Syntax } from '../names/content-type.ts';
import type { Message } from '../names/message.ts';
import { ROLES } from '../names/participant-roles.ts';
import { SIGNED_FIELD_PATTERN } from '../names/signing-text.ts';
import type { Role } from './control-record.ts';

/**
 * A record of the `participants` topic, keyed `<BIC>:<key id>`: who may sign with which key. The
 * topic is compacted and has no tombstones: a revoked key stays, as revoked, and its id is never
 * used again. Beside them it has the keys of the clearing node, keyed `node:<key id>`.
 */
export interface ParticipantKey {
  readonly bic: Bic;
  readonly name: string;
  readonly role: Role;
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
  readonly state: 'registered' | 'revoked';
  /** Of its registration: in which it is told of what it did not send; absent: JSON. */
  readonly syntax?: Syntax | undefined;
}

export const ParticipantKeySchema = closed({
  bic: Type.String({ pattern: BIC_PATTERN }),
  name: text(140),
  role: oneOf(...ROLES),
  keyId: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
  publicKey: Type.String({
    description: 'The 32 bytes of an Ed25519 key, lower-case hex',
    pattern: '^[0-9a-f]{64}$',
  }),
  state: oneOf('registered', 'revoked'),
  syntax: Type.Optional(
    Type.Unsafe<Syntax>({
      enum: ['json', 'xml'],
      description: 'In which the participant is told of what it did not send; without it JSON',
    }),
  ),
});

export function participantMessage(entry: ParticipantKey): Message {
  return {
    key: `${entry.bic}:${entry.keyId}`,
    value: Buffer.from(JSON.stringify(entry)),
    headers: { 'content-type': 'application/json' },
  };
}

/** A key of the clearing node, which signs as its network. */
export interface NodeKey {
  readonly node: string;
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
  readonly state: 'registered' | 'revoked';
}

export const NodeKeySchema = closed({
  node: Type.String({
    description: 'The network: the ce_source of what the node signs',
    pattern: SIGNED_FIELD_PATTERN,
  }),
  keyId: ParticipantKeySchema.properties.keyId,
  publicKey: ParticipantKeySchema.properties.publicKey,
  state: ParticipantKeySchema.properties.state,
});

export const nodeKeyMessage = (entry: NodeKey): Message => ({
  key: `node:${entry.keyId}`,
  value: Buffer.from(JSON.stringify(entry)),
  headers: { 'content-type': 'application/json' },
});

export const isNodeKey = (entry: ParticipantKey | NodeKey): entry is NodeKey => 'node' in entry;

export function readKeyMessage(value: Uint8Array): ParticipantKey | NodeKey {
  return JSON.parse(Buffer.from(value).toString('utf8'));
}

/** The participant's key that a record of the topic has; null: it has one of the node. */
export function readParticipantMessage(value: Uint8Array): ParticipantKey | null {
  const entry = readKeyMessage(value);
  return isNodeKey(entry) ? null : entry;
}
