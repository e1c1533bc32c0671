import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { version } from '../../services/platform/service/build-info.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { writePaymentsCsv } from '../../services/run/write-payments-csv.ts';
import { OBSERVED_FILE } from '../../services/scenario/observed-times.ts';
import { type ImportFiles, observed } from './observed-import.ts';

export function writeImport(files: ImportFiles, folder: string): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/**
 * What `corridor compare` reads of an observed run, whose payments are listed in its `inputs`. `corridor
 * observe` also fills the analysis store.
 */
export async function recordObserved(files: ImportFiles, run: string): Promise<Summary> {
  const { summary, rows, scenario } = await observed(files);
  const { 'scenario.yaml': _, 'observed.csv': times = '', ...listed } = files;
  writeImport({ ...listed, [`inputs/${OBSERVED_FILE}`]: times }, run);
  writeFileSync(join(run, 'scenario.json'), JSON.stringify(scenario.document));
  writeFileSync(join(run, 'summary.json'), JSON.stringify({ ...summary, version }));
  await writePaymentsCsv(join(run, 'payments.csv'), scenario, rows);
  return summary;
}
