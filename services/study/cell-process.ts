/**
 * The process in which cells run, one after the other, started by cell-workers.ts: the core is
 * compiled once, and the files of the scenario are read once. It talks to its parent over the IPC channel
 * alone and ends when that does, however the parent ended.
 */

import type { CellOrder, CellOutcome, StudyOrder } from './cell-workers.ts';
import { cellsHere } from './cells-in-process.ts';

// A cell whose mechanism is asked has none (own-mechanism-strays.ts).
const exit = process.exit.bind(process);
let take: ((number: number) => Promise<CellOutcome>) | undefined;

// Ctrl-C reaches the whole process group; the parent decides.
process.on('SIGINT', () => {});
process.on('disconnect', () => exit());
process.on('message', async (order: StudyOrder | CellOrder) => {
  if ('study' in order) take = cellsHere(order.study);
  else if (take !== undefined) process.send?.(await take(order.number));
});
