import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXAMPLE } from '../../services/contracts/sent-messages.ts';
import {
  BUSINESS_HEADER,
  businessHeaderForm,
  hasHeader,
  headerFault,
} from '../../services/protocol/messages/business-header.ts';
import { MESSAGE_TYPES, type MessageType } from '../../services/protocol/messages/message-types.ts';
import { readPayload, xmlForm } from '../../services/protocol/messages/payload.ts';
import type { MessageForm } from '../../services/protocol/xml/xml-form.ts';
import { readXml } from '../../services/protocol/xml/xml-reader.ts';
import { namespaceOf, XmlFault } from '../../services/protocol/xml/xml-text.ts';
import { writeXml } from '../../services/protocol/xml/xml-writer.ts';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';
import { messagesIn, treeOf, type XmlNode } from './xml-mutants.ts';
import { xsdFault } from './xsd-judge.ts';

/** Messages of others, as banks have them: docs of CBPR+ and of a real-time system. */
const of = (path: string): string => /Document[^>]*xsd:([\w.]+)"/.exec(path)?.[1] ?? '';
const isTaken = (type: string): type is MessageType => MESSAGE_TYPES.includes(type as never);
const formOf = (type: string): MessageForm =>
  isTaken(type) ? xmlForm(type) : { namespace: namespaceOf(type), root: 'Document', form: null };

/** Names, order, text and currencies: all but prefixes, declarations and blanks between elements. */
const meant = ({ name, attributes, children, text }: XmlNode): unknown => [
  name.replace(/^.*:/, ''),
  /\bCcy="([^"]*)"/.exec(attributes)?.[1],
  children.length > 0 ? children.map(meant) : text.trim() === '' ? '' : text,
];

/** Why a message cannot be read; null: it can. */
function readable(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof XmlFault) return error.message;
    throw error;
  }
}

test('messages of CBPR+ are read, and written again they say the same', {
  skip: needsFixtures,
}, () => {
  const folder = fixture('data/phoughton-cbpr');
  const samples = messagesIn(folder).filter(([path]) => !path.includes('mini'));
  const broken: string[] = [];
  for (const [path, xml] of atLeast(110, samples)) {
    const type = of(xml);
    const read = (bytes: Uint8Array) => readXml(bytes, formOf(type), businessHeaderForm);
    // What the reader cannot take, the schema of the standard refuses too.
    if (readable(() => read(Buffer.from(xml))) !== null) {
      const document = /<(\w+:)?Document[\s>].*<\/(\w+:)?Document>/s.exec(xml)?.[0] ?? '';
      assert.notEqual(xsdFault(type, document), null, path);
      broken.push(path);
      continue;
    }
    const document = read(Buffer.from(xml));
    const namespaces = { message: namespaceOf(type), header: namespaceOf(BUSINESS_HEADER) };
    const written = Buffer.from(writeXml(document, namespaces));
    assert.deepEqual(read(written), document, path);
    const [before, after] = [xml, written.toString()].map((text) =>
      treeOf(text).children.map(meant),
    );
    assert.deepEqual(after, before, path);
  }
  assert.ok(broken.length < 18, broken.join());
});

const currencies = new Map(
  ['EUR', 'USD', 'GBP', 'RON', 'JPY'].map((code) => [code, { minorUnits: 2, pool: 'main' }]),
);
/** By what the name of a file says that is wrong in it. */
const VIOLATIONS: Readonly<Record<string, RegExp>> = {
  commodity_currency_XAU: /^currencyUnknown.*XAU/,
  msgdefidr_mismatch: /MsgDefIdr/,
};
/** Where another fault, which the file's name tells too, is found first. */
const OTHER_FAULTS: readonly [path: RegExp, fault: RegExp][] = [
  [/dodgy_IBAN/, /IBAN.*check digits/],
  [/xsd_issue/, /CdtrAgt.*twice/],
  // Banks tell here whether they credited a customer, and nothing else.
  [/pacs002_status_report/, /TxSts: must be "ACCC" or "RJCT", found "ACSP"/],
];
/** Rules of CBPR+ that are no rules here: of statements and of customers' orders, which banks do not send here. */
const OUT_OF_SCOPE =
  /camt\.05[24]-R(10_existing|20_slash)|pain\.001-R8_existing|pacs\.004-R(65|111)_/;

test('what violates a rule of CBPR+ is refused for that, or is of no message that is taken', {
  skip: needsFixtures,
}, () => {
  const folder = fixture('data/phoughton-cbpr/test_files');
  const violators = messagesIn(folder).filter(([path]) => path.includes('violators/'));
  let refused = 0;
  for (const [path, xml] of atLeast(20, violators)) {
    if (OUT_OF_SCOPE.test(path)) continue;
    const type = of(xml);
    const find = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? '';
    const names = {
      messageType: type,
      sender: find(/InstgAgt>.*?BICFI>([^<]*)</s),
      id: find(/UETR>([^<]*)</),
      issuedAtMs: Date.UTC(2027, 0),
    };
    // Of this clearing system.
    const payload = Buffer.from(xml.replace(/(SttlmMtd>)\w+</, '$1CLRG<'));
    const fault = () => {
      if (isTaken(type)) {
        const read = readPayload(names, payload, currencies, EXAMPLE.network);
        return 'detail' in read ? `${read.reason}: ${read.detail}` : 'taken';
      }
      const document = readXml(payload, formOf(type), businessHeaderForm);
      const sender = find(/Fr>.*?BICFI>([^<]*)</s);
      const messageId = find(/BizMsgIdr>([^<]*)</);
      assert.ok(hasHeader(document), path);
      return headerFault(document, { ...names, sender, messageId })?.detail ?? 'taken';
    };
    const rule = /-R\d+_(\w+)\.xml$/.exec(path)?.[1] ?? '';
    const [, other] = OTHER_FAULTS.find(([pattern]) => pattern.test(path)) ?? [];
    assert.match(fault(), other ?? VIOLATIONS[rule] ?? /^$/, path);
    refused += 1;
  }
  assert.ok(refused >= 12, `${refused}`);
});

test('a return as banks of CBPR+ write it is taken, once it is of this clearing system', {
  skip: needsFixtures,
}, () => {
  const samples = messagesIn(fixture('data/phoughton-cbpr/test_files')).filter(([path]) =>
    /^20\d\d.pacs004_payment_return_sample\.xml$/.test(path),
  );
  for (const [path, xml] of atLeast(2, samples)) {
    const find = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? '';
    const names = {
      messageType: 'pacs.004.001.09',
      sender: find(/InstgAgt>.*?BICFI>([^<]*)</s),
      id: find(/MsgId>([^<]*)</),
      issuedAtMs: Date.UTC(2027, 0),
    };
    const payload = Buffer.from(xml.replace(/(SttlmMtd>)\w+</, '$1CLRG<'));
    const read = readPayload(names, payload, currencies, EXAMPLE.network);
    assert.ok('kind' in read, `${path}: ${'detail' in read ? read.detail : ''}`);
    assert.ok(read.kind === 'return' && read.uetr === find(/OrgnlUETR>([^<]*)</), path);
  }
});

test('messages of a real-time system, in a wrapper of its own with an older header, are refused', {
  skip: needsFixtures,
}, () => {
  for (const [path, xml] of atLeast(46, messagesIn(fixture('data/moov-rtp'))))
    for (const type of ['pacs.008.001.08', 'camt.056.001.08'] as const)
      assert.throws(
        () => readXml(Buffer.from(xml), xmlForm(type), businessHeaderForm),
        /^XmlFault|\/Message: expected Envelope|CDATA/,
        path,
      );
});
