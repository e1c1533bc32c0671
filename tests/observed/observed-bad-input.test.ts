/** Observed times with faults, and commands that an observed run has no answer to. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exitCode } from '../../services/platform/exit-codes.ts';
import { storeOf } from '../../services/replay/named-store.ts';
import { runInputs } from '../../services/replay/recorded-inputs.ts';
import { observeRun } from '../../services/run/observe-run.ts';
import { observedScenario } from '../../services/scenario/observed-times.ts';
import { atLeast } from '../support/at-least.ts';
import { recordObserved, writeImport } from '../support/observed-folder.ts';
import { type ImportFiles, loadImport } from '../support/observed-import.ts';
import { load } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-observed-'));
after(async () => {
  await endWarmCorridor();
  rmSync(folder, { recursive: true, force: true });
});
const at = (name: string) => join(folder, name);

const HEADER = 'row,submitted,settled';
const FIRST = '1,2026-03-16T08:00:00.000Z,2026-03-16T08:30:00.000Z';
const SECOND = '2,2026-03-16T09:00:00.250Z,';
const FILES: ImportFiles = {
  'scenario.yaml': `name: two
seed: 1
businessDates: [2026-03-16]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "16:00", zone: UTC }
participants:
  - { bic: AAAADE00, name: A, accounts: { EUR: { balance: "1.00" } } }
  - { bic: BBBBDE00, name: B, accounts: { EUR: { balance: "1.00" } } }
payments: { csv: payments.csv }
`,
  'payments.csv': `date,time,debtor,creditor,currency,amount,priority
2026-03-16,08:00,AAAADE00,BBBBDE00,EUR,1.00,
2026-03-16,09:00:00.250,BBBBDE00,AAAADE00,EUR,2.00,
`,
  'observed.csv': `${HEADER}\n${FIRST}\n${SECOND}\n`,
};

const UTC = 'an instant in UTC with ms, such as 2026-03-16T09:30:00.000Z';
const FAULTS: readonly (readonly [what: string, lines: readonly string[], message: string])[] = [
  ['no header', [], 'o.csv: header: missing: expected row,submitted,settled'],
  [
    'another header',
    ['row,settled', FIRST],
    'o.csv: header: "row,settled": expected row,submitted,settled',
  ],
  [
    'settled before it is submitted',
    [HEADER, '1,2026-03-16T08:00:00.000Z,2026-03-16T07:59:59.999Z', SECOND],
    'o.csv:2: column settled: "2026-03-16T07:59:59.999Z": expected an instant from its submission on, 2026-03-16T08:00:00.000Z',
  ],
  [
    'a row that there is not',
    [HEADER, FIRST, SECOND, '3,2026-03-16T09:00:00.250Z,'],
    'o.csv:4: column row: "3": expected the number of a row of the payments, 1 to 2',
  ],
  [
    'no row number',
    [HEADER, '01,2026-03-16T08:00:00.000Z,', SECOND],
    'o.csv:2: column row: "01": expected the number of a row of the payments, 1 to 2',
  ],
  [
    'a row twice',
    [HEADER, FIRST, FIRST],
    'o.csv:3: column row: "1": expected each row once; 1 came before',
  ],
  [
    'a row left out',
    [HEADER, SECOND],
    'o.csv:2: column row: "2": expected 1: rows stand in the order of the payments, and none is left out',
  ],
  [
    'the last row left out',
    [HEADER, FIRST],
    'o.csv: column row: 2: missing: expected all 2 rows of the payments',
  ],
  [
    'no instant',
    [HEADER, '1,2026-03-16T08:00:00.000Z,08:30', SECOND],
    `o.csv:2: column settled: "08:30": expected ${UTC}, or none`,
  ],
  [
    'an instant without ms, behind a comment',
    [HEADER, '# The first.', '1,2026-03-16T08:00:00Z,', SECOND],
    `o.csv:3: column submitted: "2026-03-16T08:00:00Z": expected ${UTC}`,
  ],
  [
    'a date that no calendar has',
    [HEADER, '1,2026-03-16T08:00:00.000Z,2026-02-30T08:00:00.000Z', SECOND],
    `o.csv:2: column settled: "2026-02-30T08:00:00.000Z": expected ${UTC}, or none`,
  ],
  ['no submission', [HEADER, '1,,', SECOND], `o.csv:2: column submitted: missing: expected ${UTC}`],
  [
    'submitted at another time than the payments say',
    [HEADER, FIRST, '2,2026-03-16T09:00:00.000Z,'],
    'o.csv:3: column submitted: "2026-03-16T09:00:00.000Z": expected 2026-03-16T09:00:00.250Z, when row 2 of the payments has it',
  ],
];

test('faults of observed times are told by file, line, column, value and expectation', () => {
  const scenario = loadImport(FILES);
  for (const [what, lines, message] of atLeast(13, FAULTS))
    assert.throws(
      () => observedScenario(scenario, 'o.csv', `${lines.join('\n')}\n`),
      { message },
      what,
    );
  assert.throws(
    () => observedScenario(scenario, 'o.csv', `${HEADER}\n${FIRST},x\n`),
    /^ScenarioError: o\.csv:2: expected well-formed CSV: /,
  );
  assert.deepEqual(
    observedScenario(scenario, 'o.csv', FILES['observed.csv'] as string).observedMs,
    [Date.parse('2026-03-16T08:30:00Z'), null],
  );
});

test('drawn payments have no observed times', () => {
  const drawn = {
    ...FILES,
    'scenario.yaml': `${FILES['scenario.yaml']}profiles: { day: { zone: UTC, parts: [{ from: "08:00", to: "10:00", weight: 1 }] } }
traffic: [{ name: eur, from: EUR, paymentsPerDate: 5, profile: day, amounts: { median: "1.00", sigma: 1, min: "0.10", max: "2.00" } }]
`,
  };
  assert.throws(() => observedScenario(loadImport(drawn), 'o.csv', ''), {
    message:
      'scenario.yaml: traffic: 1 flows: expected none beside o.csv: it has times of listed payments alone',
  });
});

test('chains have no observed times, and what is possible is said', () => {
  const { chains } = load('agora-chains');
  assert.throws(() => observedScenario({ ...loadImport(FILES), chains }, 'o.csv', ''), {
    message:
      'scenario.yaml: chains: 5: expected none beside o.csv, which has times of listed payments alone: list their legs in the CSV as payments, or settle the chains with `corridor run`',
  });
});

test('the command names what is missing, ends with 2 and leaves nothing', async () => {
  const out = at('out');
  const observe = (name: string) =>
    observeRun({ folder: at(name), out, results: 'summary' }).then(
      () => assert.fail(name),
      (error: unknown) => {
        assert.equal(exitCode(error), 2, String(error));
        return (error as Error).message;
      },
    );
  assert.match(
    await observe('nowhere'),
    /^observe: .*nowhere: expected the folder of an import: scenario\.yaml, its payments and observed\.csv$/,
  );
  const { 'observed.csv': _, ...without } = FILES;
  writeImport(without, at('without'));
  assert.match(
    await observe('without'),
    /without\/observed\.csv: cannot be read: there is no such file$/,
  );
  writeImport({ ...FILES, 'observed.csv': `${HEADER}\n${FIRST}\n` }, at('short'));
  const { code, stderr } = await corridor(
    'observe',
    at('short'),
    '--out',
    out,
    '--results',
    'summary',
  );
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^corridor: .*short\/observed\.csv: column row: 2: missing: expected all 2 rows of the payments\n$/,
  );
  assert.ok(!existsSync(out) && !existsSync(`${out}.partial`));
});

before(async () => {
  await recordObserved(FILES, at('run'));
});

test('what needs a settlement of the core says in a line that an observed run has none', () => {
  const wanted =
    /^BadInput: .*run\/input\.log: not found; expected the folder of a run that the core settled: in this one, which is observed, nothing was; corridor run .*run\/scenario\.json settles its payments, and corridor compare holds the two against each other$/;
  assert.throws(() => runInputs(at('run')), wanted);
});

test('an observed run for its summary says how one with all its results is made', async () => {
  writeImport(FILES, at('import'));
  const { summary } = await observeRun({
    folder: at('import'),
    out: at('figures'),
    results: 'summary',
  });
  assert.deepEqual(summary.observed, { belowFloor: [], settledAfterClose: 0 });
  assert.throws(() => storeOf(at('figures')), /corridor observe of its import makes one/);
});
