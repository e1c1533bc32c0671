import type { EventTerms } from '../core/settlement/settlement-event.ts';
import { paymentCorridor, tradeCorridor } from '../protocol/names/corridor-name.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { bicOf, currencyOf } from '../protocol/names/handles-to-names.ts';
import type { CorridorState, Flow } from './told-to-page.ts';

/** Currencies by handle. */
export interface CorridorEnds {
  /** Debited. */
  readonly from: number;
  /** Of a trade in which the other bank pays; null: not known yet. */
  readonly to: number | null;
  readonly isTrade: boolean;
}

interface Corridor extends CorridorEnds {
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

/**
 * Value settled by corridor, and by who pays and who is paid in each: in the currency debited, so
 * nothing is converted. Trades are apart from payments: each leg stands in its own currency. Memory
 * follows participants times corridors, and payments that wait.
 */
export class FlowBook {
  readonly #corridors = new Map<string, Corridor>();
  readonly #sides = new Map<string, Side>();
  /** Of the payments that wait, by position. */
  readonly #waiting = new Map<number, Corridor>();

  #corridor({ from, to, isTrade }: CorridorEnds): Corridor {
    const key = `${from}${isTrade ? '/' : '-'}${to}`;
    let corridor = this.#corridors.get(key);
    if (!corridor) {
      corridor = { from, to, isTrade, settled: 0, value: 0n, queued: 0, isChanged: true };
      this.#corridors.set(key, corridor);
    }
    return corridor;
  }

  /** @param ends null: it waits no more */
  waits(position: number, ends: CorridorEnds | null): void {
    const before = this.#waiting.get(position);
    const now = ends ? this.#corridor(ends) : undefined;
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

  settled(ends: CorridorEnds, { amount1, debtorAgent, creditorAgent }: EventTerms): void {
    const corridor = this.#corridor(ends);
    corridor.settled += 1;
    corridor.value += amount1;
    corridor.isChanged = true;
    this.#side('debtor', debtorAgent, corridor).value += amount1;
    this.#side('creditor', creditorAgent, corridor).value += amount1;
  }

  #side(side: Flow['side'], participant: number, corridor: Corridor): Side {
    const name = `${side[0]}${participant}/${corridor.from}/${corridor.to}/${corridor.isTrade}`;
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
      .map((corridor) => ({
        corridor: nameOf(directory, corridor),
        from: currencyOf(directory, corridor.from),
        settled: corridor.settled,
        valueMinor: String(corridor.value),
        queued: corridor.queued,
      }));
  }

  flows(directory: Directory, all: boolean): Flow[] {
    return [...this.#sides.values()]
      .filter(({ isChanged }) => all || isChanged)
      .map(({ side, participant, corridor, value }) => ({
        side,
        bic: bicOf(directory, participant),
        corridor: nameOf(directory, corridor),
        from: currencyOf(directory, corridor.from),
        valueMinor: String(value),
      }));
  }

  forgetChanges(): void {
    for (const one of this.#corridors.values()) one.isChanged = false;
    for (const one of this.#sides.values()) one.isChanged = false;
  }
}

function nameOf(directory: Directory, { from, to, isTrade }: CorridorEnds): string {
  const [debited, other] = [
    currencyOf(directory, from),
    to === null ? null : currencyOf(directory, to),
  ];
  return isTrade ? tradeCorridor(debited, other) : paymentCorridor(debited, other ?? debited);
}
