import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import { secretKeyFromPem } from '../core/verification/signing.ts';
import { type LoadRequest, loadLines } from '../drive/loadgen.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { packageFolder } from '../platform/service/build-info.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { simulatedSecretKey } from '../simulator/keys-and-genesis.ts';
import { wholeFrom } from './number-flags.ts';
import { refuseOverwrite } from './output-file.ts';

interface LoadgenFlags {
  readonly out: string;
  readonly payments: number;
  readonly banks: number;
  readonly seed?: number;
  readonly scenario: string;
  readonly keys?: string;
  readonly issuedAt?: number;
  readonly rate: number;
  readonly reads: boolean;
}

const whole = (option: string, least: number) =>
  wholeFrom(`--${option}`, (value) => value >= least, `a whole number of at least ${least}`);

/** `now`, `+<seconds>s`, or an instant as ISO 8601 writes it. */
function instant(text: string): number {
  if (text === 'now') return Date.now();
  const later = /^\+([0-9]{1,6})s$/.exec(text);
  if (later) return Date.now() + Number(later[1]) * 1000;
  const atMs = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(atMs))
    throw new BadInput(
      `--issued-at ${text}: expected now, +60s, or an instant such as 2026-03-16T09:00:00Z`,
    );
  return atMs;
}

export function loadgenCommand(): Command {
  return new Command('loadgen')
    .description('prepare signed payments for a load test (load-tests/README.md)')
    .requiredOption('--out <file>', 'file of JSON lines to be written')
    .option('--payments <n>', 'how many', whole('payments', 1), 100_000)
    .option('--banks <n>', 'how many of the scenario’s banks send', whole('banks', 2), 64)
    .option('--seed <n>', 'seed of what is drawn, and of the keys', whole('seed', 0))
    .option('--scenario <file>', 'whose banks send', join(packageFolder, 'scenarios/load.yaml'))
    .option('--keys <dir>', 'sign with these keys, <BIC>.pem, such as a sandbox has')
    .option(
      '--issued-at <instant>',
      'when the test is to start: now, +60s, or 2026-03-16T09:00:00Z (default: now)',
      instant,
    )
    .option(
      '--rate <n>',
      'payments a second in the test: issue times go on with it; 0: all have the same',
      whole('rate', 0),
      0,
    )
    .option('--no-reads', 'without signed requests to read each status: half the time and size')
    .action(async (flags: LoadgenFlags) => {
      refuseOverwrite('--out', flags.out, [flags.scenario, flags.keys]);
      const scenario = loadScenario(flags.scenario, {
        readFile: (path) => readFileSync(path, 'utf8'),
      });
      const seed = flags.seed ?? scenario.seed;
      const startedNs = process.hrtime.bigint();
      await write(flags.out, {
        scenario,
        payments: flags.payments,
        banks: flags.banks,
        seed,
        startMs: flags.issuedAt ?? Date.now(),
        rate: flags.rate,
        reads: flags.reads,
        secretKeyOf: (bic) =>
          flags.keys === undefined ? simulatedSecretKey(seed, bic) : keyFrom(flags.keys, bic),
      });
      const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
      process.stdout.write(
        `${flags.out}: ${flags.payments} payments of ${flags.banks} banks in ${seconds.toFixed(1)} s\n`,
      );
    });
}

function keyFrom(folder: string, bic: string): Uint8Array {
  const file = join(folder, `${bic}.pem`);
  if (!existsSync(file))
    throw new BadInput(`--keys ${folder}: ${bic}.pem is not there; expected a key for each bank`);
  try {
    return secretKeyFromPem(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BadInput(`--keys ${folder}: ${bic}.pem: ${(error as Error).message}`);
  }
}

const PIECE_CHARACTERS = 1 << 20;

/** The file appears when it is whole. */
async function write(out: string, request: LoadRequest): Promise<void> {
  const partial = `${out}.partial`;
  const file = createWriteStream(partial);
  try {
    let piece = '';
    for (const line of loadLines(request)) {
      piece += `${JSON.stringify(line)}\n`;
      if (piece.length < PIECE_CHARACTERS) continue;
      if (!file.write(piece)) await once(file, 'drain');
      piece = '';
    }
    file.end(piece);
    await finished(file);
    renameSync(partial, out);
  } catch (error) {
    file.destroy();
    rmSync(partial, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES')
      throw new BadInput(`--out ${out}: cannot be written (${message})`);
    throw error;
  }
}
