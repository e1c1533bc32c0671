import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bic, Uetr } from '../names/bic-and-uetr.ts';
import { writeBankTransfer } from './bank-transfer.ts';
import { readCreditTransfer, writeCreditTransfer } from './credit-transfer.ts';
import type { Currencies, PaymentInstruction } from './instruction.ts';

const currencies: Currencies = new Map([
  ['EUR', { minorUnits: 2, pool: 'main' }],
  ['CNY', { minorUnits: 2, pool: 'main' }],
  ['JPY', { minorUnits: 0, pool: 'main' }],
]);

const domestic: PaymentInstruction = {
  messageId: 'M-1',
  endToEndId: 'E-1',
  uetr: '8a562c67-ca16-48ba-b074-65581be6f001' as Uetr,
  instructingAgent: 'BANKDEF0' as Bic,
  debtorAgent: 'BANKDEF0' as Bic,
  creditorAgent: 'BANKFRP0' as Bic,
  currency: 'EUR',
  amountMinor: 1250n,
  settlementDate: '2026-03-16',
  priority: 'high',
  conversion: null,
};
const crossBorder: PaymentInstruction = {
  ...domestic,
  conversion: {
    dealer: 'DEALSGS0' as Bic,
    currency: 'CNY',
    amountMinor: 9894n,
    rate: { mantissa: 79154n, scale: 4 },
  },
};

const write = (payment: PaymentInstruction) =>
  writeCreditTransfer(
    payment,
    { debtor: 'A', creditor: 'B' },
    1773651600000,
    (currency) => currencies.get(currency)?.minorUnits ?? 2,
  );
// biome-ignore lint/suspicious/noExplicitAny: documents are changed at any place on purpose.
type Document = any;
const document = (payment: PaymentInstruction): Document =>
  JSON.parse(Buffer.from(write(payment)).toString());

test('what is written is read back, inside one currency and across two', () => {
  assert.deepEqual(readCreditTransfer(document(domestic), currencies), domestic);
  assert.deepEqual(readCreditTransfer(document(crossBorder), currencies), crossBorder);
  for (const payment of [domestic, crossBorder]) {
    const timed = { ...payment, times: { earliest: 86_400 + 9 * 3600, latest: 0 } };
    assert.deepEqual(readCreditTransfer(document(timed), currencies), timed);
  }
});

test('documents are to the byte what the library makes of their members, whatever a name says', () => {
  const agent = (BICFI: string) => ({ FinInstnId: { BICFI } });
  const GrpHdr = {
    ...{ MsgId: 'M-1', CreDtTm: '2026-03-16T09:00:00.000Z', NbOfTxs: '1' },
    SttlmInf: { SttlmMtd: 'CLRG' },
  };
  const PmtId = { EndToEndId: 'E-1', UETR: domestic.uetr };
  const InstgAgt = agent('BANKDEF0');
  const [debited, credited] = [
    { Ccy: 'EUR', Amt: '12.50' },
    { Ccy: 'CNY', Amt: '98.94' },
  ];
  const settles = { IntrBkSttlmDt: '2026-03-16', SttlmPrty: 'HIGH' };
  const timed = { ...settles, SttlmTmReq: { FrTm: '09:00:00Z', RjctTm: '17:30:00Z' } };
  const times = { earliest: 86_400 + 9 * 3600, latest: 86_400 + 17.5 * 3600 };
  const customers = { debtor: 'Müller "& Söhne" \\ 北京\n', creditor: "D'Arcy <b>" };
  const parties = {
    ...{ Dbtr: { Nm: customers.debtor }, DbtrAgt: agent('BANKDEF0') },
    ...{ CdtrAgt: agent('BANKFRP0'), Cdtr: { Nm: customers.creditor } },
  };
  const customer = (transaction: object) => ({
    Document: { FIToFICstmrCdtTrf: { GrpHdr, CdtTrfTxInf: [transaction] } },
  });
  const atMs = Date.UTC(2026, 2, 16, 9);
  const decimals = () => 2;
  const written = [
    writeCreditTransfer({ ...domestic, times }, customers, atMs, decimals),
    writeCreditTransfer(crossBorder, customers, atMs, decimals),
    writeBankTransfer(domestic, atMs, decimals),
  ];
  const ChrgBr = 'SHAR';
  const expected = [
    customer({ PmtId, IntrBkSttlmAmt: debited, ...timed, ChrgBr, InstgAgt, ...parties }),
    customer({
      ...{ PmtId, IntrBkSttlmAmt: credited, ...settles, InstdAmt: debited, XchgRate: '7.9154' },
      ...{ ChrgBr, InstgAgt, IntrmyAgt1: agent('DEALSGS0'), ...parties },
    }),
    {
      Document: {
        FICdtTrf: {
          GrpHdr,
          CdtTrfTxInf: [
            {
              ...{ PmtId, IntrBkSttlmAmt: debited, ...settles, InstgAgt },
              ...{ Dbtr: agent('BANKDEF0'), Cdtr: agent('BANKFRP0') },
            },
          ],
        },
      },
    },
  ];
  assert.deepEqual(
    written.map((bytes) => Buffer.from(bytes).toString()),
    expected.map((document) => JSON.stringify(document)),
  );
});

test('a cross-currency payment has the ISO 20022 elements that dealers and banks expect', () => {
  const [transaction] = document(crossBorder).Document.FIToFICstmrCdtTrf.CdtTrfTxInf;
  assert.deepEqual(transaction.InstdAmt, { Ccy: 'EUR', Amt: '12.50' });
  assert.deepEqual(transaction.IntrBkSttlmAmt, { Ccy: 'CNY', Amt: '98.94' });
  assert.equal(transaction.XchgRate, '7.9154');
  assert.equal(transaction.IntrmyAgt1.FinInstnId.BICFI, 'DEALSGS0');
  assert.equal(transaction.SttlmPrty, 'HIGH');
});

test('whoever is next may be the instructed agent, of payment or group: the dealer and the creditor agent alone', () => {
  for (const place of ['payment', 'group'] as const) {
    const judged = (bic: string) => {
      const changed = document(crossBorder);
      const { GrpHdr, CdtTrfTxInf } = changed.Document.FIToFICstmrCdtTrf;
      const elements = place === 'group' ? GrpHdr : CdtTrfTxInf[0];
      elements.InstdAgt = { FinInstnId: { BICFI: bic } };
      const read = readCreditTransfer(changed, currencies);
      return 'reason' in read ? read.detail : 'taken';
    };
    assert.equal(judged('DEALSGS0'), 'taken', place);
    assert.equal(judged('BANKFRP0'), 'taken', place);
    const at = place === 'group' ? 'GrpHdr' : 'CdtTrfTxInf/0';
    assert.equal(
      judged('BANKDEF0'),
      `/Document/FIToFICstmrCdtTrf/${at}/InstdAgt/FinInstnId/BICFI: must be DEALSGS0 or BANKFRP0, to whom the payment goes, found "BANKDEF0"`,
    );
  }
});

/** Each row: what is changed in the document, the reason and the words that the detail holds. */
const faults: [string, (transaction: Document, group: Document) => void, string, RegExp][] = [
  [
    'a number as amount',
    (t) => {
      t.IntrBkSttlmAmt.Amt = 12.5;
    },
    'formatInvalid',
    /IntrBkSttlmAmt\/Amt: must be string, found 12.5/,
  ],
  [
    'a negative amount',
    (t) => {
      t.IntrBkSttlmAmt.Amt = '-1.00';
    },
    'formatInvalid',
    /Amt.*found "-1.00"/,
  ],
  [
    'an exponent',
    (t) => {
      t.IntrBkSttlmAmt.Amt = '1e3';
    },
    'formatInvalid',
    /1e3/,
  ],
  [
    'zero',
    (t) => {
      t.IntrBkSttlmAmt.Amt = '0.00';
    },
    'amountNotPositive',
    /0\.00/,
  ],
  [
    'excess decimals',
    (t) => {
      t.IntrBkSttlmAmt.Amt = '1.001';
    },
    'decimalsExcess',
    /EUR, which has 2 decimals/,
  ],
  [
    'excess decimals of what the debtor instructed',
    (t) => {
      t.InstdAmt = { Ccy: 'EUR', Amt: '1.001' };
    },
    'decimalsExcess',
    /InstdAmt.*EUR, which has 2 decimals/,
  ],
  [
    'a currency that no pool settles',
    (t) => {
      t.IntrBkSttlmAmt.Ccy = 'XAU';
    },
    'currencyUnknown',
    /must be one of EUR, CNY, JPY, found "XAU"/,
  ],
  [
    'two payments',
    (_, g) => {
      g.CdtTrfTxInf.push(g.CdtTrfTxInf[0]);
    },
    'formatInvalid',
    /CdtTrfTxInf/,
  ],
  [
    'an upper-case UETR',
    (t) => {
      t.PmtId.UETR = t.PmtId.UETR.toUpperCase();
    },
    'formatInvalid',
    /UETR/,
  ],
  [
    'a UUID of version 1',
    (t) => {
      t.PmtId.UETR = '8a562c67-ca16-18ba-b074-65581be6f001';
    },
    'formatInvalid',
    /UETR/,
  ],
  [
    'a settlement method of another kind',
    (_, g) => {
      g.GrpHdr.SttlmInf.SttlmMtd = 'INDA';
    },
    'formatInvalid',
    /must be "CLRG", found "INDA"/,
  ],
  [
    'a date that the calendar has not',
    (t) => {
      t.IntrBkSttlmDt = '2026-02-30';
    },
    'settlementDateInvalid',
    /2026-02-30/,
  ],
  [
    'a rate without a dealer',
    (t) => {
      t.InstdAmt = { Ccy: 'CNY', Amt: '1.00' };
      t.XchgRate = '1.1';
    },
    'formatInvalid',
    /IntrmyAgt1/,
  ],
  [
    'a dealer without a second currency',
    (t) => {
      t.IntrmyAgt1 = t.DbtrAgt;
    },
    'formatInvalid',
    /in one currency/,
  ],
  [
    "another bank's account",
    (t) => {
      t.DbtrAgt.FinInstnId.BICFI = 'BANKFRP0';
    },
    'instructingAgentNotDebtorAgent',
    /must be DbtrAgt BANKFRP0, found "BANKDEF0"/,
  ],
  [
    'a missing element',
    (t) => {
      t.CdtrAgt = undefined;
    },
    'formatInvalid',
    /CdtrAgt/,
  ],
  [
    'a decimal of yen',
    (t) => {
      t.IntrBkSttlmAmt = { Ccy: 'JPY', Amt: '5.0' };
    },
    'decimalsExcess',
    /JPY, which has 0/,
  ],
  [
    'yen beyond 64 bits',
    (t) => {
      t.IntrBkSttlmAmt = { Ccy: 'JPY', Amt: '9223372036854775808' };
    },
    'amountTooLarge',
    /64 bits/,
  ],
];

for (const [name, change, reason, detail] of faults)
  test(`refused, with place, value and expectation: ${name}`, () => {
    const changed = document(domestic);
    const group = changed.Document.FIToFICstmrCdtTrf;
    change(group.CdtTrfTxInf[0], group);
    const refusal = readCreditTransfer(JSON.parse(JSON.stringify(changed)), currencies);
    assert.ok('reason' in refusal, 'it was taken');
    assert.equal(refusal.reason, reason);
    assert.match(refusal.detail, detail);
  });
