/** Two whole runs, compared by the command as its users do, and its page in a real browser. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import type { Comparison } from '../../services/compare/comparison-json.ts';
import { atLeast } from '../support/at-least.ts';
import { launchBrowser, noBrowser, openPage } from '../support/chromium.ts';
import { copiedTables } from '../support/copied-tables.ts';
import { scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

describe('corridor compare', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-compare-page-'));
  const [first, other, page] = ['first', 'other', 'page.html'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  let browser: Browser | undefined;
  let printed = '';
  before(async () => {
    const linked = scenarioFile('linked-gridlock');
    for (const args of [
      [linked, '--out', first],
      [linked, '--out', other, '--set', 'settlement.cycle=off'],
      // The folder of an earlier run, scenario.json in it too, is a run's own to replace.
      [linked, '--out', other, '--set', 'settlement.cycle=off'],
    ]) {
      const { code, stderr } = await corridor('run', ...args);
      assert.equal(code, 0, stderr);
    }
    const { code, stdout, stderr } = await corridor(
      'compare',
      first,
      other,
      '--html',
      page,
      '--explain',
      '2',
    );
    assert.equal(code, 0, stderr);
    printed = stdout;
    if (!noBrowser) browser = await launchBrowser();
  });
  after(async () => {
    await endWarmCorridor();
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('prints what differs, and as JSON the same', async () => {
    const { stdout } = await corridor('compare', first, other, '--json', '--explain', '2');
    const comparison = JSON.parse(stdout) as Comparison;
    assert.deepEqual(
      comparison.configuration.map(({ path }) => path),
      ['overrides', 'settlement.cycle'],
    );
    const [payments] = comparison.payments ?? [];
    assert.ok(payments && payments.changed > 50);
    assert.match(printed, new RegExp(`\\n${payments.changed} changed their fate\\n`));
    for (const { uetr } of payments.largest.slice(0, 2)) assert.ok(printed.includes(`\n${uetr}\n`));
    assert.ok(printed.endsWith(`\npage: ${page}\n`));
  });

  for (const width of [1280, 390])
    test(`gives a page that fits ${width} pixels and asks no other host`, {
      skip: noBrowser,
    }, async () => {
      const url = pathToFileURL(page).href;
      const opened = await openPage(browser as Browser, url, width, 'light');
      assert.deepEqual(opened.requests, [url]);
      assert.deepEqual(opened.faults, []);
      const beyond = await opened.page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.ok(beyond <= 0, 'it does not scroll sideways');
      for (const id of ['configuration', 'indicators', 'banks', 'corridors', 'payments', 'figures'])
        assert.equal(await opened.page.locator(`section#${id}`).count(), 1, id);
      // The first column stays while a table scrolls, and leaves room for figures.
      const cell = opened.page.locator('#indicators tbody th').first();
      assert.ok(((await cell.boundingBox())?.width ?? 0) < width * 0.6);
      await opened.page.close();
    });

  test('copies its tables out as plain values, in units, each in a field of its own', {
    skip: noBrowser,
  }, async () => {
    const { stdout } = await corridor('compare', first, other, '--json', '--explain', '2');
    const { figures, banks } = JSON.parse(stdout) as Comparison;
    const opened = await openPage(browser as Browser, pathToFileURL(page).href, 1280, 'light');
    const tables = await copiedTables(opened.page);
    await opened.page.close();
    const eur = tables.get('EUR; amounts in EUR') ?? [];
    const rowOf = (name: string) => eur.find(({ Figure }) => Figure === name);
    const figureAt = (path: string) => figures.find((figure) => figure.path === path);
    const [used, delay] = ['liquidity.EUR.usedMinor', 'delay.settlementDelayIndicator.EUR'].map(
      figureAt,
    );
    const [from, to] = (used?.values ?? []).map((minor) => Number(minor) / 100);
    assert.ok(from !== undefined && to !== undefined && from !== to);
    const usedRow = rowOf('Liquidity used');
    assert.deepEqual(
      [usedRow?.Unit, Number(usedRow?.first), Number(usedRow?.other)],
      ['EUR', from, to],
    );
    assert.equal(Math.round(Number(usedRow?.['other, difference']) * 100), (to - from) * 100);
    assert.equal(Number(usedRow?.['other, relative difference']), used?.differences[0]?.relative);
    const delayRow = rowOf('Settlement delay indicator ρ');
    assert.equal(delayRow?.first, String(delay?.values[0]));
    assert.equal(delayRow?.['other, settled share'], String(delay?.settledShares?.[1]));
    const copied = tables.get('Banks, first → other') ?? [];
    assert.ok(copied.length > 2);
    for (const row of copied) {
      const bank = banks?.find(
        ({ participant, currency }) => participant === row.Bank && currency === row.Currency,
      );
      const minor = bank?.figures.find(({ path }) => path === 'liquidityUsedMinor')?.values ?? [];
      assert.deepEqual(
        [row['Liquidity used, first'], row['Liquidity used, other']].map(Number),
        minor.map((value) => Number(value) / 100),
      );
    }
    const hours = [...tables].filter(([caption]) => caption.startsWith('Banks by hour'));
    const maps = [...tables].filter(([, [row]]) => row?.Unit === 'ms' && row.Figure !== undefined);
    assert.equal(hours.length, 1);
    assert.ok(maps.length > 0);
    // Words, and signs that no number has, stand in no field of a figure.
    for (const [caption, rows] of [...hours, ...maps, ['', copied] as const])
      for (const row of rows)
        for (const [name, value] of Object.entries(row))
          if (!['Bank', 'Currency', 'Hour', 'Figure', 'Unit'].includes(name))
            assert.match(value, /^(-?\d+(\.\d+)?(e-\d+)?)?$/, `${caption}: ${name}`);
  });

  test('writes no time of what settled on the page without the settled share', () => {
    const text = readFileSync(page, 'utf8');
    const rows = [...text.matchAll(/<tr>.*?<\/tr>/gs)].map(([row]) => row);
    const times =
      /<th[^>]*>(?:Settlement delay indicator ρ|Value-weighted delay|Time to finality[^<]*|Time in queue[^<]*|(?:Half|Nine tenths) of value settled by)<\/th>|<code>(?:delay|indicators\.currencies\.\w+\.(?:timeInQueue|throughput))\.\w*(?:Ms|Indicator|Submitted)(?:\.\w+)?<\/code>/;
    const told = rows.filter((row) => times.test(row) && row.includes('<td'));
    assert.ok(told.length >= 40, `${told.length}`);
    for (const row of told) assert.equal(row.match(/% settled\)/g)?.length, 2, row);
  });

  test('has beside a map of delays the settled share of each bank', {
    skip: noBrowser,
  }, async () => {
    const { stdout } = await corridor('compare', first, other, '--json', '--explain', '0');
    const { banks } = JSON.parse(stdout) as Comparison;
    const opened = await openPage(browser as Browser, pathToFileURL(page).href, 1280, 'light');
    const tables = await copiedTables(opened.page);
    await opened.page.close();
    const maps = ['EUR', 'USD', 'SGD'].flatMap((currency) =>
      (tables.get(`${currency}: Value-weighted delay, first → other`) ?? []).map((row) => ({
        row,
        bank: banks?.find((one) => one.participant === row.Bank && one.currency === currency),
      })),
    );
    for (const { row, bank } of atLeast(3, maps))
      assert.deepEqual(
        [row['Settled share, first'], row['Settled share, other']].map(Number),
        bank?.figures.find(({ path }) => path === 'settledOfSubmitted')?.values,
      );
  });
});
