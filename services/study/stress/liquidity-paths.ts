/**
 * What each account of a run had and had received, instant by instant, and how two runs of one day differ by
 * it. Liquidity is the balance and the credit that the account has beside it: its line, and what its collateral gives.
 */
import { accountKey, Ledger, type LedgerAccount } from '../../analysis/ledger.ts';
import { EventCursor } from '../../core/settlement/event-cursor.ts';
import { EVENT_OFFSETS as AT, kindNumbers } from '../../core/settlement/events.ts';
import type { SettlementEvent } from '../../core/settlement/settlement-event.ts';

/** Events that change an account, beside the transfers that are most of them. */
const TAKEN = kindNumbers([
  ...(['accountOpened', 'creditLineSet', 'collateralSet', 'issued', 'redeemed'] as const),
  ...(['settled', 'netted', 'lossShared', 'defaulted'] as const),
]);

/** An account over the day: what holds from each instant on, minor units. */
export interface LiquidityPath {
  /** Ascending, ms since 1970. */
  readonly timesMs: number[];
  readonly liquidity: bigint[];
  /** All that payments have credited so far; of a net settlement its net credit. */
  readonly received: bigint[];
}

/** The accounts of one pool, from its events. Within an instant the last state counts. */
export class LiquidityPaths {
  /** By accountKey. */
  readonly paths = new Map<number, LiquidityPath>();
  readonly #ledger = new Ledger();

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next())
      if (event.isTransfer()) {
        const { timeMs, amount1 } = event;
        const debtor = this.#ledger.stated(event, event.debtorAgent, AT.balance1);
        const creditor = this.#ledger.stated(event, event.creditorAgent, AT.balance2);
        this.#note(debtor, timeMs, 0n);
        this.#note(creditor, timeMs, amount1);
      } else if (TAKEN.has(event.kind)) this.#take(event.read());
  }

  #take(event: SettlementEvent): void {
    const credits = creditsOf(event);
    for (const account of this.#ledger.take(event))
      this.#note(account, event.timeMs, credits.get(keyOf(account)) ?? 0n);
  }

  #note(account: LedgerAccount, atMs: number, credited: bigint): void {
    const key = keyOf(account);
    let path = this.paths.get(key);
    if (!path) {
      path = { timesMs: [], liquidity: [], received: [] };
      this.paths.set(key, path);
    }
    const last = path.timesMs.length - 1;
    const at = path.timesMs[last] === atMs ? last : last + 1;
    const received = (path.received[last] ?? 0n) + credited;
    path.timesMs[at] = atMs;
    path.liquidity[at] = account.balance + account.creditLine + account.collateral;
    path.received[at] = received;
  }
}

const keyOf = ({ participant, currency }: { participant: number; currency: number }) =>
  accountKey(participant, currency);

/** What payments credit by an event, by account. */
function creditsOf(event: SettlementEvent): Map<number, bigint> {
  // What deferred net settlement settles is credited by its nets.
  const isNet = event.kind === 'settled' && event.mechanism === 'deferredNet';
  const booked =
    event.kind === 'netted' ? [event] : event.kind === 'settled' && !isNet ? event.bookings : [];
  const credits = new Map<number, bigint>();
  for (const booking of booked)
    if (booking.amount > 0n)
      credits.set(keyOf(booking), (credits.get(keyOf(booking)) ?? 0n) + booking.amount);
  return credits;
}

/** Of an account, at the instants at which each is largest; 0 or more, minor units. */
export interface PathDifference {
  /** How much less it has than in the day without failure. */
  readonly lossMinor: bigint;
  /** When; null: never less. */
  readonly atMs: number | null;
  readonly gainMinor: bigint;
  readonly receivedLessMinor: bigint;
}

/** @param base the day without failure */
export function pathDifference(base: LiquidityPath, failed: LiquidityPath): PathDifference {
  let [lossMinor, gainMinor, receivedLessMinor] = [0n, 0n, 0n];
  let atMs: number | null = null;
  let [b, f] = [-1, -1];
  while (b + 1 < base.timesMs.length || f + 1 < failed.timesMs.length) {
    const nowMs = Math.min(nextMs(base, b), nextMs(failed, f));
    if (nextMs(base, b) === nowMs) b += 1;
    if (nextMs(failed, f) === nowMs) f += 1;
    const less = (base.liquidity[b] ?? 0n) - (failed.liquidity[f] ?? 0n);
    const received = (base.received[b] ?? 0n) - (failed.received[f] ?? 0n);
    if (less > lossMinor) {
      lossMinor = less;
      atMs = nowMs;
    }
    if (-less > gainMinor) gainMinor = -less;
    if (received > receivedLessMinor) receivedLessMinor = received;
  }
  return { lossMinor, atMs, gainMinor, receivedLessMinor };
}

const nextMs = ({ timesMs }: LiquidityPath, at: number): number =>
  timesMs[at + 1] ?? Number.POSITIVE_INFINITY;
