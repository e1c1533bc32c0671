import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { kindOf } from '../../services/study/cell-figures.ts';
import { runCell } from '../../services/study/cell-run.ts';
import { cellScenarios, settingOverrides } from '../../services/study/cell-scenario.ts';
import { cellAt } from '../../services/study/grid.ts';
import { cellCommand } from '../../services/study/run-study.ts';
import { readStudy, type Study } from '../../services/study/study-file.ts';
import { runDirectly, runScenario, scenarioFile } from '../support/run.ts';
import { TEST_YAML } from '../support/scenario.ts';

const readFile = (path: string) => readFileSync(path, 'utf8');
const wasm = compiledCore();

const studyOf = (text: string, scenario: string): Study =>
  readStudy('study.yaml', text, (path) => (path === 'test.yaml' ? scenario : readFile(path))).study;

/** Of a study of smoke.yaml: cells, and what `corridor run` is told to have them. */
const CELLS: readonly [string, number, readonly string[], number][] = [
  [
    'vary: { settlement.cycle: [off, gridlockResolution] }\nseeds: 2',
    4,
    ['settlement.cycle=gridlockResolution'],
    8,
  ],
  ['vary: { settlement.queue: [fifo] }\nseeds: [3]', 1, ['settlement.queue=fifo'], 3],
];
for (const [text, number, set, seed] of CELLS)
  test(`cell ${number} is what corridor run gives: ${text.split('\n')[0]}`, async () => {
    const file = scenarioFile('smoke');
    const study = studyOf(`scenario: ${file}\n${text}`, '');
    const cell = cellAt(study, number);
    assert.equal(cell.seed, seed);
    assert.deepEqual(settingOverrides(study, cell.picks, readFile), set);
    const { figures, banks, corridors } = await runCell(cellScenarios(study, readFile)(cell), wasm);
    // Over messages, signed and verified: the other door.
    const { summary } = await runScenario(loadScenario(file, { readFile, set, seed }));
    assert.equal(figures.eventsHash, summary.eventsHash);
    for (const name of ['submitted', 'settled', 'rejected', 'cancelled', 'repeated'] as const)
      assert.equal(figures[name], summary[name], name);
    assert.equal(figures['delay.p95Ms'], summary.delay.p95Ms);
    const settledInAll = banks.reduce((sum, { settled }) => sum + Number(settled), 0);
    assert.equal(settledInAll, summary.settled);
    for (const [code, { usedMinor, availableMinor }] of Object.entries(summary.liquidity)) {
      const mine = banks.filter(({ currency }) => currency === code);
      const sum = (name: string) =>
        mine.reduce((total, row) => total + BigInt(String(row[name])), 0n);
      assert.equal(String(sum('usedMinor')), usedMinor, code);
      assert.equal(String(sum('availableMinor')), availableMinor, code);
      assert.equal(
        figures[`delay.settlementDelayIndicator.${code}`],
        summary.delay.settlementDelayIndicator[code],
      );
      assert.equal(figures[`liquidity.${code}.usedMinor`], usedMinor);
      const { queuePeak } =
        summary.indicators.currencies.find(({ currency }) => currency === code) ?? {};
      assert.equal(figures[`indicators.${code}.queuePeak.payments`], queuePeak?.payments);
    }
    assert.deepEqual(
      corridors.map(({ settled }) => settled),
      summary.indicators.corridors.map(({ settled }) => settled),
    );
    assert.equal(figures.settledShare, summary.settledShare);
    // Parquet has each figure in the type of its kind.
    for (const row of [figures, ...banks, ...corridors])
      for (const [name, value] of Object.entries(row)) {
        if (value === null || ['participant', 'currency', 'currency2', 'kind'].includes(name))
          continue;
        const kind = kindOf(name);
        if (kind === 'count') assert.ok(Number.isInteger(value), `${name}: ${value}`);
        if (kind === 'ratio') assert.equal(typeof value, 'number', name);
        if (kind === 'money') assert.match(String(value), /^-?\d+$/, name);
        assert.equal(kind === 'text', typeof value === 'string' && kind !== 'money', name);
      }
  });

test('the settled share is of all that was meant to be sent', async () => {
  const study = studyOf(`scenario: ${scenarioFile('pssimpy-quickstart')}`, '');
  const { figures } = await runCell(cellScenarios(study, readFile)(cellAt(study, 1)), wasm);
  assert.ok(Number(figures.unsent) > 0, 'an outage has no end');
  const meant = Number(figures.submitted) + Number(figures.unsent);
  assert.equal(figures.settledShare, Number((Number(figures.settled) / meant).toFixed(9)));
});

test('what banks owe and do for holders of deposits is among the figures of a cell', async () => {
  const file = scenarioFile('two-layer');
  const set = ['customerPayments.retail.paymentsPerDate=40'];
  const study = studyOf(
    `scenario: ${file}\nvary: { customerPayments.retail.paymentsPerDate: [40] }`,
    '',
  );
  const { figures } = await runCell(cellScenarios(study, readFile)(cellAt(study, 1)), wasm);
  const { summary } = await runDirectly(loadScenario(file, { readFile, set }));
  const supply = summary.supply ?? [];
  assert.equal(supply.filter(({ customers }) => customers).length, 5);
  const expected = supply.flatMap(({ currency, reserves, customers, ...of }) => [
    ...(['openingMinor', 'issuedMinor', 'redeemedMinor', 'closingMinor'] as const).map(
      (name) => [`supply.${currency}.${name}`, of[name]] as const,
    ),
    ...(['leastMinor', 'mostMinor', 'records'] as const).map(
      (name) => [`supply.${currency}.${name}`, of[name]] as const,
    ),
    ...(reserves
      ? (['openingMinor', 'closingMinor', 'leastMinor', 'leastCover'] as const)
      : []
    ).map((name) => [`supply.${currency}.reserves.${name}`, reserves?.[name]] as const),
    ...(customers
      ? (['number', 'payments', 'sentMinor', 'share', 'averageMinor', 'exposureMinor'] as const)
      : []
    ).map((name) => [`supply.${currency}.customers.${name}`, customers?.[name]] as const),
  ]);
  const found = Object.entries(figures).filter(([name]) => name.startsWith('supply.'));
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
  const kinds = new Map(found.map(([name]) => [name.split('.').at(-1), kindOf(name)]));
  assert.deepEqual(
    ['leastCover', 'share', 'payments', 'exposureMinor'].map((name) => kinds.get(name)),
    ['ratio', 'ratio', 'count', 'money'],
  );
});

const SCALED = `${TEST_YAML.replace(
  'EUR: { balance: "1000.00", creditLine: "50.00" }',
  'EUR: { balance: "1000.05", creditLine: "50.00", collateral: { amount: "10.00" } }',
)}events:
  creditLines: [{ participant: BBBBDE00, currency: JPY, amount: "5", at: "10:00" }]
`;
const overrides = (text: string, number = 2): string[] => {
  const study = studyOf(`scenario: test.yaml\n${text}`, SCALED);
  return settingOverrides(study, cellAt(study, number).picks, () => SCALED);
};

test('liquidity is scaled in every account, with its credit and what events give it, half-even', () => {
  assert.deepEqual(overrides('scale: { liquidity: [1, 0.5] }'), [
    'participants.AAAADE00.accounts.EUR.balance=500.02',
    'participants.AAAADE00.accounts.EUR.creditLine=25.00',
    'participants.AAAADE00.accounts.EUR.collateral.amount=5.00',
    'participants.AAAADE00.accounts.JPY.balance=50000',
    'participants.BBBBDE00.accounts.EUR.balance=500.00',
    'participants.BBBBDE00.accounts.JPY.balance=50000',
    'participants.DDDDJP00.accounts.EUR.balance=2500.00',
    'participants.DDDDJP00.accounts.JPY.balance=450000',
    'events.creditLines.0.amount=2',
  ]);
});

test('liquidity of chosen banks and currencies, traffic and amounts of chosen flows', () => {
  assert.deepEqual(
    overrides(
      'scale: { liquidity: { factors: [1, 3], participants: [BBBBDE00], currencies: [JPY] } }',
    ),
    ['participants.BBBBDE00.accounts.JPY.balance=300000', 'events.creditLines.0.amount=15'],
  );
  assert.deepEqual(overrides('scale: { traffic: [1, 0.5] }'), [
    'traffic.0.paymentsPerDate=25',
    'traffic.1.paymentsPerDate=25',
  ]);
  assert.deepEqual(overrides('scale: { amounts: { factors: [1, 0.1], flows: [eur-jpy] } }'), [
    'traffic.1.amounts.median=2.00',
    'traffic.1.amounts.min=0.10',
    'traffic.1.amounts.max=50.00',
  ]);
});

test('chains and payments of customers are traffic too, but for what an attestor counts', () => {
  const of = (scenario: string, scale: string) => {
    const study = studyOf(`scenario: ${scenarioFile(scenario)}\nscale: { ${scale} }`, '');
    return settingOverrides(study, cellAt(study, 2).picks, readFile);
  };
  assert.deepEqual(of('two-pools', 'traffic: [1, 2]'), [
    'traffic.0.paymentsPerDate=500',
    'chainFlows.0.chainsPerDate=180',
    'chainFlows.1.chainsPerDate=180',
    'chainFlows.2.chainsPerDate=60',
  ]);
  assert.deepEqual(of('two-layer', 'amounts: { factors: [1, 0.5], flows: [leaving] }'), [
    'customerPayments.1.amounts.median=500.00',
    'customerPayments.1.amounts.min=50.00',
    'customerPayments.1.amounts.max=2500.00',
  ]);
  assert.throws(() => of('metering', 'traffic: [1, 2]'), /an attestor counts, is not scaled/);
});

test('a factor is one on what is varied, and a factor of 1 changes nothing', () => {
  const text = `vary: { participants.BBBBDE00.accounts.EUR.balance: ["10.00"] }
scale: { liquidity: { factors: [1, 2], participants: [BBBBDE00], currencies: [EUR] } }`;
  const balance = 'participants.BBBBDE00.accounts.EUR.balance=';
  assert.deepEqual(overrides(text), [`${balance}"10.00"`, `${balance}20.00`]);
  assert.deepEqual(overrides(text, 1), [`${balance}"10.00"`]);
});

test('a cell is had by itself with the command that --cell prints', () => {
  const text = `scenario: ${scenarioFile('pssimpy-ring')}
vary: { settlement.cycle: [off], network: [a-1] }
scale: { liquidity: { factors: [0.5], participants: [BONEDE00] } }
seeds: [7]
`;
  assert.equal(
    cellCommand({ file: 'study.yaml', text }, 1),
    `corridor run ${scenarioFile('pssimpy-ring')} --set settlement.cycle=off --set network=a-1 --set participants.BONEDE00.accounts.XTS.balance=25 --seed 7`,
  );
  assert.throws(() => cellCommand({ file: 'study.yaml', text }, 2), {
    message: '--cell 2: expected a cell from 1 to 1',
  });
  const quoted = text.replace('network: [a-1]', 'description: ["it\'s"]');
  assert.match(
    cellCommand({ file: 'study.yaml', text: quoted }, 1),
    / --set 'description=it'\\''s' /,
  );
});

test('what nothing in the scenario is scaled by is refused', () => {
  assert.throws(
    () => studyOf(`scenario: ${scenarioFile('pssimpy-ring')}\nscale: { traffic: [1, 2] }`, ''),
    {
      message:
        'study.yaml:2: scale.traffic: [1,2]: expected flows that draw payments, trades or chains: what a list has, or an attestor counts, is not scaled',
    },
  );
});
