/**
 * Every indicator of report.html and summary.json against the same figure computed from payments.csv by
 * other code: payments over two currencies, PvP, netting with a default, several dates, nothing settled.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { amountText } from '../../services/protocol/names/minor-units.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { referenceRate } from '../../services/scenario/rates-and-rounding.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { load, scenarioFile } from '../support/run.ts';
import {
  averageCost,
  type CsvRow,
  corridorChecks,
  delays,
  flowsOf,
  ofSubmitted,
  queueBounds,
  rank,
  segmentOf,
  shareSettledBy,
  timesInQueue,
  unsettled,
  whatWaited,
} from './report-figures.ts';
import { type ReportTable, tablesOf } from './report-tables.ts';

interface Case {
  readonly scenario: string;
  readonly set: readonly string[];
}

const OFF = 'settlement.cycle=off';
const CARRY_OVER = 'settlement.atClose=carry-over';
const CASES: readonly Case[] = [
  {
    scenario: 'smoke',
    set: ['currencies.EUR.throughputGuidelines=[{ by: "09:10", share: 0.5 }]'],
  },
  // A base currency of such value that all that crosses currencies comes to less than its minor unit.
  {
    scenario: 'smoke',
    set: [
      'currencies.XTS={ opens: "08:00", closes: "12:00", zone: UTC }',
      'rates.base=XTS',
      'rates.perBase={ EUR: "5000000000.00", SGD: "7338000000.00" }',
    ],
  },
  { scenario: 'linked-gridlock', set: [] },
  {
    scenario: 'linked-gridlock',
    set: [CARRY_OVER, 'businessDates=[2026-03-16, 2026-03-17]'],
  },
  { scenario: 'netting-default', set: [] },
  { scenario: 'limits-hybrid', set: [] },
  {
    scenario: 'pssimpy-ring',
    set: [
      'currencies.XTS.throughputGuidelines=[{ by: "09:34", share: 0.5 }, { by: "09:35", share: 0.9 }]',
    ],
  },
  { scenario: 'pssimpy-ring', set: [OFF] },
  { scenario: 'pssimpy-ring', set: [OFF, CARRY_OVER] },
  // The last leg of a chain waits with the others, and clearing never says that it is queued.
  { scenario: 'conditional', set: [] },
];

for (const { scenario: name, set } of CASES)
  describe(`the figures of ${[name, ...set].join(' ')}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'corridor-figures-'));
    let scenario: Scenario;
    let summary: Summary;
    let rows: readonly CsvRow[];
    let page: string;
    let tables: ReadonlyMap<string, ReportTable>;
    before(async () => {
      scenario = load(name, set);
      const out = join(folder, 'run');
      const signatures = false;
      await executeRun({ file: scenarioFile(name), out, set, signatures, log: 'memory' });
      summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
      rows = parse(readFileSync(join(out, 'payments.csv')), { columns: true }) as CsvRow[];
      page = readFileSync(join(out, 'report.html'), 'utf8');
      tables = tablesOf(page);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const codes = () => scenario.currencies.map(({ code }) => code);
    const decimals = (code: string) =>
      scenario.currencies.find((currency) => currency.code === code)?.minorUnits as number;
    const money = (minor: bigint, code: string) => amountText(minor, decimals(code));
    /** The cell of a row and a currency's column, in the table whose caption begins so. */
    const cell = (caption: string, row: string, column: string): string => {
      const found = [...tables].find(([text]) => text.startsWith(caption));
      assert.ok(found, `a table ${caption}`);
      const value = found[1].rows.get(row)?.[found[1].heads.indexOf(column)];
      assert.notEqual(value, undefined, `${caption}: ${row}, ${column}`);
      return value as string;
    };
    const near = (text: string, expected: number | null, what: string) => {
      if (expected === null) return assert.equal(text, '', what);
      assert.ok(
        Math.abs(Number(text) - expected) <= 1.1e-9 * Math.max(1, expected),
        `${what}: ${text}, expected ${expected}`,
      );
    };

    it('delays', () => {
      for (const code of codes()) {
        const { rho, weightedMs } = delays(rows, code, scenario);
        near(cell('Settlement and delay', 'Settlement delay indicator ρ', code), rho, code);
        near(cell('Settlement and delay', 'Value-weighted delay', code), weightedMs, code);
        // Everything that these scenarios plan is sent.
        const { share, rho: rhoOfAll } = ofSubmitted(rows, code, scenario);
        const shown = (row: string) => cell('Settlement and delay', row, code);
        near(shown('Settled share'), share, code);
        near(shown('Settlement delay indicator ρ over all submitted'), rhoOfAll, code);
        near(cell('What became of the value planned', 'Settled', code), share, code);
      }
    });

    it('what held payments up adds up to what was waited', () => {
      const waited = (code: string) =>
        summary.indicators.heldUp
          .filter(({ debited }) => debited === code)
          .reduce((sum, { heldUpMs }) => sum + heldUpMs, 0);
      for (const code of codes()) {
        const queued = rows.filter((row) => row.currency === code && row.queuedAt !== '');
        const ended = queued.filter(({ finalAt }) => finalAt !== '');
        if (ended.length < queued.length) continue;
        const counted = queued.filter(
          ({ position, pairedWith }) => !pairedWith || Number(position) < Number(pairedWith),
        );
        const expected = counted.map(
          ({ queuedAt, finalAt }) => Date.parse(finalAt as string) - Date.parse(queuedAt as string),
        );
        assert.equal(
          waited(code),
          expected.reduce((sum, ms) => sum + ms, 0),
          code,
        );
      }
    });

    it('who defaulted, as the scenario has it', () => {
      const [one] = summary.defaults;
      assert.equal(one !== undefined, name === 'netting-default');
      if (!one) return;
      const shown = (column: string) => cell('Defaults', 'EPSIDE00', column);
      assert.equal(shown('Shortfall'), money(BigInt(one.shortfallMinor), 'EUR'));
      assert.equal(
        shown('Rejected'),
        String(rows.filter(({ reason }) => reason === 'AG10').length - Number(shown('Unwound'))),
      );
    });

    it('bounds of liquidity, netting efficiency, turnover, concentration', () => {
      for (const code of codes()) {
        const { valid, settled } = flowsOf(rows, code);
        const mine = summary.indicators.currencies.find(({ currency }) => currency === code);
        for (const [caption, of, told] of [
          ['What the flows need', valid, mine?.valid],
          ['The same of what settled', settled, mine?.settled],
        ] as const) {
          assert.equal(told?.grossMinor, of.gross.toString(), code);
          if (caption.startsWith('The same') && valid.gross === settled.gross) continue;
          const shown = (row: string) => cell(caption, row, code);
          assert.equal(shown('Gross value of the flows'), money(of.gross, code));
          assert.equal(shown('Upper bound of liquidity'), money(of.upper, code));
          assert.equal(shown('Lower bound of liquidity'), money(of.lower, code));
          near(shown('Netting efficiency'), of.netting, 'netting efficiency');
          near(shown('Turnover at the upper bound'), of.turnoverAtUpper, 'at the upper bound');
          near(shown('Turnover at the lower bound'), of.turnoverAtLower, 'at the lower bound');
          near(shown('Concentration of debtors'), of.concentration, 'concentration');
        }
      }
    });

    it('liquidity used lies between what netting and what settling all at once needs', () => {
      for (const { currency, settled } of summary.indicators.currencies) {
        const used = BigInt(summary.liquidity[currency]?.usedMinor as string);
        assert.equal(
          cell('Liquidity as it was used', 'Liquidity used', currency),
          money(used, currency),
        );
        if (name === 'pssimpy-ring') continue;
        assert.ok(used >= BigInt(settled.lowerMinor), `${currency}: ${used}`);
      }
    });

    it('queues and what is unsettled at the close', () => {
      for (const code of codes()) {
        const waits = timesInQueue(rows, code);
        for (const [row, share] of [
          ['Time in queue, p50', 50],
          ['Time in queue, p95', 95],
          ['Time in queue, p99', 99],
        ] as const)
          assert.equal(
            cell('Queues', row, code),
            String(rank(waits, share) ?? ''),
            `${code} ${row}`,
          );
        const peak = Number(cell('Queues', 'Queue, most payments', code));
        const { least, most } = queueBounds(rows, code);
        assert.ok(peak >= least && peak <= most, `${code}: ${least} <= ${peak} <= ${most}`);
        const { number, value } = unsettled(rows, code, scenario);
        assert.equal(cell('Queues', 'Unsettled at close, number', code), String(number), code);
        assert.equal(cell('Queues', 'Unsettled at close, value', code), money(value, code), code);
      }
      if (!['linked-gridlock', 'smoke'].includes(name) || set.includes(CARRY_OVER)) return;
      // Nothing is carried over there: they are those that a close cancelled, each payment once.
      const cancelled = rows.filter(({ reasonText }) => /by the close/.test(reasonText ?? ''));
      const payments = cancelled.filter(
        ({ position, pairedWith }) => !pairedWith || Number(position) < Number(pairedWith),
      );
      const told = codes().map((code) =>
        Number(cell('Queues', 'Unsettled at close, number', code)),
      );
      assert.ok(payments.length > 0);
      assert.equal(
        told.reduce((sum, count) => sum + count),
        payments.length,
      );
    });

    it('queued payments as the store counts them', () => {
      for (const code of codes()) {
        const queued = whatWaited(rows, code);
        const ended = (status: string) => queued.filter((row) => row.status === status).length;
        const waits = timesInQueue(rows, code);
        const shown = (column: string) => {
          if (queued.length > 0) return cell('Queued payments by currency', code, column);
          assert.equal(
            tables.get('Queued payments by currency debited')?.rows.get(code),
            undefined,
          );
          return '';
        };
        for (const [column, expected] of [
          ['Queued', queued.length],
          ['Then settled', ended('ACSC')],
          ['Cancelled', ended('CANC')],
          ['Still queued', ended('PDNG')],
          ['Time in queue p50', rank(waits, 50) ?? ''],
          ['p95', rank(waits, 95) ?? ''],
          ['p99', rank(waits, 99) ?? ''],
        ] as const)
          assert.equal(
            shown(column),
            queued.length > 0 ? String(expected) : '',
            `${code} ${column}`,
          );
      }
    });

    it('the share of each mechanism, by number and by value', () => {
      const settled = rows.filter(({ status }) => status === 'ACSC');
      const counted = settled.filter(
        ({ position, pairedWith }) => !pairedWith || Number(position) < Number(pairedWith),
      );
      for (const mechanism of new Set(settled.map((row) => row.mechanism as string))) {
        const mine = counted.filter((row) => row.mechanism === mechanism).length;
        assert.equal(cell('Settled by each mechanism', mechanism, 'Payments'), String(mine));
        near(
          cell('Settled by each mechanism', mechanism, 'of all'),
          mine / counted.length,
          mechanism,
        );
        for (const code of codes()) {
          const value = (of: readonly CsvRow[]) =>
            of
              .filter((row) => row.currency === code)
              .reduce((sum, row) => sum + Number(row.amount), 0);
          const whole = value(settled);
          const part = value(settled.filter((row) => row.mechanism === mechanism));
          const shown = cell('Settled by each mechanism', mechanism, `${code} value`);
          near(shown, whole === 0 ? null : part / whole, `${mechanism} ${code}`);
        }
      }
    });

    /** By corridor across a border. */
    const bordersChecked = () => {
      const { rates } = scenario.document;
      const rateOf = (from: string, to: string) =>
        from === to ? 1 : Number(rates ? referenceRate(rates, from, to) : Number.NaN);
      const across = rows.filter((row) => segmentOf(row) !== null);
      return { across, rateOf, checks: corridorChecks(across, rateOf, decimals) };
    };

    it('corridors across a border: speed and cost', () => {
      const { checks } = bordersChecked();
      assert.equal(checks.size, summary.indicators.crossBorder.corridors.length);
      for (const [corridor, { payments, hour, cost }] of checks) {
        const shown = (column: string) => cell('Corridors between countries', corridor, column);
        assert.equal(shown('Payments'), String(payments), corridor);
        near(shown('Within 1\u00a0h'), payments === 0 ? null : hour / payments, corridor);
        near(shown('Cost'), cost, `cost of ${corridor}`);
      }
    });

    it('segments against the G20 targets, and the cost on average, weighted by value', () => {
      const { across, rateOf, checks } = bordersChecked();
      for (const segment of new Set(across.map(segmentOf))) {
        const own = [...checks].flatMap(([name, check]) =>
          name.startsWith(segment as string) ? [check] : [],
        );
        const sum = (figure: 'payments' | 'hour' | 'day') =>
          own.reduce((total, check) => total + check[figure], 0);
        const shown = (column: string) =>
          cell('Segments against the G20 targets', segment as string, column);
        assert.equal(shown('Payments'), String(sum('payments')));
        const judged = (isMet: boolean) => (isMet ? 'met' : 'not met');
        if (sum('payments') > 0)
          assert.deepEqual(
            [shown('Target 75\u00a0%'), shown('Target 100\u00a0%')],
            [judged(sum('hour') >= 0.75 * sum('payments')), judged(sum('day') === sum('payments'))],
          );
        const mine = across.filter((row) => segmentOf(row) === segment);
        const average = averageCost(mine, rateOf, decimals);
        const told = shown('Cost on average');
        if (average === null) assert.equal(told, '');
        else assert.ok(Math.abs(Number(told) - average) <= 1e-6, `${told} of ${average}`);
      }
    });

    it('throughput against guideline points', () => {
      for (const { code, guidelines } of scenario.currencies) {
        const told = summary.indicators.currencies.find(({ currency }) => currency === code);
        const { businessDates } = scenario;
        for (const [index, { atMs }] of guidelines.entries()) {
          const reached = told?.throughput.guidelines[index]?.reached;
          near(String(reached), shareSettledBy(rows, code, businessDates, atMs), code);
          if (index === guidelines.length - 1)
            near(cell('Throughput against', code, 'Reached'), reached as number, code);
        }
      }
    });

    it('gridlocks and deadlocks of the ring, as its story has them', () => {
      if (name !== 'pssimpy-ring') return;
      const { gridlocks, deadlocks } = summary.indicators;
      if (set.includes(OFF)) {
        assert.deepEqual([gridlocks.number, deadlocks.number, summary.settled], [0, 0, 0]);
        return;
      }
      // At 08:30, 09:00 and 09:30 a payment each; the cycle of 08:35 finds one that cannot, that of
      // 09:35 finds the ring, which was there for the five minutes since 09:30.
      const minute = 60_000;
      assert.deepEqual(
        [gridlocks.number, gridlocks.payments, gridlocks.totalMs, gridlocks.longestMs],
        [3, 9, 15 * minute, 5 * minute],
      );
      assert.deepEqual([deadlocks.number, deadlocks.longestMs], [3, 60 * minute]);
    });
  });
