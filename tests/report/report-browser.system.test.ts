import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { executeRun } from '../../services/run/execute-run.ts';
import { atLeast } from '../support/at-least.ts';
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

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Texts of figures that stand partly outside their drawing. */
const CUT_LABELS = `[...document.querySelectorAll('figure svg[role=img]')].flatMap((drawing) => {
  const { left, right, width } = drawing.getBoundingClientRect();
  const cut = ({ left: from, right: to }) => from < left - 0.5 || to > right + 0.5;
  return width === 0 ? [] : [...drawing.querySelectorAll('text')].filter((text) => cut(text.getBoundingClientRect()))
    .map((text) => drawing.closest('figure').id + ' ' + text.textContent);
})`;

/** What stands outside its cell is printed over the next one's. */
const OUTSIDE_ITS_CELL = `[...document.querySelectorAll('td, tbody th')].flatMap((cell) => {
    const { left, right } = cell.getBoundingClientRect();
    return [...cell.children].filter((part) => {
      const box = part.getBoundingClientRect();
      return box.right > right + 1 || box.left < left - 1;
    }).map((part) => part.textContent + ' in ' + cell.closest('table').ariaLabel);
  })`;

/** Asked from here: the page's policy forbids what waitForFunction evaluates in it at its second look. */
async function becomes(page: Page, so: string): Promise<void> {
  for (let look = 0; !(await page.evaluate<boolean>(so)); look++) {
    assert.ok(look < 200, `waited in vain for ${so}`);
    await pause(50);
  }
}

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
      await page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { one.open = true })",
      );
      assert.deepEqual(await page.evaluate<string[]>(OUTSIDE_ITS_CELL), []);
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

test('in CSV what looks like a formula is text, and a figure below zero is a figure', {
  skip,
}, async () => {
  const { context, page, clipboard } = await openForCopying();
  const texts = ['-994.87', '-5', '-1e-7', '-1e3+2', '=1+1', '+5', '@SUM(A1)', '-', '-4.'];
  await page.evaluate(
    `document.querySelectorAll('table')[0].querySelector('tbody tr').replaceChildren(...${JSON.stringify(texts)}.map((text) => {
      const cell = document.createElement('td');
      cell.textContent = text;
      // As a name that stands in a field of its own.
      if (text === '@SUM(A1)') cell.dataset.csv = text + '\\t=2';
      return cell;
    }))`,
  );
  await page.locator('button.copy').first().click();
  await becomes(page, "document.querySelector('.status').textContent.startsWith('Copied')");
  assert.equal(
    (await clipboard()).split(/\r?\n/)[1],
    "-994.87,-5,-1e-7,'-1e3+2,'=1+1,'+5,'@SUM(A1),'=2,'-,'-4.",
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
  const folded = () => page.locator('details:not([open])').count();
  const before = await folded();
  await page.evaluate(
    "addEventListener('beforeprint', () => (window.hiddenTables = [...document.querySelectorAll('.table')].filter((one) => !one.checkVisibility()).map((one) => one.id)))",
  );
  await page.pdf({ format: 'A4' });
  assert.ok(before > 0);
  assert.deepEqual(await page.evaluate('window.hiddenTables'), [], 'tables that are not printed');
  assert.equal(await folded(), before, 'folded again');
  await page.close();
});

test('what draws and names the page passes axe, and no label leaves its drawing', {
  skip,
}, async () => {
  const { page } = await open(1280, 'light');
  await page.evaluate(AXE);
  const violations = await page.evaluate<string[]>(
    "axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice', 'experimental'] } }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))",
  );
  assert.deepEqual(violations, []);
  assert.deepEqual(await page.evaluate<string[]>(CUT_LABELS), []);
  await page.close();
});

/** Each figure with what stands at it. */
const FIGURES = `[...document.querySelectorAll('figure')].map((one) => ({
  id: one.id,
  number: one.querySelector('figcaption .number').textContent,
  title: one.querySelector('figcaption .title').textContent,
  said: one.querySelector('figcaption .said').textContent,
  source: one.querySelector('figcaption .source').textContent,
  linked: document.querySelector(one.querySelector('.source a').hash).querySelector('.number').textContent,
  save: one.querySelector('button.save').ariaLabel,
  drawn: (one.querySelector('.wide svg') ?? one.querySelector('svg[role=img]')).ariaLabel,
  paths: (one.querySelector('.wide svg') ?? one.querySelector('svg[role=img]')).querySelectorAll('path').length,
  words: [...(one.querySelector('.wide svg') ?? one.querySelector('svg[role=img]')).querySelectorAll('text')].map(({ textContent }) => textContent),
  legend: [...one.querySelectorAll('.legend li')].map(({ textContent }) => textContent),
}))`;
interface ShownFigure {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly said: string;
  readonly source: string;
  readonly linked: string;
  readonly save: string;
  readonly drawn: string;
  readonly paths: number;
  readonly words: readonly string[];
  readonly legend: readonly string[];
}

test('each figure has its number, what is shown, its unit, and the table with its figures', {
  skip,
}, async () => {
  const { page } = await open(1280, 'light');
  const figures = await page.evaluate<ShownFigure[]>(FIGURES);
  for (const [index, one] of atLeast(10, figures).entries()) {
    assert.equal(one.id, `figure-${index + 1}`);
    assert.equal(one.number, `Figure ${index + 1}.`);
    assert.ok(one.title.length > 5 && one.said.length > 10, JSON.stringify(one));
    const table = /^Unit: .+\. In figures: table (\d+)\.$/.exec(one.source)?.[1];
    assert.equal(one.linked, `Table ${table}.`, one.source);
    assert.equal(one.save, `Save as SVG: figure ${index + 1}, ${one.title}`);
  }
  const tables = await page.evaluate<string[]>(
    "[...document.querySelectorAll('.table')].map((one) => one.id + ' ' + one.querySelector('.number').textContent)",
  );
  assert.deepEqual(
    tables,
    tables.map((_, index) => `table-${index + 1} Table ${index + 1}.`),
  );
  await page.close();
});

/** What a file of SVG draws, read by the browser alone as XML. */
const DRAWING = `({
  root: document.documentElement.nodeName,
  broken: document.querySelector('parsererror') !== null,
  drawn: document.querySelector('desc').textContent,
  paths: document.querySelectorAll('svg svg path').length,
  words: [...document.querySelectorAll('svg svg text')].map(({ textContent }) => textContent),
  around: [...document.querySelectorAll('svg > text')].filter((one) => !one.closest('svg svg')).map(({ textContent }) => textContent).join(' '),
  background: document.querySelector('rect').getAttribute('fill'),
  width: document.documentElement.getBoundingClientRect().width,
})`;

for (const [width, scheme, count] of [
  [1280, 'light', 10],
  [390, 'dark', 3],
] as const)
  test(`a figure saves itself as SVG that stands alone, from ${width} pixels, ${scheme}`, {
    skip,
  }, async () => {
    const { page, requests } = await open(width, scheme);
    const figures = await page.evaluate<ShownFigure[]>(FIGURES);
    for (const one of atLeast(count, count === 3 ? figures.slice(0, 3) : figures)) {
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: one.save, exact: true }).click();
      const download = await saving;
      assert.equal(download.suggestedFilename(), `smoke-7-${one.id}.svg`);
      const file = join(folder, `${width}-${download.suggestedFilename()}`);
      await download.saveAs(file);
      // A browser takes ten downloads in a second for an attack.
      await page.waitForTimeout(120);
      const text = readFileSync(file, 'utf8');
      assert.doesNotMatch(text, /var\(|class=|<style|href|https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
      const alone = await openPage(browser as Browser, pathToFileURL(file).href, 1100, 'dark');
      const drawing = await alone.page.evaluate<Record<string, unknown>>(DRAWING);
      assert.equal(alone.requests.length, 1);
      const { around, width: wide, ...drawn } = drawing;
      assert.deepEqual(drawn, {
        root: 'svg',
        broken: false,
        drawn: one.drawn,
        paths: one.paths,
        words: one.words,
        background: '#fff',
      });
      // Title, text and legend are lines of it, wherever they break.
      const told = String(around).replaceAll(/\s+/g, '');
      for (const part of [`${one.number}${one.title}`, one.said, ...one.legend])
        assert.ok(told.includes(part.replaceAll(/\s+/g, '')), `${one.id}: ${part}`);
      assert.ok(Number(wide) > 400);
      await alone.page.close();
    }
    assert.ok(
      requests.every((url) => /^(file|blob):/.test(url)),
      requests.join(' '),
    );
    await page.close();
  });

test('a table that is wider than its place says so and takes the focus, and no other does', {
  skip,
}, async () => {
  const places = `[...document.querySelectorAll('.scroll')].map((place) => ({
    wider: place.scrollWidth > place.clientWidth,
    cue: place.previousElementSibling.checkVisibility(),
    focus: place.tabIndex === 0,
    described: place.getAttribute('aria-describedby') === place.previousElementSibling.id,
  }))`;
  const { page } = await open(390, 'light');
  for (const [width, wide] of [
    [390, 12],
    [1280, 0],
    [390, 12],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    // Folded tables have no size.
    await page.evaluate(
      "document.querySelectorAll('details').forEach((one) => { one.open = true })",
    );
    // A new width is laid out, and told to observers, some frames later.
    await becomes(
      page,
      `innerWidth === ${width} && ${places}.every(({ wider, cue, focus }) => cue === wider && focus === wider)`,
    );
    const seen = await page.evaluate<Record<string, boolean>[]>(places);
    for (const { wider, ...shown } of atLeast(20, seen))
      assert.deepEqual(shown, { cue: wider, focus: wider, described: wider });
    const count = seen.filter(({ wider }) => wider).length;
    assert.ok(wide === 0 ? count === 0 : count >= wide, `${count} of ${seen.length} at ${width}`);
    assert.ok((await overflow(page)) <= 0);
  }
  const first = page.locator('.scroll[tabindex]').first();
  await first.focus();
  await page.keyboard.press('ArrowRight');
  await becomes(
    page,
    "document.activeElement.classList.contains('scroll') && document.activeElement.scrollLeft > 0",
  );
  await page.close();
});
