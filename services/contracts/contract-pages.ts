import { createHash } from 'node:crypto';
import type { BankTopic, TopicMessage } from './bank-topics.ts';
import { isObject, type JsonObject, type JsonValue, published } from './json-schema.ts';

/**
 * The contract as pages to read: written on the server from the documents that are published, without a
 * script, and with nothing that another host would have to send.
 */

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem 1.5rem 4rem;color:#1c2733;background:#fff}
h1,h2,h3{line-height:1.25}h2{margin-top:2.5rem}a{color:#0b5394}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{background:#f3f5f7;padding:1rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #d8dee4}
td code{overflow-wrap:anywhere}.wide{overflow-x:auto}
@media(prefers-color-scheme:dark){body{color:#dfe6ec;background:#14191f}a{color:#7db7ee}pre{background:#1d242c}th,td{border-color:#36414c}}`;

/** For the header of every page: its own style is all that it may load. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ESCAPED[sign] as string);
/** As text, with what stands between backticks as code. */
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
const code = (text: string): string => `<code>${escaped(text)}</code>`;
const link = (address: string, html: string): string => `<a href="${escaped(address)}">${html}</a>`;

const page = (title: string, body: string): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}</main></body></html>
`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table><thead>${cells('th', head)}</thead><tbody>
${rows.map((row) => cells('td', row)).join('\n')}
</tbody></table></div>
`;
}

/** The page of a message. */
export const messageAddress = (type: string): string => `/docs/${type}`;
export const schemaAddress = (type: string, form: 'json' | 'xsd'): string =>
  `/schemas/${type}.${form}`;

/** All topics, routes and messages. */
export function indexPage(
  topics: readonly BankTopic[],
  openApi: JsonObject,
  version: string,
): string {
  const topicRows = topics.map(({ address, action, description, messages }) => [
    code(address),
    action === 'send' ? 'sends' : 'receives',
    prose(description),
    messages
      .map(({ type, schemaId }) => (type ? link(messageAddress(schemaId), code(type)) : 'keys'))
      .join('<br>'),
  ]);
  const routes = Object.entries(openApi.paths as Readonly<Record<string, JsonObject>>).flatMap(
    ([path, operations]) =>
      Object.entries(operations as Readonly<Record<string, JsonObject>>).map(
        ([method, { summary, security }]) => [
          code(`${method.toUpperCase()} ${path}`),
          prose(String(summary ?? '')),
          (security as readonly JsonObject[]).flatMap((one) => Object.keys(one)).join(', ') ||
            'none',
        ],
      ),
  );
  const titles = new Map<string, TopicMessage>();
  for (const { messages } of topics)
    for (const message of messages) if (message.type) titles.set(message.schemaId, message);
  const messages = [...titles].map(([type, { title }]) => [
    link(messageAddress(type), code(type)),
    prose(title),
    `${link(schemaAddress(type, 'json'), 'JSON Schema')}, ${link(schemaAddress(type, 'xsd'), 'XSD')}`,
  ]);
  return page(
    'Corridor: what a bank builds against',
    `<p>Version ${escaped(version)} of the contract. As documents: ${link('/asyncapi.json', 'AsyncAPI 3')} of the topics,
${link('/openapi.json', 'OpenAPI 3.1')} of this gateway.</p>
<h2>Topics</h2>
${table(['Topic', 'A bank', 'What it has', 'Messages'], topicRows)}
<h2>Routes</h2>
${table(['Request', 'Does', 'Signature'], routes)}
<h2>Messages</h2>
${table(['Type', 'What it is', 'Schemas'], messages)}`,
  );
}

/** One message: its elements, the pieces that they are made of, headers and an example of each topic. */
export function messagePage(
  type: string,
  schema: JsonObject,
  topics: readonly BankTopic[],
): string {
  const uses = topics.flatMap((topic) =>
    topic.messages.filter((one) => one.schemaId === type).map((message) => ({ topic, message })),
  );
  const { $defs } = schema;
  const pieces = Object.entries(isObject($defs) ? $defs : {}).map(
    ([name, piece]) =>
      `<h3 id="${escaped(name)}">${escaped(name)}</h3>\n${elements(piece as JsonObject)}`,
  );
  const example = uses[0]?.message.example;
  return page(
    String(schema.title),
    `<p>${link('/docs', 'All topics, routes and messages')} · ${link(schemaAddress(type, 'json'), 'JSON Schema')}</p>
<h2>Elements</h2>
${elements(schema)}${pieces.length > 0 ? `<h2>What they are made of</h2>\n${pieces.join('\n')}` : ''}
${uses.map(({ topic, message }) => headers(topic, message)).join('\n')}
${example ? `<h2>Example</h2>\n<pre>${escaped(indented(example.payload))}</pre>` : ''}`,
  );
}

const indented = (payload: Uint8Array): string =>
  JSON.stringify(JSON.parse(Buffer.from(payload).toString('utf8')), null, 2);

function headers({ address }: BankTopic, message: TopicMessage): string {
  const { properties, required } = published(message.headers);
  const rows = Object.entries(properties as JsonObject).map(([name, one]) => [
    code(name),
    (required as readonly string[]).includes(name) ? 'yes' : 'may be left out',
    form(one as JsonObject),
    prose(String((one as JsonObject).description ?? '')),
    code(message.example?.headers[name] ?? ''),
  ]);
  return `<h2>Headers in ${code(address)}</h2>
${table(['Header', 'There', 'Form', 'What it says', 'In the example'], rows)}`;
}

/** A table of what an object has in it, elements in elements behind a path. */
function elements(schema: JsonObject): string {
  const rows = rowsOf(schema, '');
  const words =
    typeof schema.description === 'string' ? `<p>${prose(schema.description)}</p>\n` : '';
  if (rows.length === 0) return `${words}<p>${form(schema)}</p>\n`;
  return `${words}${table(['Element', 'Times', 'Form', ''], rows)}`;
}

function rowsOf(schema: JsonObject, path: string): string[][] {
  if (Array.isArray(schema.anyOf))
    return schema.anyOf.flatMap((one, index) =>
      isObject(one as JsonValue)
        ? rowsOf(one as JsonObject, `${path}${index > 0 ? ' or ' : ''}`)
        : [],
    );
  const { properties, required, additionalProperties } = schema;
  if (!isObject(properties)) return [];
  const rows = Object.entries(properties).flatMap(([name, value]) => {
    const child = value as JsonObject;
    const isArray = child.type === 'array';
    const inner = isArray ? (child.items as JsonObject) : child;
    const least =
      Array.isArray(required) && required.includes(name) ? Number(child.minItems ?? 1) : 0;
    const most = isArray ? (child.maxItems ?? 'n') : 1;
    return [
      [
        code(`${path}${name}`),
        least === most ? `${most}` : `${least} to ${most}`,
        form(inner),
        prose(String(inner.description ?? child.description ?? '')),
      ],
      ...rowsOf(inner, `${path}${name}/`),
    ];
  });
  return additionalProperties === false
    ? rows
    : [...rows, [code(`${path}…`), '', 'anything else', '']];
}

/** What a text or number looks like; a piece is linked to. */
function form(schema: JsonObject): string {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').pop() as string;
    return link(`#${name}`, escaped(name));
  }
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => code(String(one))).join(' ');
  if (Array.isArray(schema.anyOf))
    return schema.anyOf.map((one) => form(one as JsonObject)).join(' or ');
  const { type, pattern, minLength, maxLength, minimum, maximum } = schema;
  const bounds = [
    pattern === undefined ? '' : code(String(pattern)),
    maxLength === undefined ? '' : `${minLength ?? 0} to ${maxLength} characters`,
    minimum === undefined && maximum === undefined ? '' : `${minimum ?? ''} to ${maximum ?? ''}`,
  ];
  return [escaped(String(type ?? 'anything')), ...bounds.filter(Boolean)].join(', ');
}
