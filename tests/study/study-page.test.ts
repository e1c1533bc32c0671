import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Figures } from '../../services/study/cell-figures.ts';
import type { runCells } from '../../services/study/cell-workers.ts';
import { sweep } from '../../services/study/run-study.ts';
import { atLeast } from '../support/at-least.ts';
import { studyFiles } from './study-folder-of.ts';

type Row = Readonly<Record<string, string>>;

/** The rows of a table on the page, cell by cell as text. */
function tableRows(page: string, caption: string): string[][] {
  const start = page.indexOf(`<p class="caption">${caption}`);
  assert.ok(start >= 0, `no table ${caption}`);
  const body = page.slice(page.indexOf('<tbody>', start), page.indexOf('</tbody>', start));
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, text = '']) =>
      text.replace(/<[^>]+>/g, ''),
    ),
  );
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

test('the page has what the table of cells gives: means, differences, and the settled share beside each', async (t) => {
  const study = studyFiles(t);
  study.write(
    'study.yaml',
    `description: "<b>bold</b> & true"
scenario: test.yaml
vary: { settlement.cycle: [off, gridlockResolution] }
scale: { liquidity: { factors: [0.05, 1], currencies: [EUR] } }
seeds: 3
`,
  );
  await sweep(study.request('out'));
  const page = study.read('out/study.html');
  assert.ok(page.includes('&lt;b&gt;bold&lt;/b&gt; &amp; true'), 'what a file says is text');
  const cells: Row[] = parse(study.read('out/cells.csv'), { columns: true });
  const of = (cycle: string, scale: string, name: string) =>
    cells
      .filter((row) => row['settlement.cycle'] === cycle && row['scale.liquidity'] === scale)
      .map((row) => Number(row[name]));

  const settings = tableRows(page, 'Delay and liquidity in EUR');
  assert.deepEqual(
    settings.map(([cycle, scale]) => [cycle, scale]),
    [
      ['off', '0.05'],
      ['off', '1'],
      ['gridlockResolution', '0.05'],
      ['gridlockResolution', '1'],
    ],
  );
  for (const [cycle = '', scale = '', share = '', rho = '', , , , used = ''] of settings) {
    const shares = of(cycle, scale, 'settledValueShare.EUR');
    assert.equal(share.split(' %')[0], (mean(shares) * 100).toFixed(2));
    const delays = of(cycle, scale, 'delay.settlementDelayIndicator.EUR');
    assert.equal(rho.split(' ')[0], mean(delays).toFixed(4));
    assert.equal(rho.includes('±'), new Set(delays).size > 1);
    const drawn = mean(of(cycle, scale, 'liquidity.EUR.usedMinor')) / 100;
    const shown = Number(used.split(' ')[0]?.replaceAll(',', ''));
    assert.ok(Math.abs(shown - drawn) <= (drawn < 1000 ? 0.005 : 0.5), `${used}, not ${drawn}`);
  }

  const name = 'delay.settlementDelayIndicator.EUR';
  const differences = tableRows(page, 'Settlement delay indicator ρ in EUR: difference');
  assert.deepEqual(
    differences.map(([option, rest]) => [option, rest]),
    [
      ['settlement.cycle: off → gridlockResolution', 'scale.liquidity=0.05'],
      ['settlement.cycle: off → gridlockResolution', 'scale.liquidity=1'],
      ['scale.liquidity: 0.05 → 1', 'settlement.cycle=off'],
      ['scale.liquidity: 0.05 → 1', 'settlement.cycle=gridlockResolution'],
    ],
  );
  const [, , less] = differences;
  const byHand = mean(of('off', '1', name)) - mean(of('off', '0.05', name));
  assert.ok(byHand < 0, 'more liquidity, less delay');
  assert.equal(less?.[2], `−${Math.abs(byHand).toFixed(4)}`);
  assert.match(less?.[3] as string, /^−0\.\d{4} to [−+]0\.\d{4}$/);
  const settled = [less?.[5], less?.[6]].map((text) =>
    Number.parseFloat(text as string).toFixed(2),
  );
  assert.deepEqual(
    settled,
    ['0.05', '1'].map((scale) =>
      (mean(of('off', scale, 'settledValueShare.EUR')) * 100).toFixed(2),
    ),
  );
  assert.equal(less?.length, 7, 'every seed has its pair');
  assert.match(page, /correction of Holm \(1979\) for all \d+ comparisons/);
  assert.equal((page.match(/<figure /g) ?? []).length, 1, 'a chart for each currency that is paid');
  assert.equal((page.match(/<figcaption>/g) ?? []).length, 1);
});

test('a study of chains tells how they ended and what was locked, which is 0 where nothing was set aside', async (t) => {
  const study = studyFiles(t);
  const few = { 'chainFlows.*.chainsPerDate': 4 };
  const earmark = { when: 'acceptance', expiryAfterSeconds: 7200 };
  const rule = { none: few, first: { ...few, 'chainFlows.*.earmark': earmark } };
  const scenario = join(packageFolder, 'scenarios/agora-scarce.yaml');
  study.write('study.yaml', JSON.stringify({ scenario, vary: { rule }, seeds: 2 }));
  await sweep(study.request('out'));
  const page = study.read('out/study.html');
  const cells: Row[] = parse(study.read('out/cells.csv'), { columns: true });
  const of = (rule: string, name: string) =>
    cells.filter((row) => row.rule === rule).map((row) => Number(row[name]));
  const chains = tableRows(page, 'Chains, by setting');
  const locked = tableRows(page, 'Liquidity locked × time, by setting');
  const code = (text: string | undefined) => Number(text?.split(' ')[0]?.replaceAll(',', ''));
  for (const [place, label] of atLeast(2, [...Object.keys(rule).entries()])) {
    const [name, complete, settled, refused, , expired] = chains[place] ?? [];
    assert.equal(name, label);
    for (const [text, figure] of [
      [complete, 'chains.matched'],
      [settled, 'chains.settled'],
      [refused, 'conditions.chains.refused'],
      [expired, 'conditions.chains.expired'],
    ] as const)
      assert.equal(text?.split(' ')[0], mean(of(label, figure)).toFixed(1), figure);
    const hours = mean(of(label, 'conditions.locked.JPY.lockedMinorMs')) / 3_600_000;
    assert.ok(Math.abs(code(locked[place]?.[3]) - hours) <= 0.5, `${locked[place]} of ${hours}`);
  }
  assert.deepEqual(locked[0], ['none', '0.00', '0.00', '0']);
  assert.ok(code(locked[1]?.[1]) > 0 && code(locked[1]?.[2]) > 0 && code(locked[1]?.[3]) > 0);
  const ended = tableRows(page, 'Chains settled: difference');
  assert.equal(ended.length, 1);
  const by = tableRows(page, 'Liquidity locked × time, EUR × hours: difference');
  assert.equal(by[0]?.[2], `+${locked[1]?.[1]?.split(' ')[0]}`);
});

/** In place of runs: cells by number, with these figures; undefined: the cell fails. */
const given =
  (cells: readonly (Figures | undefined)[]): typeof runCells =>
  async (_, rest, { told }) => {
    for (const { number } of rest) {
      const figures = cells[number - 1];
      told(
        figures === undefined
          ? { number, error: 'as it is', exitCode: 1 }
          : { number, rows: { figures, banks: [], corridors: [] } },
      );
    }
  };

test('where cells failed or have no figure, both sides of a difference are over its pairs, and each mean says over how many it is', async (t) => {
  const study = studyFiles(t);
  study.write(
    'study.yaml',
    'scenario: test.yaml\nvary: { settlement.cycle: [off, gridlockResolution] }\nseeds: 3\n',
  );
  const figures = (rho: number | null, share: number, delayMs: number | null): Figures => ({
    settledShare: share,
    'settledValueShare.EUR': share,
    'delay.settlementDelayIndicator.EUR': rho,
    'delay.valueWeightedDelayMs.EUR': delayMs,
    'liquidity.EUR.availableMinor': '100000',
    'liquidity.EUR.usedMinor': '50000',
  });
  const off = [figures(0.1, 0.5, 60_000), undefined, figures(0.9, 1, null)];
  const cycle = [figures(0.2, 0.6, 1000), figures(0.3, 0.7, 2000), figures(null, 0.8, 3000)];
  await sweep(study.request('out', { keepGoing: true, run: given([...off, ...cycle]) }));
  const page = study.read('out/study.html');

  const difference = (words: string) => tableRows(page, `${words}: difference`)[0]?.slice(2);
  const [before, after] = ['50.00 %', '60.00 %'];
  assert.deepEqual(difference('Settlement delay indicator ρ in EUR'), [
    ...['+0.1000', '1 of 3', '–', '–', before, after],
  ]);
  const [less, pairs, interval, , ...both] = difference('Settled share, by number') ?? [];
  assert.deepEqual([less, pairs, ...both], ['−5.00 pp', '2 of 3', '75.00 %', '70.00 %']);
  assert.match(interval as string, /^−\d+\.\d\d pp to \+\d+\.\d\d pp$/);
  assert.match(page, /Where all pairs differ by the same, or there is only one, there is neither/);

  const settings = tableRows(page, 'Delay and liquidity in EUR').map((row) => row.slice(1));
  const [shareOff, rhoOff, , ...restOff] = settings[0] ?? [];
  assert.match(shareOff as string, /^75\.00 % ± \d+\.\d\d % \(2 of 3\)$/);
  assert.match(rhoOff as string, /^0\.5000 ± 5\.\d{4} \(2 of 3\)$/);
  assert.deepEqual(restOff, ['1 min 00 s (1 of 3)', '1,000 (2 of 3)', '500.00 (2 of 3)']);
  const [shareCycle, rhoCycle, submitted, ...restCycle] = settings[1] ?? [];
  assert.match(shareCycle as string, /^70\.00 % ± \d+\.\d\d %$/);
  assert.match(rhoCycle as string, /^0\.2500 ± 0\.\d{4} \(2 of 3\)$/);
  // Student's t of two degrees of freedom is 4.303: 4.303 × 1 s / √3.
  assert.deepEqual([submitted, ...restCycle], ['–', '2.0 s ± 2.5 s', '1,000', '500.00']);
  assert.match(page, /Means over 3 seeds.*\nA mean over fewer.*\(2 of 3\)\..*\n.*\(1 of 3\)\./);

  assert.match(page, /A hollow point is over fewer than all 3 seeds: the table says over how many/);
  assert.match(page, /A bar that ends in a triangle is cut/);
  assert.match(page, /off: 0\.5000 at 500 with 75\.00 % settled \(2 of 3 seeds\)/);
});

test('where the liquidity used differs by seed a point has its interval across too', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', 'scenario: test.yaml\nseeds: 3\n');
  const figures = (rho: number, usedMinor: string): Figures => ({
    settledShare: 1,
    'settledValueShare.EUR': 1,
    'delay.settlementDelayIndicator.EUR': rho,
    'liquidity.EUR.usedMinor': usedMinor,
  });
  const barsOf = async (out: string, cells: readonly Figures[]) => {
    await sweep(study.request(out, { run: given(cells) }));
    const page = study.read(`${out}/study.html`);
    return page.match(/stroke-width="1\.25"/g)?.length ?? 0;
  };
  assert.equal(
    await barsOf(
      'same',
      [0.1, 0.2, 0.3].map((rho) => figures(rho, '50000')),
    ),
    1,
  );
  assert.equal(
    await barsOf(
      'drawn',
      [0.1, 0.2, 0.3].map((rho, at) => figures(rho, `${50000 + at}`)),
    ),
    2,
  );
});

test('securities are no liquidity: the page calls what is used of them holdings', async (t) => {
  const study = studyFiles(t);
  const scenario = join(packageFolder, 'scenarios/limits-hybrid.yaml');
  study.write('study.yaml', JSON.stringify({ scenario, vary: { tickMs: [1000, 2000] } }));
  const figures: Figures = Object.fromEntries(
    ['EUR', 'XS0000000009'].flatMap((code) => [
      [`settledValueShare.${code}`, 1],
      [`delay.settlementDelayIndicator.${code}`, 0.5],
      [`liquidity.${code}.availableMinor`, '100'],
      [`liquidity.${code}.usedMinor`, '50'],
      [`conditions.locked.${code}.lockedMinorMs`, '50'],
    ]),
  );
  const ran = { settledShare: 1, 'chains.matched': 1, ...figures };
  await sweep(study.request('out', { run: given([ran, ran]) }));
  const text = study.read('out/study.html').replace(/<[^>]+>/g, '');
  for (const words of [
    'Delay and holdings in XS0000000009, by setting',
    'against holdings used in XS0000000009',
    'Holdings used, XS0000000009: difference',
    'Holdings locked × time, XS0000000009 × hours: difference',
    'Holdings locked × time, by setting',
    'Of a security the same is told of holdings: securities are no liquidity.',
    'Delay and liquidity in EUR, by setting',
    'Liquidity used, EUR: difference',
  ])
    assert.ok(text.includes(words), words);
  assert.doesNotMatch(text, /liquidity[^.;:]{0,20} (?:in )?XS/i);
});

test('a study whose cells all ran says of no mean that it is over fewer', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', 'scenario: test.yaml\nseeds: 3\n');
  await sweep(study.request('out'));
  const page = study.read('out/study.html');
  assert.ok(!page.includes('hollow') && !page.includes('oldings'));
  for (const row of atLeast(1, tableRows(page, 'Delay and liquidity in EUR')))
    assert.ok(!row.join().includes(' of 3'), row.join());
});

test('a study of one cell has a page without intervals and without comparisons', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', 'scenario: test.yaml\n');
  await sweep(study.request('out'));
  const page = study.read('out/study.html');
  assert.match(page, /Nothing was varied or scaled, so nothing is compared\./);
  assert.doesNotMatch(page, /confidence interval|Holm|seed by seed|mean over the|all 0 /);
  assert.equal(tableRows(page, 'Delay and liquidity in EUR').length, 1);
  assert.ok(!page.includes('NaN') && !page.includes('undefined') && !page.includes('±'));
});

test('a page in which no comparison has a p value says nothing of one', async (t) => {
  const study = studyFiles(t);
  const text = 'scenario: test.yaml\nvary: { settlement.queue: [fifo, bypass-fifo] }\n';
  study.write('study.yaml', text);
  await sweep(study.request('one'));
  const rows = { figures: { settledShare: 1 }, banks: [], corridors: [] };
  const run: typeof runCells = async (_, cells, { told }) => {
    for (const { number } of cells) told({ number, rows });
  };
  study.write('study.yaml', `${text}seeds: 2\n`);
  await sweep(study.request('equal', { run }));
  for (const out of atLeast(2, ['one', 'equal'])) {
    const page = study.read(`${out}/study.html`);
    assert.match(page, /Each option against the first of its kind/);
    assert.doesNotMatch(page, /<b>p \(Holm\)<\/b>|all 0 comparisons|by luck alone/);
  }
  assert.doesNotMatch(study.read('one/study.html'), /compared seed by seed|with its 95 %/);
});
