import type { Reason } from '../../core/settlement/reasons.ts';
import type { ControlRecord, Genesis, SystemKeyRecord } from './control-record.ts';

/** The key id of the operator whom the genesis names. */
export const GENESIS_KEY_ID = 'genesis';
/** Whose a key of the clearing node is. */
const NODE = 'node';

/** A key that is no bank's. */
export interface SystemKey {
  /** `node`, or the operator: the id of the key that the genesis gave him. */
  readonly owner: string;
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
  readonly isRevoked: boolean;
}

/**
 * Which keys are an operator's, and which the clearing node's, at the present position of a pool's log.
 * The genesis names the first of each; the commands `operatorKey` and `nodeKey` register others beside them and revoke
 * them. So there is an overlap, and what was signed before a revocation stays verifiable.
 *
 * Invariants
 * - An id and a public key are used once, and a revocation is for good.
 * - Every operator has a key, so that nobody is shut out and two can always agree.
 * - The node signs with the key that was registered last, which is not revoked: another comes first.
 */
export class SystemKeys {
  readonly #keys = new Map<string, SystemKey>();

  /** @param entries what an earlier instance's `entries` gave */
  constructor(entries: readonly SystemKey[] = []) {
    for (const entry of entries) this.#set(entry);
  }

  /** In the order in which they were registered. */
  entries(): SystemKey[] {
    return [...this.#keys.values()];
  }

  begin({ operatorKey, operators, nodeKey }: Genesis): void {
    if (operatorKey !== undefined)
      this.#add(GENESIS_KEY_ID, { keyId: GENESIS_KEY_ID, publicKey: operatorKey });
    for (const { keyId, publicKey } of operators?.keys ?? [])
      this.#add(keyId, { keyId, publicKey });
    if (nodeKey) this.#add(NODE, nodeKey);
  }

  /** The operator whose key this is: the id of his first. A key of nobody's stands for itself. */
  operatorOf(keyId: string): string {
    return this.#keys.get(operatorKeyName(keyId))?.owner ?? keyId;
  }

  /** An operator's key, revoked or not, hex. */
  operatorKey(keyId: string): string | undefined {
    return this.#keys.get(operatorKeyName(keyId))?.publicKey;
  }

  /** Whether an operator's key was revoked. */
  isRevoked(keyId: string): boolean {
    return this.#keys.get(operatorKeyName(keyId))?.isRevoked ?? false;
  }

  /** Operators' keys that are not revoked, by their ids, hex. */
  activeOperatorKeys(): Map<string, string> {
    return new Map(
      this.entries()
        .filter(({ owner, isRevoked }) => owner !== NODE && !isRevoked)
        .map(({ keyId, publicKey }) => [keyId, publicKey]),
    );
  }

  /** Under which the node signs; null: it signs nothing. */
  nodeKey(): SystemKey | null {
    return this.entries().findLast(({ owner }) => owner === NODE) ?? null;
  }

  /** Whether somebody has this public key, lower-case hex. */
  has(publicKey: string): boolean {
    return this.entries().some((one) => one.publicKey === publicKey);
  }

  /** Null where a record says something that can be; what it proves is judged elsewhere (key-possession.ts). */
  refusal(control: SystemKeyRecord): Reason | null {
    const { keyId, publicKey, state } = control;
    const owner = ownerOf(control);
    const key = this.#keys.get(nameOf(control));
    if (state === 'registered') {
      if (key || this.has(publicKey)) return 'duplicateIdentity';
      if (control.kind === 'nodeKey') return null;
      const isOperator = owner !== NODE && this.#active(owner).length > 0;
      return isOperator ? null : 'recordInvalid';
    }
    if (key?.owner !== owner || key.publicKey !== publicKey) return 'keyUnknown';
    if (key.isRevoked) return 'keyRevoked';
    const isNeeded =
      owner === NODE ? this.nodeKey()?.keyId === keyId : this.#active(owner).length === 1;
    return isNeeded ? 'recordInvalid' : null;
  }

  /** Takes in a record that `refusal` admits; the same once more changes nothing. */
  fold(control: SystemKeyRecord): void {
    const { keyId, publicKey, state } = control;
    const key = this.#keys.get(nameOf(control));
    if (state === 'revoked') {
      if (key) this.#set({ ...key, isRevoked: true });
    } else if (!key) this.#add(ownerOf(control), { keyId, publicKey });
  }

  #active(owner: string): SystemKey[] {
    return this.entries().filter((one) => one.owner === owner && !one.isRevoked);
  }

  #add(owner: string, key: Pick<SystemKey, 'keyId' | 'publicKey'>): void {
    this.#set({ owner, keyId: key.keyId, publicKey: key.publicKey, isRevoked: false });
  }

  #set(key: SystemKey): void {
    this.#keys.set(key.owner === NODE ? nodeKeyName(key.keyId) : operatorKeyName(key.keyId), key);
  }
}

const operatorKeyName = (keyId: string) => `operator ${keyId}`;
const nodeKeyName = (keyId: string) => `node ${keyId}`;
const nameOf = (control: SystemKeyRecord) =>
  (control.kind === 'nodeKey' ? nodeKeyName : operatorKeyName)(control.keyId);
const ownerOf = (control: SystemKeyRecord) =>
  control.kind === 'nodeKey' ? NODE : control.operator;

export const isSystemKey = (control: ControlRecord): control is ControlRecord & SystemKeyRecord =>
  control.kind === 'operatorKey' || control.kind === 'nodeKey';
