/** A real browser for tests: Debian's Chromium, or the one that CHROMIUM names. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const executable = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Why tests in a browser are left out; false: they are not. */
export const noBrowser: string | false =
  executable === undefined && 'no Chromium found: name one in CHROMIUM';

/** To be called where `noBrowser` is false. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(executable !== undefined && { executablePath: executable }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });

export interface OpenedPage {
  readonly page: Page;
  /** Addresses that it asked. */
  readonly requests: string[];
  /** Errors of its scripts, and what it wrote as an error. */
  readonly faults: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  page.setDefaultTimeout(90_000); // a busy machine draws late
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // What a server that is away answers is no fault of the page.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      faults.push(message.text());
  });
  await page.goto(url);
  return { page, requests, faults };
}
