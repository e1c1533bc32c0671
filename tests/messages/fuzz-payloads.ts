/**
 * Changed messages over both parsers. None may do more than be refused, and what is taken the model would
 * write again: written and read once more, in its syntax, it is the same.
 */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EXAMPLE, SENT } from '../../services/contracts/sent-messages.ts';
import { BUSINESS_HEADER } from '../../services/protocol/messages/business-header.ts';
import type { Currencies } from '../../services/protocol/messages/instruction.ts';
import type { MessageType } from '../../services/protocol/messages/message-types.ts';
import { documentOf, readPayload } from '../../services/protocol/messages/payload.ts';
import { type Syntax, syntaxOfPayload } from '../../services/protocol/names/content-type.ts';
import { namespaceOf } from '../../services/protocol/xml/xml-text.ts';
import { writeXml } from '../../services/protocol/xml/xml-writer.ts';
import { businessHeader, xmlOf } from '../support/xml-messages.ts';
import { Draw, type GoodMessage, mutant, writtenMessages } from './xml-mutants.ts';

const currencies: Currencies = new Map(
  ['EUR', 'USD', 'CNY'].map((code) => [code, { minorUnits: 2, pool: 'main' }]),
);

/** A message and its bytes in a syntax. */
export interface FuzzBase extends GoodMessage {
  readonly syntax: Syntax;
  readonly bytes: Buffer;
}

/** Of each type that banks send and the mutants' messages have not: the example of its contract. */
function otherMessages(written: readonly GoodMessage[]): GoodMessage[] {
  const types = new Set<string>(written.map(({ type }) => type));
  return Object.entries(SENT).flatMap(([name, { sender, id, example }]): GoodMessage[] => {
    const type = name as MessageType;
    if (types.has(type)) return [];
    const json = example();
    const xml = xmlOf(type, json)
      .toString()
      .replace(/^<\?[^>]*>\s*/, '');
    const names = { messageType: type, sender, id, issuedAtMs: EXAMPLE.atMs };
    return [{ type, names, xml, json }];
  });
}

/** Every good message as JSON, as XML, and as XML in a wrapper. */
export function fuzzBases(): FuzzBase[] {
  const written = writtenMessages();
  return [...written, ...otherMessages(written)].flatMap((message) => {
    const { type, names, xml } = message;
    const document = documentOf(type, Buffer.from(xml)) as object;
    const messageId = /<(?:MsgId|Id)>([^<]*)</.exec(xml)?.[1] ?? '';
    const words = { from: names.sender, to: 'BETAFR00', messageId };
    const AppHdr = businessHeader(type, words);
    const namespaces = { message: namespaceOf(type), header: namespaceOf(BUSINESS_HEADER) };
    const wrapped = Buffer.from(writeXml({ AppHdr, ...document }, namespaces));
    return [
      { ...message, syntax: 'json' as const, bytes: Buffer.from(JSON.stringify(document)) },
      { ...message, syntax: 'xml' as const, bytes: Buffer.from(xml) },
      { ...message, syntax: 'xml' as const, bytes: wrapped },
    ];
  });
}

const PIECES = [
  ...[
    '<',
    '>',
    '</',
    '/>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?x?>',
    '<!DOCTYPE a>',
    '&amp;',
    '&#0;',
    '&lt;',
  ],
  ...[
    '&x;',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '\\u0000',
    '\\ud800',
    'null',
    'true',
    '1e400',
    '-0',
  ],
  ...[
    'xmlns=""',
    ' Ccy="EUR"',
    '__proto__',
    '\u0000',
    '\ufeff',
    '\u2028',
    '\ud83d\ude00',
    '\r\n',
    '\t',
  ],
].map((piece) => Buffer.from(piece));

/** Bytes of a message with some of them cut, doubled, changed or put in. */
function changedBytes(bytes: Buffer, draw: Draw): Buffer {
  let changed = bytes;
  for (let changes = 1 + draw.integer(4); changes > 0; changes--) {
    const at = draw.integer(changed.length + 1);
    const length = draw.integer(draw.integer(4) === 0 ? 200 : 8);
    const [before, cut, after] = [
      changed.subarray(0, at),
      changed.subarray(at, at + length),
      changed.subarray(at + length),
    ];
    const put = [
      () => Buffer.alloc(0),
      () => Buffer.concat([cut, cut]),
      () => Buffer.concat([cut, draw.pick(PIECES)]),
      () => draw.pick(PIECES),
      () => Buffer.from(cut.map((byte) => byte ^ (1 << draw.integer(8)))),
      () => Buffer.from([draw.integer(256)]),
    ];
    changed = Buffer.concat([before, draw.pick(put)(), after]);
  }
  return changed;
}

/** The bytes that the index stands for: half of those in XML are changed in their tree. */
export function fuzzed(base: FuzzBase, index: number, seed: number): Buffer {
  const draw = new Draw(seed, `fuzz-${index}`);
  const isTree = base.syntax === 'xml' && draw.integer(2) === 0 && !base.bytes.includes('<?xml');
  const bytes = isTree ? Buffer.from(mutant(base.xml, draw)) : changedBytes(base.bytes, draw);
  // As the verifier refuses what is larger.
  return bytes.subarray(0, 65_536);
}

export interface FuzzResult {
  readonly taken: number;
  readonly refused: number;
  /** Types of which one was taken. */
  readonly types: ReadonlySet<string>;
  /** Heap in use after a collection, bytes: after a tenth of the messages, and after all. */
  readonly heapBytes: readonly [number, number];
}

/** @throws AssertionError with seed and index of the first message that does more than be refused */
export function fuzzPayloads(count: number, seed: number): FuzzResult {
  const bases = fuzzBases();
  let taken = 0;
  const types = new Set<string>();
  let early = 0;
  for (let index = 0; index < count; index++) {
    const base = bases[index % bases.length] as FuzzBase;
    // Each stands once as it is: every type is taken, whatever is drawn.
    const bytes = index < bases.length ? base.bytes : fuzzed(base, index, seed);
    const where = () => `seed ${seed}, message ${index}: ${bytes.toString('latin1')}`;
    try {
      const read = readPayload(base.names, bytes, currencies, EXAMPLE.network);
      if ('kind' in read) {
        taken += 1;
        types.add(base.type);
        isWrittenAgain(base, bytes, read, where);
      } else assert.ok(read.reason && read.detail, where());
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${where()}`, { cause: error });
    }
    if (index === Math.floor(count / 10)) early = heapAfterCollection();
  }
  return { taken, refused: count - taken, types, heapBytes: [early, heapAfterCollection()] };
}

/** Reads what was taken once more, and holds it against what the model would write. */
export function isTakenAsWritten(base: FuzzBase, bytes: Buffer, where: () => string): void {
  const read = readPayload(base.names, bytes, currencies, EXAMPLE.network);
  assert.ok('kind' in read, where());
  isWrittenAgain(base, bytes, read, where);
}

function isWrittenAgain(base: FuzzBase, bytes: Buffer, read: object, where: () => string): void {
  const { type, names } = base;
  const syntax = syntaxOfPayload(bytes);
  const document = documentOf(type, bytes) as object;
  const namespaces = { message: namespaceOf(type), header: namespaceOf(BUSINESS_HEADER) };
  const written =
    syntax === 'xml' ? writeXml(document, namespaces) : Buffer.from(JSON.stringify(document));
  assert.deepEqual(documentOf(type, written), document, where());
  assert.deepEqual(readPayload(names, written, currencies, EXAMPLE.network), read, where());
}

export function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
