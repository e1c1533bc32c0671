import { type EventView, readEvent } from '../core/settlement/event-reader.ts';
import { EVENT_BYTES, NO_CURRENCY } from '../core/settlement/events.ts';
import { isPaymentType } from '../protocol/messages/instruction.ts';
import type { StatusCode } from '../protocol/messages/status-report.ts';
import type { Directory } from '../protocol/names/directory.ts';
import { EVENT_STATUS, isOpen } from '../protocol/records/event-status.ts';
import { SAMPLE_MS } from './samples.ts';

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
export type EventTable = 'cycles' | 'nettings' | 'held_up' | 'security_events';

interface Sums {
  putIn: bigint;
  stated: bigint;
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
  readonly #balances = new Map<number, bigint>();
  readonly #tables: Record<EventTable, number> = {
    cycles: 0,
    nettings: 0,
    held_up: 0,
    security_events: 0,
  };
  #last = 0;
  #statusChanges = 0;
  #numbers = 0n;
  #settledLegs = 0;
  #minuteEndsMs = 0;

  /** The directory must know every currency before the totals are read. */
  constructor(directory: Directory) {
    this.#directory = directory;
  }

  take(events: Uint8Array): void {
    for (let index = 0; index * EVENT_BYTES < events.length; index++)
      this.takeOne(readEvent(events, index));
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
    return this.#byCurrency.flatMap((sums, handle) =>
      sums === undefined ? [] : [{ currency: this.#directory.currency(handle).currency, ...sums }],
    );
  }

  takeOne(event: EventView): void {
    if (event.timeMs >= this.#minuteEndsMs) {
      if (this.#minuteEndsMs > 0) this.#minute();
      this.#minuteEndsMs = (Math.floor(event.timeMs / SAMPLE_MS) + 1) * SAMPLE_MS;
    }
    const status = EVENT_STATUS[event.kind];
    if (status && isPaymentType(event.messageType)) this.#status(event, status);
    this.#balancesOf(event);
    this.#counted(event);
    this.#last = event.number;
  }

  #minute(): void {
    this.minuteEndsMs = this.#minuteEndsMs;
    for (const sums of this.#byCurrency) if (sums) sums.statedAtMinute = sums.stated;
  }

  #status(event: EventView, status: StatusCode): void {
    const { paymentPosition, kind, amount1, currency1 } = event;
    this.#statusChanges += 1;
    this.#numbers += BigInt(event.number);
    // A forged message's amounts are nobody's word.
    if (kind !== 'noticed' && this.#directory.currencies[currency1])
      this.#sums(currency1).changed += amount1;
    if (kind === 'matched' && event.balances[0] < paymentPosition)
      this.#secondLegs.add(paymentPosition);
    if (isOpen(status)) {
      this.#open.add(paymentPosition);
      return;
    }
    this.#open.delete(paymentPosition);
    const isSecondLeg = this.#secondLegs.delete(paymentPosition);
    if (!isSecondLeg) this.#final[status as 'ACSC' | 'RJCT' | 'CANC'] += 1;
    if (status !== 'ACSC') return;
    this.#settledLegs += 1;
    this.#sums(currency1).settled += amount1;
  }

  #balancesOf(event: EventView): void {
    const { kind, debtorAgent, creditorAgent, dealer, currency1, currency2, balances } = event;
    switch (kind) {
      case 'accountOpened':
      case 'issued':
        this.#sums(currency1).putIn += event.amount1;
        break;
      case 'redeemed':
        this.#sums(currency1).putIn -= event.amount1;
        break;
      case 'settled':
        this.#state(creditorAgent, currency2 === NO_CURRENCY ? currency1 : currency2, balances[1]);
        if (currency2 === NO_CURRENCY) break;
        this.#state(dealer, currency1, balances[2]);
        this.#state(dealer, currency2, balances[3]);
        break;
      case 'netted':
      case 'lossShared':
      case 'defaulted':
        this.#sums(currency1).netted += event.amount1;
        break;
      default:
        return;
    }
    this.#state(debtorAgent, currency1, balances[0]);
  }

  #state(participant: number, currency: number, balance: bigint): void {
    const account = participant * 65_536 + currency;
    this.#sums(currency).stated += balance - (this.#balances.get(account) ?? 0n);
    this.#balances.set(account, balance);
  }

  #counted({ kind, reason }: EventView): void {
    if (kind === 'cycled') this.#tables.cycles += 1;
    if (kind === 'heldUp') this.#tables.held_up += 1;
    if (kind === 'netted' || kind === 'lossShared' || kind === 'defaulted')
      this.#tables.nettings += 1;
    if (
      kind === 'noticed' ||
      kind === 'repeated' ||
      kind === 'keyChanged' ||
      (kind === 'rejected' && reason === 'duplicateIdentity')
    )
      this.#tables.security_events += 1;
  }

  #sums(currency: number): Sums {
    let sums = this.#byCurrency[currency];
    if (!sums) {
      sums = { putIn: 0n, stated: 0n, settled: 0n, changed: 0n, netted: 0n, statedAtMinute: 0n };
      this.#byCurrency[currency] = sums;
    }
    return sums;
  }
}
