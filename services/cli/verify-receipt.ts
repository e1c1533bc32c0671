/** What the receipt of a payment or record says, and what of its message its event has. That the event is in a log: verify-proof.ts. */
import { readFileSync } from 'node:fs';
import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT } from '../core/settlement/events.ts';
import { reasonNumber } from '../core/settlement/reasons.ts';
import { sha256 } from '../evidence/merkle-tree.ts';
import { digestInEvent, isOfPayment, type Receipt, recordedDigest } from '../evidence/receipt.ts';
import {
  compareRecord,
  compareTerms,
  eventOfReceipt,
  RECEIPT_FIELDS,
  type ReceiptField,
  type ReceiptPool,
} from '../evidence/receipt-terms.ts';
import { EvidenceFault } from '../evidence/signed-note.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { isReturnType } from '../protocol/messages/message-types.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { currencyOf } from '../protocol/names/handles-to-names.ts';
import { isSigned } from '../protocol/names/signed-message.ts';
import { idDigest } from '../protocol/names/text-digest.ts';
import { whyUnreadable } from '../scenario/scenario-error.ts';

/** Numbers of 64 bits are texts. */
export interface ToldReceipt {
  readonly event: {
    readonly pool: string;
    readonly number: string;
    readonly kind: string;
    readonly time: string;
    /** Null: it is of no payment. */
    readonly uetr: string | null;
    /** Empty: nothing says whose number it is, or there is none. */
    readonly currency: string;
    readonly amountMinor: string;
    readonly creditedCurrency: string;
    /** 0: it changes no currency. */
    readonly creditedAmountMinor: string;
  };
  /** Null: nobody's is beside it. */
  readonly message: {
    readonly id: string;
    readonly type: string;
    readonly sender: string;
    readonly keyId: string;
    /** Hex. That it is the sender's nothing here proves. */
    readonly publicKey: string;
  } | null;
  readonly compared: readonly ComparedField[];
  /** Where `payloadDigest` is among these, all else in the message is its sender's word alone. */
  readonly notCompared: readonly ComparedField[];
}

type ComparedField = ReceiptField | 'id' | 'document' | 'publicKey';

/** A proof holds also of an event that only newer rules know. */
function kindOf(number: number): { readonly kind: string; readonly text: string } {
  try {
    const kind = eventKind(number);
    return { kind, text: kind };
  } catch {
    const kind = `kind ${number}`;
    return { kind, text: `had an event of ${kind}, which this version does not know,` };
  }
}

interface CheckedReceipt {
  readonly said: string;
  readonly told: ToldReceipt;
}

/** What the event of a receipt says, and whose payment or record it was. */
export function checkReceipt(
  receipt: Receipt,
  index: number,
  of: ReceiptPool,
  document: string | undefined,
): CheckedReceipt {
  const { message } = receipt;
  const event = eventOfReceipt(receipt);
  const number = event.readBigUInt64LE(AT.number);
  if (number !== BigInt(index) + 1n)
    throw new EvidenceFault(`the event has the number ${number} and stands at index ${index}`);
  const { kind, text } = kindOf(event.readUInt16LE(AT.kind));
  const time = new Date(Number(event.readBigInt64LE(AT.timeMs))).toISOString();
  const uetr = kind === 'recorded' ? null : uetrFromBytes(event.subarray(AT.id, AT.id + 16));
  const currency = (at: number) => (of.names ? currencyOf(of.names, event.readUInt16LE(at)) : '');
  const told = {
    event: {
      ...{ pool: of.pool, number: String(number), kind, time, uetr },
      ...{ currency: currency(AT.currency1), creditedCurrency: currency(AT.currency2) },
      amountMinor: String(event.readBigInt64LE(AT.amount1)),
      creditedAmountMinor: String(isOfPayment(event) ? event.readBigInt64LE(AT.amount2) : 0n),
    },
    message: message && messageTold(message),
  };
  if (kind === 'recorded') {
    const { said, ...fields } = checkRecord(receipt, event, time, of, document);
    return { said, told: { ...told, ...fields } };
  }
  if (document !== undefined)
    throw new BadInput(`--document ${document}: expected with the receipt of a record`);
  const what = `${subjectText(event, uetr)} ${text} at ${time}, ${told.event.amountMinor} minor units`;
  if (!message)
    return { said: `${what}, with no message of its bank`, told: { ...told, ...NOTHING_COMPARED } };
  const { ce_id: id } = message.headers;
  if (id !== uetr) throw new EvidenceFault(`its message is of ${id}, the event of ${uetr}`);
  const signed = signedText(message);
  const fields = compareTerms(receipt, kind, message, of);
  return {
    said: `${what}, ${signed}${comparedText(kind, fields, of)}`,
    told: { ...told, ...comparedTold(['id', ...fields], TERMS) },
  };
}

const NOTHING_COMPARED = { compared: [], notCompared: [] };
/** Of a record, and of a payment: what an event can have of its message. */
const RECORD_TERMS = ['digest', 'counter', 'attestor', 'pool', 'document'] as const;
const TERMS = (Object.keys(RECEIPT_FIELDS) as ReceiptField[]).filter(
  (field) => !RECORD_TERMS.some((one) => one === field),
);

const comparedTold = (compared: readonly ComparedField[], all: readonly ComparedField[]) => ({
  compared,
  notCompared: [...all, 'publicKey' as const].filter((field) => !compared.includes(field)),
});

const messageTold = ({ headers, publicKey }: NonNullable<Receipt['message']>) => ({
  ...{ id: headers.ce_id ?? '', type: headers.ce_type ?? '', sender: headers.ce_source ?? '' },
  ...{ keyId: headers.ce_keyid ?? '', publicKey },
});

/** A return and another payload have the UETR of the payment too. */
function subjectText(event: Buffer, uetr: string | null): string {
  if (uetr === null) return 'what is no payment';
  const type = event.readUInt16LE(AT.messageType);
  if (isReturnType(type)) return `a return of payment ${uetr}`;
  const isOther = event.readUInt16LE(AT.reason) === reasonNumber('duplicateIdentity');
  return isOther ? `another payload under the UETR of payment ${uetr}` : `payment ${uetr}`;
}

/** What nothing in a settled event tells: it has no digest of the message. */
const UNBOUND =
  'all else in the message, such as payee, remittance, rate and dates, is its sender’s word alone';

function comparedText(
  kind: string,
  fields: readonly ReceiptField[],
  { names }: ReceiptPool,
): string {
  if (fields.includes('payloadDigest')) return '; its whole message was compared, by its digest';
  if (!fields.includes('amount')) {
    const hint =
      names || kind === 'rejected' ? '' : ': --names FILE has the network’s own currencies';
    return `; what else the message says was not compared${hint}`;
  }
  return names
    ? `; its type, amounts, currencies, banks and dealer were compared; ${UNBOUND}`
    : `; its type and amounts were compared; its banks and currencies were not: --names FILE says whose numbers they are; ${UNBOUND}`;
}

/** Who signed a message. @throws EvidenceFault where nobody did */
function signedText(message: NonNullable<Receipt['message']>): string {
  const { sender, keyId, publicKey } = messageTold(message);
  if (!isSigned(message))
    throw new EvidenceFault(`the signature of ${sender}'s message does not verify`);
  return `as ${sender} signed it with the key ${keyId} (public key ${publicKey}: compare it with theirs)`;
}

/** What the receipt of a record says of its document. */
function checkRecord(
  receipt: Receipt,
  event: Buffer,
  at: string,
  of: ReceiptPool,
  document: string | undefined,
): Pick<ToldReceipt, 'compared' | 'notCompared'> & { readonly said: string } {
  const { message } = receipt;
  const digest = document === undefined ? null : documentDigestAt(document);
  const own: readonly ComparedField[] = digest ? ['document'] : [];
  if (!message)
    return {
      said: `${documentText(document, digest && digestInEvent(digest), recordedDigest(receipt))} was recorded at ${at}, with no message of its attestor${digest ? '' : UNCOMPARED}`,
      ...comparedTold(own, RECORD_TERMS),
    };
  const id = message.headers.ce_id ?? '';
  if (!idDigest(id).equals(event.subarray(AT.id, AT.id + 16)))
    throw new EvidenceFault(`its message is of ${id}, the event of another`);
  const signed = signedText(message);
  const said = compareRecord(receipt, message, of);
  const whose = of.names
    ? '; its attestor was compared'
    : '; its attestor was not compared: --names FILE says whose number it is';
  return {
    said: `${documentText(document, digest, said.digest)} was recorded at ${at} (${said.documentKind}), ${signed}${whose}${digest ? '' : UNCOMPARED}`,
    ...comparedTold(['id', ...said.compared, ...own], RECORD_TERMS),
  };
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

/** @throws BadInput naming the option, where the file cannot be read */
export function bytesIn(option: string, file: string, expected: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new BadInput(`${option} ${file}: ${whyUnreadable(error)}; expected ${expected}`);
  }
}
