import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { createSettlement } from '../core/settlement.ts';
import { InputLogFault } from '../protocol/input-log-file.ts';
import { Replay } from '../simulator/replay.ts';
import { wasmBytes } from './build-info.ts';
import { BadInput, EXIT } from './exit.ts';

export function replayCommand(): Command {
  return new Command('replay')
    .description('re-run the recorded input of a run and say whether its events are the same')
    .argument('<run>', 'folder of a run (it holds input.log)')
    .option('--json', 'print the result as one JSON object')
    .action(async (run: string, options: { json?: boolean }) => {
      const result = await replay(run);
      const agrees = result.eventsHash === result.trailer.eventsHash;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ run, agrees, ...result })}\n`
          : [
              `${run}: scenario ${result.header.scenario}, seed ${result.header.seed}, recorded by version ${result.header.version}`,
              `${result.records} input records gave ${result.events} events`,
              `eventsHash ${result.eventsHash}`,
              agrees
                ? 'the replay agrees with the run'
                : `THE REPLAY DIFFERS: the run recorded ${result.trailer.eventsHash}`,
              '',
            ].join('\n'),
      );
      if (!agrees) process.exitCode = EXIT.failure;
    });
}

async function replay(run: string) {
  const file = join(run, 'input.log');
  if (!existsSync(file))
    throw new BadInput(`${file}: not found; expected the folder of a finished run`);
  const wasm = await WebAssembly.compile(new Uint8Array(wasmBytes()));
  const replayed = new Replay(() => createSettlement(wasm));
  try {
    await pipeline(createReadStream(file), createGunzip(), async (pieces) => {
      for await (const piece of pieces) replayed.push(piece);
    });
    return replayed.result();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof InputLogFault || code?.startsWith('Z_') || error instanceof SyntaxError)
      throw new BadInput(`${file}: ${message}; expected the input.log of a finished run`);
    throw error;
  }
}
