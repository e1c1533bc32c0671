import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { createSigner } from '../../services/core/verification/signing.ts';
import type { DriveStatus } from '../../services/live/drive-port.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { CASES, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import {
  type CaseRecord,
  caseId,
  caseMessage,
  readCaseMessage,
} from '../../services/protocol/records/case-record.ts';
import { reconciliationMessage, watchMessage } from '../../services/protocol/records/telemetry.ts';
import { viewFiles } from '../../services/sandbox/view-files.ts';
import { startLiveView } from '../../services/view/view-service.ts';
import { launchBrowser, noBrowser, openPage } from '../support/chromium.ts';
import {
  foundedLog,
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  startNetwork,
} from '../support/live.ts';
import { Feeder, fedNetwork } from '../support/view-feeder.ts';

/** What the live view tells by itself, in a real browser. */
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
  'a silent bank and a difference in the store are told, in words, until they are over',
  options,
  async (t) => {
    // An hour: both send in its first minutes, then Alfa alone.
    const beginMs = Date.now() - 3_600_000;
    let minute = 0;
    const nowMs = () => beginMs + minute * 60_000;
    const fedLog = createMemoryLog({ now: nowMs });
    const process = processOver(fedLog);
    await createTopics(fedLog, fedNetwork);
    const feeder = new Feeder(fedLog, [
      { bic: 'ALFADE00', name: 'Alfa' },
      { bic: 'BETADE00', name: 'Beta' },
    ]);
    feeder.nowMs = nowMs;
    await feeder.begin();
    for (; minute < 60; minute++) {
      await feeder.payFrom(0);
      if (minute < 12) await feeder.payFrom(1);
    }
    const fed = await startLiveView(process.context('view'), {
      ...{ network: fedNetwork, version: 'test', token, port: 0 },
      files: viewFiles(),
    });
    // A test that fails leaves no server behind that would keep the process.
    t.after(async () => {
      await fed.stop();
      await process.close();
    });
    const { page, faults } = await openPage(browser, `${fed.url}/#token=${token}`, 1280, 'light');
    await page.locator('.standing.live').waitFor();
    await page.locator('.alert.warning', { hasText: 'BETADE00 is silent' }).waitFor();
    const at = new Date(beginMs + 11 * 60_000).toISOString().slice(11, 16);
    await page.getByText(`It has sent nothing since ${at} UTC`).waitFor();
    assert.equal(await page.locator('.alert').count(), 1);
    assert.match(
      (await page.locator('.chain').textContent()) ?? '',
      /not compared with clearing yet/,
    );
    const check = (found: string) =>
      reconciliationMessage({
        ...{ kind: 'reconciliation', atMs: Date.now(), pool: 'main', eventNumber: 9, figures: 30 },
        differences: found === '7200' ? [] : [{ figure: 'settled XTS', expected: '7200', found }],
        differencesCount: found === '7200' ? 0 : 1,
      });
    await fedLog.produce(TELEMETRY, [check('7205')]);
    const critical = page.locator('.alert.critical');
    await critical.waitFor();
    assert.match(
      (await critical.textContent()) ?? '',
      /ClickHouse differs .* settled XTS: 72\.05 in ClickHouse, 72\.00 by clearing’s events, 0\.05 too much\./,
    );
    assert.match(
      (await page.locator('.chain .bad').textContent()) ?? '',
      /1 of 30 figures differ from clearing’s events, up to event 9/,
    );
    await fedLog.produce(TELEMETRY, [check('7200')]);
    await critical.waitFor({ state: 'detached' });
    await page.getByText('all 30 figures agree with clearing’s events').waitFor();
    // Bank Beta speaks again.
    await feeder.payFrom(1);
    await page.locator('.alert').waitFor({ state: 'detached' });
    assert.deepEqual(faults, []);
    await page.close();
  },
);

test('when the next cycle runs is told', options, async (t) => {
  const log = memoryLog();
  const process = processOver(log);
  const live = await startNetwork(log, { shared: process });
  const view = await startLiveView(process.context('view'), {
    ...{ network: liveNetwork, version: 'test', token, port: 0 },
    files: viewFiles(),
  });
  t.after(async () => {
    await view.stop();
    await live.stop();
    await process.close();
  });
  const { page, faults } = await openPage(browser, `${view.url}/#token=${token}`, 390, 'dark');
  await page
    .getByText(/The next runs at \d\d:\d\d:\d\d UTC, in \d.*; they run every 5 minutes/)
    .waitFor();
  assert.deepEqual(faults, []);
  await page.close();
});

test(
  'a drive that cannot keep up says so, and one that is over how to see it',
  options,
  async () => {
    const fedLog = memoryLog();
    const process = processOver(fedLog);
    await createTopics(fedLog, fedNetwork);
    await new Feeder(fedLog, [{ bic: 'ALFADE00', name: 'Alfa' }]).begin();
    const fed = await startLiveView(process.context('view'), {
      ...{ network: fedNetwork, version: 'test', token, port: 0 },
      files: viewFiles(),
    });
    const drive: DriveStatus = {
      ...{ scenario: 's', state: 'running', timeMs: 1_000, endsAtMs: 9_000, speed: 960 },
      ...{ speeds: [960], reachedSpeed: null, afterwards: 'corridor up s.yaml --data s' },
    };
    fed.drive({
      status: () => ({ ...drive }),
      scenarioMs: () => null,
      control: async () => drive,
    });
    const { page, faults } = await openPage(browser, `${fed.url}/#token=${token}`, 1280, 'light');
    await page.locator('.drive').waitFor();
    assert.equal(await page.locator('.pace').count(), 0);
    drive.reachedSpeed = 412.4;
    await page.getByText('Cannot keep up: 412 × of 960 ×.').waitFor();
    drive.reachedSpeed = null;
    drive.state = 'ended';
    // What changed last is told before the server goes.
    await fed.stop();
    await page.locator('.standing.lost').waitFor();
    await page.locator('.drive .status.ended').waitFor();
    await page.locator('.drive').getByText('corridor up s.yaml --data s').waitFor();
    assert.deepEqual(faults, []);
    await page.close();
    await process.close();
  },
);

test('a case is acknowledged and closed from the page, which holds no key', options, async (t) => {
  const operator = createSigner(createHash('sha256').update('operator').digest());
  const atMs = Date.parse('2026-03-16T09:00:00Z');
  const log = await foundedLog(atMs, operator.publicKey);
  const process = processOver(log);
  const subject = { debtor_agent: 'BETASG00' };
  const opened: CaseRecord = {
    ...{ kind: 'opened', case: caseId('corridor-outage', subject, atMs), rule: 'corridor-outage' },
    ...{ title: 'A large bank does not send', severity: 'critical', subject, atMs },
    summary: 'BETASG00 of smoke-7 sends <nothing>',
    held: {
      trapped: [{ currency: 'EUR', amountMinor: '125000' }],
      waiting: [{ currency: 'EUR', bic: 'ALFADE00', payments: 3 }],
    },
  };
  await log.produce(CASES, [caseMessage(opened)]);
  const view = await startLiveView(process.context('view'), {
    ...{ network: liveNetwork, version: 'test', token, port: 0, operator },
    files: viewFiles(),
  });
  t.after(async () => {
    await view.stop();
    await process.close();
  });
  const { page, faults } = await openPage(browser, `${view.url}/#token=${token}`, 390, 'light');
  const one = page.locator('.case.critical');
  await one.waitFor();
  const unusual = page.getByRole('region', { name: 'Unusual payments, list' });
  assert.equal(await unusual.count(), 0);
  await page.getByText('No model scores payments here').waitFor();
  const goesOn = {
    ...{ kind: 'watchState' as const, atMs: Date.now(), pool: POOL },
    ...{ model: 'c0ffee0123456789'.repeat(4) },
    ...{ payments: 1_234, hourPayments: 700, hourAlerts: 9 },
  } as const;
  await log.produce(TELEMETRY, [watchMessage({ ...goesOn, ended: '' })]);
  await page
    .getByText(
      /model c0ffee012345: 1,234 payments scored\. Of the 700 .* 9 are alerts.* from 15 on/,
    )
    .waitFor();
  await log.produce(TELEMETRY, [watchMessage({ ...goesOn, ended: 'it holds too much' })]);
  await page.getByText(/the watch has ended \(it holds too much\)/).waitFor();
  const payment = { atMs, uetr: 'one', debtor: 'ALFADE00', creditor: 'BETASG00', currency: 'EUR' };
  const reasons = ['a round amount', 'the bank was silent before'];
  await log.produce(TELEMETRY, [
    watchMessage({
      ...{ kind: 'watch', atMs, pool: POOL, model: 'c0ffee0123456789'.repeat(4) },
      alerts: [{ ...payment, amountMinor: '1250000', score: 0.8764, reasons }],
    }),
  ]);
  await unusual.waitFor();
  assert.match(
    (await unusual.textContent()) ?? '',
    /09:00:00.*0\.876.*ALFADE00.*BETASG00.*EUR 12,500\.00.*a round amount; the bank was silent before.*model c0ffee012345/s,
  );
  const text = (await one.textContent()) ?? '';
  assert.match(text, /BETASG00 of smoke-7 sends <nothing>/);
  assert.match(text, /Came in and stays there: EUR 1,?250(\.00)?|EUR 125,000/);
  assert.match(text, /Payments wait of ALFADE00 \(3 in EUR\)/);
  const acknowledge = page.getByRole('button', { name: /^Acknowledge/ });
  const close = page.getByRole('button', { name: /^Close case/ });
  assert.deepEqual([await acknowledge.isDisabled(), await close.isDisabled()], [true, true]);
  await page.getByLabel('Reason').fill('I call the bank');
  await acknowledge.click();
  await page.getByText('Acknowledged at').waitFor();
  assert.match((await one.textContent()) ?? '', /under the key genesis: I call the bank/);
  assert.equal(await acknowledge.count(), 0);
  await page.getByLabel('Reason').fill('it sends again');
  await close.click();
  await one.waitFor({ state: 'detached' });
  const words = (await log.read(CASES, 0, 1, 10)).map(({ value }) => readCaseMessage(value));
  assert.deepEqual(
    words.map((word) => word?.kind === 'commanded' && JSON.parse(word.payload).command.kind),
    ['acknowledgeCase', 'closeCase'],
  );
  const held = await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })');
  assert.deepEqual(Object.values(JSON.parse(String(held))), [token], 'the token alone');
  assert.deepEqual(faults, []);
});
