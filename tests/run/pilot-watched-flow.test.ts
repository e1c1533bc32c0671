/** The pilot of a watched flow: what docs/pilot-watched-flow.md says that became of each kind of anomaly. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { amountText } from '../../services/protocol/names/minor-units.ts';
import { flowLabels } from '../../services/report/figures/label-tables.ts';
import { load, runDirectly } from '../support/run.ts';

test('watched-flow: what the page says became of the anomalies', async () => {
  const scenario = load('watched-flow');
  const { summary, rows } = await runDirectly(scenario, { signatures: false });
  assert.equal(
    summary.eventsHash,
    'c1b849dfdd00fe08dbf39b81c6ae9b5a14afafd0b5d34cf23c9dbf7e68348352',
  );
  const kinds = new Map<string, string>(
    [...flowLabels(scenario)].map(({ uetr, kind }) => [uetr, kind]),
  );
  // The one of the bank that is silent has no payment.
  assert.equal(kinds.get(''), 'silentOutage');
  const found = new Map<
    string,
    { count: number; queued: number; settled: number; minor: bigint }
  >();
  for (const { uetr, status, queuedAtMs, amountMinor } of rows) {
    const kind = kinds.get(uetr) ?? 'no anomaly';
    const of = found.get(kind) ?? { count: 0, queued: 0, settled: 0, minor: 0n };
    found.set(kind, {
      count: of.count + 1,
      queued: of.queued + (queuedAtMs === null ? 0 : 1),
      settled: of.settled + (status === 'settled' ? 1 : 0),
      minor: of.minor + amountMinor,
    });
  }
  const page = readFileSync(join(packageFolder, 'docs/pilot-watched-flow.md'), 'utf8');
  const told = [
    ...page.matchAll(
      /^\| `?([\w ]+?)`? +\| ([\d,]+) +\| ([\d,]+) +\| ([\d,]+) +\| ([\d,.]+) +\|$/gm,
    ),
  ];
  assert.equal(told.length, 6);
  assert.deepEqual(
    Object.fromEntries(
      told.map(([, kind, ...cells]) => [kind, cells.map((cell) => cell.replaceAll(',', ''))]),
    ),
    Object.fromEntries(
      [...found].map(([kind, { count, queued, settled, minor }]) => [
        kind,
        [`${count}`, `${queued}`, `${settled}`, amountText(minor, 2)],
      ]),
    ),
  );
});
