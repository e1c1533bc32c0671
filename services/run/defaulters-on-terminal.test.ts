import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLines } from './defaulters-on-terminal.ts';

type Told = Parameters<typeof defaultLines>[0];
type Default = Told['summary']['defaults'][number];

const none = { payments: 0, valueMinor: '0' };
const one: Default = {
  ...{ participant: 'EPSIDE00', currency: 'EUR', atMs: Date.UTC(2026, 2, 16, 10) },
  ...{ cycle: 1, shortfallMinor: '28650357' },
  borneBy: ['1', '400', '30', '2'].map((amountMinor, index) => ({
    ...{ participant: `BANK${index}`, how: 'unwound' as const, amountMinor },
  })),
  ...{ unwound: { payments: 1, valueMinor: '9' }, rejected: none },
  cancelled: { payments: 1200, valueMinor: '9' },
};
const lines = (defaults: readonly Default[], uncapped: Told['summary']['uncapped'] = {}) => {
  const summary = { defaults, uncapped } as Told['summary'];
  const scenario = { currencies: [{ code: 'EUR', minorUnits: 2 }] } as unknown as Told['scenario'];
  return defaultLines({ summary, scenario }).split('\n');
};

test('who defaulted is told with when, the shortfall, who bore the most, and what it ended', () => {
  assert.deepEqual(lines([one]), [
    '1 account defaulted; the delay indicator counts what that unwound or cancelled until then, and nothing of what it rejected',
    '  03-16 10:00 UTC EPSIDE00 EUR 286,503.57 short in cycle 1; borne by BANK1 EUR 4.00, BANK2 EUR 0.30, BANK3 EUR 0.02 and 1 more; 1 payment unwound, 1,200 payments cancelled',
    '',
  ]);
  const [, by] = lines([{ ...one, cycle: null, borneBy: [], unwound: none, cancelled: none }]);
  assert.match(by ?? '', /short outside a cycle; borne by nobody$/);
});

test('a default without a net debit is told as that, not as a shortfall of nothing', () => {
  const told = (more: Partial<Default>) =>
    lines([{ ...one, cycle: null, shortfallMinor: '0', borneBy: [], ...more }])[1];
  const cancelled = { payments: 3, valueMinor: '9' };
  assert.equal(
    told({ unwound: none, cancelled }),
    '  03-16 10:00 UTC EPSIDE00 EUR in default with no net debit outside a cycle; 3 payments cancelled',
  );
  // What it owed to one and was owed by another was even: who was not paid is told all the same.
  assert.match(
    told({ borneBy: one.borneBy.slice(0, 1) }) ?? '',
    /outside a cycle; borne by BANK0 EUR 0\.01: what it was to pay them, net, whatever it had or others owed it; 1 payment unwound/,
  );
});

test('why more is borne than was short is told, and nothing where it is as much', () => {
  const borne = (shortfallMinor: string) => lines([{ ...one, shortfallMinor }])[1] ?? '';
  assert.match(
    borne('432'),
    / and 1 more: what it was to pay them, net, whatever it had or others owed it; /,
  );
  assert.match(borne('433'), / and 1 more; 1 payment unwound/);
});

test('nets that no cap bounds are told, and nothing where there are none', () => {
  assert.deepEqual(lines([], { EUR: 0 }), ['']);
  assert.deepEqual(lines([], { EUR: 1, USD: 6, CNY: 0 }), [
    'without a net debit cap: 1 account in EUR, 6 accounts in USD; what they may owe has no bound',
    '',
  ]);
});

test('of many the first twenty are named', () => {
  const told = lines(Array.from({ length: 23 }, () => one));
  assert.equal(told.length, 1 + 20 + 1 + 1);
  assert.equal(told[21], '  and 3 more: summary.json has all');
});
