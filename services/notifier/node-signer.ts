import { createSigner, type Signer, secretKeyFromPem } from '../core/verification/signing.ts';
import { ACCOUNT_REPORT, STATEMENT } from '../protocol/messages/statement.ts';
import type { Headers } from '../protocol/names/envelope.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { payloadDigestHex, signingText } from '../protocol/names/signing-text.ts';
import type { Genesis } from '../protocol/records/control-record.ts';

/**
 * Signs for the clearing node: what a bank may have to show to others carries a signature over the nine
 * lines of every message, with the bank's own topic, the network as sender and the time of the event that
 * caused it. Which key signs, the pool's log says; the secret comes from a file of this process. So a
 * message has the same bytes and the same signature whenever it is written: Ed25519 is deterministic.
 *
 * Signed are reports and statements of accounts. A camt.054 is not: there is one for each payment and bank, at
 * 35 us a signature, and the signed camt.053 has its sum.
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

  /** From here on it signs with this key; undefined: with none. */
  begin({ nodeKey }: Pick<Genesis, 'nodeKey'>): void {
    this.#key = nodeKey ?? null;
  }

  /** Under which it signs at present, for one who goes on from here. */
  get key(): NodeKeyName | null {
    return this.#key;
  }

  /** @throws MissingNodeKey in one line, before anything is signed */
  needsKey(): void {
    if (this.#key) this.#secrets.of(this.#key.publicKey);
  }

  /** The message with its signature, where it is of a kind that has one. */
  sign({ topic, message }: AddressedMessage): AddressedMessage {
    const { ce_type: type = '' } = message.headers;
    if (!this.#key || !SIGNED_TYPES.has(type)) return { topic, message };
    const { keyId, publicKey } = this.#key;
    const issuedAtMs = String(message.timestampMs);
    const text = nodeSigningText(
      this.#network,
      topic,
      { ...message.headers, ce_keyid: keyId, ce_issuedatms: issuedAtMs },
      message.value,
    );
    const signature = this.#secrets.of(publicKey).sign(text);
    const headers = {
      ...message.headers,
      ce_keyid: keyId,
      ce_issuedatms: issuedAtMs,
      ce_signature: Buffer.from(signature).toString('base64'),
    };
    return { topic, message: { ...message, headers } };
  }
}

interface NodeKeyName {
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
}

const SIGNED_TYPES: ReadonlySet<string> = new Set([STATEMENT, ACCOUNT_REPORT]);

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

const PEM = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g;

/** The node's secret keys, by their public keys: of one that is replaced, both are there for a while. */
export class NodeSecrets {
  readonly #read: () => string;
  readonly #signers = new Map<string, Signer>();

  /** @param read PEM files of Ed25519 keys, one after the other; called again for a key that is not known */
  constructor(read: () => string) {
    this.#read = read;
  }

  /** @returns what is wrong with the file, as words in brackets; empty: nothing */
  #readAgain(): string {
    try {
      for (const pem of this.#read().match(PEM) ?? []) {
        const signer = createSigner(secretKeyFromPem(pem));
        this.#signers.set(Buffer.from(signer.publicKey).toString('hex'), signer);
      }
      return '';
    } catch (error) {
      return ` (${(error as Error).message})`;
    }
  }

  /**
   * @param publicKey 32 bytes, lower-case hex
   * @throws MissingNodeKey in one line
   */
  of(publicKey: string): Signer {
    const known = this.#signers.get(publicKey);
    if (known) return known;
    const fault = this.#readAgain();
    const found = this.#signers.get(publicKey);
    if (found) return found;
    throw new MissingNodeKey(
      `the node signs with the key ${publicKey}, whose secret key is not in CORRIDOR_NODE_KEY_FILE${fault}: put it there`,
    );
  }
}
