import { Type } from '@sinclair/typebox';
import type { Refusal } from '../rules/refusal.ts';
import { unknownCurrency } from './amounts.ts';
import {
  closed,
  currencyCode,
  documentBytes,
  message,
  messageHeader,
  once,
  oneOf,
  reader,
  writeHeader,
} from './document.ts';
import type { QueryRequest } from './instruction.ts';

/**
 * camt.018.001.05 in JSON: the sender asks how the business day stands, as it is where the log has this message.
 * SysCcy names one currency in which it has an account; without it all of them in the pool are meant. ce_id is
 * MsgHdr/MsgId. The answer is a camt.019 (day-report).
 */
export const DayQuerySchema = message({
  Document: closed({
    GetBizDayInf: closed({
      MsgHdr: messageHeader,
      BizDayInfQryDef: Type.Optional(
        closed({
          QryTp: Type.Optional(oneOf('ALLL')),
          Crit: closed({
            NewCrit: closed({ SchCrit: once(closed({ SysCcy: once(currencyCode) })) }),
          }),
        }),
      ),
    }),
  }),
});

type DayQuery = Pick<QueryRequest, 'id' | 'currency'>;

export function writeDayQuery({ id, currency }: DayQuery, createdAtMs: number): Uint8Array {
  return documentBytes<typeof DayQuerySchema>({
    Document: {
      GetBizDayInf: {
        MsgHdr: writeHeader(id, createdAtMs),
        ...(currency !== null && {
          BizDayInfQryDef: { Crit: { NewCrit: { SchCrit: [{ SysCcy: [currency] }] } } },
        }),
      },
    },
  });
}

const AT = '/Document/GetBizDayInf/BizDayInfQryDef/Crit/NewCrit/SchCrit/0/SysCcy/0';

export const readDayQuery = reader(
  DayQuerySchema,
  ({ Document }, currencies): QueryRequest | Refusal => {
    const { MsgHdr, BizDayInfQryDef } = Document.GetBizDayInf;
    const currency = BizDayInfQryDef?.Crit.NewCrit.SchCrit[0].SysCcy[0] ?? null;
    if (currency !== null && !currencies.has(currency))
      return unknownCurrency(currency, AT, currencies);
    return { id: MsgHdr.MsgId, sender: null, currency };
  },
);
