/**
 * The folder that an import leaves: `corridor run FOLDER/scenario.yaml` runs it as it stands. It appears
 * complete or not at all, and replaces an earlier import of that name, nothing else.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { stringify as csvText } from 'csv-stringify/sync';
import { stringify as yamlText } from 'yaml';
import { BadInput } from '../platform/exit-codes.ts';
import { makeFolder, writeWhole } from '../platform/folders.ts';
import { loadScenario } from '../scenario/load.ts';
import type { NamedBic } from './rival-bics.ts';

/** A row of `payments.csv`, as services/scenario/listed-payments.ts reads it. */
export interface RivalPayment {
  readonly date: string;
  readonly time: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly amount: string;
  readonly priority: 'urgent' | 'high' | 'normal';
}

/** When a payment was sent and settled elsewhere, ms since 1970; null: it never settled. */
export interface RivalTimes {
  readonly submittedMs: number;
  readonly settledMs: number | null;
}

/** What an import makes of its source. */
export interface RivalImport {
  /** A scenario as docs/scenarios.md has it; its payments are added to it. */
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly payments: readonly RivalPayment[];
  /** Names of the source with their BICs, where they differ. */
  readonly bics: readonly NamedBic[];
  /** What means something else here than in the source, a sentence each. */
  readonly differences: readonly string[];
  /** Of each payment, in their order. */
  readonly observed?: readonly RivalTimes[];
  /** Of the source: what stands in import.json beside the sentences. */
  readonly counts: Readonly<Record<string, number>>;
  /** How the source was read: what was chosen, and by which flag. */
  readonly mapping: Readonly<Record<string, unknown>>;
}

const FILES = ['scenario.yaml', 'payments.csv', 'bics.csv', 'import.json', 'observed.csv'];
const PAYMENT_COLUMNS = [
  ...['date', 'time', 'debtor', 'creditor', 'currency', 'amount', 'priority'],
] as const satisfies readonly (keyof RivalPayment)[];

/**
 * @param format the name of what was imported, for import.json
 * @param sources the files that were read
 * @returns the files written, in the folder as given
 * @throws BadInput where the folder cannot be written or holds something that is no import
 * @throws ScenarioError where what was made is no scenario
 */
export function writeRivalFolder(
  asGiven: string,
  format: string,
  sources: readonly string[],
  imported: RivalImport,
): string[] {
  const path = folderFor(asGiven);
  const partial = `${path}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    makeFolder(partial);
    const texts = textsOf(format, sources, imported);
    for (const [name, text] of texts) writeWhole(partial, name, text);
    loadScenario(join(partial, 'scenario.yaml'), {
      readFile: (file) => readFileSync(file, 'utf8'),
    });
    rmSync(path, { recursive: true, force: true });
    renameSync(partial, path);
    return texts.map(([name]) => join(asGiven, name));
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new BadInput(
      `--out ${asGiven}: expected a folder that can be written (${code}): ${message}`,
    );
  }
}

function folderFor(asGiven: string): string {
  const path = resolve(asGiven);
  if (!existsSync(path)) return path;
  if (!statSync(path).isDirectory())
    throw new BadInput(`--out ${asGiven}: expected a folder, found a file`);
  const names = readdirSync(path);
  const foreign = names.find((name) => !FILES.includes(name));
  if (foreign !== undefined || (names.length > 0 && !names.includes('import.json')))
    throw new BadInput(
      `--out ${asGiven}: it holds ${foreign ?? names[0]} and is no import; expected an empty folder, an earlier import, or a new name`,
    );
  return path;
}

function textsOf(
  format: string,
  sources: readonly string[],
  { scenario, payments, bics, differences, observed, counts, mapping }: RivalImport,
): [name: string, text: string][] {
  const document = { ...scenario, payments: { csv: 'payments.csv' } };
  const told = {
    format,
    sources: sources.map((file) => ({ file: basename(file), sha256: sha256(file) })),
    mapping,
    counts: { payments: payments.length, ...counts },
    differences,
  };
  const instant = (atMs: number | null) => (atMs === null ? '' : new Date(atMs).toISOString());
  return [
    ['scenario.yaml', yamlText(document, { lineWidth: 0, version: '1.1' })],
    ['payments.csv', paymentsText(payments)],
    ...(bics.length > 0
      ? [
          ['bics.csv', csvText([...bics], { header: true, columns: ['name', 'bic'] })] as [
            string,
            string,
          ],
        ]
      : []),
    ...(observed
      ? [
          [
            'observed.csv',
            csvText(
              observed.map(({ submittedMs, settledMs }, index) => [
                index + 1,
                instant(submittedMs),
                instant(settledMs),
              ]),
              { header: true, columns: ['row', 'submitted', 'settled'] },
            ),
          ] as [string, string],
        ]
      : []),
    ['import.json', `${JSON.stringify(told, null, 2)}\n`],
  ];
}

/** No cell has anything in it that a CSV would quote. */
const paymentsText = (payments: readonly RivalPayment[]): string =>
  [
    PAYMENT_COLUMNS.join(','),
    ...payments.map((one) => PAYMENT_COLUMNS.map((column) => one[column]).join(',')),
    '',
  ].join('\n');

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
