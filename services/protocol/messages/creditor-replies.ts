import { type Static, Type } from '@sinclair/typebox';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { unknownCurrency } from './amounts.ts';
import {
  amount,
  closed,
  documentBytes,
  id35,
  institution,
  isoDate,
  isoDateTime,
  message,
  once,
  oneOf,
  originalReference,
  originalTransfer,
  reader,
  reasonGiven,
  standard,
  standardAgent,
  text,
  uetr,
  writeHeader,
} from './document.ts';
import type { Currencies, ReplyInstruction } from './instruction.ts';
import { agentBic } from './transfer-parts.ts';

/**
 * What the creditor's agent tells the bank that sent a settled payment: camt.029.001.09, its answer to the
 * request to cancel the payment, and pacs.002.001.10, whether its customer was credited. Both are passed on as
 * they are. The payment is known by its sender (Assgne, InstdAgt), OrgnlMsgNmId and OrgnlUETR; a currency
 * tells the settlement pool, and may be left out in a network of one pool.
 */
const original = {
  OrgnlGrpInf: originalTransfer,
  OrgnlInstrId: Type.Optional(text(35)),
  OrgnlEndToEndId: Type.Optional(text(35)),
  OrgnlTxId: Type.Optional(text(35)),
  OrgnlUETR: uetr,
};

/** Conf of an answer: CNCL the money comes back by pacs.004, RJCR it does not, PDCR it is not decided yet. */
export const RecallAnswerSchema = message({
  Document: closed({
    RsltnOfInvstgtn: closed({
      Assgnmt: closed({
        Id: id35,
        Assgnr: closed({ Agt: standardAgent }),
        Assgne: closed({ Agt: standardAgent }),
        CreDtTm: Type.Optional(isoDateTime),
      }),
      RslvdCase: Type.Optional(standard('Case5', {})),
      Sts: closed({ Conf: oneOf('CNCL', 'RJCR', 'PDCR') }),
      CxlDtls: once(
        closed({
          TxInfAndSts: once(
            closed({
              CxlStsId: Type.Optional(text(35)),
              RslvdCase: Type.Optional(standard('Case5', {})),
              ...original,
              TxCxlSts: Type.Optional(text(4)),
              CxlStsRsnInf: Type.Optional(reasonGiven('CancellationStatusReason4')),
              RsltnRltdInf: Type.Optional(standard('ResolutionData1', {})),
              OrgnlIntrBkSttlmAmt: Type.Optional(amount),
              OrgnlIntrBkSttlmDt: Type.Optional(isoDate),
            }),
          ),
        }),
      ),
    }),
  }),
});

/** TxSts: ACCC the customer was credited, RJCT it was not; then StsRsnInf says why, and a pacs.004 follows. */
export const CreditorStatusSchema = message({
  Document: closed({
    FIToFIPmtStsRpt: closed({
      GrpHdr: closed({
        MsgId: id35,
        CreDtTm: isoDateTime,
        InstgAgt: Type.Optional(standardAgent),
        InstdAgt: Type.Optional(standardAgent),
      }),
      TxInfAndSts: once(
        closed({
          StsId: Type.Optional(text(35)),
          ...original,
          TxSts: oneOf('ACCC', 'RJCT'),
          StsRsnInf: Type.Optional(reasonGiven('StatusReasonInformation12')),
          AccptncDtTm: Type.Optional(isoDateTime),
          InstgAgt: standardAgent,
          InstdAgt: standardAgent,
          OrgnlTxRef: Type.Optional(originalReference),
        }),
      ),
    }),
  }),
});

/** What a bank says beside the payment that it says it of. */
export interface ReplyWords {
  readonly originalMessageId: string;
  /** CNCL, RJCR or PDCR; ACCC or RJCT. */
  readonly status: string;
  /** Null: none is needed. */
  readonly reasonCode: string | null;
  /** The payment's, which tells the pool; null: the network has one. */
  readonly settled: Static<typeof amount> | null;
}

const because = ({ reasonCode }: ReplyWords) =>
  reasonCode === null ? undefined : ([{ Rsn: { Cd: reasonCode } }] as [{ Rsn: { Cd: string } }]);

export function writeRecallAnswer(
  reply: Omit<ReplyInstruction, 'currency' | 'reply'>,
  words: ReplyWords,
  createdAtMs: number,
): Uint8Array {
  const reasons = because(words);
  return documentBytes<typeof RecallAnswerSchema>({
    Document: {
      RsltnOfInvstgtn: {
        Assgnmt: {
          Id: reply.id,
          Assgnr: { Agt: institution(reply.sender) },
          Assgne: { Agt: institution(reply.receiver) },
          CreDtTm: new Date(createdAtMs).toISOString(),
        },
        Sts: { Conf: words.status as 'CNCL' },
        CxlDtls: [
          {
            TxInfAndSts: [
              {
                OrgnlGrpInf: {
                  OrgnlMsgId: words.originalMessageId,
                  OrgnlMsgNmId: reply.paymentType,
                },
                OrgnlUETR: reply.uetr,
                ...(reasons && { CxlStsRsnInf: reasons }),
                ...(words.settled && { OrgnlIntrBkSttlmAmt: words.settled }),
              },
            ],
          },
        ],
      },
    },
  });
}

export function writeCreditorStatus(
  reply: Omit<ReplyInstruction, 'currency' | 'reply'>,
  words: ReplyWords,
  createdAtMs: number,
): Uint8Array {
  const reasons = because(words);
  return documentBytes<typeof CreditorStatusSchema>({
    Document: {
      FIToFIPmtStsRpt: {
        GrpHdr: writeHeader(reply.id, createdAtMs),
        TxInfAndSts: [
          {
            OrgnlGrpInf: { OrgnlMsgId: words.originalMessageId, OrgnlMsgNmId: reply.paymentType },
            OrgnlUETR: reply.uetr,
            TxSts: words.status as 'ACCC',
            ...(reasons && { StsRsnInf: reasons }),
            InstgAgt: institution(reply.sender),
            InstdAgt: institution(reply.receiver),
            ...(words.settled && { OrgnlTxRef: { IntrBkSttlmAmt: words.settled } }),
          },
        ],
      },
    },
  });
}

const RESOLVED = '/Document/RsltnOfInvstgtn/CxlDtls/0/TxInfAndSts/0';
const REPORTED = '/Document/FIToFIPmtStsRpt/TxInfAndSts/0';

export const readRecallAnswer = reader(
  RecallAnswerSchema,
  ({ Document }, currencies): ReplyInstruction | Refusal => {
    const { Assgnmt, Sts, CxlDtls } = Document.RsltnOfInvstgtn;
    const [transaction] = CxlDtls[0].TxInfAndSts;
    if (Sts.Conf === 'RJCR' && !transaction.CxlStsRsnInf)
      return refuse(
        'reply-reason',
        `${RESOLVED}/CxlStsRsnInf`,
        undefined,
        'must be there with RJCR',
      );
    return (
      currencyFault(
        transaction.OrgnlIntrBkSttlmAmt,
        `${RESOLVED}/OrgnlIntrBkSttlmAmt/Ccy`,
        currencies,
      ) ?? {
        id: Assgnmt.Id,
        sender: agentBic(Assgnmt.Assgnr.Agt),
        receiver: agentBic(Assgnmt.Assgne.Agt),
        uetr: transaction.OrgnlUETR,
        paymentType: transaction.OrgnlGrpInf.OrgnlMsgNmId,
        currency: transaction.OrgnlIntrBkSttlmAmt?.Ccy ?? null,
        reply: Sts.Conf === 'PDCR' ? 'pending' : 'decided',
      }
    );
  },
);

export const readCreditorStatus = reader(
  CreditorStatusSchema,
  ({ Document }, currencies): ReplyInstruction | Refusal => {
    const { GrpHdr, TxInfAndSts } = Document.FIToFIPmtStsRpt;
    const [transaction] = TxInfAndSts;
    if (transaction.TxSts === 'RJCT' && !transaction.StsRsnInf)
      return refuse('reply-reason', `${REPORTED}/StsRsnInf`, undefined, 'must be there with RJCT');
    const money = transaction.OrgnlTxRef?.IntrBkSttlmAmt;
    return (
      currencyFault(money, `${REPORTED}/OrgnlTxRef/IntrBkSttlmAmt/Ccy`, currencies) ?? {
        id: GrpHdr.MsgId,
        sender: agentBic(transaction.InstgAgt),
        receiver: agentBic(transaction.InstdAgt),
        uetr: transaction.OrgnlUETR,
        paymentType: transaction.OrgnlGrpInf.OrgnlMsgNmId,
        currency: money?.Ccy ?? null,
        reply: transaction.TxSts === 'ACCC' ? 'credited' : 'notCredited',
      }
    );
  },
);

function currencyFault(
  money: Static<typeof amount> | undefined,
  path: string,
  currencies: Currencies,
): Refusal | null {
  return money && !currencies.has(money.Ccy) ? unknownCurrency(money.Ccy, path, currencies) : null;
}
