/** One cell: from a scenario to the rows that the tables have of it. */
import { createSettlement } from '../core/settlement/settlement.ts';
import { version } from '../platform/service/build-info.ts';
import { RunResults } from '../report/figures/run-books.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createDirectSimulation } from '../simulator/direct-simulation.ts';
import type { Proposer } from '../simulator/own-mechanism.ts';
import { bankRows } from './cell-banks.ts';
import { cellFigures, corridorRows, type Figures } from './cell-figures.ts';

export interface CellRows {
  /** By name, as summary.json names it. */
  readonly figures: Figures;
  /** By participant and currency, and by corridor. */
  readonly banks: readonly Figures[];
  readonly corridors: readonly Figures[];
}

/**
 * A whole run by the direct door, without files: the figures of `corridor run` on the same scenario.
 * @throws where two ways of counting disagree
 */
export async function runCell(
  scenario: Scenario,
  wasm: WebAssembly.Module,
  proposer?: Proposer,
): Promise<CellRows> {
  const run = createDirectSimulation({
    scenario,
    createSettlement: () => createSettlement(wasm),
    signatures: true,
    ...(proposer && { proposer }),
  });
  const results = new RunResults(scenario, run);
  for await (const slice of run.run()) results.take(slice);
  const summary = results.summary({ version, overrides: [], signatures: true });
  return {
    figures: cellFigures(summary),
    banks: bankRows(results.payments(), results.accounts(), results.indicators()),
    corridors: corridorRows(summary),
  };
}
