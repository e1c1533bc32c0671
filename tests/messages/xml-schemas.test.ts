import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inXml } from '../../services/notifier/told-as-xml.ts';
import { BUSINESS_HEADER } from '../../services/protocol/messages/business-header.ts';
import {
  RECEIPT,
  RESOLUTION,
  writeReceipt,
  writeResolution,
} from '../../services/protocol/messages/resolution-and-receipt.ts';
import {
  STATUS_REPORT,
  writeStatusReport,
} from '../../services/protocol/messages/status-report.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { ISO_REASONS, WAIT_REASONS } from '../../services/protocol/names/iso-reasons.ts';
import { atLeast } from '../support/at-least.ts';
import { needsFixtures } from '../support/needs-fixtures.ts';
import { documentIn, type GoodMessage, writtenMessages } from './xml-mutants.ts';
import { judgeMutants, productFault, xsdFault } from './xsd-judge.ts';

/** The product and the schemas of ISO 20022, on the same messages. More of them: xml-schemas.system.test.ts. */
test('what the product writes is taken by the schemas, but for camt.007', {
  skip: needsFixtures,
}, () => {
  for (const message of atLeast(18, writtenMessages())) {
    assert.equal(productFault(message, message.xml), null);
    const fault = xsdFault(message.type, message.xml);
    // The standard's PmtId has no UETR by itself, and an envelope one element.
    if (message.type === 'camt.007.001.08') assert.match(fault ?? '', /UETR.*PrtryId/);
    else assert.equal(fault, null, message.type);
  }
});

test('what a bank is told in XML, and its header, is taken by the schemas', {
  skip: needsFixtures,
}, () => {
  const [about] = writtenMessages() as [GoodMessage];
  const { id, sender } = about.names;
  const told = { messageId: 'main-1', createdAtMs: 0, from: 'test-1', to: sender as Bic };
  const original = { messageId: 'M-1', messageType: about.type, endToEndId: 'E-1', uetr: id };
  const why = { reason: ISO_REASONS.formatInvalid, detail: ['/Document: "<&>\u0000"'] };
  const report = { ...told, ...why, original, status: 'RJCT' as const, information: ['Waits'] };
  const notice = { ...report, original: null, payloadDigest: 'ab'.repeat(32) };
  const answer = { ...told, requestId: 'R-1', requestType: 'camt.056.001.08' };
  const done = { reason: null, detail: null };
  const waits = { reason: WAIT_REASONS.behind, status: 'PDNG' as const };
  const credited = { status: 'ACCC' as const, information: ['Not returned: EUR 1.00'] };
  const rows: readonly (readonly [string, Uint8Array])[] = [
    [STATUS_REPORT, writeStatusReport({ ...report, payloadDigest: null })],
    [STATUS_REPORT, writeStatusReport(notice)],
    [STATUS_REPORT, writeStatusReport({ ...report, ...waits, payloadDigest: null })],
    [STATUS_REPORT, writeStatusReport({ ...report, ...done, ...credited, payloadDigest: null })],
    [RESOLUTION, writeResolution({ ...answer, ...done }, id as Uetr, true)],
    [RESOLUTION, writeResolution({ ...answer, ...why }, id as Uetr)],
    [RESOLUTION, writeResolution({ ...answer, ...done }, null)],
    [RECEIPT, writeReceipt({ ...answer, ...why })],
    [RECEIPT, writeReceipt({ ...answer, ...done })],
  ];
  for (const [type, value] of atLeast(9, rows)) {
    const headers = { ce_type: type, ce_id: 'main-1' };
    const { value: xml } = inXml({ key: null, value, headers, timestampMs: 0 }, 'test-1', told.to);
    const [header = ''] = /<AppHdr.*<\/AppHdr>/s.exec(Buffer.from(xml).toString()) ?? [];
    assert.equal(xsdFault(BUSINESS_HEADER, header), null, header);
    const document = documentIn(Buffer.from(xml).toString());
    assert.equal(xsdFault(type, document), null, document);
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
