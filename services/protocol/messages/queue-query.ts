import { Type } from '@sinclair/typebox';
import { ASSET_PATTERN } from '../names/currency-and-isin.ts';
import type { Refusal } from '../rules/refusal.ts';
import { unknownCurrency } from './amounts.ts';
import {
  closed,
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
 * camt.005.001.08 in JSON: the sender asks what of its own waits, as it is where the log has this message.
 * AcctId names one account by its currency; without it all accounts of the pool are meant. ce_id is MsgHdr/MsgId.
 * The answer is a camt.006 (queue-report).
 */
export const QueueQuerySchema = message({
  Document: closed({
    GetTx: closed({
      MsgHdr: messageHeader,
      TxQryDef: Type.Optional(
        closed({
          QryTp: Type.Optional(oneOf('ALLL')),
          TxCrit: closed({
            NewCrit: closed({
              SchCrit: once(
                closed({
                  AcctNtrySch: closed({
                    AcctId: once(
                      closed({
                        EQ: closed({
                          Othr: closed({ Id: Type.String({ pattern: ASSET_PATTERN }) }),
                        }),
                      }),
                    ),
                  }),
                }),
              ),
            }),
          }),
        }),
      ),
    }),
  }),
});

type QueueQuery = Pick<QueryRequest, 'id' | 'currency'>;

export function writeQueueQuery({ id, currency }: QueueQuery, createdAtMs: number): Uint8Array {
  return documentBytes<typeof QueueQuerySchema>({
    Document: {
      GetTx: {
        MsgHdr: writeHeader(id, createdAtMs),
        ...(currency !== null && {
          TxQryDef: {
            TxCrit: {
              NewCrit: {
                SchCrit: [{ AcctNtrySch: { AcctId: [{ EQ: { Othr: { Id: currency } } }] } }],
              },
            },
          },
        }),
      },
    },
  });
}

const AT = '/Document/GetTx/TxQryDef/TxCrit/NewCrit/SchCrit/0/AcctNtrySch/AcctId/0/EQ/Othr/Id';

export const readQueueQuery = reader(
  QueueQuerySchema,
  ({ Document }, currencies): QueryRequest | Refusal => {
    const { MsgHdr, TxQryDef } = Document.GetTx;
    const currency = TxQryDef?.TxCrit.NewCrit.SchCrit[0].AcctNtrySch.AcctId[0].EQ.Othr.Id ?? null;
    if (currency !== null && !currencies.has(currency))
      return unknownCurrency(currency, AT, currencies);
    return { id: MsgHdr.MsgId, sender: null, currency };
  },
);
