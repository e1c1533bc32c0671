import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { MESSAGE_TYPES, type MessageType } from '../protocol/messages/message-types.ts';
import type { Instruction, Payload } from '../protocol/messages/payload.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';
import { readContentAs, readVerified } from '../protocol/records/input-record.ts';
import type { Said } from '../protocol/records/verified-content.ts';
import { refuse } from '../protocol/rules/refusal.ts';
import { type Case, judge } from './pool-and-input-record.ts';

const REFUSED = refuse('element-form', '/', 7, 'must be object');

const ALFA = 'ALFADE00' as Bic;
const BETA = 'BETAFR00' as Bic;
const uetr = '00000000-0000-4000-8000-0000000000ff' as Uetr;
const target = Buffer.from('000000000000400080000000000000ff', 'hex');
const currencies = new Map(
  ['EUR', 'USD', 'XS0000000009'].map((code) => [code, { minorUnits: 2, pool: 'main' }]),
);

/** Of a message of a type with this payload; a notice where it is not authentic. */
function judged(messageType: MessageType, payload: Payload | null, change: Partial<Case> = {}) {
  const { value } = judge({
    message: {
      ...{ partition: 0, logOffset: 0, timestampMs: 0 },
      ...{ value: Buffer.from('{}'), headers: {} },
    },
    envelope: {
      ...{ id: uetr, sender: ALFA, messageType, keyId: 'key-1', issuedAtMs: 0 },
      signature: new Uint8Array(64),
    },
    digest: new Uint8Array(32),
    payload,
    keepsPayload: false,
    outcome: { authentic: true, publicKey: new Uint8Array(32) },
    currencies,
    defaultPool: 'main',
    ...change,
  });
  return value;
}

const message = { messageId: 'M', endToEndId: 'E', uetr, instructingAgent: ALFA };
const terms = {
  ...{ debtorAgent: ALFA, creditorAgent: BETA, priority: 'high' as const, settlementDate: 20_528 },
  ...{ amount1: 5n, earliest: 86_400, latest: 0 },
};
const given = { settlementDate: '2026-03-16', priority: 'high' as const };
const times = { earliest: 86_400, latest: 0 };
const rate = { mantissa: 14n, scale: 1 };

/** Bytes that count from 1. */
const counted = (length: number) => Uint8Array.from({ length }, (_, byte) => byte + 1);

/** Each row: the payload of a type, and what the record says of it. */
const rows: [MessageType, Instruction, Said['content']][] = [
  [
    'pacs.008.001.08',
    {
      ...{ kind: 'payment', ...message, ...given, times },
      ...{ debtorAgent: ALFA, creditorAgent: BETA, currency: 'EUR', amountMinor: 5n },
      conversion: { dealer: BETA, currency: 'USD', amountMinor: 7n, rate },
    },
    {
      ...{ ...terms, dealer: BETA, currency1: 'EUR', currency2: 'USD', amount2: 7n },
      ...{ rateMantissa: 14n, rateScale: 1 },
    },
  ],
  [
    'pacs.009.001.08',
    {
      ...{ kind: 'payment', ...message, ...given, times, conversion: null },
      ...{ debtorAgent: ALFA, creditorAgent: BETA, currency: 'EUR', amountMinor: 5n },
    },
    {
      ...{ ...terms, dealer: null, currency1: 'EUR', currency2: null, amount2: 0n },
      ...{ rateMantissa: 0n, rateScale: 0 },
    },
  ],
  [
    'corridor.pvp.1',
    {
      ...{ kind: 'pvpLeg', ...message, ...given, times, counterparty: BETA },
      ...{ delivers: 'XS0000000009', deliversMinor: 5n, receives: 'EUR', receivesMinor: 7n },
    },
    {
      ...{ ...terms, currency1: 'XS0000000009', currency2: 'EUR', amount2: 7n },
      // SHA-256 of 'E' begins a9f51566bd6705f7.
      matchKey: Buffer.from('a9f51566bd6705f7', 'hex').readBigInt64LE(),
    },
  ],
  [
    'corridor.quote.1',
    {
      ...{ kind: 'quote', id: uetr, dealer: BETA, baseCurrency: 'EUR', quoteCurrency: 'USD' },
      ...{ rate, coversMinor: 9n, validUntilMs: 999_999_999_999_999 },
    },
    {
      ...{ dealer: BETA, baseCurrency: 'EUR', quoteCurrency: 'USD', covers: 9n },
      ...{ validUntilMs: 999_999_999_999_999n, rateMantissa: 14n, rateScale: 1 },
    },
  ],
  [
    'corridor.chain.1',
    {
      ...{ kind: 'chainLeg', messageId: 'M', chainId: 'C', uetr, instructingAgent: ALFA },
      legs: [
        { debtorAgent: BETA, creditorAgent: ALFA, code: 'USD', minor: 3n },
        { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 7n },
      ],
      ...{ legNumber: 2, termsDigest: counted(32), priority: 'high' },
      ...{ settlementDate: '2026-03-16', times: { earliest: 1, latest: 2 } },
    },
    {
      ...{ debtorAgent: ALFA, creditorAgent: BETA, currency1: 'EUR', amount1: 7n },
      ...{ legNumber: 2, legCount: 2, termsDigest: counted(20), priority: 'high' },
      ...{ settlementDate: 20_528, earliest: 1, latest: 2 },
    },
  ],
  [
    'corridor.attestation.1',
    {
      ...{ kind: 'attestation', id: 'T-1', sender: ALFA, verdict: 'refused', recordKind: null },
      ...{ digest: counted(32), currency: 'EUR' },
      chain: {
        ...{ settlementDate: '2026-03-16', legCount: 16 },
        ...{ validUntilMs: 999_999_999_999, reason: 'damaged', leg1Position: 12n },
      },
    },
    {
      ...{ verdict: 'refused', legCount: 16, digest: counted(20), date: 20_528 },
      ...{ validUntilMs: 999_999_999_999n, counter: 0n, leg1Position: 12n },
    },
  ],
  [
    'corridor.attestation.1',
    {
      ...{ kind: 'attestation', id: 'T-2', sender: ALFA, verdict: 'recorded', chain: null },
      ...{ digest: counted(32), currency: 'EUR', recordKind: 'reading', counter: 7n },
    },
    {
      ...{ verdict: 'recorded', legCount: 0, digest: counted(20), date: 0 },
      ...{ validUntilMs: 0n, counter: 7n, leg1Position: 0n },
    },
  ],
  [
    'camt.056.001.08',
    {
      ...{ kind: 'cancellation', id: uetr, sender: ALFA, uetr, currency: null },
      paymentType: 'pacs.009.001.08',
    },
    { target, targetType: 3 },
  ],
  [
    'camt.007.001.08',
    {
      ...{ kind: 'reordering', id: uetr, uetr, priority: 'urgent', move: 'front', currency: null },
      paymentType: 'corridor.pvp.1',
    },
    { target, targetType: 4, priority: 'urgent', move: 'front' },
  ],
  [
    'camt.011.001.07',
    {
      ...{ kind: 'limit', id: uetr, sender: ALFA, currency: 'EUR' },
      ...{ counterparty: BETA, limitMinor: 0n },
    },
    { counterparty: BETA, currency: 'EUR', limit: 0n },
  ],
  [
    'camt.012.001.07',
    {
      ...{ kind: 'limit', id: uetr, sender: ALFA, currency: 'EUR' },
      ...{ counterparty: null, limitMinor: null },
    },
    { counterparty: null, currency: 'EUR', limit: null },
  ],
  [
    'camt.048.001.05',
    {
      ...{ kind: 'reservation', id: uetr, sender: ALFA, currency: 'EUR' },
      ...{ priority: 'urgent', amountMinor: 5n },
    },
    { currency: 'EUR', priority: 'urgent', amount: 5n },
  ],
  [
    'camt.060.001.05',
    { kind: 'query', id: uetr, sender: ALFA, currency: 'EUR' },
    { currency: 'EUR' },
  ],
  [
    'camt.005.001.08',
    { kind: 'query', id: uetr, sender: null, currency: 'XS0000000009' },
    { currency: 'XS0000000009' },
  ],
  [
    'camt.018.001.05',
    { kind: 'query', id: uetr, sender: null, currency: null },
    { currency: null },
  ],
  [
    'pacs.004.001.09',
    {
      ...{ kind: 'return', id: 'RT-1', sender: ALFA, receiver: BETA, uetr, currency: 'EUR' },
      ...{ paymentType: 'pacs.009.001.08', originalMessageId: 'M-1', amountMinor: 7n },
      ...{ settlementDate: '2026-03-16', priority: 'high' },
    },
    {
      ...{ debtorAgent: ALFA, creditorAgent: BETA, currency1: 'EUR', amount1: 7n },
      ...{ original: target, originalType: 3, priority: 'high', settlementDate: 20_528 },
      ...{ earliest: 0, latest: 0 },
    },
  ],
  [
    'pacs.028.001.03',
    {
      ...{ kind: 'query', id: 'SR-1', sender: ALFA, paymentSender: BETA, uetr, currency: 'EUR' },
      paymentType: 'pacs.009.001.08',
    },
    { currency: null, about: { sender: BETA, target, targetType: 3 } },
  ],
  [
    'camt.029.001.09',
    {
      ...{ kind: 'reply', id: 'Y-1', sender: ALFA, receiver: BETA, uetr, currency: null },
      ...{ paymentType: 'pacs.008.001.08', reply: 'decided' },
    },
    { receiver: BETA, target, targetType: 1, reply: 'decided' },
  ],
  [
    'pacs.002.001.10',
    {
      ...{ kind: 'reply', id: 'Y-2', sender: ALFA, receiver: BETA, uetr, currency: 'EUR' },
      ...{ paymentType: 'pacs.009.001.08', reply: 'credited' },
    },
    { receiver: BETA, target, targetType: 3, reply: 'credited' },
  ],
];

/** Bytes as numbers. */
const plain = (content: unknown): unknown => {
  if (content instanceof Uint8Array) return [...content];
  if (typeof content !== 'object' || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, plain(value)]));
};

test('the rows are of every message type', () => {
  assert.deepEqual(
    [...new Set(rows.map(([type]) => type))].sort(),
    MESSAGE_TYPES.filter((type) => type !== 'none').sort(),
  );
});

test('what is about a return names it by its own id, and not by the UETR of its payment', () => {
  const about = {
    uetr,
    paymentType: 'pacs.004.001.09',
    returnId: 'RT-1',
    currency: 'EUR',
  } as const;
  const target = createHash('sha256').update('RT-1').digest().subarray(0, 16);
  const named = { target, targetType: 13 };
  const own = { id: 'R-1', sender: ALFA, ...about };
  const asked: readonly [MessageType, Instruction, object][] = [
    ['camt.056.001.08', { kind: 'cancellation', ...own }, named],
    [
      'camt.007.001.08',
      { kind: 'reordering', ...own, priority: 'urgent', move: 'front' },
      { ...named, priority: 'urgent', move: 'front' },
    ],
    [
      'pacs.028.001.03',
      { kind: 'query', ...own, paymentSender: ALFA },
      { currency: null, about: { sender: ALFA, ...named } },
    ],
  ];
  for (const [type, payload, content] of asked)
    assert.deepEqual(plain(readVerified(judged(type, payload)).content), plain(content), type);
});

for (const [type, payload, content] of rows) {
  const { kind } = payload;
  test(`the record of ${type} says what its payload does`, () => {
    const record = readVerified(judged(type, payload));
    assert.equal(record.kind, kind);
    assert.deepEqual(plain(record.content), plain(content));
  });

  test(`a notice of ${type} says what its payload does where that follows, as in older logs`, () => {
    const outcome = { authentic: false, reason: 1 } as const;
    const kept = judged(type, payload, { outcome, keepsPayload: true });
    const signed = judged(type, payload);
    // A move alone was not kept.
    if (kind === 'reordering') signed[6] = 0;
    assert.equal(readVerified(kept).kind, 'notice');
    assert.deepEqual([...kept.subarray(6, 8)], [...signed.subarray(6, 8)]);
    assert.deepEqual([...kept.subarray(104, 206)], [...signed.subarray(104, 206)]);
    const without = judged(type, payload, { outcome });
    const nothing = judged(type, REFUSED, { outcome });
    assert.deepEqual(without, nothing);
  });

  test(`the record of ${type} that cannot be read says nothing`, () => {
    for (const unread of [null, REFUSED]) {
      const value = judged(type, unread);
      assert.equal(readVerified(value).kind, kind);
      const zeros = Buffer.alloc(208);
      zeros[7] = 2;
      // Its sender must be told, who is the dealer of a quote.
      if (kind === 'quote') zeros.write(ALFA, 140);
      assert.deepEqual([...value.subarray(116, 188)], [...zeros.subarray(116, 188)]);
      assert.deepEqual([value[6], value[7]], [0, 2]);
      assert.deepEqual(plain(readVerified(value).content), plain(readContentAs(kind, zeros)));
    }
  });
}
