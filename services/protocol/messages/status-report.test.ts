import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Bic } from '../names/bic-and-uetr.ts';
import { ISO_REASONS } from '../names/iso-reasons.ts';
import { readStatusReport, type StatusReport, writeStatusReport } from './status-report.ts';

/** The report as an object, for JSON.stringify: what the text must equal to the byte. */
function asObject(report: StatusReport) {
  const { original, reason, information, detail, payloadDigest } = report;
  const additional = [
    ...(reason ? [reason.text, reason.remedy] : []),
    ...information,
    ...(detail ?? []),
    ...(payloadDigest ? [`payload sha256 ${payloadDigest}`] : []),
  ];
  const about = original && {
    OrgnlGrpInf: { OrgnlMsgId: original.messageId, OrgnlMsgNmId: original.messageType },
    ...(original.endToEndId && { OrgnlEndToEndId: original.endToEndId }),
    ...(original.uetr && { OrgnlUETR: original.uetr }),
  };
  const status = {
    ...about,
    TxSts: report.status,
    ...(additional.length > 0 && {
      StsRsnInf: [{ ...(reason && { Rsn: { Cd: reason.code } }), AddtlInf: additional }],
    }),
    InstdAgt: { FinInstnId: { BICFI: report.to } },
  };
  const head = { MsgId: report.messageId, CreDtTm: new Date(report.createdAtMs).toISOString() };
  return { Document: { FIToFIPmtStsRpt: { GrpHdr: head, TxInfAndSts: [status] } } };
}

const anything = fc.string({ unit: 'binary', maxLength: 130 });
const original = fc.record({
  messageId: anything,
  messageType: anything,
  endToEndId: fc.option(anything),
  uetr: fc.option(anything),
});
const report: fc.Arbitrary<StatusReport> = fc.record({
  messageId: anything,
  createdAtMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  to: fc.constantFrom('ALFADE00' as Bic, 'BETASG00XXX' as Bic),
  original: fc.option(original),
  status: fc.constantFrom('PDNG', 'ACSP', 'ACSC', 'RJCT', 'CANC'),
  reason: fc.option(fc.constantFrom(...Object.values(ISO_REASONS))),
  information: fc.array(anything, { maxLength: 2 }),
  detail: fc.option(fc.array(anything, { maxLength: 5 })),
  payloadDigest: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)),
});

test('a report is the JSON of its document, to the byte, whatever stands in it', () => {
  fc.assert(
    fc.property(report, (one) => {
      const bytes = writeStatusReport(one);
      assert.equal(Buffer.from(bytes).toString(), JSON.stringify(asObject(one)));
      assert.equal(readStatusReport(bytes)?.status, one.status);
    }),
  );
});
