import type { SettlementTimes } from '../protocol/messages/instruction.ts';
import { timeOnDate } from '../protocol/messages/settlement-times.ts';
import { dayNumber } from '../protocol/names/dates.ts';
import type { PlannedPayment } from '../scenario/planned-payment.ts';
import type { PlannedRequest } from '../scenario/planned-requests.ts';
import type { PlannedQuote } from '../scenario/rates-and-rounding.ts';

/**
 * What a scenario plans, moved to the present. Who pays whom, UETRs, amounts and rates are the plan's;
 * times are the machine's, and the settlement date is today's.
 */
export interface Present {
  /** Ms since 1970. */
  readonly nowMs: number;
  /** Scenario seconds for one second. */
  readonly speed: number;
  readonly seed: number;
}

const DAY_MS = 86_400_000;
/** A network goes over to its next date within so much of midnight UTC. */
const MIDNIGHT_MS = 2_000;
/**
 * A driven quote holds for a day: pauses, a log that was away and another speed must not let it run
 * out before the next one comes.
 */
const QUOTE_VALID_MS = DAY_MS;

/** The business date of a network that is open around the clock, YYYY-MM-DD. */
export const businessDateAt = (nowMs: number): string =>
  new Date(nowMs - MIDNIGHT_MS).toISOString().slice(0, 10);

export function presentPayment(planned: PlannedPayment, present: Present): PlannedPayment {
  const businessDate = businessDateAt(present.nowMs);
  return {
    ...planned,
    atMs: present.nowMs,
    businessDate,
    times: planned.times && presentTimes(planned, planned.times, businessDate, present),
  };
}

/** Times so long from now as the plan has them from the sending, at the present speed. */
function presentTimes(
  { atMs, businessDate: plannedDate }: PlannedPayment,
  { earliest, latest }: SettlementTimes,
  businessDate: string,
  { nowMs, speed }: Present,
): SettlementTimes | null {
  const dayBeforeMs = ((dayNumber(plannedDate) ?? 0) - 1) * DAY_MS;
  const moved = (seconds: number) => {
    if (seconds === 0) return 0;
    const inMs = (dayBeforeMs + seconds * 1000 - atMs) / speed;
    // Seconds are what a message can say; one that is to come must not be over when it is read.
    return onDate(nowMs + Math.max(1_000, inMs) + 999, businessDate);
  };
  const times = { earliest: moved(earliest), latest: moved(latest) };
  if (times.earliest > 0 && times.latest > 0 && times.latest <= times.earliest)
    return { ...times, latest: times.earliest + 1 };
  return times.earliest === 0 && times.latest === 0 ? null : times;
}

/** 0, which stands for no time, where a slow drive would reach beyond the date in every zone. */
function onDate(atMs: number, businessDate: string): number {
  try {
    return timeOnDate(atMs, businessDate);
  } catch (error) {
    if (error instanceof RangeError) return 0;
    throw error;
  }
}

/** Ids of requests are counted by scenario: the seed tells them apart in a network driven twice. */
export function presentRequest(planned: PlannedRequest, { nowMs, seed }: Present): PlannedRequest {
  const present = { ...planned, atMs: nowMs, id: requestId(planned.id, seed) };
  return present.kind === 'return' ? { ...present, businessDate: businessDateAt(nowMs) } : present;
}

export const requestId = (id: string, seed: number): string => `${id}.${seed}`;

export function presentQuote(planned: PlannedQuote, { nowMs }: Present): PlannedQuote {
  return { ...planned, atMs: nowMs, validUntilMs: nowMs + QUOTE_VALID_MS };
}
