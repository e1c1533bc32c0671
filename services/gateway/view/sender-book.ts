import { BANK_SILENCE_RANGE_MS } from '../../live/alert-limits.ts';

const MINUTE_MS = 60_000;
/** Minutes kept of a bank before those beyond the range are dropped. */
const KEPT_MAX = (2 * BANK_SILENCE_RANGE_MS) / MINUTE_MS;

/** When a bank sent, by whole minutes as Grafana's rule counts. */
export interface SenderState {
  readonly bic: string;
  /** Begin of the minute of its last message, ms. */
  readonly latestMs: number;
  /** Minutes of the last BANK_SILENCE_RANGE_MS in which it sent. */
  readonly minutes: number;
}

/**
 * In which of the last minutes each bank sent something, to whatever pool: memory follows banks, not
 * messages.
 */
export class SenderBook {
  /** By BIC: begins of minutes. */
  readonly #minutes = new Map<string, Set<number>>();

  /** A message of the bank (empty: of nobody that is known), at state time. */
  take(bic: string, timeMs: number): void {
    if (bic === '') return;
    const minuteMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
    const minutes = this.#minutes.get(bic);
    if (!minutes) {
      this.#minutes.set(bic, new Set([minuteMs]));
      return;
    }
    minutes.add(minuteMs);
    if (minutes.size <= KEPT_MAX) return;
    for (const one of minutes) if (one < minuteMs - BANK_SILENCE_RANGE_MS) minutes.delete(one);
  }

  /** Those that sent in the range before `nowMs`. */
  senders(nowMs: number): SenderState[] {
    const fromMs = nowMs - BANK_SILENCE_RANGE_MS;
    const states: SenderState[] = [];
    for (const [bic, all] of this.#minutes) {
      let [latestMs, minutes] = [0, 0];
      for (const one of all) {
        if (one < fromMs) continue;
        minutes += 1;
        if (one > latestMs) latestMs = one;
      }
      if (minutes > 0) states.push({ bic, latestMs, minutes });
    }
    return states;
  }
}
