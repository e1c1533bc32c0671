/** The import of a rival's scenario, in the folder that every import has (write-import.ts). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nothingWritten } from '../platform/exit-codes.ts';
import { LISTED_COLUMNS, type ListedColumn } from '../scenario/listed-payments.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { checkWritten } from './check-written.ts';
import { ImportFolder, type ImportSource, type ObservedTimes } from './write-import.ts';

/** A row of `payments.csv`, as services/scenario/listed-payments.ts reads it. */
export interface RivalPayment {
  readonly date: string;
  readonly time: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly amount: string;
  readonly priority: 'urgent' | 'high' | 'normal';
  /** When it is cancelled if it has not settled; of all payments of an import or of none. */
  readonly latest?: string;
}

/** What an import makes of its source. */
export interface RivalImport {
  /** A scenario as docs/scenarios.md has it; its payments are added to it. */
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly payments: readonly RivalPayment[];
  /** Names of the source with their BICs. */
  readonly bics: ReadonlyMap<string, string>;
  /** What means something else here than in the source, a sentence each. */
  readonly differences: readonly string[];
  /** Of each payment, in their order. */
  readonly observed?: readonly ObservedTimes[];
  /** Of the source: what stands in import.json beside the sentences. */
  readonly counts: Readonly<Record<string, number>>;
  /** How the source was read: what was chosen, and by which flag. */
  readonly mapping: Readonly<Record<string, unknown>>;
}

const COLUMNS = LISTED_COLUMNS.slice(0, 7);
const columnsOf = ([first]: readonly RivalPayment[]): readonly ListedColumn[] =>
  first?.latest === undefined ? COLUMNS : [...COLUMNS, 'latest'];

/**
 * @param files that were read
 * @returns the files written, in the folder as given
 * @throws BadInput where the folder cannot be written or holds something that is no import
 * @throws ScenarioError where what was made is no scenario
 */
export function writeRivalFolder(
  asGiven: string,
  source: ImportSource,
  files: readonly string[],
  { scenario, payments, bics, differences, observed, counts, mapping }: RivalImport,
): string[] {
  const document = { ...scenario, payments: { csv: 'payments.csv' } };
  const columns = columnsOf(payments);
  const folder = new ImportFolder(asGiven, columns, files);
  try {
    for (const [index, payment] of payments.entries())
      folder.addPayment({ ...payment }, observed?.[index]);
    folder.endPayments();
    const name = join(asGiven, 'scenario.yaml');
    checkWritten(
      folder,
      document,
      columns,
      payments.map((payment, number) => [number, { ...payment }] as const),
      (row, { column, expected, value }) => {
        throw new ScenarioError(
          `${name}: payment ${row + 1}: ${column}: ${JSON.stringify(value)}: expected ${expected}`,
        );
      },
      name,
    );
    const told = { mapping, counts: { payments: payments.length, ...counts } };
    const digests = new Map(files.map((file) => [file, sha256(file)]));
    return folder
      .finish({ source, files: digests, scenario: document, bics, differences, told })
      .map((file) => join(asGiven, file));
  } catch (error) {
    folder.discard();
    throw nothingWritten(asGiven, error);
  }
}

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
