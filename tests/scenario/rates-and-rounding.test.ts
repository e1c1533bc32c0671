import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Exact, rateText } from '../../services/protocol/names/minor-units.ts';
import {
  convertMinor,
  planQuotes,
  quoteRate,
  referenceRate,
} from '../../services/scenario/rates-and-rounding.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

const rates = {
  base: 'EUR',
  perBase: { USD: '1.1478', SGD: '1.4676' },
  pairs: { 'SGD/THB': '25.3' },
};
const text = (rate: ReturnType<typeof referenceRate>) =>
  typeof rate === 'string' ? rate : rate.toSignificantDigits(12).toFixed();

describe('reference rates', () => {
  const rows: [string, string, string, string][] = [
    ['from the base', 'EUR', 'USD', '1.1478'],
    ['to the base, 1 / 1.1478', 'USD', 'EUR', '0.871231921938'],
    ['crossed, 1.4676 / 1.1478', 'USD', 'SGD', '1.27861996864'],
    ['of a pair', 'SGD', 'THB', '25.3'],
    ['of the inverse pair, 1 / 25.3', 'THB', 'SGD', '0.0395256916996'],
    ['missing', 'USD', 'CNY', 'CNY'],
    ['missing on the other side', 'CNY', 'USD', 'CNY'],
  ];
  for (const [what, from, to, expected] of rows)
    test(`${what}: ${from}/${to}`, () => {
      assert.equal(text(referenceRate(rates, from, to)), expected);
    });
});

describe('quotes', () => {
  const rows: [string, string, number, number, string][] = [
    ['no spread, no zeros at the end', '1.14780', 0, 8, '1.1478'],
    ['5 basis points less', '1.4676', 5, 8, '1.4668662'],
    ['half to even, down', '1.00000025', 0, 8, '1.0000002'],
    ['half to even, up', '1.00000035', 0, 8, '1.0000004'],
    ['at most 10 decimals', '0.000123456789', 0, 8, '0.0001234568'],
    ['large rates lose digits before the point', '123456', 0, 3, '123000'],
    ['nothing left', '0.00000000001', 0, 8, '0'],
  ];
  for (const [what, reference, spread, digits, expected] of rows)
    test(what, () => {
      assert.equal(rateText(quoteRate(new Exact(reference), spread, digits)), expected);
    });

  test('are renewed until the pair closes, each valid until the next', () => {
    const scenario = loadText(TEST_YAML, ['quotes.DDDDJP00.validMinutes=180']);
    const hour = (ms: number) => new Date(ms).toISOString().slice(11, 16);
    const planned = planQuotes(scenario);
    assert.deepEqual(
      planned.map(({ atMs, validUntilMs, quote }) => [quote.from, hour(atMs), hour(validUntilMs)]),
      [
        [0, '08:00', '11:00'],
        [1, '08:00', '11:00'],
        [0, '11:00', '14:00'],
        [1, '11:00', '14:00'],
        [0, '14:00', '15:00'],
        [1, '14:00', '15:00'],
      ],
    );
    assert.equal(new Set(planned.map(({ id }) => id)).size, 6);
  });

  test('wait for the end of an outage of the dealer, or lapse', () => {
    const outage = 'events.outages=[{ participant: DDDDJP00, from: "10:00", until: "14:30" }]';
    const scenario = loadText(TEST_YAML, ['quotes.DDDDJP00.validMinutes=180', outage]);
    const sent = planQuotes(scenario).map(({ atMs }) => new Date(atMs).toISOString().slice(11, 16));
    assert.deepEqual(sent, ['08:00', '08:00', '14:30', '14:30']);
  });
});

describe('amounts through a rate', () => {
  const rows: [string, bigint, string, number, number, bigint][] = [
    ['cents to yen', 1050n, '160.5', 2, 0, 1685n],
    ['yen to cents', 1685n, '0.00623', 0, 2, 1050n],
    ['a half to even, down', 1n, '2.5', 2, 2, 2n],
    ['a half to even, up', 3n, '0.5', 2, 2, 2n],
    ['cents to fils', 100n, '0.3', 2, 3, 300n],
    [
      'more than 64 bits between',
      900_000_000_000_000_000n,
      '1.23456789',
      2,
      2,
      1111111101000000000n,
    ],
  ];
  for (const [what, minor, decimal, from, to, expected] of rows)
    test(what, () => {
      const rate = quoteRate(new Exact(decimal), 0, 10);
      assert.equal(convertMinor(minor, rate, from, to), expected);
    });

  test('round half a unit as the dealer says, and nothing else', () => {
    const half = { mantissa: 5n, scale: 1 };
    const roundings = ['half-even', 'half-up', 'half-down'] as const;
    const rounded = (minor: bigint) => roundings.map((r) => convertMinor(minor, half, 2, 2, r));
    assert.deepEqual(rounded(1n), [0n, 1n, 0n]);
    assert.deepEqual(rounded(3n), [2n, 2n, 1n]);
    assert.deepEqual(rounded(4n), [2n, 2n, 2n]);
    const more = { mantissa: 51n, scale: 2 };
    assert.equal(convertMinor(1n, more, 2, 2, 'half-down'), 1n);
  });

  test('a dealer rounds its pairs as its entry says', () => {
    const quotes = (...set: string[]) => loadText(TEST_YAML, set).quotes.map((q) => q.rounding);
    assert.deepEqual(quotes(), ['half-even', 'half-even']);
    assert.deepEqual(quotes('quotes.DDDDJP00.rounding=half-up'), ['half-up', 'half-up']);
  });

  test('agree with decimals of 60 digits', () => {
    const amount = fc.bigInt({ min: 1n, max: 2n ** 62n });
    const mantissa = fc.bigInt({ min: 1n, max: 10n ** 10n });
    const scale = fc.integer({ min: 0, max: 10 });
    const units = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(amount, mantissa, scale, units, units, (minor, digits, places, from, to) => {
        const major = new Exact(minor.toString()).div(new Exact(10).pow(from));
        const rate = new Exact(digits.toString()).div(new Exact(10).pow(places));
        const expected = major.mul(rate).mul(new Exact(10).pow(to)).toFixed(0);
        const rounded = convertMinor(minor, { mantissa: digits, scale: places }, from, to);
        assert.equal(rounded.toString(), expected);
      }),
    );
  });
});
