import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { corridor } from '../support/explained-run.ts';
import { scenarioFile } from '../support/run.ts';
import { holdsOf } from './recorded-otherwise.ts';

/** `corridor replay RUN --set` as a user gives it, and scenarios that take longer. */
for (const name of ['limits-hybrid', 'linked-gridlock'])
  test(`a counterfactual of ${name} is the run where nothing changes, and else the run with the change`, () =>
    holdsOf(name));

const folder = mkdtempSync(join(tmpdir(), 'corridor-otherwise-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await corridor(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

test('a counterfactual is a run: it replays, compares, reconciles and exports', async () => {
  const [run, out] = [join(folder, 'smoke'), join(folder, 'off')];
  await said('run', scenarioFile('smoke'), '--out', run);
  const told = await said('replay', run, '--set', 'settlement.cycle=off', '--out', out);
  assert.match(told, /counterfactual of [0-9a-f]{64}\n.*A bank that would have acted otherwise/);
  assert.deepEqual(readdirSync(out).sort(), readdirSync(run).sort());
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
  const direct = await said(
    'run',
    scenarioFile('smoke'),
    '--set',
    'settlement.cycle=off',
    '--results',
    'summary',
    '--json',
    '--out',
    join(folder, 'direct'),
  );
  const { counterfactualOf, ...figures } = summary;
  assert.deepEqual(figures, JSON.parse(direct));
  assert.match(
    readFileSync(join(out, 'report.html'), 'utf8'),
    new RegExp(`${counterfactualOf}.*acted otherwise`, 's'),
  );
  assert.match(await said('replay', out), /the replay agrees with the run/);
  const compared = JSON.parse(await said('compare', run, out, '--json', '--explain', '0'));
  assert.deepEqual(compared.configuration.map(({ path }: { path: string }) => path).sort(), [
    'counterfactualOf',
    'overrides',
    'settlement.cycle',
  ]);
  assert.notEqual(compared.payments, null);
  await said('reconcile', out);
  await said('export', out, '--out', join(folder, 'tables'), '--format', 'csv');
  assert.ok(existsSync(join(folder, 'tables', 'payments.csv')));
});
