import { Type } from '@sinclair/typebox';
import type { Bic, Uetr } from '../names/bic-and-uetr.ts';
import type { IsoReason } from '../names/iso-reasons.ts';
import {
  agent,
  closed,
  documentBytes,
  institution,
  once,
  oneOf,
  text,
  uetr as uetrText,
  utcTime,
  writeHeader,
} from './document.ts';

/**
 * What answers a participant's request: camt.029.001.09 a cancellation, camt.025.001.05 the others.
 * Such an answer is about the request; what becomes of a payment is told by status (status-report).
 */
export const RESOLUTION = 'camt.029.001.09';
export const RECEIPT = 'camt.025.001.05';

export interface Answer {
  /** `<pool>-<event number>`: the same event gives the same answer. */
  readonly messageId: string;
  readonly createdAtMs: number;
  /** The network, as which the system answers. */
  readonly from: string;
  readonly to: Bic;
  /** The request's own id and type. */
  readonly requestId: string;
  readonly requestType: string;
  /** Null: done as asked. */
  readonly reason: IsoReason | null;
  /** The broken rule, place, value and expectation in lines (rules/refusal), where the request itself is at fault. */
  readonly detail: readonly string[] | null;
}

/** AddtlInf is Max105Text, Desc Max140Text. */
const ADDITIONAL_CHARACTERS_MAX = 105;
const DESCRIPTION_CHARACTERS_MAX = 140;

/** All that an answer to a cancellation has. */
export const ResolutionSchema = closed({
  Document: closed({
    RsltnOfInvstgtn: closed({
      Assgnmt: closed({
        Id: text(35),
        Assgnr: closed({ Pty: closed({ Nm: text(140) }) }),
        Assgne: closed({ Agt: agent }),
        CreDtTm: utcTime,
      }),
      Sts: closed({ Conf: oneOf('CNCL', 'PDCR', 'RJCR') }),
      CxlDtls: once(
        closed({
          TxInfAndSts: once(
            closed({
              OrgnlGrpInf: closed({ OrgnlMsgId: text(64), OrgnlMsgNmId: text(64) }),
              OrgnlUETR: Type.Optional(uetrText),
              CxlStsRsnInf: Type.Optional(
                once(
                  closed({
                    Rsn: closed({ Cd: text(4) }),
                    AddtlInf: Type.Array(text(ADDITIONAL_CHARACTERS_MAX), { minItems: 1 }),
                  }),
                ),
              ),
            }),
          ),
        }),
      ),
    }),
  }),
});

/** All that an answer to another request has. */
export const ReceiptSchema = closed({
  Document: closed({
    Rct: closed({
      MsgHdr: closed({ MsgId: text(35), CreDtTm: utcTime }),
      RctDtls: once(
        closed({
          OrgnlMsgId: closed({ MsgId: text(64), MsgNmId: text(64) }),
          ReqHdlg: Type.Array(
            closed({
              StsCd: oneOf('COMP', 'RJCT'),
              Desc: Type.Optional(text(DESCRIPTION_CHARACTERS_MAX)),
            }),
            { minItems: 1 },
          ),
        }),
      ),
    }),
  }),
});

/**
 * camt.029 in JSON. Conf: CNCL the payment is cancelled, RJCR it is not; then CxlStsRsnInf says why. PDCR: it
 * has settled, and the creditor's agent is asked.
 * @param uetr the payment that the request named; null where that cannot be read
 */
export function writeResolution(answer: Answer, uetr: Uetr | null, isPassedOn = false): Uint8Array {
  const { reason, detail } = answer;
  const additional = [...(reason ? [reason.text, reason.remedy] : []), ...(detail ?? [])];
  return documentBytes<typeof ResolutionSchema>({
    Document: {
      RsltnOfInvstgtn: {
        Assgnmt: {
          Id: answer.messageId,
          Assgnr: { Pty: { Nm: answer.from } },
          Assgne: { Agt: institution(answer.to) },
          CreDtTm: new Date(answer.createdAtMs).toISOString(),
        },
        Sts: { Conf: reason ? 'RJCR' : isPassedOn ? 'PDCR' : 'CNCL' },
        CxlDtls: [
          {
            TxInfAndSts: [
              {
                OrgnlGrpInf: { OrgnlMsgId: answer.requestId, OrgnlMsgNmId: answer.requestType },
                ...(uetr && { OrgnlUETR: uetr }),
                ...(reason && {
                  CxlStsRsnInf: [{ Rsn: { Cd: reason.code }, AddtlInf: additional }],
                }),
              },
            ],
          },
        ],
      },
    },
  });
}

/**
 * camt.025 in JSON. StsCd: COMP done as asked, RJCT not; then Desc says why, the ISO code first, and in
 * further ones what is wrong in the request.
 */
export function writeReceipt(answer: Answer): Uint8Array {
  const { reason, detail } = answer;
  const why = reason ? `${reason.code} ${reason.text}. ${reason.remedy}` : null;
  const handling = why
    ? [why.slice(0, DESCRIPTION_CHARACTERS_MAX), ...(detail ?? [])].map((Desc) => ({
        StsCd: 'RJCT' as const,
        Desc,
      }))
    : [{ StsCd: 'COMP' as const }];
  return documentBytes<typeof ReceiptSchema>({
    Document: {
      Rct: {
        MsgHdr: writeHeader(answer.messageId, answer.createdAtMs),
        RctDtls: [
          {
            OrgnlMsgId: { MsgId: answer.requestId, MsgNmId: answer.requestType },
            ReqHdlg: handling,
          },
        ],
      },
    },
  });
}
