import { type Static, Type } from '@sinclair/typebox';
import type { Bic } from '../names/bic-and-uetr.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { unknownCurrency } from './amounts.ts';
import {
  accountId,
  agent,
  closed,
  documentBytes,
  id35,
  institution,
  isoDate,
  isoDateTime,
  message,
  once,
  oneOf,
  reader,
  writeHeader,
} from './document.ts';
import type { QueryRequest } from './instruction.ts';
import { ACCOUNT_REPORT, STATEMENT } from './statement.ts';

/**
 * camt.060.001.05 in JSON: the sender (AcctOwnr) asks for a report of its accounts as they are where the
 * log has this message, or for the statement of a date that has closed. Acct names one account by its
 * currency; without it all accounts of the pool are meant. ce_id is GrpHdr/MsgId.
 */
export const ReportRequestSchema = message({
  Document: closed({
    AcctRptgReq: closed({
      GrpHdr: closed({ MsgId: id35, CreDtTm: isoDateTime }),
      RptgReq: once(
        closed({
          Id: Type.Optional(id35),
          ReqdMsgNmId: oneOf(ACCOUNT_REPORT, STATEMENT),
          Acct: Type.Optional(accountId),
          AcctOwnr: closed({ Agt: agent }),
          RptgPrd: Type.Optional(
            closed({ FrToDt: closed({ FrDt: isoDate, ToDt: isoDate }), Tp: oneOf('ALLL') }),
          ),
        }),
      ),
    }),
  }),
});

/** What a camt.060 asks for. */
export interface ReportRequest extends QueryRequest {
  readonly sender: Bic;
  /** Of the statement that is asked for, YYYY-MM-DD; null: a report of now. */
  readonly date: string | null;
}

export function writeReportRequest(request: ReportRequest, createdAtMs: number): Uint8Array {
  const { id, sender, currency, date } = request;
  return documentBytes<typeof ReportRequestSchema>({
    Document: {
      AcctRptgReq: {
        GrpHdr: writeHeader(id, createdAtMs),
        RptgReq: [
          {
            ReqdMsgNmId: date === null ? ACCOUNT_REPORT : STATEMENT,
            ...(currency !== null && { Acct: { Id: { Othr: { Id: currency } } } }),
            AcctOwnr: { Agt: institution(sender) },
            ...(date !== null && { RptgPrd: { FrToDt: { FrDt: date, ToDt: date }, Tp: 'ALLL' } }),
          },
        ],
      },
    },
  });
}

const AT = '/Document/AcctRptgReq/RptgReq/0';

export const readReportRequest = reader(
  ReportRequestSchema,
  ({ Document }, currencies): ReportRequest | Refusal => {
    const { GrpHdr, RptgReq } = Document.AcctRptgReq;
    const [asked] = RptgReq;
    const currency = asked.Acct?.Id.Othr.Id ?? null;
    if (currency !== null && !currencies.has(currency))
      return unknownCurrency(currency, `${AT}/Acct/Id/Othr/Id`, currencies);
    const date = dateOf(asked);
    if (date !== null && typeof date !== 'string') return date;
    return { id: GrpHdr.MsgId, sender: asked.AcctOwnr.Agt.FinInstnId.BICFI, currency, date };
  },
);

type Asked = Static<typeof ReportRequestSchema>['Document']['AcctRptgReq']['RptgReq'][0];

/** A report is of now, a statement of one date that has closed. */
function dateOf({ ReqdMsgNmId, RptgPrd }: Asked): string | null | Refusal {
  const fault = (path: string, value: unknown, expected: string) =>
    refuse('report-period', `${AT}/RptgPrd${path}`, value, expected);
  if (ReqdMsgNmId === ACCOUNT_REPORT)
    return RptgPrd === undefined
      ? null
      : fault('', RptgPrd, `must not be there with ${ACCOUNT_REPORT}, which tells the present`);
  if (RptgPrd === undefined) return fault('', undefined, `must be there with ${STATEMENT}`);
  const { FrDt, ToDt } = RptgPrd.FrToDt;
  return FrDt === ToDt
    ? FrDt
    : fault('/FrToDt/ToDt', ToDt, `must be FrDt ${FrDt}, as a statement is of one date`);
}
