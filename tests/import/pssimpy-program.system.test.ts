/** PSSimPy 0.1.5 itself as the other side: what its program settles, and that it loads what goes out. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PSSIMPY_PACKAGE } from '../../bench/simulation/pssimpy.ts';
import { RULES } from '../../bench/simulation/pssimpy-rules.ts';
import { exportPssimpy } from '../../services/cli/export-to-pssimpy.ts';
import { pssimpyTablesOf } from '../../services/export/scenario-to-pssimpy.ts';
import { writeRivalFolder } from '../../services/import/rival-folder.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { atLeast } from '../support/at-least.ts';
import { pythonForTest } from '../support/python.ts';
import { load, scenarioFile } from '../support/run.ts';
import {
  dayFiles,
  dayOfSingles,
  drawnDay,
  filesOfSingles,
  fixtureText,
  imported,
  scenarioOf,
  settledMinutes,
} from './pssimpy-files.ts';

const { program, skip } = pythonForTest(PSSIMPY_PACKAGE);

const folder = mkdtempSync(join(tmpdir(), 'corridor-pssimpy-program-'));
after(() => rmSync(folder, { recursive: true }));

/** The Python of the manual (docs/import-rivals.md), which loads an export and runs it. */
let manual = '';
before(() => {
  const text = readFileSync(join(packageFolder, 'docs/import-rivals.md'), 'utf8');
  manual = /```python\n(.*?)```/s.exec(text)?.[1] ?? '';
  assert.match(manual, /sim\.run\(\)/);
});

/** Of each transaction, in the order of the rows, what became of it. */
const TOLD = `
rows = sorted((one for one, _, _ in sim.transactions), key=lambda one: one.row)
print(json.dumps([[one.settle_day, one.settle_time] for one in rows]))
`;

type Fate = readonly [day: number | null, time: string | null];

/** @param change what stands before the run, in Python */
function pssimpy(at: string, change = ''): Fate[] {
  const script = manual
    .replace(
      'pd.read_csv("transactions.csv")',
      'pd.read_csv("transactions.csv").assign(row=range(len(pd.read_csv("transactions.csv"))))',
    )
    .replace('failures =', `${change}\nfailures =`);
  writeFileSync(join(at, 'run.py'), script + TOLD);
  const text = execFileSync(program, ['run.py'], { cwd: at, encoding: 'utf8' });
  return JSON.parse(text.trim().split('\n').at(-1) as string) as Fate[];
}

const minuteOf = ([, time]: Fate) =>
  time === null ? -1 : Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The tables of an import's source as files, with PSSimPy's defaults where arguments are left out. */
function written(name: string, files: Readonly<Record<string, string>>): string {
  const at = mkdtempSync(join(folder, `${name}-`));
  const args = {
    ...{ name, queue: 'DirectQueue', credit_facility: 'SimplePriced' },
    ...JSON.parse(files['arguments.json']!),
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(at, file), text);
  writeFileSync(join(at, 'arguments.json'), JSON.stringify(args));
  return at;
}

test('its examples: the same payments settle in the same windows, but for the one that is explained', {
  skip,
}, async () => {
  for (const [name, differing] of atLeast(2, [
    ['quickstart', [2]],
    ['ring', []],
  ] as const)) {
    const source = JSON.parse(fixtureText(`pssimpy-${name}.json`));
    const { banks, accounts, transactions, ...args } = source;
    const at = mkdtempSync(join(folder, `${name}-`));
    const asRows = (table: object) =>
      Array.isArray(table)
        ? table
        : `{k: v for k, v in json.loads('${JSON.stringify(table)}').items()}`;
    const frame = (table: object) =>
      `pd.DataFrame(${Array.isArray(table) ? `json.loads('${JSON.stringify(table)}')` : asRows(table)})`;
    const tables = { banks, accounts, transactions };
    writeFileSync(
      join(at, 'make.py'),
      `import json\nimport pandas as pd\n${Object.entries(tables)
        .map(([table, given]) => `${frame(given)}.to_csv("${table}.csv", index=False)`)
        .join('\n')}\n`,
    );
    execFileSync(program, ['make.py'], { cwd: at });
    writeFileSync(
      join(at, 'arguments.json'),
      JSON.stringify({ queue: 'DirectQueue', credit_facility: 'SimplePriced', ...args }),
    );
    const fates = pssimpy(at);
    const made = imported({ 'a.json': fixtureText(`pssimpy-${name}.json`) });
    const mine = await settledMinutes(scenarioOf(made));
    const window = (minute: number) => (minute < 0 ? -1 : Math.floor(minute / 15));
    const other = fates.flatMap((fate, index) =>
      window(minuteOf(fate)) === window(mine[index]!) ? [] : [index],
    );
    assert.deepEqual(other, [...differing], name);
    // The CSV that pandas wrote is the same import.
    const csv = Object.fromEntries(
      ['banks.csv', 'accounts.csv', 'transactions.csv'].map((file) => [
        file,
        readFileSync(join(at, file), 'utf8'),
      ]),
    );
    assert.deepEqual(
      imported({ ...csv, 'args.json': JSON.stringify(args) }).payments,
      made.payments,
    );
  }
});

test('drawn days: all settles in its window; where money is short its rule tells each minute', {
  skip,
}, async () => {
  const priced = drawnDay(11, 200, 15);
  const priceless = pssimpy(written('priced', dayFiles(priced, {})));
  const mine = await settledMinutes(scenarioOf(imported(dayFiles(priced, {}))));
  for (const [index, fate] of atLeast(200, priceless.entries()))
    assert.equal(
      Math.floor(minuteOf(fate) / 15),
      Math.floor(mine[index]! / 15),
      `payment ${index}`,
    );
  const short = drawnDay(12, 200, 1);
  const args = { queue: 'FIFOQueue', credit_facility: 'SimpleCollateralized' };
  const theirs = pssimpy(written('short', dayFiles(short, args))).map(minuteOf);
  assert.deepEqual(
    theirs,
    [...RULES[0]!.settle(short)],
    'the rule that the sentences are about is its own',
  );
  assert.ok(theirs.includes(-1));
});

test('what does not fit when it is sent fails: the same payments settle, whatever the queue', {
  skip,
}, async () => {
  const change = `import PSSimPy.constraint_handler
arguments["constraint_handler"] = getattr(PSSimPy.constraint_handler, arguments["constraint_handler"])()`;
  for (const queue of ['DirectQueue', 'PriorityQueue']) {
    const files = filesOfSingles(dayOfSingles(21), queue);
    const theirs = pssimpy(written('fails', files), change).map(minuteOf);
    assert.deepEqual(await settledMinutes(scenarioOf(imported(files))), theirs, queue);
    assert.ok(theirs.filter((minute) => minute === -1).length > 20, 'many do not fit');
    assert.ok(theirs.filter((minute) => minute !== -1).length > 20, 'and many do');
  }
});

test('the logs that it writes are taken: observed times are those of its run', { skip }, () => {
  const day = drawnDay(13, 60, 15);
  const files = dayFiles(day, {});
  const at = written('logged', files);
  const fates = pssimpy(at);
  const log = readFileSync(join(at, 'logged-processed_transactions.csv'), 'utf8');
  const { 'transactions.csv': _, ...others } = files;
  const { payments, observed = [] } = imported({ ...others, 'log.csv': log });
  assert.equal(payments.length, 60);
  const key = (debtor: number, creditor: number, amount: number, minute: number) =>
    `ACC${debtor}XX00 ACC${creditor}XX00 ${amount} ${minute}`;
  const wanted = day.payments.map(
    ({ debtor, creditor, amount, minute }, index) =>
      // It settles at its window's begin, which is no later than the payment.
      `${key(debtor, creditor, amount, minute)} ${Math.max(minute, minuteOf(fates[index]!))}`,
  );
  const found = payments.map(({ debtor, creditor, amount, time }, row) => {
    const minute = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
    return `${debtor} ${creditor} ${amount} ${minute} ${(observed[row]!.settledMs! % 86_400_000) / 60_000}`;
  });
  assert.deepEqual(found.sort(), wanted.sort());
});

test('what goes out it loads and runs: an import, and a scenario with drawn payments', {
  skip,
}, () => {
  const day = drawnDay(14, 100, 1);
  const made = imported(
    dayFiles(day, { queue: 'FIFOQueue', credit_facility: 'SimpleCollateralized' }),
  );
  writeRivalFolder(join(folder, 'round'), 'pssimpy', [], made);
  const write = process.stdout.write.bind(process.stdout);
  const quietly = (named: string, out: string, currency?: string) => {
    process.stdout.write = () => true;
    try {
      exportPssimpy(named, join(folder, out), currency);
    } finally {
      process.stdout.write = write;
    }
  };
  quietly(join(folder, 'round/scenario.yaml'), 'round-export');
  // It takes the payments of a minute in no fixed order; this day's settle the same in any.
  assert.deepEqual(pssimpy(join(folder, 'round-export')).map(minuteOf), [...RULES[0]!.settle(day)]);
  quietly(scenarioFile('smoke'), 'smoke-export', 'EUR');
  const fates = pssimpy(join(folder, 'smoke-export'));
  assert.equal(fates.length, pssimpyTablesOf(load('smoke'), 'EUR').transactions.length);
  assert.ok(fates.filter((fate) => minuteOf(fate) >= 0).length > 200, 'most of them settle');
});
