/** Cells of a study run in this process: the core is compiled once, and each file is read once. */
import { readFileSync } from 'node:fs';
import { BadInput, exitCode } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { mechanismAnew } from '../run/own-mechanism-file.ts';
import { withoutNewGlobals, withoutStrays } from '../run/own-mechanism-strays.ts';
import { ProposalFault, type Proposer } from '../simulator/own-mechanism.ts';
import { runCell } from './cell-run.ts';
import { cellScenarios } from './cell-scenario.ts';
import type { CellOutcome } from './cell-workers.ts';
import { cellAt, ownMechanismOf, type StudyCell } from './grid.ts';
import { stressCells } from './stress/stress-cells.ts';
import { isStress, type Study } from './study-file.ts';

/** @returns runs the cell of a number; it throws nothing: what fails is its outcome */
export function cellsHere(study: Study): (number: number) => Promise<CellOutcome> {
  const wasm = compiledCore();
  const texts = new Map<string, string>();
  const readFile = (path: string) => {
    const text = texts.get(path) ?? readFileSync(path, 'utf8');
    texts.set(path, text);
    return text;
  };
  const loaded = new Map<string, ReturnType<typeof mechanismAnew>>();
  const proposerOf = ({ picks }: StudyCell): Promise<Proposer> | undefined => {
    const file = ownMechanismOf(study, picks);
    if (file === undefined) return undefined;
    const anew = loaded.get(file) ?? mechanismAnew(file, `mechanism ${file}`);
    loaded.set(file, anew);
    return anew();
  };
  const scenarioOf = cellScenarios(study, readFile);
  const rowsOf = isStress(study)
    ? stressCells(study, readFile, wasm)
    : async (cell: StudyCell) => runCell(scenarioOf(cell), wasm, await proposerOf(cell));
  // Of all cells so far: what one of them put off may come in any cell after it.
  const asked = new Set<string>();
  return async (number) => {
    const cell = cellAt(study, number);
    const own = ownMechanismOf(study, cell.picks);
    if (own !== undefined) asked.add(own);
    try {
      const rows = await (asked.size === 0
        ? rowsOf(cell)
        : withoutStrays(strayName(own, asked), () => withoutNewGlobals(() => rowsOf(cell))));
      return { number, rows };
    } catch (thrown) {
      const error =
        thrown instanceof ProposalFault
          ? new BadInput(`mechanism ${own}: ${thrown.message}`)
          : thrown;
      return { number, error: (error as Error).message, exitCode: exitCode(error) };
    }
  };
}

/** What left an error behind while a cell ran: its own mechanism, or one of the cells before. */
const strayName = (own: string | undefined, asked: ReadonlySet<string>): string =>
  own === undefined
    ? `mechanism ${[...asked].join(' or ')}`
    : `mechanism ${own}${asked.size > 1 ? ', or one before it' : ''}`;
