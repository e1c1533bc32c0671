import assert from 'node:assert/strict';
import { Session } from 'node:inspector';
import { test } from 'node:test';
import { readBankTransfer } from '../../services/protocol/messages/bank-transfer.ts';
import { readCreditTransfer } from '../../services/protocol/messages/credit-transfer.ts';
import { checker, isRefusal } from '../../services/protocol/messages/document.ts';
import type { Currencies } from '../../services/protocol/messages/instruction.ts';
import { BANK_TRANSFER, CREDIT_TRANSFER } from '../../services/protocol/messages/message-types.ts';
import { documentOf, documentSchema } from '../../services/protocol/messages/payload.ts';
import { parseStrictJson } from '../../services/protocol/messages/strict-json.ts';
import { PAYLOAD_BYTES_MAX } from '../../services/protocol/names/size-limits.ts';
import { type AskedForm, standardJsonReader } from '../../services/protocol/rules/standard-json.ts';
import { judgeStandardForm } from '../../services/protocol/rules/unknown-elements-and-standard-form.ts';
import { type FuzzBase, fuzzBases, fuzzed } from '../messages/fuzz-payloads.ts';
import { Draw, mutant } from '../messages/xml-mutants.ts';
import { atLeast } from '../support/at-least.ts';

const SEED = 20_261_128;
const COUNT = 3_000;
const currencies: Currencies = new Map(
  ['EUR', 'USD', 'CNY'].map((code) => [code, { minorUnits: 2, pool: 'main' }]),
);
const READERS = { [CREDIT_TRANSFER]: readCreditTransfer, [BANK_TRANSFER]: readBankTransfer };
type Type = keyof typeof READERS;
const byType = <T>(of: (type: Type) => T): Readonly<Record<Type, T>> => ({
  [CREDIT_TRANSFER]: of(CREDIT_TRANSFER),
  [BANK_TRANSFER]: of(BANK_TRANSFER),
});
const onePass = byType((type) => standardJsonReader(type, documentSchema(type) as AskedForm));
const checks = byType((type) => checker(documentSchema(type)));

/** By what stands in the schemas of the standard; a clearing reads nothing of it. */
const UNREAD =
  /^(?:\w+Acct|RmtInf|RltdRmtInf|RgltryRptg|Tax|TaxRmt|SttlmInf|(?:Ultmt)?(?:Dbtr|Cdtr)|InitgPty|UndrlygCstmrCdtTrf)$/;
/** What is left to be parsed and judged, in a text that could be vouched for. */
const LEFT = /\\|"(?:AppHdr|SplmtryData)"|\{\s*\}|[^\0-\x7f]/;

/** Holds what was read and kept against what was parsed: what is not kept is of the elements that nothing reads. */
function isOf(read: unknown, parsed: unknown, where: string): void {
  if (typeof parsed !== 'object' || parsed === null) {
    assert.equal(read, parsed, where);
    return;
  }
  assert.equal(Array.isArray(read), Array.isArray(parsed), where);
  for (const name of Object.keys(read as object)) assert.ok(Object.hasOwn(parsed, name), where);
  for (const name in parsed) {
    const one = (read as Record<string, unknown>)[name];
    if (one === undefined) assert.match(name, UNREAD, where);
    else isOf(one, (parsed as Record<string, unknown>)[name], where);
  }
}

/** Whether the message is vouched for, which it is exactly where it is parsed and found of the form. */
function isVouched(type: Type, bytes: Buffer, where: string, reader = onePass[type]): boolean {
  const read = reader(bytes);
  let parsed: object | null = null;
  try {
    const document = parseStrictJson(bytes) as object;
    const isOfForm = judgeStandardForm(document, type) === null && !Array.isArray(document);
    if (isOfForm && !isRefusal(checks[type](document))) parsed = document;
  } catch {}
  if (read === undefined) {
    const text = bytes.toString('latin1');
    assert.ok(parsed === null || !('Document' in parsed) || LEFT.test(text), `left: ${where}`);
    return false;
  }
  assert.ok(parsed, `not of the form: ${where}`);
  isOf(read, parsed, where);
  const told = READERS[type](read, currencies, '', true);
  const expected = READERS[type](parsed, currencies);
  assert.equal(isRefusal(told), isRefusal(expected), where);
  if (!isRefusal(told)) assert.deepEqual(told, expected, where);
  return true;
}

const bases = atLeast(
  3,
  fuzzBases().filter(({ type, syntax }) => type in READERS && syntax === 'json'),
);

/** A changed document, of which the bytes are changed, or the tree, with blanks or without. */
function changed(base: FuzzBase, index: number): Buffer {
  const draw = new Draw(SEED, `document-${index}`);
  const document =
    draw.integer(3) === 0 ? null : documentOf(base.type, Buffer.from(mutant(base.xml, draw)));
  return document === null
    ? fuzzed(base, index, SEED)
    : Buffer.from(JSON.stringify(document, null, draw.pick([0, 0, 2, '\t', ' \r\n'])));
}

test('a document is vouched for where it is parsed and found of the form, and says the same', () => {
  let vouched = 0;
  let index = 0;
  for (; index < COUNT; index++) {
    const base = bases[index % bases.length] as FuzzBase;
    const bytes = index < bases.length ? base.bytes : changed(base, index);
    const where = `seed ${SEED}, message ${index}: ${bytes.toString('latin1')}`;
    const isWhole = isVouched(base.type as Type, bytes, where);
    if (isWhole) vouched += 1;
    if (index < bases.length) assert.equal(isWhole, !LEFT.test(bytes.toString('latin1')), where);
  }
  assert.ok(vouched > COUNT / 20, `${vouched} were vouched for`);
  assert.ok(index - vouched > COUNT / 4, `${index - vouched} were not`);
});

/** A good message, and what changes one place of its text. */
const whole = (bases[0] as FuzzBase).bytes.toString('latin1');
const REMITTANCE = '"RmtInf":{"Strd":[{"AddtlRmtInf":["a","b","c"]}]}';
const withRemittance = whole.replace('"ChrgBr":', `${REMITTANCE},"ChrgBr":`);

test('of what fuzzing seldom meets nothing is vouched for', () => {
  const type = (bases[0] as FuzzBase).type as Type;
  const vouches = (text: string) => onePass[type](Buffer.from(text)) !== undefined;
  assert.ok(vouches(whole) && vouches(withRemittance), 'as it is');
  assert.ok(vouches(` \r\n\t${whole}\n`), 'blanks around it');
  const chargesFirst = whole
    .replace('"ChrgBr":"SHAR",', '')
    .replace('"CdtTrfTxInf":[{', '"CdtTrfTxInf":[{"ChrgBr":"SHAR",');
  const rows: [string, string][] = [
    ['no colon, in another order', chargesFirst.replace('"ChrgBr":', '"ChrgBr" ')],
    ['a key twice', whole.replace('"ChrgBr":', '"ChrgBr":"SHAR","ChrgBr":')],
    [
      'a key twice, far behind in its type',
      withRemittance.replace('"ChrgBr":', `${REMITTANCE},"ChrgBr":`),
    ],
    ['more than may stand', withRemittance.replace('["a","b","c"]', '["a","b","c","d"]')],
    ['an empty list', withRemittance.replace('["a","b","c"]', '[]')],
    ['a comma too many', whole.replace('"ChrgBr":', ',"ChrgBr":')],
    ['a comma at the end', whole.replace(/}$/, ',}')],
    ['text behind it', `${whole}{}`],
    ['nothing of it', ''],
    ['a byte order mark', `\ufeff${whole}`],
    ['a control character', withRemittance.replace('"a"', '"a\u0001"')],
    ['an escape', withRemittance.replace('"a"', '"\\u0061"')],
    ['beyond ASCII', withRemittance.replace('"a"', '"ä"')],
    ['a number', withRemittance.replace('"a"', '1')],
    ['null', withRemittance.replace('"a"', 'null')],
    ['a name that goes on', whole.replace('"ChrgBr"', '"ChrgBr2"')],
    ['a name cut short', whole.replace('"ChrgBr"', '"ChrgB"')],
    ['another in its place', whole.replace('"ChrgBr"', '"__proto__"')],
    ['a list in place of an object', `[${whole}]`],
    ['more bytes than a message may have', whole.padEnd(PAYLOAD_BYTES_MAX + 1)],
  ];
  for (const [what, text] of atLeast(19, rows)) {
    assert.notEqual(text, whole, what);
    assert.ok(!vouches(text), what);
  }
  assert.ok(vouches(chargesFirst), 'another order');
  assert.ok(vouches(whole.padEnd(PAYLOAD_BYTES_MAX)), 'as many as it may have');
  for (let length = 0; length < whole.length; length++)
    assert.ok(!vouches(whole.slice(0, length)), `cut at ${length}`);
});

/** The first document that a reader reads gives it a shape. */
function readerOf(type: Type, first: Buffer) {
  const reader = standardJsonReader(type, documentSchema(type) as AskedForm);
  assert.ok(reader(first));
  return reader;
}

const ADDRESS = '"PstlAdr":{"TwnNm":"Frankfurt","Ctry":"DE","AdrLine":["Hall 3","Gate 7"]}';
const withAddress = whole
  .replace('"NbOfTxs":', '"BtchBookg":true,"NbOfTxs":')
  .replace(/"Dbtr":\{"Nm":"[^"]*"/, `$&,${ADDRESS}`);

/** How often functions of the reader are called meanwhile: a shape that is not found shows in nothing else. */
function callsOf(names: readonly string[], work: () => void): number[] {
  const session = new Session();
  session.connect();
  let counted: { functionName: string; ranges: { count: number }[] }[] = [];
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  work();
  session.post('Profiler.takePreciseCoverage', (_, { result }) => {
    counted = result.filter(({ url }) => /standard-json\.js$/.test(url))[0]?.functions ?? [];
  });
  session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
  return names.map(
    (name) => counted.find(({ functionName }) => functionName === name)?.ranges[0]?.count ?? 0,
  );
}

test('of documents that differ in their texts alone the first gives the shape of all others', () => {
  const type = (bases[0] as FuzzBase).type as Type;
  const [whole100, made] = callsOf(['readTexts', 'makerOf'], () => {
    const reader = readerOf(type, Buffer.from(withAddress));
    for (let number = 0; number < 100; number++)
      assert.ok(reader(Buffer.from(withAddress.replace('Hall 3', `Hall ${number}`))));
  });
  assert.deepEqual([whole100, made], [100, 1]);
});

test('of documents that are all unlike each 256th gives a shape, and one of too many texts none', () => {
  const type = (bases[0] as FuzzBase).type as Type;
  const spaced = (blanks: number) =>
    Buffer.from(whole.replace('"ChrgBr":', `"ChrgBr":${' '.repeat(blanks)}`));
  const reader = readerOf(type, spaced(0));
  const [like, made] = callsOf(['readTexts', 'makerOf'], () => {
    for (let blanks = 1; blanks <= 1280; blanks++) assert.ok(reader(spaced(blanks)));
  });
  assert.deepEqual([like, made], [0, 5]);
  // Four are kept, the last.
  const [kept] = callsOf(['readTexts'], () => {
    for (const blanks of [1280, 1024, 768, 512, 256]) assert.ok(reader(spaced(blanks)));
  });
  assert.equal(kept, 4);
  const texts = (last: string) => `"RmtInf":{"Ustrd":[${'"a",'.repeat(199)}"${last}"]},"ChrgBr":`;
  const many = (last: string) => Buffer.from(whole.replace('"ChrgBr":', texts(last)));
  const another = readerOf(type, many('a'));
  assert.ok(another(many('b')));
  assert.equal(another(many('x'.repeat(141))), undefined);
});

test('of a document that has the shape of one before each byte is judged all the same', () => {
  const shaped = [...bases.map(({ bytes }) => bytes), Buffer.from(withAddress)].filter(
    (bytes) => !LEFT.test(bytes.toString('latin1')),
  );
  let vouched = 0;
  for (const first of atLeast(3, shaped)) {
    const base = bases.find(({ bytes }) => bytes === first) ?? (bases[0] as FuzzBase);
    const reader = readerOf(base.type as Type, first);
    for (const at of first.keys())
      for (const byte of Buffer.from('"\\ 0Z,}\u0001')) {
        const bytes = Buffer.from(first);
        bytes[at] = byte;
        const where = `byte ${at}: ${bytes.toString('latin1')}`;
        if (isVouched(base.type as Type, bytes, where, reader)) vouched += 1;
      }
  }
  assert.ok(vouched > 1_000, `${vouched} were vouched for`);
});

test('of a shape the texts may be of any length, and what they say together is judged', () => {
  const type = (bases[0] as FuzzBase).type as Type;
  const reader = readerOf(type, Buffer.from(withAddress));
  const rows: [from: string, to: string, isWhole: boolean][] = [
    ['Hall 3', 'H', true],
    ['Hall 3', '', false],
    ['Hall 3', 'Hall 3, third door on the left', true],
    ['Hall 3', 'x'.repeat(71), false],
    ['Hall 3', 'Hall 3 in frankfurt', false],
    ['Hall 3","Gate 7', 'Hall 3', true],
    ['Hall 3","Gate 7', 'Hall 3","Gate 7","Bay 1', false],
    ['"DE"', '"FR"', true],
    ['"DE"', '"De"', false],
    ['"Ctry":"DE",', '', false],
    ['"AdrLine":["Hall 3","Gate 7"]', '"StrtNm":"Gate"', true],
  ];
  for (const [from, to, isWhole] of rows) {
    const text = withAddress.replace(from, to);
    assert.notEqual(text, withAddress);
    assert.equal(isVouched(type, Buffer.from(text), text, reader), isWhole, text);
    assert.equal(isVouched(type, Buffer.from(withAddress), withAddress, reader), true);
  }
});

test('what a document asks for beyond its standard is asked for at each place that can have it', () => {
  const base = bases.find(({ type }) => type === CREDIT_TRANSFER) as FuzzBase;
  const bytes = base.bytes;
  const schema = documentSchema(CREDIT_TRANSFER) as AskedForm;
  assert.ok(standardJsonReader(CREDIT_TRANSFER, schema)(bytes));
  const [where] = ['Document', 'FIToFICstmrCdtTrf', 'GrpHdr'];
  const inside = (asked: AskedForm): AskedForm => ({
    properties: {
      [where as string]: {
        properties: { FIToFICstmrCdtTrf: { properties: { GrpHdr: asked } } },
      },
    },
  });
  const asks = (asked: AskedForm) => standardJsonReader(CREDIT_TRANSFER, inside(asked))(bytes);
  const rows: [what: string, asked: AskedForm][] = [
    ['required', { required: ['CtrlSum'] }],
    ['closed', { properties: { MsgId: {} }, additionalProperties: false }],
    ['pattern', { properties: { MsgId: { pattern: '^$' } } }],
    ['const', { properties: { NbOfTxs: { const: '2' } } }],
    ['enum', { properties: { NbOfTxs: { enum: ['2', '3'] } } }],
    ['minLength', { properties: { NbOfTxs: { minLength: 2 } } }],
    ['maxLength', { properties: { CreDtTm: { maxLength: 5 } } }],
  ];
  for (const [what, asked] of atLeast(7, rows)) assert.equal(asks(asked), undefined, what);
  assert.ok(asks({ properties: { NbOfTxs: { enum: ['1'], minLength: 1, maxLength: 1 } } }));
  for (const asked of [
    { properties: { MsgId: { format: 'x' } } },
    { properties: { NoSuch: {} } },
    { properties: { Authstn: { minItems: 2 } } },
  ] as AskedForm[])
    assert.throws(() => asks(asked), RangeError);
});
