import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reasonNumber } from '../core/settlement/reasons.ts';
import { RECORD_BYTES, RECORD_KINDS, type RecordKind } from '../core/settlement/records.ts';
import { writeChainLeg } from '../protocol/messages/chain.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import type { CoreRecord, CurrencyRules } from '../protocol/records/control-record.ts';
import { layOutVerified } from '../protocol/records/input-record.ts';
import type {
  ChainLegContent,
  LegContent,
  LimitContent,
  PaymentContent,
  QuoteContent,
} from '../protocol/records/verified-content.ts';
import {
  type VerifiedHead,
  type VerifiedRecord,
  writeVerifiedRecord,
} from '../protocol/records/verified-record.ts';
import { KeyRing } from './key-rotation-and-revocation.ts';
import { Names } from './names-to-handles.ts';
import { RecordEncoder } from './record-encoder.ts';

/**
 * Records as clearing writes them for the core, read back by literal offsets (core/records): on
 * purpose not by RECORD_OFFSETS.
 */
const BOND = 'XS0000000009';
const [ALFA, BETA, NOBODY] = ['ALFADE00', 'BETAFR00', 'NOBODY00'] as [Bic, Bic, Bic];
const [NONE16, NONE32] = [0xffff, 0xffffffff];
const timeMs = 1_773_651_600_123;
const publicKey = new Uint8Array(32).fill(9);

/** ALFA is participant 0 and BETA 1; EUR is currency 0, USD 1, the bond 2. */
function encoder(): RecordEncoder {
  const directory = new Directory();
  const keys = new KeyRing();
  for (const bic of [ALFA, BETA])
    directory.fold({ kind: 'participant', timeMs, bic, name: bic, role: 'bank' });
  for (const currency of ['EUR', 'USD', BOND])
    directory.fold({ kind: 'currency', timeMs, currency, minorUnits: 2 });
  const hex = Buffer.from(publicKey).toString('hex');
  keys.fold({
    kind: 'key',
    timeMs,
    bic: ALFA,
    keyId: 'key-1',
    publicKey: hex,
    state: 'registered',
  });
  return new RecordEncoder(new Names(directory, { hasAccount: () => true }), keys);
}

type Field = ['u8' | 'u16' | 'u24' | 'u32' | 'i64', number, number | bigint];

function expectFields(write: (to: RecordEncoder) => void, kind: RecordKind, fields: Field[]) {
  const to = encoder();
  write(to);
  const { bytes, count } = to.take();
  assert.equal(count, 1);
  const record = Buffer.from(bytes);
  assert.equal(record.readUInt16LE(0), RECORD_KINDS[kind]);
  assert.equal(record.readBigUInt64LE(8), 7n);
  assert.equal(record.readBigInt64LE(16), BigInt(timeMs));
  for (const [type, at, expected] of fields) {
    const found = {
      u8: () => record[at],
      u16: () => record.readUInt16LE(at),
      u24: () => record.readUIntLE(at, 3),
      u32: () => record.readUInt32LE(at),
      i64: () => record.readBigInt64LE(at),
    }[type]();
    assert.equal(found, expected, `${type} at ${at}`);
  }
}

const rules: CurrencyRules = {
  queueRule: 'bypass-fifo',
  cycleMechanism: 'deferredNet',
  atClose: 'carry-over',
  entryOffsetting: true,
  bilateralOffsetting: true,
  offsettingMinimumMs: 90_000,
  deferredNetClasses: 'normal',
  defaultRule: 'shareLoss',
};
const ruleFields: Field[] = [
  ['u8', 44, 1],
  ['u8', 45, 6],
  ['u8', 46, 1],
  ['u8', 88, 1],
  ['u8', 89, 1],
  ['u8', 90, 1],
  ['u8', 91, 1],
  ['u32', 92, 90_000],
];

/** Each row: a control record, the kind of the core's record, and what lies where. */
const controls: [string, CoreRecord, RecordKind, Field[]][] = [
  [
    'a genesis with every rule',
    {
      kind: 'genesis',
      timeMs,
      network: 'n',
      pool: 'p',
      rulesVersion: 2,
      ...rules,
      cycleIntervalMs: 60_000,
      identityDays: 5,
      pvpTimeoutMs: 3_600_000,
      certificates: true,
      passesRecalls: true,
      tellsQuotes: true,
      countsFromEnd: true,
      boundsRefused: true,
      recallDays: 10,
      chainLegsMax: 16,
      limits: {
        participants: 1,
        currencies: 2,
        livePayments: 3,
        identities: 4,
        quotes: 5,
        limits: 6,
      },
      hashKey: 'ab'.repeat(16),
    },
    'genesis',
    [
      ...ruleFields,
      ['u32', 24, 1],
      ['u32', 28, 2],
      ['u32', 32, 3],
      ['u32', 36, 4],
      ['u32', 40, 60_000],
      ['u8', 47, 5],
      ['u32', 48, 2],
      ['u32', 52, 5],
      ['u8', 64, 0xab],
      ['u8', 79, 0xab],
      ['u32', 96, 3_600_000],
      ['u32', 100, 6],
      ['u8', 104, 1],
      ['u8', 105, 1],
      ['u8', 106, 1],
      ['u8', 107, 1],
      ['u8', 108, 1],
      ['u8', 109, 10],
      ['u8', 110, 16],
    ],
  ],
  [
    'one currency’s rules',
    { kind: 'rules', timeMs, currency: 'USD', ...rules },
    'rules',
    [...ruleFields, ['u16', 76, 1]],
  ],
  [
    'a currency with a cap on earmarks',
    { kind: 'currency', timeMs, currency: 'XAU', minorUnits: 3, earmarkCapMinorSeconds: '7' },
    'currency',
    [
      ['u16', 76, 3],
      ['u16', 78, 3],
      ['i64', 96, 7n],
    ],
  ],
  ['a cycle of all', { kind: 'cycle', timeMs, currency: null }, 'cycle', [['u16', 76, NONE16]]],
  ['a cycle of one', { kind: 'cycle', timeMs, currency: 'USD' }, 'cycle', [['u16', 76, 1]]],
  [
    'a cycle of an unknown currency is not one of all',
    { kind: 'cycle', timeMs, currency: 'XAU' },
    'cycle',
    [['u16', 76, NONE16 - 1]],
  ],
  [
    'an issuer',
    { kind: 'issuer', timeMs, bic: BETA, currency: 'EUR' },
    'issuer',
    [
      ['u32', 4, 1],
      ['u16', 76, 0],
    ],
  ],
  [
    'an issuance that names its issuer',
    { kind: 'issue', timeMs, bic: ALFA, currency: 'EUR', amountMinor: '5', issuer: BETA },
    'issue',
    [
      ['u32', 4, 0],
      ['u32', 80, 1],
      ['i64', 96, 5n],
    ],
  ],
  [
    'a redemption that names none',
    { kind: 'redeem', timeMs, bic: ALFA, currency: 'EUR', amountMinor: '5' },
    'redeem',
    [['u32', 80, NONE32]],
  ],
  [
    'collateral',
    {
      kind: 'collateral',
      timeMs,
      bic: ALFA,
      currency: 'EUR',
      collateralMinor: '9223372036854775807',
      haircutBasisPoints: 10_000,
    },
    'collateral',
    [
      ['u32', 88, 10_000],
      ['i64', 96, 2n ** 63n - 1n],
    ],
  ],
  [
    'what a currency is worth',
    { kind: 'valuation', timeMs, currency: 'USD', weight: '92', haircutBasisPoints: 500 },
    'valuation',
    [
      ['u16', 76, 1],
      ['u32', 88, 500],
      ['i64', 96, 92n],
    ],
  ],
  [
    'limits across currencies',
    {
      ...{ kind: 'crossLimit', timeMs, bic: BETA, currency: 'EUR' },
      ...{ aggregateShortMinor: '0', pooledCollateralMinor: null },
    },
    'crossLimit',
    [
      ['u32', 4, 1],
      ['u16', 76, 0],
      ['i64', 96, 0n],
      ['i64', 104, -1n],
    ],
  ],
  [
    'a limit of a corridor',
    {
      ...{ kind: 'corridorLimit', timeMs, currency: 'USD', from: 'DE', to: 'FR' },
      limitMinor: '9223372036854775807',
    },
    'corridorLimit',
    [
      ['u16', 76, 1],
      ['u16', 80, 0x4544],
      ['u16', 84, 0x5246],
      ['i64', 96, 2n ** 63n - 1n],
    ],
  ],
  [
    'a bilateral cap taken away',
    { kind: 'cap', timeMs, bic: ALFA, currency: 'EUR', counterparty: BETA, capMinor: null },
    'cap',
    [
      ['u32', 84, 1],
      ['i64', 96, -1n],
    ],
  ],
  [
    'a cap against all',
    { kind: 'cap', timeMs, bic: ALFA, currency: 'EUR', counterparty: null, capMinor: '0' },
    'cap',
    [
      ['u32', 4, 0],
      ['u32', 84, NONE32],
      ['i64', 96, 0n],
    ],
  ],
  [
    'a cap for a bank that nobody knows is no cap against all',
    { kind: 'cap', timeMs, bic: ALFA, currency: 'EUR', counterparty: NOBODY, capMinor: '0' },
    'cap',
    [['u32', 4, NONE32]],
  ],
  [
    'a default in all currencies',
    { kind: 'default', timeMs, bic: BETA, currency: null },
    'default',
    [
      ['u32', 4, 1],
      ['u16', 76, NONE16],
    ],
  ],
];

const head: VerifiedHead = {
  messageType: 4,
  reason: 0,
  appendedAtMs: timeMs,
  issuedAtMs: timeMs,
  id: new Uint8Array(16).fill(1),
  payloadDigest: new Uint8Array(32).fill(2),
  publicKey,
  sender: ALFA,
  partition: 0,
  logOffset: 0,
  payloadOmitted: false,
};
const terms = {
  debtorAgent: ALFA,
  creditorAgent: BETA,
  currency1: 'EUR',
  amount1: 5n,
  amount2: 0n,
  priority: 'high' as const,
  settlementDate: 20_528,
  earliest: 0,
  latest: 0,
};
const payment: PaymentContent = {
  ...terms,
  ...{ dealer: null, currency2: null, rateMantissa: 0n, rateScale: 0 },
};
const leg: LegContent = { ...terms, currency2: BOND, amount2: 9n, matchKey: -1n };
const { amount2: _, ...oneSided } = terms;
const chainLeg: ChainLegContent = {
  ...{ ...oneSided, legNumber: 2, legCount: 3, earliest: 7, latest: 9 },
  termsDigest: Uint8Array.from({ length: 20 }, (_, byte) => byte + 1),
};
const quote: QuoteContent = {
  dealer: BETA,
  baseCurrency: 'USD',
  quoteCurrency: 'EUR',
  validUntilMs: 2n ** 63n - 1n,
  covers: 9n,
  rateMantissa: 11n,
  rateScale: 18,
};
const target = new Uint8Array(16).fill(0xee);
const returned = {
  ...{ debtorAgent: ALFA, creditorAgent: BETA, currency1: 'EUR', amount1: 5n },
  ...{ priority: 'high' as const, settlementDate: 20_528, earliest: 0, latest: 0 },
  ...{ original: new Uint8Array(16).fill(0xee), originalType: 3 },
};
const limit: LimitContent = { counterparty: BETA, currency: 'EUR', limit: null };

const messages: [string, VerifiedRecord, RecordKind, Field[]][] = [
  [
    'a payment with times',
    { ...head, kind: 'payment', content: { ...payment, earliest: 86_400, latest: 0xfffffe } },
    'payment',
    [
      ['u16', 74, 0],
      ['u16', 76, 0],
      ['u16', 78, NONE16],
      ['u32', 80, 0],
      ['u32', 84, 1],
      ['u32', 88, NONE32],
      ['u32', 92, 20_528],
      ['i64', 96, 5n],
      ['u8', 121, 1],
      ['u24', 122, 86_400],
      ['u24', 125, 0xfffffe],
    ],
  ],
  [
    'a payment that changes currency',
    {
      ...head,
      kind: 'payment',
      content: {
        ...{ ...payment, dealer: BETA, currency2: 'USD', amount2: 7n },
        ...{ rateMantissa: 14n, rateScale: 1 },
      },
    },
    'payment',
    [
      ['u16', 74, 0],
      ['u16', 78, 1],
      ['u32', 88, 1],
      ['i64', 104, 7n],
      ['i64', 112, 14n],
      ['u8', 120, 1],
    ],
  ],
  [
    'a payment through a dealer that is no participant is refused',
    { ...head, kind: 'payment', content: { ...payment, dealer: NOBODY, currency2: 'USD' } },
    'payment',
    [['u16', 74, reasonNumber('dealerUnknown')]],
  ],
  [
    'a payment from a bank that is no participant is refused',
    { ...head, kind: 'payment', content: { ...payment, debtorAgent: NOBODY } },
    'payment',
    [['u16', 74, reasonNumber('debtorAgentUnknown')]],
  ],
  [
    'a payment refused unread with its refusal, for its sender',
    {
      ...{ ...head, reason: reasonNumber('formatInvalid') },
      kind: 'payment',
      content: { ...payment, debtorAgent: '', creditorAgent: '', currency1: '' },
    },
    'payment',
    [
      ['u16', 74, reasonNumber('formatInvalid')],
      ['u16', 76, NONE16],
      ['u32', 80, 0],
      ['u32', 84, NONE32],
    ],
  ],
  [
    'a quote',
    { ...head, kind: 'quote', content: quote },
    'quote',
    [
      ['u16', 74, 0],
      ['u16', 76, 1],
      ['u16', 78, 0],
      ['u32', 80, 0],
      ['u32', 88, 1],
      ['i64', 96, 2n ** 63n - 1n],
      ['i64', 104, 9n],
      ['i64', 112, 11n],
      ['u8', 120, 18],
    ],
  ],
  [
    'a quote into a currency that nobody knows is refused',
    { ...head, kind: 'quote', content: { ...quote, quoteCurrency: 'XAU' } },
    'quote',
    [['u16', 74, reasonNumber('currencyUnknown')]],
  ],
  [
    'a leg against a security',
    { ...head, kind: 'pvpLeg', content: leg },
    'pvpLeg',
    [
      ['u16', 72, 4],
      ['u16', 74, 0],
      ['u16', 76, 0],
      ['u16', 78, 2],
      ['u32', 80, 0],
      ['u32', 84, 1],
      ['u32', 88, NONE32],
      ['u32', 92, 20_528],
      ['i64', 96, 5n],
      ['i64', 104, 9n],
      ['i64', 112, -1n],
      ['u8', 120, 0],
      ['u8', 121, 1],
    ],
  ],
  [
    'a leg with a bank that is no participant is refused',
    { ...head, kind: 'pvpLeg', content: { ...leg, creditorAgent: NOBODY } },
    'pvpLeg',
    [['u16', 74, reasonNumber('creditorAgentUnknown')]],
  ],
  [
    'a leg of a chain',
    { ...head, kind: 'chainLeg', content: chainLeg },
    'chainLeg',
    [
      ['u32', 4, 0],
      ['u16', 74, 0],
      ['u16', 76, 0],
      ['u8', 78, 2],
      ['u8', 79, 3],
      ['u32', 80, 0],
      ['u32', 84, 1],
      ['u32', 88, 0x14131211],
      ['u32', 92, 20_528],
      ['i64', 96, 5n],
      ['u8', 104, 1],
      ['u8', 119, 16],
      ['u8', 120, 0],
      ['u8', 121, 1],
      ['u16', 122, 7],
      ['u16', 125, 9],
    ],
  ],
  [
    'a leg of a chain to a bank that is no participant is refused',
    { ...head, kind: 'chainLeg', content: { ...chainLeg, creditorAgent: NOBODY } },
    'chainLeg',
    [['u16', 74, reasonNumber('creditorAgentUnknown')]],
  ],
  [
    'an attestation',
    {
      ...{ ...head, kind: 'attestation' },
      content: {
        ...{ verdict: 'held', legCount: 16, date: 20_528, validUntilMs: 2n ** 63n - 1n },
        ...{ counter: 0n, leg1Position: 2n ** 62n },
        digest: chainLeg.termsDigest,
      },
    },
    'attestation',
    [
      ['u32', 4, 0],
      ['u16', 74, 0],
      ['u16', 76, NONE16],
      ['u8', 78, 2],
      ['u8', 79, 16],
      ['u32', 80, 0],
      ['u32', 84, NONE32],
      ['u32', 88, 0x14131211],
      ['u32', 92, 20_528],
      ['i64', 96, 2n ** 63n - 1n],
      ['u8', 104, 1],
      ['u8', 119, 16],
      ['i64', 120, 2n ** 62n],
    ],
  ],
  [
    'an attestation of a document, with its counter',
    {
      ...{ ...head, kind: 'attestation' },
      content: {
        ...{ verdict: 'recorded', legCount: 0, date: 0, validUntilMs: 0n, counter: 9n },
        leg1Position: 0n,
        digest: chainLeg.termsDigest,
      },
    },
    'attestation',
    [
      ['u16', 76, NONE16],
      ['u8', 78, 3],
      ['u32', 84, NONE32],
      ['u32', 88, 0x14131211],
      ['i64', 96, 9n],
      ['u8', 104, 1],
      ['u8', 119, 16],
    ],
  ],
  [
    'a cancellation',
    { ...head, kind: 'cancellation', content: { target, targetType: 3 } },
    'cancellation',
    [
      ['u32', 4, 0],
      ['u16', 74, 0],
      ['u8', 96, 0xee],
      ['u8', 111, 0xee],
      ['u16', 112, 3],
    ],
  ],
  [
    'a return',
    { ...head, kind: 'return', content: returned },
    'return',
    [
      ['u32', 4, 0],
      ['u16', 74, 0],
      ['u16', 76, 0],
      ['u16', 78, NONE16],
      ['u32', 80, 0],
      ['u32', 84, 1],
      ['u32', 88, NONE32],
      ['u32', 92, 20_528],
      ['i64', 96, 5n],
      ['u8', 104, 0xee],
      ['u8', 119, 0xee],
      ['u8', 120, 3],
      ['u8', 121, 1],
    ],
  ],
  [
    'a return to a bank that is no participant is refused',
    { ...head, kind: 'return', content: { ...returned, creditorAgent: NOBODY } },
    'return',
    [['u16', 74, reasonNumber('creditorAgentUnknown')]],
  ],
  [
    'a reply',
    {
      ...head,
      kind: 'reply',
      content: { receiver: BETA, target, targetType: 3, reply: 'decided' },
    },
    'reply',
    [
      ['u32', 4, 0],
      ['u16', 74, 0],
      ['u32', 84, 1],
      ['u8', 96, 0xee],
      ['u8', 111, 0xee],
      ['u16', 112, 3],
      ['u8', 120, 1],
    ],
  ],
  [
    'a reply to a bank that is no participant is refused',
    {
      ...head,
      kind: 'reply',
      content: { receiver: NOBODY, target, targetType: 3, reply: 'pending' },
    },
    'reply',
    [['u16', 74, reasonNumber('debtorAgentUnknown')]],
  ],
  [
    'a re-ordering to the front',
    {
      ...head,
      kind: 'reordering',
      content: { target, targetType: 1, priority: 'urgent', move: 'front' },
    },
    'reordering',
    [
      ['u8', 96, 0xee],
      ['u16', 112, 1],
      ['u8', 120, 1],
      ['u8', 121, 0],
    ],
  ],
  [
    'a bilateral limit taken away',
    { ...head, kind: 'limit', content: limit },
    'limit',
    [
      ['u16', 74, 0],
      ['u16', 76, 0],
      ['u32', 84, 1],
      ['i64', 96, -1n],
    ],
  ],
  [
    'a multilateral limit',
    { ...head, kind: 'limit', content: { ...limit, counterparty: null, limit: 5n } },
    'limit',
    [
      ['u16', 74, 0],
      ['u32', 84, NONE32],
      ['i64', 96, 5n],
    ],
  ],
  [
    'a limit against a bank that nobody knows is no multilateral limit',
    { ...head, kind: 'limit', content: { ...limit, counterparty: NOBODY } },
    'limit',
    [['u16', 74, reasonNumber('creditorAgentUnknown')]],
  ],
  [
    'a reservation',
    { ...head, kind: 'reservation', content: { currency: 'EUR', priority: 'high', amount: 5n } },
    'reservation',
    [
      ['u16', 74, 0],
      ['u16', 76, 0],
      ['u8', 121, 1],
      ['i64', 96, 5n],
    ],
  ],
  [
    'a reservation in a currency that nobody knows is refused',
    { ...head, kind: 'reservation', content: { currency: 'XAU', priority: 'high', amount: 5n } },
    'reservation',
    [['u16', 74, reasonNumber('currencyUnknown')]],
  ],
  [
    'a query of one account',
    { ...head, kind: 'query', content: { currency: 'EUR' } },
    'query',
    [
      ['u16', 74, 0],
      ['u16', 76, 0],
    ],
  ],
  [
    'a query of all accounts',
    { ...head, kind: 'query', content: { currency: null } },
    'query',
    [
      ['u16', 74, 0],
      ['u16', 76, NONE16],
    ],
  ],
  [
    'a query of a currency that nobody knows is refused',
    { ...head, kind: 'query', content: { currency: 'XAU' } },
    'query',
    [['u16', 74, reasonNumber('currencyUnknown')]],
  ],
  [
    'a failed authentication',
    { ...head, reason: reasonNumber('signatureInvalid'), kind: 'notice', content: null },
    'notice',
    [
      ['u32', 4, 0],
      ['u16', 74, reasonNumber('signatureInvalid')],
    ],
  ],
  [
    'anything under a key that is not the sender’s',
    { ...head, kind: 'limit', content: limit, sender: BETA },
    'notice',
    [
      ['u32', 4, 1],
      ['u16', 74, reasonNumber('keyUnknown')],
      ['i64', 96, 0n],
    ],
  ],
];

describe('the record encoder', () => {
  for (const [name, control, kind, fields] of controls)
    it(`writes ${name}`, () => expectFields((to) => to.control(control, 7, true), kind, fields));
  it('writes a proposal set by set, twelve members a record, all at its position', () => {
    const to = encoder();
    const sets = [[40, 41], Array.from({ length: 13 }, (_, i) => 100 + i)];
    const own = { kind: 'proposal', mechanism: 'mine-1', currency: 'USD', sets } as const;
    to.control({ ...own, timeMs }, 7, true);
    const { bytes, count } = to.take();
    const records = Array.from({ length: count }, (_, i) =>
      Buffer.from(bytes.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES)),
    );
    assert.deepEqual(
      records.map((record) => [record.readUInt16LE(0), record.readBigUInt64LE(8)]),
      [28, 28, 28, 29].map((kind) => [kind, 7n]),
    );
    const pieces = records.slice(0, 3).map((record) => ({
      members: Array.from({ length: record.readUInt32LE(24) }, (_, i) =>
        Number(record.readBigUInt64LE(32 + 8 * i)),
      ),
      begins: record[28],
    }));
    const [second = []] = sets.slice(1);
    assert.deepEqual(pieces, [
      { members: sets[0], begins: 1 },
      { members: second.slice(0, 12), begins: 1 },
      { members: second.slice(12), begins: 0 },
    ]);
    const last = records[3] as Buffer;
    assert.equal(last.toString('latin1', 40, 72), 'mine-1'.padEnd(32, '\0'));
    assert.equal(last.readUInt16LE(76), 1);
  });
  it('writes the further terms of a chain before its leg, at the same position', () => {
    const terms = {
      ...{ messageId: 'M', chainId: 'C', uetr: '00000000-0000-4000-a000-000000000001' as Uetr },
      ...{ instructingAgent: ALFA, legNumber: 2, settlementDate: '2026-03-16' },
      legs: [
        { debtorAgent: BETA, creditorAgent: ALFA, code: 'USD', minor: 3n },
        { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 5n },
        { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 6n },
      ],
      priority: 'high' as const,
      condition: {
        groups: [
          { threshold: 1, attestors: [BETA] },
          { threshold: 2, attestors: [ALFA, BETA] },
          { threshold: 1, attestors: [BETA, ALFA] },
        ],
        ...{ threshold: 2, deadline: '15:00:01Z', onSilence: 'settle' as const },
      },
      earmark: {
        ...{ when: 'trigger' as const, expiry: '16:00:02+01:00', onExpiry: 'continue' as const },
      },
    };
    const verified = { ...head, kind: 'chainLeg' as const, content: chainLeg };
    const value = layOutVerified({ headers: {}, payload: writeChainLeg(terms, timeMs, () => 2) });
    writeVerifiedRecord(verified, verified, value);
    const to = encoder();
    to.verified(verified, 6, value);
    const refused = to.take();
    assert.equal(refused.count, 1, 'a network without conditions');
    const [reason, mark] = [refused.bytes[74], refused.bytes[120]];
    assert.deepEqual([reason, mark], [reasonNumber('formatInvalid'), 0]);
    to.takesConditions = true;
    to.verified(verified, 7, value);
    const { bytes, count } = to.take();
    assert.equal(count, 2);
    const [before, own] = [0, RECORD_BYTES].map((at) =>
      Buffer.from(bytes.subarray(at, at + RECORD_BYTES)),
    ) as [Buffer, Buffer];
    assert.deepEqual([before.readUInt16LE(0), before.readBigUInt64LE(8)], [35, 7n]);
    assert.deepEqual([own.readUInt16LE(0), own.readBigUInt64LE(8)], [34, 7n]);
    assert.deepEqual([own.readUInt16LE(74), own[120]], [0, 1]);
    const attestors = Array.from({ length: 16 }, (_, place) =>
      before.readUIntLE(24 + 3 * place, 3),
    );
    assert.deepEqual(attestors.slice(0, 6), [1, 0, 1, 1, 0, 0]);
    // Mandatory groups, groups, attestors.
    assert.deepEqual([...before.subarray(76, 79)], [0, 3, 5]);
    assert.deepEqual([...before.subarray(80, 88)], [1, 2, 2, 0, 0, 0, 0, 0]);
    assert.deepEqual([...before.subarray(96, 104)], [1, 2, 1, 0, 0, 0, 0, 0]);
    // At the trigger, silence settles, and it goes on.
    assert.deepEqual([before[120], before[121]], [2 | 4 | 8, 2]);
    const day = 86_400;
    assert.equal(before.readUIntLE(122, 3), day + 15 * 3600 + 1);
    assert.equal(before.readUIntLE(125, 3), day + 15 * 3600 + 2);
  });
  for (const [name, verified, kind, fields] of messages)
    it(`writes ${name}`, () => expectFields((to) => to.verified(verified, 7), kind, fields));
});

it('a record begins with zeros, however many stood in its place before', () => {
  const to = encoder();
  let begun: Uint8Array | undefined;
  const fill = (count: number) => {
    for (let written = 0; written < count; written++)
      to.encoded('payment', 7, timeMs, ({ buffer, byteOffset }, at) => {
        const record = new Uint8Array(buffer, byteOffset + at, RECORD_BYTES);
        begun ??= record.slice();
        assert.deepEqual(record, begun);
        record.fill(0xee);
      });
    assert.equal(to.take().count, count);
  };
  // Fewer, none, and more than it has room for at first.
  for (const count of [3, 1, 3, 0, 2, 2_000, 1, 2_000]) fill(count);
});
