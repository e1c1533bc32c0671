import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { securityKind } from './payment-rows.ts';

test('which events are of security, and as what', () => {
  const kinds = [
    ['noticed', 'signatureInvalid', 'notAuthentic'],
    ['repeated', 'none', 'repeated'],
    ['rejected', 'duplicateIdentity', 'identityReused'],
    ['rejected', 'none', null],
    ['settled', 'duplicateIdentity', null],
  ] as const;
  for (const [kind, reason, expected] of kinds)
    assert.equal(securityKind({ kind, reason } as SettlementEvent), expected, `${kind} ${reason}`);
  for (const [isRevoked, expected] of [
    [false, 'keyRegistered'],
    [true, 'keyRevoked'],
  ] as const)
    assert.equal(securityKind({ kind: 'keyChanged', isRevoked } as SettlementEvent), expected);
});
