import { Type } from '@sinclair/typebox';
import { isoTime } from '../names/dates.ts';
import { closed, documentBytes, oneOf, text, utcTime } from './document.ts';

/**
 * admi.004.001.02 in JSON: what the system tells a participant of no message of its own. How many notices of
 * messages that failed authentication were not told one by one; and the business day, currency by currency.
 */
export const SYSTEM_EVENT = 'admi.004.001.02';

/** All that a system event has: a count of notices, or what happened to a currency's business date. */
export const SystemEventSchema = closed({
  Document: closed({
    SysEvtNtfctn: closed({
      EvtInf: closed({
        EvtCd: oneOf('DS0B', 'OPEN', 'COFF', 'DLAY', 'CLSD'),
        EvtParam: Type.Array(text(35), { minItems: 1, maxItems: 3 }),
        EvtDesc: text(1000),
        EvtTm: utcTime,
      }),
    }),
  }),
});

export interface WithheldNotices {
  readonly count: number;
  /** When the minute of them began, and when this is told. */
  readonly fromMs: number;
  readonly toldAtMs: number;
}

const UNASKED = ['{"Document":{"SysEvtNtfctn"', '{"Allegement"', '{"ChnAllgmt"', '{"AttstnReq"'];
const UNASKED_IN_XML = ['<SysEvtNtfctn', '<Allegement', '<ChnAllgmt', '<AttstnReq'];
const LESS_THAN = 0x3c;

/**
 * Whether a message of `statuses.<BIC>` is about no message of the bank's own: a system event, a leg or
 * a chain that is alleged, or a chain that is to be attested. So it is no status and no answer.
 */
export const isUnasked = (payload: Uint8Array): boolean =>
  payload[0] === LESS_THAN
    ? UNASKED_IN_XML.some((element) => Buffer.from(payload).includes(element))
    : UNASKED.some((beginning) => Buffer.from(payload.subarray(0, 32)).includes(beginning));

/** EvtCd is DS0B as in the notices, EvtParam the count, EvtTm the beginning of the minute. */
export function writeWithheldNotices({ count, fromMs, toldAtMs }: WithheldNotices): Uint8Array {
  return documentBytes<typeof SystemEventSchema>({
    Document: {
      SysEvtNtfctn: {
        EvtInf: {
          EvtCd: 'DS0B',
          EvtParam: [String(count)],
          EvtDesc: `${count} further messages that name you could not be read or failed authentication in the minute from ${isoTime(fromMs)}, told at ${isoTime(toldAtMs)}. They change no payment's status. If they are yours, check network, topic, key id and line ends of the signed text; if not, somebody sends under your BIC: tell the operator`,
          EvtTm: isoTime(fromMs),
        },
      },
    },
  });
}

/** What happens to a currency's business date, by EvtCd. */
export const DAY_EVENTS = {
  OPEN: (currency: string, date: string, atMs: number) =>
    `${currency} is open for ${date}; its cut-off is at ${isoTime(atMs)}`,
  COFF: (currency: string, date: string, atMs: number) =>
    `The cut-off of ${currency} for ${date} was at ${isoTime(atMs)}; its close follows`,
  DLAY: (currency: string, date: string, atMs: number) =>
    `The close of ${currency} for ${date} is late: its cut-off was at ${isoTime(atMs)}`,
  CLSD: (currency: string, date: string, atMs: number) =>
    `${currency} closed for ${date} at ${isoTime(atMs)}`,
} as const;
export type DayEventCode = keyof typeof DAY_EVENTS;

export interface DayEvent {
  readonly code: DayEventCode;
  /** A currency, or a security by its ISIN. */
  readonly currency: string;
  /** Business date, YYYY-MM-DD. */
  readonly date: string;
  /** Of the cut-off; CLSD: when it closed. */
  readonly atMs: number;
  /** When it came about: state time of the pool. */
  readonly timeMs: number;
}

/** EvtParam: currency, business date, and the time that EvtDesc says. */
export function writeDayEvent({ code, currency, date, atMs, timeMs }: DayEvent): Uint8Array {
  return documentBytes<typeof SystemEventSchema>({
    Document: {
      SysEvtNtfctn: {
        EvtInf: {
          EvtCd: code,
          EvtParam: [currency, date, isoTime(atMs)],
          EvtDesc: DAY_EVENTS[code](currency, date, atMs),
          EvtTm: isoTime(timeMs),
        },
      },
    },
  });
}
