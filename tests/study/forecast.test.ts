import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { type ForecastHour, forecastCsv } from '../../services/study/forecast-page.ts';
import {
  FORECAST_SEEDS,
  FORECAST_SETTINGS,
  forecastPage,
} from '../../services/study/forecast-study.ts';

/** docs/studies/forecast.md: its tables follow from the figures beside it, and figures are what runs give: the long file runs all. */
const file = (name: string) => readFileSync(join(packageFolder, 'docs/studies', name), 'utf8');
const readForecastCsv = (csv: string): ForecastHour[] =>
  (parse(csv, { columns: true }) as Record<string, string>[]).map(
    ({ setting = '', ...figures }) =>
      ({
        setting,
        ...Object.fromEntries(Object.entries(figures).map(([name, text]) => [name, Number(text)])),
      }) as unknown as ForecastHour,
  );

const figures = readForecastCsv(file('forecast.csv'));
const sum = (setting: string, of: (one: ForecastHour) => number, hours = (_: number) => true) =>
  figures
    .filter((one) => one.setting === setting && hours(one.hour))
    .reduce((total, one) => total + of(one), 0);

test('the page has the tables that the figures give, of at least 20 seeds', () => {
  assert.ok(FORECAST_SEEDS.length >= 20);
  for (const setting of Object.keys(FORECAST_SETTINGS))
    assert.deepEqual(
      [...new Set(figures.filter((one) => one.setting === setting).map(({ seed }) => seed))],
      FORECAST_SEEDS,
    );
  assert.equal(forecastCsv(figures), file('forecast.csv'));
  assert.equal(forecastPage(packageFolder, figures), file('forecast.md'));
});

const share = (
  setting: string,
  of: (one: ForecastHour) => number,
  hours?: (hour: number) => boolean,
) => sum(setting, of, hours) / sum(setting, ({ needs }) => needs, hours);
const inside = (one: ForecastHour) => one.inside;

test('what the page says: the interval holds what it says, and the date before loses twice as much', () => {
  const all = ['alike', 'differing', 'doubled'];
  assert.deepEqual(
    all.map((setting) => Math.round(1_000 * share(setting, inside))),
    [829, 837, 817],
  );
  assert.equal(Math.round(1_000 * share('alike', ({ above }) => above)), 107);
  for (const setting of all) {
    const rival = sum(setting, ({ lossDayBefore }) => lossDayBefore);
    assert.equal(Math.round((10 * sum(setting, ({ loss }) => loss)) / rival), 5, setting);
  }
});

test('what the page says: the pace gains nothing, and a change for good is seen late', () => {
  for (const setting of ['alike', 'differing']) {
    const gain = sum(setting, ({ lossUnscaled, loss }) => lossUnscaled - loss);
    assert.ok(gain < 0 && -gain < 0.02 * sum(setting, ({ loss }) => loss), setting);
  }
  const at = (hour: number) => Math.round(100 * share('doubled', inside, (one) => one === hour));
  assert.deepEqual([at(0), at(8)], [75, 88]);
});
