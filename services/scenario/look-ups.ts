/** Names of a scenario's file to numbers, with an error that names the place of what is unknown. */

import { parseMinor } from './decimal-amounts.ts';
import { didYouMean } from './did-you-mean.ts';
import { formatInstant, instantMs, joinDayTime, splitDayTime } from './local-time-to-instant.ts';
import type { OpenHours, ScenarioCurrency, ScenarioParticipant, ScenarioPool } from './scenario.ts';
import type { Fail, Path } from './scenario-error.ts';

/** What names are looked up in. */
export interface ScenarioTables {
  readonly businessDates: readonly string[];
  /** Zone of the times of events and of the CSV of payments. */
  readonly zone: string;
  readonly pools: readonly ScenarioPool[];
  readonly currencies: readonly ScenarioCurrency[];
  readonly participants: readonly ScenarioParticipant[];
}

/** The tables with their look-ups; each fails, at the path given, where the name is unknown. */
export interface LookUps extends ScenarioTables {
  readonly fail: Fail;
  /** False: what banks send was recorded, and needs no hours in which to be drawn. */
  readonly draws?: boolean;
  currency(path: Path, code: string): number;
  participant(path: Path, bic: string): number;
  /** Fails unless the participant has an account in the currency. */
  needAccount(path: Path, participant: number, currency: number): void;
  /** An amount in minor units of the currency. */
  amount(path: Path, text: string, currency: number): bigint;
  /** The index of a business date; the first one where none is given. */
  dateIndex(path: Path, date: string | undefined): number;
  /** The instant of a time of day (01:00, or 01:00+1), in the scenario's zone and inside that date's day. */
  momentMs(path: Path, dateIndex: number, time: string): number;
}

export function lookUpsOver(tables: ScenarioTables, fail: Fail): LookUps {
  const { businessDates, zone, currencies, participants } = tables;
  const codes = currencies.map(({ code }) => code);
  const numberOfCode = new Map(codes.map((code, number) => [code, number]));
  const numberOfBic = new Map(participants.map(({ bic }, number) => [bic, number]));
  const numberOfDate = new Map(businessDates.map((date, index) => [date, index]));
  const days = businessDates.map((_, index) => dayOf(currencies, index));
  // Minutes, not times: a table of payments asks for many times within few minutes.
  const minutes = new Map<string, number>();
  const minuteMs = (date: string, minute: string): number => {
    const key = `${date} ${minute}`;
    const atMs = minutes.get(key) ?? instantMs(date, minute, zone);
    minutes.set(key, atMs);
    return atMs;
  };
  // Rows in order have one time again and again.
  let last = { dateIndex: -1, dayTime: '', atMs: 0 };
  return {
    ...tables,
    fail,
    currency: (path, code) =>
      numberOfCode.get(code) ??
      fail(path, `a currency of the scenario (${codes.join(', ')})`, code),
    participant: (path, bic) =>
      numberOfBic.get(bic) ??
      fail(path, `a participant of the scenario${didYouMean(bic, numberOfBic.keys())}`, bic),
    needAccount(path, participant, currency) {
      const { accounts, bic } = participants[participant]!;
      for (const account of accounts) if (account.currency === currency) return;
      fail(path, `a participant with an account in ${codes[currency]}`, bic);
    },
    amount(path, text, currency) {
      const { code, minorUnits } = currencies[currency]!;
      const minor = parseMinor(text, code, minorUnits);
      return typeof minor === 'bigint' ? minor : fail(path, minor.expected, text);
    },
    dateIndex: (path, date) =>
      (date === undefined ? 0 : numberOfDate.get(date)) ??
      fail(path, `one of the business dates (${businessDates.join(', ')})`, date),
    momentMs(path, dateIndex, dayTime) {
      if (dayTime === last.dayTime && dateIndex === last.dateIndex) return last.atMs;
      const { time, days: daysAfter } = splitDayTime(dayTime);
      const atMs =
        minuteMs(businessDates[dateIndex]!, joinDayTime(time.slice(0, 5), daysAfter)) +
        Math.round(Number(time.slice(6)) * 1000);
      const { opensMs, closesMs } = days[dateIndex]!;
      if (atMs >= opensMs && atMs <= closesMs) {
        last = { dateIndex, dayTime, atMs };
        return atMs;
      }
      const span = `${formatInstant(opensMs, zone)} to ${formatInstant(closesMs, zone)} ${zone}`;
      return fail(path, `a time inside the day, ${span}`, dayTime);
    },
  };
}

/** From the first opening to the last close of a date, over all currencies. */
function dayOf(currencies: readonly ScenarioCurrency[], dateIndex: number): OpenHours {
  const open = currencies.map(({ hours }) => hours[dateIndex]).filter((hours) => !!hours);
  return {
    opensMs: Math.min(...open.map(({ opensMs }) => opensMs)),
    closesMs: Math.max(...open.map(({ closesMs }) => closesMs)),
  };
}
