import type { EventView } from '../core/settlement/event-reader.ts';
import { NO_CURRENCY } from '../core/settlement/events.ts';
import type { Directory } from '../protocol/names/directory.ts';
import { bicOf, currencyOf } from '../protocol/names/directory.ts';
import type { CorridorState, Flow } from './wire.ts';

interface Corridor {
  readonly from: number;
  readonly to: number;
  settled: number;
  value: bigint;
  queued: number;
  isChanged: boolean;
}

interface Side {
  readonly side: Flow['side'];
  readonly participant: number;
  readonly corridor: Corridor;
  value: bigint;
  isChanged: boolean;
}

type Parties = Pick<EventView, 'debtorAgent' | 'creditorAgent' | 'currency1' | 'currency2'>;

/**
 * Value settled by corridor, and by who pays and who is paid in each: in the currency debited, so
 * nothing is converted. The two legs of a PvP are one payment, from the currency of the leg that came
 * first to the other's. Memory follows participants times corridors, and payments that wait.
 */
export class FlowBook {
  readonly #corridors = new Map<number, Corridor>();
  readonly #sides = new Map<string, Side>();
  /** Of the payments that wait, by position. */
  readonly #waiting = new Map<number, Corridor>();

  #corridor({ currency1, currency2 }: Parties): Corridor {
    const to = currency2 === NO_CURRENCY ? currency1 : currency2;
    const key = currency1 * 0x10000 + to;
    let corridor = this.#corridors.get(key);
    if (!corridor) {
      corridor = { from: currency1, to, settled: 0, value: 0n, queued: 0, isChanged: true };
      this.#corridors.set(key, corridor);
    }
    return corridor;
  }

  /** @param payment null: it waits no more, or is no payment of its own */
  waits(position: number, payment: Parties | null): void {
    const before = this.#waiting.get(position);
    const now = payment ? this.#corridor(payment) : undefined;
    if (before === now) return;
    if (before) {
      before.queued -= 1;
      before.isChanged = true;
      this.#waiting.delete(position);
    }
    if (now) {
      now.queued += 1;
      now.isChanged = true;
      this.#waiting.set(position, now);
    }
  }

  settled(payment: Parties & Pick<EventView, 'amount1'>): void {
    const corridor = this.#corridor(payment);
    const { amount1, debtorAgent, creditorAgent } = payment;
    corridor.settled += 1;
    corridor.value += amount1;
    corridor.isChanged = true;
    this.#side('debtor', debtorAgent, corridor).value += amount1;
    this.#side('creditor', creditorAgent, corridor).value += amount1;
  }

  #side(side: Flow['side'], participant: number, corridor: Corridor): Side {
    const name = `${side[0]}${participant}/${corridor.from}/${corridor.to}`;
    let flow = this.#sides.get(name);
    if (!flow) {
      flow = { side, participant, corridor, value: 0n, isChanged: true };
      this.#sides.set(name, flow);
    }
    flow.isChanged = true;
    return flow;
  }

  corridors(directory: Directory, all: boolean): CorridorState[] {
    return [...this.#corridors.values()]
      .filter(({ isChanged }) => all || isChanged)
      .map(({ from, to, settled, value, queued }) => ({
        from: currencyOf(directory, from),
        to: currencyOf(directory, to),
        settled,
        valueMinor: String(value),
        queued,
      }));
  }

  flows(directory: Directory, all: boolean): Flow[] {
    return [...this.#sides.values()]
      .filter(({ isChanged }) => all || isChanged)
      .map(({ side, participant, corridor, value }) => ({
        side,
        bic: bicOf(directory, participant),
        from: currencyOf(directory, corridor.from),
        to: currencyOf(directory, corridor.to),
        valueMinor: String(value),
      }));
  }

  forgetChanges(): void {
    for (const one of this.#corridors.values()) one.isChanged = false;
    for (const one of this.#sides.values()) one.isChanged = false;
  }
}
