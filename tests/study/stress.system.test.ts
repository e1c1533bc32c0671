import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { atLeast } from '../support/at-least.ts';
import { launchBrowser, noBrowser } from '../support/chromium.ts';
import { copiedTables } from '../support/copied-tables.ts';
import { inWindows } from '../support/report-windows.ts';
import { endWarmCorridor, warmCorridorIn } from '../support/warm-corridor.ts';
import { newlyUnsettled, rowsOf, stressFiles } from './stress-folder-of.ts';

/** `corridor stress` as a user runs it, and ends it; its page in a real browser. */
const skip = noBrowser;
let browser: Browser | undefined;
before(async () => {
  if (!noBrowser) browser = await launchBrowser();
});
after(async () => {
  await endWarmCorridor();
  await browser?.close();
});

const MAIN = join(packageFolder, 'dist/services/cli/main.js');
type Files = ReturnType<typeof stressFiles>;

function start({ folder }: Files, ...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (piece: string) => {
      text[name] += piece;
    });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, ...text })),
  );
  return { child, ended };
}

const TABLES = ['stress.csv', 'stress.parquet', 'losses.csv', 'losses.parquet', 'stress.html'];
const HOURS = ['09:00', '10:00', '11:00', '12:00'];
const FLAGS = [
  ...['stress', 'five.yaml', '--reaction-after', '10m', '--length', '2h'],
  ...['--hours', HOURS.join()],
];

test('a stress test that is killed again and again ends with the tables of one that was not, and each row is what two runs give', async (t) => {
  const stress = stressFiles(t);
  const whole = await start(stress, ...FLAGS, '--out', 'whole').ended;
  assert.equal(whole.code, 0, whole.stderr);
  assert.match(whole.stdout, /^48 of 48 failures in .*\npage: whole\/stress\.html/);
  assert.match(whole.stderr, /50%\s+24 of 48 failures, .+ left/);
  const lines = () =>
    existsSync(stress.path('killed/results.jsonl'))
      ? stress.read('killed/results.jsonl').split('\n').length - 1
      : 0;
  for (const enough of [2, 20]) {
    const { child, ended } = start(stress, ...FLAGS, '--out', 'killed', '--jobs', '2');
    while (lines() < enough) {
      assert.equal(child.exitCode, null, 'it ended before it was stopped');
      await pause(2);
    }
    child.kill('SIGKILL');
    await ended;
    assert.ok(!existsSync(stress.path('killed/stress.csv')), 'what is not whole has no table');
  }
  const resumed = await start(stress, ...FLAGS, '--out', 'killed').ended;
  assert.equal(resumed.code, 0, resumed.stderr);
  for (const name of TABLES)
    assert.equal(stress.read(`killed/${name}`), stress.read(`whole/${name}`), name);

  const run = async (out: string, ...set: string[]) => {
    const { code, stderr } = await start(stress, 'run', 'five.yaml', ...set, '--out', out).ended;
    assert.equal(code, 0, stderr);
    return rowsOf(stress.read(`${out}/payments.csv`));
  };
  const base = await run('base');
  const rows = rowsOf(stress.read('whole/stress.csv'));
  // The fourth bank at 10:00, with the reaction.
  const row = rows[3 * HOURS.length * 2 + 3];
  const bank = 'EEEEDE00';
  assert.deepEqual([row?.bank, row?.hour, row?.reaction], [bank, '10:00', 'with']);
  const outage = `{ participant: ${bank}, from: "10:00", until: "12:00", othersStopPayingAfterSeconds: 600 }`;
  const failed = await run('failed', '--set', `events.outages=[${outage}]`);
  const found = newlyUnsettled(bank, base, failed);
  assert.equal(row?.['newlyUnsettled.payments'], `${found.length}`);
  const first = found.filter(({ round }) => round === 1);
  assert.equal(row?.['firstRound.payments'], `${first.length}`);
  const { eventsHash } = JSON.parse(stress.read('failed/summary.json'));
  assert.equal(row?.eventsHash, eventsHash);
});

const MISTAKES: readonly [readonly string[], RegExp][] = [
  [['stress', 'none.yaml'], /^corridor: none\.yaml: cannot be read: there is no such file\n$/],
  [
    ['stress', 'three.yaml', '--banks', 'XXXXDE00'],
    /^corridor: --banks: XXXXDE00: expected a participant of the scenario/,
  ],
  [
    ['stress', 'three.yaml', '--banks', ''],
    /^corridor: --banks: an empty list: expected participants/,
  ],
  [
    ['stress', 'three.yaml', '--hours', '13:00'],
    /^corridor: --hours: 13:00: expected a time inside the day/,
  ],
  [
    ['stress', 'three.yaml', '--length', '2'],
    /^corridor: --length 2: expected a time from 1s to 24h, such as 90s, 30m or 2h\n$/,
  ],
  [
    ['stress', 'three.yaml', '--length', '0s'],
    /^corridor: --length 0s: expected a time from 1s to 24h/,
  ],
  [['stress', 'three.yaml', '--queued', 'lost'], /^corridor: .*--queued.*left, cancelled/],
];

test('what is wrong is one line and exit code 2, and nothing is begun', async (t) => {
  const stress = stressFiles(t);
  for (const [args, expected] of MISTAKES) {
    const asked = [...args, '--out', 'out'];
    const { code, stderr, stdout } = await warmCorridorIn(stress.folder, ...asked);
    assert.match(stderr, expected);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.ok(!existsSync(stress.path('out')));
  }
});

test('the page of a stress test fits wide and narrow windows, asks no other host, and has its figures as tables', {
  skip,
}, async (t) => {
  const stress = stressFiles(t);
  await stress.run('five.yaml', 'out', { hours: ['09:00', '10:00', '12:30'] });
  const url = pathToFileURL(stress.path('out/stress.html')).href;
  await inWindows(browser as Browser, url, 100, async (page) => {
    const cells = await page.evaluate<number>(
      `[...document.querySelectorAll('svg[role=img]')].filter((svg) => svg.checkVisibility())[0].querySelectorAll('path, rect').length`,
    );
    assert.ok(cells >= 3 * 6 * 3, `each panel has its cells: ${cells}`);
    const caption = 'Newly unsettled, value in EUR: the others stop paying, by bank and hour';
    const table = page.locator(`table[aria-label="${caption}"]`);
    assert.equal(await table.locator('tbody tr').count(), 6);
    assert.deepEqual(await table.locator('thead th').allInnerTexts(), [
      ...['Bank', '09:00', '10:00', '12:30'],
    ]);
    await page.locator('button.copy').nth(1).click();
    await page.getByText(/^Copied 6 rows as CSV\.$/).waitFor();
    const losses = [...(await copiedTables(page))].filter(([name]) => name.startsWith('Largest'));
    for (const [name, rows] of atLeast(1, losses)) {
      const shown = page.locator(`table[aria-label="${name}"] tbody td:nth-child(2)`);
      const texts = await shown.allTextContents();
      const units = rows.map((row) => Number(row[`Largest without (${name.slice(-3)})`]));
      for (const [at, text] of atLeast(6, texts).entries())
        assert.ok(Math.abs(Number(text.replaceAll(',', '')) - (units[at] as number)) <= 0.5, text);
      assert.ok(units.some((loss) => loss > 0));
    }
  });
});
