import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { writeAttestation } from '../../services/protocol/messages/attestation.ts';
import { writeBankTransfer } from '../../services/protocol/messages/bank-transfer.ts';
import { writeCancellation } from '../../services/protocol/messages/cancellation.ts';
import { termsDigest, writeChainLeg } from '../../services/protocol/messages/chain.ts';
import { writeCreditTransfer } from '../../services/protocol/messages/credit-transfer.ts';
import { writeCreditorStatus } from '../../services/protocol/messages/creditor-replies.ts';
import type {
  ChainLegInstruction,
  Currencies,
  LegInstruction,
  PaymentInstruction,
} from '../../services/protocol/messages/instruction.ts';
import { writeLimit } from '../../services/protocol/messages/limit.ts';
import type { MessageType } from '../../services/protocol/messages/message-types.ts';
import { isRefusal, readPayload } from '../../services/protocol/messages/payload.ts';
import { writeLeg } from '../../services/protocol/messages/pvp-leg.ts';
import { writeReportRequest } from '../../services/protocol/messages/report-request.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { ISO_REASONS } from '../../services/protocol/names/iso-reasons.ts';
import { RULES, type RuleId } from '../../services/protocol/rules/message-rules.ts';
import { type Refusal, refusalLines } from '../../services/protocol/rules/refusal.ts';
import { UNCARRIED } from '../../services/protocol/rules/xml-characters.ts';
import { atLeast } from '../support/at-least.ts';

/** A message to break for every rule: it is refused by that rule, and says where, what and why. */
const [ALFA, BETA] = ['ALFADE00', 'BETAFR00'] as [Bic, Bic];
const NOW = Date.UTC(2026, 2, 16, 9);
const currencies: Currencies = new Map([
  ['EUR', { minorUnits: 2, pool: 'main' }],
  ['USD', { minorUnits: 2, pool: 'main' }],
  ['CNY', { minorUnits: 2, pool: 'asia' }],
]);
const decimals = () => 2;
const uetr = '8a562c67-ca16-48ba-b074-65581be6f001' as Uetr;
const payment: PaymentInstruction = {
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
const NETWORK = 'sandbox-1';
const chain: Omit<ChainLegInstruction, 'termsDigest'> = {
  messageId: 'M-3',
  chainId: 'CHAIN-1',
  uetr,
  instructingAgent: ALFA,
  legs: [
    { debtorAgent: BETA, creditorAgent: ALFA, code: 'USD', minor: 108_000n },
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 100_000n },
  ],
  legNumber: 2,
  settlementDate: '2026-03-16',
  priority: 'normal',
};
const digest = Buffer.from(termsDigest(NETWORK, chain));
const condition = {
  groups: [
    { threshold: 1, attestors: [BETA] },
    { threshold: 2, attestors: ['ORCAUS00', 'ORCBUS00', 'ORCCUS00'] as Bic[] },
  ],
  ...{ threshold: 2, deadline: '15:00:00Z', onSilence: 'settle' as const },
};
const earmark = {
  when: 'trigger' as const,
  expiry: '16:00:00+01:00',
  onExpiry: 'continue' as const,
};
const attestation = {
  ...{ id: 'T-1', sender: ALFA, verdict: 'held' as const, digest, recordKind: null },
  chain: { settlementDate: '2026-03-16', legCount: 2, validUntilMs: NOW, reason: 'not yet' },
  currency: 'EUR',
};
const limit = { id: 'L-1', sender: ALFA, currency: 'EUR', counterparty: BETA, limitMinor: 0n };

/** What each type's message says before it is broken, and its id. */
const WRITTEN = {
  'pacs.008.001.08': () =>
    writeCreditTransfer(payment, { debtor: 'A', creditor: 'B' }, NOW, decimals),
  'pacs.009.001.08': () => writeBankTransfer(payment, NOW, decimals),
  'corridor.pvp.1': () => writeLeg(leg, NOW, decimals),
  'corridor.chain.1': () => writeChainLeg(chain, NOW, decimals, digest),
  'corridor.attestation.1': () => writeAttestation(attestation, NOW),
  'camt.011.001.07': () => writeLimit(limit, NOW, decimals),
  'camt.060.001.05': () =>
    writeReportRequest({ id: 'A-1', sender: ALFA, currency: 'EUR', date: '2026-03-13' }, NOW),
  'camt.056.001.08': () =>
    writeCancellation(
      { id: 'C-1', sender: ALFA, uetr, paymentType: 'pacs.009.001.08', currency: 'EUR' },
      NOW,
      1n,
      decimals,
    ),
  'pacs.002.001.10': () =>
    writeCreditorStatus(
      { id: 'S-1', sender: ALFA, receiver: BETA, uetr, paymentType: 'pacs.008.001.08' },
      { originalMessageId: 'M-1', status: 'RJCT', reasonCode: 'AC04', settled: null },
      NOW,
    ),
} satisfies Partial<Record<MessageType, () => Uint8Array>>;
type Written = keyof typeof WRITTEN;
const IDS: Partial<Record<Written, string>> = {
  'corridor.attestation.1': 'T-1',
  'camt.011.001.07': 'L-1',
  'camt.056.001.08': 'C-1',
  'camt.060.001.05': 'A-1',
  'pacs.002.001.10': 'S-1',
};
const idOf = (type: Written) => IDS[type] ?? uetr;

// biome-ignore lint/suspicious/noExplicitAny: documents are changed at any place on purpose.
type Document = any;
const parse = (type: Written): Document => JSON.parse(Buffer.from(WRITTEN[type]()).toString());

/** Reads a payload as a verifier does. */
const read = (
  type: Written,
  payload: Uint8Array,
  names: { messageType?: string; sender?: string; id?: string } = {},
) =>
  readPayload(
    { messageType: type, sender: ALFA, id: idOf(type), issuedAtMs: NOW, ...names },
    payload,
    currencies,
    NETWORK,
  );

interface Break {
  readonly type: Written;
  /** Changes the transfer's transaction, or the whole document. */
  readonly change?: (transaction: Document, document: Document) => void;
  /** Changes the text. */
  readonly text?: (text: string) => string;
  readonly names?: Parameters<typeof read>[2];
  /** Where, behind the transaction's place where it begins with a dot. */
  readonly path: string;
  readonly value: string;
  readonly expected: RegExp;
}

const customer = (
  path: string,
  value: string,
  expected: RegExp,
  change: (transaction: Document, document: Document) => void,
): Break => ({ type: 'pacs.008.001.08', change, path: `.${path}`, value, expected });
/** The chain has a condition, and what is changed is that. */
const conditioned = (
  path: string,
  value: string,
  expected: RegExp,
  change: (condition: Document) => void,
): Break => ({
  ...{ type: 'corridor.chain.1', path: `/Chn/Cond${path}`, value, expected },
  change: (_, document) => {
    document.Chn = { ...conditionalChain().Chn, TermsDgst: undefined };
    change(document.Chn.Cond);
  },
});
const conditionalChain = (): Document =>
  JSON.parse(
    Buffer.from(writeChainLeg({ ...chain, condition, earmark }, NOW, decimals)).toString(),
  );

const TRANSACTION = '/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/0';
const DIALLED = { FinInstnId: { BICFI: 'DEALSGS0' } };

const BREAKS: Readonly<Record<RuleId, Break>> = {
  'json-form': {
    type: 'pacs.008.001.08',
    text: (text) => text.slice(0, -3),
    path: '/',
    value: '"{\\"Document\\":{\\"FIToFICstmrCdtTrf\\":{\\"GrpHdr\\":{\\"MsgId\\":\\"M',
    expected: /must be JSON: /,
  },
  'json-keys': {
    type: 'pacs.008.001.08',
    text: (text) => text.replace('"Nm":"A"', '"Nm":"A","Nm":"C"'),
    path: `${TRANSACTION}/Dbtr/Nm`,
    value: '"C"',
    expected: /must stand once in its object/,
  },
  'xml-form': {
    type: 'pacs.008.001.08',
    text: () => '<Document xmlns="urn:x"/>',
    path: '/Document',
    value: '"<Document xmlns=\\"urn:x\\"/>"',
    expected: /namespace "urn:x", expected/,
  },
  'text-characters': {
    ...customer('/Dbtr/Nm', '"\\ud800"', /XML can carry/, () => {}),
    text: (text) => text.replace('"Nm":"A"', '"Nm":"\\ud800"'),
  },
  'message-type': {
    type: 'pacs.008.001.08',
    names: { messageType: 'pacs.010.001.03' },
    path: 'ce_type',
    value: '"pacs.010.001.03"',
    expected: /one of pacs\.008\.001\.08, /,
  },
  'element-required': customer(
    '',
    '{"PmtId":{"EndToEndId":"E-1","UETR":"8a562c67-ca16-48ba-b074-655',
    /'Cdtr'/,
    (t) => {
      delete t.Cdtr;
    },
  ),
  'element-form': customer('/CdtrAcct', '7', /must be object/, (t) => {
    t.CdtrAcct = 7;
  }),
  'element-known': customer(
    '/SttlmTmReq/RjctTm2',
    '"10:00:00Z"',
    /nearest name is "RjctTm"/,
    (t) => {
      t.SttlmTmReq.RjctTm2 = '10:00:00Z';
    },
  ),
  'element-count': {
    ...customer('', '', /more than 1 items/, (_, d) => {
      const { CdtTrfTxInf } = d.Document.FIToFICstmrCdtTrf;
      CdtTrfTxInf.push(CdtTrfTxInf[0]);
    }),
    path: '/Document/FIToFICstmrCdtTrf/CdtTrfTxInf',
    value: '[{"PmtId":{"EndToEndId":"E-1","UETR":"8a562c67-ca16-48ba-b074-65',
  },
  'element-choice': customer('/Purp', '{"Cd":"SALA","Prtry":"wages"}', /one of Cd, Prtry/, (t) => {
    t.Purp = { Cd: 'SALA', Prtry: 'wages' };
  }),
  'identifier-form': customer('/PmtId/EndToEndId', '"E 1"', /pattern/, (t) => {
    t.PmtId.EndToEndId = 'E 1';
  }),
  'uetr-form': customer('/PmtId/UETR', `"${uetr.toUpperCase()}"`, /pattern/, (t) => {
    t.PmtId.UETR = uetr.toUpperCase();
  }),
  'bic-form': customer('/CdtrAgt/FinInstnId/BICFI', '"BETAFR0"', /pattern/, (t) => {
    t.CdtrAgt.FinInstnId.BICFI = 'BETAFR0';
  }),
  'text-form': customer('/CdtrAcct/Ccy', '"eur"', /pattern "\^\(\?:\[A-Z\]\{3,3\}\)\$"/, (t) => {
    t.CdtrAcct = { Id: { IBAN: 'FR1420041010050500013M02606' }, Ccy: 'eur' };
  }),
  'code-form': customer('/ChrgBr', '"OUR"', /"DEBT" or "CRED" or "SHAR" or "SLEV"/, (t) => {
    t.ChrgBr = 'OUR';
  }),
  'amount-form': customer('/IntrBkSttlmAmt/Amt', '"1e3"', /pattern/, (t) => {
    t.IntrBkSttlmAmt.Amt = '1e3';
  }),
  'date-form': customer('/IntrBkSttlmDt', '"16.03.2026"', /pattern/, (t) => {
    t.IntrBkSttlmDt = '16.03.2026';
  }),
  'date-time-form': {
    ...customer('', '"yesterday"', /pattern/, (_, d) => {
      d.Document.FIToFICstmrCdtTrf.GrpHdr.CreDtTm = 'yesterday';
    }),
    path: '/Document/FIToFICstmrCdtTrf/GrpHdr/CreDtTm',
  },
  'time-form': customer('/SttlmTmReq/FrTm', '"09:00:00"', /pattern/, (t) => {
    t.SttlmTmReq.FrTm = '09:00:00';
  }),
  'iban-check-digits': customer(
    '/CdtrAcct/Id/IBAN',
    '"FR1520041010050500013M02606"',
    /check digits that fit/,
    (t) => {
      t.CdtrAcct = { Id: { IBAN: 'FR1520041010050500013M02606' } };
    },
  ),
  'lei-check-digits': customer(
    '/Dbtr/Id/OrgId/LEI',
    '"529900T8BM49AURSDO56"',
    /check digits that fit/,
    (t) => {
      t.Dbtr.Id = { OrgId: { LEI: '529900T8BM49AURSDO56' } };
    },
  ),
  'address-structured': customer(
    '/Cdtr/PstlAdr',
    '{"AdrLine":["1 rue A","75001 Paris"]}',
    /must have TwnNm/,
    (t) => {
      t.Cdtr.PstlAdr = { AdrLine: ['1 rue A', '75001 Paris'] };
    },
  ),
  'address-lines': customer('/Cdtr/PstlAdr/AdrLine', '["a","b","c"]', /more than 2/, (t) => {
    t.Cdtr.PstlAdr = { TwnNm: 'Paris', Ctry: 'FR', AdrLine: ['a', 'b', 'c'] };
  }),
  'address-repeats': customer(
    '/Cdtr/PstlAdr/AdrLine/1',
    '"75001 PARIS"',
    /not repeat TwnNm/,
    (t) => {
      t.Cdtr.PstlAdr = { TwnNm: 'Paris', Ctry: 'FR', AdrLine: ['1 rue A', '75001 PARIS'] };
    },
  ),
  'agents-contradict': customer(
    '/InstdAgt/FinInstnId/BICFI',
    '"DEALSGS0"',
    /must be BETAFR00, to whom/,
    (t) => {
      t.InstdAgt = DIALLED;
    },
  ),
  'group-header': {
    ...customer(
      '',
      '{"Ccy":"EUR","Amt":"5000.01"}',
      /must be IntrBkSttlmAmt EUR 5000\.00/,
      (_, d) => {
        d.Document.FIToFICstmrCdtTrf.GrpHdr.TtlIntrBkSttlmAmt = { Ccy: 'EUR', Amt: '5000.01' };
      },
    ),
    path: '/Document/FIToFICstmrCdtTrf/GrpHdr/TtlIntrBkSttlmAmt',
  },
  'reference-slashes': customer('/PmtId/InstrId', '"A//B"', /no two in a row/, (t) => {
    t.PmtId.InstrId = 'A//B';
  }),
  'charges-instructed-amount': customer(
    '',
    '{"ChrgsInf":[{"Amt":{"Ccy":"EUR","Amt":"1.00"},"Agt":{"FinInstnI',
    /must have InstdAmt/,
    (t) => {
      t.ChrgsInf = [{ Amt: { Ccy: 'EUR', Amt: '1.00' }, Agt: DIALLED }];
    },
  ),
  'charges-bearer': customer('', '{"ChrgBr":"CRED"}', /must have ChrgsInf with CRED/, (t) => {
    t.ChrgBr = 'CRED';
  }),
  'currency-known': customer('/IntrBkSttlmAmt/Ccy', '"XAU"', /one of EUR, USD, CNY/, (t) => {
    t.IntrBkSttlmAmt.Ccy = 'XAU';
  }),
  'amount-decimals': customer('/IntrBkSttlmAmt/Amt', '"1.001"', /EUR, which has 2/, (t) => {
    t.IntrBkSttlmAmt.Amt = '1.001';
  }),
  'amount-64-bits': customer('/IntrBkSttlmAmt/Amt', '"92233720368547758.08"', /64 bits/, (t) => {
    t.IntrBkSttlmAmt.Amt = '92233720368547758.08';
  }),
  'amount-maximum': customer(
    '/IntrBkSttlmAmt/Amt',
    '"1000000000000.00"',
    /at most 999999999999\.99/,
    (t) => {
      t.IntrBkSttlmAmt.Amt = '1000000000000.00';
    },
  ),
  'amount-positive': customer('/IntrBkSttlmAmt/Amt', '"0.00"', /above zero/, (t) => {
    t.IntrBkSttlmAmt.Amt = '0.00';
  }),
  'amounts-equal': customer(
    '',
    '{"InstdAmt":{"Ccy":"EUR","Amt":"5000.01"}}',
    /equal IntrBkSttlmAmt/,
    (t) => {
      t.InstdAmt = { Ccy: 'EUR', Amt: '5000.01' };
    },
  ),
  'conversion-elements': customer('/XchgRate', 'nothing', /must have XchgRate/, (t) => {
    t.InstdAmt = { Ccy: 'USD', Amt: '1.00' };
    t.IntrmyAgt1 = DIALLED;
  }),
  'instructing-agent': customer(
    '/InstgAgt/FinInstnId/BICFI',
    '"ALFADE00"',
    /DbtrAgt BETAFR00/,
    (t) => {
      t.DbtrAgt.FinInstnId.BICFI = BETA;
    },
  ),
  'settlement-date': customer('/IntrBkSttlmDt', '"2026-02-30"', /the calendar has/, (t) => {
    t.IntrBkSttlmDt = '2026-02-30';
  }),
  'settlement-times': customer('/SttlmTmReq/RjctTm', '"08:00:00Z"', /after FrTm/, (t) => {
    t.SttlmTmReq.RjctTm = '08:00:00Z';
  }),
  'isin-check-digit': {
    type: 'corridor.pvp.1',
    change: (_, d) => {
      d.Leg.Rcv = { ISIN: 'XS0000000008', Qty: '1' };
    },
    path: '/Leg/Rcv/ISIN',
    value: '"XS0000000008"',
    expected: /check digit that fits/,
  },
  'leg-sides': {
    type: 'corridor.pvp.1',
    change: (_, d) => {
      d.Leg.Rcv.Ccy = 'EUR';
    },
    path: '/Leg/Rcv',
    value: '"EUR"',
    expected: /other than Dlvr EUR/,
  },
  'chain-instructed-leg': {
    type: 'corridor.chain.1',
    change: (_, d) => {
      d.Chn.InstdLeg = '3';
    },
    path: '/Chn/InstdLeg',
    value: '"3"',
    expected: /one of the 2 legs, counted from 1/,
  },
  'chain-pool': {
    type: 'corridor.chain.1',
    change: (_, d) => {
      d.Chn.Legs[1].Dlvr.Ccy = 'CNY';
    },
    path: '/Chn/Legs/1/Dlvr',
    value: '"CNY"',
    expected: /in pool main, as USD of leg 1 does/,
  },
  'chain-two-pools': {
    type: 'corridor.chain.1',
    change: (_, d) => {
      d.Chn.Sync = { Optr: { FinInstnId: { BICFI: 'SYNCDE00' } }, NbOfHomeLegs: '1' };
    },
    path: '/Chn/Legs/1/Dlvr',
    value: '"EUR"',
    expected: /must not settle in pool main/,
  },
  'chain-leg-agents': {
    type: 'corridor.chain.1',
    change: (_, d) => {
      d.Chn.Legs[0].CdtrAgt = d.Chn.Legs[0].DbtrAgt;
    },
    path: '/Chn/Legs/0/CdtrAgt/FinInstnId/BICFI',
    value: '"BETAFR00"',
    expected: /another agent than DbtrAgt/,
  },
  'chain-terms-digest': {
    type: 'corridor.chain.1',
    change: (_, d) => {
      d.Chn.TermsDgst = 'f'.repeat(64);
    },
    path: '/Chn/TermsDgst',
    value: `"${'f'.repeat(63)}`,
    expected: new RegExp(`must be ${digest.toString('hex')}, not f{64}: .* on network sandbox-1`),
  },
  'chain-legs': {
    type: 'corridor.chain.1',
    change: (_, d) => {
      d.Chn.Legs.shift();
      d.Chn.InstdLeg = '1';
    },
    path: '/Chn/Legs',
    value: '[{"DbtrAgt":{"FinInstnId":{"BICFI":"ALFADE00"}},"CdtrAgt":{"FinI',
    expected: /at least 2 legs without Cond/,
  },
  'condition-attestors': conditioned(
    '/Grp/1/Attstr/2/FinInstnId/BICFI',
    '"ORCAUS00"',
    /once in its group/,
    ({ Grp }) => {
      Grp[1].Attstr[2] = Grp[1].Attstr[0];
    },
  ),
  'condition-thresholds': conditioned('/Grp/1/MinAttstrs', '"4"', /at most 3/, ({ Grp }) => {
    Grp[1].MinAttstrs = '4';
  }),
  'condition-deadline': conditioned('/Ddln', 'nothing', /there with SETTLE/, (c) => {
    c.Ddln = undefined;
  }),
  'attestation-subject': {
    type: 'corridor.attestation.1',
    change: (_, d) => {
      d.Attstn.Rcrd = { Dgst: 'f'.repeat(64), Knd: 'policy' };
    },
    path: '/Attstn',
    value: '{"MsgId":"T-1","CreDtTm":"2026-03-16T09:00:00.000Z","Attstr":{"F',
    expected: /not have both/,
  },
  'attestation-counter': {
    type: 'corridor.attestation.1',
    change: (_, d) => {
      const { Chn, ...rest } = d.Attstn;
      const Cntr = '9223372036854775808';
      d.Attstn = { ...rest, Rcrd: { Dgst: Chn.TermsDgst, Knd: 'reading', Cntr } };
    },
    path: '/Attstn/Rcrd/Cntr',
    value: '"9223372036854775808"',
    expected: /64 bits/,
  },
  'attestation-validity': {
    type: 'corridor.attestation.1',
    change: (_, d) => {
      d.Attstn.Chn.VldUntil = '2026-02-30T09:00:00.000Z';
    },
    path: '/Attstn/Chn/VldUntil',
    value: '"2026-02-30T09:00:00.000Z"',
    expected: /calendar has/,
  },
  'limit-counterparty': {
    type: 'camt.011.001.07',
    change: (_, d) => {
      d.Document.ModfyLmt.LmtDtls[0].LmtId.Cur.Tp.Cd = 'MULT';
    },
    path: '/Document/ModfyLmt/LmtDtls/0/LmtId/Cur/Tp/Cd',
    value: '"MULT"',
    expected: /BILI with BilLmtCtrPtyId/,
  },
  'leg-final': {
    type: 'pacs.002.001.10',
    change: (_, d) => {
      d.Document.FIToFIPmtStsRpt.TxInfAndSts[0].OrgnlGrpInf.OrgnlMsgNmId = 'corridor.pvp.1';
    },
    path: '/Document/FIToFIPmtStsRpt/TxInfAndSts/0/OrgnlGrpInf/OrgnlMsgNmId',
    value: '"corridor.pvp.1"',
    expected: /a trade the other way/,
  },
  'report-period': {
    type: 'camt.060.001.05',
    change: (_, d) => {
      d.Document.AcctRptgReq.RptgReq[0].RptgPrd.FrToDt.ToDt = '2026-03-14';
    },
    path: '/Document/AcctRptgReq/RptgReq/0/RptgPrd/FrToDt/ToDt',
    value: '"2026-03-14"',
    expected: /must be FrDt 2026-03-13/,
  },
  'reply-reason': {
    type: 'pacs.002.001.10',
    change: (_, d) => {
      delete d.Document.FIToFIPmtStsRpt.TxInfAndSts[0].StsRsnInf;
    },
    path: '/Document/FIToFIPmtStsRpt/TxInfAndSts/0/StsRsnInf',
    value: 'nothing',
    expected: /must be there with RJCT/,
  },
  'return-id': {
    type: 'camt.056.001.08',
    change: (_, d) => {
      const [about] = d.Document.FIToFIPmtCxlReq.Undrlyg[0].TxInf;
      about.OrgnlGrpInf = { OrgnlMsgNmId: 'pacs.004.001.09' };
    },
    path: '/Document/FIToFIPmtCxlReq/Undrlyg/0/TxInf/0/OrgnlGrpInf/OrgnlMsgId',
    value: 'nothing',
    expected: /must be there with pacs\.004/,
  },
  'header-sender': {
    type: 'pacs.008.001.08',
    names: { sender: BETA },
    path: 'ce_source',
    value: '"BETAFR00"',
    expected: /must be ALFADE00/,
  },
  'business-header': {
    type: 'pacs.008.001.08',
    change: (_, d) => {
      d.AppHdr = {
        Fr: { FIId: { FinInstnId: { BICFI: ALFA } } },
        To: { FIId: { FinInstnId: { BICFI: BETA } } },
        BizMsgIdr: 'M-1',
        MsgDefIdr: 'pacs.009.001.08',
        CreDt: '2026-03-16T09:00:00Z',
      };
    },
    path: '/AppHdr/MsgDefIdr',
    value: '"pacs.009.001.08"',
    expected: /must be ce_type pacs\.008/,
  },
  'header-id': {
    type: 'pacs.008.001.08',
    names: { id: 'other' },
    path: 'ce_id',
    value: '"other"',
    expected: /must be 8a562c67/,
  },
};

function broken({ type, change, text }: Break): Uint8Array {
  const document = parse(type);
  const transfer = document.Document?.FIToFICstmrCdtTrf ?? document.Document?.FICdtTrf;
  change?.(transfer?.CdtTrfTxInf[0], document);
  const written = JSON.stringify(document);
  return Buffer.from(text ? text(written) : written);
}

test('what is not broken is taken', () => {
  for (const type of Object.keys(WRITTEN) as Written[])
    assert.ok(!isRefusal(read(type, WRITTEN[type]())), type);
});

for (const [rule, row] of atLeast(30, Object.entries(BREAKS) as [RuleId, Break][]))
  test(`the rule ${rule} refuses what breaks it, with place, value and expectation`, () => {
    const refusal = read(row.type, broken(row), row.names ?? {});
    assert.ok(isRefusal(refusal), 'it was taken');
    const { path, value, expected, reason } = refusal as Refusal;
    assert.equal(refusal.rule, rule, refusal.detail);
    assert.equal(
      path,
      row.path.startsWith('.') || row.path === '' ? TRANSACTION + row.path.slice(1) : row.path,
    );
    assert.equal(value, row.value);
    assert.match(expected, row.expected);
    assert.equal(reason, RULES[rule].reason);
  });

/** Each row: what is beside the rest, and is kept. */
const KEPT: readonly [string, (transaction: Document, document: Document) => void][] = [
  [
    'a hybrid address, whose lines repeat nothing',
    (t) => {
      t.Cdtr.PstlAdr = { TwnNm: 'Paris', Ctry: 'FR', AdrLine: ['1 rue de la Paix', 'Parisot'] };
    },
  ],
  [
    'charges taken, of what was instructed',
    (t) => {
      t.InstdAmt = { Ccy: 'EUR', Amt: '5001.50' };
      t.ChrgBr = 'CRED';
      t.ChrgsInf = [{ Amt: { Ccy: 'EUR', Amt: '1.50' }, Agt: DIALLED }];
    },
  ],
  [
    'charges paid ahead',
    (t) => {
      t.InstdAmt = { Ccy: 'EUR', Amt: '4999.00' };
      t.ChrgBr = 'DEBT';
      t.ChrgsInf = [{ Amt: { Ccy: 'EUR', Amt: '1.00' }, Agt: DIALLED }];
    },
  ],
  [
    'the group header, which says the same again',
    (t, d) => {
      t.InstdAgt = t.CdtrAgt;
      const header = d.Document.FIToFICstmrCdtTrf.GrpHdr;
      header.TtlIntrBkSttlmAmt = { Ccy: 'EUR', Amt: '5000' };
      header.IntrBkSttlmDt = t.IntrBkSttlmDt;
      header.InstgAgt = t.InstgAgt;
      header.InstdAgt = t.CdtrAgt;
      header.BtchBookg = false;
    },
  ],
  [
    'accounts, identifiers and remittance',
    (t) => {
      t.DbtrAcct = { Id: { IBAN: 'DE89370400440532013000' } };
      t.CdtrAcct = { Id: { Othr: { Id: '12345' } } };
      t.Dbtr.Id = { OrgId: { LEI: '529900T8BM49AURSDO55' } };
      t.RmtInf = { Ustrd: ['invoice 7', 'and 8'] };
      t.PmtId.InstrId = 'A/B';
    },
  ],
];
for (const [name, change] of atLeast(5, KEPT))
  test(`taken: ${name}`, () => {
    const taken = read('pacs.008.001.08', broken({ ...BREAKS['element-form'], change }));
    assert.ok(!isRefusal(taken), isRefusal(taken) ? taken.detail : '');
    assert.ok(taken.kind === 'payment' && taken.amountMinor === payment.amountMinor);
  });

/** Each row: what of a chain is judged as it is of a payment or a leg, and where it stands. */
const OF_CHAINS: readonly [RuleId, string, (chain: Document) => void][] = [
  [
    'amount-decimals',
    '/Chn/Legs/0/Dlvr/Amt',
    (c) => {
      c.Legs[0].Dlvr.Amt = '1.001';
    },
  ],
  [
    'amount-positive',
    '/Chn/Legs/1/Dlvr/Amt',
    (c) => {
      c.Legs[1].Dlvr.Amt = '0';
    },
  ],
  [
    'amount-maximum',
    '/Chn/Legs/1/Dlvr/Amt',
    (c) => {
      c.Legs[1].Dlvr.Amt = '1000000000000';
    },
  ],
  [
    'currency-known',
    '/Chn/Legs/0/Dlvr/Ccy',
    (c) => {
      c.Legs[0].Dlvr.Ccy = 'XAU';
    },
  ],
  [
    'isin-check-digit',
    '/Chn/Legs/0/Dlvr/ISIN',
    (c) => {
      c.Legs[0].Dlvr = { ISIN: 'XS0000000008', Qty: '1' };
    },
  ],
  [
    'instructing-agent',
    '/Chn/InstgAgt/FinInstnId/BICFI',
    (c) => {
      c.InstdLeg = '1';
    },
  ],
  [
    'element-required',
    '/Chn/Legs',
    (c) => {
      c.Legs = [];
    },
  ],
  ...(
    [
      ['condition-thresholds', '/MinGrps', (c) => Object.assign(c, { MinGrps: '3' })],
      [
        'condition-thresholds',
        '/MinGrps',
        // One group is mandatory, and the other would be there in vain.
        (c) =>
          Object.assign(c, { MinGrps: '1', Grp: [{ ...c.Grp[0], MndtryInd: true }, c.Grp[1]] }),
      ],
      [
        'condition-thresholds',
        '/MinGrps',
        (c) =>
          Object.assign(c, {
            MinGrps: '1',
            Grp: c.Grp.map((g: object) => ({ ...g, MndtryInd: true })),
          }),
      ],
      ['text-form', '/MinGrps', (c) => Object.assign(c, { MinGrps: '9' })],
      ['text-form', '/Grp/0/MinAttstrs', (c) => Object.assign(c.Grp[0], { MinAttstrs: '0' })],
      ['element-count', '/Grp', (c) => Object.assign(c, { Grp: Array(9).fill(c.Grp[0]) })],
      ['element-required', '/Grp', (c) => Object.assign(c, { Grp: [] })],
      ['time-form', '/Ddln', (c) => Object.assign(c, { Ddln: '15:00:00' })],
      ['code-form', '/OnSlnce', (c) => Object.assign(c, { OnSlnce: 'CANCEL' })],
      [
        'condition-attestors',
        '/Grp/5/Attstr/1/FinInstnId/BICFI',
        // 6 groups of 3 are 18.
        (c) => Object.assign(c, { Grp: Array(6).fill(c.Grp[1]) }),
      ],
    ] satisfies [RuleId, string, (condition: Document) => void][]
  ).map(([rule, place, change]): (typeof OF_CHAINS)[number] => [
    rule,
    `/Chn/Cond${place}`,
    (c) => {
      Object.assign(c, conditionalChain().Chn);
      change(c.Cond);
    },
  ]),
  [
    'time-form',
    '/Chn/Earmrk/XpryTm',
    (c) => {
      c.Earmrk = { ...conditionalChain().Chn.Earmrk, XpryTm: '25:00:00Z' };
    },
  ],
  [
    'chain-terms-digest',
    '/Chn/TermsDgst',
    (c) => {
      c.Earmrk = conditionalChain().Chn.Earmrk;
    },
  ],
  [
    'element-count',
    '/Chn/Legs',
    (c) => {
      c.Legs = Array(17).fill(c.Legs[0]);
    },
  ],
  [
    'text-form',
    '/Chn/InstdLeg',
    (c) => {
      c.InstdLeg = '0';
    },
  ],
  [
    'text-form',
    '/Chn/TermsDgst',
    (c) => {
      c.TermsDgst = c.TermsDgst.toUpperCase();
    },
  ],
  [
    'settlement-date',
    '/Chn/IntrBkSttlmDt',
    (c) => {
      c.IntrBkSttlmDt = '2026-02-30';
    },
  ],
  [
    'chain-terms-digest',
    '/Chn/TermsDgst',
    (c) => {
      c.Legs[0].Dlvr.Amt = '1080.01';
    },
  ],
  [
    'chain-terms-digest',
    '/Chn/TermsDgst',
    (c) => {
      c.IntrBkSttlmDt = '2026-03-17';
    },
  ],
];
for (const [rule, path, change] of atLeast(22, OF_CHAINS))
  test(`of a chain the rule ${rule} refuses what stands at ${path}`, () => {
    const document = parse('corridor.chain.1');
    change(document.Chn);
    const refusal = read('corridor.chain.1', Buffer.from(JSON.stringify(document)));
    assert.ok(isRefusal(refusal), 'it was taken');
    assert.deepEqual([refusal.rule, refusal.path], [rule, path], refusal.detail);
  });

test('condition and earmark are of the terms, as the page says', () => {
  const lines = [
    ...['corridor.chain.1', NETWORK, 'CHAIN-1', '2026-03-16'],
    ...['BETAFR00 ALFADE00 USD 108000', 'ALFADE00 BETAFR00 EUR 100000'],
    ...['condition 15:00:00Z settle', 'group 1 BETAFR00', 'group 2 ORCAUS00 ORCBUS00 ORCCUS00'],
    ...['of 2', 'earmark trigger 16:00:00+01:00 continue'],
  ];
  const expected = createHash('sha256')
    .update(`${lines.join('\n')}\n`)
    .digest();
  const payload = Buffer.from(JSON.stringify(conditionalChain()));
  const taken = read('corridor.chain.1', payload);
  assert.ok(!isRefusal(taken) && taken.kind === 'chainLeg');
  assert.deepEqual(Buffer.from(taken.termsDigest), expected);
  assert.deepEqual([taken.condition, taken.earmark], [condition, earmark]);
  // One leg is enough where a condition holds it.
  const [, own] = chain.legs;
  const one = writeChainLeg(
    { ...chain, legs: [own as ChainLegInstruction['legs'][number]], legNumber: 1, condition },
    NOW,
    decimals,
  );
  assert.ok(!isRefusal(read('corridor.chain.1', one)));
});

test('an attestation is read as it was written, of a chain and of a document', () => {
  const taken = read('corridor.attestation.1', writeAttestation(attestation, NOW));
  assert.deepEqual(taken, { ...attestation, kind: 'attestation' });
  const recorded = {
    ...{ id: 'T-1', sender: ALFA, verdict: 'recorded' as const, digest, currency: null },
    ...{ chain: null, recordKind: 'bill of lading' },
  };
  for (const counter of [undefined, 1n, 2n ** 63n - 1n]) {
    const said = counter === undefined ? recorded : { ...recorded, counter };
    const kept = read('corridor.attestation.1', writeAttestation(said, NOW));
    assert.deepEqual(kept, { ...said, kind: 'attestation' });
  }
  // From 1 on, as one text.
  for (const Cntr of ['0', '01', '-1', '1.0', '12345678901234567890']) {
    const Rcrd = { Dgst: '0'.repeat(64), Knd: 'reading', Cntr };
    const { Chn: _, ...rest } = parse('corridor.attestation.1').Attstn;
    const document = Buffer.from(JSON.stringify({ Attstn: { ...rest, Rcrd } }));
    const refusal = read('corridor.attestation.1', document);
    assert.ok(isRefusal(refusal) && refusal.rule === 'text-form', Cntr);
  }
});

/** Each row: what of an attestation is judged as it is of other messages, and where it stands. */
const OF_ATTESTATIONS: readonly [RuleId, string, object][] = [
  ['code-form', '/Attstn/Chn/Vrdct', { Vrdct: 'ACPT' }],
  ['text-form', '/Attstn/Chn/NbOfLegs', { NbOfLegs: '17' }],
  ['text-form', '/Attstn/Chn/TermsDgst', { TermsDgst: 'F'.repeat(64) }],
  ['settlement-date', '/Attstn/Chn/IntrBkSttlmDt', { IntrBkSttlmDt: '2026-02-30' }],
  ['text-form', '/Attstn/Chn/Rsn', { Rsn: 'x'.repeat(106) }],
];
for (const [rule, path, change] of atLeast(5, OF_ATTESTATIONS))
  test(`of an attestation the rule ${rule} refuses what stands at ${path}`, () => {
    const document = parse('corridor.attestation.1');
    Object.assign(document.Attstn.Chn, change);
    const refusal = read('corridor.attestation.1', Buffer.from(JSON.stringify(document)));
    assert.ok(isRefusal(refusal), 'it was taken');
    assert.deepEqual([refusal.rule, refusal.path], [rule, path], refusal.detail);
  });

test('an attestation is its sender’s, of a currency that is settled, about one thing', () => {
  const refused = (change: (attested: Document) => void, sender?: string) => {
    const document = parse('corridor.attestation.1');
    change(document.Attstn);
    const refusal = read(
      'corridor.attestation.1',
      Buffer.from(JSON.stringify(document)),
      sender === undefined ? {} : { sender },
    );
    assert.ok(isRefusal(refusal), 'it was taken');
    return `${refusal.rule} ${refusal.path} ${refusal.value}`;
  };
  assert.equal(
    refused(() => {}, BETA),
    'header-sender ce_source "BETAFR00"',
  );
  assert.equal(
    refused((a) => Object.assign(a, { Ccy: 'XAU' })),
    'currency-known /Attstn/Ccy "XAU"',
  );
  assert.match(
    refused((a) => Object.assign(a, { Chn: undefined })),
    /^attestation-subject \/Attstn /,
  );
});

test('the terms of a chain are bound to their network', () => {
  const names = { messageType: 'corridor.chain.1', sender: ALFA, id: uetr, issuedAtMs: NOW };
  const payload = WRITTEN['corridor.chain.1']();
  const elsewhere = readPayload(names, payload, currencies, 'sandbox-2');
  assert.ok(isRefusal(elsewhere) && elsewhere.rule === 'chain-terms-digest');
});

test('the most that a payment may have is what the network has for the currency', () => {
  const judged = (maximumMinor: bigint, Amt: string) => {
    const bounded = new Map(currencies).set('EUR', { minorUnits: 2, pool: 'main', maximumMinor });
    const names = { messageType: 'pacs.008.001.08', sender: ALFA, id: uetr, issuedAtMs: NOW };
    const payload = broken({
      ...BREAKS['amount-maximum'],
      change: (t) => {
        t.IntrBkSttlmAmt.Amt = Amt;
      },
    });
    const found = readPayload(names, payload, bounded);
    return isRefusal(found) ? `${found.rule} ${found.expected}` : 'taken';
  };
  assert.equal(judged(100_000n, '1000.00'), 'taken');
  assert.equal(judged(100_000n, '1000.01'), 'amount-maximum must be at most 1000.00');
  // What T2 takes is no bound where the network has its own.
  assert.equal(judged(200_000_000_000_000n, '1000000000000.00'), 'taken');
});

test('the page prints the table', () => {
  const page = readFileSync(new URL('../../../docs/messages.md', import.meta.url), 'utf8');
  const printed = page
    .slice(page.indexOf('### Rules'))
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const rows = Object.entries(RULES).map(([rule, { reason, text, of }]) => [
    `\`${rule}\``,
    ISO_REASONS[reason].code,
    text,
    of,
  ]);
  assert.deepEqual(printed, rows);
});

test('a bank is told all of it, in lines of at most 105 characters, and no character is torn', () => {
  const document = parse('pacs.008.001.08');
  const [transaction] = document.Document.FIToFICstmrCdtTrf.CdtTrfTxInf;
  const name = `Nm/${'x'.repeat(80)}`;
  transaction.RmtInf = { Strd: [{ RfrdDocInf: [{ [name]: '😀'.repeat(99) }] }] };
  const refusal = read('pacs.008.001.08', Buffer.from(JSON.stringify(document))) as Refusal;
  assert.equal(refusal.rule, 'element-known', refusal.detail);
  assert.ok(refusal.path.endsWith(`/Strd/0/RfrdDocInf/0/Nm~1${'x'.repeat(61)}`), refusal.path);
  assert.equal([...refusal.value].length, 64);
  const lines = refusalLines(refusal);
  assert.ok(lines.every((line) => [...line].length <= 105 && !UNCARRIED.test(line)));
  const { rule, path, value, expected } = refusal;
  assert.ok(path.length > 105 - 'Path: '.length, 'the path takes two lines');
  assert.equal(lines.join(''), `Rule: ${rule}Path: ${path}Value: ${value}Expected: ${expected}`);
});
