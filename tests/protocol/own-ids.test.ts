import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reason } from '../../services/core/settlement/reasons.ts';
import { OWN_IDS, reasonOfMessage } from '../../services/protocol/messages/own-ids.ts';
import { ISO_REASONS } from '../../services/protocol/names/iso-reasons.ts';
import { atLeast } from '../support/at-least.ts';

const reasons = Object.keys(ISO_REASONS) as Exclude<Reason, 'none'>[];

test('a remedy renews the id that the message has, and a UETR where that is one', () => {
  let renewed = 0;
  for (const [type, id] of atLeast(16, Object.entries(OWN_IDS)))
    for (const reason of atLeast(40, reasons)) {
      const told = reasonOfMessage(reason, type);
      const plain = ISO_REASONS[reason];
      const isOfChains = type === 'corridor.chain.1' && /matchCancelled|unmatched/.test(reason);
      if (isOfChains) assert.match(`${told?.text}`, /legs? of the chain/);
      else if (id === 'UETR') assert.deepEqual(told, plain);
      else assert.doesNotMatch(`${told?.text} ${told?.remedy}`, /new UETR|UETR was used/, reason);
      if (!/new UETR/.test(plain.remedy)) continue;
      assert.ok(told?.remedy.includes(`new ${id}`), `${type} ${reason}: ${told?.remedy}`);
      // A line of a status, and what a camt.025 says in one.
      assert.ok((told?.remedy.length ?? 0) <= 105);
      assert.ok(`${told?.code} ${told?.text}. ${told?.remedy}`.length <= 140, `${type} ${reason}`);
      renewed += 1;
    }
  assert.ok(renewed >= 16 * 8, `${renewed}`);
});

test('a quote that comes when it is over is told of its validity, not of a settlement date', () => {
  const told = reasonOfMessage('settlementDateInvalid', 'corridor.quote.1');
  assert.equal(told?.code, 'DT01');
  assert.match(`${told?.text} ${told?.remedy}`, /validity of the quote .* ValidUntilMs/);
  assert.match(
    `${reasonOfMessage('settlementDateInvalid', 'pacs.008.001.08')?.text}`,
    /settlement date/,
  );
});

test('a second message under an id is told of that id', () => {
  const told = reasonOfMessage('duplicateIdentity', 'camt.029.001.09');
  assert.equal(told?.text, 'The Assgnmt/Id was used before for another payload');
  assert.equal(told?.remedy, 'Use a new Assgnmt/Id; the first message stands');
  assert.equal(reasonOfMessage('none', 'camt.029.001.09'), null);
});
