import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { createTopics } from '../../services/live/network-against-log.ts';
import { CASES, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import { caseId, caseMessage } from '../../services/protocol/records/case-record.ts';
import { serviceTelemetryMessage } from '../../services/protocol/records/telemetry.ts';
import { viewFiles } from '../../services/sandbox/view-files.ts';
import { startLiveView } from '../../services/view/view-service.ts';
import { launchBrowser, noBrowser, openPage } from '../support/chromium.ts';
import { memoryLog, processOver } from '../support/live.ts';
import { Feeder, fedNetwork } from '../support/view-feeder.ts';

/** Whether all of the live view is in sight, in a real browser. */
const options = { skip: noBrowser, timeout: 300_000 };
const token = 'a-token-of-a-test-that-is-long-enough';
let browser: Browser;

before(async () => {
  if (!noBrowser) browser = await launchBrowser();
});
after(async () => {
  if (!noBrowser) await browser.close();
});

test(
  'long names and forecasts push no figure out of sight; forced colours keep keys and bars',
  options,
  async (t) => {
    const log = memoryLog();
    const process = processOver(log);
    await createTopics(log, fedNetwork);
    const feeder = new Feeder(log, [
      {
        bic: 'LONGCF00',
        name: 'Banque Internationale pour le Commerce et l’Industrie de la République Centrale',
      },
      {
        bic: 'LONGAT00',
        name: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsbank',
      },
    ]);
    // Four dates on which the first bank pays the second as much.
    let datesBack = 4;
    feeder.nowMs = () => Date.now() - datesBack * 86_400_000;
    await feeder.begin();
    for (; datesBack > 0; datesBack -= 1) {
      await feeder.payFrom(0, 123_456n);
      await feeder.payFrom(1, 123_456n);
      if (datesBack > 1) await feeder.nextDate();
    }
    await feeder.nextDate();
    await feeder.pay(9);
    await feeder.queue(0);
    await feeder.queue(1);
    const view = await startLiveView(process.context('view'), {
      ...{ network: fedNetwork, version: 'test', token, port: 0 },
      files: viewFiles(),
    });
    t.after(async () => {
      await view.stop();
      await process.close();
    });
    await log.produce(TELEMETRY, [
      serviceTelemetryMessage({
        ...{ kind: 'service', atMs: Date.now(), instance: 'sandbox', service: 'notifier' },
        ...{ reader: 'a-pool-of-a-long-name/events', isReady: true, fault: '' },
        ...{ lagRecords: 1_234_567, lagMs: 61_000, records: 12_345 },
      }),
    ]);
    const opened = { rule: 'corridor-watch', atMs: Date.now(), subject: { pool: 'main' } };
    await log.produce(CASES, [
      caseMessage({
        ...{ ...opened, kind: 'opened', case: caseId(opened.rule, opened.subject, opened.atMs) },
        ...{
          severity: 'warning',
          title: 'Unusual',
          summary: `model ${'0123456789abcdef'.repeat(4)}`,
        },
      }),
    ]);
    for (const width of [1280, 390]) {
      const { page, faults } = await openPage(
        browser,
        `${view.url}/#token=${token}`,
        width,
        'dark',
      );
      await page.locator('.services td').first().waitFor();
      await page.locator('.case').waitFor();
      await page.locator('.reason', { hasText: 'Released by' }).first().waitFor();
      assert.match(
        (await page
          .locator('.accounts tr', { has: page.locator('th', { hasText: 'LONGCF00' }) })
          .textContent()) ?? '',
        /needs 1\.23 k \(1\.23 k to 1\.23 k\)/,
      );
      // Signals would write their own texts again, but nothing changes here any more.
      await page.evaluate(
        `(() => {
          const row = document.querySelector('.accounts .waits');
          const cells = [...row.querySelectorAll('td.num:not(.wide)')];
          const texts = [['41,639.70', 'credit 10,000.00'], ['3', '210,000.00'], ['1 min 31 s']];
          for (const [at, [text, small]] of texts.entries()) {
            cells[at].textContent = text;
            if (small === undefined) continue;
            cells[at].append(Object.assign(document.createElement('small'), { className: 'narrow', textContent: small }));
          }
        })()`,
      );
      const cut = await page.evaluate<string[]>(
        "[...document.querySelectorAll('.scroll, .cases')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute('aria-label') ?? one.className)",
      );
      assert.deepEqual(cut, [], `at ${width} pixels`);
      await page.emulateMedia({ forcedColors: 'active' });
      const colours = await page.evaluate<string[]>(
        "['.swatch.c4', '.swatch.c0', '.bar .part'].map((one) => getComputedStyle(document.querySelector(one)).backgroundColor)",
      );
      assert.equal(new Set(colours.slice(0, 2)).size, 2, `${colours}`);
      assert.equal(colours[2], colours[1], 'a bar is drawn as it is without');
      assert.deepEqual(faults, []);
      await page.close();
    }
  },
);
