/**
 * The same day for Corridor and for PSSimPy 0.1.5 (MIT), once each, in a process of its own: from reading the files to the
 * end of the run, with Corridor's figures. What became of each payment is listed after that, by both.
 * Both results are held, payment by payment, against a rule that says what each does (pssimpy-rules.ts);
 * between the two rules stand those that say why a payment's time differs.
 *
 * PSSimPy settles once in a window. By default this is a quarter of an hour; the finest is a minute, which
 * alone tells the minute in which a payment settles. Its time grows with payments x windows, as it looks
 * at the time of every payment in every window, and with payments² / windows, as it hands what arrived to
 * its queue again for each payment. So the finer window has fewer payments, for both.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { pythonWith } from '../../services/platform/service/python-packages.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import type { Line } from '../measure.ts';
import { NODE_FLAGS } from './processes.ts';
import { type Day, type DayPayment, RULES, type Settled } from './pssimpy-rules.ts';

/** The other side, as pip has it. */
export const PSSIMPY_PACKAGE = 'PSSimPy==0.1.5';
export interface DayCase {
  readonly name: string;
  readonly payments: number;
  readonly windowMinutes: number;
}
export const PSSIMPY: readonly DayCase[] = [
  { name: 'pssimpy', payments: 200_000, windowMinutes: 15 },
  { name: 'pssimpy-by-minute', payments: 30_000, windowMinutes: 1 },
];

const BANKS = 50;
/** PSSimPy's hours by default. */
const [OPENS, CLOSES] = [8 * 60, 17 * 60];
const DATE = '2026-03-16';

const bic = (bank: number) =>
  `BK${String.fromCharCode(65 + (bank % 26))}${bank < 26 ? 'A' : 'B'}DE00`;
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Whole amounts, which floating point holds exactly; money is short enough that some payments wait. */
function dayOf({ payments: count, windowMinutes }: DayCase): Day {
  const stream = new SeededStream(1, 'pssimpy');
  const below = (count: number) => Math.floor(stream.uniform() * count);
  const payments = Array.from({ length: count }, (): DayPayment => {
    const debtor = below(BANKS);
    const creditor = (debtor + 1 + below(BANKS - 1)) % BANKS;
    const amount = Math.max(1, Math.round(1000 * Math.exp(1.2 * stream.normal())));
    return { minute: OPENS + below(CLOSES - OPENS), debtor, creditor, amount };
  }).sort((a, b) => a.minute - b.minute);
  const balance = Math.round((100 * count) / BANKS);
  return {
    windowMinutes,
    opensMinute: OPENS,
    closesMinute: CLOSES,
    balances: new Array<number>(BANKS).fill(balance),
    payments,
  };
}

function writeDay({ balances, payments }: Day, folder: string): void {
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  write('accounts.csv', [
    'bic,balance',
    ...balances.map((balance, bank) => `${bic(bank)},${balance}`),
  ]);
  write('payments.csv', [
    'date,time,debtor,creditor,currency,amount,priority',
    ...payments.map(
      ({ minute, debtor, creditor, amount }) =>
        `${DATE},${clock(minute)},${bic(debtor)},${bic(creditor)},XTS,${amount},normal`,
    ),
  ]);
  write('day.yaml', [
    'name: pssimpy-day',
    `businessDates: [${DATE}]`,
    `currencies: { XTS: { opens: "${clock(OPENS)}", closes: "${clock(CLOSES)}", zone: UTC } }`,
    'participants:',
    ...balances.map(
      (balance, bank) =>
        `  - { bic: ${bic(bank)}, name: Bank ${bank + 1}, accounts: { XTS: { balance: "${balance}" } } }`,
    ),
    'payments: { csv: payments.csv }',
    'settlement: { queue: fifo, cycle: off }',
    'tickMs: 60000',
  ]);
}

export interface Outcome {
  readonly seconds: number;
  readonly settled: number;
  readonly value: number;
  /** Of each payment, in the order of the file, the minute; -1: it has not settled. */
  readonly settledAt: readonly number[];
}

function outcomeOf(program: string, args: readonly string[], folder: string): Outcome {
  const text = execFileSync(program, args, {
    cwd: folder,
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(text.toString()) as Outcome;
}

function theirs(program: string, folder: string, windowMinutes: number): Outcome {
  const script = join(packageFolder, 'bench/simulation/pssimpy.py');
  return outcomeOf(program, [script, folder, String(windowMinutes)], folder);
}

function ours(folder: string): Outcome {
  const script = join(packageFolder, 'dist/bench/simulation/pssimpy-corridor.js');
  return outcomeOf(process.execPath, [...NODE_FLAGS, script, folder], folder);
}

/** Throws where a program's results are not those of its rule. */
function check(name: string, { payments }: Day, rule: Settled, outcome: Outcome): void {
  const differing = payments.filter((_, index) => rule[index] !== outcome.settledAt[index]).length;
  const settled = payments.filter((_, index) => rule[index] !== -1);
  const value = settled.reduce((sum, { amount }) => sum + amount, 0);
  if (differing > 0 || settled.length !== outcome.settled || value !== outcome.value)
    throw new Error(
      `${name} settles ${outcome.settled} payments of ${outcome.value}, its rule ${settled.length} of ${value}; ${differing} of them at other times: there is no figure`,
    );
}

/** What of PSSimPy's results is not so in Corridor's, and for how many payments. */
function explained(rules: readonly Settled[]): string[] {
  return RULES.slice(1).map(({ without }, index) => {
    const [before, after] = [rules[index] as Settled, rules[index + 1] as Settled];
    const moved = after.filter((minute, payment) => minute !== before[payment]).length;
    const ended = (settled: Settled) => settled.filter((minute) => minute !== -1).length;
    return `without that ${without}: ${moved} payments settle at another minute or not, ${ended(after)} settle`;
  });
}

/** @returns null where Python or the package is not to be had, which is told */
export function againstPssimpy(one: DayCase): Line | null {
  let program: string;
  try {
    program = pythonWith(PSSIMPY_PACKAGE);
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer };
    const why = stderr?.toString().trim().split('\n').at(-1) || message;
    process.stderr.write(`${one.name}: skipped: no ${PSSIMPY_PACKAGE} for python3: ${why}\n`);
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), 'corridor-pssimpy-'));
  try {
    const input = dayOf(one);
    writeDay(input, folder);
    const [mine, its] = [ours(folder), theirs(program, folder, one.windowMinutes)];
    const rules = RULES.map(({ settle }) => settle(input));
    check('PSSimPy', input, rules[0] as Settled, its);
    check('Corridor', input, rules.at(-1) as Settled, mine);
    const told = [
      `${one.payments} payments of ${BANKS} banks, windows of ${one.windowMinutes} min: PSSimPy settles ${its.settled} of them in ${its.seconds.toFixed(1)} s, Corridor ${mine.settled} in ${mine.seconds.toFixed(2)} s`,
      ...explained(rules),
    ];
    for (const line of told) process.stderr.write(`${one.name}: ${line}\n`);
    return {
      case: one.name,
      value: mine.seconds,
      unit: 's',
      vs: 'PSSimPy',
      ratio: its.seconds / mine.seconds,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
