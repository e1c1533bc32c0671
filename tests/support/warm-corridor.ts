import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./warm-corridor.child.js', import.meta.url));

/** How a command ended, and what it said on either stream. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** To the process of commands. */
export interface CommandOrder {
  readonly cwd: string;
  readonly args: readonly string[];
}

let child: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a command of the build when those before it have ended, in one process for all of a test file: to start one
 * and to load what it needs takes far longer than most commands. Whether a command ends by itself, and what a signal or
 * a reader that goes away does to it, a process of its own shows alone. The file calls `endWarmCorridor` after its tests.
 */
export const warmCorridor = (...args: string[]): Promise<Ended> =>
  warmCorridorIn(process.cwd(), ...args);

/** The same in another folder. */
export function warmCorridorIn(cwd: string, ...args: string[]): Promise<Ended> {
  const ended = last.then(() => ask({ cwd, args }));
  last = ended.catch(() => {});
  return ended;
}

function ask(what: CommandOrder): Promise<Ended> {
  child ??= fork(CHILD, { execArgv: [] });
  const asked = child;
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: string | null) =>
      reject(new Error(`corridor ${what.args.join(' ')}: its process ended by ${signal ?? code}`));
    asked.once('exit', died);
    asked.once('message', (ended: Ended) => {
      asked.off('exit', died);
      resolve(ended);
    });
    asked.send(what);
  });
}

/** The same, as `commandText` says it. */
export async function warmText(
  ...args: string[]
): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await warmCorridor(...args);
  return { code, text: code === 0 ? stdout : stdout + stderr };
}

/** Ends the process of commands, where there is one. */
export async function endWarmCorridor(): Promise<void> {
  const ending = child;
  child = undefined;
  if (!ending?.connected) return;
  const ended = once(ending, 'exit');
  ending.disconnect();
  await ended;
}
