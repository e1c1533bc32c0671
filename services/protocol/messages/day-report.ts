import { type Static, Type } from '@sinclair/typebox';
import { dateText, isoTime } from '../names/dates.ts';
import {
  closed,
  currencyCode,
  documentBytes,
  id35,
  isoDate,
  once,
  oneOf,
  text,
  utcTime,
} from './document.ts';
import { DAY_QUERY } from './message-types.ts';

/**
 * camt.019.001.07 in JSON: what answers a camt.018. One report for each currency, because each has a business date
 * of its own. SysSts: ACTV it is open, CLSG its cut-off has passed, CLSD it has closed.
 */
export const DAY_REPORT = 'camt.019.001.07';

const EVENT_NAMES = ['OPENING', 'CUT-OFF', 'CLOSING'] as const;
type EventName = (typeof EVENT_NAMES)[number];
const dayEvent = closed({
  Tp: closed({ Prtry: closed({ Id: oneOf(...EVENT_NAMES) }) }),
  SchdldTm: utcTime,
  FctvTm: Type.Optional(utcTime),
});
const information = closed({
  SysDt: closed({ Dt: isoDate }),
  SysSts: closed({ Sts: closed({ Cd: oneOf('ACTV', 'CLSG', 'CLSD') }) }),
  SysInfPerCcy: once(
    closed({
      SysCcy: currencyCode,
      Evt: Type.Array(dayEvent, { minItems: 3, maxItems: 3 }),
    }),
  ),
});
const failure = once(closed({ Err: closed({ Prtry: text(35) }), Desc: text(140) }));

export const DayReportSchema = closed({
  Document: closed({
    RtrBizDayInf: closed({
      MsgHdr: closed({
        MsgId: text(35),
        CreDtTm: utcTime,
        OrgnlBizQry: closed({ MsgId: id35, MsgNmId: text(35) }),
      }),
      RptOrErr: Type.Union([
        closed({
          BizRpt: Type.Array(
            closed({
              SysId: once(closed({ MktInfrstrctrId: closed({ Prtry: text(35) }) })),
              BizDayOrErr: Type.Union([
                closed({ BizDayInf: information }),
                closed({ BizErr: failure }),
              ]),
            }),
            { minItems: 1 },
          ),
        }),
        closed({ OprlErr: failure }),
      ]),
    }),
  }),
});

/** How the business date of a currency stands, in ms. */
export interface CurrencyDay {
  readonly currency: string;
  /** Null: it has not opened yet. */
  readonly day: {
    /** Days since 1970. */
    readonly date: number;
    readonly openedMs: number;
    readonly cutOffMs: number;
    /** Null: it is open. */
    readonly closedMs: number | null;
  } | null;
}

export interface DayReportHead {
  readonly messageId: string;
  readonly createdAtMs: number;
  /** Of the camt.018. */
  readonly queryId: string;
  readonly network: string;
}

export function writeDayReport(
  { messageId, createdAtMs, queryId, network }: DayReportHead,
  days: readonly CurrencyDay[],
): Uint8Array {
  const reports = days.map((one) => ({
    SysId: [{ MktInfrstrctrId: { Prtry: network.slice(0, 35) } }] as [
      { MktInfrstrctrId: { Prtry: string } },
    ],
    BizDayOrErr: one.day
      ? { BizDayInf: informationOf(one.currency, one.day, createdAtMs) }
      : { BizErr: error('NOT-OPENED', `${one.currency} has not opened yet`) },
  }));
  return documentBytes<typeof DayReportSchema>({
    Document: {
      RtrBizDayInf: {
        MsgHdr: {
          MsgId: messageId,
          CreDtTm: isoTime(createdAtMs),
          OrgnlBizQry: { MsgId: queryId, MsgNmId: DAY_QUERY },
        },
        RptOrErr:
          reports.length > 0
            ? { BizRpt: reports }
            : { OprlErr: error('NO-CURRENCY', 'You have no account in a currency of the pool') },
      },
    },
  });
}

const error = (Prtry: string, Desc: string): Static<typeof failure> => [{ Err: { Prtry }, Desc }];

function informationOf(
  currency: string,
  { date, openedMs, cutOffMs, closedMs }: NonNullable<CurrencyDay['day']>,
  atMs: number,
): Static<typeof information> {
  const isPast = cutOffMs <= atMs;
  const event = (Id: EventName, scheduledMs: number, effectiveMs: number | null) => ({
    Tp: { Prtry: { Id } },
    SchdldTm: isoTime(scheduledMs),
    ...(effectiveMs !== null && { FctvTm: isoTime(effectiveMs) }),
  });
  return {
    SysDt: { Dt: dateText(date) },
    SysSts: { Sts: { Cd: closedMs !== null ? 'CLSD' : isPast ? 'CLSG' : 'ACTV' } },
    SysInfPerCcy: [
      {
        SysCcy: currency,
        Evt: [
          event('OPENING', openedMs, openedMs),
          // Who closes earlier cuts off then.
          event('CUT-OFF', cutOffMs, isPast ? Math.min(cutOffMs, closedMs ?? cutOffMs) : closedMs),
          event('CLOSING', cutOffMs, closedMs),
        ],
      },
    ],
  };
}
