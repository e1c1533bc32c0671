import { type Signer, signersIn } from '../core/verification/signing.ts';
import { RESOLUTION } from '../protocol/messages/resolution-and-receipt.ts';
import { ACCOUNT_REPORT, STATEMENT } from '../protocol/messages/statement.ts';
import { STATUS_REPORT } from '../protocol/messages/status-report.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import type { Headers } from '../protocol/names/message-headers.ts';
import { payloadDigestHex, signingText } from '../protocol/names/signing-text.ts';

/**
 * Signs for the clearing node: what a bank may have to show to others carries a signature over the nine
 * lines of every message, with the bank's own topic, the network as sender and the time of the event that
 * caused it. Which key signs, the pool's log says; the secret comes from a file of this process. So a
 * message has the same bytes and the same signature whenever it is written: Ed25519 is deterministic.
 *
 * Signed are reports and statements of accounts, and what a bank asked for by pacs.028: the status of a payment, and
 * how a request to cancel it stands. A camt.054 is not, and no status by itself: there is one for each payment and bank, at 35 us a signature.
 */
export class NodeSigner {
  readonly #network: string;
  readonly #secrets: NodeSecrets;
  /** Under which it signs at present; null: the log has named none. */
  #key: NodeKeyName | null = null;

  constructor(network: string, secrets: NodeSecrets) {
    this.#network = network;
    this.#secrets = secrets;
  }

  /** From here on it signs with this key; null: with none. */
  use(key: NodeKeyName | null): void {
    this.#key = key;
  }

  /**
   * Holds that it has the secret of its present key and of these, before anything is signed.
   * @param publicKeys lower-case hex
   * @throws MissingNodeKey in one line
   */
  need(publicKeys: readonly string[]): void {
    for (const publicKey of this.#key ? [this.#key.publicKey, ...publicKeys] : publicKeys)
      this.#secrets.of(publicKey);
  }

  /**
   * The message with its signature, where it is of a kind that has one.
   * @param isAsked a bank asked for it by pacs.028
   */
  sign({ topic, message }: AddressedMessage, isAsked = false): AddressedMessage {
    const { ce_type: type = '' } = message.headers;
    const isSigned = SIGNED_TYPES.has(type) || (isAsked && ASKED_TYPES.has(type));
    if (!this.#key || !isSigned) return { topic, message };
    const { keyId, publicKey } = this.#key;
    const issuedAtMs = String(message.timestampMs);
    const text = nodeSigningText(
      this.#network,
      topic,
      { ...message.headers, ce_keyid: keyId, ce_issuedatms: issuedAtMs },
      message.value,
    );
    const signer = this.#secrets.of(publicKey);
    if (!signer) return { topic, message };
    const signature = signer.sign(text);
    const headers = {
      ...message.headers,
      ce_keyid: keyId,
      ce_issuedatms: issuedAtMs,
      ce_signature: Buffer.from(signature).toString('base64'),
    };
    return { topic, message: { ...message, headers } };
  }
}

export interface NodeKeyName {
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
}

const SIGNED_TYPES: ReadonlySet<string> = new Set([STATEMENT, ACCOUNT_REPORT]);
/** Of a payment, and of a request to cancel it. */
const ASKED_TYPES: ReadonlySet<string> = new Set([STATUS_REPORT, RESOLUTION]);

/** What the node signs of a message: its own headers say all lines but the network and the topic. */
export const nodeSigningText = (
  network: string,
  topic: string,
  headers: Headers,
  payload: Uint8Array,
): Uint8Array =>
  signingText({
    ...{ network, topic, messageType: headers.ce_type ?? '', sender: headers.ce_source ?? '' },
    ...{ keyId: headers.ce_keyid ?? '', id: headers.ce_id ?? '' },
    issuedAtMs: headers.ce_issuedatms ?? '',
    payloadDigest: payloadDigestHex(payload),
  });

/** The log names a key of the node that this process was not given: it waits for it. */
class MissingNodeKey extends Error {
  override readonly name = 'MissingNodeKey';
  /** As of a log that is away: who is given the key goes on. */
  readonly kind = 'unavailable';
}

function noToken(address: string): never {
  throw new Error(`${address}: this process opens no tokens`);
}

/** The node's secret keys, by their public keys: of one that is replaced, both are there for a while. */
export class NodeSecrets {
  readonly #read: () => string;
  readonly #lost: ReadonlySet<string>;
  readonly #openToken: (address: string) => Signer;
  readonly #signers = new Map<string, Signer>();

  /**
   * @param read a secret key file as `signersIn` takes it; called again for a key that is not known
   * @param lost public keys, lower-case hex, whose secrets nobody has any more: what they would sign is told unsigned
   * @param openToken the key at a `pkcs11:` address
   */
  constructor(
    read: () => string,
    lost: readonly string[] = [],
    openToken: (address: string) => Signer = noToken,
  ) {
    this.#read = read;
    this.#lost = new Set(lost);
    this.#openToken = openToken;
  }

  /** @returns what is wrong with the file, as words in brackets; empty: nothing */
  #readAgain(): string {
    try {
      for (const signer of signersIn(this.#read(), this.#openToken))
        this.#signers.set(Buffer.from(signer.publicKey).toString('hex'), signer);
      return '';
    } catch (error) {
      return ` (${(error as Error).message})`;
    }
  }

  /**
   * @param publicKey 32 bytes, lower-case hex
   * @returns null: it is lost
   * @throws MissingNodeKey in one line
   */
  of(publicKey: string): Signer | null {
    if (this.#lost.has(publicKey)) return null;
    const known = this.#signers.get(publicKey);
    if (known) return known;
    const fault = this.#readAgain();
    const found = this.#signers.get(publicKey);
    if (found) return found;
    throw new MissingNodeKey(
      `the node signs with the key ${publicKey}, whose secret key is not in CORRIDOR_NODE_KEY_FILE${fault}: put it there, or name the public key in CORRIDOR_NODE_KEYS_LOST`,
    );
  }
}
