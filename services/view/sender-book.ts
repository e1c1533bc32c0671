import {
  BANK_SILENCE_MAX_MS,
  BANK_SILENCE_MINUTES_MIN,
  BANK_SILENCE_PAUSE_MAX_MS,
  BANK_SILENCE_RANGE_MS,
} from '../live/alert-thresholds.ts';

const MINUTE_MS = 60_000;
/** Minutes kept before those beyond the range are dropped. */
const KEPT_MAX = (2 * BANK_SILENCE_RANGE_MS) / MINUTE_MS;

/** A bank that is silent while others send, by whole minutes as Grafana's rule counts. */
export interface SilentBank {
  readonly bic: string;
  /** Begin of the minute of its last message, ms. */
  readonly latestMs: number;
  /** Time since in which others sent in a currency in which it sends, ms. */
  readonly silentMs: number;
}

interface Sender {
  latestMs: number;
  /** By currency. */
  readonly sent: Map<string, Minutes>;
}

/** Begins of minutes. */
type Minutes = Set<number>;

/**
 * In which of the last minutes each bank sent something, and in which currency: memory follows banks and
 * currencies, not messages.
 */
export class SenderBook {
  readonly #senders = new Map<string, Sender>();
  /** Of all banks, by currency. */
  readonly #active = new Map<string, Minutes>();

  /**
   * A message of the bank (empty: of nobody that is known), at state time.
   * @param isLate it came after its currency's close: a word of the bank, and opens no currency
   */
  take(bic: string, currency: string, timeMs: number, isLate: boolean): void {
    if (bic === '') return;
    const minuteMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
    const sender = entry(this.#senders, bic, () => ({ latestMs: 0, sent: new Map() }));
    sender.latestMs = Math.max(sender.latestMs, minuteMs);
    if (isLate) return;
    for (const minutes of [
      entry(sender.sent, currency, newMinutes),
      entry(this.#active, currency, newMinutes),
    ]) {
      minutes.add(minuteMs);
      if (minutes.size <= KEPT_MAX) continue;
      for (const one of minutes) if (one < minuteMs - BANK_SILENCE_RANGE_MS) minutes.delete(one);
    }
  }

  /** Banks that have been silent at `nowMs` for longer than BANK_SILENCE_MAX_MS. */
  silent(nowMs: number): SilentBank[] {
    const fromMs = nowMs - BANK_SILENCE_RANGE_MS;
    const active = new Map<string, number[]>();
    for (const [currency, all] of this.#active) {
      const times = [...all].filter((one) => one >= fromMs && one <= nowMs).sort((a, b) => a - b);
      // Else it may have closed.
      if (nowMs - (times.at(-1) ?? 0) <= BANK_SILENCE_PAUSE_MAX_MS) active.set(currency, times);
    }
    const silent: SilentBank[] = [];
    for (const [bic, { latestMs, sent }] of this.#senders) {
      if (nowMs - latestMs <= BANK_SILENCE_MAX_MS || latestMs < fromMs) continue;
      const silentMs = Math.max(
        0,
        ...[...active].map(([currency, times]) =>
          silenceIn(
            times,
            [...(sent.get(currency) ?? [])].filter((one) => one >= fromMs).length,
            latestMs,
          ),
        ),
      );
      if (silentMs > BANK_SILENCE_MAX_MS) silent.push({ bic, latestMs, silentMs });
    }
    return silent;
  }
}

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

const newMinutes = (): Minutes => new Set();

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
