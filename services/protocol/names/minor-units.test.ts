import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountText, INT64_MAX, minorUnits, parseRate, rateText } from './minor-units.ts';

test('amounts become minor units exactly, excess decimals are refused and never rounded', () => {
  const rows: [string, number, bigint | string][] = [
    ['12.50', 2, 1250n],
    ['12.5', 2, 1250n],
    ['12', 2, 1200n],
    ['0.001', 3, 1n],
    ['999999999999999999', 0, 999999999999999999n],
    ['90071992547409.93', 2, 9007199254740993n],
    ['12.500', 2, 'decimalsExcess'],
    ['1.0', 0, 'decimalsExcess'],
    ['999999999999999999', 2, 'amountTooLarge'],
    ['92233720368547758.07', 2, INT64_MAX],
    ['9223372036854775807', 0, INT64_MAX],
    ['9223372036854775808', 0, 'amountTooLarge'],
    ['92233720368547758.08', 2, 'amountTooLarge'],
  ];
  for (const [text, decimals, expected] of rows) assert.equal(minorUnits(text, decimals), expected);
});

test('minor units are written with exactly the decimals of the currency', () => {
  assert.equal(amountText(1250n, 2), '12.50');
  assert.equal(amountText(5n, 3), '0.005');
  assert.equal(amountText(-5n, 2), '-0.05');
  assert.equal(amountText(700n, 0), '700');
});

test('rates keep their value and lose their trailing zeros', () => {
  assert.deepEqual(parseRate('7.91540'), { mantissa: 79154n, scale: 4 });
  assert.equal(rateText({ mantissa: 79154n, scale: 4 }), '7.9154');
  assert.equal(parseRate('0.000'), null);
  assert.equal(parseRate('99999999999.9999999999'), null);
});
