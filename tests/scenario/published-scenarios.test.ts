import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rateText } from '../../services/protocol/names/minor-units.ts';
import { MINOR_UNITS } from '../../services/scenario/currency-decimals.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { noTraffic } from '../../services/scenario/planned-payment.ts';
import { planRun, runInRows } from '../../services/scenario/run-plan.ts';
import { publishedSchema } from '../../services/scenario/schema.ts';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';

const folder = fileURLToPath(new URL('../../../scenarios', import.meta.url));
const readFile = (path: string) => readFileSync(path, 'utf8');
const load = (name: string, set: string[] = []) =>
  loadScenario(join(folder, `${name}.yaml`), { readFile, set });

describe('the published scenarios', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  for (const file of atLeast(8, files))
    test(`${file} loads, names its schema and itself`, () => {
      assert.match(
        readFile(join(folder, file)),
        /^# yaml-language-server: \$schema=\.\/scenario\.schema\.json\n/,
      );
      const name = file.replace('.yaml', '');
      assert.equal(load(name).name, name);
    });

  test('the published schema is that of the code (node scripts/scenario-schema.mjs writes it)', () => {
    assert.ok(existsSync(join(folder, 'scenario.schema.json')));
    assert.equal(readFile(join(folder, 'scenario.schema.json')), publishedSchema());
  });
});

describe('docs/scenarios.md', () => {
  const page = readFile(join(folder, '../docs/scenarios.md'));

  test('has every field of the schema', () => {
    const keys = new Set<string>();
    JSON.parse(publishedSchema(), (key, value) => {
      if (key === 'properties') for (const name of Object.keys(value)) keys.add(name);
      return value;
    });
    assert.ok(keys.size > 50);
    for (const key of keys)
      assert.match(
        page,
        new RegExp(`\`[^\`\\n]*\\b${key}\\b[^\`\\n]*\``),
        `${key} is not on the page`,
      );
  });

  test('has overrides that the pilot takes', () => {
    const section = /\n## Overrides\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
    const lines = section.split('\n').filter((line) => line.startsWith('    --set '));
    const { document } = load('four-corridors');
    for (const line of atLeast(10, lines)) {
      const set = [...line.matchAll(/--set (?:'([^']+)'|(\S+))/g)].map(
        ([, quoted, plain]) => (quoted ?? plain) as string,
      );
      assert.equal(line.trim(), set.map((one) => `--set ${shellWord(one)}`).join(' '));
      assert.notDeepEqual(load('four-corridors', set).document, document, line);
    }
  });

  test('has an example to begin with that loads', () => {
    const example = /```yaml\n( {3}# yaml-language-server[\s\S]*?) {3}```/.exec(page)![1]!;
    const yaml = example.replaceAll(/^ {3}/gm, '');
    const scenario = loadScenario('mine.yaml', { readFile: () => yaml });
    assert.equal([...planPayments(scenario)].length, 500);
  });
});

/** A shell takes these for its own. */
const shellWord = (text: string) => (/[*'{[ ]/.test(text) ? `'${text}'` : text);

describe('four-corridors', () => {
  const scenario = load('four-corridors');
  const totals = noTraffic();
  const payments = [...planPayments(scenario, totals)];

  test('is 100,000 payments, of which every 1,000th of one bank is corrupted', () => {
    assert.equal(payments.length, 100_000);
    assert.equal(totals.planned, 100_000);
    assert.equal(totals.unsent, 0);
    const sender = scenario.corruptSignatures[0]!.participant;
    const own = payments.filter(({ debtorAgent }) => debtorAgent === sender);
    assert.equal(totals.corrupt, Math.floor(own.length / 1000));
  });

  test('has at least 12 banks, 3 dealers, five currencies and four corridors both ways', () => {
    const roles = scenario.participants.map(({ role }) => role);
    assert.ok(roles.filter((role) => role === 'bank').length >= 12);
    assert.equal(roles.filter((role) => role === 'dealer').length, 3);
    const corridors = new Set(
      payments.flatMap(({ currency, currency2 }) =>
        currency2 === null
          ? []
          : [[currency, currency2].map((at) => scenario.currencies[at]!.code).join('-')],
      ),
    );
    assert.deepEqual([...corridors].sort(), [
      'CNY-EUR',
      'CNY-THB',
      'EUR-CNY',
      'EUR-THB',
      'SGD-USD',
      'THB-CNY',
      'THB-EUR',
      'USD-SGD',
    ]);
  });

  test('sends everything, an outage of an hour included, while its currencies are open', () => {
    const [outage] = scenario.outages;
    assert.equal(outage!.untilMs! - outage!.fromMs, 3_600_000);
    assert.ok(payments.filter(({ atMs }) => atMs === outage!.untilMs).length > 100);
    for (const { currency, currency2, atMs } of payments)
      for (const at of [currency, currency2 ?? currency]) {
        const hours = scenario.currencies[at]!.hours[0]!;
        assert.ok(atMs >= hours.opensMs && atMs < hours.closesMs);
      }
  });

  test('stays inside what the quotes cover', () => {
    const used = new Map<string, bigint>();
    for (const { dealer, currency, currency2, amountMinor } of payments) {
      const key = `${dealer} ${currency} ${currency2}`;
      if (dealer !== null) used.set(key, (used.get(key) ?? 0n) + amountMinor);
    }
    for (const quote of scenario.quotes) {
      const total = used.get(`${quote.dealer} ${quote.from} ${quote.to}`) ?? 0n;
      assert.ok(total > 0n && total < quote.coveredMinor * 3n);
    }
  });

  test('quotes from the reference rates', () => {
    // 7.9154 less 4 basis points; 37.143 / 7.9154 less 6, to 7 digits.
    const rates = scenario.quotes.map(({ dealer, from, to, rate }) => [
      scenario.participants[dealer]!.bic,
      `${scenario.currencies[from]!.code}/${scenario.currencies[to]!.code}`,
      rateText(rate),
    ]);
    assert.deepEqual(rates[0], ['ALPXCH00', 'EUR/CNY', '7.9122338']);
    assert.deepEqual(rates.at(-2), ['SILKHK00', 'CNY/THB', '4.689683']);
  });

  test('has the reference rates that the ECB published', {
    skip: needsFixtures,
  }, () => {
    const [header, ...rows] = readFile(fixture('data/fx/eurofxref-hist.csv')).split('\n');
    const row = rows.find((line) => line.startsWith('2026-03-16'))!.split(',');
    const { rates } = scenario.document;
    assert.equal(rates!.date, '2026-03-16');
    for (const [code, rate] of atLeast(4, Object.entries(rates!.perBase)))
      assert.equal(rate, row[header!.split(',').indexOf(code)], code);
  });
});

describe('the examples of PSSimPy', () => {
  test('the ring has the figures of the original', {
    skip: needsFixtures,
  }, () => {
    const original = JSON.parse(readFile(fixture('data/pssimpy/test-basic-sim-ring.json')));
    const scenario = load('pssimpy-ring');
    const account = (agent: number) => `acc${agent + 1}`;
    assert.deepEqual(
      [...planPayments(scenario)].map(({ debtorAgent, creditorAgent, amountMinor, ...payment }) => [
        account(debtorAgent),
        account(creditorAgent),
        Number(amountMinor),
        scenario.businessDates.indexOf(payment.businessDate) + 1,
        new Date(payment.atMs).toISOString().slice(11, 16),
      ]),
      original.transactions,
    );
    assert.deepEqual(
      scenario.participants.map(({ accounts }) => Number(accounts[0]!.balanceMinor)),
      original.accounts.map(({ balance }: { balance: number }) => balance),
    );
  });

  test('in the quick start a failed bank stops sending and still is paid', () => {
    const scenario = load('pssimpy-quickstart');
    const totals = noTraffic();
    const sent = [...planPayments(scenario, totals)];
    const name = (agent: number) => scenario.participants[agent]!.name.replace('Bank ', '');
    assert.deepEqual(
      sent.map(({ debtorAgent, creditorAgent, atMs }) => [
        new Date(atMs).toISOString().slice(11, 16),
        name(debtorAgent),
        name(creditorAgent),
      ]),
      [
        ['08:00', 'b1', 'b2'],
        ['08:10', 'b2', 'b3'],
        ['08:30', 'b3', 'b1'],
        ['15:00', 'b3', 'b2'],
      ],
    );
    const { planned, unsent } = totals;
    assert.deepEqual([planned, unsent], [6, 2]);
  });
});

describe('smoke', () => {
  /** Of every action of the plan: changes with any draw, order or field. */
  function digest(set: string[]): string {
    const hash = createHash('sha256');
    for (const action of planRun(load('smoke', set)))
      hash.update(
        JSON.stringify(action, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      );
    return hash.digest('hex');
  }

  test('is planned alike by every version of Node', () => {
    assert.equal(digest([]), 'a6e9806eb50661acb6c1a607550d2a6f728095d5682c19a711c7fa7d8ae6332a');
    assert.notEqual(digest(['seed=8']), digest([]));
  });

  test('has something of everything', () => {
    const totals = noTraffic();
    const scenario = load('smoke');
    const kinds = new Set([...runInRows(scenario, totals)].map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), [
      'close',
      'creditLine',
      'issue',
      'open',
      'payment',
      'quote',
      'redeem',
      'tick',
    ]);
    assert.equal(totals.planned, 400);
    assert.ok(totals.corrupt > 0 && totals.repeats > 0);
  });
});

describe('minor units', () => {
  const rows: [string, number][] = [
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['THB', 2],
    ['XTS', 0],
  ];
  for (const [code, minorUnits] of rows)
    test(`${code}: ${minorUnits}`, () => assert.equal(MINOR_UNITS.get(code), minorUnits));

  test('gold is no currency to settle in', () => assert.equal(MINOR_UNITS.has('XAU'), false));
});
