import { readFileSync } from 'node:fs';
import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT } from '../core/settlement/events.ts';
import { type Policy, parsePolicy } from '../evidence/policy.ts';
import { entryOfReceipt, isSigned, type Receipt, receiptFrom } from '../evidence/receipt.ts';
import { EvidenceFault } from '../evidence/signed-note.ts';
import { checkTlogProof, parseTlogProof } from '../evidence/tlog-proof.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { uetrFromBytes } from '../protocol/names/identifiers.ts';

/** What a proof of a log has to be held against. */
export interface ProofFlags {
  /** Whose logs are believed. */
  readonly policy?: string;
  /** The bytes that are in the log, where the proof does not say by itself what they are made of. */
  readonly entry?: string;
}

/**
 * Checks a `.tlog-proof`, of this program or of any other.
 * @returns what it proves, in words
 * @throws EvidenceFault where it proves nothing, BadInput where something is missing
 */
export function verifyProof(file: string, text: string, { policy, entry }: ProofFlags): string {
  if (policy === undefined)
    throw new BadInput(`${file}: expected --policy FILE, which says whose logs are believed`);
  const believed = policyIn(policy);
  const proof = parseTlogProof(text);
  const receipt = entry === undefined ? receiptFrom(proof.extra ?? new Uint8Array()) : null;
  if (entry === undefined && receipt === null)
    throw new BadInput(
      `${file}: it does not say of what entry it is; expected --entry FILE with the bytes that are in the log`,
    );
  const bytes = receipt ? entryOfReceipt(receipt) : bytesIn(entry as string);
  const { origin, size, root } = checkTlogProof(proof, bytes, believed);
  const head = `checkpoint of ${size}, root ${Buffer.from(root).toString('base64')}`;
  const said = receipt ? `${eventText(receipt, proof.index)}: ` : '';
  return `${said}entry ${proof.index} of ${origin} (${head})`;
}

/** A proof holds also of an event that only newer rules know. */
function kindText(number: number): string {
  try {
    return eventKind(number);
  } catch {
    return `had an event of kind ${number}, which this version does not know,`;
  }
}

/** What the event of a receipt says, and whose payment it was. */
function eventText({ opening, message }: Receipt, index: number): string {
  const event = Buffer.from(opening.form === 'open' ? opening.event : opening.shown);
  const number = event.readBigUInt64LE(AT.number);
  if (number !== BigInt(index) + 1n)
    throw new EvidenceFault(`the event has the number ${number} and stands at index ${index}`);
  const uetr = uetrFromBytes(event.subarray(AT.id, AT.id + 16));
  const kind = kindText(event.readUInt16LE(AT.kind));
  const at = new Date(Number(event.readBigInt64LE(AT.timeMs))).toISOString();
  const what = `${uetr === null ? 'what is no payment' : `payment ${uetr}`} ${kind} at ${at}, ${event.readBigInt64LE(AT.amount1)} minor units`;
  if (!message) return what;
  const { ce_id: id, ce_source: sender, ce_keyid: keyId } = message.headers;
  if (id !== uetr) throw new EvidenceFault(`its message is of ${id}, the event of ${uetr}`);
  if (message.publicKey === undefined) return `${what}, as ${sender} sent it unsigned`;
  if (!isSigned(message))
    throw new EvidenceFault(`the signature of ${sender}'s message does not verify`);
  return `${what}, as ${sender} signed it with the key ${keyId} (public key ${message.publicKey}: compare it with theirs)`;
}

function policyIn(file: string): Policy {
  try {
    return parsePolicy(bytesIn(file).toString('utf8'));
  } catch (error) {
    if (error instanceof EvidenceFault) throw new BadInput(`${file}: ${error.message}`);
    throw error;
  }
}

function bytesIn(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInput(`${file}: cannot be read (${code}); expected a file`);
  }
}
