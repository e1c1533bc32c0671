import { join } from 'node:path';
import { Command } from 'commander';
import { importPssimpy } from '../import/pssimpy.ts';
import { readPssimpy } from '../import/pssimpy-tables.ts';
import { type RivalImport, writeRivalFolder } from '../import/rival-folder.ts';
import { importSimcash } from '../import/simcash.ts';
import { utf8Text } from '../import/utf8-text.ts';
import type { ImportSource } from '../import/write-import.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { shellWord } from '../platform/shell-word.ts';
import { DATE_EXPECTED, isDate } from '../scenario/local-time-to-instant.ts';
import { seedFrom } from './number-flags.ts';

/** A Monday, that of the pilot scenarios. */
const FIRST_DATE = '2026-03-16';

interface CommonFlags {
  readonly out: string;
  readonly currency: string;
  readonly firstDate: string;
}

export function importPssimpyCommand(): Command {
  return new Command('pssimpy')
    .description("PSSimPy's tables of banks, accounts and transactions")
    .argument('<files...>', "CSV files of tables, and a JSON file of the simulator's arguments")
    .requiredOption('--out <folder>', 'where the scenario goes')
    .option('--currency <code>', 'of all amounts; XTS, for tests, has no decimals', 'XTS')
    .option('--first-date <date>', "the date of PSSimPy's day 1", dateFrom, FIRST_DATE)
    .action((files: string[], { out, ...choices }: CommonFlags) => {
      const source = readPssimpy(files.map((file) => ({ file, text: utf8Text(file) })));
      write(out, 'pssimpy', files, importPssimpy(source, choices));
    });
}

export function importSimcashCommand(): Command {
  return new Command('simcash')
    .description("SimCash's scenario, with its event stream for identical payments")
    .argument('<scenario>', 'its YAML file')
    .requiredOption('--out <folder>', 'where the scenario goes')
    .option(
      '--events <file>',
      'its events (JSON lines, a JSON list) or its table of transactions (CSV): the payments are those',
    )
    .option('--draw', 'draw the arrivals anew, by a generator of ours')
    .option('--seed <n>', 'with --draw, takes the place of rng_seed', seedFrom)
    .option('--currency <code>', 'of all amounts, which are in minor units', 'USD')
    .option('--first-date <date>', 'the date of its first day', dateFrom, FIRST_DATE)
    .option('--opens <time>', 'when its first tick of a day is', '08:00')
    .option('--closes <time>', 'when its last tick of a day ends', '18:00')
    .action((file: string, flags: CommonFlags & SimcashFlags) => {
      const { out, events, draw = false, seed, ...choices } = flags;
      if (draw && events !== undefined)
        throw new BadInput('--draw: expected it without --events, which has the payments');
      if (seed !== undefined && !draw)
        throw new BadInput(`--seed ${seed}: expected it with --draw alone, which draws by it`);
      const imported = importSimcash(
        { file, text: utf8Text(file) },
        events === undefined ? null : { file: events, text: utf8Text(events) },
        { ...choices, draw, ...(seed !== undefined && { seed }) },
      );
      write(out, 'simcash', events === undefined ? [file] : [file, events], imported);
    });
}

interface SimcashFlags {
  readonly events?: string;
  readonly draw?: boolean;
  readonly seed?: number;
  readonly opens: string;
  readonly closes: string;
}

function dateFrom(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !isDate(text))
    throw new BadInput(`--first-date ${text}: expected ${DATE_EXPECTED}`);
  return text;
}

function write(
  out: string,
  source: ImportSource,
  files: readonly string[],
  imported: RivalImport,
): void {
  const written = writeRivalFolder(out, source, files, imported);
  const { differences } = imported;
  const lines = [
    ...written,
    ...(differences.length > 0 ? ['differences:'] : []),
    ...differences.map((sentence) => `  - ${sentence}`),
    `run it: corridor run ${shellWord(join(out, 'scenario.yaml'))}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
