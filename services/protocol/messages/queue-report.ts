import { type Static, Type } from '@sinclair/typebox';
import { type Bic, isUetr } from '../names/bic-and-uetr.ts';
import { isoTime } from '../names/dates.ts';
import { amountText } from '../names/minor-units.ts';
import {
  agent,
  closed,
  currencyCode,
  documentBytes,
  id35,
  institution,
  isoDate,
  once,
  oneOf,
  quantity,
  text,
  uetr,
  utcTime,
} from './document.ts';
import { QUEUE_QUERY } from './message-types.ts';
import { PRIORITY_CODES, type Priority } from './priorities.ts';

/**
 * camt.006.001.08 in JSON: what answers a camt.005. One entry for each message of the bank's own that waits, in the
 * order of its queues; a queue of more than TRANSACTIONS_MAX has several messages. Where nothing waits the standard
 * has no report without an entry, so an error says so.
 */
export const QUEUE_REPORT = 'camt.006.001.08';
export const TRANSACTIONS_MAX = 256;
/** So many are told at most; all are counted. */
export const TOLD_MAX = 16 * TRANSACTIONS_MAX;

/** Of pieces of a security. */
const NO_CURRENCY = 'XXX';
const PENDING = ['ACPD', 'VALD', 'UMAC', 'PSTL'] as const;
/** What holds it: accepted for a cycle, for its time or an opening, unmatched, else in its queue. */
export type PendingCode = (typeof PENDING)[number];
const told = closed({ Ccy: currencyCode, Amt: quantity });
const accountNumber = closed({ Othr: closed({ Id: text(34) }) });

const entry = closed({
  PmtId: Type.Union([
    closed({
      LngBizId: closed({
        UETR: uetr,
        IntrBkSttlmAmt: quantity,
        IntrBkSttlmDt: isoDate,
        PmtMtd: closed({ XMLMsgNm: text(35) }),
        InstgAgt: agent,
        InstdAgt: agent,
      }),
    }),
    closed({ PrtryId: text(70) }),
  ]),
  TxOrErr: closed({
    Tx: closed({
      CdtDbtInd: oneOf('DBIT'),
      Pmt: closed({
        Sts: once(
          closed({
            Cd: closed({ Pdg: oneOf(...PENDING) }),
            DtTm: closed({ DtTm: utcTime }),
            Rsn: Type.Optional(once(closed({ Prtry: text(35) }))),
          }),
        ),
        IntrBkSttlmAmt: closed({ AmtWthCcy: told }),
        PmtMtd: closed({ XMLMsgNm: text(35) }),
        Prty: closed({ Cd: oneOf('URGT', 'HIGH', 'NORM') }),
        IntrBkSttlmDt: isoDate,
      }),
      AcctNtry: closed({
        Acct: closed({ Id: accountNumber }),
        Ntry: closed({
          Sts: oneOf('PDNG'),
          AddtlNtryInf: Type.Array(text(140), { minItems: 1 }),
        }),
      }),
    }),
  }),
});

export const QueueReportSchema = closed({
  Document: closed({
    RtrTx: closed({
      MsgHdr: closed({
        MsgId: text(35),
        CreDtTm: utcTime,
        MsgPgntn: closed({
          PgNb: Type.String({ pattern: '^[0-9]{1,5}$' }),
          LastPgInd: Type.Boolean(),
        }),
        OrgnlBizQry: closed({ MsgId: id35, MsgNmId: text(35) }),
      }),
      RptOrErr: Type.Union([
        closed({
          BizRpt: closed({
            TxsSummry: closed({ NbOfNtries: Type.String({ pattern: '^[0-9]{1,15}$' }) }),
            TxRpt: Type.Array(entry, { minItems: 1, maxItems: TRANSACTIONS_MAX }),
          }),
        }),
        closed({
          OprlErr: once(closed({ Err: closed({ Prtry: text(35) }), Desc: text(140) })),
        }),
      ]),
    }),
  }),
});

/** A message of a bank's own that waits. */
export interface QueuedMessage {
  /** Its UETR, or the message id of a return. */
  readonly id: string;
  readonly messageType: string;
  /** The account that it debits: a currency, or a security by its ISIN. */
  readonly account: string;
  readonly amountMinor: bigint;
  readonly minorUnits: number;
  readonly counterparty: Bic;
  readonly priority: Priority;
  /** YYYY-MM-DD. */
  readonly settlementDate: string;
  readonly sinceMs: number;
  /** From 1, among all that would debit the account; null: it stands in no queue. */
  readonly place: number | null;
  readonly pending: PendingCode;
  /** A code. */
  readonly reason: string | null;
  /** What it means, what can be done, and the figure. */
  readonly information: readonly string[];
}

/** Where a message has no queue to stand in, the lines say only why. */
export const placeText = (place: number): string => `Position ${place}`;

function entryOf(of: QueuedMessage, sender: Bic): Static<typeof entry> {
  const amount = amountText(of.amountMinor, of.minorUnits);
  const Ccy = of.account.length === 3 ? of.account : NO_CURRENCY;
  const PmtMtd = { XMLMsgNm: of.messageType };
  const lines = [...(of.place === null ? [] : [placeText(of.place)]), ...of.information];
  return {
    PmtId: isUetr(of.id)
      ? {
          LngBizId: {
            ...{ UETR: of.id, IntrBkSttlmAmt: amount, IntrBkSttlmDt: of.settlementDate, PmtMtd },
            InstgAgt: institution(sender),
            InstdAgt: institution(of.counterparty),
          },
        }
      : { PrtryId: of.id },
    TxOrErr: {
      Tx: {
        CdtDbtInd: 'DBIT',
        Pmt: {
          Sts: [
            {
              Cd: { Pdg: of.pending },
              DtTm: { DtTm: isoTime(of.sinceMs) },
              ...(of.reason !== null && { Rsn: [{ Prtry: of.reason }] }),
            },
          ],
          IntrBkSttlmAmt: { AmtWthCcy: { Ccy, Amt: amount } },
          PmtMtd,
          Prty: { Cd: PRIORITY_CODES[of.priority] },
          IntrBkSttlmDt: of.settlementDate,
        },
        AcctNtry: {
          Acct: { Id: { Othr: { Id: of.account } } },
          Ntry: { Sts: 'PDNG', AddtlNtryInf: lines },
        },
      },
    },
  };
}

export interface QueueReportHead {
  readonly messageId: string;
  readonly createdAtMs: number;
  /** Of the camt.005. */
  readonly queryId: string;
  readonly to: Bic;
}

/**
 * @param waiting those that are told, of which the page has its part
 * @param count of all that wait
 * @param page from 1
 */
export function writeQueueReport(
  { messageId, createdAtMs, queryId, to }: QueueReportHead,
  waiting: readonly QueuedMessage[],
  count: number,
  page: number,
): Uint8Array {
  const from = (page - 1) * TRANSACTIONS_MAX;
  const shown = waiting.slice(from, from + TRANSACTIONS_MAX);
  return documentBytes<typeof QueueReportSchema>({
    Document: {
      RtrTx: {
        MsgHdr: {
          MsgId: messageId,
          CreDtTm: isoTime(createdAtMs),
          MsgPgntn: { PgNb: String(page), LastPgInd: from + TRANSACTIONS_MAX >= waiting.length },
          OrgnlBizQry: { MsgId: queryId, MsgNmId: QUEUE_QUERY },
        },
        RptOrErr:
          shown.length > 0
            ? {
                BizRpt: {
                  TxsSummry: { NbOfNtries: String(count) },
                  TxRpt: shown.map((one) => entryOf(one, to)),
                },
              }
            : { OprlErr: [{ Err: { Prtry: 'NOTHING-WAITS' }, Desc: 'No payment of yours waits' }] },
      },
    },
  });
}

/** Messages that the report takes: at least one. */
export const pagesOf = (waiting: readonly QueuedMessage[]): number =>
  Math.max(1, Math.ceil(waiting.length / TRANSACTIONS_MAX));
