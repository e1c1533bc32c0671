import { createSignatureCheck, type SignatureCheck } from '../../core/verification/signing.ts';
import type { Bic } from './bic-and-uetr.ts';
import type { Message } from './message.ts';
import { envelopeHeaders, type Headers } from './message-headers.ts';
import { payloadDigestHex, signingText } from './signing-text.ts';
import { PAYMENTS, paymentsKeyOf } from './topic-plan.ts';

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
      key: paymentsKeyOf(bic),
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

/** Of a message as its sender sent it what its signature is checked with. */
export interface SignedHead {
  readonly network: string;
  /** Of the sender, 32 bytes in lower-case hex; the log says whose it is, not the message. */
  readonly publicKey: string;
  /** Those that are signed, and the signature. */
  readonly headers: Headers;
}

export type SignedOriginal = SignedHead & { readonly payload: Uint8Array };

/** To admit a key takes a millisecond, and whoever checks the messages of a network meets its keys again. */
const CHECKS = new Map<string, SignatureCheck>();
const CHECKS_MAX = 1_000;

function checkUnder(publicKey: string): SignatureCheck {
  const known = CHECKS.get(publicKey);
  if (known) return known;
  const check = createSignatureCheck(Buffer.from(publicKey, 'hex'));
  if (CHECKS.size >= CHECKS_MAX) CHECKS.clear();
  CHECKS.set(publicKey, check);
  return check;
}

/** Whether a message that was sent to `payments` bears the signature of the key that is named for it. */
export function isSigned({ network, publicKey, headers, payload }: SignedOriginal): boolean {
  const text = signingText({
    ...{ network, topic: PAYMENTS, messageType: headers.ce_type ?? '' },
    ...{ sender: headers.ce_source ?? '', keyId: headers.ce_keyid ?? '', id: headers.ce_id ?? '' },
    issuedAtMs: headers.ce_issuedatms ?? '',
    payloadDigest: payloadDigestHex(payload),
  });
  return checkUnder(publicKey)(text, Buffer.from(headers.ce_signature ?? '', 'base64'));
}
