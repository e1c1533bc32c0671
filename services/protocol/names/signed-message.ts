import type { Bic } from './bic-and-uetr.ts';
import type { Message } from './message.ts';
import { envelopeHeaders } from './message-headers.ts';
import { payloadDigestHex, signingText } from './signing-text.ts';
import { PAYMENTS } from './topic-plan.ts';

export interface BankSignature {
  readonly bic: Bic;
  readonly keyId: string;
  readonly network: string;
  /** 64 bytes of Ed25519; absent in runs without signatures. */
  readonly sign?: (text: Uint8Array) => Uint8Array;
}

const NO_SIGNATURE = new Uint8Array(64);

/**
 * How a bank signs what it sends to `payments`: its key's signature over the nine lines (signing-text.ts), with the
 * headers that say what was signed. How the bytes of a signature are made: core/verification/signing.ts.
 */
export const signedBy =
  ({ bic, keyId, network, sign }: BankSignature) =>
  (
    messageType: string,
    id: string,
    payload: Uint8Array,
    atMs: number,
    digest = payloadDigestHex(payload),
  ): Message => {
    const signature =
      sign?.(
        signingText({
          network,
          topic: PAYMENTS,
          messageType,
          sender: bic,
          keyId,
          id,
          issuedAtMs: String(atMs),
          payloadDigest: digest,
        }),
      ) ?? NO_SIGNATURE;
    return {
      key: bic,
      value: payload,
      // Without a spread, which takes as long as all the rest.
      headers: envelopeHeaders({
        id,
        sender: bic,
        messageType,
        keyId,
        issuedAtMs: atMs,
        signature,
      }),
    };
  };
