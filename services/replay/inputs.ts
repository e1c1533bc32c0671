import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { BadInput } from '../platform/service/exit.ts';
import { poolInput } from '../protocol/names/topics.ts';
import { InputLogFault, InputLogReader } from '../protocol/records/input-log-file.ts';
import { openLogToRead } from './named-log.ts';

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
  const file = run.endsWith('.log') ? run : join(run, 'input.log');
  if (!existsSync(file))
    throw new BadInput(`${file}: not found; expected the folder of a finished run`);
  return { name: run, read: (take, between) => readFile(file, take, between) };
}

async function readFile(
  file: string,
  take: TakeInput,
  between?: () => Promise<void>,
): Promise<void> {
  let pools: readonly string[] = [];
  const next: number[] = [];
  let wanted = true;
  const reader = new InputLogReader({
    header: (header) => {
      pools = header.pools;
      next.push(...pools.map(() => 0));
    },
    record: (index, value) => {
      if (wanted) wanted = take(pools[index] as string, next[index] as number, value);
      next[index] = (next[index] as number) + 1;
    },
    trailer: () => {},
  });
  try {
    for await (const piece of createReadStream(file).pipe(createGunzip())) {
      reader.push(piece);
      await between?.();
      if (!wanted) return;
    }
    reader.end();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof InputLogFault || code?.startsWith('Z_') || code === 'EISDIR')
      throw new BadInput(`${file}: ${message}; expected the input.log of a finished run`);
    throw error;
  }
}

const READ_RECORDS = 4096;
const POOL_INPUT = /^pool\.(.+)\.input$/;

/** The pools' inputs of a live network's log, up to where each ends when it is read. */
export function logInputs(spec: string): Inputs {
  return {
    name: spec,
    async read(take, between) {
      const log = await openLogToRead(spec, 'corridor-explain');
      try {
        const names = (await log.topics()).flatMap(({ name }) => POOL_INPUT.exec(name)?.[1] ?? []);
        if (names.length === 0) throw new BadInput(`--log ${spec}: it holds no pool's input`);
        for (const pool of names.sort()) {
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
