/**
 * The study of docs/studies/forecast.md: forecasts of liquidity needs over seeds of 25 dates, held against what came and
 * against simpler forecasts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from '../analysis/ledger.ts';
import { NEED_QUANTILES, NeedForecasts } from '../analysis/need-forecasts.ts';
import { AccountHours, type HourNeed } from '../analysis/needs-by-hour.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { SeededStream } from '../scenario/random-streams.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createDirectSimulation } from '../simulator/direct-simulation.ts';
import { type ForecastHour, forecastCsv, forecastTables } from './forecast-page.ts';
import { withGeneratedTables } from './generated-tables.ts';

export const FORECAST_SEEDS = Array.from({ length: 20 }, (_, at) => at + 1);
/** Dates of a seed, and the first that is judged: from it on as many dates are known as count. */
const DATES = 25;
const JUDGED_FROM = 20;
const PAYMENTS = 300;

/** By setting, how many times the payments of a usual date each date of a seed has. */
export const FORECAST_SETTINGS: Readonly<Record<string, (seed: number) => readonly number[]>> = {
  alike: () => Array.from({ length: DATES }, () => 1),
  differing: (seed) => {
    const stream = new SeededStream(seed, 'forecast', 'dates');
    return Array.from({ length: DATES }, () => Math.exp(0.35 * stream.normal()));
  },
  doubled: () => Array.from({ length: DATES }, (_, date) => (date < JUDGED_FROM ? 1 : 2)),
};

/**
 * Figures of the judged dates of a seed, by hour.
 * @param known needs of dates that have run, by seed and number of payments
 */
export async function forecastFigures(
  root: string,
  setting: string,
  seed: number,
  known = new Map<string, readonly HourNeed[]>(),
): Promise<ForecastHour[]> {
  const wasm = compiledCore();
  const file = join(root, 'docs/studies/forecast.yaml');
  const text = readFileSync(file, 'utf8');
  const busy = FORECAST_SETTINGS[setting]?.(seed) ?? [];
  const [forecasts, unscaled] = [new NeedForecasts(), new NeedForecasts()];
  let before = new Map<string, number>();
  const figures = new Map<number, ForecastHour>();
  for (const [date, times] of busy.entries()) {
    const payments = Math.round(PAYMENTS * times);
    const name = `${seed * DATES + date} ${payments}`;
    let needs = known.get(name);
    if (!needs) {
      const set = [`seed=${seed * DATES + date}`, `traffic.eur.paymentsPerDate=${payments}`];
      const scenario = loadScenario(file, { readFile: () => text, set });
      needs = (await needsOf(scenario, wasm)).map((need) => ({ ...need, date }));
      known.set(name, needs);
    }
    const last = before;
    before = new Map(needs.map((need) => [nameOf(need), Number(need.needMinor)]));
    if (date >= JUDGED_FROM)
      for (const need of needs) {
        const came = Number(need.needMinor);
        const forecast = quantilesOf(forecasts, need);
        const [lower = 0, , upper = 0] = forecast;
        const dayBefore = NEED_QUANTILES.map(() => last.get(nameOf(need)) as number);
        const of = figures.get(need.hour) ?? noFigures(setting, seed, need.hour);
        figures.set(need.hour, of);
        of.needs += 1;
        of.inside += lower <= came && came <= upper ? 1 : 0;
        of.above += came > upper ? 1 : 0;
        of.needMinor += came;
        of.loss += lossOf(forecast, came);
        of.lossUnscaled += lossOf(quantilesOf(unscaled, need), came);
        of.lossDayBefore += lossOf(dayBefore, came);
      }
    forecasts.learn(needs);
    // Where no date has moved anything, today's is as usual.
    unscaled.learn(needs.map((need) => ({ ...need, movedMinor: 0n, dateMovedMinor: 0n })));
  }
  return [...figures.values()].sort((a, b) => a.hour - b.hour);
}

/** The average pinball loss over the quantiles, minor units. */
const lossOf = (forecast: readonly number[], came: number): number =>
  NEED_QUANTILES.reduce((sum, share, at) => {
    const distance = came - (forecast[at] as number);
    return sum + (distance >= 0 ? share * distance : (share - 1) * distance);
  }, 0) / NEED_QUANTILES.length;

function quantilesOf(forecasts: NeedForecasts, need: HourNeed): number[] {
  const of = forecasts.of(need);
  if (of === null) throw new Error(`no forecast at hour ${need.hour} of date ${need.date}`);
  return [of.lowerMinor, of.middleMinor, of.upperMinor].map(Number);
}

const nameOf = ({ participant, hour }: HourNeed): string => `${participant} ${hour}`;

const noFigures = (setting: string, seed: number, hour: number): ForecastHour => ({
  ...{ setting, seed, hour, needs: 0, inside: 0, above: 0, needMinor: 0 },
  ...{ loss: 0, lossUnscaled: 0, lossDayBefore: 0 },
});

/** Of a run of one date. */
async function needsOf(scenario: Scenario, wasm: WebAssembly.Module): Promise<readonly HourNeed[]> {
  const run = createDirectSimulation({
    scenario,
    createSettlement: () => createSettlement(wasm),
    signatures: false,
  });
  const ledger = new Ledger();
  const hours = new AccountHours();
  const needs: HourNeed[] = [];
  for await (const { steps } of run.run())
    for (const { batch } of steps)
      for (const event of readEvents(batch.events)) {
        hours.passed(event.timeMs);
        for (const account of ledger.take(event)) hours.note(account);
        if (event.kind === 'opened') hours.opened(event, ledger.accounts());
        if (event.kind === 'closed') needs.push(...hours.closed(event));
      }
  return needs;
}

const PAGE_FILE = 'docs/studies/forecast.md';

/** The page with its tables made of these figures. */
export const forecastPage = (root: string, figures: readonly ForecastHour[]): string =>
  withGeneratedTables(
    readFileSync(join(root, PAGE_FILE), 'utf8'),
    'study:forecast',
    forecastTables(figures),
  );

/** Runs every date anew. */
export async function forecastStudy(
  root: string,
): Promise<{ readonly table: string; readonly page: string }> {
  const figures: ForecastHour[] = [];
  const known = new Map<string, readonly HourNeed[]>();
  for (const setting of Object.keys(FORECAST_SETTINGS))
    for (const seed of FORECAST_SEEDS)
      figures.push(...(await forecastFigures(root, setting, seed, known)));
  return { table: forecastCsv(figures), page: forecastPage(root, figures) };
}
