import { legsOf } from '../../analysis/credit-and-limits-book.ts';
import { EventCursor } from '../../core/settlement/event-cursor.ts';
import { EVENT_KINDS, kindNumbers } from '../../core/settlement/events.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import { isPaymentType } from '../../protocol/messages/message-types.ts';
import { bicOf, currencyOf, type Directory } from '../../protocol/names/handles-to-names.ts';

/** Payments, and their value in the defaulter's currency, minor units. */
interface Ended {
  readonly payments: number;
  readonly valueMinor: bigint;
}

/** An account of deferred net settlement that defaulted, and what that did to the others. */
export interface DefaultFigures {
  readonly participant: string;
  readonly currency: string;
  readonly atMs: number;
  /** The netting cycle that found it short; null: the scenario made it default. */
  readonly cycle: number | null;
  /** What its net debit left short in that cycle; outside of one, its net debit so far. */
  readonly shortfallMinor: bigint;
  /** `unwound`: what it was to pay another in a cycle, net, and did not. */
  readonly borneBy: readonly {
    readonly participant: string;
    readonly how: 'lossShared' | 'unwound';
    readonly amountMinor: bigint;
  }[];
  /** Accepted payments from it or to it that were taken out of the netting. */
  readonly unwound: Ended;
  /** Payments that would have debited it: refused from then on, or cancelled while they waited. */
  readonly rejected: Ended;
  readonly cancelled: Ended;
}

type Counted = { -readonly [Member in keyof Ended]: Ended[Member] };

interface Default {
  readonly event: EventOf<'defaulted'>;
  readonly shared: Map<number, bigint>;
  /** What it was to pay to each, net: unwound in the present cycle, and in all before. */
  readonly unpaid: Map<number, bigint>;
  readonly unpaidBefore: Map<number, bigint>;
  readonly unwound: Counted;
  readonly rejected: Counted;
  readonly cancelled: Counted;
}

/** Of events after a default, those that tell of it. */
const TAKEN = kindNumbers(['lossShared', 'unwound', 'cycled', 'rejected', 'cancelled']);

/**
 * Folds a pool's events into its defaults. What is unwound between two defaulters counts at each of
 * them; what is refused or cancelled counts at the first defaulter that it would have debited.
 */
export class DefaultBook {
  readonly #directory: Directory;
  readonly #defaults = new Map<string, Default>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next())
      if (
        event.kind === EVENT_KINDS.defaulted ||
        (this.#defaults.size > 0 && TAKEN.has(event.kind))
      )
        this.#take(event.read());
  }

  /** In the order of their events. */
  get defaults(): DefaultFigures[] {
    this.#endCycle();
    return [...this.#defaults.values()].map((one) => this.#figures(one));
  }

  #take(event: SettlementEvent): void {
    if (event.kind === 'defaulted') {
      const none = () => ({ payments: 0, valueMinor: 0n });
      this.#defaults.set(key(event.participant, event.currency), {
        ...{ event, shared: new Map(), unpaid: new Map(), unpaidBefore: new Map() },
        ...{ unwound: none(), rejected: none(), cancelled: none() },
      });
      return;
    }
    if (event.kind === 'lossShared') this.#shared(event);
    else if (event.kind === 'unwound') this.#unwound(event);
    else if (event.kind === 'cycled') this.#endCycle();
    else if (event.kind === 'rejected' || event.kind === 'cancelled') this.#refused(event);
  }

  #shared({ participant, defaulter, currency, amount }: EventOf<'lossShared'>): void {
    const one = this.#defaults.get(key(defaulter, currency));
    if (one) add(one.shared, participant, amount);
  }

  #unwound(event: EventOf<'unwound'>): void {
    for (const { debtor, creditor, currency, amount } of legsOf(event)) {
      const payer = this.#defaults.get(key(debtor, currency));
      const payee = this.#defaults.get(key(creditor, currency));
      for (const one of [payer, payee]) if (one) count(one.unwound, amount);
      if (payer) add(payer.unpaid, creditor, amount);
      if (payee) add(payee.unpaid, debtor, -amount);
    }
  }

  /** What it was to be paid in a later cycle makes up for nothing that it owed in this one. */
  #endCycle(): void {
    for (const { unpaid, unpaidBefore } of this.#defaults.values()) {
      for (const [participant, amount] of unpaid)
        if (amount > 0n) add(unpaidBefore, participant, amount);
      unpaid.clear();
    }
  }

  #refused(event: EventOf<'rejected' | 'cancelled'>): void {
    if (event.reason !== 'participantDefaulted' || !isPaymentType(event.messageType)) return;
    for (const { debtor, currency, amount } of legsOf(event)) {
      const one = this.#defaults.get(key(debtor, currency));
      if (!one) continue;
      count(one[event.kind], amount);
      return;
    }
  }

  #figures({ event, shared, unpaidBefore, unwound, rejected, cancelled }: Default): DefaultFigures {
    const bic = (handle: number) => bicOf(this.#directory, handle);
    const borne = (by: ReadonlyMap<number, bigint>, how: 'lossShared' | 'unwound') =>
      [...by]
        .map(([participant, amountMinor]) => ({ participant: bic(participant), how, amountMinor }))
        .sort((a, b) => (a.participant < b.participant ? -1 : 1));
    return {
      participant: bic(event.participant),
      currency: currencyOf(this.#directory, event.currency),
      atMs: event.timeMs,
      cycle: event.cycle === 0 ? null : event.cycle,
      shortfallMinor: event.amount,
      borneBy: [...borne(shared, 'lossShared'), ...borne(unpaidBefore, 'unwound')],
      ...{ unwound, rejected, cancelled },
    };
  }
}

const key = (participant: number, currency: number) => `${participant}/${currency}`;

function add(sums: Map<number, bigint>, participant: number, amount: bigint): void {
  sums.set(participant, (sums.get(participant) ?? 0n) + amount);
}

function count(ended: Counted, amount: bigint): void {
  ended.payments += 1;
  ended.valueMinor += amount;
}
