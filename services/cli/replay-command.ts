import { Command } from 'commander';
import { createSettlement } from '../core/settlement.ts';
import { createVerification } from '../core/verification.ts';
import { Replay } from '../simulator/replay.ts';
import { wasmBytes } from './build-info.ts';
import { BadInput, EXIT } from './exit.ts';
import { replayLog } from './replay-log.ts';
import { replayRun } from './replay-run.ts';

interface ReplayFlags {
  readonly log?: string;
  readonly pool?: string;
  readonly json?: boolean;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'verify the recorded messages of a run again, re-run its input, and say whether both agree',
    )
    .argument('[run]', 'folder of a run (it holds input.log)')
    .option(
      '--log <log>',
      "instead of a run, a live network's log: embedded:<folder> or kafka:<host:port>[,...]",
    )
    .option('--pool <name>', 'with --log: this pool alone')
    .option('--json', 'print the result as one JSON object')
    .action(async (run: string | undefined, options: ReplayFlags) => {
      process.once('SIGINT', () => {
        process.stderr.write('corridor: interrupted; a replay writes nothing\n');
        process.exit(EXIT.interrupted);
      });
      if ((run === undefined) === (options.log === undefined))
        throw new BadInput('replay: expected the folder of a run, or --log');
      if (run === undefined) return replayLive(options.log as string, options);
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

/** A live log has no recorded hash: its events topics are what the replay is held against. */
async function replayLive(log: string, { pool, json }: ReplayFlags): Promise<void> {
  const result = await replayLog(log, pool);
  if (json) {
    process.stdout.write(`${JSON.stringify({ agrees: true, ...result })}\n`);
    return;
  }
  const lines = result.pools.flatMap(({ pool: name, records, events, confirmed }) => [
    `pool ${name}: ${records} input records gave ${events} events`,
    confirmed === events
      ? '  the live topic holds the same'
      : `  the live topic holds the first ${confirmed} of them, the same`,
  ]);
  if (result.otherRecords !== null)
    lines.push(`${result.otherRecords} records of other topics read, none of them damaged`);
  process.stdout.write(`${lines.join('\n')}\neventsHash ${result.eventsHash}\n`);
}

function replay(run: string) {
  const wasm = new WebAssembly.Module(new Uint8Array(wasmBytes()));
  return replayRun(run, new Replay(() => createSettlement(wasm), createVerification(wasm)));
}
