import { createSignatureCheck, type SignatureCheck } from '../core/verification/signing.ts';
import type { NodeKey, ParticipantKey } from '../protocol/records/participant-message.ts';

export interface KnownKey {
  readonly check: SignatureCheck;
  /** For good, once set. */
  revoked: boolean;
}

/**
 * No participant's key (RFC 8032, section 7.1, test 3): what names a key that is not known is checked
 * under it, and refused whatever comes of that.
 */
const NOBODY = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025';

/** The event that gave a key its state. */
interface KeyPlace {
  readonly pool: string;
  readonly eventNumber: number;
  readonly changedAtMs: number;
}
const FOUNDED: KeyPlace = { pool: '', eventNumber: 0, changedAtMs: 0 };

interface ListedParticipant extends Pick<ParticipantKey, 'bic' | 'name' | 'role'> {
  readonly keys: (Pick<ParticipantKey, 'keyId' | 'publicKey' | 'state'> & KeyPlace)[];
}

/** A key under which the node signs, or signed. */
type ListedNodeKey = Pick<NodeKey, 'keyId' | 'publicKey' | 'state'> & KeyPlace;

type CreateCheck = typeof createSignatureCheck;

/** The participants' keys, from the `participants` topic: who may read. */
export class KeyBook {
  readonly #createCheck: CreateCheck;
  readonly #nobody: KnownKey['check'];
  readonly #keys = new Map<string, KnownKey>();
  readonly #participants = new Set<string>();
  readonly #node = new Map<string, ListedNodeKey>();
  readonly #listed = new Map<string, ParticipantKey & KeyPlace>();

  constructor(createCheck: CreateCheck = createSignatureCheck) {
    this.#createCheck = createCheck;
    this.#nobody = createCheck(Buffer.from(NOBODY, 'hex'));
  }

  learn(entry: ParticipantKey, place: KeyPlace = FOUNDED): void {
    const { bic, keyId, publicKey, state } = entry;
    const name = `${bic}:${keyId}`;
    const listed = this.#listed.get(name);
    // Each pool tells of a key; the first that does, and the first that revokes it, count.
    if (!listed || (listed.state === 'registered' && state === 'revoked'))
      this.#listed.set(name, { ...entry, ...place });
    this.#participants.add(bic);
    const known = this.#keys.get(name);
    if (known) known.revoked ||= state === 'revoked';
    else
      this.#keys.set(name, {
        check: this.#createCheck(Buffer.from(publicKey, 'hex')),
        revoked: state === 'revoked',
      });
  }

  /** By pool and key: each pool's node signs from a place of its own on. */
  learnNode({ node: _, ...key }: NodeKey, place: KeyPlace): void {
    const name = `${place.pool} ${key.keyId}`;
    if (this.#node.get(name)?.state !== 'revoked') this.#node.set(name, { ...key, ...place });
  }

  /** What the node signs with in each pool, in the order in which it began to. */
  nodeKeys(): ListedNodeKey[] {
    return [...this.#node.values()];
  }

  /** Of a participant's key, also of one that is revoked; hex. */
  publicKey(bic: string, keyId: string): string | undefined {
    return this.#listed.get(`${bic}:${keyId}`)?.publicKey;
  }

  /** As the topic has them: each participant with its keys. */
  list(): ListedParticipant[] {
    const all = new Map<string, ListedParticipant>();
    for (const { bic, name, role, ...key } of this.#listed.values()) {
      const one = all.get(bic) ?? { bic, name, role, keys: [] };
      all.set(bic, one);
      one.keys.push(key);
    }
    return [...all.values()];
  }

  /** Everyone who has or had a key. */
  participants(): ReadonlySet<string> {
    return this.#participants;
  }

  /**
   * The active key under which the signature verifies; null: there is none. One signature is checked
   * whoever is named, so that the time tells nobody which banks and keys there are.
   */
  verifies(bic: string, keyId: string, text: Uint8Array, signature: Uint8Array): KnownKey | null {
    const key = this.#keys.get(`${bic}:${keyId}`);
    const verified = (key?.check ?? this.#nobody)(text, signature);
    return key && verified && !key.revoked ? key : null;
  }

  /** As `verifies`, on another thread: whoever sends much is not to have this one. */
  async verifiesApart(
    bic: string,
    keyId: string,
    text: Uint8Array,
    signature: Uint8Array,
  ): Promise<KnownKey | null> {
    const key = this.#keys.get(`${bic}:${keyId}`);
    const verified = await (key?.check ?? this.#nobody).apart(text, signature);
    return key && verified && !key.revoked ? key : null;
  }
}
