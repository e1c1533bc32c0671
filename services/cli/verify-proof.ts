import { readFileSync } from 'node:fs';
import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT } from '../core/settlement/events.ts';
import { isAuditorName, type Policy, parsePolicy } from '../evidence/cosigner-policy.ts';
import { checkTlogProof } from '../evidence/entry-is-in-log.ts';
import { sha256 } from '../evidence/merkle-tree.ts';
import {
  digestInEvent,
  entryOfReceipt,
  type Receipt,
  receiptFrom,
  recordedDigest,
} from '../evidence/receipt.ts';
import { compareRecord, compareTerms, currencyTermsOf } from '../evidence/receipt-terms.ts';
import { EvidenceFault, isSignedBy } from '../evidence/signed-note.ts';
import { parseTlogProof } from '../evidence/tlog-proof.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import type { DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { isSigned } from '../protocol/names/signed-message.ts';
import { idDigest } from '../protocol/names/text-digest.ts';
import { MINOR_UNITS } from '../scenario/currency-decimals.ts';
import { whyUnreadable } from '../scenario/scenario-error.ts';

/** What a proof of a log has to be held against. */
export interface ProofFlags {
  /** Whose logs are believed. */
  readonly policy?: string;
  /** The bytes that are in the log, where the proof does not say by itself what they are made of. */
  readonly entry?: string;
  /** The names behind a pool's numbers, by pool: evidence/names.json of its run. */
  readonly names?: string;
  /** Of a record: the document. */
  readonly document?: string;
}

/** A receipt by itself has no names: amounts have the decimals of ISO 4217 then. */
const BY_STANDARD: DirectoryNames = {
  participants: [],
  currencies: [...MINOR_UNITS].map(([currency, minorUnits]) => ({ currency, minorUnits })),
};
/** What in time settles or is cancelled was as its message asked; what is refused need not have been read. */
const AS_ASKED: ReadonlySet<string> = new Set(['settled', 'cancelled']);

/**
 * Checks a `.tlog-proof`, of this program or of any other.
 * @returns what it proves, in words
 * @throws EvidenceFault where it proves nothing, BadInput where something is missing
 */
export function verifyProof(file: string, text: string, flags: ProofFlags): string {
  const { policy, entry } = flags;
  if (policy === undefined)
    throw new BadInput(`${file}: expected --policy FILE, which says whose logs are believed`);
  const believed = policyIn(policy);
  const proof = parseTlogProof(text);
  const receipt = entry === undefined ? receiptFrom(proof.extra ?? new Uint8Array()) : null;
  if (entry === undefined && receipt === null)
    throw new BadInput(
      `${file}: it does not say of what entry it is; expected --entry FILE with the bytes that are in the log`,
    );
  const bytes = receipt
    ? entryOfReceipt(receipt)
    : bytesIn('--entry', entry as string, 'the bytes that are in the log');
  const { origin, size, root, note } = checkTlogProof(proof, bytes, believed);
  const cosigners = believed.witnesses.filter((key) => isSignedBy(note, key));
  const names = cosigners.map(({ name }) => name);
  const agreed = [
    ['cosigned by', names.filter((name) => !isAuditorName(name))] as const,
    ['re-executed by', names.filter(isAuditorName)] as const,
  ].flatMap(([how, by]) => (by.length > 0 ? [`, ${how} ${by.join(', ')}`] : []));
  const head = `checkpoint of ${size}, root ${Buffer.from(root).toString('base64')}${agreed.join('')}`;
  const directory = flags.names === undefined ? null : namesIn(flags.names, origin);
  const said = receipt ? `${eventText(receipt, proof.index, directory, flags.document)}: ` : '';
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

/** What the event of a receipt says, and whose payment or record it was. */
function eventText(
  receipt: Receipt,
  index: number,
  names: DirectoryNames | null,
  document: string | undefined,
): string {
  const { opening, message } = receipt;
  const event = Buffer.from(opening.form === 'open' ? opening.event : opening.shown);
  const number = event.readBigUInt64LE(AT.number);
  if (number !== BigInt(index) + 1n)
    throw new EvidenceFault(`the event has the number ${number} and stands at index ${index}`);
  const kind = kindText(event.readUInt16LE(AT.kind));
  const at = new Date(Number(event.readBigInt64LE(AT.timeMs))).toISOString();
  if (kind === 'recorded') return recordText(receipt, event, at, names, document);
  if (document !== undefined)
    throw new BadInput(`--document ${document}: expected with the receipt of a record`);
  const uetr = uetrFromBytes(event.subarray(AT.id, AT.id + 16));
  const what = `${uetr === null ? 'what is no payment' : `payment ${uetr}`} ${kind} at ${at}, ${event.readBigInt64LE(AT.amount1)} minor units`;
  if (!message) return `${what}, with no message of its bank`;
  const { ce_id: id } = message.headers;
  if (id !== uetr) throw new EvidenceFault(`its message is of ${id}, the event of ${uetr}`);
  const signed = signedText(message);
  const isCompared =
    AS_ASKED.has(kind) &&
    compareTerms(event, message, currencyTermsOf(names ?? BY_STANDARD), names);
  const compared = !isCompared
    ? '; what else the message says was not compared'
    : names
      ? '; its banks and currency were compared'
      : '; its banks and currency were not compared: --names FILE says whose numbers they are';
  return `${what}, ${signed}${compared}`;
}

/** Who signed a message. @throws EvidenceFault where nobody did */
function signedText(message: NonNullable<Receipt['message']>): string {
  const { ce_source: sender, ce_keyid: keyId } = message.headers;
  if (!isSigned(message))
    throw new EvidenceFault(`the signature of ${sender}'s message does not verify`);
  return `as ${sender} signed it with the key ${keyId} (public key ${message.publicKey}: compare it with theirs)`;
}

/** What the receipt of a record says of its document. */
function recordText(
  receipt: Receipt,
  event: Buffer,
  at: string,
  names: DirectoryNames | null,
  document: string | undefined,
): string {
  const { message } = receipt;
  const digest = document === undefined ? null : documentDigestAt(document);
  if (!message)
    return `${documentText(document, digest && digestInEvent(digest), recordedDigest(receipt))} was recorded at ${at}, with no message of its attestor${digest ? '' : UNCOMPARED}`;
  const id = message.headers.ce_id ?? '';
  if (!idDigest(id).equals(event.subarray(AT.id, AT.id + 16)))
    throw new EvidenceFault(`its message is of ${id}, the event of another`);
  const signed = signedText(message);
  const terms = currencyTermsOf(names ?? BY_STANDARD);
  const said = compareRecord(receipt, message, terms, names);
  const whose = names
    ? '; its attestor was compared'
    : '; its attestor was not compared: --names FILE says whose number it is';
  return `${documentText(document, digest, said.digest)} was recorded at ${at} (${said.documentKind}), ${signed}${whose}${digest ? '' : UNCOMPARED}`;
}

const SHA256_BYTES = 32;
const UNCOMPARED = '; the document was not compared: --document FILE';

/** @throws EvidenceFault where the document has another digest than was recorded */
function documentText(
  document: string | undefined,
  own: Uint8Array | null,
  recorded: Uint8Array,
): string {
  const [has, said] = [own ?? recorded, recorded].map((one) => Buffer.from(one).toString('hex'));
  if (has !== said)
    throw new EvidenceFault(`the document ${document} has the digest ${has}, recorded was ${said}`);
  if (own) return `the document ${document}`;
  return `a document whose SHA-256 ${recorded.length < SHA256_BYTES ? 'begins with' : 'is'} ${said}`;
}

/** SHA-256 of a document that was, or is said to have been, recorded. @throws BadInput where there is none */
export const documentDigestAt = (file: string): Buffer =>
  sha256(bytesIn('--document', file, 'the document as it was recorded, to the byte'));

/** The names of the pool whose log has this origin. */
function namesIn(file: string, origin: string): DirectoryNames {
  const pool = origin.slice(origin.lastIndexOf('/') + 1);
  const expected = `names.json of a sealed run, with pool ${pool}`;
  try {
    const found = JSON.parse(bytesIn('--names', file, expected).toString('utf8'))?.[pool];
    if (Array.isArray(found?.participants) && Array.isArray(found?.currencies)) return found;
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new BadInput(`--names ${file}: it is no JSON; expected ${expected}`);
    throw error;
  }
  throw new BadInput(`--names ${file}: it has no names of that pool; expected ${expected}`);
}

/** @throws BadInput for one that is none */
export function policyIn(file: string): Policy {
  try {
    return parsePolicy(bytesIn('--policy', file, 'a policy (tlog-policy)').toString('utf8'));
  } catch (error) {
    if (error instanceof EvidenceFault) throw new BadInput(`--policy ${file}: ${error.message}`);
    throw error;
  }
}

function bytesIn(option: string, file: string, expected: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new BadInput(`${option} ${file}: ${whyUnreadable(error)}; expected ${expected}`);
  }
}
