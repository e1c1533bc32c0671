import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { DriveCommand, DrivePort } from '../../services/live/drive-port.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import { viewFiles } from '../../services/sandbox/view-files.ts';
import { type LiveView, startLiveView } from '../../services/view/view-service.ts';
import { uetrOf } from '../faults/traffic.ts';
import { launchBrowser, noBrowser, openPage } from '../support/chromium.ts';
import {
  liveNetwork,
  memoryLog,
  pause,
  processOver,
  send,
  startNetwork,
  until,
} from '../support/live.ts';
import { Feeder, fedNetwork } from '../support/view-feeder.ts';

/** The live view in a real browser. */
const options = { skip: noBrowser, timeout: 300_000 };

const SEED = 9;
const token = 'a-token-of-a-test-that-is-long-enough';
const log = memoryLog();
const shared = processOver(log);
/** Apart: a view that was stopped reads nothing more, and the network is not to wait for it. */
const viewProcess = processOver(log);
let live: Awaited<ReturnType<typeof startNetwork>>;
let view: LiveView;
let browser: Browser;
/** Payments that were sent. */
let sent = 0;

const startView = (port: number) =>
  startLiveView(viewProcess.context('view'), {
    ...{ network: liveNetwork, version: 'test', token, port },
    files: viewFiles(),
  });

before(async () => {
  if (noBrowser) return;
  live = await startNetwork(log, { shared });
  view = await startView(0);
  await pay(120);
  browser = await launchBrowser();
});
after(async () => {
  if (noBrowser) return;
  await browser.close();
  await view.stop();
  await live.stop();
  await shared.close();
  await viewProcess.close();
});

async function pay(count: number): Promise<void> {
  await send(log, SEED, sent, sent + count);
  sent += count;
  await live.quiet();
}

const open = (url: string, width = 1280, colorScheme: 'light' | 'dark' = 'light') =>
  openPage(browser, url, width, colorScheme);

const opened = (...more: [number?, ('light' | 'dark')?]) =>
  open(`${view.url}/#token=${token}`, ...more);

/** The large figure of a tile. */
const tile = (page: Page, title: string) =>
  page
    .locator('.tile', { has: page.locator('dt', { hasText: new RegExp(`^${title}$`) }) })
    .locator('.value');
const figure = async (page: Page, title: string) =>
  Number((await tile(page, title).textContent())?.replaceAll(',', ''));
const live1 = (page: Page) => page.locator('.standing.live').waitFor();

test('it loads, shows what the network did, and asks no other host', options, async () => {
  const { page, requests, faults } = await opened();
  await live1(page);
  assert.ok((await figure(page, 'Settled')) > 50);
  assert.equal(await tile(page, 'Money').textContent(), 'Conserved');
  assert.equal(await page.locator('.feed li').count(), 40);
  assert.match((await page.locator('table.accounts').textContent()) ?? '', /ALFADE00 Bank Alfa/);
  await page.getByText('No need until the close is forecast: it takes 4 dates before').waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the token leaves the address bar');
  const hosts = new Set(requests.map((url) => new URL(url).host));
  assert.deepEqual([...hosts], [new URL(view.url).host]);
  assert.ok(
    requests.every((url) => !url.includes(token)),
    'the token is in no address',
  );
  assert.deepEqual(faults, []);
  await page.reload();
  await live1(page);
  await page.close();
});

test('an event is shown soon after it happened', options, async (t) => {
  const { page } = await opened();
  await live1(page);
  const before = await figure(page, 'Settled');
  const startedMs = performance.now();
  await send(log, SEED, sent, sent + 5);
  sent += 5;
  await until('it is shown', async () => (await figure(page, 'Settled')) > before);
  t.diagnostic(`shown ${Math.round(performance.now() - startedMs)} ms after it was sent`);
  await page.close();
});

test('it says when the server is away, and goes on when it is back', options, async () => {
  const { page, faults } = await opened();
  await live1(page);
  const before = await figure(page, 'Settled');
  const { port } = new URL(view.url);
  await view.stop();
  await page.locator('.standing.lost').waitFor();
  assert.match(
    (await page.locator('.standing').textContent()) ?? '',
    /figures of \d\d:\d\d:\d\d UTC/,
  );
  view = await startView(Number(port));
  await live1(page);
  await pay(30);
  await until('it goes on', async () => (await figure(page, 'Settled')) > before);
  assert.deepEqual(faults, []);
  await page.close();
});

test(
  '10,000 payments a second arrive, the page answers meanwhile and counts right',
  options,
  async (t) => {
    const fedLog = memoryLog();
    const process = processOver(fedLog);
    await createTopics(fedLog, fedNetwork);
    const banks = Array.from({ length: 20 }, (_, n) => ({
      bic: `BANK${String.fromCharCode(65 + n)}E00`.padEnd(8, '0'),
      name: `Bank ${n}`,
    }));
    const feeder = new Feeder(fedLog, banks);
    await feeder.begin();
    const fed = await startLiveView(process.context('view'), {
      ...{ network: fedNetwork, version: 'test', token, port: 0 },
      files: viewFiles(),
    });
    const { page, faults } = await open(`${fed.url}/#token=${token}`);
    t.after(async () => {
      await page.close();
      await fed.stop();
      await process.close();
    });
    await live1(page);
    await page.evaluate(`
    window.longTasks = []; window.beats = 0;
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration)))
      .observe({ type: 'longtask' });
    setInterval(() => { window.beats += 1; }, 50);
  `);
    const SECONDS = 4;
    const startedMs = performance.now();
    let answers = 0;
    // However slow the machine, it is fed as long as it takes to be asked a few times.
    const goesOn = () => performance.now() - startedMs < SECONDS * 1000 || answers < 4;
    const asking = (async () => {
      while (goesOn()) {
        await page.getByRole('radio', { name: answers % 2 === 0 ? 'Settled' : 'All' }).check();
        answers += 1;
        await pause(200);
      }
    })();
    // As many as are due, whatever a timer is late; not more at once than leave the page its turn.
    while (goesOn()) {
      const due = Math.floor((performance.now() - startedMs) * 10) - feeder.payments;
      if (due > 0) await feeder.pay(Math.min(due, 2_000));
      await pause(20);
    }
    const fedMs = performance.now() - startedMs;
    await asking;
    await until('all are shown', async () => (await figure(page, 'Settled')) === feeder.payments);
    const lateMs = performance.now() - startedMs - fedMs;
    const { beats, longest, total } = await page.evaluate<{
      beats: number;
      longest: number;
      total: number;
    }>(
      '({ beats: window.beats, longest: Math.max(0, ...window.longTasks), total: window.longTasks.reduce((a, b) => a + b, 0) })',
    );
    t.diagnostic(
      `${Math.round(feeder.payments / (fedMs / 1000))} payments a second for ${SECONDS} s; all shown ${Math.round(lateMs)} ms later; ` +
        `${answers} clicks answered, ${beats} beats of 50 ms, long tasks ${Math.round(total)} ms in all, the longest ${Math.round(longest)} ms`,
    );
    assert.ok(beats > 10, `${beats} beats`);
    assert.equal(await tile(page, 'Money').textContent(), 'Conserved');
    assert.deepEqual(faults, []);
  },
);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds that is serious or critical. */
async function serious(page: Page): Promise<string[]> {
  // By the debugger's hand: the page's own policy admits no script but the server's.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  }>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

for (const width of [1280, 390])
  for (const scheme of ['light', 'dark'] as const)
    test(
      `at ${width} pixels, ${scheme}: axe finds nothing serious, nothing scrolls sideways`,
      options,
      async () => {
        const { page, faults } = await opened(width, scheme);
        await live1(page);
        assert.deepEqual(await serious(page), []);
        const overflow = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        assert.ok(overflow <= 0, `${overflow} px`);
        await page.locator('.feed button:not([disabled])').first().click();
        await page.locator('dialog .steps').waitFor();
        await page.locator('dialog summary').first().click();
        assert.deepEqual(await serious(page), []);
        assert.deepEqual(faults, []);
        await page.close();
        const asked = await open(view.url, width, scheme);
        await asked.page.locator('main.token').waitFor();
        assert.deepEqual(await serious(asked.page), []);
        await asked.page.close();
      },
    );

test(
  'by keyboard: find a UETR, read its history, compute its proof, go back',
  options,
  async () => {
    const { page, faults } = await opened();
    await live1(page);
    const { keyboard } = page;
    await keyboard.press('/');
    await keyboard.type('no uetr');
    await keyboard.press('Enter');
    await page.getByText('A UETR is a version 4 UUID').waitFor();
    await keyboard.press('Control+A');
    // A genuine payment that settled: see FaultBanks.
    await keyboard.type(uetrOf(SEED, 3).toUpperCase());
    await keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.locator('.steps').waitFor();
    assert.match((await dialog.textContent()) ?? '', new RegExp(uetrOf(SEED, 3)));
    assert.match((await dialog.textContent()) ?? '', /Settled at entry/);
    await dialog.locator('summary', { hasText: 'Proof: event' }).first().focus();
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await dialog.getByText(/^Holds: SHA-256 over events/).waitFor();
    await keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate('document.activeElement.name'), 'uetr');
    await keyboard.press('Control+A');
    await keyboard.type(uetrOf(999, 1));
    await keyboard.press('Enter');
    await dialog.getByText('no pool has a payment under this UETR').waitFor();
    await keyboard.press('Escape');
    const eur = page.locator('input[name=account-currency][value=EUR]');
    await eur.focus();
    await keyboard.press('ArrowRight');
    assert.ok(await page.locator('input[name=account-currency][value=SGD]').isChecked());
    assert.ok(await page.locator('input[name=corridor-currency][value=SGD]').isChecked());
    assert.deepEqual(faults, []);
    await page.close();
  },
);

test('markup in a name or in a message stays text', options, async () => {
  const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
  const fedLog = memoryLog();
  const process = processOver(fedLog);
  await createTopics(fedLog, fedNetwork);
  const feeder = new Feeder(fedLog, [
    { bic: 'EVILDE00', name: evil },
    { bic: 'GOODDE00', name: 'Good & Co' },
  ]);
  await feeder.begin();
  await feeder.pay(3, `{"Nm": ${JSON.stringify(evil)}}`);
  const fed = await startLiveView(process.context('view'), {
    ...{ network: fedNetwork, version: 'test', token, port: 0 },
    files: viewFiles(),
  });
  const { page, faults } = await open(`${fed.url}/#token=${token}`);
  await live1(page);
  await page.getByText(evil).first().waitFor();
  await page.locator('.feed button').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('summary', { hasText: 'signed it' }).click();
  assert.match(
    (await dialog.locator('pre').textContent()) ?? '',
    /<script>window\.hacked=1<\/script>/,
  );
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.evaluate('window.hacked'), undefined);
  assert.deepEqual(faults, []);
  await page.close();
  await fed.stop();
  await process.close();
});

/** A scenario's hand that notes what it is told. */
function drivePort(): { port: DrivePort; given: DriveCommand[] } {
  const given: DriveCommand[] = [];
  let state: 'running' | 'paused' = 'running';
  let speed = 1;
  const sinceMs = Date.now() - 60_000;
  const status = () => ({
    ...{ scenario: 'a-scenario', state, speed, speeds: [1, 10, 60] },
    ...{ reachedSpeed: null, afterwards: '' },
    ...{ timeMs: Date.parse('2026-03-16T08:00:00Z'), endsAtMs: Date.parse('2026-03-16T12:00:00Z') },
  });
  // Half an hour of the scenario to a second of the network.
  const scenarioMs = (atMs: number) => (atMs - sinceMs) * 1_800;
  const port: DrivePort = {
    status,
    scenarioMs,
    async control(command) {
      given.push(command);
      if (command.action === 'speed') speed = command.speed;
      else state = command.action === 'pause' ? 'paused' : 'running';
      return status();
    },
  };
  return { port, given };
}

test(
  'a driven scenario is paused, sped up and resumed from the page, and from no other page',
  options,
  async (t) => {
    const { port, given } = drivePort();
    view.drive(port);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${view.url}/#token=${token}`);
    await page.getByText('Waits and times to finality are in the scenario’s time.').waitFor();
    await pay(5);
    const finality = page.locator('.tile', { hasText: 'Time to finality' });
    await finality.getByText('scenario’s time').waitFor();
    // A payment takes milliseconds on the network's clock.
    await finality.getByText(/^[1-9]\d* (s|min|h) ?|^\d+\.\d s/).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByLabel('Speed').selectOption('60');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    const own: DriveCommand[] = [
      { action: 'pause' },
      { action: 'speed', speed: 60 },
      { action: 'resume' },
    ];
    assert.deepEqual(given, own);
    // A page of another origin, in the browser that has the view open.
    const server = createServer((_request, response) => response.end('<body>elsewhere</body>'));
    t.after(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const elsewhere = await context.newPage();
    await elsewhere.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const tried = await elsewhere.evaluate<string[]>(`Promise.all([
    { method: 'POST', mode: 'no-cors', body: '{"action":"pause"}' },
    { method: 'POST', body: '{"action":"pause"}', headers: { 'content-type': 'application/json', authorization: 'Bearer ${token}' } },
    { headers: { authorization: 'Bearer ${token}' } },
  ].map((init) => fetch('${view.url}/drive', init).then((answer) => answer.type, () => 'refused')))`);
    assert.deepEqual(tried, ['refused', 'refused', 'refused']);
    assert.deepEqual(given, own);
    server.close();
    await elsewhere.close();
    await page.close();
  },
);

test('without the token there is nothing but a question for it', options, async () => {
  const { page } = await open(view.url);
  await page.locator('main.token').waitFor();
  await page.getByLabel('Address or token').fill('wrong');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('The server does not take this access token').waitFor();
  assert.equal(await page.locator('.tile').count(), 0);
  await page.getByLabel('Address or token').fill(`${view.url}/#token=${token}`);
  await page.getByRole('button', { name: 'Open' }).click();
  await live1(page);
  await page.close();
});
