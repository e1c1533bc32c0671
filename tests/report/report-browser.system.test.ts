import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { executeRun } from '../../services/run/execute-run.ts';
import { launchBrowser, noBrowser, openPage } from '../support/chromium.ts';
import { scenarioFile } from '../support/run.ts';
import { tablesOf } from './report-tables.ts';

/** The report of a run, opened in a real browser. */
const skip = noBrowser;

let folder = '';
let browser: Browser | undefined;
before(async () => {
  if (noBrowser) return;
  folder = mkdtempSync(join(tmpdir(), 'corridor-report-'));
  await executeRun({
    file: scenarioFile('smoke'),
    out: join(folder, 'run'),
    set: [],
    signatures: true,
    log: 'memory',
  });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  if (folder !== '') rmSync(folder, { recursive: true });
});

async function open(width: number, colorScheme: 'light' | 'dark') {
  const url = pathToFileURL(join(folder, 'run/report.html')).href;
  return { ...(await openPage(browser as Browser, url, width, colorScheme)), url };
}

/** Evaluated in the page, where this project's types of the DOM do not reach. */
const overflow = (page: Page) =>
  page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );

for (const width of [390, 1280])
  for (const scheme of ['light', 'dark'] as const)
    test(`the report fits ${width} pixels, ${scheme}, and asks no other host`, {
      skip,
    }, async () => {
      const { page, requests, faults, url } = await open(width, scheme);
      assert.deepEqual(requests, [url]);
      assert.deepEqual(faults, []);
      assert.ok((await overflow(page)) <= 0, 'it does not scroll sideways');
      const charts = await page.locator('svg[role=img]:visible').all();
      assert.ok(charts.length >= 8, `${charts.length} charts`);
      for (const chart of charts) {
        const box = await chart.boundingBox();
        if (box) assert.ok(box.width > 100 && box.height > 20, JSON.stringify(box));
      }
      assert.match((await page.locator('body').textContent()) ?? '', /400/);
      await page.close();
    });

/** A page that may use the clipboard, and what it holds. */
async function openForCopying() {
  const context = await (browser as Browser).newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(folder, 'run/report.html')).href);
  return {
    context,
    page,
    clipboard: () => page.evaluate<string>('navigator.clipboard.readText()'),
  };
}

const figures = () =>
  tablesOf(readFileSync(join(folder, 'run/report.html'), 'utf8')).get('Settlement and delay');

test('a table copies out as CSV, from file:// and by keyboard', { skip }, async () => {
  const { context, page, clipboard } = await openForCopying();
  const tables = await page.locator('table').count();
  assert.equal(await page.locator('button.copy').count(), tables, 'a button for each table');
  const button = page.getByRole('button', { name: 'Copy as CSV: Settlement and delay' });
  await button.focus();
  await page.keyboard.press('Enter');
  assert.match((await page.getByRole('status').textContent()) ?? '', /Copied 5 rows as CSV/);
  const copied = parse(await clipboard(), { columns: true }) as Record<string, string>[];
  assert.deepEqual(
    copied.map((row) => Object.values(row)),
    [...(figures()?.rows.values() ?? [])],
  );
  assert.deepEqual(Object.keys(copied[0] ?? {}), ['Indicator', 'Unit', 'EUR', 'SGD']);
  assert.match(copied[0]?.EUR ?? '', /^\d+\.\d\d$/, 'no separators');
  assert.equal(
    await page.evaluate<string>('document.activeElement.ariaLabel'),
    'Copy as CSV: Settlement and delay',
    'the focus stays',
  );
  await context.close();
});

test('where the browser has no clipboard, the CSV is copied or shown all the same', {
  skip,
}, async () => {
  const { context, page } = await openForCopying();
  await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
  await page.evaluate('document.execCommand = () => false');
  await page.getByRole('button', { name: 'Copy as CSV: Settlement and delay' }).click();
  const shown = await page.getByLabel('CSV, selected: copy it from here').inputValue();
  assert.match(shown, /^Indicator,Unit,EUR,SGD\nValue settled,amount,/);
  assert.match((await page.getByRole('status').textContent()) ?? '', /copy the selected text/);
  await context.close();
});

test('printed, it is pages of A4 without buttons, and nothing is cut off at the side', {
  skip,
}, async () => {
  const page = await (browser as Browser).newPage({ viewport: { width: 688, height: 1000 } });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.goto(pathToFileURL(join(folder, 'run/report.html')).href);
  const wide = await page.evaluate<string[]>(
    '[...document.querySelectorAll("table")].filter((table) => table.getBoundingClientRect().right > innerWidth + 1).map((table) => table.ariaLabel)',
  );
  assert.deepEqual(wide, [], 'tables wider than the paper');
  assert.ok((await overflow(page)) <= 0);
  assert.equal(await page.locator('button:visible').count(), 0);
  const background = await page.evaluate<string>(
    'getComputedStyle(document.documentElement).backgroundColor',
  );
  assert.equal(background, 'rgb(255, 255, 255)', 'paper is white');
  await page.close();
});
