import { join } from 'node:path';
import type { NettingCertificate } from '../analysis/certificates/netting-certificate.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { makeNamedFolder, writeNamedFile } from '../platform/service/named-output.ts';
import type { Inputs } from '../replay/recorded-inputs.ts';
import type { PoolState } from '../replay/replayed-state-and-names.ts';
import { Amounts, counted } from './amount-words.ts';
import { type CycleReport, cycleLine, eachCycle, reasonLines } from './cycle-reports.ts';
import { type ExactCycle, exactCycle, exactText } from './optimum-sentence.ts';

export interface CyclesAsked {
  readonly pool: string | null;
  /** Null: all of them. */
  readonly cycle: number | null;
  /** In place of a cycle: the bilateral offsetting with this number. */
  readonly offsetting: number | null;
  readonly json: boolean;
  /** One file for one cycle. */
  readonly certificate: string | null;
  /** A folder with a file for each. */
  readonly certificates: string | null;
  /** Compare one cycle with the exact optimum; null: do not. */
  readonly exact: { readonly valueIn: string | null; readonly seconds: number } | null;
}

const WHEN_DUE =
  'A cycle that falls due runs only if something is queued and something happened since the last; before a close one always runs. A mechanism of one’s own is asked wherever something is queued.';

interface Seen {
  readonly report: CycleReport;
  readonly pool: PoolState;
}

/** Prints what cycles settled and what they left, and writes their certificates. */
export async function showCycles(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  asked: CyclesAsked,
): Promise<void> {
  const { cycle, offsetting, json } = asked;
  const isOne = cycle !== null || offsetting !== null;
  if (asked.certificates !== null) makeNamedFolder('--certificates', asked.certificates);
  const seen: Seen[] = [];
  let count = 0;
  const pools = await eachCycle(inputs, wasm, asked, (report, pool) => {
    const [fault] = report.faults;
    if (fault !== undefined)
      throw new Error(`the certificate of ${nameOf(report)} does not hold: ${fault}`);
    if (asked.certificates !== null) writeInto(asked.certificates, report);
    count += 1;
    if (isOne) seen.push({ report, pool });
    else
      process.stdout.write(
        json ? `${JSON.stringify(cycleJson(report))}\n` : `${cycleLine(report, pool)}\n`,
      );
  });
  if (asked.pool !== null && !pools.includes(asked.pool))
    throw new BadInput(`--pool ${asked.pool}: ${inputs.name} has ${pools.join(', ')}`);
  if (!isOne) {
    if (!json)
      process.stdout.write(
        `${counted(count, 'cycle')}; every certificate was checked and holds\n${WHEN_DUE}\n`,
      );
    return;
  }
  const option = cycle === null ? `--offsetting ${offsetting}` : `--cycle ${cycle}`;
  const [only, another] = seen.filter(({ report }) => cycle === null || report.offsetting === null);
  if (only === undefined)
    throw new BadInput(
      `${option}: ${inputs.name} has no such ${cycle === null ? 'offsetting' : 'cycle'}; --cycles lists them`,
    );
  if (another !== undefined)
    throw new BadInput(`${option}: pools ${pools.join(', ')} have one each; expected --pool`);
  const first = seen.filter((s) => s !== only && s.pool === only.pool && isOfCycle(s, only));
  await showOne(only, first, asked);
}

/** The offsetting with which a cycle began, where its run came next. */
const isOfCycle = ({ report }: Seen, run: Seen): boolean =>
  report.timeMs === run.report.timeMs && report.event < run.report.event;

const nameOf = ({ cycle, offsetting }: CycleReport): string =>
  offsetting === null ? `cycle ${cycle}` : `offsetting ${offsetting}`;

async function showOne(
  { report, pool }: Seen,
  before: readonly Seen[],
  asked: CyclesAsked,
): Promise<void> {
  if (asked.certificate !== null) writeOne(asked.certificate, report);
  const exact = asked.exact === null ? null : await compare({ report, pool }, asked.exact);
  if (asked.json) {
    const { certificate } = report;
    const held =
      'heldUp' in certificate ? { heldUp: certificate.heldUp } : nettingJson(certificate);
    const why = 'sets' in certificate ? { sets: certificate.sets, ...held } : held;
    const optimum = exact && {
      ...exact,
      best: String(exact.best),
      settled: String(exact.settled),
    };
    process.stdout.write(
      `${JSON.stringify({ ...cycleJson(report), ...why, ...(optimum && { optimum }) }, null, 2)}\n`,
    );
    return;
  }
  const lines = [
    ...before.map((seen) => cycleLine(seen.report, seen.pool)),
    cycleLine(report, pool),
    ...reasonLines(report, pool),
  ];
  if (exact !== null)
    lines.push(exactText(exact, new Amounts(pool.directory), asked.exact?.seconds ?? 0));
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function compare(
  { report, pool }: Seen,
  { valueIn, seconds }: NonNullable<CyclesAsked['exact']>,
): Promise<ExactCycle> {
  const { state, certificate, mechanism } = report;
  if (
    certificate.format !== 'corridor-certificate-1' &&
    certificate.format !== 'corridor-proposal-certificate-1'
  )
    throw new BadInput(`--exact: ${mechanism} chooses nothing; expected a cycle over queues`);
  const currencies = certificate.currencies.map((c) => pool.directory.currencyHandle(c) as number);
  return exactCycle(pool, state, currencies, certificate.settled, valueIn, seconds);
}

const nettingJson = ({ nets, defaults, shares, unwound, refused }: NettingCertificate) => {
  return { nets, defaults, shares, unwound, refused };
};

function cycleJson({ timeMs, value, ...report }: CycleReport) {
  const { pool, cycle, offsetting, event, mechanism, currencies, outcome, settled, left } = report;
  const time = new Date(timeMs).toISOString();
  return {
    pool,
    cycle,
    offsetting,
    event,
    time,
    mechanism,
    currencies,
    outcome,
    settled,
    valueMinor: value,
    left,
  };
}

function writeOne(file: string, { certificate }: CycleReport): void {
  writeNamedFile('--certificate', file, `${JSON.stringify(certificate, null, 2)}\n`);
}

function writeInto(folder: string, { certificate, pool, cycle, offsetting }: CycleReport): void {
  const number = String(offsetting ?? cycle).padStart(6, '0');
  const name = offsetting === null ? `${pool}-${number}` : `${pool}-offsetting-${number}`;
  const file = join(folder, `${name}.json`);
  writeNamedFile('--certificates', file, `${JSON.stringify(certificate)}\n`);
}
