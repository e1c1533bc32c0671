import { hash } from 'node:crypto';

/** Every field of the signed text: the separator (LF) cannot occur in it. */
export const SIGNED_FIELD_PATTERN = '^[A-Za-z0-9._:-]{1,64}$';

/**
 * What a sender signs (Ed25519, detached): nine lines of ASCII, each ended by LF.
 *
 *     CORRIDOR-SIG-V1
 *     <network>                  for example sandbox-1
 *     <topic>                    payments
 *     <message type>             ce_type, for example pacs.008.001.08
 *     <sender's BIC>             ce_source
 *     <key id>                   ce_keyid
 *     <id>                       ce_id: the UETR, or the message's own id where it has none
 *     <issued at>                ce_issuedatms, ms since 1970
 *     <payload digest>           SHA-256 of the payload's bytes as they are, lower-case hex
 *
 * Network and topic are the verifier's own configuration, so a message replayed on another network
 * or topic does not verify. Each field matches SIGNED_FIELD_PATTERN.
 */
export interface SignedFields {
  readonly network: string;
  readonly topic: string;
  readonly messageType: string;
  readonly sender: string;
  readonly keyId: string;
  readonly id: string;
  readonly issuedAtMs: string;
  /** Lower-case hex. */
  readonly payloadDigest: string;
}

export function signingText(fields: SignedFields): Uint8Array {
  return Buffer.from(
    `CORRIDOR-SIG-V1\n${fields.network}\n${fields.topic}\n${fields.messageType}\n${fields.sender}\n` +
      `${fields.keyId}\n${fields.id}\n${fields.issuedAtMs}\n${fields.payloadDigest}\n`,
    'latin1',
  );
}

/** SHA-256, lower-case hex. */
export const payloadDigestHex = (payload: Uint8Array): string => hash('sha256', payload, 'hex');

export const payloadDigest = (payload: Uint8Array): Buffer =>
  Buffer.from(payloadDigestHex(payload), 'hex');
