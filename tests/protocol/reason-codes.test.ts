import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REASONS } from '../../services/core/settlement/reasons.ts';
import {
  HELD_UP_REASONS,
  ISO_REASONS,
  isoReason,
} from '../../services/protocol/names/iso-reasons.ts';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';

/** ExternalPaymentCancellationRejection1Code: in answers to a cancellation alone. */
const CANCELLATION_ALONE = ['NOAS', 'ARDT', 'NOOR'];

test('every reason has a code of four characters, a text and what to do', () => {
  for (const reason of atLeast(40, REASONS)) {
    if (reason === null || reason === 'none') continue;
    const { code, text, remedy } = ISO_REASONS[reason];
    assert.match(code, /^[A-Z0-9]{4}$/, reason);
    for (const line of [text, remedy]) {
      assert.ok(line.length > 8 && line.length <= 105, `${reason}: AddtlInf is Max105Text`);
      assert.ok(!/[.;]$/.test(line), reason);
    }
  }
  assert.equal(isoReason('none'), null);
});

test('every code is one of ISO 20022’s status reasons', {
  skip: needsFixtures,
}, () => {
  const file = fixture('data/reference/iso20022-status-reasons.json');
  const { codes } = JSON.parse(readFileSync(file, 'utf8'));
  const used = [...Object.values(ISO_REASONS), ...Object.values(HELD_UP_REASONS)];
  for (const { code, text } of atLeast(40, used))
    if (!CANCELLATION_ALONE.includes(code)) assert.ok(codes[code], `${code}: ${text}`);
});
