/** Processes that run cells side by side. Each stays warm, and has one cell at a time. How many: cli/sweep-command.ts. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../platform/exit-codes.ts';
import type { CellRows } from './cell-run.ts';
import type { StudyCell } from './grid.ts';
import type { Study } from './study-file.ts';

export interface StudyOrder {
  readonly study: Study;
}
export interface CellOrder {
  readonly number: number;
}

/** @see EXIT of what the error ends a command with */
export interface CellFailure {
  readonly number: number;
  readonly error: string;
  readonly exitCode: number;
}
export type CellOutcome = { readonly number: number; readonly rows: CellRows } | CellFailure;

const PROGRAM = fileURLToPath(new URL('./cell-process.js', import.meta.url));

/**
 * Runs every cell, in the order given, and tells each as it comes.
 * @param told throws to run no further cell; what it throws is thrown
 * @param signal aborted: the processes are killed, and what has not been told is lost
 */
export async function runCells(
  study: Study,
  cells: Iterable<StudyCell>,
  options: {
    readonly jobs: number;
    readonly signal: AbortSignal;
    readonly told: (outcome: CellOutcome) => void;
  },
): Promise<void> {
  const { jobs, signal, told } = options;
  const rest = cells[Symbol.iterator]();
  let stopped = false;

  async function work(): Promise<void> {
    let worker: ChildProcess | null = null;
    const kill = () => worker?.kill('SIGKILL');
    signal.addEventListener('abort', kill);
    try {
      for (;;) {
        const next = stopped || signal.aborted ? { done: true as const } : rest.next();
        if (next.done) return;
        worker ??= started(study);
        const outcome = await answer(worker, next.value.number);
        if (signal.aborted) return;
        if (worker.exitCode !== null || worker.signalCode !== null) worker = null;
        told(outcome);
      }
    } catch (error) {
      stopped = true;
      throw error;
    } finally {
      signal.removeEventListener('abort', kill);
      if (worker !== null) await ended(worker);
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: jobs }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** A run makes much that is soon forgotten. V8's threads of each process, four if not told, take the processors from the others. */
const NODE_FLAGS = [
  '--max-semi-space-size=64',
  '--initial-old-space-size=300',
  '--no-minor-gc-task',
  '--v8-pool-size=1',
];

function started(study: Study): ChildProcess {
  const worker = fork(PROGRAM, [], {
    execArgv: NODE_FLAGS,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  // What went wrong is seen when its answer does not come.
  worker.on('error', () => {});
  worker.send({ study } satisfies StudyOrder, () => {});
  return worker;
}

/** A process that dies over a cell fails that cell. */
function answer(worker: ChildProcess, number: number): Promise<CellOutcome> {
  return new Promise((resolve) => {
    const onMessage = (outcome: CellOutcome) => finish(outcome);
    const lost = (error: string) => finish({ number, error, exitCode: EXIT.failure });
    const onExit = (code: number | null, by: string | null) =>
      lost(`its process ended ${by === null ? `with exit code ${code}` : `by ${by}`}`);
    const onError = ({ message }: Error) => lost(`its process cannot be started: ${message}`);
    function finish(outcome: CellOutcome) {
      worker.off('message', onMessage).off('exit', onExit).off('error', onError);
      resolve(outcome);
    }
    worker.on('message', onMessage).on('exit', onExit).on('error', onError);
    worker.send({ number } satisfies CellOrder, () => {});
  });
}

async function ended(worker: ChildProcess): Promise<void> {
  // Without a number it never began.
  if (worker.pid === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = once(worker, 'exit');
  if (worker.connected) worker.disconnect();
  await exit;
}
