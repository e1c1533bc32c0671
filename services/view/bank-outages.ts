import {
  BANK_OUTAGE_CLOCK_MS,
  BANK_OUTAGE_EVIDENCE_MIN,
  BANK_OUTAGE_HABIT_MIN,
  BANK_OUTAGE_MINUTES_MIN,
  BANK_OUTAGE_RANGE_MS,
  BANK_OUTAGE_SHARE_MIN,
  BANK_OUTAGE_SURE_MAX,
  BANK_SILENCE_PAUSE_MAX_MS,
} from '../live/alert-thresholds.ts';
import { type DaySums, dayOf } from './day-sums.ts';
import { MINUTE_MS, type MinuteCounts, minuteOf } from './minute-counts.ts';

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

const DAY = 1_440;
const CLOCK = BANK_OUTAGE_CLOCK_MS / MINUTE_MS;

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
    let [evidence, missed, share, currency] = [0, 0, 0, ''];
    for (const [code, own] of sent) {
      const all = active.get(code);
      if (!all) continue;
      const part = shareOf(own, all, now);
      const said = isAtWork(all.minutes, now)
        ? silenceOf(own.minutes, all.minutes, latest, now)
        : NOTHING;
      evidence += said.evidence;
      missed = Math.max(missed, said.missed);
      if (part <= share) continue;
      share = part;
      currency = code;
    }
    if (
      evidence > BANK_OUTAGE_EVIDENCE_MIN &&
      missed >= BANK_OUTAGE_MINUTES_MIN &&
      share >= BANK_OUTAGE_SHARE_MIN
    )
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

const NOTHING = { evidence: 0, missed: 0 };

function silenceOf(own: MinuteCounts, all: MinuteCounts, latest: number, now: number) {
  const { minutes, counts } = all;
  const since: number[] = [];
  let [hits, exposure, at] = [0, 0, 0];
  for (
    let index = all.from(now - BANK_OUTAGE_RANGE_MS / MINUTE_MS);
    index < minutes.length;
    index++
  ) {
    const minute = minutes[index] as number;
    if (minute >= now) break;
    while ((own.minutes[at] ?? minute) < minute) at += 1;
    const isOwn = own.minutes[at] === minute;
    const others = (counts[index] as number) - (isOwn ? 1 : 0);
    if (others === 0) continue;
    if (minute > latest) since.push(others);
    else if (minute > latest - CLOCK || apart(minute, now) <= CLOCK) {
      exposure += others;
      if (isOwn) hits += 1;
    }
  }
  if (hits < BANK_OUTAGE_HABIT_MIN) return NOTHING;
  const ratio = hits / exposure;
  const evidence = since.reduce(
    (sum, others) => sum - Math.log(1 - Math.min(BANK_OUTAGE_SURE_MAX, ratio * others)),
    0,
  );
  return { evidence, missed: since.length };
}

/** How far apart two minutes are on the clock. */
function apart(minute: number, other: number): number {
  const ahead = (other - minute) % DAY;
  return Math.min(ahead, DAY - ahead);
}
