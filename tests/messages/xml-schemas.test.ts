import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atLeast } from '../support/at-least.ts';
import { needsFixtures } from '../support/needs-fixtures.ts';
import { writtenMessages } from './xml-mutants.ts';
import { judgeMutants, productFault, xsdFault } from './xsd-judge.ts';

/** The product and the schemas of ISO 20022, on the same messages. More of them: xml-schemas.system.test.ts. */
test('what the product writes is taken by the schemas, but for camt.007', {
  skip: needsFixtures,
}, () => {
  for (const message of atLeast(8, writtenMessages())) {
    assert.equal(productFault(message, message.xml), null);
    const fault = xsdFault(message.type, message.xml);
    // The standard's PmtId has no UETR by itself, and an envelope one element.
    if (message.type === 'camt.007.001.08') assert.match(fault ?? '', /UETR.*PrtryId/);
    else assert.equal(fault, null, message.type);
  }
});

test('what is changed in a message is judged as the schemas do, or differs for a known reason', {
  skip: needsFixtures,
}, () => {
  const messages = writtenMessages().filter(({ type }) => type !== 'camt.007.001.08');
  const tally = judgeMutants(messages, 400, 1);
  assert.ok((tally.get('taken by both') ?? 0) > 40, JSON.stringify([...tally]));
  assert.ok((tally.get('refused by both') ?? 0) > 200, JSON.stringify([...tally]));
});
