import { syncBuiltinESMExports } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { BadInput } from '../platform/exit-codes.ts';

/**
 * Does that in which a mechanism of one's own is loaded or asked. An error that it leaves to nobody is a fault of what is
 * done here, and of nothing after it; it cannot end the process: to it `process.exit` throws.
 * @param named what messages call it
 * @param use is given a signal that such an error aborts
 * @throws BadInput with one line, in the place of whatever `use` comes to
 */
export async function withoutStrays<Result>(
  named: string,
  use: (strayed: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const strayed = new AbortController();
  // The first is kept.
  const stray = (error: unknown) => strayed.abort(strayFault(named, error));
  const { exit } = process;
  const setExit = (to: typeof exit) => {
    process.exit = to;
    syncBuiltinESMExports();
  };
  process.on('unhandledRejection', stray).on('uncaughtException', stray);
  setExit((code) => {
    throw new Error(`process.exit(${code ?? ''}) was called`);
  });
  try {
    return await use(strayed.signal);
  } finally {
    await turnOfTimers();
    setExit(exit);
    process.off('unhandledRejection', stray).off('uncaughtException', stray);
    strayed.signal.throwIfAborted();
  }
}

/** What is added to `globalThis` meanwhile is taken off again: the run after this one does not find it. */
export async function withoutNewGlobals<Result>(use: () => Promise<Result>): Promise<Result> {
  const before = new Set(Reflect.ownKeys(globalThis));
  try {
    return await use();
  } finally {
    for (const key of Reflect.ownKeys(globalThis))
      if (!before.has(key)) Reflect.deleteProperty(globalThis, key);
  }
}

/** What was put off to the next turn of the event loop has happened: rejections, immediates, timers of no time. */
export const turnOfTimers = (): Promise<void> => setTimeout(1);

function strayFault(named: string, error: unknown): BadInput {
  const [line] = (error instanceof Error ? `${error}` : inspect(error)).split('\n');
  return new BadInput(
    `${named}: left an error that nobody catches: ${line}; expected an answer, and nothing that goes on behind it`,
  );
}
