/** One process at a time writes into a folder, of a study or of a Kafka: a file there names it. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { BadInput } from './exit-codes.ts';
import { isAlive } from './process-is-alive.ts';

export const OWNER_FILE = '.writing';

/** How often an owner says that it lives, and how long one of another machine may be silent. */
const BEAT_MS = 10_000;
const SILENT_MS = 60_000;

/**
 * Takes a folder that is there until the function that it returns is called. Two studies in one folder would run cells
 * twice, and two brokers would write into each other's files.
 * @param option with the folder as the user gave it, such as `--out <dir>`
 * @throws BadInput where another process has it, or nothing can be written there
 */
export function own(path: string, option: string): () => void {
  const file = join(path, OWNER_FILE);
  const name = `${hostname()} ${process.pid}`;
  for (let attempt = 0; ; attempt++)
    try {
      writeFileSync(file, name, { flag: 'wx' });
      const beat = setInterval(() => {
        try {
          writeFileSync(file, name);
        } catch {} // a folder that is gone, or a full disk, is told by who writes what it is for
      }, BEAT_MS).unref();
      return () => {
        clearInterval(beat);
        rmSync(file, { force: true });
      };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST' || attempt > 0)
        throw new BadInput(`${option}: expected a folder that can be written (${code ?? message})`);
      refuseOwned(file, option);
      rmSync(file, { force: true });
    }
}

/** Throws where the owner lives, for all that can be known: of another machine only its signs are seen. */
function refuseOwned(file: string, option: string): void {
  const [host, pid] = readFileSync(file, 'utf8').split(' ');
  const isHere = host === hostname();
  if (isHere && (Number(pid) === process.pid || !isAlive(Number(pid)))) return;
  if (!isHere && silentMs(file) > SILENT_MS) return;
  throw new BadInput(
    `${option}: process ${pid}${isHere ? '' : ` on ${host}`} writes into it; expected another folder, or wait for it${isHere ? `, or remove ${file} if that process is another program's` : ': a minute after its last sign the folder is free'}`,
  );
}

/** By the clock of the file system, as that of the other machine may be another. */
function silentMs(file: string): number {
  const probe = `${file}.${process.pid}.partial`;
  writeFileSync(probe, '');
  const nowMs = statSync(probe).mtimeMs;
  rmSync(probe);
  return nowMs - statSync(file).mtimeMs;
}
