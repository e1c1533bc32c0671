import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { executeRun } from './execute-run.ts';
import { scenarioFile } from './test-run.ts';

/** The report of a run, opened in a real browser: Debian's Chromium, or the one that CHROMIUM names. */
const executable = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);
const skip = executable === undefined && 'no Chromium found: name one in CHROMIUM';

let folder = '';
let browser: Browser | undefined;
before(async () => {
  if (executable === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'corridor-report-'));
  await executeRun({
    file: scenarioFile('smoke'),
    out: join(folder, 'run'),
    set: [],
    signatures: true,
    log: 'memory',
  });
  browser = await chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
});
after(async () => {
  await browser?.close();
  if (folder !== '') rmSync(folder, { recursive: true });
});

async function open(width: number, colorScheme: 'light' | 'dark') {
  const page = await (browser as Browser).newPage({
    viewport: { width, height: 900 },
    colorScheme,
  });
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  const url = pathToFileURL(join(folder, 'run/report.html')).href;
  await page.goto(url);
  return { page, requests, faults, url };
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
