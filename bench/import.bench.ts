// `npm run -s bench -- import [CASE...] [--json]`, by default all of:
//
//   million           `corridor import csv` of a million payments of 200 banks with separators, marks and
//                     dates of a spreadsheet, references and balances: read, checked, written; a process
//   million-observed  the same with observed settlement times, and upper bounds in place of balances
//
// The files are made before, once. Each figure is of the whole process.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SeededStream } from '../services/scenario/random-streams.ts';
import { interleave, isAsked, median, printer } from './measure.ts';

const ROUNDS = 3;
const PAYMENTS = 1_000_000;
const BANKS = 200;
const CORRIDOR = fileURLToPath(new URL('../services/cli/main.js', import.meta.url));
const print = printer('import');
const folder = mkdtempSync(join(tmpdir(), 'corridor-bench-import-'));
const file = (name: string) => join(folder, name);

const bankName = (number: number): string => `Bank ${number}`;

function writeSource(): void {
  const stream = new SeededStream(1, 'bench import');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const two = (value: number) => String(value).padStart(2, '0');
  const out = openSync(file('payments.csv'), 'w');
  let text = 'Datum;Zeit;Zahler;Empfänger;Währung;Betrag;Prio;Referenz;Abgewickelt\r\n';
  for (let row = 0; row < PAYMENTS; row++) {
    const seconds = 28_800 + Math.floor((row / PAYMENTS) * 36_000);
    const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const from = upTo(BANKS);
    const to = (from + 1 + upTo(BANKS - 1)) % BANKS;
    const minor = 1 + upTo(5_000_000);
    const whole = String(Math.floor(minor / 100)).replace(/\B(?=(\d{3})+$)/g, '.');
    const priority = upTo(10) === 0 ? 'H' : 'N';
    text += `16.03.2026;${time};${bankName(from)};${bankName(to)};EUR;${whole},${two(minor % 100)};${priority};TX${row};${time}\r\n`;
    if (text.length > 1 << 20 || row === PAYMENTS - 1) {
      writeSync(out, text);
      text = '';
    }
  }
  closeSync(out);
  const balances = Array.from({ length: BANKS }, (_, at) => `${bankName(at)};EUR;50.000.000,00\n`);
  writeFileSync(file('balances.csv'), `Teilnehmer;Währung;Saldo\n${balances.join('')}`);
}

const mapping = (columns: string, rest: string) => `payments:
  separator: ;
  decimalMark: ","
  thousandsMark: .
  dateForm: d.M.yyyy
  timeForm: HH:mm:ss
  zone: Europe/Berlin
  columns: { date: Datum, time: Zeit, debtor: Zahler, creditor: Empfänger, currency: Währung, amount: Betrag, priority: Prio, reference: Referenz${columns} }
  values: { priority: { N: normal, H: high } }
${rest}`;
const BALANCES = `balances:
  separator: ;
  decimalMark: ","
  thousandsMark: .
  columns: { participant: Teilnehmer, currency: Währung, balance: Saldo }
`;

const imported = (name: string, files: readonly string[]) => ({
  count: 1,
  run: () => {
    const args = [...files.map(file), '--mapping', file(`${name}.yaml`), '--out', file(name)];
    const flags = ['--max-semi-space-size=64', CORRIDOR, 'import', 'csv'];
    const { status, stdout } = spawnSync(process.execPath, [...flags, ...args], {
      encoding: 'utf8',
    });
    if (status !== 0 || !stdout.startsWith('1,000,000 payments of 200 participants'))
      throw new Error('an import did not end well: it has no figure');
  },
});

try {
  writeSource();
  writeFileSync(file('million.yaml'), mapping('', BALANCES));
  writeFileSync(
    file('million-observed.yaml'),
    mapping(', settled: Abgewickelt', 'missingBalance: upperBound\n'),
  );
  const cases = {
    million: imported('million', ['payments.csv', 'balances.csv']),
    'million-observed': imported('million-observed', ['payments.csv']),
  };
  for (const [name, contestant] of Object.entries(cases))
    if (isAsked(name)) {
      const { took } = await interleave({ took: contestant }, ROUNDS, 0);
      print({ case: name, value: median(took) / 1e9, unit: 's', vs: null, ratio: null });
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
