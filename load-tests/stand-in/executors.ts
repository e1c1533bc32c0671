/**
 * k6's executors that the load tests use, by its own rules (`lib/executor/*.go`): what is not begun
 * when a scenario's time is over is a dropped iteration, what runs 30 s later is interrupted, and an
 * iteration that throws is an iteration like any other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BadOptions, type Metrics } from './thresholds.ts';
import type { Vu } from './vus.ts';

export interface Scenario {
  readonly executor: string;
  readonly exec?: string;
  readonly startTime?: string;
  readonly gracefulStop?: string;
  readonly vus?: number;
  readonly iterations?: number;
  readonly maxDuration?: string;
  readonly rate?: number;
  readonly duration?: string;
  readonly preAllocatedVUs?: number;
  readonly maxVUs?: number;
}

/** Of the run that a scenario is part of. */
export interface Run {
  readonly metrics: Metrics;
  startVu(): Promise<Vu>;
  log(line: string): void;
}

const MINIMUM_MS = 1000;

function milliseconds(text: string): number {
  const [, value, unit] = /^(\d+(?:\.\d+)?)(s|m)$/.exec(text) ?? [];
  if (value === undefined) throw new BadOptions(`${text}: no duration that the stand-in knows`);
  return Number(value) * (unit === 'm' ? 60_000 : 1000);
}

const startMs = ({ startTime = '0s' }: Scenario) => milliseconds(startTime);

/** How long iterations are begun. */
function lengthMs(scenario: Scenario): number {
  const { executor, maxDuration = '10m', duration = '' } = scenario;
  return milliseconds(executor === 'shared-iterations' ? maxDuration : duration);
}

/** VUs that there are before the test begins. */
const planned = ({ vus = 1, preAllocatedVUs }: Scenario) => preAllocatedVUs ?? vus;

/** Throws BadOptions where k6 would end with 104. */
export function checkScenario(name: string, scenario: Scenario): void {
  const { executor, iterations = 1, vus = 1, preAllocatedVUs = 0, maxVUs = 0, rate = 0 } = scenario;
  const refuse = (why: string) => {
    throw new BadOptions(`scenario ${name}: ${why}`);
  };
  if (lengthMs(scenario) < MINIMUM_MS) refuse('it must take at least 1s');
  if (![iterations, vus, preAllocatedVUs, maxVUs, rate].every(Number.isSafeInteger))
    refuse('numbers must be whole');
  if (executor === 'shared-iterations') {
    if (iterations < vus) refuse(`iterations (${iterations}) can't be less than VUs (${vus})`);
  } else if (executor === 'constant-arrival-rate') {
    if (rate < 1 || maxVUs < preAllocatedVUs) refuse('rate, or maxVUs below preAllocatedVUs');
  } else refuse(`the stand-in knows no executor ${executor}`);
}

/** Makes a scenario's VUs; what it returns runs it, and resolves when its last iteration is over. */
export async function prepareScenario(name: string, scenario: Scenario, run: Run) {
  const vus = await Promise.all(Array.from({ length: planned(scenario) }, run.startVu));
  return async (): Promise<void> => {
    await sleep(startMs(scenario));
    const endMs = Date.now() + lengthMs(scenario);
    const deadlineMs = endMs + milliseconds(scenario.gracefulStop ?? '30s');
    let begun = 0;
    const iterate = async (vu: Vu): Promise<void> => {
      const task = { exec: scenario.exec ?? 'default', scenario: name, deadlineMs };
      const outcome = await vu.run({ ...task, iteration: begun++ });
      if (outcome.isInterrupted) return;
      if (outcome.error !== undefined) run.log(`${name}: ${outcome.error}`);
      run.metrics.add('iterations', 1);
    };
    const execute = scenario.executor === 'shared-iterations' ? share : arrive;
    await execute(scenario, vus, endMs, { ...run, iterate, begun: () => begun });
  };
}

interface Iterations extends Run {
  iterate(vu: Vu): Promise<void>;
  begun(): number;
}

async function share(scenario: Scenario, vus: Vu[], endMs: number, run: Iterations) {
  const { iterations = 1 } = scenario;
  await Promise.all(
    vus.map(async (vu) => {
      while (Date.now() < endMs && run.begun() < iterations) await run.iterate(vu);
    }),
  );
  if (run.begun() < iterations) run.metrics.add('dropped_iterations', iterations - run.begun());
}

async function arrive(scenario: Scenario, vus: Vu[], endMs: number, run: Iterations) {
  const { rate = 1, maxVUs = vus.length } = scenario;
  const startedMs = endMs - lengthMs(scenario);
  const idle = [...vus];
  const running = new Set<Promise<void>>();
  let unplanned = maxVUs - vus.length;
  let starting: Promise<void> | undefined;
  for (let tick = 0; ; tick++) {
    const atMs = startedMs + (tick * 1000) / rate;
    await sleep(Math.max(0, Math.min(atMs, endMs) - Date.now()));
    if (Date.now() >= endMs) break;
    const vu = idle.pop();
    if (vu) {
      const iteration = run.iterate(vu).then(() => {
        idle.push(vu);
        running.delete(iteration);
      });
      running.add(iteration);
      continue;
    }
    run.metrics.add('dropped_iterations', 1);
    if (unplanned === 0 || starting) continue;
    unplanned--;
    starting = run.startVu().then((another) => {
      idle.push(another);
      starting = undefined;
    });
  }
  await Promise.all([...running, starting]);
}
