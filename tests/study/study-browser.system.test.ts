import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { sweep } from '../../services/study/run-study.ts';
import { launchBrowser, noBrowser } from '../support/chromium.ts';
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
