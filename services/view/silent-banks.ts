/** Which banks are shown as silent. After how long: live/alert-thresholds.ts. */
import {
  BANK_OUTAGE_RANGE_MS,
  BANK_SILENCE_MAX_MS,
  BANK_SILENCE_MINUTES_MIN,
  BANK_SILENCE_PAUSE_MAX_MS,
  BANK_SILENCE_RANGE_MS,
  USUAL_CLOCK_MS,
} from '../live/alert-thresholds.ts';
import { DaySums } from './bank-amounts-by-day.ts';
import { type BankOutage, outages, type Sender, type Sent } from './large-bank-outages.ts';
import { MINUTE_MS, MinuteCounts, minuteOf } from './minute-counts.ts';

/** What is usual is told from quarters of an hour around the same time of seven days before, too. */
const KEPT_MINUTES = (BANK_OUTAGE_RANGE_MS + USUAL_CLOCK_MS) / MINUTE_MS + 1;

/** A bank that is silent while others send, by whole minutes as Grafana's rule counts. */
export interface SilentBank {
  readonly bic: string;
  /** Begin of the minute of its last message, ms. */
  readonly latestMs: number;
  /** Time since in which others sent in a currency in which it sends, ms. */
  readonly silentMs: number;
}

/**
 * In which of the last minutes each bank sent something, and in which currency: memory follows banks and
 * currencies, not messages.
 */
export class SenderBook {
  readonly #senders = new Map<string, Sender>();
  /** Of all banks, by currency. */
  readonly #active = new Map<string, Sent>();
  /** Of the minute in which they were looked for. */
  #outages: { minute: number; found: readonly BankOutage[] } = { minute: 0, found: [] };

  /**
   * A message of the bank (empty: of nobody that is known), at state time.
   * @param isLate it came after its currency's close: a word of the bank, and opens no currency
   */
  take(bic: string, currency: string, timeMs: number, isLate: boolean): void {
    if (bic === '') return;
    const minute = minuteOf(timeMs);
    const sender = this.#sender(bic);
    sender.latestMs = Math.max(sender.latestMs, minute * MINUTE_MS);
    if (isLate) return;
    if (entry(sender.sent, currency, newSent).minutes.note(minute) === 1)
      entry(this.#active, currency, newSent).minutes.note(minute);
  }

  /** A payment of the bank settled. */
  settled(bic: string, currency: string, timeMs: number, amount: bigint): void {
    if (bic === '') return;
    entry(this.#sender(bic).sent, currency, newSent).settled.add(timeMs, amount);
    entry(this.#active, currency, newSent).settled.add(timeMs, amount);
  }

  #sender(bic: string): Sender {
    return entry(this.#senders, bic, () => ({ latestMs: 0, sent: new Map() }));
  }

  /** Minutes in which somebody sent in the currency. */
  active(currency: string): MinuteCounts | undefined {
    return this.#active.get(currency)?.minutes;
  }

  /** Large banks that have been told to send nothing, by the whole minutes before `nowMs`. */
  outages(nowMs: number): readonly BankOutage[] {
    const minute = minuteOf(nowMs);
    if (minute !== this.#outages.minute)
      this.#outages = { minute, found: outages(this.#senders, this.#active, minute) };
    return this.#outages.found.filter(
      ({ bic, latestMs }) => this.#senders.get(bic)?.latestMs === latestMs,
    );
  }

  /** Banks that have been silent at `nowMs` for longer than BANK_SILENCE_MAX_MS. */
  silent(nowMs: number): SilentBank[] {
    const fromMs = nowMs - BANK_SILENCE_RANGE_MS;
    const active = new Map<string, number[]>();
    for (const [currency, { minutes }] of this.#active) {
      const times = timesOf(minutes, fromMs).filter((one) => one <= nowMs);
      // Else it may have closed.
      if (nowMs - (times.at(-1) ?? 0) <= BANK_SILENCE_PAUSE_MAX_MS) active.set(currency, times);
    }
    const silent: SilentBank[] = [];
    for (const [bic, { latestMs, sent }] of this.#senders) {
      if (nowMs - latestMs <= BANK_SILENCE_MAX_MS || latestMs < fromMs) continue;
      const silentMs = Math.max(
        0,
        ...[...active].map(([currency, times]) =>
          silenceIn(times, countFrom(sent.get(currency)?.minutes, fromMs), latestMs),
        ),
      );
      if (silentMs > BANK_SILENCE_MAX_MS) silent.push({ bic, latestMs, silentMs });
    }
    return silent;
  }
}

const firstMinute = (fromMs: number) => Math.ceil(fromMs / MINUTE_MS);
const timesOf = (all: MinuteCounts, fromMs: number): number[] =>
  all.minutes.slice(all.from(firstMinute(fromMs))).map((minute) => minute * MINUTE_MS);
const countFrom = (all: MinuteCounts | undefined, fromMs: number): number =>
  all ? all.minutes.length - all.from(firstMinute(fromMs)) : 0;
const newSent = (): Sent => ({ minutes: new MinuteCounts(KEPT_MINUTES), settled: new DaySums() });

/**
 * The time in which others sent in a currency after `latestMs`; 0 where the bank sends too seldom for
 * that to say anything.
 * @param minutes in which it sent in the currency
 */
function silenceIn(active: readonly number[], minutes: number, latestMs: number): number {
  if (minutes < BANK_SILENCE_MINUTES_MIN) return 0;
  const beforeMs = timeIn(active.filter((one) => one <= latestMs)) + MINUTE_MS;
  const silentMs = timeIn([latestMs, ...active.filter((one) => one > latestMs)]);
  return silentMs * minutes >= BANK_SILENCE_MINUTES_MIN * beforeMs ? silentMs : 0;
}

/** The time that lies between ascending instants, pauses left out. */
function timeIn(instants: readonly number[]): number {
  let sum = 0;
  for (let index = 1; index < instants.length; index++) {
    const pauseMs = (instants[index] as number) - (instants[index - 1] as number);
    if (pauseMs <= BANK_SILENCE_PAUSE_MAX_MS) sum += pauseMs;
  }
  return sum;
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
