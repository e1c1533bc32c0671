import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { openPage } from './chromium.ts';

/**
 * Opens a page of the report's kind in wide and narrow windows, light and dark, and gives each on. It asks
 * no other address, has no fault and does not scroll sideways, and two charts are seen.
 * @param height that each chart has at least, px
 */
export async function inWindows(
  browser: Browser,
  url: string,
  height: number,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  for (const width of [1280, 390])
    for (const scheme of ['light', 'dark'] as const) {
      const { page, requests, faults } = await openPage(browser, url, width, scheme);
      assert.deepEqual(requests, [url]);
      assert.deepEqual(faults, []);
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.ok(overflow <= 0, `${width}: it does not scroll sideways`);
      const charts = await page.locator('svg[role=img]:visible').all();
      assert.equal(charts.length, 2);
      for (const chart of charts) {
        const box = await chart.boundingBox();
        assert.ok(box !== null && box.width > 300 && box.height > height, JSON.stringify(box));
      }
      await look(page);
      await page.close();
    }
}
