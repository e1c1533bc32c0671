import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { messageForm } from './xml-form.ts';
import { readXml, XML_DEPTH_MAX } from './xml-reader.ts';
import { namespaceOf, XmlFault } from './xml-text.ts';
import { writeXml } from './xml-writer.ts';

const money = Type.Object({ Ccy: Type.String(), Amt: Type.String() });
const schema = Type.Object({
  Document: Type.Object({
    Trf: Type.Object({
      Id: Type.String(),
      Tx: Type.Array(
        Type.Object({
          Amt: money,
          Side: Type.Union([money, Type.Object({ ISIN: Type.String() })]),
        }),
      ),
      Prty: Type.Union([Type.Object({ Cd: Type.String() }), Type.Object({ Prtry: Type.String() })]),
      Agt: Type.Object({}),
    }),
  }),
});
const MESSAGE = namespaceOf('test.001.001.01');
const HEADER = namespaceOf('head.001.001.02');
const form = messageForm(MESSAGE, schema);
const header = messageForm(HEADER, Type.Object({ AppHdr: Type.Object({ Fr: Type.String() }) }));
const read = (xml: string | Uint8Array) =>
  readXml(typeof xml === 'string' ? Buffer.from(xml) : xml, form, header);
const open = `<Document xmlns="${MESSAGE}">`;
/** A document with this inside of Trf. */
const of = (inside: string) => `${open}<Trf>${inside}</Trf></Document>`;
const trf = (document: Record<string, unknown>) => (document.Document as { Trf: unknown }).Trf;

const TAKEN: readonly [name: string, xml: string, expected: unknown][] = [
  ['text', of('<Id>A</Id>'), { Id: 'A' }],
  ['white space in text stays', of('<Id> A\n</Id>'), { Id: ' A\n' }],
  ['white space between elements goes', of(' \n\t<Id>A</Id>\r\n'), { Id: 'A' }],
  ['an empty text', of('<Id/>'), { Id: '' }],
  ['an object that is empty, or blank', of('<Agt/>'), { Agt: {} }],
  ['an object of blanks', of('<Agt>\n </Agt>'), { Agt: {} }],
  [
    'what repeats is an array, once too',
    of('<Tx><Amt Ccy="EUR">1.00</Amt></Tx>'),
    { Tx: [{ Amt: { Ccy: 'EUR', Amt: '1.00' } }] },
  ],
  ['and twice', of('<Tx/><Tx/>'), { Tx: [{}, {}] }],
  ['an amount without its currency', of('<Tx><Amt>1</Amt></Tx>'), { Tx: [{ Amt: { Amt: '1' } }] }],
  [
    'one of two: an amount',
    of('<Tx><Side Ccy="EUR">1</Side></Tx>'),
    { Tx: [{ Side: { Ccy: 'EUR', Amt: '1' } }] },
  ],
  [
    'one of two: elements',
    of('<Tx><Side><ISIN>X</ISIN></Side></Tx>'),
    { Tx: [{ Side: { ISIN: 'X' } }] },
  ],
  ['a choice', of('<Prty><Prtry>P</Prtry></Prty>'), { Prty: { Prtry: 'P' } }],
  [
    'elements of which nothing is known',
    of('<Id>A</Id><Rmt><Ustrd>x</Ustrd><Ustrd>y</Ustrd><Nb Ccy="USD">2</Nb></Rmt>'),
    { Id: 'A', Rmt: { Ustrd: ['x', 'y'], Nb: { Ccy: 'USD', Amt: '2' } } },
  ],
  ['names that objects inherit', of('<toString>A</toString>'), { toString: 'A' }],
  ['references', of('<Id>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;&#13;</Id>'), { Id: '<&>"\'AB\r' }],
  ['line ends become LF', of('<Id>a\r\nb\rc</Id>'), { Id: 'a\nb\nc' }],
  ['characters beyond ASCII', of('<Id>Zoë 銀行 🏦</Id>'), { Id: 'Zoë 銀行 🏦' }],
  ['a comment between elements', of('<!-- a --><Id>A</Id>'), { Id: 'A' }],
  ['a declaration', `<?xml version="1.0" encoding="utf-8"?>${of('<Id>A</Id>')}`, { Id: 'A' }],
  ['a byte order mark', `\uFEFF${of('<Id>A</Id>')}`, { Id: 'A' }],
  [
    'a declaration with all that it may have, behind a byte order mark',
    `\uFEFF<?xml\tversion='1.0' encoding='UTF-8' standalone='yes' ?>${of('<Id>A</Id>')}`,
    { Id: 'A' },
  ],
  [
    'a prefix',
    `<p:Document xmlns:p="${MESSAGE}"><p:Trf><p:Id>A</p:Id></p:Trf></p:Document>`,
    { Id: 'A' },
  ],
  [
    'where a schema may be found',
    of('<Id xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a b">A</Id>'),
    { Id: 'A' },
  ],
];

for (const [name, xml, expected] of TAKEN)
  test(`taken: ${name}`, () => {
    const document = read(xml);
    assert.deepEqual(trf(document), expected);
    const again = writeXml(document, { message: MESSAGE, header: HEADER });
    assert.deepEqual(read(again), document, 'what is written is read as it was');
  });

const deep = (levels: number) => of(`${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}`);
const wrapped = (inside: string, name = 'Envelope', namespace = 'urn:swift:xsd:envelope') =>
  `<${name} xmlns="${namespace}">${inside}</${name}>`;
const headed = `<AppHdr xmlns="${HEADER}"><Fr>X</Fr></AppHdr>`;

const REFUSED: readonly [name: string, xml: string | Uint8Array, fault: RegExp][] = [
  ['nothing', '', /not XML/],
  ['JSON', '{}', /not XML/],
  ['an element that is not closed', of('<Id>A'), /not XML: 1:\d+: /],
  ['two documents', of('') + of(''), /not XML/],
  ['text behind the document', `${of('')}x`, /not XML/],
  ['a document type', `<!DOCTYPE Document>${of('')}`, /^1:1: no document type/],
  ['one in small letters', `<!doctype a>${of('')}`, /^1:1: no document type/],
  [
    'entities that unfold',
    `<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${of('<Id>&b;</Id>')}`,
    /no document type/,
  ],
  ['an entity that nobody defined', of('<Id>&nbsp;</Id>'), /not XML.*entity/],
  ['CDATA', of('<Id><![CDATA[A]]></Id>'), /^1:75: no .*CDATA/],
  ['an instruction', of('\n <?php x?>'), /^2:2: no processing instruction/],
  ['an instruction before', `<?xml version="1.0"?><?a b?>${of('')}`, /no processing instruction/],
  ['an instruction at the very start', `<?foo bar?>${of('')}`, /^1:1: no processing/],
  ['one with markup in it', `<?php echo "<x>"; ?>${of('')}`, /^1:1: no processing/],
  ['one behind a byte order mark', `\uFEFF<?a b?>${of('')}`, /^1:1: no processing/],
  ['one behind white space', ` <?a b?>${of('')}`, /^1:2: no processing/],
  ['one whose name begins as the declaration', `<?xml-x a?>${of('')}`, /^1:1: no processing/],
  ['one named almost as it', `<?XML version="1.0"?>${of('')}`, /^1:1: no processing/],
  ['one without content', `<?xml?>${of('')}`, /^1:1: no processing/],
  ['a declaration without a version', `<?xml encoding="UTF-8"?>${of('')}`, /not XML.*version/],
  [
    'one with another word',
    `<?xml version="1.0" a="b"?>${of('')}`,
    /not XML.*expected the name encoding/,
  ],
  [
    'one that stands alone maybe',
    `<?xml version="1.0" standalone="a"?>${of('')}`,
    /not XML.*"yes"/,
  ],
  ['another version', `<?xml version="1.1"?>${of('')}`, /XML 1.1: expected 1.0/],
  ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${of('')}`, /expected UTF-8/],
  ['bytes that are not UTF-8', Buffer.from(of('<Id>\u00e9</Id>'), 'latin1'), /not UTF-8: byte 75$/],
  ['UTF-16', Buffer.from(`\uFEFF${of('<Id>A</Id>')}`, 'utf16le'), /not UTF-8/],
  ['a character that is none', of('<Id>&#1;</Id>'), /not XML/],
  ['a surrogate by number', of('<Id>&#xD800;</Id>'), /not XML/],
  ['text beside elements', of('<Id>A</Id>x'), /^\/Document\/Trf: has text beside elements/],
  ['a comment inside of text', of('<Id>A<!-- x -->B</Id>'), /^\/Document\/Trf\/Id: a comment/],
  ['an attribute', of('<Id a="1">A</Id>'), /^\/Document\/Trf\/Id: attribute a, expected none/],
  ['Ccy in a namespace', of('<Id xmlns:p="urn:x" p:Ccy="EUR">A</Id>'), /attribute p:Ccy/],
  [
    'a type of the instance',
    of('<Id xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'),
    /attribute i:nil/,
  ],
  ['Ccy of elements', of('<Tx Ccy="EUR"><Amt Ccy="EUR">1</Amt></Tx>'), /Ccy and elements/],
  [
    'an amount in elements',
    of('<Tx><Amt><Ccy>EUR</Ccy><Amt>1</Amt></Amt></Tx>'),
    /^\/Document\/Trf\/Tx\/0\/Amt: has elements Ccy and Amt/,
  ],
  ['an attribute twice', of('<Id Ccy="EUR" Ccy="USD">A</Id>'), /not XML/],
  ['an element twice', of('<Id>A</Id><Id>B</Id>'), /^\/Document\/Trf\/Id: stands twice/],
  [
    'an element again behind another',
    of('<a>1</a><b>2</b><a>3</a>'),
    /a\/1: stands again behind b/,
  ],
  ['an array again', of('<Tx/><Id2/><Tx/>'), /Tx\/1: stands again behind Id2/],
  ['another order', of('<Prty/><Id>A</Id>'), /^\/Document\/Trf\/Id: expected before Prty/],
  ['another order, with one between', of('<Prty/><x/><Id>A</Id>'), /Id: expected before Prty/],
  ['the name __proto__', of('<__proto__><a>1</a></__proto__>'), /no element has this name/],
  ['another namespace', '<Document xmlns="urn:x"/>', /Document: namespace "urn:x", expected/],
  ['none', '<Document/>', /^\/Document: namespace "", expected "urn:iso/],
  ['another inside', of('<Id xmlns="urn:x">A</Id>'), /Id: namespace "urn:x"/],
  ['an older header', wrapped(headed.replace('001.02', '001.01') + of('')), /AppHdr: namespace/],
  ['another outermost element', `<Doc xmlns="${MESSAGE}"/>`, /expected Envelope or .* or Document/],
  ['a wrapper of another namespace', wrapped(of(''), 'Envelope', 'urn:x'), /expected Envelope/],
  ['a wrapper alone', wrapped(''), /expected Document in it/],
  ['a header alone', wrapped(headed), /expected Document in it/],
  ['two headers', wrapped(headed + headed + of('')), /AppHdr: stands twice/],
  ['two documents in it', wrapped(of('') + of('')), /Document: stands twice/],
  ['a header behind', wrapped(of('') + headed), /AppHdr: expected before Document/],
  ['another part', wrapped(`<x/>${of('')}`), /^\/x: expected AppHdr or Document/],
  ['text in it', wrapped(`x${of('')}`), /Envelope: has text/],
  ['a wrapper in a wrapper', wrapped(wrapped(of(''))), /expected AppHdr or Document/],
  ['elements too deep', deep(XML_DEPTH_MAX - 1), /nested more than 32 deep/],
];

for (const [name, xml, fault] of REFUSED)
  test(`refused: ${name}`, () => {
    assert.throws(
      () => read(xml),
      (error) => error instanceof XmlFault && fault.test(error.message),
      String(xml).slice(0, 200),
    );
    // A reader that threw leaves nothing behind.
    assert.deepEqual(trf(read(of('<Id>A</Id>'))), { Id: 'A' });
  });

test('a fault is told with its place in JSON, and with what stands there', () => {
  const PLACES: readonly [xml: string, path: string, found: unknown][] = [
    [of('<Id>A</Id><Id>B&amp;<!-- x -->C</Id>'), '/Document/Trf/Id', 'B&C'],
    [of('<Prty/><Id>A</Id>'), '/Document/Trf/Id', 'A'],
    [of('<Id a="1">A</Id>'), '/Document/Trf/Id', 'A'],
    [of('<Id a="1"/>'), '/Document/Trf/Id', undefined],
    [of('<Tx/><Tx a="1">  <Amt Ccy="EUR">1</Amt></Tx>'), '/Document/Trf/Tx/1', undefined],
    [of('<Tx/><Tx/><Tx><Amt b="1">2</Amt></Tx>'), '/Document/Trf/Tx/2/Amt', '2'],
    [of('<Tx/><Id2/><Tx>x</Tx>'), '/Document/Trf/Tx/1', 'x'],
    [of('<a>1</a><a>2</a><a>3<!-- x --></a>'), '/Document/Trf/a/2', '3'],
    [of('<a>1</a><a><a c="1">2</a></a>'), '/Document/Trf/a/1/a', '2'],
    [of('<a>1</a><b>2</b><a>3</a>'), '/Document/Trf/a/1', '3'],
    [of('<Id>A</Id>x'), '/Document/Trf', 'x'],
    [of('x<Id>A</Id>'), '/Document/Trf', 'x'],
    [of('<Id>A<!-- x -->B</Id>'), '/Document/Trf/Id', 'A'],
    [
      of('<Tx><Amt><Ccy>EUR</Ccy><Amt>1</Amt></Amt></Tx>'),
      '/Document/Trf/Tx/0/Amt',
      { Ccy: 'EUR', Amt: '1' },
    ],
    [of('<Tx Ccy="EUR"><x>1</x></Tx>'), '/Document/Trf/Tx/0', { x: '1' }],
    [wrapped(headed + of('<Id>A</Id><Id>B</Id>')), '/Document/Trf/Id', 'B'],
    [wrapped(`x${of('')}`), '/Envelope', 'x'],
    [wrapped(`x<!-- c -->${of('')}`), '/Envelope', 'x'],
    [`<?a b?>${of('')}`, '/', '<?a b?><Document xml'],
  ];
  for (const [xml, path, found] of PLACES)
    assert.throws(
      () => read(xml),
      (error) => {
        assert.ok(error instanceof XmlFault);
        assert.deepEqual([error.path, error.found], [path, found], xml);
        return true;
      },
    );
});

test('what was taken before is read with an instruction before it, and with none inside', () => {
  const again = (xml: string) => readXml(Buffer.from(xml), form, header, true);
  assert.deepEqual(trf(again(`<?foo bar?>${of('<Id>A</Id>')}`)), { Id: 'A' });
  assert.throws(() => again(of('<?foo bar?>')), /no processing instruction/);
});

test('as deep as may be is taken', () => {
  assert.ok(read(deep(XML_DEPTH_MAX - 2)));
});

test('in each wrapper the header stands beside the document, and is written with it', () => {
  const expected = { AppHdr: { Fr: 'X' }, Document: { Trf: { Id: 'A' } } };
  for (const xml of [
    wrapped(headed + of('<Id>A</Id>')),
    wrapped(` \n${headed}\n${of('<Id>A</Id>')}\n`, 'Envelope', ''),
    wrapped(headed + of('<Id>A</Id>'), 'RequestPayload', ''),
  ]) {
    assert.deepEqual(read(xml), expected);
    assert.deepEqual(read(writeXml(read(xml), { message: MESSAGE, header: HEADER })), expected);
  }
  assert.deepEqual(read(wrapped(of('<Id>A</Id>'))), { Document: { Trf: { Id: 'A' } } });
});

test('what no XML can say is written as far as it can be, or not at all', () => {
  const written = (text: unknown) =>
    Buffer.from(
      writeXml({ Document: { Id: text } }, { message: MESSAGE, header: HEADER }),
    ).toString();
  assert.match(written('a\u0000b\uD800c\uFFFE'), /<Id>a\uFFFDb\uFFFDc\uFFFD<\/Id>/);
  assert.match(written(7), /<Id>7<\/Id>/);
  assert.match(written(true), /<Id>true<\/Id>/);
  assert.throws(() => written(null), /Id is null/);
});
