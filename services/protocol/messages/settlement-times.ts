import { type Static, Type } from '@sinclair/typebox';
import { dateText, dayNumber } from '../names/dates.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { standard, timeWithZone } from './document.ts';
import type { SettlementTimes } from './instruction.ts';

/**
 * SttlmTmReq of a payment: FrTm, before which it is not queued, and RjctTm, at which it is cancelled
 * if it has not settled. Both are ISO times with a zone (10:00:00+01:00) on the settlement date in
 * that zone. TillTm and CLSTm ask for no rejection and are delivered as they are.
 *
 * Records carry them as seconds after 00:00 UTC of the day before the settlement date, because a
 * zone east of UTC begins its day then.
 */
export const settlementTimeRequest = Type.Optional(
  standard('SettlementTimeRequest2', {
    FrTm: Type.Optional(timeWithZone),
    RjctTm: Type.Optional(timeWithZone),
  }),
);
type Request = Static<typeof settlementTimeRequest>;

const DAY_SECONDS = 86_400;
const NO_TIMES: SettlementTimes = { earliest: 0, latest: 0 };

/**
 * Reads the request; the latest time must lie after the earliest.
 * @param path where the request stands, as a JSON pointer
 */
export function readTimes(request: Request | undefined, path = ''): SettlementTimes | Refusal {
  if (!request) return NO_TIMES;
  const earliest = request.FrTm === undefined ? 0 : timeSeconds(request.FrTm);
  const latest = request.RjctTm === undefined ? 0 : timeSeconds(request.RjctTm);
  if (earliest > 0 && latest > 0 && latest <= earliest)
    return refuse(
      'settlement-times',
      `${path}/RjctTm`,
      request.RjctTm,
      `must be after FrTm ${request.FrTm}`,
    );
  return { earliest, latest };
}

export const hasTimes = ({ earliest, latest }: SettlementTimes): boolean =>
  earliest > 0 || latest > 0;

/** A time with a zone as records carry it. */
export function timeSeconds(time: string): number {
  const part = (at: number) => Number(time.slice(at, at + 2));
  const ofDay = part(0) * 3600 + part(3) * 60 + part(6);
  const sign = { Z: 0, '+': -1, '-': 1 }[time[8] as 'Z' | '+' | '-'];
  const offset = sign === 0 ? 0 : part(9) * 3600 + part(12) * 60;
  return DAY_SECONDS + ofDay + sign * offset;
}

/** The same of an instant, as a text in UTC or the zone nearest to it that has the date. */
export const timeOnDateText = (atMs: number, settlementDate: string): string =>
  timeText(timeOnDate(atMs, settlementDate));

/** The request for two instants, in UTC; null stands for none. Inverse of `readTimes`. */
export function writeTimes({ earliest, latest }: SettlementTimes): Request | null {
  if (!hasTimes({ earliest, latest })) return null;
  return {
    ...(earliest > 0 && { FrTm: timeText(earliest) }),
    ...(latest > 0 && { RjctTm: timeText(latest) }),
  };
}

/**
 * A time on the settlement date in UTC where that can say it, else in the whole-hour zone nearest to
 * UTC in which the instant falls on that date.
 */
function timeText(fromDayBefore: number): string {
  const shift =
    fromDayBefore < DAY_SECONDS
      ? Math.ceil((DAY_SECONDS - fromDayBefore) / 3600)
      : fromDayBefore < 2 * DAY_SECONDS
        ? 0
        : -Math.floor((fromDayBefore - 2 * DAY_SECONDS) / 3600) - 1;
  const local = fromDayBefore + shift * 3600 - DAY_SECONDS;
  const two = (number: number) => String(number).padStart(2, '0');
  const zone = shift === 0 ? 'Z' : `${shift < 0 ? '-' : '+'}${two(Math.abs(shift))}:00`;
  return `${two(Math.floor(local / 3600))}:${two(Math.floor(local / 60) % 60)}:${two(local % 60)}${zone}`;
}

/**
 * An instant as a record carries it; 0 where there is none.
 * @throws RangeError for an instant that no zone has on the settlement date
 */
export function timeOnDate(atMs: number | null, settlementDate: string): number {
  if (atMs === null) return 0;
  const day = dayNumber(settlementDate);
  if (day === null) throw new RangeError(`${settlementDate} is no date`);
  const value = Math.floor(atMs / 1000) - (day - 1) * DAY_SECONDS;
  // Zones reach from UTC+14 to UTC-14.
  if (value < 10 * 3600 || value > LAST_SECONDS)
    throw new RangeError(`${new Date(atMs).toISOString()} is not on ${dateText(day)} in any zone`);
  return value;
}

const LAST_SECONDS = 2 * DAY_SECONDS + 14 * 3600 - 1;

/**
 * The instant of a time as records carry it.
 * @param settlementDate days since 1970
 * @returns ms since 1970
 */
export const instantOf = (settlementDate: number, seconds: number): number =>
  ((settlementDate - 1) * DAY_SECONDS + seconds) * 1000;

/** The last instant that some zone has on a date. */
export const timeOnDateMostMs = (settlementDate: string): number =>
  instantOf(dayNumber(settlementDate) as number, LAST_SECONDS);
