import { join } from 'node:path';
import { Command } from 'commander';
import { type Imported, importCsv } from '../import/import-csv.ts';
import { type Mapping, readMapping } from '../import/mapping.ts';
import { sampleRows } from '../import/sample-rows.ts';
import { type Sniffed, sniff } from '../import/sniff.ts';
import { utf8Text } from '../import/utf8-text.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { shellWord } from '../platform/shell-word.ts';
import { importPssimpyCommand, importSimcashCommand } from './import-pssimpy-simcash.ts';

interface CsvFlags {
  readonly mapping?: string;
  readonly out?: string;
  readonly accept?: boolean;
  readonly keepBics?: boolean;
}

export function importCommand(): Command {
  return new Command('import')
    .description(
      "make a scenario of a system's own payments and balances, or of another simulator's",
    )
    .addCommand(
      new Command('csv')
        .description(
          'from CSV files; without --mapping, say what is found in them and write nothing',
        )
        .argument('<files...>', 'files of payments, and files of balances where there are any')
        .option('--mapping <file>', 'how the files are to be read (YAML)')
        .option(
          '--accept',
          'read them as what is found in them says, where nothing is left to choose',
        )
        .option('--out <dir>', 'folder of the scenario')
        .option('--keep-bics', "keep real institutions' BICs (default: test BICs, with a table)")
        .action(importFromCsv),
    )
    .addCommand(importPssimpyCommand())
    .addCommand(importSimcashCommand());
}

function importFromCsv(files: string[], { mapping: file, out, accept, keepBics }: CsvFlags): void {
  if (file !== undefined && accept) throw new BadInput('--accept: expected none beside --mapping');
  if (file === undefined && !accept) {
    if (out !== undefined)
      throw new BadInput(
        '--out: expected --mapping FILE or --accept beside it: nothing is guessed',
      );
    show(files, sniff(files));
    return;
  }
  if (out === undefined) throw new BadInput('--out: missing: expected the folder of the scenario');
  const sniffed = file === undefined ? sniff(files) : null;
  if (sniffed !== null && sniffed.open.length > 0)
    throw new BadInput(
      `--accept: expected files that leave nothing to choose:\n${indented(sniffed.open)}\nsave what is found by \`corridor import csv FILES > mapping.yaml\`, and choose there`,
    );
  const mapping =
    sniffed === null ? readMapping(file as string, utf8Text(file as string)) : accepted(sniffed);
  for (const text of sniffed?.told ?? []) process.stderr.write(`assumed: ${text}\n`);
  const mappingName = file ?? 'what was found (--accept)';
  print(out, importCsv({ files, mapping, mappingName, out, keepsBics: keepBics === true }));
}

/** The mapping goes to stdout alone, so that `> mapping.yaml` saves it. */
function show(files: readonly string[], sniffed: Sniffed): void {
  process.stdout.write(sniffed.text);
  const { open, told } = sniffed;
  const words = files.map(shellWord).join(' ');
  const use = `corridor import csv ${words} --mapping mapping.yaml --out FOLDER`;
  const samples = open.length === 0 ? sampleRows(files, accepted(sniffed)) : [];
  const parts = [
    ...(samples.length > 0 ? ['read so:', indented(samples)] : []),
    ...(told.length > 0 ? ['assumed:', indented(told)] : []),
    ...(open.length > 0 ? ['to choose:', indented(open)] : []),
    `nothing was written. Save the mapping by \`> mapping.yaml\`, look at it, then: ${use}`,
  ];
  process.stderr.write(`${parts.join('\n')}\n`);
}

const accepted = ({ text }: Sniffed): Mapping => readMapping('what was found', text);

function print(out: string, imported: Imported): void {
  const { payments, participants, businessDates, files, assumed, differences } = imported;
  const dates = businessDates.length === 1 ? 'business date' : 'business dates';
  process.stdout.write(
    [
      `${payments.toLocaleString('en-US')} payments of ${participants} participants on ${businessDates.length} ${dates}: ${files.join(', ')}`,
      ...[...assumed, ...differences].map((text) => `  ${text}`),
      `run it: corridor run ${shellWord(join(out, 'scenario.yaml'))}`,
      '',
    ].join('\n'),
  );
}

const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');
