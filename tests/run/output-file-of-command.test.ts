/** Commands that write a file where an option says: none in place of what they read, or of a run's file. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Command } from 'commander';
import { compareCommand } from '../../services/cli/compare-command.ts';
import { documentsCommand } from '../../services/cli/documents-command.ts';
import { explainCommand } from '../../services/cli/explain-command.ts';
import { loadgenCommand } from '../../services/cli/loadgen-command.ts';
import { networkCommand } from '../../services/cli/network-command.ts';
import { receiptCommand } from '../../services/cli/receipt-command.ts';
import { exitCode } from '../../services/platform/exit-codes.ts';
import { TEST_YAML } from '../support/scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-output-of-command-'));
after(() => rmSync(folder, { recursive: true }));
const [a, b, third, log, keys, scenario, file] = [
  ...['a', 'b', 'third', 'log', 'keys', 'test.yaml', 'file'],
].map((name) => join(folder, name)) as [string, string, string, string, string, string, string];
// As far as a command looks before it refuses.
for (const run of [a, b, third, log, keys]) mkdirSync(run);
writeFileSync(join(third, 'summary.json'), '{"scenario":"s","version":"0","eventsHash":"0"}');
for (const name of [scenario, join(a, 'scenario.json')]) writeFileSync(name, TEST_YAML);
writeFileSync(file, 'as it is');

const UETR = '34c7f200-23a0-4075-a19d-a361d685da81';
const live = ['--url', 'http://127.0.0.1:1', '--bic', 'ALFADE00', '--network', 'n', '--key'];
const found = ['--url', 'http://127.0.0.1:1', '--bic', 'ALFADE00', '--data', a];
const cases: readonly [() => Command, readonly string[], option: string, path: string][] = [
  [compareCommand, [a, b], '--html', `${a}/report.html`],
  [compareCommand, [a, b], '--html', `${b}/payments.csv`],
  [compareCommand, [a, b], '--html', `${third}/input.log`],
  [networkCommand, [a], '--html', `${a}/payments.csv`],
  [receiptCommand, [UETR, '--run', a], '--out', `${a}/evidence/names.json`],
  [receiptCommand, [UETR, '--run', a, '--out', file], '--html', `${a}/report.html`],
  [receiptCommand, [UETR, '--run', a, '--out', file], '--html', file],
  [receiptCommand, [UETR, ...live, file], '--out', file],
  [receiptCommand, [UETR, ...live, file], '--html', file],
  [receiptCommand, [UETR, ...found], '--out', `${a}/keys/ALFADE00.pem`],
  [receiptCommand, [UETR, ...found], '--html', `${a}/network.json`],
  [receiptCommand, ['--document', file, '--run', a], '--out', file],
  [explainCommand, [a, UETR], '--certificate', `${a}/summary.json`],
  [explainCommand, [a, '--cycle', '1'], '--certificate', `${a}/summary.json`],
  [explainCommand, [a, '--cycles'], '--certificates', `${a}/evidence`],
  [explainCommand, ['--log', `embedded:${log}`, UETR], '--certificate', `${log}/00.log`],
  [documentsCommand, [scenario], '--out', scenario],
  [documentsCommand, [a], '--out', `${a}/scenario.json`],
  [loadgenCommand, ['--scenario', scenario], '--out', scenario],
  [loadgenCommand, ['--scenario', scenario, '--keys', keys], '--out', `${keys}/ALFADE00.pem`],
];
for (const [command, words, option, path] of cases) {
  const shown = [command().name(), ...words, option, path].join(' ').replaceAll(`${folder}/`, '');
  test(`${shown} is refused before anything is read`, async () => {
    const before = readdirSync(folder, { recursive: true });
    await assert.rejects(
      command().parseAsync([...words, option, path], { from: 'user' }),
      (error: Error) => {
        assert.ok(error.message.startsWith(`${option} ${path}: `), error.message);
        assert.match(error.message, /; expected (another file|a file beside it)$/);
        assert.equal(exitCode(error), 2);
        return true;
      },
    );
    assert.deepEqual(readdirSync(folder, { recursive: true }), before);
  });
}

test('documents is refused the file that its scenario reads', async () => {
  const csv = join(folder, 'orders.csv');
  writeFileSync(csv, 'date,time,debtor,creditor,currency,amount,priority\n');
  const reads = join(folder, 'reads.yaml');
  writeFileSync(reads, `${TEST_YAML}payments: { csv: orders.csv }\n`);
  await assert.rejects(
    documentsCommand().parseAsync([reads, '--out', csv], { from: 'user' }),
    /--out \S+orders\.csv: the command reads or writes \S+orders\.csv too; expected another/,
  );
});
