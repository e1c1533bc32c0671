import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { createSettlement } from '../core/settlement.ts';
import { createVerification } from '../core/verification.ts';
import { InputLogFault } from '../protocol/input-log-file.ts';
import { Replay } from '../simulator/replay.ts';
import { wasmBytes } from './build-info.ts';
import { BadInput, EXIT } from './exit.ts';

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'verify the recorded messages of a run again, re-run its input, and say whether both agree',
    )
    .argument('<run>', 'folder of a run (it holds input.log)')
    .option('--json', 'print the result as one JSON object')
    .action(async (run: string, options: { json?: boolean }) => {
      process.once('SIGINT', () => {
        process.stderr.write('corridor: interrupted; a replay writes nothing\n');
        process.exit(EXIT.interrupted);
      });
      const result = await replay(run);
      const agrees = result.eventsHash === result.trailer.eventsHash;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ run, agrees, ...result })}\n`
          : [
              `${run}: scenario ${result.header.scenario}, seed ${result.header.seed}, recorded by version ${result.header.version}`,
              `${result.records} input records gave ${result.events} events`,
              result.header.signatures
                ? `${result.messages} messages verified again, with the recorded verdicts`
                : `${result.messages} messages, which the run did not sign`,
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
  const file = run.endsWith('.log') ? run : join(run, 'input.log');
  if (!existsSync(file))
    throw new BadInput(`${file}: not found; expected the folder of a finished run`);
  const wasm = new WebAssembly.Module(new Uint8Array(wasmBytes()));
  const replayed = new Replay(() => createSettlement(wasm), createVerification(wasm));
  const pieces = createReadStream(file).pipe(createGunzip());
  try {
    for await (const piece of pieces) {
      replayed.push(piece);
      await replayed.advance();
    }
    return await replayed.result();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof InputLogFault || code?.startsWith('Z_') || code === 'EISDIR')
      throw new BadInput(`${file}: ${message}; expected the input.log of a finished run`);
    throw error;
  }
}
