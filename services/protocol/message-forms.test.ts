import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBankTransfer, writeBankTransfer } from './messages/bank-transfer.ts';
import { readCancellation, writeCancellation } from './messages/cancellation.ts';
import {
  readCreditorStatus,
  readRecallAnswer,
  writeCreditorStatus,
  writeRecallAnswer,
} from './messages/creditor-replies.ts';
import { readDayQuery, writeDayQuery } from './messages/day-query.ts';
import type { Currencies, LegInstruction, PaymentInstruction } from './messages/instruction.ts';
import { readLimit, readLimitRemoval, writeLimit } from './messages/limit.ts';
import { readPaymentReturn, writePaymentReturn } from './messages/payment-return.ts';
import { matchKey, readLeg, writeLeg } from './messages/pvp-leg.ts';
import { readQueueQuery, writeQueueQuery } from './messages/queue-query.ts';
import { readReordering, writeReordering } from './messages/reordering.ts';
import { readReportRequest, writeReportRequest } from './messages/report-request.ts';
import { readReservation, writeReservation } from './messages/reservation.ts';
import { readTimes, timeOnDate, writeTimes } from './messages/settlement-times.ts';
import { readStatusRequest, writeStatusRequest } from './messages/status-request.ts';
import type { Bic, Uetr } from './names/bic-and-uetr.ts';
import { isIsin } from './rules/check-digits.ts';

/** What banks send besides customer credit transfers: written, read back, and every hostile form. */
const BOND = 'XS0000000009';
const currencies: Currencies = new Map([
  ['EUR', { minorUnits: 2, pool: 'main' }],
  ['USD', { minorUnits: 2, pool: 'main' }],
  [BOND, { minorUnits: 0, pool: 'main' }],
]);
const decimals = (code: string) => currencies.get(code)?.minorUnits ?? 2;
const [ALFA, BETA] = ['ALFADE00', 'BETAFR00'] as [Bic, Bic];
const NOW = Date.UTC(2026, 2, 16, 9);
const uetr = '8a562c67-ca16-48ba-b074-65581be6f001' as Uetr;
const parse = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString());

const transfer: PaymentInstruction = {
  messageId: 'M-1',
  endToEndId: 'E-1',
  uetr,
  instructingAgent: ALFA,
  debtorAgent: ALFA,
  creditorAgent: BETA,
  currency: 'EUR',
  amountMinor: 500_000n,
  settlementDate: '2026-03-16',
  priority: 'urgent',
  conversion: null,
  times: { earliest: 86_400 + 9 * 3600, latest: 86_400 + 10 * 3600 },
};
const leg: LegInstruction = {
  messageId: 'M-2',
  endToEndId: 'TRADE-1',
  uetr,
  instructingAgent: ALFA,
  counterparty: BETA,
  delivers: 'EUR',
  deliversMinor: 100_000n,
  receives: 'USD',
  receivesMinor: 108_000n,
  settlementDate: '2026-03-16',
  priority: 'normal',
};
const cancellation = {
  id: 'C-1',
  sender: ALFA,
  uetr,
  paymentType: 'pacs.009.001.08',
  currency: 'EUR',
} as const;
const reordering = {
  id: 'R-1',
  uetr,
  paymentType: 'pacs.008.001.08',
  priority: 'high',
  move: 'front',
  currency: null,
} as const;
const limit = {
  id: 'L-1',
  sender: ALFA,
  currency: 'EUR',
  counterparty: BETA,
  limitMinor: 0n,
};
const reservation = {
  id: 'V-1',
  sender: ALFA,
  currency: 'EUR',
  priority: 'urgent',
  amountMinor: 100n,
} as const;

const report = { id: 'Q-1', sender: ALFA, currency: 'EUR', date: null } as const;
const statement = { ...report, currency: null, date: '2026-03-16' } as const;

const giveBack = {
  id: 'RT-1',
  sender: BETA,
  receiver: ALFA,
  uetr,
  paymentType: 'pacs.009.001.08',
  originalMessageId: 'M-1',
  currency: 'EUR',
  amountMinor: 4_999n,
  settlementDate: '2026-03-17',
  priority: 'high',
} as const;
const replied = {
  id: 'Y-1',
  sender: BETA,
  receiver: ALFA,
  uetr,
  paymentType: 'pacs.008.001.08',
} as const;
const said = (status: string, reasonCode: string | null, code: string | null = 'EUR') => ({
  ...{ originalMessageId: 'M-1', status, reasonCode },
  settled: code === null ? null : { Ccy: code, Amt: '5000.00' },
});

const asked = {
  id: 'SR-1',
  sender: BETA,
  uetr,
  paymentType: 'corridor.pvp.1',
  paymentSender: ALFA,
} as const;

const written = {
  pacs028: () => parse(writeStatusRequest(asked, 'M-1', { Ccy: 'EUR', Amt: '5000.00' }, NOW)),
  pacs004: () => parse(writePaymentReturn(giveBack, 'AC04', NOW, decimals)),
  camt029: () => parse(writeRecallAnswer(replied, said('RJCR', 'LEGL'), NOW)),
  pacs002: () => parse(writeCreditorStatus(replied, said('RJCT', 'AC04'), NOW)),
  pacs009: () => parse(writeBankTransfer(transfer, NOW, decimals)),
  leg: () => parse(writeLeg(leg, NOW, decimals)),
  camt056: () => parse(writeCancellation(cancellation, NOW, 5_000n, decimals)),
  camt007: () => parse(writeReordering(reordering, NOW)),
  camt011: () => parse(writeLimit(limit, NOW, decimals)),
  camt012: () => parse(writeLimit({ ...limit, limitMinor: null }, NOW, decimals)),
  camt048: () => parse(writeReservation(reservation, NOW, decimals)),
  camt060: () => parse(writeReportRequest(report, NOW)),
  camt005: () => parse(writeQueueQuery({ id: 'Q-1', currency: BOND }, NOW)),
  camt018: () => parse(writeDayQuery({ id: 'Q-2', currency: 'USD' }, NOW)),
};
const readers = {
  pacs028: readStatusRequest,
  pacs004: readPaymentReturn,
  camt029: readRecallAnswer,
  pacs002: readCreditorStatus,
  pacs009: readBankTransfer,
  leg: readLeg,
  camt056: readCancellation,
  camt007: readReordering,
  camt011: readLimit,
  camt012: readLimitRemoval,
  camt048: readReservation,
  camt060: readReportRequest,
  camt005: readQueueQuery,
  camt018: readDayQuery,
};
type Form = keyof typeof readers;

test('what is written is read back, in every type and variant', () => {
  const dvp = { ...leg, receives: BOND, receivesMinor: 1000n };
  const answered = (status: string, currency: string | null) =>
    readRecallAnswer(
      parse(writeRecallAnswer(replied, said(status, null, currency), NOW)),
      currencies,
    );
  const ofReturn = { paymentType: 'pacs.004.001.09' as const, returnId: 'R-1' };
  const unnamed = parse(writeStatusRequest(asked, 'M-1', null, NOW, 'C-1'));
  delete unnamed.Document.FIToFIPmtStsReq.OrgnlGrpInf;
  const rows: [object, object][] = [
    [
      readStatusRequest(unnamed, currencies),
      { ...asked, paymentType: 'pacs.008.001.08', currency: null },
    ],
    [readPaymentReturn(written.pacs004(), currencies), giveBack],
    [readStatusRequest(written.pacs028(), currencies), { ...asked, currency: 'EUR' }],
    ...(['pacs.008.001.08', 'pacs.009.001.08'] as const).map((paymentType): [object, object] => [
      readStatusRequest(
        parse(writeStatusRequest({ ...asked, paymentType }, 'M-1', null, NOW, 'C-1')),
        currencies,
      ),
      { ...asked, paymentType, currency: null },
    ]),
    [
      readRecallAnswer(written.camt029(), currencies),
      { ...replied, currency: 'EUR', reply: 'decided' },
    ],
    [answered('CNCL', null), { ...replied, currency: null, reply: 'decided' }],
    [answered('PDCR', 'USD'), { ...replied, currency: 'USD', reply: 'pending' }],
    [
      readCreditorStatus(written.pacs002(), currencies),
      { ...replied, currency: 'EUR', reply: 'notCredited' },
    ],
    [
      readCreditorStatus(
        parse(writeCreditorStatus(replied, said('ACCC', null, null), NOW)),
        currencies,
      ),
      { ...replied, currency: null, reply: 'credited' },
    ],
    [readBankTransfer(written.pacs009(), currencies), transfer],
    [readLeg(written.leg(), currencies), leg],
    [readLeg(parse(writeLeg(dvp, NOW, decimals)), currencies), dvp],
    [readCancellation(written.camt056(), currencies), cancellation],
    [readReordering(written.camt007(), currencies), reordering],
    [
      readCancellation(
        parse(writeCancellation({ ...cancellation, ...ofReturn }, NOW, 100n, decimals)),
        currencies,
      ),
      { ...cancellation, ...ofReturn },
    ],
    [
      readReordering(parse(writeReordering({ ...reordering, ...ofReturn }, NOW)), currencies),
      { ...reordering, ...ofReturn },
    ],
    [
      readStatusRequest(
        parse(writeStatusRequest({ ...asked, ...ofReturn }, ofReturn.returnId, null, NOW)),
        currencies,
      ),
      { ...asked, ...ofReturn, currency: null },
    ],
    [
      readReordering(
        parse(writeReordering({ ...reordering, move: 'end', currency: 'USD' }, NOW)),
        currencies,
      ),
      { ...reordering, move: 'end', currency: 'USD' },
    ],
    [readLimit(written.camt011(), currencies), limit],
    [
      readLimit(parse(writeLimit({ ...limit, counterparty: null }, NOW, decimals)), currencies),
      { ...limit, counterparty: null },
    ],
    [readLimitRemoval(written.camt012(), currencies), { ...limit, limitMinor: null }],
    [readReservation(written.camt048(), currencies), reservation],
    [readReportRequest(written.camt060(), currencies), report],
    [readQueueQuery(written.camt005(), currencies), { id: 'Q-1', sender: null, currency: BOND }],
    [readDayQuery(written.camt018(), currencies), { id: 'Q-2', sender: null, currency: 'USD' }],
    [
      readQueueQuery(parse(writeQueueQuery({ id: 'Q-3', currency: null }, NOW)), currencies),
      { id: 'Q-3', sender: null, currency: null },
    ],
    [
      readDayQuery(parse(writeDayQuery({ id: 'Q-4', currency: null }, NOW)), currencies),
      { id: 'Q-4', sender: null, currency: null },
    ],
    [readReportRequest(parse(writeReportRequest(statement, NOW)), currencies), statement],
  ];
  for (const [read, expected] of rows) assert.deepEqual(read, expected);
});

/** As CBPR+ sends it at least: agents may be named by other means than a BIC. */
const COVERED = {
  Dbtr: { Nm: 'EXAMPLE PARTY NV' },
  DbtrAgt: { FinInstnId: { BICFI: 'CUSTUS33XXX' } },
  IntrmyAgt1: { FinInstnId: { ClrSysMmbId: { MmbId: '021000021' } } },
  CdtrAgt: { FinInstnId: {} },
  Cdtr: { Nm: 'EXAMPLE PARTY LTD' },
  InstdAmt: { Ccy: 'GBP', Amt: '1000.00' },
};

test('a cover is the same payment as without the customer transfer that it pays for', () => {
  const document = written.pacs009();
  document.Document.FICdtTrf.CdtTrfTxInf[0].UndrlygCstmrCdtTrf = COVERED;
  assert.deepEqual(readBankTransfer(document, currencies), transfer);
});

test('the account debited by a bank’s transfer is its own, named as agent or as debtor', () => {
  const document = written.pacs009();
  const [t] = document.Document.FICdtTrf.CdtTrfTxInf;
  t.DbtrAgt = t.Dbtr;
  t.Dbtr = { FinInstnId: { BICFI: 'CUSTUS00' } };
  t.CdtrAgt = t.Cdtr;
  t.Cdtr = t.Dbtr;
  assert.deepEqual(readBankTransfer(document, currencies), transfer);
  t.DbtrAgt = undefined;
  const refusal = readBankTransfer(JSON.parse(JSON.stringify(document)), currencies);
  assert.ok('reason' in refusal && refusal.reason === 'instructingAgentNotDebtorAgent');
  assert.match(refusal.detail, /InstgAgt.*must be Dbtr CUSTUS00, found "ALFADE00"/);
});

// biome-ignore lint/suspicious/noExplicitAny: documents are changed at any place on purpose.
type Document = any;
const transaction = (d: Document) => d.Document.FICdtTrf.CdtTrfTxInf[0];
const change = (d: Document) => d.Document.ModfyTx.Mod[0];
const limitOf = (d: Document) => d.Document.ModfyLmt.LmtDtls[0];
const underlying = (d: Document) => d.Document.FIToFIPmtCxlReq.Undrlyg[0].TxInf;

/** Each row: the type, what is done to its document, the reason and the words of the detail. */
const returned = (d: Document) => d.Document.PmtRtr.TxInf[0];
const resolved = (d: Document) => d.Document.RsltnOfInvstgtn;
const credited = (d: Document) => d.Document.FIToFIPmtStsRpt.TxInfAndSts[0];
const faults: [Form, string, (document: Document) => void, string, RegExp][] = [
  [
    'pacs004',
    'a return of a return',
    (d) => {
      returned(d).OrgnlGrpInf.OrgnlMsgNmId = 'pacs.004.001.09';
    },
    'formatInvalid',
    /OrgnlMsgNmId: must be "pacs.008.001.08" or "pacs.009.001.08"/,
  ],
  [
    'pacs004',
    'two returns in one message',
    (d) => {
      d.Document.PmtRtr.TxInf.push(returned(d));
    },
    'formatInvalid',
    /TxInf: must NOT have more than 1 items/,
  ],
  ...(['InstgAgt', 'InstdAgt', 'RtrRsnInf', 'OrgnlUETR', 'IntrBkSttlmDt'] as const).map(
    (element): (typeof faults)[number] => [
      'pacs004',
      `a return without ${element}`,
      (d) => {
        delete returned(d)[element];
      },
      'formatInvalid',
      new RegExp(`must have required property '${element}'`),
    ],
  ),
  [
    'pacs004',
    'a wish that nobody heeds',
    (d) => {
      returned(d).SttlmTmReq = { RjctTm: '11:00:00Z' };
    },
    'formatInvalid',
    /must not have "SttlmTmReq"/,
  ],
  [
    'pacs004',
    'an amount of zero',
    (d) => {
      returned(d).RtrdIntrBkSttlmAmt.Amt = '0.00';
    },
    'amountNotPositive',
    /RtrdIntrBkSttlmAmt\/Amt: must be above zero, found "0.00"/,
  ],
  [
    'pacs004',
    'a date that is none',
    (d) => {
      returned(d).IntrBkSttlmDt = '2026-02-30';
    },
    'settlementDateInvalid',
    /2026-02-30/,
  ],
  [
    'pacs028',
    'a question about a limit',
    (d) => {
      d.Document.FIToFIPmtStsReq.TxInf[0].OrgnlGrpInf.OrgnlMsgNmId = 'camt.011.001.08';
    },
    'formatInvalid',
    /OrgnlMsgNmId: must be/,
  ],
  [
    'pacs028',
    'a question about the recall of a leg, which nobody recalls',
    (d) => {
      const asked = d.Document.FIToFIPmtStsReq;
      asked.TxInf[0].OrgnlGrpInf.OrgnlMsgNmId = 'camt.056.001.08';
      asked.OrgnlGrpInf = [{ OrgnlMsgId: 'M-1', OrgnlMsgNmId: 'corridor.pvp.1' }];
    },
    'formatInvalid',
    /OrgnlGrpInf\/0\/OrgnlMsgNmId: must be/,
  ],
  [
    'pacs028',
    'a currency of another network',
    (d) => {
      d.Document.FIToFIPmtStsReq.TxInf[0].OrgnlTxRef.IntrBkSttlmAmt.Ccy = 'CHF';
    },
    'currencyUnknown',
    /OrgnlTxRef\/IntrBkSttlmAmt\/Ccy: must be one of EUR, .*found "CHF"/,
  ],
  [
    'pacs028',
    'an element that nobody heeds',
    (d) => {
      d.Document.FIToFIPmtStsReq.TxInf[0].OrgnlTxRef.CdtrAgt = {};
    },
    'formatInvalid',
    /must not have "CdtrAgt"/,
  ],
  [
    'camt029',
    'a refusal without a reason',
    (d) => {
      delete resolved(d).CxlDtls[0].TxInfAndSts[0].CxlStsRsnInf;
    },
    'formatInvalid',
    /CxlStsRsnInf: must be there with RJCR, found nothing/,
  ],
  [
    'camt029',
    'an answer of another kind',
    (d) => {
      resolved(d).Sts.Conf = 'MODI';
    },
    'formatInvalid',
    /Conf: must be "CNCL" or "RJCR" or "PDCR", found "MODI"/,
  ],
  [
    'camt029',
    'an answer to nobody',
    (d) => {
      delete resolved(d).Assgnmt.Assgne;
    },
    'formatInvalid',
    /must have required property 'Assgne'/,
  ],
  [
    'camt029',
    'a currency of another network',
    (d) => {
      resolved(d).CxlDtls[0].TxInfAndSts[0].OrgnlIntrBkSttlmAmt.Ccy = 'CHF';
    },
    'currencyUnknown',
    /OrgnlIntrBkSttlmAmt\/Ccy: must be one of EUR, .*found "CHF"/,
  ],
  [
    'pacs002',
    'a customer that was not credited, without a reason',
    (d) => {
      delete credited(d).StsRsnInf;
    },
    'formatInvalid',
    /StsRsnInf: must be there with RJCT, found nothing/,
  ],
  [
    'pacs002',
    'a status that is the network’s to give',
    (d) => {
      credited(d).TxSts = 'ACSC';
    },
    'formatInvalid',
    /TxSts: must be "ACCC" or "RJCT", found "ACSC"/,
  ],
  [
    'pacs002',
    'a reason of no form',
    (d) => {
      credited(d).StsRsnInf = [{ Rsn: {} }];
    },
    'formatInvalid',
    /StsRsnInf/,
  ],
  [
    'pacs002',
    'a currency of another network',
    (d) => {
      credited(d).OrgnlTxRef.IntrBkSttlmAmt.Ccy = 'CHF';
    },
    'currencyUnknown',
    /OrgnlTxRef\/IntrBkSttlmAmt\/Ccy: must be one of EUR, .*found "CHF"/,
  ],
  [
    'pacs009',
    'a latest time before the earliest',
    (d) => {
      transaction(d).SttlmTmReq.RjctTm = '08:59:59Z';
    },
    'timesInvalid',
    /RjctTm: must be after FrTm 09:00:00Z, found "08:59:59Z"/,
  ],
  [
    'pacs009',
    'a time without a zone',
    (d) => {
      transaction(d).SttlmTmReq.FrTm = '09:00:00';
    },
    'formatInvalid',
    /FrTm: must match pattern.*found "09:00:00"/,
  ],
  [
    'pacs009',
    'a zone that no place has',
    (d) => {
      transaction(d).SttlmTmReq.FrTm = '09:00:00+15:00';
    },
    'formatInvalid',
    /FrTm/,
  ],
  ...(['Dbtr', 'DbtrAgt', 'CdtrAgt', 'Cdtr'] as const).map((element): (typeof faults)[number] => [
    'pacs009',
    `a customer transfer underneath without ${element}`,
    (d) => {
      const { [element]: _, ...rest } = COVERED;
      transaction(d).UndrlygCstmrCdtTrf = rest;
    },
    'formatInvalid',
    new RegExp(`UndrlygCstmrCdtTrf: must have required property '${element}'`),
  ]),
  ...(
    [
      ...['DbtrAgt', 'PrvsInstgAgt1', 'PrvsInstgAgt2', 'PrvsInstgAgt3'],
      ...['IntrmyAgt1', 'IntrmyAgt2', 'IntrmyAgt3', 'CdtrAgt'],
    ] as const
  ).map((element): (typeof faults)[number] => [
    'pacs009',
    `a customer transfer underneath whose ${element} has no BIC in its BICFI`,
    (d) => {
      const agent = { FinInstnId: { BICFI: 'customer bank' } };
      transaction(d).UndrlygCstmrCdtTrf = { ...COVERED, [element]: agent };
    },
    'bicInvalid',
    new RegExp(`UndrlygCstmrCdtTrf/${element}/FinInstnId/BICFI`),
  ]),
  [
    'pacs009',
    'a customer transfer underneath whose amount is a number',
    (d) => {
      transaction(d).UndrlygCstmrCdtTrf = { ...COVERED, InstdAmt: { Ccy: 'GBP', Amt: 1000 } };
    },
    'formatInvalid',
    /UndrlygCstmrCdtTrf\/InstdAmt\/Amt: must be string, found 1000/,
  ],
  [
    'pacs009',
    'a settlement method of another kind',
    (d) => {
      d.Document.FICdtTrf.GrpHdr.SttlmInf.SttlmMtd = 'COVE';
    },
    'formatInvalid',
    /must be "CLRG", found "COVE"/,
  ],
  [
    'leg',
    'one currency on both sides',
    (d) => {
      d.Leg.Rcv = { Ccy: 'EUR', Amt: '1.00' };
    },
    'formatInvalid',
    /Rcv: must be a currency other than Dlvr EUR, .*found "EUR"/,
  ],
  [
    'leg',
    'a security against itself',
    (d) => {
      d.Leg.Dlvr = d.Leg.Rcv = { ISIN: BOND, Qty: '1' };
    },
    'formatInvalid',
    /or one of the two a security, found "XS0000000009"/,
  ],
  [
    'leg',
    'an ISIN with a wrong check digit',
    (d) => {
      d.Leg.Rcv = { ISIN: 'XS0000000008', Qty: '1' };
    },
    'formatInvalid',
    /Rcv\/ISIN: must have a check digit that fits, found "XS0000000008"/,
  ],
  [
    'leg',
    'a security that is not settled here',
    (d) => {
      d.Leg.Rcv = { ISIN: 'US0378331005', Qty: '1' };
    },
    'currencyUnknown',
    /Rcv\/ISIN: must be one of EUR, USD, XS0000000009, found "US0378331005"/,
  ],
  [
    'leg',
    'a fraction of a security without fractions',
    (d) => {
      d.Leg.Rcv = { ISIN: BOND, Qty: '1.5' };
    },
    'decimalsExcess',
    /Rcv\/Qty: .*found "1.5"/,
  ],
  [
    'leg',
    'nothing to receive',
    (d) => {
      d.Leg.Rcv.Amt = '0.00';
    },
    'amountNotPositive',
    /Rcv\/Amt: must be above zero, found "0.00"/,
  ],
  [
    'leg',
    'a security that calls itself a currency',
    (d) => {
      d.Leg.Rcv = { Ccy: 'ISIN', Amt: '1' };
    },
    'formatInvalid',
    /Ccy: must match pattern.*found "ISIN"/,
  ],
  [
    'leg',
    'an element that nobody heeds',
    (d) => {
      d.Leg.Rate = '1.1';
    },
    'formatInvalid',
    /\/Leg\/Rate: must not have "Rate"/,
  ],
  [
    'camt056',
    'two payments',
    (d) => {
      underlying(d).push(underlying(d)[0]);
    },
    'formatInvalid',
    /TxInf: must NOT have more than 1 items/,
  ],
  [
    'camt056',
    'a payment named in upper case',
    (d) => {
      underlying(d)[0].OrgnlUETR = uetr.toUpperCase();
    },
    'formatInvalid',
    /OrgnlUETR/,
  ],
  [
    'camt056',
    'no payment',
    (d) => {
      underlying(d)[0].OrgnlUETR = undefined;
    },
    'formatInvalid',
    /must have required property 'OrgnlUETR'/,
  ],
  [
    'camt056',
    'a currency of another network',
    (d) => {
      underlying(d)[0].OrgnlIntrBkSttlmAmt.Ccy = 'XAU';
    },
    'currencyUnknown',
    /OrgnlIntrBkSttlmAmt\/Ccy: must be one of EUR, .*found "XAU"/,
  ],
  [
    'camt056',
    'a message that is no payment',
    (d) => {
      underlying(d)[0].OrgnlGrpInf.OrgnlMsgNmId = 'camt.011.001.07';
    },
    'formatInvalid',
    /OrgnlMsgNmId: must be "pacs.008.001.08" or "pacs.009.001.08" or "corridor.pvp.1" or "corridor.chain.1" or "pacs.004.001.09" or "corridor.quote.1", found "camt/,
  ],
  [
    'camt056',
    'a cancellation of a whole group',
    (d) => {
      d.Document.FIToFIPmtCxlReq.Undrlyg[0].OrgnlGrpInfAndCxl = { GrpCxl: true };
    },
    'formatInvalid',
    /must not have "OrgnlGrpInfAndCxl"/,
  ],
  [
    'camt007',
    'a priority that there is not',
    (d) => {
      change(d).NewPmtValSet.Prty = { Cd: 'LOWW' };
    },
    'formatInvalid',
    /Prty/,
  ],
  [
    'camt007',
    'code and own word together',
    (d) => {
      change(d).NewPmtValSet.Prty = { Cd: 'HIGH', Prtry: 'HIGH-FIRST' };
    },
    'formatInvalid',
    /NewPmtValSet\/Prty: must have one of Cd, Prtry, found \{"Cd":"HIGH"/,
  ],
  [
    'camt007',
    'a change that is not made here',
    (d) => {
      change(d).NewPmtValSet.PrcgVldtyTm = { FrDtTm: '2026-03-16T12:00:00Z' };
    },
    'formatInvalid',
    /NewPmtValSet\/PrcgVldtyTm: must not have "PrcgVldtyTm"/,
  ],
  [
    'camt011',
    'a bilateral limit against nobody',
    (d) => {
      limitOf(d).LmtId.Cur.BilLmtCtrPtyId = undefined;
    },
    'formatInvalid',
    /Tp\/Cd: must be BILI with BilLmtCtrPtyId, .*found "BILI"/,
  ],
  [
    'camt011',
    'a multilateral limit against one bank',
    (d) => {
      limitOf(d).LmtId.Cur.Tp.Cd = 'MULT';
    },
    'formatInvalid',
    /or MULT without, found "MULT"/,
  ],
  [
    'camt011',
    'a negative limit',
    (d) => {
      limitOf(d).NewLmtValSet.Amt.AmtWthCcy.Amt = '-1.00';
    },
    'formatInvalid',
    /found "-1.00"/,
  ],
  [
    'camt011',
    'a limit with excess decimals',
    (d) => {
      limitOf(d).NewLmtValSet.Amt.AmtWthCcy.Amt = '1.001';
    },
    'decimalsExcess',
    /AmtWthCcy.*2 decimals/,
  ],
  [
    'camt011',
    'a limit from tomorrow on',
    (d) => {
      limitOf(d).NewLmtValSet.StartDtTm = { Dt: '2026-03-17' };
    },
    'formatInvalid',
    /must not have "StartDtTm"/,
  ],
  [
    'camt011',
    'a counterparty that is no BIC',
    (d) => {
      limitOf(d).LmtId.Cur.BilLmtCtrPtyId.FinInstnId.BICFI = 'beta';
    },
    'bicInvalid',
    /BICFI.*found "beta"/,
  ],
  [
    'camt012',
    'a currency of another network',
    (d) => {
      d.Document.DelLmt.LmtDtls.CurLmtId.AcctId.Othr.Id = 'XAU';
    },
    'currencyUnknown',
    /AcctId\/Othr\/Id: must be one of .*found "XAU"/,
  ],
  [
    'camt048',
    'a reservation of another kind',
    (d) => {
      d.Document.ModfyRsvatn.RsvatnId.Cur.Tp.Cd = 'BLKD';
    },
    'formatInvalid',
    /must be "UPAR" or "HPAR", found "BLKD"/,
  ],
  [
    'camt048',
    'more than 64 bits',
    (d) => {
      d.Document.ModfyRsvatn.NewRsvatnValSet.Amt.AmtWthCcy.Amt = '999999999999999999.00';
    },
    'amountTooLarge',
    /64 bits/,
  ],
  [
    'camt060',
    'an account in a currency of another network',
    (d) => {
      d.Document.AcctRptgReq.RptgReq[0].Acct.Id.Othr.Id = 'XAU';
    },
    'currencyUnknown',
    /Acct\/Id\/Othr\/Id: must be one of .*found "XAU"/,
  ],
  [
    'camt060',
    'another message than those that tell of an account',
    (d) => {
      d.Document.AcctRptgReq.RptgReq[0].ReqdMsgNmId = 'camt.054.001.08';
    },
    'formatInvalid',
    /must be "camt.052.001.08" or "camt.053.001.08"/,
  ],
  [
    'camt060',
    'a report of another time than now',
    (d) => {
      d.Document.AcctRptgReq.RptgReq[0].RptgPrd = period('2026-03-16', '2026-03-16');
    },
    'formatInvalid',
    /RptgPrd: must not be there with camt.052/,
  ],
  [
    'camt060',
    'a statement of no date',
    (d) => {
      d.Document.AcctRptgReq.RptgReq[0].ReqdMsgNmId = 'camt.053.001.08';
    },
    'formatInvalid',
    /RptgPrd: must be there with camt.053/,
  ],
  [
    'camt060',
    'a statement of two dates',
    (d) => {
      const [asked] = d.Document.AcctRptgReq.RptgReq;
      asked.ReqdMsgNmId = 'camt.053.001.08';
      asked.RptgPrd = period('2026-03-16', '2026-03-17');
    },
    'formatInvalid',
    /ToDt: must be FrDt 2026-03-16, .* found "2026-03-17"/,
  ],
  [
    'camt060',
    'a wish that nobody heeds',
    (d) => {
      d.Document.AcctRptgReq.RptgReq[0].ReqdBalTp = [{ CdOrPrtry: { Cd: 'ITBD' } }];
    },
    'formatInvalid',
    /must not have "ReqdBalTp"/,
  ],
];
const period = (FrDt: string, ToDt: string) => ({ FrToDt: { FrDt, ToDt }, Tp: 'ALLL' });

for (const [form, name, spoil, reason, detail] of faults)
  test(`${form} refused, with place, value and expectation: ${name}`, () => {
    const document = written[form]();
    spoil(document);
    const refusal = readers[form](JSON.parse(JSON.stringify(document)), currencies);
    assert.ok('reason' in refusal, 'it was taken');
    assert.equal(refusal.reason, reason);
    assert.match(refusal.detail, detail);
  });

test('every element of every type may be missing, null or of another JSON type: refused, no fault', () => {
  for (const form of Object.keys(readers) as Form[])
    for (const path of pathsOf(written[form]()))
      for (const by of [undefined, null, 7, [], {}, '', 'x'.repeat(200)]) {
        const document = written[form]();
        let holder = document;
        for (const key of path.slice(0, -1)) holder = holder[key];
        holder[path.at(-1) as string] = by;
        const copy = JSON.parse(JSON.stringify(document));
        const read = readers[form](copy, currencies);
        if ('reason' in read) assert.ok(read.detail.length > 3, path.join('/'));
      }
});

function pathsOf(value: Document, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => [
    [...path, key],
    ...pathsOf(below, [...path, key]),
  ]);
}

test('an ISIN’s check digit: ISO 6166', () => {
  for (const isin of ['US0378331005', 'AU0000XVGZA3', 'GB0002634946', BOND])
    assert.ok(isIsin(isin), isin);
  for (const isin of ['US0378331006', 'AU0000XVGZA4', 'GB0002634947'])
    assert.ok(!isIsin(isin), isin);
});

test('a leg is found by its EndToEndId alone', () => {
  assert.equal(matchKey('TRADE-1'), matchKey('TRADE-1'));
  assert.notEqual(matchKey('TRADE-1'), matchKey('TRADE-2'));
});

test('settlement times: any zone, counted from 00:00 UTC of the day before', () => {
  const rows: [string, number][] = [
    ['00:00:00Z', 86_400],
    ['10:00:00+01:00', 86_400 + 9 * 3600],
    ['00:00:00+14:00', 86_400 - 14 * 3600],
    ['23:59:59-14:00', 86_400 + 38 * 3600 - 1],
    ['06:30:15+05:30', 86_400 + 3600 + 15],
  ];
  for (const [time, seconds] of rows)
    assert.deepEqual(readTimes({ FrTm: time }), { earliest: seconds, latest: 0 }, time);
});

test('an instant is written as a time that reads back to it, whatever day UTC has then', () => {
  for (let hour = -14; hour < 38; hour++) {
    const atMs = Date.UTC(2026, 2, 16, hour, 59, 58);
    const latest = timeOnDate(atMs, '2026-03-16');
    assert.deepEqual(readTimes(writeTimes({ earliest: 0, latest }) ?? {}), { earliest: 0, latest });
  }
  assert.throws(() => timeOnDate(Date.UTC(2026, 2, 18), '2026-03-16'), /not on 2026-03-16/);
  assert.equal(timeOnDate(null, '2026-03-16'), 0);
  assert.equal(writeTimes({ earliest: 0, latest: 0 }), null);
});
