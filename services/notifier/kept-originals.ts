import { chainFacts } from '../analysis/waits/chain-facts.ts';
import type { PaymentFacts, RecordFacts } from '../analysis/waits/waiting-message.ts';
import {
  CANCELLATION,
  CHAIN,
  CREDITOR_STATUS,
  RECALL_ANSWER,
  RETURN,
  STATUS_REQUEST,
} from '../protocol/messages/message-types.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import type { OriginalMessage } from '../protocol/messages/status-report.ts';
import { agentBic } from '../protocol/messages/transfer-parts.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import { type Bic, isUetr, type Uetr } from '../protocol/names/bic-and-uetr.ts';
import { type Syntax, syntaxOfPayload } from '../protocol/names/content-type.ts';
import { ID35_PATTERN } from '../protocol/names/message-ids.ts';
import type { PreValidation } from '../protocol/records/control-record.ts';
import { type Original, readOriginal, readVerified } from '../protocol/records/input-record.ts';
import { type AskedCondition, askedOf } from '../protocol/records/pre-validation.ts';
import type {
  AttestationContent,
  ChainLegContent,
  LegContent,
} from '../protocol/records/verified-content.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';

/**
 * The original messages of payments that have no final status yet, by their position in the input
 * log. Memory follows the number of open payments, not the length of the log.
 */
export class Originals implements RecordFacts {
  /** Of the genesis: corridors whose chains are pre-validated. */
  preValidation: readonly PreValidation[] = [];
  readonly #values = new Map<number, Uint8Array>();
  /** What was read of them, for one run of events: headers, and what a status names. */
  readonly #originals = new Map<number, Original>();
  readonly #parsed = new Map<number, OriginalMessage>();
  /** Positions taken in since the last run of events: one that does not wait is dropped after it. */
  #recent: number[] = [];
  readonly #open = new Set<number>();

  /** Payments that wait. */
  get open(): number {
    return this.#open.size;
  }

  has(position: number): boolean {
    return this.#values.has(position);
  }

  take(position: number, value: Uint8Array): void {
    this.#values.set(position, value);
    this.#recent.push(position);
  }

  /** When the payment may settle; undefined where its message is not here any more. */
  payment(position: number): PaymentFacts | undefined {
    const value = this.#values.get(position);
    if (!value) return undefined;
    const { kind, content } = readVerified(value);
    if (!content || !('settlementDate' in content)) return undefined;
    const payload = kind === 'chainLeg' ? this.bytesOf(position)?.payload : undefined;
    if (!payload) return content;
    return { ...content, ...chainFacts(payload, content.settlementDate, this.preValidation) };
  }

  /** What has to be attested of a leg's chain, by its terms and the network's policy; null: nothing. */
  askedOf(position: number): AskedCondition | null {
    const payload = this.bytesOf(position)?.payload;
    return payload ? askedOf(documentOf(CHAIN, payload), this.preValidation) : null;
  }

  /** What a leg of a PvP or DvP says; undefined where its message is not here any more. */
  leg(position: number): LegContent | undefined {
    const read = this.#verified(position);
    return read?.kind === 'pvpLeg' ? read.content : undefined;
  }

  /** What a leg of a chain says; undefined where its message is not here any more. */
  chainLeg(position: number): ChainLegContent | undefined {
    const read = this.#verified(position);
    return read?.kind === 'chainLeg' ? read.content : undefined;
  }

  /** What was attested; undefined where the message is not here any more. */
  attestation(position: number): AttestationContent | undefined {
    const read = this.#verified(position);
    return read?.kind === 'attestation' ? read.content : undefined;
  }

  /** When the log had the message; undefined where it is not here any more. */
  cameAtMs(position: number): number | undefined {
    return this.#verified(position)?.appendedAtMs;
  }

  movesToFront(position: number): boolean {
    const read = this.#verified(position);
    return read?.kind === 'reordering' && read.content.move === 'front';
  }

  #verified(position: number): VerifiedRecord | undefined {
    const value = this.#values.get(position);
    return value && readVerified(value);
  }

  bytesOf(position: number): Original | null {
    const known = this.#originals.get(position);
    if (known) return known;
    const value = this.#values.get(position);
    if (!value) return null;
    const read = readOriginal(value);
    this.#originals.set(position, read);
    return read;
  }

  /**
   * What a status names of the message; null where the message is no longer open.
   * @param isCleared its document has the form of its type: it settled, or waits to
   */
  of(position: number, isCleared: boolean): OriginalMessage | null {
    const known = this.#parsed.get(position);
    if (known) return known;
    const original = this.bytesOf(position);
    if (!original) return null;
    const read = originalMessage(original, isCleared);
    this.#parsed.set(position, read);
    return read;
  }

  /** The payment waits: its message will be named again. */
  keep(position: number): void {
    if (this.#open.has(position)) return;
    this.#open.add(position);
    // A copy, as the value may be a view of all that was read with it.
    const value = this.#values.get(position);
    if (value) this.#values.set(position, Buffer.from(value));
  }

  forget(position: number): void {
    this.#values.delete(position);
    this.#originals.delete(position);
    this.#parsed.delete(position);
    this.#open.delete(position);
  }

  /**
   * A run of events is over: drops what was taken in up to a position and does not wait. The one at the
   * position itself may still have events to come: a run may end between two of them. Of those that
   * wait the bytes remain; what was read of them would take as much memory again.
   */
  forgetEnded(position: number): void {
    this.#originals.clear();
    this.#parsed.clear();
    const ended = this.#recent.filter((recent) => recent < position);
    for (const recent of ended) if (!this.#open.has(recent)) this.forget(recent);
    this.#recent = this.#recent.filter((recent) => recent >= position);
  }
}

/** Reads ids without trusting the document: it may be one that clearing rejected for its form. */
function originalMessage({ headers, payload }: Original, isCleared: boolean): OriginalMessage {
  const id = headers.ce_id ?? '';
  const messageType = headers.ce_type ?? '';
  if (messageType === RETURN) return returnMessage(id, aboutIn({ headers, payload }));
  const ids = (isCleared && idsAsWritten(payload)) || idsIn(documentOf(messageType, payload));
  return {
    messageId: id35(ids.messageId) ?? NOT_PROVIDED,
    messageType,
    endToEndId: id35(ids.endToEndId),
    uetr: isUetr(id) ? id : null,
  };
}

/** A return has an id of its own, and goes by the UETR of the payment that it returns. */
const returnMessage = (id: string, about: About): OriginalMessage => ({
  messageId: id35(id) ?? NOT_PROVIDED,
  messageType: RETURN,
  endToEndId: about.endToEndId,
  uetr: about.uetr,
});

/** The payment that a message is about, as far as it can be read. */
export interface About {
  readonly messageId: string | null;
  readonly messageType: string | null;
  readonly endToEndId: string | null;
  readonly uetr: Uetr | null;
}

/** What a cancellation, a return or a reply says of its payment; ids that are none are left out. */
export function aboutIn({ headers, payload }: Original): About {
  const messageType = headers.ce_type ?? '';
  const read: Anything = documentOf(messageType, payload);
  const of = ABOUT[messageType]?.(read?.Document) ?? null;
  const { OrgnlMsgId, OrgnlMsgNmId } = of?.OrgnlGrpInf ?? {};
  return {
    messageId: id35(OrgnlMsgId),
    messageType: typeof OrgnlMsgNmId === 'string' ? OrgnlMsgNmId : null,
    endToEndId: id35(of?.OrgnlEndToEndId),
    uetr: typeof of?.OrgnlUETR === 'string' && isUetr(of.OrgnlUETR) ? of.OrgnlUETR : null,
  };
}

/** Who sent the payment that a pacs.028 asks for: who asks, where it names nobody. */
export function askedSender({ payload }: Original): Bic | null {
  const read: Anything = documentOf(STATUS_REQUEST, payload);
  const { InstgAgt, OrgnlTxRef } = ABOUT[STATUS_REQUEST]?.(read?.Document) ?? {};
  const agent = OrgnlTxRef?.DbtrAgt ?? InstgAgt;
  return agent ? agentBic(agent) : null;
}

/** By type, the transaction that names the payment. */
const ABOUT: Readonly<Record<string, (document: Anything) => Anything>> = {
  [CANCELLATION]: (document) => document?.FIToFIPmtCxlReq?.Undrlyg?.[0]?.TxInf?.[0],
  [RETURN]: (document) => document?.PmtRtr?.TxInf?.[0],
  [RECALL_ANSWER]: (document) => document?.RsltnOfInvstgtn?.CxlDtls?.[0]?.TxInfAndSts?.[0],
  [STATUS_REQUEST]: (document) => document?.FIToFIPmtStsReq?.TxInf?.[0],
  [CREDITOR_STATUS]: creditorStatusIn,
};

/** What the creditor's agent says became of the payment. */
function creditorStatusIn(document: Anything): Anything {
  return document?.FIToFIPmtStsRpt?.TxInfAndSts?.[0];
}

/** The creditor's agent's word, and its reason where it gives one as a code. */
export function creditorWord({ payload }: Original): {
  readonly credited: boolean;
  readonly code: string | null;
} {
  const read: Anything = documentOf(CREDITOR_STATUS, payload);
  const { TxSts, StsRsnInf } = creditorStatusIn(read?.Document) ?? {};
  const code = StsRsnInf?.[0]?.Rsn?.Cd;
  return { credited: TxSts === 'ACCC', code: typeof code === 'string' ? code : null };
}

// biome-ignore lint/suspicious/noExplicitAny: anybody may have sent it, and nothing is known of it.
type Anything = any;

/** Message id and EndToEndId as they stand in a payment's document, whatever they are. */
export function idsIn(read: Anything): { messageId?: unknown; endToEndId?: unknown } {
  const transfer = read?.Document?.FIToFICstmrCdtTrf ?? read?.Document?.FICdtTrf;
  if (read?.Chn) return { messageId: read.Chn.MsgId, endToEndId: read.Chn.ChnId };
  if (!transfer) return { messageId: read?.Leg?.MsgId, endToEndId: read?.Leg?.EndToEndId };
  const { EndToEndId } = transfer.CdtTrfTxInf?.[0]?.PmtId ?? {};
  return { messageId: transfer.GrpHdr?.MsgId, endToEndId: EndToEndId };
}

/**
 * The same of a document that has the form of its type, without parsing it: both ids are there, so
 * where each name stands once and nothing is escaped, what follows it is the id. Null else.
 */
export function idsAsWritten(
  payload: Uint8Array,
): { messageId: string; endToEndId: string } | null {
  // Ids are ASCII, so what else the bytes say makes no difference.
  const bytes = asBuffer(payload);
  const text = bytes.toString('latin1');
  const { isDisguised, idUnder } = WRITTEN[syntaxOfPayload(payload)];
  if (isDisguised(text)) return null;
  const messageId = idUnder(text, 'MsgId');
  const endToEndId = idUnder(text, 'EndToEndId');
  return messageId === null || endToEndId === null ? null : { messageId, endToEndId };
}

/** By syntax: what may make a name or an id look otherwise than it is, and the text under a name. */
const WRITTEN: Readonly<
  Record<
    Syntax,
    {
      isDisguised: (text: string) => boolean;
      idUnder: (text: string, name: string) => string | null;
    }
  >
> = {
  json: { isDisguised: (text) => text.includes('\\'), idUnder: onlyTextAfter },
  xml: { isDisguised: (text) => /&|<!/.test(text), idUnder: onlyTextInside },
};

/** Up to the end of the id, from the name on: white space may stand around the colon. */
const VALUE = /^\s*:\s*"([^"]*)"/;
const ID_CHARACTERS_MAX = 64;

/** Its quotes are looked for last: they are what JSON has most of. */
function onlyTextAfter(text: string, name: string): string | null {
  const end = `${name}"`;
  let found = -1;
  for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) {
    if (text[at - 1] !== '"') continue;
    if (found >= 0) return null;
    found = at;
  }
  if (found < 0) return null;
  const start = found + end.length;
  return VALUE.exec(text.slice(start, start + ID_CHARACTERS_MAX))?.[1] ?? null;
}

/** What ends the tags of an element, as far as its name: with a prefix or none. */
const OPENING = /<([\w.-]+:)?$/;
const CLOSING = /^([^<]*)<\/([\w.-]+:)?$/;
const PREFIX_CHARACTERS_MAX = 32;

/** Text may have the name and '>' in it, but no '<' before them. */
function onlyTextInside(text: string, name: string): string | null {
  const tag = `${name}>`;
  const at = text.indexOf(tag);
  const end = text.indexOf(tag, at + 1);
  if (at < 0 || end < 0 || text.indexOf(tag, end + 1) >= 0) return null;
  if (!OPENING.test(text.slice(Math.max(0, at - PREFIX_CHARACTERS_MAX), at))) return null;
  if (end - at > ID_CHARACTERS_MAX + PREFIX_CHARACTERS_MAX) return null;
  return CLOSING.exec(text.slice(at + tag.length, end))?.[1] ?? null;
}

/** What stands for a message id that cannot be read. */
export const NOT_PROVIDED = 'NOTPROVIDED';
const ID35 = new RegExp(ID35_PATTERN);

/** A rejected document may hold anything where an id belongs: only ids are told back. */
const id35 = (value: unknown): string | null =>
  typeof value === 'string' && ID35.test(value) ? value : null;
