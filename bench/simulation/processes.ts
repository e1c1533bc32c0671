/** Commands as a user starts them, each a process: from its start to its exit, what is stale built before. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import type { Contestant } from '../measure.ts';

const { bin, scripts } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
  readonly bin: { readonly corridor: string };
  readonly scripts: { readonly start: string };
};
/** What npx starts: by the first line of the file, behind `#!/usr/bin/env -S node`. */
const [byEnv = ''] = readFileSync(join(packageFolder, bin.corridor), 'utf8').split('\n');
export const NODE_FLAGS = byEnv.split(' ').slice(3);
const CORRIDOR = [...NODE_FLAGS, bin.corridor];
/** What npm starts, without the word node. */
const START = scripts.start.split(' ').slice(1);

/**
 * What was written, taken away at the end: for some minutes a file system may step over each inode of a deleted file whenever
 * it makes one (ext4), and to delete a run's 1,500 files before the next takes that one a second of a processor.
 */
const written: string[] = [];
process.once('exit', () => {
  for (const folder of written) rmSync(folder, { recursive: true, force: true });
});

/** @param check throws where what the process left in the folder is not what was wanted */
const command = (args: readonly string[], check: (folder: string) => void): Contestant => ({
  count: 1,
  run() {
    const folder = mkdtempSync(join(tmpdir(), 'corridor-bench-'));
    written.push(folder);
    const out = join(folder, 'out');
    const ended = spawnSync(process.execPath, [...args, '--out', out], {
      cwd: packageFolder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (ended.status !== 0) throw new Error(`${args.join(' ')}: ${ended.stderr}`);
    check(out);
  },
});

const hasRun = (submitted: number) => (folder: string) => {
  const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;
  if (!summary.conserved || summary.submitted + summary.unsent !== submitted)
    throw new Error('a run does not add up: it has no figure');
};

/** Six payments; all results. */
export const smallFull = command(
  [...CORRIDOR, 'run', 'scenarios/pssimpy-quickstart.yaml'],
  hasRun(6),
);

/** 100,000 payments; all results. */
export const full100k = command(START, hasRun(100_000));

/** A million readings of meters, and 20,000 bills. */
const iot = (...args: readonly string[]) =>
  command(
    [...CORRIDOR, 'run', 'scenarios/metering.yaml', '--results', 'summary', ...args],
    (folder) => {
      const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;
      const recorded = summary.conditions?.attestations.reduce((sum, one) => sum + one.recorded, 0);
      if (!summary.conserved || recorded !== 999_603)
        throw new Error('not all readings are recorded: the run has no figure');
    },
  );
export const iotDirect = iot();
export const iotSigned = iot('--messages');

/** A million payments on each date, a quarter of which queue; unsigned, with their tables. */
export const millions = (dates: readonly string[]): Contestant =>
  command(
    [
      ...[...CORRIDOR, 'run', 'bench/simulation/million.yaml', '--no-signatures'],
      ...['--results', 'tables', '--set', `businessDates=[${dates.join(', ')}]`],
    ],
    (folder) => {
      hasRun(dates.length * 1_000_000)(folder);
      if (statSync(join(folder, 'tables/payments.parquet')).size < dates.length * 50_000_000)
        throw new Error('a run has not the rows of its payments: it has no figure');
    },
  );

const RUNS = 1000;

/** 18,000 payments a run, over five currencies. */
export const sweep1000 = command(
  [
    ...[...CORRIDOR, 'sweep', 'scenarios/four-corridors.yaml', '--scale', 'traffic=0.18'],
    ...['--seeds', String(RUNS), '--jobs', '2'],
  ],
  (folder) => {
    const cells = parse(readFileSync(join(folder, 'cells.csv')), { columns: true }) as Record<
      string,
      string
    >[];
    if (cells.length !== RUNS || cells.some(({ submitted }) => submitted !== '18000'))
      throw new Error('a study does not add up: it has no figure');
  },
);

/** 50 banks at 12 hours, without and with the others' reaction. */
const FAILURES = 50 * 12 * 2;

export const stress50x12 = command(
  [...CORRIDOR, 'stress', 'bench/simulation/stress.yaml', '--jobs', '2'],
  (folder) => {
    const rows = parse(readFileSync(join(folder, 'stress.csv')), { columns: true }) as Record<
      string,
      string
    >[];
    const harmful = rows.filter((row) => Number(row['laterRounds.payments']) > 0);
    if (rows.length !== FAILURES || harmful.length < FAILURES / 4)
      throw new Error('a stress test does not add up: it has no figure');
  },
);
