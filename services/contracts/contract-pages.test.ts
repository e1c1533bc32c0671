import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { bankTopics } from './bank-topics.ts';
import { indexPage, messageAddress, messagePage, PAGE_POLICY } from './contract-pages.ts';
import { messageSchemas } from './message-schemas.ts';

const topics = bankTopics();
const schemas = messageSchemas(topics);
const openApi = {
  paths: {
    '/banks/{bic}/statuses': { get: { summary: 'Reads <all>', security: [{ reading: [] }] } },
  },
};
const index = indexPage(topics, openApi, '1.2.3');
const pages = new Map(
  [...schemas].map(([type, schema]) => [type, messagePage(type, schema, topics)]),
);

test('the first page names all topics, routes and messages, and leads to each message', () => {
  for (const { address } of topics) assert.ok(index.includes(`<code>${address}</code>`), address);
  assert.ok(
    index.includes(
      '<code>GET /banks/{bic}/statuses</code></td><td>Reads &lt;all&gt;</td><td>reading',
    ),
  );
  const types = topics.flatMap(({ messages }) => messages.flatMap(({ type }) => type ?? []));
  for (const type of types) assert.ok(index.includes(`href="${messageAddress(type)}"`), type);
  assert.ok(index.includes('1.2.3') && types.length > 10);
});

test('a message’s page has every element, every piece that it links to, and its example', () => {
  for (const [type, html] of pages) {
    const schema = schemas.get(type);
    const named = new Set(
      [...JSON.stringify(schema).matchAll(/"#\/\$defs\/([\w.]+)"/g)].map(([, one]) => one),
    );
    for (const name of named) assert.ok(html.includes(`<h3 id="${name}">`), `${type}: ${name}`);
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g))
      assert.ok(named.has(target), `${type}: ${target}`);
  }
  const page = pages.get('pacs.002.001.10') as string;
  assert.match(
    page,
    /<code>Document\/FIToFIPmtStsRpt\/TxInfAndSts\/TxSts<\/code><\/td><td>1<\/td>.*<code>PDNG<\/code>/,
  );
  assert.match(
    page,
    /<code>Document\/FIToFIPmtStsRpt\/TxInfAndSts\/OrgnlUETR<\/code><\/td><td>0 to 1<\/td>/,
  );
  assert.match(page, /&quot;TxSts&quot;: &quot;RJCT&quot;/);
  assert.match(page, /<code>ce_eventnumber<\/code><\/td><td>yes/);
  assert.match(
    pages.get('pacs.008.001.08') as string,
    /<code>Document\/FIToFICstmrCdtTrf\/CdtTrfTxInf\/IntrmyAgt1<\/code><\/td><td>0 to 1<\/td>/,
  );
});

test('pages load nothing: no script, no image, no address of another host, and the one style that the policy names', () => {
  for (const html of [index, ...pages.values()]) {
    assert.doesNotMatch(
      html,
      /<(script|img|link|iframe|object|base|form)\b|https?:\/\/|@import|url\(|\son\w+=/i,
    );
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
    const digest = createHash('sha256').update(style).digest('base64');
    assert.ok(PAGE_POLICY.includes(`style-src 'sha256-${digest}'`));
    assert.ok(PAGE_POLICY.startsWith("default-src 'none';"));
    for (const [, address = ''] of html.matchAll(/href="([^"]+)"/g)) assert.match(address, /^[/#]/);
  }
  assert.ok(pages.size > 10);
});
