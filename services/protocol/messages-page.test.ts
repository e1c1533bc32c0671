import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TSchema } from '@sinclair/typebox';
import { ALLEGEMENT_STATES, AllegementSchema } from './messages/allegement.ts';
import { readAttestation } from './messages/attestation.ts';
import { AttestationRequestSchema, REQUEST_STATES } from './messages/attestation-request.ts';
import { readBankTransfer } from './messages/bank-transfer.ts';
import { BUSINESS_HEADER } from './messages/business-header.ts';
import { readCancellation } from './messages/cancellation.ts';
import { readChainLeg } from './messages/chain.ts';
import { CHAIN_ALLEGEMENT_STATES, ChainAllegementSchema } from './messages/chain-allegement.ts';
import { readCreditTransfer } from './messages/credit-transfer.ts';
import { readCreditorStatus, readRecallAnswer } from './messages/creditor-replies.ts';
import { readDayQuery } from './messages/day-query.ts';
import { DayReportSchema } from './messages/day-report.ts';
import { checker } from './messages/document.ts';
import type { Currencies } from './messages/instruction.ts';
import { readLimit, readLimitRemoval } from './messages/limit.ts';
import { MESSAGE_TYPES } from './messages/message-types.ts';
import { readPayload } from './messages/payload.ts';
import { readPaymentReturn } from './messages/payment-return.ts';
import { readLeg } from './messages/pvp-leg.ts';
import { readQueueQuery } from './messages/queue-query.ts';
import { QueueReportSchema } from './messages/queue-report.ts';
import { readQuote } from './messages/quote.ts';
import { QuoteUseSchema } from './messages/quote-use.ts';
import { readReordering } from './messages/reordering.ts';
import { readReportRequest } from './messages/report-request.ts';
import { readReservation } from './messages/reservation.ts';
import {
  AccountReportSchema,
  ENTRY_CODES,
  NotificationSchema,
  StatementSchema,
} from './messages/statement.ts';
import { writeStatusReport } from './messages/status-report.ts';
import { readStatusRequest } from './messages/status-request.ts';
import { DAY_EVENTS, SystemEventSchema } from './messages/system-event.ts';
import type { Bic } from './names/bic-and-uetr.ts';
import { ISO_REASONS } from './names/iso-reasons.ts';
import { QuoteRecordSchema } from './records/quote-record.ts';
import { namespaceOf } from './xml/xml-text.ts';

/** docs/messages.md is the contract: what it shows must be taken, and what it lists complete. */
const page = readFileSync(
  fileURLToPath(new URL('../../../docs/messages.md', import.meta.url)),
  'utf8',
);
const currencies: Currencies = new Map(
  ['EUR', 'USD', 'CNY'].map((code) => [code, { minorUnits: 2, pool: 'main' }]),
);

/** Of a network in which the currencies of a chain over two pools lie so. */
const twoPools: Currencies = new Map([
  ['EUR', { minorUnits: 2, pool: 'main' }],
  ['CNY', { minorUnits: 2, pool: 'east' }],
]);

/** Readers by the element that a document begins with. */
const READERS: Readonly<Record<string, (document: unknown, of: Currencies) => object>> = {
  FIToFICstmrCdtTrf: readCreditTransfer,
  FICdtTrf: readBankTransfer,
  Leg: readLeg,
  Chn: (document, of) => readChainLeg(document, of, 'sandbox-1'),
  Attstn: readAttestation,
  Quote: readQuote,
  FIToFIPmtCxlReq: readCancellation,
  ModfyTx: readReordering,
  ModfyLmt: readLimit,
  DelLmt: readLimitRemoval,
  ModfyRsvatn: readReservation,
  AcctRptgReq: readReportRequest,
  GetTx: readQueueQuery,
  GetBizDayInf: readDayQuery,
  PmtRtr: readPaymentReturn,
  FIToFIPmtStsReq: readStatusRequest,
  RsltnOfInvstgtn: readRecallAnswer,
  FIToFIPmtStsRpt: readCreditorStatus,
};
const ANSWERS = ['RsltnOfInvstgtn', 'Rct', 'FIToFIPmtStsRpt'];
const STATEMENTS: Readonly<Record<string, TSchema>> = {
  BkToCstmrAcctRpt: AccountReportSchema,
  BkToCstmrStmt: StatementSchema,
  BkToCstmrDbtCdtNtfctn: NotificationSchema,
};
const TOLD_FORMS: Readonly<Record<string, TSchema>> = {
  Allegement: AllegementSchema,
  AttstnReq: AttestationRequestSchema,
  ChnAllgmt: ChainAllegementSchema,
  SysEvtNtfctn: SystemEventSchema,
  RtrTx: QueueReportSchema,
  RtrBizDayInf: DayReportSchema,
  QuoteUse: QuoteUseSchema,
  // Of the topic `quotes`.
  id: QuoteRecordSchema,
};
/** Of what both banks and the network send: what banks have in it. */
const BANKS_OWN: Readonly<Record<string, RegExp>> = {
  RsltnOfInvstgtn: /"Assgnr": \{ "Agt"/,
  FIToFIPmtStsRpt: /"InstgAgt"/,
};

test('every example is a message that is taken, and every type has one', () => {
  const seen = new Set<string>();
  for (const [, text] of page.matchAll(/```json\n([\s\S]*?)```/g)) {
    const document = JSON.parse(text as string);
    const [root] = Object.keys(document.Document ?? document) as [string];
    if (root in STATEMENTS || root in TOLD_FORMS) continue;
    if (ANSWERS.includes(root) && !BANKS_OWN[root]?.test(text as string)) continue;
    // Its reader holds it against the terms.
    if (document.Chn) assert.ok(document.Chn.TermsDgst);
    const isOverTwo = document.Chn?.Sync !== undefined;
    const read = READERS[root]?.(document, isOverTwo ? twoPools : currencies);
    assert.ok(read, `${root}: no reader`);
    assert.ok(!('detail' in read), `${root}: ${'detail' in read ? read.detail : ''}`);
    seen.add(isOverTwo ? `${root} over two pools` : root);
  }
  assert.deepEqual([...seen].sort(), [...Object.keys(READERS), 'Chn over two pools'].sort());
});

test('an example in XML is a message that is taken', () => {
  const shown = [...page.matchAll(/```xml\n([\s\S]*?)```/g)].map(([, text]) => text as string);
  assert.ok(shown.length > 0);
  for (const text of shown) {
    const find = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
    const names = {
      messageType: find(/MsgDefIdr>([^<]*)</),
      sender: find(/BICFI>([^<]*)</),
      id: find(/UETR>([^<]*)</),
      issuedAtMs: Date.parse('2026-03-16T09:00:00Z'),
    };
    const read = readPayload(names, Buffer.from(text), currencies);
    assert.equal('kind' in read ? read.kind : read.detail, 'payment');
  }
});

test('the table of namespaces is that of the code', () => {
  const types = [...MESSAGE_TYPES.filter((type) => type !== 'none'), BUSINESS_HEADER];
  for (const type of types) {
    const namespace = namespaceOf(type);
    const isListed = page.includes(`\`${namespace}\``);
    const [prefix] = namespace.split(type);
    assert.ok(isListed || page.includes(`| \`${prefix}\` and \`ce_type\` `), type);
  }
});

test('what tells of accounts has the form of its type, and every type has an example', () => {
  const seen = new Set<string>();
  for (const [, text] of page.matchAll(/```json\n([\s\S]*?)```/g)) {
    const document = JSON.parse(text as string);
    const [root] = Object.keys(document.Document ?? document) as [string];
    const schema = STATEMENTS[root];
    if (schema === undefined) continue;
    const checked = checker(schema)(document);
    assert.ok('value' in checked, `${root}: ${'detail' in checked ? checked.detail : ''}`);
    seen.add(root);
  }
  assert.deepEqual([...seen].sort(), Object.keys(STATEMENTS).sort());
  for (const code of Object.values(ENTRY_CODES)) assert.ok(page.includes(`| \`${code}\` `), code);
});

test('answers to questions, and what no message asked for, have the form of their type', () => {
  const seen = new Set<string>();
  for (const [, text] of page.matchAll(/```json\n([\s\S]*?)```/g)) {
    const document = JSON.parse(text as string);
    const [root] = Object.keys(document.Document ?? document) as [string];
    const schema = TOLD_FORMS[root];
    if (!schema) continue;
    const checked = checker(schema)(document);
    assert.ok('value' in checked, `${root}: ${'detail' in checked ? checked.detail : ''}`);
    seen.add(root);
  }
  assert.deepEqual([...seen].sort(), Object.keys(TOLD_FORMS).sort());
  const states = [...ALLEGEMENT_STATES, ...CHAIN_ALLEGEMENT_STATES, ...REQUEST_STATES];
  for (const code of [...Object.keys(DAY_EVENTS), ...states])
    assert.ok(page.includes(`| \`${code}\` `), code);
});

test('a status looks as it is shown', () => {
  const shown = [...page.matchAll(/```json\n([\s\S]*?)```/g)]
    .map(([, text]) => JSON.parse(text as string))
    .find(
      ({ Document }) =>
        Document?.FIToFIPmtStsRpt?.TxInfAndSts[0].InstgAgt === undefined &&
        Document?.FIToFIPmtStsRpt,
    );
  const written = writeStatusReport({
    messageId: 'main-811',
    createdAtMs: Date.parse('2026-03-16T09:00:00.412Z'),
    to: 'BANKDEF0' as Bic,
    original: {
      messageId: 'M-0001',
      messageType: 'pacs.008.001.08',
      endToEndId: 'E-0001',
      uetr: '8a562c67-ca16-48ba-b074-65581be6f001',
    },
    status: 'RJCT',
    reason: ISO_REASONS.accountMissing,
    information: [],
    detail: null,
    payloadDigest: null,
  });
  assert.deepEqual(JSON.parse(Buffer.from(written).toString()), shown);
});

test('every type stands there with its number', () => {
  for (const [number, type] of MESSAGE_TYPES.entries())
    if (type !== 'none')
      assert.match(
        page,
        new RegExp(`\\| \`${type.replaceAll('.', '\\.')}\` *\\| ${number} `),
        type,
      );
});

test('every reason that a bank may be told stands there with its code', () => {
  /** Of control records, which no bank sends. */
  const operators = ['recordInvalid', 'notIssuer'];
  for (const [reason, { code, text }] of Object.entries(ISO_REASONS)) {
    if (operators.includes(reason)) continue;
    const words = text.split(/[,;(]/)[0] as string;
    const line = page
      .split('\n')
      .find(
        (row) =>
          row.startsWith(`| ${code} `) && row.includes(words) && row.includes(`\`${reason}\``),
      );
    assert.ok(line, `${reason}: ${code} ${text}`);
  }
});
