import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUetr, uetrBytes, uetrFromBytes } from './names/identifiers.ts';
import {
  InputLogFault,
  InputLogReader,
  writeInputFrame,
  writeInputLogHeader,
  writeInputLogTrailer,
} from './records/input-log-file.ts';
import { layOutVerified, readInputRecord, writeControl } from './records/input-record.ts';
import { type VerifiedRecord, writeVerifiedRecord } from './records/verified-record.ts';

const uetr = '8a562c67-ca16-48ba-b074-65581be6f001';

const record: VerifiedRecord = {
  kind: 'payment',
  messageType: 1,
  reason: 0,
  appendedAtMs: 1773651600123,
  issuedAtMs: 1773651600000,
  id: isUetr(uetr) ? uetrBytes(uetr) : new Uint8Array(),
  payloadDigest: new Uint8Array(32).fill(7),
  publicKey: new Uint8Array(32).fill(9),
  sender: 'BANKDEF0XXX',
  debtorAgent: 'BANKDEF0XXX',
  creditorAgent: 'BANKCNB0',
  dealer: 'DEALSGS0',
  currency1: 'EUR',
  currency2: 'CNY',
  amount1: (1n << 63n) - 1n,
  amount2: 5n,
  rateMantissa: 79154n,
  rateScale: 4,
  priority: 'high',
  settlementDate: 20528,
  earliest: 2 ** 24 - 1,
  latest: 1,
  target: null,
  targetType: 0,
  move: 'end',
  partition: 3,
  logOffset: 2 ** 40,
  payloadOmitted: false,
};

test('a verified input record gives back the record and the original to the byte', () => {
  const original = {
    headers: { ce_id: uetr, ce_source: 'BANKDEF0XXX' },
    payload: Buffer.from('{"ü":1}'),
  };
  const value = layOutVerified(original);
  writeVerifiedRecord(record, value);
  const read = readInputRecord(value);
  assert.ok(read.form === 'verified');
  assert.deepEqual(
    {
      ...read.verified,
      id: [...read.verified.id],
      payloadDigest: [...read.verified.payloadDigest],
      publicKey: [...read.verified.publicKey],
    },
    {
      ...record,
      id: [...record.id],
      payloadDigest: [...record.payloadDigest],
      publicKey: [...record.publicKey],
    },
  );
  assert.deepEqual(read.original.headers, original.headers);
  assert.equal(Buffer.from(read.original.payload).toString(), '{"ü":1}');
});

/** Each row: what a kind carries beside the fields that all have. */
const empty: VerifiedRecord = {
  ...record,
  creditorAgent: '',
  dealer: '',
  currency1: '',
  currency2: '',
  amount1: 0n,
  amount2: 0n,
  rateMantissa: 0n,
  rateScale: 0,
};
const kinds: VerifiedRecord[] = [
  { ...empty, kind: 'pvpLeg', currency1: 'EUR', currency2: 'USD', amount1: 7n, rateMantissa: -5n },
  { ...empty, kind: 'pvpLeg', currency1: 'XS0000000009', currency2: 'USD', amount2: 9n },
  { ...empty, kind: 'pvpLeg', currency1: 'USD', currency2: 'XS0000000009' },
  { ...empty, kind: 'cancellation', target: new Uint8Array(16).fill(255), targetType: 3 },
  {
    ...empty,
    kind: 'reordering',
    target: new Uint8Array(16).fill(1),
    targetType: 4,
    move: 'front',
  },
  { ...empty, kind: 'limit', creditorAgent: 'BANKCNB0', currency1: 'EUR', amount1: -1n },
  { ...empty, kind: 'reservation', currency1: 'EUR', amount1: 5n, priority: 'urgent' },
  { ...empty, kind: 'notice', publicKey: new Uint8Array(32), payloadOmitted: true },
];
for (const [row, written] of kinds.entries())
  test(`a verified record of each kind is read as written: ${row} ${written.kind}`, () => {
    const value = layOutVerified({ headers: {}, payload: new Uint8Array() });
    writeVerifiedRecord(written, value);
    const read = readInputRecord(value);
    assert.ok(read.form === 'verified');
    const plain = (verified: VerifiedRecord) => ({
      ...verified,
      id: [...verified.id],
      payloadDigest: [...verified.payloadDigest],
      publicKey: [...verified.publicKey],
      target: verified.target && [...verified.target],
    });
    assert.deepEqual(plain(read.verified), plain(written));
  });

test('a record of another version is refused', () => {
  const value = layOutVerified({ headers: {}, payload: new Uint8Array() });
  writeVerifiedRecord(record, value);
  value[0] = 1;
  assert.throws(() => readInputRecord(value), /version 1/);
});

test('UETRs survive their 16 bytes, other bytes are no UETR', () => {
  assert.ok(isUetr(uetr));
  assert.equal(uetrFromBytes(uetrBytes(uetr)), uetr);
  assert.equal(uetrFromBytes(new Uint8Array(16)), null);
  // Every version and variant, against the pattern.
  const bytes = uetrBytes(uetr);
  for (let version = 0; version < 256; version++)
    for (const variant of [0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff]) {
      bytes[6] = version;
      bytes[8] = variant;
      const hex = Buffer.from(bytes).toString('hex');
      const text = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      assert.equal(uetrFromBytes(bytes), isUetr(text) ? text : null);
    }
});

const header = {
  scenario: 's',
  seed: 1,
  version: '1',
  network: 'n',
  signatures: true,
  pools: ['a', 'b'],
};
const values = [
  [0, writeControl({ kind: 'tick', timeMs: 1 })],
  [1, writeControl({ kind: 'tick', timeMs: 2 })],
] as const;
const file = Buffer.concat([
  writeInputLogHeader(header),
  ...values.flatMap(([pool, value]) => writeInputFrame(pool, value)),
  ...writeInputLogTrailer({ records: [1, 1], eventsHash: 'h' }),
]);

function readPieces(bytes: Uint8Array, pieceBytes: number): unknown[] {
  const seen: unknown[] = [];
  const reader = new InputLogReader({
    header: (read) => seen.push(read),
    record: (pool, value) => seen.push([pool, Buffer.from(value).toString()]),
    trailer: (read) => seen.push(read),
  });
  for (let at = 0; at < bytes.length; at += pieceBytes)
    reader.push(bytes.subarray(at, at + pieceBytes));
  reader.end();
  return seen;
}

test('an input log is read in pieces of any size', () => {
  const expected = [
    header,
    ...values.map(([pool, value]) => [pool, Buffer.from(value).toString()]),
    { records: [1, 1], eventsHash: 'h' },
  ];
  for (const pieceBytes of [1, 2, 7, 64, file.length])
    assert.deepEqual(readPieces(file, pieceBytes), expected);
});

test('a torn or foreign input log is refused', () => {
  for (let length = 0; length < file.length; length++)
    assert.throws(() => readPieces(file.subarray(0, length), 50), InputLogFault);
  assert.throws(() => readPieces(Buffer.from('something else\n'), 50), /no input log/);
  const later = Buffer.from('CORRIDOR-INPUT-30\n{}\n');
  assert.throws(() => readPieces(later, 50), /its format is 30, this version reads 1: use the/);
  assert.throws(() => readPieces(Buffer.concat([file, file]), 1e6), InputLogFault);
});

test('a header, trailer or rest that no run writes is refused', () => {
  const rewrite = (from: string, to: string) => {
    const text = file.toString('latin1');
    assert.ok(text.includes(from));
    return Buffer.from(text.replace(from, to), 'latin1');
  };
  assert.throws(() => readPieces(Buffer.from('CORRIDOR-INPUT-1\nnull\n'), 50), /its header is not/);
  assert.throws(() => readPieces(Buffer.from('CORRIDOR-INPUT-1\n{\n'), 50), /header is not JSON/);
  assert.throws(() => readPieces(rewrite('"records"', '"rucords"'), 50), /its trailer is not/);
  assert.throws(
    () => readPieces(Buffer.concat([file, Buffer.from('xx')]), 50),
    /after its trailer/,
  );
});
