import {
  BANK_OUTAGE_CLOCK_MS,
  BANK_OUTAGE_EVIDENCE_MIN,
  BANK_OUTAGE_MINUTES_MIN,
  BANK_OUTAGE_RANGE_MS,
  BANK_OUTAGE_SHARE_MIN,
  BANK_OUTAGE_SILENCE_MS,
  BANK_SILENCE_PAUSE_MAX_MS,
  USUAL_DAYS_MIN,
} from '../live/alert-thresholds.ts';
import { type DaySums, dayOf } from './bank-amounts-by-day.ts';
import { DAY_MINUTES, MINUTE_MS, type MinuteCounts, minuteOf } from './minute-counts.ts';

/** What a bank, or all banks, did in a currency. */
export interface Sent {
  /** Minutes in which it sent; of all banks how many did. */
  readonly minutes: MinuteCounts;
  /** Settled from it, by day. */
  readonly settled: DaySums;
}

export interface Sender {
  latestMs: number;
  /** By currency. */
  readonly sent: Map<string, Sent>;
}

/** A large bank that does not send: live/alert-thresholds.ts has the rule. */
export interface BankOutage {
  readonly bic: string;
  /** Begin of the minute of its last message, ms. */
  readonly latestMs: number;
  /** Of its largest share, among its currencies that are at work. */
  readonly currency: string;
}

const CLOCK = BANK_OUTAGE_CLOCK_MS / MINUTE_MS;
const SILENCE = BANK_OUTAGE_SILENCE_MS / MINUTE_MS;
/** Today is the last day of the range. */
const DAYS_BEFORE = BANK_OUTAGE_RANGE_MS / MINUTE_MS / DAY_MINUTES - 1;

/** @param now minute that has only begun: those before it count */
export function outages(
  senders: ReadonlyMap<string, Sender>,
  active: ReadonlyMap<string, Sent>,
  now: number,
): BankOutage[] {
  const found: BankOutage[] = [];
  for (const [bic, { latestMs, sent }] of senders) {
    const latest = minuteOf(latestMs);
    if (now - latest <= BANK_OUTAGE_MINUTES_MIN) continue;
    let [share, currency] = [0, ''];
    for (const [code, own] of sent) {
      const all = active.get(code);
      const part = all ? shareOf(own, all, now) : 0;
      if (part > share) [share, currency] = [part, code];
    }
    if (share < BANK_OUTAGE_SHARE_MIN) continue;
    let [evidence, missed] = [0, 0];
    for (const [code, own] of sent) {
      const all = active.get(code);
      if (!all || !isAtWork(all.minutes, now)) continue;
      const said = silenceOf(own.minutes, all.minutes, latest, now);
      evidence += said.evidence;
      missed = Math.max(missed, said.missed);
    }
    if (evidence > BANK_OUTAGE_EVIDENCE_MIN && missed >= BANK_OUTAGE_MINUTES_MIN)
      found.push({ bic, latestMs, currency });
  }
  return found;
}

const isAtWork = ({ minutes }: MinuteCounts, now: number): boolean => {
  const last = minutes.at(-1) ?? 0;
  return (now - last) * MINUTE_MS <= BANK_SILENCE_PAUSE_MAX_MS;
};

function shareOf(own: Sent, all: Sent, now: number): number {
  const day = dayOf(now * MINUTE_MS);
  const total = all.settled.upTo(day);
  return total === 0n ? 0 : Number(own.settled.upTo(day)) / Number(total);
}

/** What the minutes after `latest` say. */
function silenceOf(own: MinuteCounts, all: MinuteCounts, latest: number, now: number) {
  let [evidence, missed] = [0, 0];
  const begin = Math.max(latest + 1, now - SILENCE);
  for (let from = begin; from < now; from = nextClock(from)) {
    const { exposure } = sentIn(own, all, from, Math.min(nextClock(from), now));
    if (exposure === 0) continue;
    const rates = ratesBefore(own, all, nextClock(from) - CLOCK);
    if (rates.length < USUAL_DAYS_MIN) continue;
    missed += exposure;
    evidence -= exposure * Math.log(1 - Math.min(...rates));
  }
  return { evidence, missed };
}

const nextClock = (minute: number): number => (Math.floor(minute / CLOCK) + 1) * CLOCK;

/** Of the days before on which others sent in these minutes of the clock. */
function ratesBefore(own: MinuteCounts, all: MinuteCounts, clock: number): number[] {
  const rates: number[] = [];
  for (let day = 1; day <= DAYS_BEFORE; day++) {
    const from = clock - day * DAY_MINUTES;
    const { hits, exposure } = sentIn(own, all, from, from + CLOCK);
    if (exposure > 0) rates.push(hits / (exposure + 1));
  }
  return rates;
}

/** Minutes from `from` to before `until` in which others sent, and of these those in which the bank did. */
function sentIn(own: MinuteCounts, all: MinuteCounts, from: number, until: number) {
  let [hits, exposure] = [0, 0];
  for (let index = all.from(from); index < all.minutes.length; index++) {
    const minute = all.minutes[index] as number;
    if (minute >= until) break;
    const isOwn = own.has(minute);
    if ((all.counts[index] as number) === (isOwn ? 1 : 0)) continue;
    exposure += 1;
    if (isOwn) hits += 1;
  }
  return { hits, exposure };
}
