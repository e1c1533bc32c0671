import { Type } from '@sinclair/typebox';
import { closed, documentBytes, once, oneOf, text, utcTime } from '../messages/document.ts';
import { isoTime } from '../names/dates.ts';

/**
 * admi.004.001.02 in JSON: what the system tells a participant of no message of its own. Here: how many
 * notices of messages that failed authentication were not told one by one.
 */
export const SYSTEM_EVENT = 'admi.004.001.02';

/** All that a system event has. */
export const SystemEventSchema = closed({
  Document: closed({
    SysEvtNtfctn: closed({
      EvtInf: closed({
        EvtCd: oneOf('DS0B'),
        EvtParam: once(Type.String({ pattern: '^[0-9]{1,15}$' })),
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

/** Whether a message of `statuses.<BIC>` is one, and no status and no answer. */
export const isSystemEvent = (payload: Uint8Array): boolean =>
  Buffer.from(payload.subarray(0, 32)).includes('{"Document":{"SysEvtNtfctn"');

/** EvtCd is DS0B as in the notices, EvtParam the count, EvtTm the beginning of the minute. */
export function writeWithheldNotices({ count, fromMs, toldAtMs }: WithheldNotices): Uint8Array {
  return documentBytes<typeof SystemEventSchema>({
    Document: {
      SysEvtNtfctn: {
        EvtInf: {
          EvtCd: 'DS0B',
          EvtParam: [String(count)],
          EvtDesc: `${count} further messages that name you failed authentication in the minute from ${isoTime(fromMs)}, told at ${isoTime(toldAtMs)}. They change no payment's status. If they are yours, check network, topic, key id and line ends of the signed text; if not, somebody sends under your BIC: tell the operator`,
          EvtTm: isoTime(fromMs),
        },
      },
    },
  });
}
