import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMAND_SCHEMAS } from '../protocol/records/control-record.ts';
import { commandFrom } from './command-from-words.ts';

test('a command that is refused names the member, what it has, and what it takes in words', () => {
  const digits =
    'minor units as text: up to 19 decimal digits, without sign, point or a 0 before them';
  const cases: [string, string[], string][] = [
    [
      'creditLine',
      ['bic=ALFADE00', 'currency=EUR', 'amountMinor=1e5'],
      `creditLine: command/amountMinor: expected ${digits}, found "1e5"`,
    ],
    [
      'issue',
      ['bic=ALFADE0', 'currency=EUR', 'amountMinor=5'],
      'issue: command/bic: expected a BIC of 8 or 11 characters, in capitals, found "ALFADE0"',
    ],
    [
      'close',
      ['currency=eur', 'date=2026-12-01'],
      'close: command/currency: expected a currency, as EUR (ISO 4217), or an ISIN, found "eur"',
    ],
    [
      'close',
      ['currency=EUR', 'date=1.12.2026'],
      'close: command/date: expected a date, as 2026-12-31, found "1.12.2026"',
    ],
    [
      'open',
      ['currency=EUR', 'date=2026-12-01', 'closesAtMs=noon'],
      'open: command/closesAtMs: expected ms since 1970, as a number, found "noon"',
    ],
    ['close', ['currency=EUR'], 'close: command: expected an object with date'],
    [
      'collateral',
      ['bic=ALFADE00', 'currency=EUR', 'collateralMinor=5', 'haircutBasisPoints=10001'],
      'collateral: command/haircutBasisPoints: expected <= 10000, found 10001',
    ],
  ];
  for (const [kind, members, message] of cases)
    assert.throws(() => commandFrom('main', kind, members), { name: 'BadInput', message });
});

test('whatever of a command has a pattern says it in words', () => {
  const silent: string[] = [];
  const look = (schema: object, path: string): void => {
    if ('pattern' in schema && !('title' in schema)) silent.push(path);
    for (const [name, part] of Object.entries(schema))
      if (typeof part === 'object' && part !== null) look(part, `${path}/${name}`);
  };
  look(COMMAND_SCHEMAS, '');
  assert.deepEqual(silent, []);
});
