/** A message beside an event of other terms is refused, whoever signed it: by message type, a change for each field that can be compared. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  EVENT_OFFSETS as AT,
  EVENT_KINDS,
  type EventKind,
  NO_CURRENCY,
} from '../../services/core/settlement/events.ts';
import { NONE32 } from '../../services/core/settlement/records.ts';
import type { Receipt } from '../../services/evidence/receipt.ts';
import {
  compareRecord,
  compareTerms,
  type ReceiptPool,
} from '../../services/evidence/receipt-terms.ts';
import { writeAttestation } from '../../services/protocol/messages/attestation.ts';
import { writeBankTransfer } from '../../services/protocol/messages/bank-transfer.ts';
import { writeChainLeg } from '../../services/protocol/messages/chain.ts';
import { writeCreditTransfer } from '../../services/protocol/messages/credit-transfer.ts';
import type {
  AttestationInstruction,
  ChainLegInstruction,
  LegInstruction,
  PaymentInstruction,
} from '../../services/protocol/messages/instruction.ts';
import {
  ATTESTATION,
  BANK_TRANSFER,
  CHAIN,
  CREDIT_TRANSFER,
  LEG,
  MESSAGE_TYPES,
  type MessageType,
} from '../../services/protocol/messages/message-types.ts';
import { writeLeg } from '../../services/protocol/messages/pvp-leg.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { payloadDigest } from '../../services/protocol/names/signing-text.ts';

const [ALFA, BETA, DEALER, OTHER] = ['ALFADE00', 'BETASG00', 'DELRSG00', 'OMEGFR00'] as Bic[] as [
  Bic,
  Bic,
  Bic,
  Bic,
];
const UETR = '7fe9a24d-8a7b-47b4-b7e3-de0082e3451a' as Uetr;
const CODES = ['EUR', 'SGD', 'USD'];
const POOL: ReceiptPool = {
  ...{ network: 'sandbox-1', pool: 'main' },
  currencies: new Map([
    ...CODES.map((code) => [code, { minorUnits: 2, pool: 'main' }] as const),
    ['JPY', { minorUnits: 0, pool: 'east' }],
  ]),
  names: {
    participants: [ALFA, BETA, DEALER, OTHER].map(
      (bic) => ({ bic, name: bic, role: 'bank' }) as never,
    ),
    currencies: CODES.map((currency) => ({ currency, minorUnits: 2 })),
  },
};
const NAMELESS = { ...POOL, names: null };
const decimals = (code: string) => POOL.currencies.get(code)?.minorUnits ?? 2;

const payment: PaymentInstruction = {
  ...{ messageId: 'M-1', endToEndId: 'E-1', uetr: UETR },
  ...{ instructingAgent: ALFA, debtorAgent: ALFA, creditorAgent: BETA },
  ...{ currency: 'EUR', amountMinor: 69_342n, settlementDate: '2026-03-16', priority: 'normal' },
  conversion: null,
};
const conversion = {
  ...{ dealer: DEALER, currency: 'SGD', amountMinor: 101_715n },
  rate: { mantissa: 14_668_662n, scale: 7 },
};
const converted = { ...payment, conversion };
const leg: LegInstruction = {
  ...{
    messageId: 'M-1',
    endToEndId: 'E-1',
    uetr: UETR,
    instructingAgent: ALFA,
    counterparty: BETA,
  },
  ...{ delivers: 'EUR', deliversMinor: 69_342n, receives: 'SGD', receivesMinor: 101_715n },
  ...{ settlementDate: '2026-03-16', priority: 'normal' },
};
const legs = [
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 69_342n },
  { debtorAgent: BETA, creditorAgent: ALFA, code: 'SGD', minor: 101_715n },
];
const chainLeg: ChainLegInstruction = {
  ...{ messageId: 'M-1', uetr: UETR, instructingAgent: ALFA, settlementDate: '2026-03-16' },
  ...{ priority: 'normal', chainId: 'C-1', legs, legNumber: 1, termsDigest: Buffer.alloc(32) },
};
const ofLeg = (change: object) => ({ legs: [{ ...legs[0], ...change }, legs[1]] });

const WRITE = {
  [CREDIT_TRANSFER]: (change: object) =>
    writeCreditTransfer({ ...payment, ...change }, { debtor: 'A', creditor: 'B' }, 0, decimals),
  [BANK_TRANSFER]: (change: object) => writeBankTransfer({ ...payment, ...change }, 0, decimals),
  [LEG]: (change: object) => writeLeg({ ...leg, ...change }, 0, decimals),
  [CHAIN]: (change: object) => {
    const text = writeChainLeg({ ...chainLeg, ...change }, 0, decimals);
    const { Chn } = JSON.parse(Buffer.from(text).toString());
    return Buffer.from(JSON.stringify({ Chn: { ...Chn, TermsDgst: undefined } }));
  },
} as const;
type Type = keyof typeof WRITE;

const messageOf = (type: MessageType, payload: Uint8Array, sender: Bic, id: string = UETR) => ({
  ...{ network: 'sandbox-1', publicKey: '' },
  headers: { ce_type: type, ce_source: sender, ce_id: id, ce_issuedatms: '0' },
  payload,
});

interface Shown {
  readonly type?: MessageType;
  readonly kind?: EventKind;
  readonly debtorAgent?: number;
  readonly creditorAgent?: number;
  readonly dealer?: number;
  readonly currency1?: number;
  readonly amount1?: bigint;
  readonly currency2?: number;
  readonly amount2?: bigint;
  readonly digest?: Uint8Array;
}

/** As the core writes it of the payment above in one currency, but for what is given. */
function receiptOf(shown: Shown, form: 'open' | 'closed' = 'closed'): Receipt {
  const event = Buffer.alloc(128);
  event.writeUInt16LE(EVENT_KINDS[shown.kind ?? 'settled'], AT.kind);
  event.writeUInt16LE(MESSAGE_TYPES.indexOf(shown.type ?? CREDIT_TRANSFER), AT.messageType);
  event.writeUInt32LE(shown.debtorAgent ?? 0, AT.debtorAgent);
  event.writeUInt32LE(shown.creditorAgent ?? 1, AT.creditorAgent);
  event.writeUInt32LE(shown.dealer ?? NONE32, AT.dealer);
  event.writeUInt16LE(shown.currency1 ?? 0, AT.currency1);
  event.writeBigInt64LE(shown.amount1 ?? 69_342n, AT.amount1);
  event.writeUInt16LE(shown.currency2 ?? NO_CURRENCY, AT.currency2);
  event.writeBigInt64LE(shown.amount2 ?? 0n, AT.amount2);
  event.set(shown.digest ?? [], AT.balance1);
  const opening =
    form === 'open'
      ? { form, salts: Buffer.alloc(32), event }
      : { form, salt: Buffer.alloc(16), shown: event.subarray(0, 96), hidden: Buffer.alloc(32) };
  return { opening, message: null };
}
const CONVERTED = { dealer: 2, currency2: 1, amount2: 101_715n };
const ALL =
  'network messageType amount creditedAmount debtorAgent creditorAgent dealer currency creditedCurrency'.split(
    ' ',
  );

describe('a message that its bank signed later, beside an event of other terms', () => {
  const compare = (type: Type, change: object, shown: Shown, of = POOL, sender = ALFA) =>
    compareTerms(
      receiptOf({ type, ...shown }),
      shown.kind ?? 'settled',
      messageOf(type, WRITE[type](change), sender),
      of,
    );

  it('holds where it has the terms of the event', () => {
    for (const kind of [
      'settled',
      'cancelled',
      'unwound',
      'queued',
      'matched',
      'promised',
    ] as const)
      for (const type of [CREDIT_TRANSFER, BANK_TRANSFER, LEG, CHAIN] as const)
        assert.deepEqual(compare(type, {}, { kind }), ALL, `${type} ${kind}`);
    assert.deepEqual(compare(CREDIT_TRANSFER, converted, CONVERTED), ALL);
    assert.deepEqual(compare(CREDIT_TRANSFER, converted, CONVERTED, NAMELESS), ALL.slice(0, 4));
  });

  // By message type, what the message says that the event has not, what else the event has, and why it is refused.
  const by = (bic: Bic) => ({ instructingAgent: bic, debtorAgent: bic });
  const TABLE: readonly (readonly [Type, object, Shown, RegExp])[] = [
    [CREDIT_TRANSFER, by(OTHER), {}, /says OMEGFR00 as debtor’s agent, the event ALFADE00/],
    [CREDIT_TRANSFER, { creditorAgent: OTHER }, {}, /OMEGFR00 as creditor’s agent, the event BETA/],
    [CREDIT_TRANSFER, { currency: 'SGD' }, {}, /says SGD as currency, the event EUR/],
    [CREDIT_TRANSFER, { amountMinor: 1n }, {}, /says 1 as amount, the event 69342/],
    [CREDIT_TRANSFER, {}, CONVERTED, /says 0 as amount credited, the event 101715/],
    [CREDIT_TRANSFER, {}, { dealer: 2 }, /says none as dealer, the event DELRSG00/],
    [CREDIT_TRANSFER, {}, { currency2: 1 }, /says none as currency credited, the event SGD/],
    [CREDIT_TRANSFER, {}, { currency2: 0 }, /says none as currency credited, the event EUR/],
    [CREDIT_TRANSFER, { conversion }, {}, /says 101715 as amount credited, the event 0/],
    [
      CREDIT_TRANSFER,
      { conversion: { ...conversion, dealer: OTHER } },
      CONVERTED,
      /says OMEGFR00 as dealer, the event DELRSG00/,
    ],
    [
      CREDIT_TRANSFER,
      { conversion: { ...conversion, currency: 'USD' } },
      CONVERTED,
      /says USD as currency credited, the event SGD/,
    ],
    [
      CREDIT_TRANSFER,
      { conversion: { ...conversion, amountMinor: 2n } },
      CONVERTED,
      /says 2 as amount credited, the event 101715/,
    ],
    [
      CREDIT_TRANSFER,
      { conversion },
      { ...CONVERTED, dealer: NONE32 },
      /as dealer, the event none/,
    ],
    [
      CREDIT_TRANSFER,
      { conversion },
      { ...CONVERTED, currency2: NO_CURRENCY },
      /as currency credited, the event none/,
    ],
    [BANK_TRANSFER, by(OTHER), {}, /as debtor’s agent, the event ALFADE00/],
    [BANK_TRANSFER, { creditorAgent: OTHER }, {}, /as creditor’s agent, the event BETASG00/],
    [BANK_TRANSFER, { currency: 'USD' }, {}, /says USD as currency, the event EUR/],
    [BANK_TRANSFER, { amountMinor: 1n }, {}, /says 1 as amount, the event 69342/],
    [BANK_TRANSFER, {}, CONVERTED, /says 0 as amount credited, the event 101715/],
    [BANK_TRANSFER, {}, { dealer: 2 }, /says none as dealer/],
    [LEG, { instructingAgent: OTHER }, {}, /as debtor’s agent, the event ALFADE00/],
    [LEG, { counterparty: OTHER }, {}, /as creditor’s agent, the event BETASG00/],
    [LEG, { delivers: 'USD' }, {}, /says USD as currency, the event EUR/],
    [LEG, { deliversMinor: 1n }, {}, /says 1 as amount, the event 69342/],
    [LEG, {}, CONVERTED, /says 0 as amount credited, the event 101715/],
    [LEG, {}, { currency2: 1 }, /says none as currency credited, the event SGD/],
    [LEG, {}, { dealer: 2 }, /says none as dealer/],
    [CHAIN, { legNumber: 2, instructingAgent: BETA }, {}, /says 101715 as amount, the event 69342/],
    [
      CHAIN,
      { ...ofLeg({ debtorAgent: OTHER }), instructingAgent: OTHER },
      {},
      /as debtor’s agent, the event ALFADE00/,
    ],
    [CHAIN, ofLeg({ creditorAgent: OTHER }), {}, /as creditor’s agent, the event BETASG00/],
    [CHAIN, ofLeg({ code: 'USD' }), {}, /says USD as currency, the event EUR/],
    [CHAIN, ofLeg({ minor: 1n }), {}, /says 1 as amount, the event 69342/],
    [CHAIN, {}, CONVERTED, /says 0 as amount credited, the event 101715/],
    [CHAIN, {}, { dealer: 2 }, /says none as dealer/],
  ];
  it('is refused for the field that differs', () => {
    for (const [type, change, shown, expected] of TABLE) {
      const { instructingAgent: sender = ALFA } = change as { instructingAgent?: Bic };
      assert.throws(
        () => compare(type, change, shown, POOL, sender),
        { name: 'EvidenceFault', message: expected },
        `${type} ${expected}`,
      );
    }
  });

  it('is refused without names too, where amounts differ or one of both changes currency', () => {
    for (const [type, change, shown] of [
      [CREDIT_TRANSFER, { amountMinor: 1n }, {}],
      [CREDIT_TRANSFER, {}, CONVERTED],
      [CREDIT_TRANSFER, {}, { currency2: 1 }],
      [CREDIT_TRANSFER, {}, { dealer: 2 }],
      [CREDIT_TRANSFER, { conversion }, {}],
      [BANK_TRANSFER, {}, { amount2: 1n }],
      [LEG, { deliversMinor: 1n }, {}],
      [CHAIN, ofLeg({ minor: 1n }), {}],
    ] as const)
      assert.throws(() => compare(type, change, shown, NAMELESS), { name: 'EvidenceFault' });
  });

  it('is refused beside an event of another message type, and of another network', () => {
    for (const type of [CREDIT_TRANSFER, BANK_TRANSFER, LEG, CHAIN] as const)
      for (const other of MESSAGE_TYPES.filter((one) => one !== type))
        for (const kind of ['settled', 'rejected'] as const)
          assert.throws(
            () =>
              compareTerms(
                receiptOf({ type: other as MessageType, kind }),
                kind,
                messageOf(type, WRITE[type]({}), ALFA),
                POOL,
              ),
            { message: `its message says ${type} as message type, the event ${other}` },
          );
    assert.throws(() => compare(LEG, {}, {}, { ...POOL, network: 'sandbox-2' }), {
      message: 'its message says sandbox-1 as network, the event sandbox-2',
    });
  });

  it('is compared whole with the event that refused it, where that shows the digest', () => {
    const payload = WRITE[CREDIT_TRANSFER]({});
    const refused = (form: 'open' | 'closed', said: Uint8Array) =>
      compareTerms(
        receiptOf({ kind: 'rejected', digest: payloadDigest(payload) }, form),
        'rejected',
        messageOf(CREDIT_TRANSFER, said, ALFA),
        POOL,
      );
    const head = ['network', 'messageType'];
    assert.deepEqual(refused('open', payload), [...head, 'payloadDigest']);
    assert.throws(() => refused('open', Buffer.from(`${payload} `)), /as digest of the payload/);
    assert.deepEqual(refused('closed', Buffer.from('x')), head);
  });

  it('of a chain over two pools is read by the currencies of both', () => {
    const operator = OTHER;
    const apart = {
      legs: [legs[0], { ...legs[1], code: 'JPY', minor: 9n }],
      synchronised: { operator, homeLegs: 1 },
      earmark: { when: 'acceptance', expiry: '20:00:00Z', onExpiry: 'release' },
    };
    assert.deepEqual(compare(CHAIN, apart, {}), ALL);
    // Which pool settles what the standard does not say.
    assert.deepEqual(
      compare(
        CHAIN,
        apart,
        {},
        {
          ...NAMELESS,
          currencies: new Map(['EUR', 'JPY'].map((code) => [code, { minorUnits: 2, pool: '' }])),
        },
      ),
      ALL.slice(0, 2),
    );
  });
});

describe('an attestation beside the event of a record', () => {
  const digest = Buffer.alloc(32, 7);
  const said: AttestationInstruction = {
    ...{ id: 'A-1', sender: ALFA, verdict: 'recorded', digest, chain: null },
    ...{ recordKind: 'invoice', counter: 3n, currency: 'EUR' },
  };
  const event = { type: ATTESTATION, kind: 'recorded', amount1: 3n } as const;
  const shownDigest = Buffer.concat([Buffer.alloc(8), digest.subarray(0, 20)]);
  const compare = (change: object, shown: Shown = {}, of = POOL) => {
    const { sender = ALFA } = change as { sender?: Bic };
    const payload = writeAttestation({ ...said, ...change }, 0);
    return compareRecord(
      receiptOf({ ...event, digest: shownDigest, ...shown }, 'open'),
      messageOf(ATTESTATION, payload, sender, 'A-1'),
      of,
    ).compared;
  };

  it('holds where it has what was recorded, and is refused for what differs', () => {
    const all = ['network', 'messageType', 'digest', 'counter', 'attestor', 'pool'];
    assert.deepEqual(compare({}), all);
    assert.deepEqual(compare({}, {}, NAMELESS), all.slice(0, 4));
    const table: readonly (readonly [object, Shown, RegExp])[] = [
      [{ digest: Buffer.alloc(32, 8) }, {}, /as digest, the event/],
      [{ counter: 4n }, {}, /says 4 as counter, the event 3/],
      [{ sender: OTHER }, {}, /says OMEGFR00 as attestor, the event ALFADE00/],
      [{ currency: 'JPY' }, {}, /says east as pool, the event main/],
      [{}, { type: LEG }, /corridor\.attestation\.1 as message type, the event corridor\.pvp\.1/],
    ];
    for (const [change, shown, expected] of table)
      assert.throws(() => compare(change, shown), { message: expected });
    assert.throws(() => compare({}, {}, { ...POOL, network: 'x' }), /as network, the event x/);
  });
});
