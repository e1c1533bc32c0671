import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Summary } from '../report/figures/summary.ts';
import type { Figure, Unit } from './comparison-json.ts';
import {
  changeText,
  differenceText,
  fateText,
  shortNames,
  toldFigures,
  valueText,
} from './comparison-words.ts';
import {
  compareLeaves,
  currencyIn,
  type Leaf,
  summaryLeaves,
  unitOf,
} from './figure-differences.ts';

const decimals = (currency: string) => (currency === 'JPY' ? 0 : 2);
const one = (
  path: string,
  values: readonly (Leaf['value'] | undefined)[],
  { currency = 'EUR', settledShare }: { currency?: string; settledShare?: number } = {},
): Figure =>
  compareLeaves(
    values.map((value) => (value === undefined ? [] : [{ path, value, settledShare }])),
    () => currency,
  )[0] as Figure;

test('units are told by paths', () => {
  const units: readonly [string, Unit][] = [
    ['submitted', 'count'],
    ['settledShare', 'share'],
    ['settledValueShare.EUR', 'share'],
    ['settledOfSubmitted', 'share'],
    ['delay.settlementDelayIndicatorSubmitted.EUR', 'delay'],
    ['settledValueMinor.XS0000000009', 'money'],
    ['liquidity.EUR.usedMinor', 'money'],
    ['liquidity.EUR.usage', 'share'],
    ['liquidity.EUR.turnover', 'ratio'],
    ['delay.settlementDelayIndicator.EUR', 'delay'],
    ['delay.valueWeightedDelayMs.EUR', 'delayMs'],
    ['delay.p95Ms', 'ms'],
    ['indicators.currencies.EUR.throughput.halfByMs', 'timeOfDay'],
    ['indicators.currencies.EUR.throughput.guidelines.12:00.byDate.0', 'share'],
    ['indicators.currencies.EUR.valid.turnoverAtUpper', 'ratio'],
    ['indicators.currencies.EUR.settledByMechanism.queue.payments', 'count'],
    ['indicators.gridlocks.totalMs', 'ms'],
    ['cost.share', 'share'],
  ];
  for (const [path, unit] of units) assert.equal(unitOf(path), unit, path);
});

describe('differences', () => {
  const cases: readonly [string, readonly (Leaf['value'] | undefined)[], unknown, string][] = [
    ['settled', [10, 12], { absolute: 2, relative: 0.2 }, '+2 (+20.0 %)'],
    ['settled', [0, 12], { absolute: 12, relative: null }, '+12'],
    ['settled', [10, 10], { absolute: 0, relative: 0 }, '0'],
    // Beyond what a double holds.
    [
      'liquidity.EUR.usedMinor',
      ['9007199254740993', '9007199254740992'],
      { absolute: '-1', relative: 0 },
      '−0.01 (< 0.1 %)',
    ],
    ['delay.p95Ms', [60_000, 90_000], { absolute: 30_000, relative: 0.5 }, '+30.0 s (+50.0 %)'],
    ['settledShare', [0.3, 0.1], { absolute: -0.2, relative: -0.666666667 }, '−20.00 pp (−66.7 %)'],
    [
      'indicators.currencies.EUR.throughput.halfByMs',
      [36_000_000, 36_060_000],
      { absolute: 60_000, relative: null },
      '+1 min 00 s',
    ],
    ['liquidity.EUR.turnover', [null, 2], null, '–'],
    ['liquidity.EUR.turnover', [null, null], null, ''],
    ['rejectedByReason.AM04', [undefined, 3], { absolute: 3, relative: null }, '+3'],
    ['settledByMechanism.partial', [4, undefined], { absolute: -4, relative: -1 }, '−4 (−100.0 %)'],
  ];
  for (const [path, values, expected, text] of cases)
    test(`of ${path} ${values.join(' and ')}`, () => {
      const figure = one(path, values);
      assert.deepEqual(figure.differences, [expected]);
      assert.equal(differenceText(figure, 1, decimals), text);
    });

  test('are to the first run, of each of the others', () => {
    const { differences } = one('settled', [10, 15, 5]);
    assert.deepEqual(differences, [
      { absolute: 5, relative: 0.5 },
      { absolute: -5, relative: -0.5 },
    ]);
  });
});

describe('words', () => {
  test('write money by the decimals of its currency', () => {
    assert.equal(valueText(one('liquidity.EUR.usedMinor', ['123456']), 0, decimals), '1,234.56');
    assert.equal(
      valueText(one('liquidity.JPY.usedMinor', ['123456'], { currency: 'JPY' }), 0, decimals),
      '123,456',
    );
  });

  for (const path of ['delay.settlementDelayIndicator.EUR', 'valueWeightedDelayMs', 'delay.p50Ms'])
    test(`never write ${path} without the settled share that it has`, () => {
      const figure = one(path, [0.25, 0.5], { settledShare: 0.28 });
      assert.match(valueText(figure, 0, decimals), /\(28\.0 % settled\)$/);
      assert.match(changeText(figure, 1, decimals), /settled\) → .*settled\)$/);
      assert.deepEqual(figure.settledShares, [0.28, 0.28]);
    });

  test('have the settled share of each time that is of what settled: its currency’s, that of all, that of chains', () => {
    const percentiles = { p50Ms: 1, p95Ms: 2, p99Ms: 3 };
    const rho = { EUR: 0.5, JPY: 0.5 };
    const summary = {
      ...{ settled: 3, settledShare: 0.3, settledValueShare: { EUR: 0.4, JPY: 0.5 } },
      chains: { matched: 4, settled: 1, ended: 3 },
      conditions: {
        timeToLastAttestation: { ...percentiles, maxMs: 4 },
        attestationToSettlement: { ...percentiles, maxMs: 4 },
      },
      delay: {
        ...{ settledAfterQueuing: 1, ...percentiles, maxMs: 4, valueWeightedDelayMs: rho },
        ...{ settlementDelayIndicator: rho, settlementDelayIndicatorSubmitted: rho },
      },
      indicators: {
        currencies: ['EUR', 'JPY'].map((currency) => ({
          ...{ currency, timeInQueue: percentiles, queuePeak: { payments: 1, valueMinor: '5' } },
          throughput: { halfByMs: 1, ninetyPercentByMs: 2 },
        })),
        deadlocks: { number: 1, totalMs: 5, p50Ms: 5, longestMs: 5 },
      },
    };
    const shares = compareLeaves(
      [summaryLeaves(summary as unknown as Summary, true)],
      () => null,
    ).flatMap(({ path, settledShares }) => (settledShares ? [[path, settledShares[0]]] : []));
    const times = ['p50Ms', 'p95Ms', 'p99Ms'];
    const of = (folder: string, names: readonly string[], share: number) =>
      names.map((name) => [`${folder}.${name}`, share]);
    const ofCurrency = ([code, share]: readonly [string, number]) => [
      ...of(
        'delay',
        [
          `valueWeightedDelayMs.${code}`,
          `settlementDelayIndicator.${code}`,
          `settlementDelayIndicatorSubmitted.${code}`,
        ],
        share,
      ),
      ...of(`indicators.currencies.${code}.timeInQueue`, times, share),
      ...of(`indicators.currencies.${code}.throughput`, ['halfByMs', 'ninetyPercentByMs'], share),
    ];
    assert.deepEqual(
      shares.sort(),
      [
        ...of('conditions.attestationToSettlement', [...times, 'maxMs'], 0.25),
        ...of('delay', [...times, 'maxMs'], 0.3),
        ...[['EUR', 0.4] as const, ['JPY', 0.5] as const].flatMap(ofCurrency),
      ].sort(),
    );
  });

  test('tell a change once where nothing changed', () => {
    assert.equal(changeText(one('settled', [4, 4]), 1, decimals), '4');
    assert.equal(changeText(undefined, 1, decimals), '–');
  });

  test('tell what differs, and always the settled share and the delay indicator', () => {
    const paths = (leaves: readonly (readonly [string, number, number])[]) =>
      toldFigures(
        compareLeaves(
          [1, 2].map((run) =>
            leaves.map((leaf) => ({ path: leaf[0], value: leaf[run] as number })),
          ),
          () => null,
        ),
      ).map(({ figure }) => figure.path);
    const same = [
      ['unsent', 0, 0],
      ['settled', 5, 5],
      ['settledShare', 1, 1],
      ['settledValueShare.EUR', 1, 1],
      ['delay.settlementDelayIndicator.EUR', 0.5, 0.5],
      ['rejected', 1, 2],
    ] as const;
    assert.deepEqual(paths(same), [
      'settledShare',
      'settledValueShare.EUR',
      'rejected',
      'delay.settlementDelayIndicator.EUR',
    ]);
  });

  /** With the 7 of the other account three hours of 20. */
  const LOCKED = { peakMinor: '20', lockedMinorMs: `${20 * 3 * 3_600_000 - 7}` };

  test('name every figure of conditions that is of no single attestor or bank', () => {
    const times = { chains: 2, p50Ms: 1, p95Ms: 2, p99Ms: 3, maxMs: 4 };
    const said = { accepted: 1, refused: 0, held: 0, recorded: 0, notCounted: 0 };
    const account = { participant: 'ALFADE00', earmarks: 1, peakMinor: '5', lockedMinorMs: '7' };
    const conditions = {
      chains: {
        ...{
          met: 1,
          metBySilence: 2,
          refused: 3,
          deadline: 4,
          expired: 5,
          capped: 6,
          unearmarked: 8,
          promised: 9,
          waiting: 7,
        },
      },
      earmarks: { set: 1, settled: 2, expired: 3, released: 4, standing: 5 },
      ...{ timeToLastAttestation: times, attestationToSettlement: times },
      attestations: ['ORCADE00', 'ORCBDE00'].map((attestor) => ({ attestor, ...said })),
      waitedForLast: ['ORCADE00', 'ORCBDE00'].map((attestor) => ({
        ...{ attestor, chains: 1, longestMs: 2 },
      })),
      locked: [
        ...['EUR', 'USD'].map((currency) => ({ ...account, currency })),
        { participant: 'BETADE00', currency: 'USD', earmarks: 1, ...LOCKED },
      ],
    };
    const leaves = summaryLeaves({ conditions } as unknown as Summary, true).filter(({ path }) =>
      path.startsWith('conditions.'),
    );
    const paths = leaves.map(({ path }) => path);
    assert.equal(new Set(paths).size, paths.length, 'each attestor and account has its own');
    assert.ok(paths.includes('conditions.locked.ALFADE00.USD.peakMinor'));
    assert.ok(paths.includes('conditions.attestations.ORCBDE00.accepted'));
    assert.ok(paths.includes('conditions.waitedForLast.ORCBDE00.longestMs'));
    const later = leaves.map(({ path, value }) => ({ path, value: Number(value) + 1 }));
    const currencyOf = currencyIn(new Set(['EUR', 'USD']));
    const told = toldFigures(compareLeaves([leaves, later], currencyOf));
    assert.deepEqual(
      told.map(({ figure }) => figure.path).sort(),
      paths
        .filter((path) => !/^conditions\.(attestations|waitedForLast|locked\.\w+00)\./.test(path))
        .sort(),
    );
    const lockedOf = (code: string) =>
      ['hoursMinor', 'peakMinor'].map(
        (field) => leaves.find(({ path }) => path === `conditions.locked.${code}.${field}`)?.value,
      );
    assert.deepEqual(
      [lockedOf('EUR'), lockedOf('USD')],
      [
        ['0', '5'],
        ['60', '20'],
      ],
    );
    // A run in which nothing was set aside locked nothing.
    const [hours] = compareLeaves([leaves, []], currencyOf).filter(
      ({ path }) => path === 'conditions.locked.USD.hoursMinor',
    );
    assert.deepEqual([hours?.unit, hours?.values], ['money', ['60', '0']]);
    // The tables of currencies are apart.
    const named = told.map(({ name, figure }) => `${figure.currency} ${name}`);
    assert.equal(new Set(named).size, told.length);
  });

  test('tell a fate with its date, its reason and how it settled', () => {
    const finalAtMs = Date.UTC(2026, 2, 16, 9, 30, 5);
    assert.equal(
      fateText({ fate: 'settled', reason: '', mechanism: 'queue', finalAtMs }),
      'settled 03-16 09:30:05 from the queue',
    );
    assert.equal(
      fateText({ fate: 'cancelled', reason: 'AM04', mechanism: '', finalAtMs }),
      'cancelled AM04 03-16 09:30:05',
    );
    assert.equal(
      fateText({ fate: 'notSubmitted', reason: '', mechanism: '', finalAtMs: null }),
      'not submitted',
    );
  });

  test('name runs by their last folder where that tells them apart', () => {
    assert.deepEqual(shortNames(['runs/a/', '/tmp/b']), ['a', 'b']);
    assert.deepEqual(shortNames(['x/a', 'y/a']), ['x/a', 'y/a']);
  });
});
