import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { BadInput } from '../platform/exit-codes.ts';
import { shellWord } from '../platform/shell-word.ts';
import { poolInput } from '../protocol/names/topic-plan.ts';
import {
  InputLogFault,
  type InputLogHeader,
  InputLogReader,
  type InputLogVisitor,
} from '../protocol/records/input-log-file.ts';
import { openLogToRead, poolsIn } from './named-log.ts';

/** Takes the next input record of a pool; false: no more is wanted. */
type TakeInput = (pool: string, position: number, value: Uint8Array) => boolean;

/** The input logs of a run or of a live network, which can be read again and again. */
export interface Inputs {
  /** As the user named it. */
  readonly name: string;
  /**
   * Reads the records of all pools, those of a pool in order, as long as they are wanted.
   * @param between awaited after every few thousand of them
   */
  read(take: TakeInput, between?: () => Promise<void>): Promise<void>;
}

/** @throws BadInput where there is no finished run */
export function runInputs(run: string): Inputs {
  const file = inputLogOf(run);
  return { name: run, read: (take, between) => readFile(file, take, between) };
}

/** The input.log of a run, named by its folder or itself. Throws BadInput where there is none. */
export function inputLogOf(run: string): string {
  const file = run.endsWith('.log') ? run : join(run, 'input.log');
  if (!existsSync(file))
    throw new BadInput(`${file}: not found; expected the folder of ${wantedRun(run)}`);
  return file;
}

/** What a folder should be that lacks a part of a run. */
export function wantedRun(folder: string): string {
  const made = howItWasMade(join(folder, 'summary.json'));
  if (made === null) return 'a finished run';
  const scenario = join(folder, 'scenario.json');
  const { signatures, counterfactualOf, overrides, observed } = made;
  if (observed !== undefined) {
    if (!existsSync(join(folder, 'payments.csv')))
      return 'a run with all its results; this one is observed: corridor observe of its import makes one, and corridor run of the scenario there one that the core settles';
    return `a run that the core settled: in this one, which is observed, nothing was; corridor run ${shellWord(scenario)} settles its payments, and corridor compare holds the two against each other`;
  }
  if (counterfactualOf !== undefined)
    return `a run with all its results; corridor replay of the run ${counterfactualOf} with --results full and the same --set makes one of this`;
  if (!existsSync(scenario))
    return 'a run with all its results; run the scenario with --results full';
  const unsigned = signatures === false ? ' --no-signatures' : '';
  const own = /^--mechanism (.+)$/m.exec((overrides ?? []).join('\n'));
  const proposed = own ? ` --mechanism FILE (of ${own[1]})` : '';
  return `a run with all its results; corridor run ${shellWord(scenario)}${unsigned}${proposed} --results full makes one of this`;
}

/** What a summary.json says of it; null where there is none, or somebody else's. */
function howItWasMade(summary: string) {
  try {
    const made: unknown = JSON.parse(readFileSync(summary, 'utf8'));
    return made as {
      signatures?: boolean;
      counterfactualOf?: string;
      overrides?: string[];
      observed?: object;
    } | null;
  } catch {
    return null;
  }
}

/** What a parser quotes may have line ends. */
const onLine = (message: string) => message.replace(/\s+/g, ' ');

export const damagedFile = (file: string, reason: string) =>
  new BadInput(
    `${file} is damaged or was changed after the run: ${onLine(reason)}; take it from a copy or run the scenario again`,
  );

/** zlib's, of a file that does not begin as gzip does. */
const NOT_GZIPPED = 'incorrect header check';

/** Bytes of a piece: each costs a turn of the event loop. */
const PIECE_BYTES = 1 << 18;

/** The unzipped bytes of an input.log; of what is thrown meanwhile `inputLogFault` says what it is. */
export const unzipped = (file: string): AsyncIterable<Uint8Array> =>
  createReadStream(file, { highWaterMark: PIECE_BYTES }).pipe(
    createGunzip({ chunkSize: PIECE_BYTES }),
  );

/** What is to be said of an error while an input.log is read. */
export function inputLogFault(file: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const isForeign =
    code === 'EISDIR' ||
    message === NOT_GZIPPED ||
    (error instanceof InputLogFault && error.isForeign);
  if (isForeign)
    return new BadInput(`${file}: ${onLine(message)}; expected the input.log of a finished run`);
  if (code?.startsWith('Z_')) return damagedFile(file, `what is compressed is broken (${message})`);
  return error instanceof InputLogFault ? damagedFile(file, message) : error;
}

/** A record of an input.log. */
export interface FiledRecord {
  /** Its pool's number in the header. */
  readonly pool: number;
  readonly value: Uint8Array;
}

/** What stands before and behind the records. */
export type InputLogEnds = Pick<InputLogVisitor, 'header' | 'trailer'>;

/**
 * The records of an input.log in its order, piece by piece. Throws BadInput where the file is none, or
 * damaged; its end is looked at where all of it is read.
 */
export async function* filedRecords(
  file: string,
  ends: Partial<InputLogEnds> = {},
): AsyncGenerator<readonly FiledRecord[], void> {
  let records: FiledRecord[] = [];
  const reader = new InputLogReader({
    header: (header) => ends.header?.(header),
    record: (pool, value) => records.push({ pool, value }),
    trailer: (trailer, inputDigest) => ends.trailer?.(trailer, inputDigest),
  });
  try {
    for await (const piece of unzipped(file)) {
      reader.push(piece);
      yield records;
      records = [];
    }
    reader.end();
  } catch (error) {
    throw inputLogFault(file, error);
  }
}

async function readFile(
  file: string,
  take: TakeInput,
  between?: () => Promise<void>,
): Promise<void> {
  let pools: readonly string[] = [];
  const next: number[] = [];
  const header = (header: InputLogHeader) => {
    pools = header.pools;
    next.push(...pools.map(() => 0));
  };
  for await (const records of filedRecords(file, { header })) {
    for (const { pool, value } of records) {
      const position = next[pool] as number;
      if (!take(pools[pool] as string, position, value)) return;
      next[pool] = position + 1;
    }
    await between?.();
  }
}

const READ_RECORDS = 4096;

/** The pools' inputs of a live network's log, up to where each ends when it is read. */
export function logInputs(spec: string): Inputs {
  return {
    name: spec,
    async read(take, between) {
      const log = await openLogToRead(spec, 'corridor-explain');
      try {
        for (const pool of await poolsIn(log, spec)) {
          const topic = poolInput(pool);
          const end = await log.endOffset(topic, 0);
          for (let position = 0; position < end; ) {
            const records = await log.read(topic, 0, position, READ_RECORDS);
            if (records.length === 0) break;
            for (const { logOffset, value } of records)
              if (logOffset < end && !take(pool, logOffset, value)) return;
            await between?.();
            position += records.length;
          }
        }
      } finally {
        await log.close();
      }
    },
  };
}
