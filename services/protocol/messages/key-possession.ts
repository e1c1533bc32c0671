import type { Reason } from '../../core/settlement/reasons.ts';
import { verifiesAlone } from '../../core/verification/verify-one.ts';
import { payloadDigestHex, signingText } from '../names/signing-text.ts';
import { CLOCKS_APART_MS } from '../names/time-windows-and-clocks.ts';
import type { Command, ControlRecord } from '../records/control-record.ts';

/**
 * Proof that whoever asks for a key to be registered has its secret key: the new key signs, in the nine
 * lines of every message, topic `participants`, type `corridor.possession.1`, its owner's BIC, its own
 * id, the challenge as the id, the challenge's time as the issue time, and the SHA-256 of the public
 * key's 32 bytes as the payload digest.
 *
 * A challenge is `<ms since 1970>-<32 hex digits>`: when it was given, and what nobody can know before.
 * The operator hands it out (a gateway makes one) and puts it into the command that he signs, so that
 * the command says which challenge was his; behind the log it is judged from these bytes and the log's
 * time alone.
 */
export const POSSESSION = 'corridor.possession.1';
const POSSESSION_TOPIC = 'participants';
/** A day: a bank signs on a machine of its own, and its people are asked. */
export const CHALLENGE_VALID_MS = 86_400_000;

export interface Possession {
  readonly challenge: string;
  /** 64 bytes of Ed25519, standard base64. */
  readonly signature: string;
}

interface ClaimedKey {
  /** Whose it is to be: a BIC, `operator`, or the network, as which its node signs. */
  readonly bic: string;
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
}

/** @param nonce 32 lower-case hex digits that nobody can guess */
export const challengeOf = (nowMs: number, nonce: string): string => `${nowMs}-${nonce}`;

const givenAt = (challenge: string): string => challenge.slice(0, challenge.indexOf('-'));

/** What the new key signs. */
export function possessionText(
  network: string,
  { bic, keyId, publicKey }: ClaimedKey,
  challenge: string,
): Uint8Array {
  return signingText({
    ...{ network, topic: POSSESSION_TOPIC, messageType: POSSESSION },
    ...{ sender: bic, keyId, id: challenge, issuedAtMs: givenAt(challenge) },
    payloadDigest: payloadDigestHex(Buffer.from(publicKey, 'hex')),
  });
}

export interface PossessionFault {
  readonly reason: Extract<Reason, 'signatureInvalid' | 'issuedOutsideWindow'>;
  readonly field: string;
  readonly value: string | undefined;
  readonly expected: string;
}

/**
 * Why a key is not shown to be its owner's; null: it is.
 * @param timeMs of the log, where the registration stands in it
 */
export function possessionFault(
  network: string,
  key: ClaimedKey & { readonly possession?: Possession | undefined },
  timeMs: number,
): PossessionFault | null {
  const { possession, publicKey } = key;
  if (!possession)
    return {
      reason: 'signatureInvalid',
      field: 'possession',
      value: undefined,
      expected: `a challenge of GET /participants/challenge and its signature by the new key (${POSSESSION})`,
    };
  const { challenge, signature } = possession;
  const ageMs = timeMs - Number(givenAt(challenge));
  if (ageMs > CHALLENGE_VALID_MS || ageMs < -CLOCKS_APART_MS)
    return {
      reason: 'issuedOutsideWindow',
      field: 'possession/challenge',
      value: challenge,
      expected: `a challenge of the last ${CHALLENGE_VALID_MS / 3_600_000} hours`,
    };
  const text = possessionText(network, key, challenge);
  if (verifiesAlone(Buffer.from(publicKey, 'hex'), text, Buffer.from(signature, 'base64')))
    return null;
  return {
    reason: 'signatureInvalid',
    field: 'possession/signature',
    value: signature,
    expected: `what verifies under the new key over network ${network}, topic ${POSSESSION_TOPIC}, ${POSSESSION}, BIC, key id, challenge, its time and the key's SHA-256`,
  };
}

/**
 * Why a command of a pool's input does not register its key, whose possession it has to prove; null: it
 * proves it, or need not.
 * @param isAsked whether the pool asks for it (TakenCommands, `areVersioned`)
 */
export function lacksPossession(
  network: string,
  control: ControlRecord,
  isAsked: boolean,
): PossessionFault | null {
  if (!isAsked || !control.command || !isKeyCommand(control) || control.state !== 'registered')
    return null;
  return possessionFault(network, claimedKey(network, control), control.timeMs);
}

type KeyCommand = Extract<Command, { kind: 'key' | 'operatorKey' | 'nodeKey' }>;

export const isKeyCommand = <T extends { readonly kind: string }>(
  command: T,
): command is T & KeyCommand =>
  command.kind === 'key' || command.kind === 'operatorKey' || command.kind === 'nodeKey';

/** The key that a command is about, by the name as which its owner signs. */
export function claimedKey(network: string, command: KeyCommand) {
  const { keyId, publicKey, possession } = command;
  const bic =
    command.kind === 'key' ? command.bic : command.kind === 'nodeKey' ? network : 'operator';
  return { bic, keyId, publicKey, possession };
}
