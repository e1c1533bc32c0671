/**
 * A process that runs one `corridor` command after another, as services/cli/main.ts runs one: what the first of
 * them loaded is there for the next. A message has the folder and the arguments of each.
 */
import { fileURLToPath } from 'node:url';
import type { CommandOrder, Ended } from './warm-corridor.ts';

/** The command's program as the build bundles it. It runs as it is loaded, and is loaded for each command. */
const PROGRAM = new URL('../../programs/cli.js', import.meta.url).href;
const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));

// Each command listens for a signal and for a reader that goes away.
for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);
let said = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr'] as const)
  process[name].write = ((piece: string | Uint8Array, ...rest: unknown[]) => {
    said[name] += Buffer.from(piece as string).toString();
    const done = rest.find((one): one is () => void => typeof one === 'function');
    if (done) process.nextTick(done);
    return true;
  }) as typeof process.stdout.write;

let count = 0;
process.on('message', async ({ cwd, args }: CommandOrder) => {
  count += 1;
  said = { stdout: '', stderr: '' };
  process.exitCode = 0;
  process.chdir(cwd);
  process.argv = [process.execPath, MAIN, ...args];
  await import(`${PROGRAM}?${count}`);
  process.send?.({ code: Number(process.exitCode), ...said } satisfies Ended);
});
process.on('disconnect', () => process.exit());
