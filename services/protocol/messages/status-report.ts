import { Type } from '@sinclair/typebox';
import { asBuffer } from '../names/as-buffer.ts';
import type { Bic } from '../names/bic-and-uetr.ts';
import { isoTime } from '../names/dates.ts';
import { type IsoReason, NOT_FINAL_YET } from '../names/iso-reasons.ts';
import { plainForm } from '../names/plain-json.ts';
import type { MessageForm } from '../xml/xml-form.ts';
import { readXml } from '../xml/xml-reader.ts';
import { namespaceOf } from '../xml/xml-text.ts';
import { businessHeaderForm } from './business-header.ts';
import {
  agent,
  closed,
  id35,
  institutionText,
  jsonText,
  once,
  oneOf,
  text,
  uetr,
  utcTime,
} from './document.ts';

/** pacs.002.001.10 in JSON: how a participant learns what became of its message. */
export const STATUS_REPORT = 'pacs.002.001.10';

/**
 * ACTC a quote is taken, and nothing settles by it; PDNG waits; BLCK an attestor holds the chain; ACFC the money of a
 * leg is set aside; ACWP all that must have accepted its chain; ACSP accepted for netting; ACSC settled; ACCC the creditor's agent says that it credited its
 * customer; RJCT rejected; CANC cancelled.
 */
export const TRANSACTION_STATUSES = [
  'ACTC',
  'PDNG',
  'BLCK',
  'ACFC',
  'ACWP',
  'ACSP',
  'ACSC',
  'ACCC',
  'RJCT',
  'CANC',
] as const;
export type StatusCode = (typeof TRANSACTION_STATUSES)[number];

/** AddtlInf is Max105Text. */
const ADDITIONAL_CHARACTERS_MAX = 105;

/** A code of the standard's, or one of this system's. */
const reasonTold = Type.Object(
  { Cd: Type.Optional(text(4)), Prtry: Type.Optional(text(35)) },
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
);

/** All that a status report has. */
export const StatusReportSchema = closed({
  Document: closed({
    FIToFIPmtStsRpt: closed({
      GrpHdr: closed({ MsgId: text(35), CreDtTm: utcTime }),
      TxInfAndSts: once(
        closed({
          // Left out in a notice of a message that failed authentication.
          OrgnlGrpInf: Type.Optional(closed({ OrgnlMsgId: text(64), OrgnlMsgNmId: text(64) })),
          OrgnlEndToEndId: Type.Optional(id35),
          OrgnlUETR: Type.Optional(uetr),
          TxSts: oneOf(...TRANSACTION_STATUSES),
          StsRsnInf: Type.Optional(
            once(
              closed({
                Rsn: Type.Optional(reasonTold),
                AddtlInf: Type.Array(text(ADDITIONAL_CHARACTERS_MAX), { minItems: 1 }),
              }),
            ),
          ),
          InstdAgt: agent,
          // In the answer to a pacs.028 alone: the payment may be another bank's.
          OrgnlTxRef: Type.Optional(closed({ DbtrAgt: agent })),
        }),
      ),
    }),
  }),
});

/** The message that a status is about. */
export interface OriginalMessage {
  readonly messageId: string;
  readonly messageType: string;
  readonly endToEndId: string | null;
  readonly uetr: string | null;
}

export interface StatusReport {
  /** `<pool>-<event number>`: the same event gives the same report. */
  readonly messageId: string;
  readonly createdAtMs: number;
  readonly to: Bic;
  /** Null in a notice of a message that failed authentication: it changes no payment's status. */
  readonly original: OriginalMessage | null;
  readonly status: StatusCode;
  readonly reason: IsoReason | null;
  /** What the payment waits for, in words. */
  readonly information: readonly string[];
  /** The broken rule, place, value and expectation in lines (rules/refusal), where the payload itself is at fault. */
  readonly detail: readonly string[] | null;
  /** SHA-256 of the payload that the report is about, hex; set where the payment alone does not tell. */
  readonly payloadDigest: string | null;
  /** Who sent the payment, where that need not be who is told. */
  readonly debtorAgent?: Bic | null;
}

const DIGEST = 'payload sha256 ';

export function writeStatusReport(report: StatusReport): Uint8Array {
  const { original, reason, information, detail, payloadDigest } = report;
  const additional = [
    ...(reason ? [reason.text, reason.remedy] : []),
    ...information,
    ...(detail ?? []),
    ...(payloadDigest ? [`${DIGEST}${payloadDigest}`] : []),
  ];
  const header = `{"MsgId":${jsonText(report.messageId)},"CreDtTm":"${isoTime(report.createdAtMs)}"}`;
  const about = original ? `${aboutOriginal(original)},` : '';
  const because = additional.length > 0 ? `${becauseOf(reason, additional)},` : '';
  const agent = `"InstdAgt":${institutionText(report.to)}`;
  const sender = report.debtorAgent
    ? `,"OrgnlTxRef":{"DbtrAgt":${institutionText(report.debtorAgent)}}`
    : '';
  const status = `{${about}"TxSts":"${report.status}",${because}${agent}${sender}}`;
  return Buffer.from(
    `{"Document":{"FIToFIPmtStsRpt":{"GrpHdr":${header},"TxInfAndSts":[${status}]}}}`,
  );
}

// Written as text: the document as an object, made and serialised, takes four times as long.

function aboutOriginal({ messageId, messageType, endToEndId, uetr }: OriginalMessage): string {
  const names = `"OrgnlMsgId":${jsonText(messageId)},"OrgnlMsgNmId":${jsonText(messageType)}`;
  const endToEnd = endToEndId ? `,"OrgnlEndToEndId":${jsonText(endToEndId)}` : '';
  return `"OrgnlGrpInf":{${names}}${endToEnd}${uetr ? `,"OrgnlUETR":${jsonText(uetr)}` : ''}`;
}

function becauseOf(reason: IsoReason | null, additional: readonly string[]): string {
  const kind = reason?.isProprietary ? 'Prtry' : 'Cd';
  const code = reason ? `"Rsn":{"${kind}":${jsonText(reason.code)}},` : '';
  return `"StsRsnInf":[{${code}"AddtlInf":${JSON.stringify(additional)}}]`;
}

/** What a bank needs of a report to match it with what it sent. */
export interface ReceivedStatus {
  /** What its sender called the original message; null in a notice. */
  readonly messageId: string | null;
  readonly status: StatusCode;
  /** Type of the original message; null in a notice. */
  readonly messageType: string | null;
  readonly uetr: string | null;
  /** ISO's, or of what waits this system's own. */
  readonly reasonCode: string | null;
  readonly payloadDigest: string | null;
  /** The payment is not one that the bank told sent: it asked how it stands. */
  readonly isOfAnotherBank: boolean;
}

/** Whether its payment has settled and is not final yet: it may be told before the statuses of earlier events. */
export const isSettledAhead = ({
  status,
  reasonCode,
}: Pick<ReceivedStatus, 'status' | 'reasonCode'>): boolean =>
  status === 'ACSP' && reasonCode === NOT_FINAL_YET.code;

const LESS_THAN = 0x3c;
/** Of what the system itself wrote nothing is refused: read as far as is needed. */
const FORM: MessageForm = {
  namespace: namespaceOf(STATUS_REPORT),
  root: 'Document',
  form: null,
};

/** Reads a report of `writeStatusReport`, in either syntax; null for an answer to a request (answers). */
export function readStatusReport(payload: Uint8Array): ReceivedStatus | null {
  const text = asBuffer(payload);
  const isXml = payload[0] === LESS_THAN;
  const plain = isXml ? null : readPlain(text.toString('latin1'));
  if (plain) return plain;
  if (isXml && !text.includes(`"${FORM.namespace}"`)) return null;
  const { Document } = isXml
    ? (readXml(payload, FORM, businessHeaderForm) as { Document: Anything })
    : JSON.parse(text.toString('utf8'));
  // Of this system's own types some have no Document.
  if (!Document?.FIToFIPmtStsRpt) return null;
  const status = first(Document.FIToFIPmtStsRpt.TxInfAndSts);
  const information = first(status.StsRsnInf);
  const lines: string[] = [information?.AddtlInf ?? []].flat();
  const sender = status.OrgnlTxRef?.DbtrAgt?.FinInstnId?.BICFI;
  return {
    status: status.TxSts,
    messageId: status.OrgnlGrpInf?.OrgnlMsgId ?? null,
    messageType: status.OrgnlGrpInf?.OrgnlMsgNmId ?? null,
    uetr: status.OrgnlUETR ?? null,
    reasonCode: information?.Rsn?.Cd ?? information?.Rsn?.Prtry ?? null,
    payloadDigest: digestIn(lines),
    isOfAnotherBank: sender !== undefined && sender !== status.InstdAgt?.FinInstnId?.BICFI,
  };
}

const digestIn = (lines: readonly string[]): string | null =>
  lines.find((line) => line.startsWith(DIGEST))?.slice(DIGEST.length) ?? null;

const plainReport = (said: Pick<StatusReport, 'reason' | 'information'>): RegExp =>
  plainForm(
    asBuffer(
      writeStatusReport({
        ...{ messageId: '?', createdAtMs: 0, to: '?' as Bic, status: '?' as StatusCode },
        original: { messageId: '?', messageType: '?', endToEndId: '?', uetr: '?' },
        ...{ ...said, detail: null, payloadDigest: null },
      }),
    )
      .toString()
      .replace(isoTime(0), '?'),
  );

/** Where nothing is said of why, as of most payments. */
const BARE = plainReport({ reason: null, information: [] });
/** Where a reason and one line more are said, as of what waits for funds. */
const WAITS = plainReport({
  reason: { code: '?', text: '?', remedy: '?' },
  information: ['?'],
});

/** As JSON.parse would have it; null where anything is written in another way. */
function readPlain(text: string): ReceivedStatus | null {
  const read = BARE.exec(text) ?? WAITS.exec(text);
  if (!read) return null;
  const [, , , messageId, messageType, , uetr, status, reasonCode, ...lines] =
    read as unknown as string[];
  return {
    status: status as StatusCode,
    messageId: messageId as string,
    messageType: messageType as string,
    uetr: uetr as string,
    // The bank that is told stands last, and without a reason in its place.
    reasonCode: lines.length > 0 ? (reasonCode as string) : null,
    payloadDigest: digestIn(lines.slice(0, -1)),
    isOfAnotherBank: false,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: it has the form that `writeStatusReport` gives it.
type Anything = any;
/** In XML what stands once looks as what may stand once. */
const first = (value: Anything): Anything => (Array.isArray(value) ? value[0] : value);
