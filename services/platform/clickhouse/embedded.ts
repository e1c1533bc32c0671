/**
 * A ClickHouse of one's own: chDB in a child process behind an HTTP face on the loopback, with a
 * random port and password, so that one client serves it and a real server alike.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../folders-and-whole-files.ts';
import { gist } from './engine-last-words.ts';

export interface EmbeddedClickHouse {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Exists. */
  readonly database: string;
  readonly pid: number;
  /** Ends the statements in hand and the process; the folder can be opened again then. */
  stop(): Promise<void>;
  /** Resolves when the process has ended, with how: null after `stop`, else one line. */
  readonly exited: Promise<string | null>;
}

export interface EmbeddedClickHouseOptions {
  /** Holds the tables; created if need be; one process at a time. */
  readonly folder: string;
  /** Folder of SQL files that a new database is made of: as `migrate` does it, in half the time. */
  readonly schema?: string;
  /** One that loads already. */
  readonly engine?: LaunchedEngine;
}

/** An engine's process, which loads the engine and has no folder yet. */
export interface LaunchedEngine {
  readonly running: Running;
  /** Ends it, if it has not ended. */
  stop(): Promise<void>;
}

/** Parent to child, once. */
export interface StartMessage {
  readonly kind: 'start';
  readonly folder: string;
  readonly schema: string | null;
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

export type ChildMessage =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** Of every embedded store. */
export const DATABASE = 'corridor';
/** The child gives up after 5 s by itself. */
const STOP_MS_MAX = 8_000;
/** What the engine writes to stderr when it cannot start fits. */
const STDERR_CHARACTERS = 4_000;

/** @param platform as `process.platform` and `process.arch`, joined by a dash */
export function missingBinaryText(platform: string): string {
  const { optionalDependencies } = createRequire(import.meta.url)('chdb/package.json') as {
    optionalDependencies: Record<string, string>;
  };
  const binary = Object.entries(optionalDependencies).find(([name]) => name.includes(platform));
  const remedy =
    binary === undefined
      ? 'name a ClickHouse server instead: chDB has no binary for this platform'
      : `install it by \`npm install --no-save ${binary.join('@')}\` (glibc only), or name a ClickHouse server instead`;
  return `the embedded ClickHouse (chDB) cannot be loaded on ${platform}: ${remedy}`;
}

/** As chDB says that it has no binary for the machine, or none that can be loaded. */
export const hasNoEngine = (code: string | undefined): boolean =>
  code === 'CHDB_PLATFORM' || code === 'CHDB_ABI';

function failure(folder: string, code: string, message: string, stderr: string): Error {
  if (hasNoEngine(code))
    return new Error(`${missingBinaryText(`${process.platform}-${process.arch}`)} (${message})`);
  if (stderr.includes('Cannot lock file'))
    return new Error(
      `the ClickHouse folder ${folder} is open in another process: stop that one, or choose another`,
    );
  return new Error(
    `the embedded ClickHouse did not start in ${folder}: ${message} ${gist(stderr)}`.trim(),
  );
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<string | null>;
  stderr(): string;
  expectExit(): void;
}

function launch(): Running {
  const child = fork(fileURLToPath(new URL('./embedded-process.js', import.meta.url)), {
    execArgv: [],
    // A process group of its own: Ctrl-C on a terminal is for the parent, which ends the child.
    detached: true,
    // Without TZ the engine takes the machine's zone for times that name none.
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  let expected = false;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARACTERS);
  });
  const exited = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(
        expected
          ? null
          : `the embedded ClickHouse ended by itself (${signal ?? `exit ${code}`}) ${gist(stderr)}`.trim(),
      ),
    );
  });
  return {
    child,
    exited,
    stderr: () => stderr.trim(),
    expectExit() {
      expected = true;
    },
  };
}

function started({ child, exited, stderr }: Running, message: StartMessage): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer: ChildMessage) => {
      if (answer.kind === 'ready') resolve(answer.port);
      else reject(failure(message.folder, answer.code, answer.message, stderr()));
    });
    void exited.then((how) => reject(failure(message.folder, '', how ?? 'it ended', '')));
    child.send(message);
  });
}

async function stop({ child, exited, expectExit }: Running): Promise<void> {
  expectExit();
  if (child.connected) child.send({ kind: 'stop' });
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await exited;
  clearTimeout(killer);
}

/** Loading takes as long as much of a command's own: begun first, the two go side by side. */
export function launchEngine(): LaunchedEngine {
  const running = launch();
  return { running, stop: () => stop(running) };
}

/** Throws one clear line where the engine cannot be loaded or the folder not be used. */
export async function startEmbeddedClickHouse(
  options: EmbeddedClickHouseOptions,
): Promise<EmbeddedClickHouse> {
  const folder = resolvePath(options.folder);
  makeFolder(folder);
  const credentials = { username: 'corridor', password: randomBytes(24).toString('base64url') };
  const { running } = options.engine ?? launchEngine();
  try {
    const port = await started(running, {
      kind: 'start',
      folder,
      schema: options.schema ?? null,
      database: DATABASE,
      ...credentials,
    });
    return {
      url: `http://127.0.0.1:${port}`,
      ...credentials,
      database: DATABASE,
      pid: running.child.pid!,
      stop: () => stop(running),
      exited: running.exited,
    };
  } catch (error) {
    await stop(running);
    throw error;
  }
}
