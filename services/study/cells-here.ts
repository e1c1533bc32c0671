/** Cells of a study run in this process: the core is compiled once, and each file is read once. */
import { readFileSync } from 'node:fs';
import { exitCode } from '../platform/exit-codes.ts';
import { wasmBytes } from '../platform/service/build-info.ts';
import { runCell } from './cell-run.ts';
import { cellScenarios } from './cell-scenario.ts';
import type { CellOutcome } from './cell-workers.ts';
import { cellAt } from './grid.ts';
import type { Study } from './study-file.ts';

/** @returns runs the cell of a number; it throws nothing: what fails is its outcome */
export function cellsHere(study: Study): (number: number) => Promise<CellOutcome> {
  const wasm = new WebAssembly.Module(new Uint8Array(wasmBytes()));
  const texts = new Map<string, string>();
  const scenarioOf = cellScenarios(study, (path) => {
    const text = texts.get(path) ?? readFileSync(path, 'utf8');
    texts.set(path, text);
    return text;
  });
  return async (number) => {
    try {
      return { number, rows: await runCell(scenarioOf(cellAt(study, number)), wasm) };
    } catch (error) {
      return { number, error: (error as Error).message, exitCode: exitCode(error) };
    }
  };
}
