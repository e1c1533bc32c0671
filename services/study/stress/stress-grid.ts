/**
 * A stress test as a study: each bank fails at each hour, without and with the others' reaction. A failure is
 * an outage of the scenario, so each cell is what `corridor run` gives with the same overrides.
 */
import { posix } from 'node:path';
import { BadInput } from '../../platform/exit-codes.ts';
import { referenceValue } from '../../report/reference-rates.ts';
import { didYouMean } from '../../scenario/did-you-mean.ts';
import { type LoadOptions, loadScenario } from '../../scenario/load-scenario.ts';
import {
  dayTimeText,
  formatInstant,
  instantMs,
  joinDayTime,
} from '../../scenario/local-time-to-instant.ts';
import type { OpenHours, Scenario } from '../../scenario/scenario.ts';
import type { Dimension, Option } from '../grid.ts';
import type { StudyFile } from '../study-file.ts';
import { type QueuedToFailed, REACTIONS } from './stress-dimensions.ts';

/** The options of the command, as they were given. */
export interface StressOptions {
  readonly scenario: string;
  readonly set: readonly string[];
  /** Undefined: every bank, every full hour, the first business date. */
  readonly banks?: readonly string[];
  readonly hours?: readonly string[];
  readonly date?: string;
  readonly lengthSeconds: number | null;
  readonly reactionAfterSeconds: number;
  readonly queued: QueuedToFailed;
}

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?<days>[+-][12])?$/;
/** Calendar days that a business date's day may touch, from the date; the date itself goes first. */
const DAYS = [0, 1, -1, 2, -2];
const FULL_HOURS = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);

/**
 * @throws ScenarioError or BadInput whose message is one line: option, value, expectation
 */
export function readStress(options: StressOptions, readFile: LoadOptions['readFile']): StudyFile {
  const { scenario: file, set, lengthSeconds, reactionAfterSeconds, queued } = options;
  const scenario = loadScenario(file, { readFile, set });
  if (lengthSeconds !== null && reactionAfterSeconds >= lengthSeconds)
    throw new BadInput(
      `--reaction-after ${spanWord(reactionAfterSeconds)}${reactionAfterSeconds === REACTION_AFTER_SECONDS ? ' (its default)' : ''}: expected less than --length ${spanWord(lengthSeconds)}`,
    );
  const date = dateOf(options, scenario);
  const failures = { ...options, date: date.text };
  const dimensions = [
    banksOf(options, scenario, date.index === 0 ? '' : `, date: ${date.text}`),
    hoursOf(failures, scenario, dayOf(scenario, date.index)),
    reactionsOf(options, scenario),
  ];
  const study = {
    name: `${scenario.name}-stress`,
    description: '',
    scenarioFile: posix.normalize(file),
    dimensions,
    seeds: [scenario.seed],
    stress: {
      ...{ set, date: date.text, zone: scenario.document.zone },
      ...{ lengthSeconds, reactionAfterSeconds, queued },
      referenceCurrency: referenceValue(scenario)?.currency ?? null,
    },
  };
  return {
    study,
    place: (dimension, option) =>
      `${PLACES[dimension]} ${dimensions[dimension]?.options[option]?.label}`,
    datesPlace: '',
    dayFiles: [],
    decimals: Object.fromEntries(
      scenario.currencies.map(({ code, minorUnits }) => [code, minorUnits]),
    ),
  };
}

/** What `--reaction-after` is where it is not given. */
export const REACTION_AFTER_SECONDS = 1800;

/** As an option has it. */
export const spanWord = (seconds: number): string =>
  seconds % 60 > 0 || seconds === 0
    ? `${seconds}s`
    : seconds % 3600 > 0
      ? `${seconds / 60}m`
      : `${seconds / 3600}h`;

const PLACES = ['--banks', '--hours', '--reaction-after'];

function dateOf({ date }: StressOptions, { businessDates }: Scenario) {
  const text = date ?? (businessDates[0] as string);
  const index = businessDates.indexOf(text);
  if (index < 0)
    throw new BadInput(
      `--date ${text}: expected one of the scenario's business dates, ${businessDates.join(', ')}`,
    );
  return { text, index };
}

/** From the first opening to the last close of a date. */
function dayOf({ currencies }: Scenario, dateIndex: number): OpenHours {
  const open = currencies.flatMap(({ hours }) => hours[dateIndex] ?? []);
  return {
    opensMs: Math.min(...open.map(({ opensMs }) => opensMs)),
    closesMs: Math.max(...open.map(({ closesMs }) => closesMs)),
  };
}

function banksOf({ banks, set }: StressOptions, scenario: Scenario, date: string): Dimension {
  const known = scenario.participants.map(({ bic }) => bic);
  if (banks !== undefined) refuseNone('--banks', banks, 'participants, such as AAAADE00,BBBBDE00');
  for (const bank of banks ?? [])
    if (!known.includes(bank))
      throw new BadInput(
        `--banks: ${bank}: expected a participant of the scenario${didYouMean(bank, known)}`,
      );
  return {
    name: 'bank',
    options: (banks ?? known).map((bank) =>
      option(bank, [...set, `events.outages.+={ participant: ${bank}, from: "00:00"${date} }`]),
    ),
  };
}

const option = (label: string, set: readonly string[]): Option => ({ label, set, scale: null });

/** The path of the outage that a bank's option adds behind those of the scenario. */
const outagePath = ({ document }: Scenario) => `events.outages.${document.events.outages.length}`;

function hoursOf(
  { hours, date, lengthSeconds }: StressOptions & { readonly date: string },
  scenario: Scenario,
  { opensMs, closesMs }: OpenHours,
): Dimension {
  const { zone } = scenario.document;
  const msOf = (hour: string) => instantMs(date, hour, zone);
  const isInside = (hour: string) => msOf(hour) >= opensMs && msOf(hour) < closesMs;
  const span = `from ${formatInstant(opensMs, zone)} until before ${formatInstant(closesMs, zone)} ${zone}`;
  const given = hours?.map((hour) => {
    const clock = CLOCK.exec(hour);
    if (clock === null)
      throw new BadInput(
        `--hours: ${hour}: expected a time of day as HH:MM or HH:MM:SS, such as 09:00, or 01:00+1 on the calendar day after the date`,
      );
    const named = clock.groups?.days === undefined ? onDays(hour) : [hour];
    const inside = named.find(isInside);
    if (inside === undefined)
      throw new BadInput(`--hours: ${hour}: expected a time inside the day, ${span}`);
    return inside;
  });
  if (given !== undefined) refuseNone('--hours', given, 'times of day, such as 09:00,10:00');
  const all = given ?? fullHours(date, zone).filter(isInside);
  if (all.length === 0)
    throw new BadInput(`--hours: missing: expected times ${span}, as no full hour is among them`);
  const path = outagePath(scenario);
  const until = (hour: string): string | null => {
    if (lengthSeconds === null) return null;
    const endMs = msOf(hour) + lengthSeconds * 1000;
    if (endMs < closesMs) return endText(endMs, hour);
    // After the last close of all nothing is sent.
    if (date === scenario.businessDates.at(-1)) return null;
    throw new BadInput(
      `--length ${lengthSeconds}s: at ${hour} the outage would last beyond ${formatInstant(closesMs, zone)} ${zone}: expected a shorter one, or earlier --hours`,
    );
  };
  const endText = (endMs: number, hour: string): string => {
    const end = dayTimeText(date, endMs, zone);
    if (msOf(end) === endMs) return end;
    // Clocks go back: the scenario takes such a time for the first of the two.
    throw new BadInput(
      `--length ${lengthSeconds}s: at ${hour} the outage would end at the second ${end} of that night in ${zone}: expected another one, or other --hours`,
    );
  };
  return {
    name: 'hour',
    options: all.map((hour) => {
      const end = until(hour);
      return option(hour, [
        `${path}.from=${hour}`,
        ...(end === null ? [] : [`${path}.until=${end}`]),
      ]);
    }),
  };
}

/** A time of day on each calendar day that the day may touch, as an outage writes it. */
const onDays = (time: string): string[] => DAYS.map((days) => joinDayTime(time, days));

/** In order of time. An hour that the zone skips would be the next one once more. */
const fullHours = (date: string, zone: string): string[] =>
  [...DAYS]
    .sort((a, b) => a - b)
    .flatMap((days) =>
      FULL_HOURS.filter((hour) => {
        const atMs = instantMs(date, joinDayTime(hour, days), zone);
        return dayTimeText(date, atMs, zone) === joinDayTime(`${hour}:00`, days);
      }).map((hour) => joinDayTime(hour, days)),
    );

function reactionsOf(
  { reactionAfterSeconds, queued }: StressOptions,
  scenario: Scenario,
): Dimension {
  const path = outagePath(scenario);
  const [without, reaction] = REACTIONS;
  return {
    name: 'reaction',
    options: [
      option(without, []),
      option(reaction, [
        `${path}.othersStopPayingAfterSeconds=${reactionAfterSeconds}`,
        `${path}.queuedToIt=${queued}`,
      ]),
    ],
  };
}

function refuseNone(name: string, values: readonly string[], expected: string): void {
  if (values.length === 0) throw new BadInput(`${name}: an empty list: expected ${expected}`);
  const again = values.find((value, index) => values.indexOf(value) !== index);
  if (again !== undefined) throw new BadInput(`${name}: ${again}: expected each once`);
}
