import type { Reason } from '../../core/settlement/reasons.ts';
import { type IsoReason, isoReason } from '../names/iso-reasons.ts';
import { CHAIN, LIMIT, LIMIT_REMOVAL, type MessageType, QUOTE } from './message-types.ts';

/** What in a document of each type is the message's own id: its `ce_id`, and what is new where it is sent anew. */
export const OWN_IDS: Readonly<Record<MessageType, string>> = {
  'pacs.008.001.08': 'UETR',
  'pacs.009.001.08': 'UETR',
  'corridor.pvp.1': 'UETR',
  'corridor.chain.1': 'UETR',
  'corridor.attestation.1': 'MsgId',
  'corridor.quote.1': 'Id',
  'pacs.004.001.09': 'MsgId',
  'pacs.028.001.03': 'MsgId',
  'pacs.002.001.10': 'MsgId',
  'camt.005.001.08': 'MsgId',
  'camt.007.001.08': 'MsgId',
  'camt.011.001.07': 'MsgId',
  'camt.012.001.07': 'MsgId',
  'camt.018.001.05': 'MsgId',
  'camt.029.001.09': 'Assgnmt/Id',
  'camt.048.001.05': 'MsgId',
  'camt.056.001.08': 'Assgnmt/Id',
  'camt.060.001.05': 'MsgId',
};

/** A reason with the remedy for a message of a type: what it says of a UETR, or of an id, it says of the type's own id. */
export function reasonOfMessage(reason: Reason, messageType: string): IsoReason | null {
  const iso = isoReason(reason);
  const id = OWN_IDS[messageType as MessageType] ?? 'id';
  if (iso !== null && messageType === CHAIN) return { ...iso, ...OF_CHAINS[reason] };
  if (iso !== null && (messageType === LIMIT || messageType === LIMIT_REMOVAL) && OF_LIMITS[reason])
    return { ...iso, ...OF_LIMITS[reason] };
  if (iso !== null && messageType === QUOTE && reason === 'settlementDateInvalid')
    return { ...iso, ...OVER };
  if (iso === null || id === 'UETR') return iso;
  const text = iso.text.replace(OLD_UETR, `$1${id}`);
  const remedy = iso.remedy.replace(NEW_UETR, `$1${id}`).replace(FIRST, 'the first message');
  return { ...iso, text, remedy };
}

/** What is said of the counterparty's leg, of the legs of a chain. */
const OF_CHAINS: Readonly<Partial<Record<Reason, Pick<IsoReason, 'text' | 'remedy'>>>> = {
  unmatched: {
    text: 'Other legs of the chain did not come in time',
    remedy: 'Agree the terms and send the leg again with a new UETR',
  },
  matchCancelled: {
    text: 'Another leg of the chain was cancelled',
    remedy: 'Agree the terms and send the leg again with a new UETR',
  },
};

/** A limit has no creditor and no debtor. */
const OF_LIMITS: Readonly<Partial<Record<Reason, Pick<IsoReason, 'text' | 'remedy'>>>> = {
  creditorAgentUnknown: {
    text: 'The bank to which the limit is is no participant',
    remedy: 'Check the BIC: 8 and 11 characters are two participants',
  },
  sameAgent: {
    text: 'The limit is to the bank itself',
    remedy: 'Name another bank as BilLmtCtrPtyId',
  },
};

/** A quote has no settlement date: its validity is what the calendar is asked for. */
const OVER: Pick<IsoReason, 'text' | 'remedy'> = {
  text: 'The validity of the quote had ended when it came, or ends too late',
  remedy: 'Send a quote with a new Id whose ValidUntilMs lies ahead',
};

const OLD_UETR = /(\bThe )UETR(?= was used before\b)/;
const NEW_UETR = /(\b[Aa] new )(?:UETR|id)\b/;
const FIRST = /\bthe first payment\b/;
