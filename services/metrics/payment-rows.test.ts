import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventView } from '../core/settlement/event-reader.ts';
import { securityKind, tradeCorridor } from './payment-rows.ts';

test('which events are of security, and as what', () => {
  const kinds = [
    ['noticed', 'signatureInvalid', 'notAuthentic'],
    ['repeated', 'none', 'repeated'],
    ['rejected', 'duplicateIdentity', 'identityReused'],
    ['rejected', 'none', null],
    ['keyChanged', 'none', 'keyRegistered'],
    ['keyChanged', 'keyRevoked', 'keyRevoked'],
    ['settled', 'duplicateIdentity', null],
  ] as const;
  for (const [kind, reason, expected] of kinds)
    assert.equal(securityKind({ kind, reason } as EventView), expected, `${kind} ${reason}`);
});

test('a trade’s corridor is the same whoever instructs first', () => {
  assert.equal(tradeCorridor('EUR', 'CHF'), 'CHF/EUR');
  assert.equal(tradeCorridor('CHF', 'EUR'), 'CHF/EUR');
  assert.equal(tradeCorridor('EUR', null), 'EUR/?');
});
