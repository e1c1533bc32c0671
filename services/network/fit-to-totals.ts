/** How well the payments of a run's fitted flows meet the totals that were asked for. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { finishedRun } from '../compare/finished-run.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { countText } from '../report/format.ts';
import { drawFlow } from '../scenario/flow-draws.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { FittedFlow, Scenario, ScenarioFlow } from '../scenario/scenario.ts';

type TotalKind = 'corridor' | 'sent' | 'received' | 'hour';

/** Payments over all dates of the run. */
export interface FitRow {
  readonly total: TotalKind;
  /** Corridor, BIC, or hour. */
  readonly name: string;
  readonly asked: number;
  readonly got: number;
  readonly deviation: number;
}

export interface FlowFit {
  readonly flow: string;
  /** Dates on which it has payments. */
  readonly dates: number;
  /** Of the proportional fitting, and what was left before rounding to whole payments. */
  readonly iterations: number;
  readonly deviationBeforeRounding: number;
  readonly rows: readonly FitRow[];
}

/**
 * The fits of a run, from the scenario that it was run with. What is counted is drawn again, so that it
 * is what the banks planned: an outage may keep or delay some of it.
 * @throws BadInput where the folder is no run, or its scenario has no fitted flow
 */
export function fitsOf(run: string): FlowFit[] {
  finishedRun('network', run);
  const file = join(run, 'scenario.json');
  if (!existsSync(file))
    throw new BadInput(
      `network: ${file}: not found; expected a run with its scenario, by --results tables or full`,
    );
  const scenario = loadScenario(file, { readFile: (path) => readFileSync(path, 'utf8') });
  const fits = scenario.flows.flatMap((flow) =>
    flow.fitted === null ? [] : [fitOf(scenario, flow, flow.fitted)],
  );
  if (fits.length === 0)
    throw new BadInput(
      `network: ${file}: traffic: expected a flow whose network is fitted, for --fit; found none`,
    );
  return fits;
}

export function fitOf(scenario: Scenario, flow: ScenarioFlow, fitted: FittedFlow): FlowFit {
  const got = new Map<string, number>();
  const count = (total: TotalKind, name: string) => {
    const key = `${total} ${name}`;
    got.set(key, (got.get(key) ?? 0) + 1);
  };
  const corridor = [flow.from, flow.to].map((one) => scenario.currencies[one]!.code).join('/');
  const bicOf = (participant: number) => scenario.participants[participant]!.bic;
  const hourOf = hoursOf(scenario, flow);
  const dates = flow.arrivals.filter((parts) => parts !== null).length;
  for (const dateIndex of scenario.businessDates.keys()) {
    const draw = drawFlow(scenario, flow, dateIndex);
    for (let drawn = draw(); drawn !== null; drawn = draw()) {
      const { debtorAgent, creditorAgent, atMs } = drawn;
      count('corridor', corridor);
      count('sent', bicOf(debtorAgent));
      count('received', bicOf(creditorAgent));
      count('hour', hourOf(atMs));
    }
  }
  const row = (total: TotalKind, name: string, perDate: number): FitRow => {
    const asked = perDate * dates;
    const found = got.get(`${total} ${name}`) ?? 0;
    return { total, name, asked, got: found, deviation: found - asked };
  };
  const byBank = (total: 'sent' | 'received') =>
    [...fitted[total]].map(([participant, perDate]) => row(total, bicOf(participant), perDate));
  return {
    flow: flow.name,
    dates,
    iterations: fitted.iterations,
    deviationBeforeRounding: fitted.deviation,
    rows: [
      row('corridor', corridor, flow.paymentsPerDate),
      ...byBank('sent'),
      ...byBank('received'),
      ...[...fitted.byHour].sort().map(([hour, perDate]) => row('hour', hour, perDate)),
    ],
  };
}

/** The hour of an instant in the zone of a flow's profile. */
function hoursOf({ document }: Scenario, { name }: ScenarioFlow): (atMs: number) => string {
  const profile = document.traffic.find((one) => one.name === name)?.profile ?? '';
  const timeZone = document.profiles[profile]?.zone ?? 'UTC';
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' });
  const known = new Map<number, string>();
  return (atMs) => {
    // Zones differ by quarters of an hour.
    const quarter = Math.floor(atMs / 900_000);
    const hour = known.get(quarter) ?? `${format.format(atMs)}:00`;
    known.set(quarter, hour);
    return hour;
  };
}

const NAMES = { corridor: 'corridor', sent: 'sent by', received: 'received by', hour: 'from' };

export const fitsText = (fits: readonly FlowFit[]): string =>
  fits
    .map(({ flow, dates, iterations, deviationBeforeRounding, rows }) => {
      const table = new Table({
        head: ['payments', '', 'asked', 'got', 'deviation'],
        style: { head: [], border: [], compact: true },
        colAligns: ['left', 'left', 'right', 'right', 'right'],
      });
      for (const { total, name, asked, got, deviation } of rows)
        table.push([NAMES[total], name, countText(asked), countText(got), String(deviation)]);
      const steps = `${countText(iterations)} iterations left ${deviationBeforeRounding.toPrecision(2)} payments at most, before rounding`;
      return `${flow}, ${dates} ${dates === 1 ? 'date' : 'dates'}: ${steps}\n${table.toString()}\n`;
    })
    .join('\n');
