import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUetr, uetrBytes, uetrFromBytes } from './names/bic-and-uetr.ts';
import { envelopeHeaders } from './names/message-headers.ts';
import {
  InputLogFault,
  InputLogReader,
  writeInputFrames,
  writeInputLogHeader,
  writeInputLogTrailer,
} from './records/input-log-file.ts';
import {
  layOutVerified,
  readContentAs,
  readOriginal,
  readVerified,
  verifiedIn,
  writeControl,
} from './records/input-record.ts';
import type { Said, VerifiedBody } from './records/verified-content.ts';
import {
  appendedAtMsOf,
  type VerifiedHead,
  writeVerifiedRecord,
} from './records/verified-record.ts';
import { MESSAGE_RULES_VERSION } from './rules/message-rules.ts';

const uetr = '8a562c67-ca16-48ba-b074-65581be6f001';

const head: VerifiedHead = {
  messageType: 1,
  reason: 0xffff,
  appendedAtMs: 1773651600123,
  issuedAtMs: -1,
  id: isUetr(uetr) ? uetrBytes(uetr) : new Uint8Array(),
  payloadDigest: new Uint8Array(32).fill(7),
  publicKey: new Uint8Array(32).fill(9),
  sender: 'BANKDEF0XXX',
  partition: 2 ** 32 - 1,
  logOffset: 2 ** 53 - 1,
  payloadOmitted: false,
};
const [MOST, LEAST] = [(1n << 63n) - 1n, -(1n << 63n)];
const terms = {
  debtorAgent: 'BANKDEF0XXX',
  creditorAgent: 'BANKCNB0',
  currency1: 'EUR',
  amount1: MOST,
  amount2: LEAST,
  priority: 'high',
  settlementDate: 2 ** 32 - 1,
  earliest: 2 ** 24 - 1,
  latest: 1,
} as const;
const payment: VerifiedBody = {
  kind: 'payment',
  content: {
    ...{ ...terms, dealer: 'DEALSGS0XXX', currency2: 'CNY' },
    ...{ rateMantissa: MOST, rateScale: 255 },
  },
};
const reordering: Said = {
  kind: 'reordering',
  content: { target: new Uint8Array(16).fill(1), targetType: 4, priority: 'urgent', move: 'front' },
};

function written(body: VerifiedBody, of: VerifiedHead = head): Buffer {
  const value = layOutVerified({ headers: {}, payload: new Uint8Array() });
  value.fill(0xaa, 0, 208);
  writeVerifiedRecord(of, body, value);
  return value;
}

/** Byte arrays of any kind as plain ones. */
const plain = (record: object): unknown =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      if (value instanceof Uint8Array) return [name, [...value]];
      return [name, typeof value === 'object' && value !== null ? plain(value) : value];
    }),
  );

test('a verified input record gives back the record and the original to the byte', () => {
  const original = {
    headers: { ce_id: uetr, ce_source: 'BANKDEF0XXX' },
    payload: Buffer.from('{"ü":1}'),
  };
  const value = layOutVerified(original);
  writeVerifiedRecord(head, payment, value);
  const { headers, payload } = readOriginal(value);
  assert.deepEqual(plain(readVerified(value)), plain({ ...head, ...payment }));
  assert.deepEqual(headers, original.headers);
  assert.equal(Buffer.from(payload).toString(), '{"ü":1}');
});

test('an original’s headers are read as they came, whatever stands in them and in whichever order', () => {
  const usual = envelopeHeaders({
    ...{ id: uetr, sender: 'BANKDEF0XXX', messageType: 'pacs.008.001.08', keyId: 'key-1' },
    ...{ issuedAtMs: 1773651600123, signature: new Uint8Array(64).fill(5) },
  });
  const others = fc.array(fc.tuple(fc.string(), fc.string({ unit: 'binary' })), { maxLength: 2 });
  const orders = fc.constantFrom('as they are', 'reversed', 'one less');
  fc.assert(
    fc.property(
      others,
      orders,
      fc.nat(8),
      fc.string({ unit: 'binary' }),
      (more, order, at, text) => {
        const all = Object.entries(usual);
        // Of the usual ones each may say anything.
        if (text !== '') (all[at] as [string, string])[1] = text;
        if (order === 'reversed') all.reverse();
        if (order === 'one less') all.splice(at, 1);
        const headers: Record<string, string> = Object.fromEntries([...all, ...more]);
        const value = layOutVerified({ headers, payload: Buffer.from('{}') });
        const read = readOriginal(value);
        assert.deepEqual(Object.entries(read.headers), Object.entries(headers));
        assert.equal(Buffer.from(read.payload).toString(), '{}');
      },
    ),
  );
  const names = Object.entries(usual).map(([name]) => [name, name]);
  const named = layOutVerified({ headers: Object.fromEntries(names), payload: Buffer.from('{}') });
  assert.deepEqual(Object.entries(readOriginal(named).headers), names);
});

test('a name that is longer than its place is cut, and touches nothing beside it', () => {
  const long = { ...head, sender: 'A'.repeat(64) };
  const read = readVerified(written(payment, long));
  assert.deepEqual(plain(read), plain({ ...head, sender: 'A'.repeat(12), ...payment }));
});

type Field = ['u8' | 'u16' | 'u24' | 'u32' | 'i64' | 'ascii12' | 'ascii4', number, unknown];
const text = (bytes: Buffer, at: number, length: number) =>
  bytes.toString('latin1', at, at + length).replace(/\0*$/, '');

/** What lies where, by literal offsets; bytes that no field names are zeros. */
function expectBytes(bytes: Buffer, fields: readonly Field[]): void {
  const named = new Set<number>();
  for (const [type, at, expected] of fields) {
    const [length, found] = {
      u8: () => [1, bytes[at]] as const,
      u16: () => [2, bytes.readUInt16LE(at)] as const,
      u24: () => [3, bytes.readUIntLE(at, 3)] as const,
      u32: () => [4, bytes.readUInt32LE(at)] as const,
      i64: () => [8, bytes.readBigInt64LE(at)] as const,
      ascii12: () => [12, text(bytes, at, 12)] as const,
      ascii4: () => [4, text(bytes, at, 4)] as const,
    }[type]();
    assert.equal(found, expected, `${type} at ${at}`);
    for (let byte = at; byte < at + length; byte++) named.add(byte);
  }
  for (let at = 0; at < 208; at++)
    if (!named.has(at)) assert.equal(bytes[at], 0, `the byte at ${at} is zero`);
}

const filled = (at: number, length: number, byte: number): Field[] =>
  Array.from({ length }, (_, index) => ['u8', at + index, byte]);
const headFields: Field[] = [
  ['u8', 0, 2],
  ['u16', 2, 1],
  ['u16', 4, 0xffff],
  ['i64', 8, 1773651600123n],
  ['i64', 16, -1n],
  ...[...head.id].map((byte, index): Field => ['u8', 24 + index, byte]),
  ...filled(40, 32, 7),
  ...filled(72, 32, 9),
  ['ascii12', 104, 'BANKDEF0XXX'],
  ['u32', 188, 2 ** 32 - 1],
  ['i64', 192, 2n ** 53n - 1n],
  ['u8', 207, MESSAGE_RULES_VERSION],
];
const termFields: Field[] = [
  ['u8', 7, 1],
  ['ascii12', 116, 'BANKDEF0XXX'],
  ['ascii12', 128, 'BANKCNB0'],
  ['ascii4', 152, 'EUR'],
  ['i64', 160, MOST],
  ['i64', 168, LEAST],
  ['u32', 184, 2 ** 32 - 1],
  ['u24', 200, 2 ** 24 - 1],
  ['u24', 203, 1],
];
const quote: Said = {
  kind: 'quote',
  content: {
    ...{ dealer: 'DEALSGS0XXX', baseCurrency: 'EUR', quoteCurrency: 'CNY' },
    ...{ validUntilMs: MOST, covers: MOST, rateMantissa: MOST, rateScale: 255 },
  },
};
const cancelled: Said = {
  kind: 'cancellation',
  content: { target: new Uint8Array(16).fill(255), targetType: 0xffff },
};
const aimed = (byte: number, targetType: number): Field[] => [
  ...filled(160, 16, byte),
  ['u16', 176, targetType],
];
const KIND_RETURN = 10;
const KIND_CHAIN_LEG = 12;
const { amount2: _, ...chainTerms } = terms;
const limited = (counterparty: string | null, limit: bigint | null): Said => ({
  kind: 'limit',
  content: { counterparty, currency: 'EUR', limit },
});

/** Each row: what a message says, the number of its kind, and what lies where beside the head. */
const bodies: [string, VerifiedBody, number, Field[]][] = [
  [
    'a payment that changes currency',
    payment,
    1,
    [
      ...termFields,
      ['u8', 6, 255],
      ['ascii12', 140, 'DEALSGS0XXX'],
      ['ascii4', 156, 'CNY'],
      ['i64', 176, MOST],
    ],
  ],
  [
    'a payment in one currency',
    {
      kind: 'payment',
      content: {
        ...{ ...terms, dealer: null, currency2: null },
        ...{ amount2: 0n, rateMantissa: 0n, rateScale: 0 },
      },
    },
    1,
    termFields.map((field) => (field[1] === 168 ? ['i64', 168, 0n] : field)),
  ],
  [
    'a leg',
    { kind: 'pvpLeg', content: { ...terms, currency2: 'USD', matchKey: LEAST } },
    4,
    [...termFields, ['ascii4', 156, 'USD'], ['i64', 176, LEAST]],
  ],
  [
    'a leg that receives a security',
    { kind: 'pvpLeg', content: { ...terms, currency2: 'XS0000000009', matchKey: -1n } },
    4,
    [...termFields, ['ascii12', 140, 'XS0000000009'], ['ascii4', 156, 'ISIN'], ['i64', 176, -1n]],
  ],
  [
    'a leg that delivers a security',
    {
      kind: 'pvpLeg',
      content: { ...terms, currency1: 'XS0000000009', currency2: 'EUR', matchKey: 1n },
    },
    4,
    [
      ...termFields.map((field): Field => (field[1] === 152 ? ['ascii4', 152, 'ISIN'] : field)),
      ['ascii12', 140, 'XS0000000009'],
      ['ascii4', 156, 'EUR'],
      ['i64', 176, 1n],
    ],
  ],
  [
    'a leg of a chain',
    {
      kind: 'chainLeg',
      content: {
        ...{ ...chainTerms, legNumber: 3, legCount: 16 },
        termsDigest: Uint8Array.from({ length: 20 }, (_, byte) => byte + 1),
      },
    },
    KIND_CHAIN_LEG,
    [
      ...termFields.filter(([, at]) => at !== 168),
      ['u8', 6, 0xf2],
      ...Array.from({ length: 16 }, (_, byte): Field => ['u8', 168 + byte, byte + 1]),
      ...Array.from({ length: 4 }, (_, byte): Field => ['u8', 156 + byte, byte + 17]),
    ],
  ],
  [
    'a leg of a chain that moves a security',
    {
      kind: 'chainLeg',
      content: {
        ...{ ...chainTerms, currency1: 'XS0000000009', legNumber: 1, legCount: 2 },
        termsDigest: new Uint8Array(20),
      },
    },
    KIND_CHAIN_LEG,
    [
      ...termFields
        .filter(([, at]) => at !== 168)
        .map((field): Field => (field[1] === 152 ? ['ascii4', 152, 'ISIN'] : field)),
      ['ascii12', 140, 'XS0000000009'],
      ['u8', 6, 0x10],
    ],
  ],
  [
    'a quote',
    quote,
    2,
    [
      ['u8', 6, 255],
      ['u8', 7, 2],
      ['ascii12', 140, 'DEALSGS0XXX'],
      ['ascii4', 152, 'EUR'],
      ['ascii4', 156, 'CNY'],
      ['i64', 160, MOST],
      ['i64', 168, MOST],
      ['i64', 176, MOST],
    ],
  ],
  ['a cancellation', cancelled, 5, [['u8', 7, 2], ...aimed(255, 0xffff)]],
  ['a re-ordering', reordering, 6, [['u8', 6, 1], ['u8', 7, 0], ...aimed(1, 4)]],
  [
    'a bilateral limit',
    limited('BANKCNB0XXX', MOST),
    7,
    [
      ['u8', 7, 2],
      ['ascii12', 128, 'BANKCNB0XXX'],
      ['ascii4', 152, 'EUR'],
      ['i64', 160, MOST],
    ],
  ],
  [
    'a multilateral limit taken away',
    limited(null, null),
    7,
    [
      ['u8', 7, 2],
      ['ascii4', 152, 'EUR'],
      ['i64', 160, -1n],
    ],
  ],
  [
    'a limit of nothing',
    limited(null, 0n),
    7,
    [
      ['u8', 7, 2],
      ['ascii4', 152, 'EUR'],
      ['i64', 160, 0n],
    ],
  ],
  [
    'a reservation',
    { kind: 'reservation', content: { currency: 'EUR', priority: 'urgent', amount: MOST } },
    8,
    [
      ['u8', 7, 0],
      ['ascii4', 152, 'EUR'],
      ['i64', 160, MOST],
    ],
  ],
  [
    'a return',
    {
      kind: 'return',
      content: {
        ...{ debtorAgent: 'BANKDEF0XXX', creditorAgent: 'BANKCNB0', currency1: 'EUR' },
        ...{ amount1: MOST, priority: 'high', settlementDate: 2 ** 32 - 1 },
        ...{ earliest: 2 ** 24 - 1, latest: 1 },
        ...{ original: new Uint8Array(16).fill(255), originalType: 255 },
      },
    },
    KIND_RETURN,
    [...termFields.filter(([, at]) => at !== 168), ['u8', 6, 255], ...filled(168, 16, 255)],
  ],
  [
    'a reply',
    {
      kind: 'reply',
      content: {
        ...{ receiver: 'BANKCNB0XXX', target: new Uint8Array(16).fill(7), targetType: 3 },
        reply: 'credited',
      },
    },
    KIND_RETURN + 1,
    [['u8', 6, 2], ['u8', 7, 2], ['ascii12', 128, 'BANKCNB0XXX'], ...aimed(7, 3)],
  ],
  [
    'a query of a payment',
    {
      kind: 'query',
      content: {
        currency: null,
        about: { sender: 'BANKCNB0XXX', target: new Uint8Array(16).fill(7), targetType: 3 },
      },
    },
    9,
    [['u8', 7, 2], ['ascii12', 128, 'BANKCNB0XXX'], ...aimed(7, 3)],
  ],
  [
    'a query of one account',
    { kind: 'query', content: { currency: 'EUR' } },
    9,
    [
      ['u8', 7, 2],
      ['ascii4', 152, 'EUR'],
    ],
  ],
  ['a query of all accounts', { kind: 'query', content: { currency: null } }, 9, [['u8', 7, 2]]],
  ['a notice', { kind: 'notice', content: null }, 3, [['u8', 7, 2]]],
];
for (const [name, body, kind, fields] of bodies)
  test(`a verified record of each kind lies where it says and is read as written: ${name}`, () => {
    const value = written(body);
    expectBytes(value, [['u8', 1, kind], ...headFields, ...fields]);
    assert.deepEqual(plain(readVerified(value)), plain({ ...head, ...body }));
  });

test('the head says whether the payload follows', () => {
  const value = written({ kind: 'notice', content: null }, { ...head, payloadOmitted: true });
  assert.equal(value[206], 1);
  assert.equal(readVerified(value).payloadOmitted, true);
});

test('a notice of an older log has what its payload says, but for a move, and is not read for it', () => {
  for (const [name, body, , fields] of bodies) {
    if (body.kind === 'notice') continue;
    const isMoved = body.kind === 'reordering';
    const kept = fields.filter(([, at]) => !isMoved || at !== 6);
    const value = written({ kind: 'notice', content: body });
    expectBytes(value, [['u8', 1, 3], ...headFields, ...kept]);
    assert.deepEqual(
      plain(readVerified(value)),
      plain({ ...head, kind: 'notice', content: null }),
      name,
    );
    const content = isMoved ? { ...body.content, move: 'end' } : body.content;
    assert.deepEqual(plain(readContentAs(body.kind, value)), plain(content), name);
  }
});

test('a record of another version is refused', () => {
  const value = written(payment);
  value[0] = 1;
  assert.throws(() => readVerified(value), /version 1/);
});

test('when a message came is read alone as with all else, and of what is no record it is 0', () => {
  const written = (appendedAtMs: number) => {
    const value = layOutVerified({ headers: {}, payload: new Uint8Array(3) });
    writeVerifiedRecord({ ...head, appendedAtMs }, payment, value);
    return value;
  };
  const times = [
    0,
    1,
    -1,
    2 ** 31,
    2 ** 32 - 1,
    -(2 ** 32),
    1773651600123,
    2 ** 53 - 1,
    -(2 ** 53),
  ];
  for (const timeMs of times) {
    const value = written(timeMs);
    assert.equal(appendedAtMsOf(value), readVerified(value).appendedAtMs);
    assert.equal(appendedAtMsOf(Uint8Array.from(value)), timeMs);
    assert.deepEqual(verifiedIn(value), readVerified(value));
  }
  const good = written(5);
  const changed = (at: number, byte: number) => {
    const value = Buffer.from(good);
    value[at] = byte;
    return value;
  };
  const none = [
    ...[changed(0, 3), changed(1, 0), changed(1, 200), good.subarray(0, 207), Buffer.alloc(0)],
    Buffer.from(writeControl({ kind: 'tick', timeMs: 7 })),
  ];
  for (const value of none)
    assert.deepEqual([appendedAtMsOf(value), verifiedIn(value)], [0, undefined]);
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
const beforeTrailer = Buffer.concat([
  writeInputLogHeader(header),
  ...values.map(([pool, value]) => writeInputFrames(pool, [value])),
]);
const file = Buffer.concat([
  beforeTrailer,
  writeInputLogTrailer({ records: [1, 1], eventsHash: 'h' }),
]);

function readPieces(bytes: Uint8Array, pieceBytes: number): unknown[] {
  const seen: unknown[] = [];
  const reader = new InputLogReader({
    header: (read) => seen.push(read),
    record: (pool, value) => seen.push([pool, Buffer.from(value).toString()]),
    trailer: (read, inputDigest) => seen.push(read, inputDigest),
  });
  for (let at = 0; at < bytes.length; at += pieceBytes)
    reader.push(bytes.subarray(at, at + pieceBytes));
  reader.end();
  return seen;
}

test('an input log is read in pieces of any size, and digested up to its trailer', () => {
  const expected = [
    header,
    ...values.map(([pool, value]) => [pool, Buffer.from(value).toString()]),
    { records: [1, 1], eventsHash: 'h' },
    createHash('sha256').update(beforeTrailer).digest('hex'),
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
