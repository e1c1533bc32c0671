import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { storeOf } from '../../services/replay/named-store.ts';
import { runInputs } from '../../services/replay/recorded-inputs.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { stressLines } from '../../services/run/summary-on-terminal.ts';
import { writeFolder } from '../../services/run/write-run.ts';
import { load, runDirectly, scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-summary-'));
after(() => rmSync(folder, { recursive: true }));

const run = (out: string, options: Partial<Parameters<typeof executeRun>[0]> = {}) =>
  executeRun({
    ...{ file: scenarioFile('smoke'), out: join(folder, out), set: [], signatures: true },
    ...{ log: 'memory', results: 'summary' },
    ...options,
  });
const summaryOf = (out: string) => readFileSync(join(folder, out, 'summary.json'), 'utf8');

test('a run for its summary leaves that alone, the same by both doors, and gives way to another', async () => {
  const { summary } = await run('direct');
  assert.deepEqual(readdirSync(join(folder, 'direct')), ['summary.json']);
  assert.deepEqual(JSON.parse(summaryOf('direct')), summary);
  const page = readFileSync(join(packageFolder, 'docs/indicators.md'), 'utf8');
  const fields = page.slice(page.indexOf('## Fields of summary.json'));
  for (const name of [...Object.keys(summary), ...Object.keys(summary.delay)])
    assert.match(fields, new RegExp(`^\\|.*\\b${name}\\b.*\\|`, 'm'), name);
  await run('messages', { messages: true });
  assert.equal(summaryOf('messages'), summaryOf('direct'));
  await run('direct', { seed: 8 });
  assert.notEqual(summaryOf('direct'), summaryOf('messages'));
  assert.ok(!existsSync(join(folder, 'direct.partial')));
});

test('a full disk is named by the folder, and nothing is left there', async () => {
  const out = join(folder, 'full-disk');
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
  });
  const scenario = load('smoke');
  await assert.rejects(
    writeFolder(
      {
        ...{ scenario, out, results: 'summary', payments: 0, overrides: [] },
        ...{ signatures: false, certificates: false, interrupt: new AbortController().signal },
      },
      async (written) => {
        writeFileSync(written.file('summary.json'), '{');
        throw full;
      },
    ),
    { message: `${out}: no space left on its device; nothing was written` },
  );
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('full-disk')),
    [],
  );
});

test('a run under stress has a folder of its own, and says its stress', async () => {
  const before = process.cwd();
  const file = resolve(scenarioFile('smoke'));
  process.chdir(folder);
  try {
    const asked = {
      file,
      set: ['seed=7'],
      signatures: false,
      log: 'memory',
      results: 'summary',
    } as const;
    const { folder: plain } = await executeRun({ ...asked, stress: ['none'] });
    const { folder: other, summary } = await executeRun({
      ...asked,
      stress: ['own=ALFADE00', 'market=33.5'],
    });
    assert.deepEqual(
      [plain, other].map((path) => basename(path)),
      ['smoke-7-summary', 'smoke-7-own-ALFADE00-market-33.5-summary'],
    );
    assert.deepEqual(summary.overrides, [
      ...['seed=7', '--stress own=ALFADE00', '--stress market=33.5'],
    ]);
    assert.equal(stressLines(summary), 'stress: own=ALFADE00\nstress: market=33.5\n');
  } finally {
    process.chdir(before);
  }
});

test('the value planned is the same however long a bank is out, with forged messages and without', async () => {
  const planned = async (outages: string, signatures: boolean) => {
    const set = [`events.outages=${outages}`, 'events.corruptSignatures.0.every=2'];
    const { summary } = await runDirectly(load('smoke', set), { signatures });
    const { submittedValueMinor, unsentValueMinor } = summary;
    return ['EUR', 'SGD'].map(
      (currency) =>
        BigInt(submittedValueMinor[currency] ?? 0) + BigInt(unsentValueMinor[currency] ?? 0),
    );
  };
  for (const signatures of [true, false]) {
    const none = await planned('[]', signatures);
    const out = '[{ participant: GAMMFR00, from: "08:30" }]';
    assert.deepEqual(await planned(out, signatures), none, `signatures ${signatures}`);
  }
});

test('with an embedded log it goes over messages, and the log stays', async () => {
  await run('logged', { log: 'embedded' });
  assert.deepEqual(readdirSync(join(folder, 'logged')).sort(), ['log', 'summary.json']);
});

test('a folder with a summary.json of somebody else is left alone', async () => {
  await run('theirs');
  writeFileSync(join(folder, 'theirs', 'summary.json'), '{"of": "mine"}\n');
  await assert.rejects(run('theirs'), /--out .*theirs holds summary.json and is no run$/);
  assert.equal(summaryOf('theirs'), '{"of": "mine"}\n');
});

test('what needs more than the summary says so', async () => {
  await run('short');
  const wanted =
    /expected the folder of a run with all its results; run the scenario with --results full/;
  assert.throws(() => runInputs(join(folder, 'short')), wanted);
  assert.throws(() => storeOf(join(folder, 'short')), wanted);
  assert.throws(() => runInputs(folder), /expected the folder of a finished run$/);
});
