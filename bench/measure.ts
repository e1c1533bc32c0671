/**
 * How benchmarks measure: contestants in turn, their warm-up dropped, the median counts. How many rounds: each
 * benchmark's own ROUNDS.
 */
import { readFileSync } from 'node:fs';

/** One line of a benchmark's output: `ratio` says how many times better than `vs`. */
export interface Line {
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly vs: string | null;
  readonly ratio: number | null;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
}

export const nowNs = (): number => Number(process.hrtime.bigint());

/**
 * Processor time that a process, or a thread below `self/task/`, has used, in microseconds (Linux); 0 where it is gone.
 * proc(5): utime and stime, fields 14 and 15, in ticks of 10 ms; the name may hold spaces.
 */
export function cpuUs(process: number | string): number {
  try {
    const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return 0;
  }
}

/** Rounds to what a benchmark of this kind can tell apart. */
const significant = (value: number): number => Number(value.toPrecision(4));

/** Behind the benchmark's name: cases by themselves; none named: all of them. */
const named = process.argv.slice(3).filter((word) => !word.startsWith('-'));
export const isAsked = (...cases: readonly string[]): boolean =>
  named.length === 0 || cases.some((one) => named.includes(one));

/** Prints JSON, one object a line, where --json is given, and a table for people otherwise. */
export function printer(bench: string): (line: Line) => void {
  const json = process.argv.includes('--json');
  return (line) => {
    const { case: name, unit, vs } = line;
    const value = significant(line.value);
    const ratio = line.ratio === null ? null : significant(line.ratio);
    if (json) {
      process.stdout.write(`${JSON.stringify({ bench, case: name, value, unit, vs, ratio })}\n`);
      return;
    }
    const compared = vs === null ? '' : `${ratio} x ${vs}`;
    process.stdout.write(
      `${name.padEnd(26)}${String(value).padStart(12)} ${unit.padEnd(16)}${compared}\n`,
    );
  };
}

/** Something to time: `run` does `count` units of work. */
export interface Contestant {
  readonly count: number;
  readonly run: () => void | Promise<void>;
}

/**
 * Runs all contestants in turn, round after round, so that what disturbs the machine disturbs all of
 * them; the first rounds warm up and are dropped.
 * @returns nanoseconds a unit of work, one figure for each round
 */
export async function interleave<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  rounds: number,
  warmUp = 2,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    Name,
    number[]
  >;
  for (let round = -warmUp; round < rounds; round++)
    for (const name of names) {
      const { count, run } = contestants[name];
      const start = nowNs();
      await run();
      const elapsed = nowNs() - start;
      if (round >= 0) times[name].push(elapsed / count);
    }
  return times;
}

/** How many times faster `ours` was than `theirs`: the median over the rounds of each round's ratio. */
export function speedUp(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((time, round) => (theirs[round] as number) / time));
}
