import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { pssimpyTablesOf } from '../export/scenario-to-pssimpy.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { WholeFolder } from '../platform/whole-folder.ts';
import { wantedRun } from '../replay/recorded-inputs.ts';
import { loadScenario } from '../scenario/load-scenario.ts';

/** Writes banks.csv, accounts.csv, transactions.csv and arguments.json, which PSSimPy loads. */
export function exportPssimpy(
  named: string,
  out: string | undefined,
  currency: string | undefined,
): void {
  const file = scenarioOf(named);
  const scenario = loadScenario(file, { readFile: (path) => readFileSync(path, 'utf8') });
  const { banks, accounts, transactions, args, differences } = pssimpyTablesOf(scenario, currency);
  const given = out ?? `${named.replace(/\/+$|\.(?:ya?ml|json)$/, '')}-export`;
  const texts = {
    'banks.csv': stringify(
      banks.map((name) => ({ name })),
      { header: true, columns: ['name'] },
    ),
    'accounts.csv': stringify([...accounts], {
      header: true,
      columns: ['id', 'owner', 'balance', 'posted_collateral'],
    }),
    'transactions.csv': stringify([...transactions], {
      header: true,
      columns: ['sender_account', 'recipient_account', 'amount', 'priority', 'day', 'time'],
    }),
    'arguments.json': `${JSON.stringify(args, null, 2)}\n`,
    'export.json': `${JSON.stringify({ format: 'pssimpy', scenario: scenario.name, differences }, null, 2)}\n`,
  };
  const folder = new WholeFolder(given, {
    ...{ word: 'export', isOurs: (name: string) => name in texts, mark: 'export.json' },
  });
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(folder.file(name), text);
    folder.finish();
  } catch (error) {
    folder.discard();
    throw error;
  }
  const lines = [
    ...Object.keys(texts).map((name) => join(given, name)),
    'differences:',
    ...differences.map((sentence) => `  - ${sentence}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** A scenario's file, or that of a run. */
export function scenarioOf(named: string): string {
  if (!existsSync(named)) throw new BadInput(`${named}: not found; expected a scenario or a run`);
  if (!statSync(named).isDirectory()) return named;
  const file = join(named, 'scenario.json');
  if (!existsSync(file))
    throw new BadInput(
      `${file}: not found; expected a scenario's file, or the folder of ${wantedRun(named)}`,
    );
  return file;
}
