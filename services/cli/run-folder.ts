import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { BadInput } from './exit.ts';

/** What a finished run holds; a folder with anything else in it is not overwritten. */
const RUN_FILES = ['summary.json', 'report.html', 'payments.csv', 'input.log', 'clickhouse', 'log'];
const OWNER_FILE = '.writing';

/**
 * The folder of a run. Everything is written into `<folder>.partial` and takes its place in one
 * rename at the end, so a run is there whole or not at all; an earlier run of that name is replaced.
 */
export class RunFolder {
  readonly path: string;
  readonly partial: string;

  /** Throws BadInput where the folder cannot be written or holds something that is no run. */
  constructor(path: string) {
    this.path = resolve(path);
    this.partial = `${this.path}.partial`;
    refuseForeign(this.path, path);
    refuseBusy(this.partial);
    try {
      rmSync(this.partial, { recursive: true, force: true });
      mkdirSync(this.partial, { recursive: true });
      writeFileSync(join(this.partial, OWNER_FILE), String(process.pid));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new BadInput(
        `--out ${path}: expected a folder that can be written (${code ?? message})`,
      );
    }
  }

  file(name: string): string {
    return join(this.partial, name);
  }

  /** A stream into a file of the run. */
  stream(name: string) {
    return createWriteStream(this.file(name));
  }

  /** Puts the finished run in its place. Everything in it must be closed. */
  finish(): void {
    rmSync(join(this.partial, OWNER_FILE));
    rmSync(this.path, { recursive: true, force: true });
    renameSync(this.partial, this.path);
  }

  /** Leaves nothing of an unfinished run behind. */
  discard(): void {
    rmSync(this.partial, { recursive: true, force: true });
  }
}

function refuseForeign(path: string, asGiven: string): void {
  if (!existsSync(path)) return;
  let names: string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    throw new BadInput(
      `--out ${asGiven}: expected a folder (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  const foreign = names.find((name) => !RUN_FILES.includes(name));
  if (foreign !== undefined)
    throw new BadInput(
      `--out ${asGiven}: it holds ${foreign}, which is no part of a run; expected an empty folder, an earlier run, or a new name`,
    );
}

/** Two runs into one folder would mix their files. */
function refuseBusy(partial: string): void {
  const owner = join(partial, OWNER_FILE);
  if (!existsSync(owner)) return;
  const pid = Number(readFileSync(owner, 'utf8'));
  if (pid !== process.pid && isAlive(pid))
    throw new BadInput(
      `--out: process ${pid} is writing a run there; expected another folder, or wait for it`,
    );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
