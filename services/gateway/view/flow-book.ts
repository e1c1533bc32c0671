import type { EventView } from '../../core/event-reader.ts';
import { NO_CURRENCY } from '../../core/events.ts';
import type { Directory } from '../../protocol/directory.ts';
import { bicOf, currencyOf } from '../../protocol/directory.ts';
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
 * nothing is converted. Memory follows participants times corridors.
 */
export class FlowBook {
  readonly #corridors = new Map<number, Corridor>();
  readonly #sides = new Map<string, Side>();

  #corridor({ currency1, currency2 }: Parties): Corridor {
    const to = currency2 === NO_CURRENCY ? currency1 : currency2;
    const key = currency1 * 0x10000 + to;
    let corridor = this.#corridors.get(key);
    if (!corridor) {
      corridor = { from: currency1, to, settled: 0, value: 0n, queued: 0, isChanged: true };
      this.#corridors.set(key, corridor);
    }
    corridor.isChanged = true;
    return corridor;
  }

  queued(payment: Parties, by: 1 | -1): void {
    this.#corridor(payment).queued += by;
  }

  settled(event: EventView): void {
    const corridor = this.#corridor(event);
    corridor.settled += 1;
    corridor.value += event.amount1;
    this.#side('debtor', event.debtorAgent, corridor).value += event.amount1;
    this.#side('creditor', event.creditorAgent, corridor).value += event.amount1;
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
