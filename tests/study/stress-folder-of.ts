/** Small stress tests in a folder of their own, and the same figures the slow way, for the tests beside this file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parse } from 'csv-parse/sync';
import { stressTest } from '../../services/study/run-study.ts';
import type { StressOptions } from '../../services/study/stress/stress-grid.ts';
import { runHere } from './study-folder-of.ts';

/** A pays B, B pays C, C pays A: nobody but A has money of its own. */
export const THREE_YAML = `name: three
seed: 1
businessDates: [2026-03-16]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "12:00", zone: UTC }
participants:
  - { bic: AAAADE00, name: A, accounts: { EUR: { balance: "100.00" } } }
  - { bic: BBBBDE00, name: B, accounts: { EUR: { balance: "0.00", creditLine: "5.00" } } }
  - { bic: CCCCDE00, name: C, accounts: { EUR: { balance: "0.00" } } }
payments: { csv: three.csv }
`;
export const THREE_CSV = `date,time,debtor,creditor,currency,amount,priority
2026-03-16,09:00,AAAADE00,BBBBDE00,EUR,60.00,normal
2026-03-16,09:10,BBBBDE00,CCCCDE00,EUR,50.00,normal
2026-03-16,09:20,CCCCDE00,AAAADE00,EUR,30.00,normal
2026-03-16,10:30,AAAADE00,BBBBDE00,EUR,20.00,normal
2026-03-16,10:40,CCCCDE00,BBBBDE00,EUR,10.00,normal
`;

const BANKS = ['AAAADE00', 'BBBBDE00', 'CCCCDE00', 'EEEEDE00', 'FFFFDE00'];
const account = '{ EUR: { balance: "50.00", creditLine: "10.00" }, JPY: { balance: "4000" } }';
/** Some hundred payments of five banks with little money, some through a dealer. */
export const FIVE_YAML = `name: five
seed: 3
businessDates: [2026-03-16]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "16:00", zone: UTC }
  JPY: { opens: "08:00", closes: "15:00", zone: UTC }
participants:
${BANKS.map((bic) => `  - { bic: ${bic}, name: ${bic}, accounts: ${account} }`).join('\n')}
  - { bic: DDDDJP00, name: Dealer, role: dealer, accounts: { EUR: { balance: "50.00" }, JPY: { balance: "30000" } } }
rates: { source: invented, date: 2026-03-16, base: EUR, perBase: { JPY: "160.5" } }
quotes: [{ dealer: DDDDJP00, pairs: [EUR/JPY], spreadBasisPoints: 10, covers: { EUR: "90000.00", JPY: "90000000" } }]
profiles: { day: { zone: UTC, parts: [{ from: "08:00", to: "15:00", weight: 1 }] } }
traffic:
  - { name: eur, from: EUR, paymentsPerDate: 160, profile: day, amounts: { median: "30.00", sigma: 1, min: "1.00", max: "200.00" }, priorities: { urgent: 1, high: 1, normal: 8 } }
  - { name: jpy, from: JPY, paymentsPerDate: 60, profile: day, amounts: { median: "3000", sigma: 1, min: "100", max: "20000" }, priorities: { normal: 1 } }
  - { name: fx, from: EUR, to: JPY, dealers: { DDDDJP00: 1 }, paymentsPerDate: 40, profile: day, amounts: { median: "30.00", sigma: 1, min: "1.00", max: "200.00" }, priorities: { normal: 1 } }
settlement: { queue: bypass-fifo, cycle: gridlockResolution, cycleEverySeconds: 900 }
tickMs: 60000
`;

export type Row = Readonly<Record<string, string>>;
export const rowsOf = (csv: string): Row[] => parse(csv, { columns: true });

export function stressFiles(t: Pick<TestContext, 'after'>) {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-stress-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(path(name), 'utf8');
  const write = (name: string, text: string) => writeFileSync(path(name), text);
  for (const [name, text] of Object.entries({
    ...{ 'three.yaml': THREE_YAML, 'three.csv': THREE_CSV, 'five.yaml': FIVE_YAML },
  }))
    write(name, text);
  const run = (
    scenario: string,
    out: string,
    asked: Partial<StressOptions> = {},
    { run: by = runHere, keepGoing = false } = {},
  ) =>
    stressTest(
      {
        ...{ scenario: path(scenario), set: [] },
        ...{ lengthSeconds: null, reactionAfterSeconds: 1800, queued: 'left' },
        ...asked,
      },
      { out: path(out), jobs: 1, keepGoing, run: by },
    );
  return { folder, path, read, write, run };
}

/** What a payment does to accounts, `bank currency`, by its row of payments.csv. */
function effects(row: Row): { debits: string[]; credits: string[] } {
  const { debtorAgent, creditorAgent, dealer, currency, creditedCurrency } = row;
  return dealer === ''
    ? { debits: [`${debtorAgent} ${currency}`], credits: [`${creditorAgent} ${currency}`] }
    : {
        debits: [`${debtorAgent} ${currency}`, `${dealer} ${creditedCurrency}`],
        credits: [`${dealer} ${currency}`, `${creditorAgent} ${creditedCurrency}`],
      };
}

const isSettled = (row: Row | undefined) => row?.status === 'ACSC';
const isOf = (bank: string, { debtorAgent, creditorAgent, dealer }: Row) =>
  [debtorAgent, creditorAgent, dealer].includes(bank);

/**
 * The newly unsettled payments, each with its round (0: unlinked), from two payments.csv without trades, as
 * docs/stress.md defines them: every payment is held against every other, until nothing changes.
 */
export function newlyUnsettled(bank: string, base: readonly Row[], failed: readonly Row[]) {
  const now = new Map(failed.map((row) => [row.uetr, row]));
  const back = base
    .filter((row) => isSettled(row))
    .filter((row) => {
      const other = now.get(row.uetr);
      return !isSettled(other) || (other?.finalAt ?? '') > (row.finalAt ?? '');
    })
    .map((row) => ({
      row,
      round: isOf(bank, row) ? 1 : Number.POSITIVE_INFINITY,
      ...effects(row),
    }));
  for (let changed = true; changed; ) {
    changed = false;
    for (const waits of back)
      for (const brings of back) {
        const isCause =
          (brings.row.finalAt ?? '') <= (waits.row.finalAt ?? '') &&
          waits.debits.some((one) => brings.credits.includes(one));
        if (!isCause || brings.round + 1 >= waits.round) continue;
        waits.round = brings.round + 1;
        changed = true;
      }
  }
  return back
    .filter(({ row }) => !isSettled(now.get(row.uetr)))
    .map(({ row, round }) => ({
      row,
      round: Number.isFinite(round) ? round : 0,
      isUnsent: !now.has(row.uetr),
    }));
}

/**
 * By account: the most that it has less than on the base day, and more, from payments.csv of gross settlement
 * without changes of liquidity, in units of 1/100 or whole yen.
 */
export function worstDifferences(base: readonly Row[], failed: readonly Row[], code: string) {
  const minor = (text: string | undefined) => BigInt((text ?? '').replace('.', ''));
  const instants = [...new Set([...base, ...failed].map(({ finalAt }) => finalAt ?? ''))].sort();
  const balance = (rows: readonly Row[], name: string, until: string) => {
    let [sum, received] = [0n, 0n];
    for (const row of rows) {
      if (!isSettled(row) || (row.finalAt ?? '') > until) continue;
      const { debits, credits } = effects(row);
      const amounts = [minor(row.amount), minor(row.creditedAmount)];
      for (const [at, debit] of debits.entries()) if (debit === name) sum -= amounts[at] ?? 0n;
      for (const [at, credit] of credits.entries())
        if (credit === name) {
          sum += amounts[at] ?? 0n;
          received += amounts[at] ?? 0n;
        }
    }
    return { sum, received };
  };
  return (bank: string) => {
    let [loss, gain, receivedLess] = [0n, 0n, 0n];
    for (const until of instants) {
      const [before, after] = [base, failed].map((rows) => balance(rows, `${bank} ${code}`, until));
      const less = (before?.sum ?? 0n) - (after?.sum ?? 0n);
      const received = (before?.received ?? 0n) - (after?.received ?? 0n);
      if (less > loss) loss = less;
      if (-less > gain) gain = -less;
      if (received > receivedLess) receivedLess = received;
    }
    return { loss, gain, receivedLess };
  };
}
