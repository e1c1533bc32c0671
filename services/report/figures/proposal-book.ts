import { EventCursor } from '../../core/settlement/event-cursor.ts';
import { EVENT_KINDS } from '../../core/settlement/events.ts';
import type { SettlementEvent } from '../../core/settlement/settlement-event.ts';

/** What became of what a mechanism of somebody's own proposed. */
export interface ProposalFigures {
  readonly cycles: number;
  /** Payments that settled in them; a PvP is one. */
  readonly settled: number;
  /** Sets that the core found infeasible. */
  readonly refusedSets: number;
}

/** Counts a pool's proposals from its events. */
export class ProposalBook {
  readonly #figures = new Map<string, { cycles: number; settled: number; refusedSets: number }>();
  #proposer = '';

  /** By the mechanism's name. */
  get figures(): ReadonlyMap<string, ProposalFigures> {
    return this.#figures;
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next())
      if (event.kind === EVENT_KINDS.cycled || event.kind === EVENT_KINDS.setRefused)
        this.#take(event.read());
  }

  #take(event: SettlementEvent): void {
    if (event.kind === 'setRefused') this.#own().refusedSets += 1;
    if (event.kind !== 'cycled') return;
    this.#proposer = event.proposer;
    if (event.proposer === '') return;
    const own = this.#own();
    own.cycles += 1;
    own.settled += event.settled;
  }

  #own() {
    const own = this.#figures.get(this.#proposer) ?? { cycles: 0, settled: 0, refusedSets: 0 };
    this.#figures.set(this.#proposer, own);
    return own;
  }
}

/** Of all pools together; undefined where nobody proposed anything. */
export function allProposals(
  books: readonly ProposalBook[],
): Readonly<Record<string, ProposalFigures>> | undefined {
  const all: Record<string, ProposalFigures> = {};
  for (const [name, { cycles, settled, refusedSets }] of books.flatMap((b) => [...b.figures])) {
    const before = all[name] ?? { cycles: 0, settled: 0, refusedSets: 0 };
    all[name] = {
      cycles: before.cycles + cycles,
      settled: before.settled + settled,
      refusedSets: before.refusedSets + refusedSets,
    };
  }
  return Object.keys(all).length === 0 ? undefined : all;
}
