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

const plain = fc.string({ unit: fc.constantFrom(...'Az09-._ [{}]?:,~!#'), maxLength: 20 });
const told = fc.oneof({ weight: 9, arbitrary: plain }, anything);
const line = fc.oneof(
  { weight: 9, arbitrary: told },
  plain.map((digest) => `payload sha256 ${digest}`),
);
const bare = fc.record({
  ...{ messageId: told, createdAtMs: fc.nat(), to: told as fc.Arbitrary<Bic> },
  original: fc.record({ messageId: told, messageType: told, endToEndId: told, uetr: told }),
  status: fc.constantFrom('ACSC' as const, 'PDNG' as const),
  reason: fc.option(fc.record({ code: plain, text: line, remedy: line })),
  information: fc.oneof(...[fc.constant([]), line.map((one) => [one]), fc.array(line)]),
  detail: fc.constant(null),
  payloadDigest: fc.oneof(fc.constant(null), fc.stringMatching(/^[0-9a-f]{64}$/)),
});

test('a report is read as its document says, however the bank that wrote it spaced or escaped it', () => {
  fc.assert(
    fc.property(bare, fc.constantFrom(0, 1), (one, spaces) => {
      const written = JSON.parse(Buffer.from(writeStatusReport(one)).toString());
      const {
        OrgnlGrpInf: names,
        OrgnlUETR: uetr = null,
        StsRsnInf: [{ Rsn: reason = null, AddtlInf: lines = [] } = {}] = [],
      } = written.Document.FIToFIPmtStsRpt.TxInfAndSts[0];
      const digest = lines.find((line: string) => line.startsWith('payload sha256 '));
      const expected = {
        ...{ status: one.status, messageId: names.OrgnlMsgId, messageType: names.OrgnlMsgNmId },
        ...{ uetr, reasonCode: reason?.Cd ?? null, payloadDigest: digest?.slice(15) ?? null },
        isOfAnotherBank: false,
      };
      for (const text of [writeStatusReport(one), JSON.stringify(written, null, spaces)])
        assert.deepEqual(readStatusReport(Buffer.from(text)), expected);
    }),
  );
});

test('what differs from the form of most reports in one byte is read as its document, or refused', () => {
  const usual = {
    ...{ messageId: 'P1-1', createdAtMs: 0, to: 'ALFADE00' as Bic, status: 'ACSC' as const },
    original: { messageId: 'M', messageType: 'pacs.008.001.08', endToEndId: 'E', uetr: 'U' },
    ...{ reason: null, information: [], detail: null, payloadDigest: null },
  };
  const reason = { code: 'AM04', text: 'Waits', remedy: 'Add' };
  const waits = { ...usual, reason, information: ['Short by EUR 1.00'] };
  const outcome = (read: () => unknown) => {
    try {
      return read();
    } catch {
      return 'refused';
    }
  };
  for (const [written, at] of [usual, waits].flatMap((report) => {
    const bytes = Buffer.from(writeStatusReport(report));
    return Array.from(bytes.keys(), (place) => [bytes, place] as const);
  }))
    for (const byte of Buffer.from('"\\ x}\u00e9\u0001\u007f', 'latin1')) {
      const other = Buffer.from(written);
      other[at] = byte;
      // A space at the end has no say for JSON, and is not of the form.
      const spaced = Buffer.concat([other, Buffer.from(' ')]);
      assert.deepEqual(
        outcome(() => readStatusReport(other)),
        outcome(() => readStatusReport(spaced)),
        other.toString(),
      );
    }
  for (const [before, behind] of [
    ['x', ''],
    ['', '{}'],
    ['', '\u0001'],
  ] as const)
    assert.throws(
      () =>
        readStatusReport(Buffer.from(`${before}${Buffer.from(writeStatusReport(usual))}${behind}`)),
      SyntaxError,
    );
});
