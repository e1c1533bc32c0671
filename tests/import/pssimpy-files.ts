/** PSSimPy's tables for tests: files in memory, and days drawn by a seed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Day, DayPayment, Settled } from '../../bench/simulation/pssimpy-rules.ts';
import { importPssimpy } from '../../services/import/pssimpy.ts';
import { readPssimpy } from '../../services/import/pssimpy-tables.ts';
import { type RivalImport, writeRivalFolder } from '../../services/import/rival-folder.ts';
import type { ImportSource } from '../../services/import/write-import.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { runDirectly } from '../support/run.ts';

export const CHOICES = { currency: 'XTS', firstDate: '2026-03-16' };

export const fixtureFile = (name: string) => join(packageFolder, 'tests/import/fixtures', name);
export const fixtureText = (name: string) => readFileSync(fixtureFile(name), 'utf8');

export const imported = (files: Readonly<Record<string, string>>, choices = CHOICES): RivalImport =>
  importPssimpy(
    readPssimpy(Object.entries(files).map(([file, text]) => ({ file, text }))),
    choices,
  );

/** Writes the folder and loads what it holds, as `corridor run` does. */
export function scenarioOf(import_: RivalImport, source: ImportSource = 'pssimpy'): Scenario {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-rivals-'));
  try {
    writeRivalFolder(join(folder, 'imported'), source, [], import_);
    return loadScenario(join(folder, 'imported/scenario.yaml'), {
      readFile: (path) => readFileSync(path, 'utf8'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of each payment, in the order of the rows, the minute of its day in which it settles; -1: never. */
export async function settledMinutes(scenario: Scenario): Promise<number[]> {
  const { rows } = await runDirectly(scenario, { signatures: false });
  return rows.map(({ status, finalAtMs }) =>
    status === 'settled' ? ((finalAtMs as number) % 86_400_000) / 60_000 : -1,
  );
}

const [OPENS, CLOSES] = [8 * 60, 12 * 60];
const BANKS = 6;

/** Whole amounts and little money, so that some payments wait. */
export function drawnDay(seed: number, count: number, windowMinutes: number): Day {
  const stream = new SeededStream(seed, 'pssimpy-import');
  const below = (limit: number) => Math.floor(stream.uniform() * limit);
  const payments = Array.from({ length: count }, (): DayPayment => {
    const debtor = below(BANKS);
    return {
      ...{ minute: OPENS + below(CLOSES - OPENS), debtor },
      creditor: (debtor + 1 + below(BANKS - 1)) % BANKS,
      amount: 1 + below(100),
    };
  }).sort((one, two) => one.minute - two.minute);
  return {
    ...{ windowMinutes, opensMinute: OPENS, closesMinute: CLOSES, payments },
    balances: Array.from({ length: BANKS }, () => 20 + below(100)),
  };
}

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** The day as PSSimPy takes it. */
export function dayFiles(
  { balances, payments, windowMinutes }: Day,
  args: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const table = (lines: readonly string[]) => `${lines.join('\n')}\n`;
  return {
    'banks.csv': table(['name', ...balances.map((_, bank) => `b${bank}`)]),
    'accounts.csv': table([
      'id,owner,balance',
      ...balances.map((balance, bank) => `acc${bank},b${bank},${balance}`),
    ]),
    'transactions.csv': table([
      'sender_account,recipient_account,amount,time',
      ...payments.map(
        ({ debtor, creditor, amount, minute }) =>
          `acc${debtor},acc${creditor},${amount},${clock(minute)}`,
      ),
    ]),
    'arguments.json': JSON.stringify({
      ...{ open_time: clock(OPENS), close_time: clock(CLOSES), processing_window: windowMinutes },
      ...args,
    }),
  };
}

/** PSSimPy's classes under which what does not fit when it is sent fails; any queue does the same. */
export const FAILS_AT_ONCE = {
  credit_facility: 'SimpleCollateralized',
  constraint_handler: 'MinBalanceConstraintHandler',
};

/** A day without two payments of one minute, which PSSimPy would hold against one balance, and collateral. */
export function dayOfSingles(seed: number): { day: Day; collateral: number[] } {
  const drawn = drawnDay(seed, 200, 1);
  const payments = drawn.payments.filter(
    ({ minute }, index) => minute !== drawn.payments[index - 1]?.minute,
  );
  return { day: { ...drawn, payments }, collateral: drawn.balances.map((_, bank) => 15 * bank) };
}

/** The day and its collateral as PSSimPy takes them. */
export function filesOfSingles(
  { day, collateral }: ReturnType<typeof dayOfSingles>,
  queue: string,
): Record<string, string> {
  const rows = collateral.map(
    (posted, bank) => `acc${bank},b${bank},${day.balances[bank]},${posted}\n`,
  );
  return {
    ...dayFiles(day, { ...FAILS_AT_ONCE, queue }),
    'accounts.csv': `id,owner,balance,posted_collateral\n${rows.join('')}`,
  };
}

/** The slow and obvious rule of an import: each as sent; what does not fit waits, and later ones may pass it. */
export function asSentPassing({ balances: opening, payments }: Day): Settled {
  const settledAt = new Int32Array(payments.length).fill(-1);
  const balances = [...opening];
  for (const [sent, { minute }] of payments.entries())
    for (let moved = true; moved; ) {
      moved = false;
      for (let index = 0; index <= sent; index++) {
        const { debtor, creditor, amount } = payments[index] as DayPayment;
        if (settledAt[index] !== -1 || (balances[debtor] as number) < amount) continue;
        balances[debtor] = (balances[debtor] as number) - amount;
        balances[creditor] = (balances[creditor] as number) + amount;
        settledAt[index] = minute;
        moved = true;
        break;
      }
    }
  return settledAt;
}
