import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';
import { at, holdsOf, recordOf } from './recorded-otherwise.ts';

after(endWarmCorridor);

/** `corridor replay RUN --set` as a user gives it, and trades in three currencies. */
test('a counterfactual of linked-gridlock is the run where nothing changes, and else the run with the change', () =>
  holdsOf('linked-gridlock'));
test('a counterfactual of agora-chains is so too: its legs are instructed as they were', () =>
  holdsOf('agora-chains'));

async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await corridor(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

test('a counterfactual is a run: it replays, compares and reconciles', async () => {
  await recordOf('smoke');
  const [run, out] = [at('smoke'), at('smoke-off')];
  const told = await said('replay', run, '--set', 'settlement.cycle=off', '--out', out);
  assert.match(told, /counterfactual of [0-9a-f]{64}\n.*A bank that would have acted otherwise/);
  const files = ['clickhouse', 'evidence', 'input.log', 'payments.csv', 'report.html'];
  assert.deepEqual(readdirSync(out).sort(), [...files, 'scenario.json', 'summary.json']);
  const read = (file: string) => readFileSync(join(out, file), 'utf8');
  const { counterfactualOf } = JSON.parse(read('summary.json'));
  assert.match(read('report.html'), new RegExp(`${counterfactualOf}.*acted otherwise`, 's'));
  assert.match(await said('replay', out), /the replay agrees with the run/);
  const compared = JSON.parse(await said('compare', run, out, '--json', '--explain', '0'));
  const changed = compared.configuration.map(({ path }: { path: string }) => path);
  assert.deepEqual(changed.sort(), ['counterfactualOf', 'overrides', 'settlement.cycle']);
  assert.notEqual(compared.payments, null);
  await said('reconcile', out);
});

test('a scenario that was changed since, and a log that is not proven, are taken for nothing', async () => {
  const [run, logged] = [at('quickstart'), at('unproven')];
  const file = scenarioFile('pssimpy-quickstart');
  await said('run', file, '--out', run);
  const scenario = join(run, 'scenario.json');
  const text = readFileSync(scenario, 'utf8');
  const other = text.replace(/"description": "/, '"description": "Not ');
  assert.notEqual(other, text);
  writeFileSync(scenario, other);
  const changed = await corridor('replay', run, '--set', 'batchSize=9', '--out', at('none'));
  assert.equal(changed.code, 2);
  assert.match(changed.stderr, /scenario\.json is damaged or was changed after the run/);
  // Unsigned: only somebody who broke into a network could have written such records.
  const how = ['--no-signatures', '--log', 'embedded', '--results', 'summary'];
  await said('run', file, ...how, '--out', logged);
  const log = `embedded:${join(logged, 'log')}`;
  const of = ['--log', log, '--scenario', file, '--set', 'settlement.cycle=off'];
  const unproven = await corridor('replay', ...of, '--out', at('none'));
  assert.equal(unproven.code, 2);
  assert.match(unproven.stderr, /expected a log that is as its network wrote it/);
  assert.equal(existsSync(at('none')), false);
});
