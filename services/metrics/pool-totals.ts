import type { Ledger } from '../analysis/ledger.ts';
import type { EventKind } from '../core/settlement/events.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import type { StatusCode } from '../protocol/messages/status-report.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { isPaymentEvent, type MessageEvent } from '../protocol/records/event-payment.ts';
import { EVENT_STATUS, isOpen } from '../protocol/records/event-status.ts';
import { boundsSet } from './limit-rows.ts';
import { SAMPLE_MS } from './minute-samples.ts';

/** What a currency's accounts were given and what they hold, minor units. */
export interface CurrencyTotals {
  readonly currency: string;
  /** Openings and issued, less redeemed. */
  readonly putIn: bigint;
  /** Sum of the balances that events stated last. */
  readonly stated: bigint;
  /** Settled, by the currency debited. */
  readonly settled: bigint;
  /** Over every change of a payment's status, by the currency debited. */
  readonly changed: bigint;
  /** Net positions, shares and shortfalls of nettings. */
  readonly netted: bigint;
  /** `stated` as it was at the last full minute: what the samples of balances tell. */
  readonly statedAtMinute: bigint;
}

/** Events of each kind that has a table of its own. */
export type EventTable =
  | ('cycles' | 'nettings' | 'held_up' | 'security_events')
  | ('limits' | 'chain_events' | 'account_days');

/** `matched` too, of a leg of a chain. */
const OF_CHAINS: ReadonlySet<string> = new Set([
  'attested',
  'recorded',
  'triggered',
  'earmarked',
  'promised',
  'released',
  'notEarmarked',
] satisfies EventKind[]);

interface Sums {
  settled: bigint;
  changed: bigint;
  netted: bigint;
  statedAtMinute: bigint;
}

/**
 * A pool's totals by clearing's own statements, its events, added up apart from the rows that go to
 * the analysis store: to hold the store against. Read them between messages of events alone: within
 * a cycle the balances stated are those after the whole of it.
 */
export class PoolTotals {
  readonly #directory: Directory;
  /** Payments without a final status, the later legs of matched pairs among them. */
  readonly #open = new Set<number>();
  readonly #secondLegs = new Set<number>();
  readonly #final = { ACSC: 0, RJCT: 0, CANC: 0 };
  readonly #byCurrency: Sums[] = [];
  readonly #ledger: Ledger;
  readonly #tables: Record<EventTable, number> = {
    cycles: 0,
    nettings: 0,
    held_up: 0,
    security_events: 0,
    limits: 0,
    chain_events: 0,
    account_days: 0,
  };
  /** By currency: accounts that were opened. */
  readonly #accounts = new Map<number, number>();
  #last = 0;
  #statusChanges = 0;
  #numbers = 0n;
  #settledLegs = 0;
  #minuteEndsMs = 0;

  /**
   * The directory must know every currency before the totals are read.
   * @param ledger takes each event after `take` has
   */
  constructor(directory: Directory, ledger: Ledger) {
    this.#directory = directory;
    this.#ledger = ledger;
  }

  /** At the end of a run its last minute is a full one. */
  end(): void {
    this.#minute();
  }

  /** Number of the last event. */
  get number(): number {
    return this.#last;
  }

  /** The instant of the samples that this agrees with, ms; 0 before the first full minute. */
  minuteEndsMs = 0;

  /** Payments by their last status; a PvP of two legs is one. */
  get payments() {
    const open = this.#open.size - this.#secondLegs.size;
    return { ...this.#final, open };
  }

  get statusChanges(): number {
    return this.#statusChanges;
  }

  /** Sum of the numbers of the events that changed a status: a row for another would not fit. */
  get numberSum(): bigint {
    return this.#numbers;
  }

  /** Settled, each leg of a PvP by itself. */
  get settledLegs(): number {
    return this.#settledLegs;
  }

  get tables(): Readonly<Record<EventTable, number>> {
    return this.#tables;
  }

  currencies(): CurrencyTotals[] {
    for (const handle of this.#ledger.currencies()) this.#sums(handle);
    return this.#byCurrency.flatMap((sums, handle) => {
      if (sums === undefined) return [];
      const { currency } = this.#directory.currency(handle);
      const [putIn, stated] = [this.#ledger.putIn(handle), this.#ledger.held(handle)];
      return [{ currency, putIn, stated, ...sums }];
    });
  }

  take(event: SettlementEvent): void {
    if (event.timeMs >= this.#minuteEndsMs) {
      if (this.#minuteEndsMs > 0) this.#minute();
      this.#minuteEndsMs = (Math.floor(event.timeMs / SAMPLE_MS) + 1) * SAMPLE_MS;
    }
    const status = EVENT_STATUS[event.kind];
    if (status && isPaymentEvent(event)) this.#status(event, status);
    this.#counted(event);
    this.#last = event.number;
  }

  #minute(): void {
    this.minuteEndsMs = this.#minuteEndsMs;
    for (const handle of this.#ledger.currencies())
      this.#sums(handle).statedAtMinute = this.#ledger.held(handle);
  }

  #status(event: MessageEvent, status: StatusCode): void {
    const { paymentPosition } = event;
    this.#statusChanges += 1;
    this.#numbers += BigInt(event.number);
    // A forged message's amounts are nobody's word.
    if (event.kind !== 'noticed' && this.#directory.currencies[event.currency1])
      this.#sums(event.currency1).changed += event.amount1;
    if (event.kind === 'matched' && event.legCount === 0 && event.mate < paymentPosition)
      this.#secondLegs.add(paymentPosition);
    if (isOpen(status)) {
      this.#open.add(paymentPosition);
      return;
    }
    this.#open.delete(paymentPosition);
    const isSecondLeg = this.#secondLegs.delete(paymentPosition);
    if (!isSecondLeg) this.#final[status as 'ACSC' | 'RJCT' | 'CANC'] += 1;
    if (event.kind !== 'settled') return;
    this.#settledLegs += 1;
    this.#sums(event.currency1).settled += event.amount1;
  }

  #counted(event: SettlementEvent): void {
    const { kind } = event;
    if (kind === 'cycled') this.#tables.cycles += 1;
    if (kind === 'heldUp') this.#tables.held_up += 1;
    if (kind === 'accountOpened')
      this.#accounts.set(event.currency, (this.#accounts.get(event.currency) ?? 0) + 1);
    if (kind === 'closed') this.#tables.account_days += this.#accounts.get(event.currency) ?? 0;
    if (OF_CHAINS.has(kind) || (kind === 'matched' && event.legCount > 0))
      this.#tables.chain_events += 1;
    this.#tables.limits += boundsSet(event)?.bounds.length ?? 0;
    if (kind === 'netted' || kind === 'lossShared' || kind === 'defaulted') {
      this.#tables.nettings += 1;
      this.#sums(event.currency).netted += event.amount;
    }
    if (
      kind === 'noticed' ||
      kind === 'repeated' ||
      kind === 'keyChanged' ||
      (kind === 'rejected' && event.reason === 'duplicateIdentity')
    )
      this.#tables.security_events += 1;
  }

  #sums(currency: number): Sums {
    let sums = this.#byCurrency[currency];
    if (!sums) {
      sums = { settled: 0n, changed: 0n, netted: 0n, statedAtMinute: 0n };
      this.#byCurrency[currency] = sums;
    }
    return sums;
  }
}
