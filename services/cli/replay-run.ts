import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { InputLogFault } from '../protocol/input-log-file.ts';
import type { Replay, ReplayResult } from '../simulator/replay.ts';
import { BadInput } from './exit.ts';

/** Feeds a replay with the input.log of a run, named by its folder or itself. */
export async function replayRun(run: string, replay: Replay): Promise<ReplayResult> {
  const file = run.endsWith('.log') ? run : join(run, 'input.log');
  if (!existsSync(file))
    throw new BadInput(`${file}: not found; expected the folder of a finished run`);
  const pieces = createReadStream(file).pipe(createGunzip());
  try {
    for await (const piece of pieces) {
      replay.push(piece);
      await replay.advance();
    }
    return await replay.result();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof InputLogFault || code?.startsWith('Z_') || code === 'EISDIR')
      throw new BadInput(`${file}: ${message}; expected the input.log of a finished run`);
    throw error;
  }
}
