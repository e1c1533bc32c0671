/**
 * Messages in XML, and what becomes of them where something is changed at random: the trees of good
 * messages of every type that has a schema of the standard, and mutations of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBankTransfer } from '../../services/protocol/messages/bank-transfer.ts';
import { writeCancellation } from '../../services/protocol/messages/cancellation.ts';
import { writeCreditTransfer } from '../../services/protocol/messages/credit-transfer.ts';
import {
  writeCreditorStatus,
  writeRecallAnswer,
} from '../../services/protocol/messages/creditor-replies.ts';
import { writeDayQuery } from '../../services/protocol/messages/day-query.ts';
import { writeLimit } from '../../services/protocol/messages/limit.ts';
import type { MessageType } from '../../services/protocol/messages/message-types.ts';
import type { SignedNames } from '../../services/protocol/messages/payload.ts';
import { writePaymentReturn } from '../../services/protocol/messages/payment-return.ts';
import { writeQueueQuery } from '../../services/protocol/messages/queue-query.ts';
import { writeReordering } from '../../services/protocol/messages/reordering.ts';
import { writeReportRequest } from '../../services/protocol/messages/report-request.ts';
import { writeReservation } from '../../services/protocol/messages/reservation.ts';
import { writeStatusRequest } from '../../services/protocol/messages/status-request.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { xmlOf } from '../support/xml-messages.ts';

/** Seeded: the same seed and name draw the same. */
export class Draw {
  readonly #stream: SeededStream;
  constructor(seed: number, name: string) {
    this.#stream = new SeededStream(seed, name);
  }
  /** From 0 to below `bound`. */
  integer(bound: number): number {
    return Math.floor(this.#stream.uniform() * bound);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.integer(list.length)] as T;
  }
}

export interface XmlNode {
  name: string;
  attributes: string;
  children: XmlNode[];
  text: string;
}

/** Of clean XML: no comments, no CDATA, no text beside elements. */
export function treeOf(xml: string): XmlNode {
  const root: XmlNode = { name: '', attributes: '', children: [], text: '' };
  const open = [root];
  for (const [, closes, name, attributes = '', ends, text = ''] of xml
    .replace(/<\?.*?\?>/g, '')
    .matchAll(/<(\/)?([\w:.-]+)([^<>]*?)(\/)?>([^<]*)/g)) {
    if (closes) open.pop();
    else {
      const node = { name: name as string, attributes, children: [], text };
      open[open.length - 1]?.children.push(node);
      if (!ends) open.push(node);
    }
  }
  return root.children[0] as XmlNode;
}

export function xmlOfTree({ name, attributes, children, text }: XmlNode): string {
  const inside = children.length > 0 ? children.map(xmlOfTree).join('') : text.trim() ? text : '';
  return `<${name}${attributes}>${inside}</${name}>`;
}

export interface GoodMessage {
  readonly type: MessageType;
  readonly names: SignedNames;
  /** The document alone. */
  readonly xml: string;
  /** As the product writes it. */
  readonly json: Uint8Array;
}

const ISSUED_MS = Date.UTC(2026, 2, 16, 9);
const [ALFA, BETA] = ['ALFADE00', 'BETAFR00'] as [Bic, Bic];
const UETR = '8a562c67-ca16-48ba-b074-65581be6f001' as Uetr;

/** What the standard asks of a cancellation, and the product does not. */
const STANDARD: readonly [before: string, xml: string][] = [
  [
    '<CreDtTm>2026-03-16T09:00:00.000Z</CreDtTm></Assgnmt>',
    '<Assgne><Agt><FinInstnId><BICFI>BETAFR00</BICFI></FinInstnId></Agt></Assgne>',
  ],
  ['<OrgnlMsgNmId>', '<OrgnlMsgId>M-1</OrgnlMsgId>'],
];

/** What the standard has beside what clearing reads. */
const BESIDE: readonly [before: string, xml: string][] = [
  // Less the charges it is what settles.
  ['<ChrgBr>', '<InstdAmt Ccy="EUR">13.50</InstdAmt>'],
  [
    '<InstgAgt>',
    '<ChrgsInf><Amt Ccy="EUR">1.00</Amt><Agt><FinInstnId><BICFI>ALFADE00</BICFI></FinInstnId></Agt></ChrgsInf>',
  ],
  ['<Dbtr>', '<InstdAgt><FinInstnId><BICFI>BETAFR00</BICFI></FinInstnId></InstdAgt>'],
  [
    '</Dbtr>',
    '<PstlAdr><StrtNm>Main Street</StrtNm><BldgNb>1</BldgNb><PstCd>60311</PstCd><TwnNm>Frankfurt</TwnNm><Ctry>DE</Ctry></PstlAdr>',
  ],
  ['<DbtrAgt>', '<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>'],
  ['</CdtTrfTxInf>', '<Purp><Cd>SUPP</Cd></Purp><RmtInf><Ustrd>Invoice 7</Ustrd></RmtInf>'],
];

/** What is asked of accounts, of queues and of the business day. */
function questions(): [MessageType, string, Uint8Array][] {
  const [one, all] = [
    { id: 'R-1', sender: ALFA, currency: 'EUR' },
    { id: 'R-1', sender: ALFA, currency: null },
  ];
  return [
    ['camt.060.001.05', 'R-1', writeReportRequest({ ...all, date: null }, ISSUED_MS)],
    ['camt.060.001.05', 'R-1', writeReportRequest({ ...one, date: '2026-03-13' }, ISSUED_MS)],
    ['camt.005.001.08', 'R-1', writeQueueQuery(one, ISSUED_MS)],
    ['camt.005.001.08', 'R-1', writeQueueQuery(all, ISSUED_MS)],
    ['camt.018.001.05', 'R-1', writeDayQuery(one, ISSUED_MS)],
    ['camt.018.001.05', 'R-1', writeDayQuery(all, ISSUED_MS)],
  ];
}

export function writtenMessages(): GoodMessage[] {
  const decimals = () => 2;
  const payment = {
    ...{ messageId: 'M-1', endToEndId: 'E-1', uetr: UETR, instructingAgent: ALFA },
    ...{ debtorAgent: ALFA, creditorAgent: BETA, currency: 'EUR', amountMinor: 1250n },
    ...{ settlementDate: '2026-03-16', priority: 'high' as const, conversion: null },
    times: { earliest: 86_400 + 36_000, latest: 86_400 + 39_600 },
  };
  const own = { id: 'R-1', sender: ALFA, currency: 'EUR' };
  const about = { ...own, uetr: UETR, paymentType: 'pacs.008.001.08' as const };
  const replied = {
    ...{ id: 'R-1', sender: ALFA, receiver: BETA, uetr: UETR },
    paymentType: 'pacs.008.001.08' as const,
  };
  const amount = { Ccy: 'EUR', Amt: '12.50' };
  const said = (status: string, reasonCode: string) => ({
    ...{ originalMessageId: 'M-1', status, reasonCode, settled: amount },
  });
  const credit = writeCreditTransfer(payment, { debtor: 'A', creditor: 'B' }, ISSUED_MS, decimals);
  const rows: [MessageType, string, Uint8Array][] = [
    ['pacs.008.001.08', UETR, credit],
    ['pacs.009.001.08', UETR, writeBankTransfer(payment, ISSUED_MS, decimals)],
    ['camt.056.001.08', 'R-1', writeCancellation(about, ISSUED_MS, 1250n, decimals)],
    [
      'camt.007.001.08',
      'R-1',
      writeReordering({ ...about, priority: 'high', move: 'end' }, ISSUED_MS),
    ],
    [
      'camt.011.001.07',
      'R-1',
      writeLimit({ ...own, counterparty: BETA, limitMinor: 5n }, ISSUED_MS, decimals),
    ],
    [
      'camt.012.001.07',
      'R-1',
      writeLimit({ ...own, counterparty: null, limitMinor: null }, ISSUED_MS, decimals),
    ],
    [
      'camt.048.001.05',
      'R-1',
      writeReservation({ ...own, priority: 'urgent', amountMinor: 5n }, ISSUED_MS, decimals),
    ],
    [
      'pacs.004.001.09',
      'R-1',
      writePaymentReturn(
        {
          ...{ ...replied, ...own, originalMessageId: 'M-1', amountMinor: 5n },
          ...{ settlementDate: '2026-03-16', priority: 'high' },
        },
        'AC04',
        ISSUED_MS,
        decimals,
      ),
    ],
    [
      'pacs.028.001.03',
      'R-1',
      writeStatusRequest({ ...replied, ...own, paymentSender: BETA }, 'M-1', amount, ISSUED_MS),
    ],
    ['camt.029.001.09', 'R-1', writeRecallAnswer(replied, said('RJCR', 'LEGL'), ISSUED_MS)],
    ['pacs.002.001.10', 'R-1', writeCreditorStatus(replied, said('RJCT', 'AC04'), ISSUED_MS)],
    ...questions(),
  ];
  return rows.flatMap(([type, id, json]): GoodMessage[] => {
    const names = { messageType: type, sender: ALFA, id, issuedAtMs: ISSUED_MS };
    const xml = (type === 'camt.056.001.08' ? STANDARD : []).reduce(
      (text, [before, more]) => text.replace(before, more + before),
      documentIn(xmlOf(type, json).toString()),
    );
    const rich = BESIDE.reduce((text, [before, more]) => text.replace(before, more + before), xml);
    return type === 'pacs.008.001.08'
      ? [
          { type, names, xml, json },
          { type, names, xml: rich, json },
        ]
      : [{ type, names, xml, json }];
  });
}

/** The document in a wrapper, without prefixes, with the namespace declared at it. */
export function documentIn(xml: string): string {
  const [document = ''] = /<(\w+:)?Document[\s>].*<\/(\w+:)?Document>/s.exec(xml) ?? [];
  return document.replace(/<(\/?)\w+:/g, '<$1').replace(/ xmlns:\w+="([^"]*)"/g, ' xmlns="$1"');
}

/** All messages of a folder, by path in it. */
export const messagesIn = (folder: string): [path: string, xml: string][] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.xml'))
    .sort()
    .map((path) => [path, readFileSync(join(folder, path), 'utf8')]);

const TEXTS = [
  ...[
    '',
    ' ',
    'x',
    'X'.repeat(36),
    'X'.repeat(141),
    '0',
    '-1',
    '12.5',
    '12.505',
    '1e3',
    '+5',
    ' 12.50 ',
  ],
  ...[
    '01',
    'EUR',
    'NORM',
    'SHAR',
    'DEUTDEFF',
    'DEUTDEFFXXX',
    'deutdeff',
    '2026-03-16',
    '2026-02-30',
  ],
  ...[
    '2026-03-16Z',
    '2026-03-16T09:00:00Z',
    '10:00:00Z',
    '10:00:00',
    '25:00:00Z',
    'yesterday',
    'é',
    '&#13;',
  ],
  ...[
    '8a562c67-ca16-48ba-b074-65581be6f001',
    '8A562C67-CA16-48BA-B074-65581BE6F001',
    '1',
    'CLRG',
    'INDA',
  ],
  ...[
    '99999999999999',
    '99999999999999999999',
    '0.00001',
    '.5',
    '5.',
    'true',
    'URGT',
    'UPAR',
    'MULT',
  ],
];
const NAMES = [
  'Nm',
  'Id',
  'Cd',
  'Prtry',
  'RmtInf',
  'Ccy',
  'Amt',
  'SplmtryData',
  'InstdAgt',
  'X',
  'MsgId',
];
const CURRENCIES = ['USD', 'eur', 'EURO', 'XAU', ''];

/** What may be done to a node and its parent. */
const MUTATIONS: readonly ((node: XmlNode, parent: XmlNode, at: number, random: Draw) => void)[] = [
  (_, parent, at) => parent.children.splice(at, 1),
  (node, parent, at) => parent.children.splice(at, 0, structuredClone(node)),
  (_, parent, at) => {
    const [one] = parent.children.splice(at, 1);
    parent.children.splice(Math.max(0, at - 1), 0, one as XmlNode);
  },
  (_, parent, at, random) => {
    const [one] = parent.children.splice(at, 1);
    parent.children.splice(random.integer(parent.children.length + 1), 0, one as XmlNode);
  },
  (node, _parent, _at, random) => {
    node.name = random.pick(NAMES);
  },
  (node, _parent, _at, random) => {
    node.name += random.pick(['s', '2', 'x']);
  },
  (node, _parent, _at, random) => {
    node.text = random.pick(TEXTS);
    node.children = [];
  },
  (node, _parent, _at, random) => {
    if (node.children.length === 0) node.text = random.pick(TEXTS);
  },
  (node, _parent, _at, random) => {
    if (node.children.length === 0) node.text += random.pick(['0', ' ', 'x', '.', '-']);
  },
  (node, _parent, _at, random) => {
    node.attributes = random.pick([
      ' Ccy="EUR"',
      ' Id="1"',
      '',
      ` Ccy="${random.pick(CURRENCIES)}"`,
    ]);
  },
  (_, parent, at, random) =>
    parent.children.splice(at, 0, {
      ...{ name: random.pick(NAMES), attributes: '', children: [] },
      text: random.pick(TEXTS),
    }),
  (node, _parent, _at, random) => {
    node.attributes += ` xmlns="${random.pick(['', 'urn:x', 'urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08'])}"`;
  },
];

/** A message with one to three things changed at random places. */
export function mutant(xml: string, random: Draw): string {
  const root: XmlNode = { name: 'root', attributes: '', children: [treeOf(xml)], text: '' };
  for (let changes = random.integer(10) < 8 ? 1 : 1 + random.integer(3); changes > 0; changes--) {
    const places: [XmlNode, XmlNode, number][] = [];
    const collect = (parent: XmlNode): void =>
      parent.children.forEach((node, at) => {
        places.push([node, parent, at]);
        collect(node);
      });
    collect(root);
    if (places.length === 0) break;
    const [node, parent, at] = random.pick(places);
    random.pick(MUTATIONS)(node, parent, at, random);
  }
  return root.children.map(xmlOfTree).join('');
}
