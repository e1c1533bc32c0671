import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { createTopics } from '../../services/live/network-against-log.ts';
import { viewFiles } from '../../services/sandbox/view-files.ts';
import { type LiveView, startLiveView } from '../../services/view/view-service.ts';
import { launchBrowser, noBrowser, openPage } from '../support/chromium.ts';
import { memoryLog, pause, processOver, until } from '../support/live.ts';
import { Feeder, fedNetwork } from '../support/view-feeder.ts';

/** The history of one payment in the live view, in a real browser. */
const options = { skip: noBrowser, timeout: 300_000 };
const token = 'a-token-of-a-test-that-is-long-enough';
let browser: Browser;

before(async () => {
  if (!noBrowser) browser = await launchBrowser();
});
after(async () => {
  if (!noBrowser) await browser.close();
});

/** A network of two banks with a payment that waits, and the page of it. */
async function waiting(t: TestContext) {
  const log = memoryLog();
  const process = processOver(log);
  await createTopics(log, fedNetwork);
  const feeder = new Feeder(log, [
    { bic: 'ALFADE00', name: 'Alfa' },
    { bic: 'BETADE00', name: 'Beta' },
  ]);
  await feeder.begin();
  const uetr = await feeder.queue(0);
  const start = (port: number): Promise<LiveView> =>
    startLiveView(process.context('view'), {
      ...{ network: fedNetwork, version: 'test', token, port },
      files: viewFiles(),
    });
  let view: LiveView | null = await start(0);
  const { url } = view;
  const stop = async () => {
    await view?.stop();
    view = null;
  };
  const opened = await openPage(browser, `${url}/#token=${token}`, 1280, 'light');
  await opened.page.locator('.standing.live').waitFor();
  t.after(async () => {
    await opened.page.close();
    await stop();
    await process.close();
  });
  return {
    ...{ ...opened, feeder, uetr, stop },
    async startAgain() {
      view = await start(Number(new URL(url).port));
    },
    async find() {
      const { page } = opened;
      await page.keyboard.press('/');
      await page.keyboard.press('Control+A');
      await page.keyboard.type(uetr);
      await page.keyboard.press('Enter');
      await page.locator('dialog .steps').waitFor();
    },
  };
}

test('an open payment outlives a restart of the server', options, async (t) => {
  const { page, faults, stop, startAgain, find, feeder } = await waiting(t);
  await find();
  const dialog = page.getByRole('dialog');
  await stop();
  await dialog.getByText('The server cannot be reached. What follows was told before.').waitFor();
  assert.equal(await dialog.locator('.step').count(), 1, 'its history stays meanwhile');
  await startAgain();
  await dialog.getByRole('alert').waitFor({ state: 'detached' });
  await dialog.locator('.waits-for').waitFor();
  // It is asked again, not only shown: what comes now is told.
  await feeder.cancelQueued();
  await dialog.locator('.summary .CANC').waitFor();
  assert.deepEqual(faults, []);
});

test(
  'what is short and what releases it is told, of the queue and of its payment',
  options,
  async (t) => {
    const { page, faults, find } = await waiting(t);
    const text =
      /ALFADE00 is short by XTS 10,000\.00\..*Released by XTS 10,000\.00 more at ALFADE00, at once or in the next cycle, as of \d\d:\d\d:\d\d\./;
    await page.locator('.reason', { hasText: text }).waitFor();
    await find();
    await page.locator('dialog .waits-for', { hasText: text }).waitFor();
    assert.deepEqual(faults, []);
  },
);

test('a payment opened again and again is asked for by one asker', options, async (t) => {
  const { page, find } = await waiting(t);
  for (let times = 0; times < 6; times++) {
    await find();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
  await find();
  // By the browser's own clock, which no delay of this process touches.
  const asked = (): Promise<number[]> =>
    page.evaluate(`performance.getEntriesByType('resource')
      .filter(({ name }) => name.includes('/payments/'))
      .map(({ startTime }) => startTime)`);
  const before = (await asked()).length;
  await until('it is asked again', async () => (await asked()).length >= before + 4);
  const times = (await asked()).slice(before);
  // One asker waits for two seconds after each answer; of two, one asks within them.
  for (const [index, ms] of times.slice(1).entries())
    assert.ok(ms - (times[index] as number) > 1_900, `asked at ${times.join(', ')} ms`);
});

test(
  '"/" leads to the field from a choice too; cancelled ones have their own',
  options,
  async (t) => {
    const { page } = await waiting(t);
    await page.getByRole('radio', { name: 'Cancelled' }).check();
    await page.getByText('None among the last hundred.').waitFor();
    await page.getByRole('radio', { name: 'Waiting' }).check();
    assert.equal(await page.locator('.feed li').count(), 1);
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.name'), 'uetr');
    await page.keyboard.type('a/b');
    assert.equal(await page.locator('input[name=uetr]').inputValue(), 'a/b');
  },
);

test('what a search of the whole log found is followed on', options, async (t) => {
  const { page, faults, find, feeder } = await waiting(t);
  // As of a payment of which the server has the last step at hand, and the log all.
  await page.route(/\/payments\/[^?]+$/, async (route) => {
    const response = await route.fetch();
    const told = await response.json();
    await route.fulfill({ response, json: { ...told, complete: false } });
  });
  await find();
  const search = page.getByRole('button', { name: 'Search the whole log' });
  await search.click();
  await search.waitFor({ state: 'detached' });
  await pause(2_500);
  assert.equal(await search.count(), 0, 'what was found is not lost to the next answer');
  await feeder.cancelQueued();
  await page.locator('dialog .summary .CANC').waitFor();
  assert.deepEqual(faults, []);
});
