import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Browser } from 'playwright-core';
import { sweep } from '../../services/study/run-study.ts';
import { settingsCaption } from '../../services/study/study-view.ts';
import { atLeast } from '../support/at-least.ts';
import { launchBrowser, noBrowser, openPage } from '../support/chromium.ts';
import { type CopiedRow, copiedTables } from '../support/copied-tables.ts';
import { inWindows } from '../support/report-windows.ts';
import { STUDY_YAML, studyFiles } from './study-folder-of.ts';

/** The page of a study, opened in a real browser. */
const skip = noBrowser;
let browser: Browser | undefined;
before(async () => {
  if (!noBrowser) browser = await launchBrowser();
});
after(() => browser?.close());

test('the page of a study fits wide and narrow windows, asks no other host, and copies its tables', {
  skip,
}, async (t) => {
  const study = studyFiles(t);
  // A value as long as a window is narrow, and a setting of which every cell fails.
  const outage = '{ participant: AAAADE00, from: "09:00", until: "10:00" }';
  const long = `events.outages: [[], [${outage}, ${outage.replace('AAAADE00', 'BBBBDE00')}], [{ participant: NONEDE00, from: "09:00" }]]`;
  study.write(
    'study.yaml',
    STUDY_YAML.replace('[off, gridlockResolution] }', `[off, gridlockResolution], ${long} }`),
  );
  await sweep(study.request('out', { keepGoing: true }));
  const url = pathToFileURL(study.path('out/study.html')).href;
  await inWindows(browser as Browser, url, 200, async (page) => {
    const unnamed = await page.evaluate<number>(
      `[...document.querySelectorAll('table')].filter((table) => !table.closest('.table').querySelector('.caption')?.textContent).length`,
    );
    assert.equal(unnamed, 0, 'every table has a caption');
    await page.locator('button.copy').first().click();
    await page.getByText(/^Copied 12 rows as CSV\.$/).waitFor();
  });
});

test('tables of a study copy out in units, with intervals in fields of their own', {
  skip,
}, async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', STUDY_YAML.replace('seeds: 2', 'seeds: 3'));
  await sweep(study.request('out'));
  const cells: Record<string, string>[] = parse(study.read('out/cells.csv'), { columns: true });
  const { page } = await openPage(
    browser as Browser,
    pathToFileURL(study.path('out/study.html')).href,
    1280,
    'light',
  );
  const tables = await copiedTables(page);
  await page.close();
  const usedAt = (row: CopiedRow) =>
    cells
      .filter((cell) =>
        ['settlement.cycle', 'scale.liquidity'].every((name) => cell[name] === row[name]),
      )
      .map((cell) => Number(cell['liquidity.EUR.usedMinor']) / 100);
  const settings = atLeast(4, tables.get(settingsCaption('EUR')) ?? []);
  for (const row of settings) {
    const used = usedAt(row);
    assert.equal(row['Liquidity used, n'], '3');
    close(row['Liquidity used (EUR)'], mean(used));
    // Student's t of two degrees of freedom, 97.5 %: 4.302653 of a table.
    const spread = Math.sqrt(mean(used.map((value) => (value - mean(used)) ** 2)) / 2);
    close(row['Liquidity used, half of the interval (EUR)'] || 0, 4.302653 * spread);
    assert.match(row['Value-weighted delay (ms)'] ?? '', /^\d+(\.\d+)?$/);
  }
  const differences = [...tables].filter(([caption]) => caption.startsWith('Liquidity used, EUR'));
  const [, compared = []] = differences[0] ?? [];
  const byOption = atLeast(4, compared);
  let intervals = 0;
  for (const row of byOption) {
    const [name = '', from = '', to = ''] = (row.Option ?? '').split(/: | → /);
    const [other = '', kept = ''] = (row['All else'] ?? '').split('=');
    const [before, after] = [from, to].map((label) => usedAt({ [name]: label, [other]: kept }));
    const changes = (before ?? []).map((value, seed) => (after?.[seed] as number) - value);
    close(row['Difference (EUR)'], mean(changes));
    const ends = ['Interval from (EUR)', 'Interval to (EUR)'].map((end) => row[end] ?? '');
    if (ends.every((end) => end !== '')) {
      close(mean(ends.map(Number)), mean(changes));
      assert.ok(Number(ends[0]) < Number(ends[1]));
      intervals++;
    }
    for (const share of [row['Settled before'], row.after])
      assert.ok(share !== undefined && Number(share) > 0 && Number(share) <= 1);
  }
  assert.ok(intervals > 0, 'some differ by the seed');
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function close(copied: string | number | undefined, expected: number): void {
  assert.ok(
    Math.abs(Number(copied) - expected) < 1e-6 * Math.max(1, Math.abs(expected)),
    `${copied}, ${expected}`,
  );
}
