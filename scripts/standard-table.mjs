/**
 * Writes services/protocol/standard/iso20022-types.ts from the schemas (XSD) that ISO 20022 publishes:
 *
 *   node scripts/standard-table.mjs FOLDER
 *
 * The schemas of one year name equal types alike, so one table has the types of all messages. What the
 * script does not know throws: nothing of a schema is left out in silence.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The messages that the table has. */
export const MESSAGES = [
  'head.001.001.02',
  'pacs.002.001.10',
  'pacs.004.001.09',
  'pacs.008.001.08',
  'pacs.009.001.08',
  'pacs.028.001.03',
  'camt.007.001.08',
  'camt.011.001.07',
  'camt.012.001.07',
  'camt.025.001.05',
  'camt.029.001.09',
  'camt.048.001.05',
  'camt.052.001.08',
  'camt.053.001.08',
  'camt.054.001.08',
  'camt.056.001.08',
  'camt.060.001.05',
];
const LINE_MAX = 100;
export const TABLE = 'services/protocol/standard/iso20022-types.ts';

const TYPE = /<xs:(complexType|simpleType) name="(\w+)">([\s\S]*?)<\/xs:\1>/g;
const attributes = (tag) =>
  Object.fromEntries([...tag.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
const only = (body, pattern, what) => {
  const left = body.replace(pattern, '').trim();
  if (left !== '') throw new Error(`${what}: cannot read ${left.slice(0, 200)}`);
};

/** `AdrLine*7:Max70Text`: ? none or one, * none to so many, + one to so many; no number: no bound. */
function element(tag) {
  const { name, type, minOccurs = '1', maxOccurs = '1' } = attributes(tag);
  const bound = maxOccurs === 'unbounded' ? '' : maxOccurs;
  if (!['0', '1'].includes(minOccurs)) throw new Error(`${name}: minOccurs ${minOccurs}`);
  if (maxOccurs === '1') return `${name}${minOccurs === '0' ? '?' : ''}:${type}`;
  return `${name}${minOccurs === '0' ? '*' : '+'}${bound}:${type}`;
}

function complex(name, body) {
  const content = /<xs:simpleContent>/.test(body);
  if (content) {
    const base = /<xs:extension base="(\w+)">/.exec(body)?.[1];
    const { name: attribute, type } = attributes(/<xs:attribute [^>]*>/.exec(body)?.[0] ?? '');
    if (attribute !== 'Ccy') throw new Error(`${name}: an attribute ${attribute}`);
    return `amount ${type} ${base}`;
  }
  if (/<xs:any /.test(body)) return 'any';
  const [, form] = /^\s*<xs:(sequence|choice)>/.exec(body) ?? [];
  if (!form) throw new Error(`${name}: neither a sequence nor a choice`);
  only(body, /<\/?xs:(?:sequence|choice)>|<xs:element [^>]*\/>/g, name);
  if (body.match(/<xs:(?:sequence|choice)>/g).length > 1) throw new Error(`${name}: nested`);
  const elements = [...body.matchAll(/<xs:element [^>]*>/g)].map(([tag]) => element(tag));
  return `${form === 'choice' ? 'one' : 'all'} ${elements.join(' ')}`;
}

const FACETS = /<xs:(\w+) value="([^"]*)"\/>|<\/?xs:restriction[^>]*>/g;

function simple(name, body) {
  only(body, FACETS, name);
  const base = /<xs:restriction base="xs:(\w+)"/.exec(body)?.[1];
  const facets = [...body.matchAll(/<xs:(\w+) value="([^"]*)"\/>/g)].map(([, k, v]) => [k, v]);
  const codes = facets.filter(([facet]) => facet === 'enumeration').map(([, value]) => value);
  const of = Object.fromEntries(facets.filter(([facet]) => facet !== 'enumeration'));
  const has = Object.keys(of).sort().join();
  if (codes.length > 0 && base === 'string' && has === '') return `code ${codes.join(' ')}`;
  if (base === 'string' && has === '') return 'text';
  if (base === 'string' && has === 'pattern') return `pattern ${of.pattern}`;
  if (base === 'string' && /^maxLength,minLength(,pattern)?$/.test(has))
    return `text ${of.minLength} ${of.maxLength}${of.pattern === undefined ? '' : ` ${of.pattern}`}`;
  if (base === 'base64Binary' && has === 'maxLength,minLength')
    return `base64Binary ${of.minLength} ${of.maxLength}`;
  if (base === 'decimal' && /^fractionDigits(,minInclusive)?,totalDigits$/.test(has))
    return `decimal ${of.totalDigits} ${of.fractionDigits}${of.minInclusive === undefined ? '' : ` ${of.minInclusive}`}`;
  if (has === '' && ['boolean', 'date', 'dateTime', 'time', 'gYear', 'gYearMonth'].includes(base))
    return base;
  throw new Error(`${name}: a ${base} with ${has}`);
}

/** The text of the table, from a folder of schemas. */
export function standardTable(folder) {
  const types = new Map();
  const roots = [];
  for (const message of MESSAGES) {
    const schema = readFileSync(join(folder, `${message}.xsd`), 'utf8');
    const root = attributes(/<xs:element name="\w+" type="\w+"\/>/.exec(schema)?.[0] ?? '');
    for (const [, kind, name, body] of schema.matchAll(TYPE)) {
      const text = kind === 'complexType' ? complex(name, body) : simple(name, body);
      // Each schema's own: its one element is the message.
      if (name === 'Document') {
        roots.push([message, 'Document', ...text.replace(/^all /, '').split(':')]);
        continue;
      }
      if (types.has(name) && types.get(name) !== text)
        throw new Error(`${name} of ${message}: ${text}, before it ${types.get(name)}`);
      types.set(name, text);
    }
    if (root.name !== 'Document') roots.push([message, root.name, null, root.type]);
  }
  const quoted = (text) =>
    text.includes("'") ? JSON.stringify(text) : `'${text.replaceAll('\\', '\\\\')}'`;
  // As the formatter would write it.
  const row = (name, value) => {
    const line = `  ${name}: ${value},`;
    return line.length > LINE_MAX ? `  ${name}:\n    ${value},` : line;
  };
  const root = ([message, outer, inner, type]) => {
    const parts = [outer, inner, type].map((part) => (part === null ? 'null' : `'${part}'`));
    const line = `  '${message}': [${parts.join(', ')}],`;
    if (line.length <= LINE_MAX) return line;
    return `  '${message}': [\n${parts.map((part) => `    ${part},\n`).join('')}  ],`;
  };
  const names = [...types.keys()].sort();
  return `/**
 * The types of ISO 20022's messages, as its schemas (XSD) define them: which elements a message may
 * have, in which order, how often, and which texts. Written by scripts/standard-table.mjs; what a line
 * means says read-iso20022-types.ts.
 */

/** By message: its outermost element, the one inside (none: the outermost is the message), its type. */
export const ROOTS: Readonly<Record<string, readonly [string, string | null, string]>> = {
${roots.map(root).join('\n')}
};

export const TYPES: Readonly<Record<string, string>> = {
${names.map((name) => row(name, quoted(types.get(name)))).join('\n')}
};
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('expected a folder of schemas');
  const file = fileURLToPath(new URL(`../${TABLE}`, import.meta.url));
  writeFileSync(file, standardTable(folder));
}
