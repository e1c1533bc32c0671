import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Publisher } from '../../services/view/page-updates.ts';
import type { History } from '../../services/view/payment-history.ts';
import type { ViewState } from '../../services/view/told-to-page.ts';
import { createViewApp } from '../../services/view/view-routes.ts';

/** Who may use what of the live view: every route as it has them, against everyone who may come. */
const UETR = '00000000-0000-4000-8000-000000000001';
const TOKEN = 'secret';
const HOST = '127.0.0.1:8090';

const build = () =>
  createViewApp({
    token: TOKEN,
    files: new Map([
      ['/', { type: 'text/html; charset=utf-8', body: Buffer.from('<html>') }],
      ['/view.js', { type: 'text/javascript', body: Buffer.from('1') }],
    ]),
    publisher: new Publisher('run', () => ({}) as ViewState),
    histories: new Map([
      [
        'main',
        { of: async () => ({ isTaken: true }), proof: async () => ({}) } as never as History,
      ],
    ]),
    cases: { decide: async () => ({}) } as never,
    drive: () => ({ status: () => ({}), control: async () => ({}) }) as never,
    logger: { info() {}, warn() {}, error() {}, debug() {} } as never,
  });
const app = build();

const bearer = { authorization: `Bearer ${TOKEN}` };
const CALLERS = {
  'the page with its token': { host: HOST, ...bearer },
  'another token': { host: HOST, authorization: 'Bearer secrets' },
  'a token in another scheme': { host: HOST, authorization: `Basic ${TOKEN}` },
  'no token': { host: HOST },
  'another host': { host: 'evil.example', ...bearer },
  'another origin': { host: HOST, origin: 'http://evil.example', ...bearer },
  'another site': { host: HOST, 'sec-fetch-site': 'cross-site', ...bearer },
} as const;
type Statuses = Readonly<Record<keyof typeof CALLERS, number>>;

const foreign = { 'another host': 400, 'another origin': 401, 'another site': 401 };
const EVERYONE: Statuses = {
  ...{ 'the page with its token': 200, 'another token': 200, 'a token in another scheme': 200 },
  ...{ 'no token': 200, ...foreign },
};
const HOLDER: Statuses = {
  ...{ 'the page with its token': 200, 'another token': 401, 'a token in another scheme': 401 },
  ...{ 'no token': 401, ...foreign },
};
const ROWS: Readonly<Record<string, readonly ['page' | 'token', Statuses]>> = {
  'GET /': ['page', EVERYONE],
  'GET /view.js': ['page', EVERYONE],
  'GET /stream': ['token', HOLDER],
  'GET /payments/:uetr': ['token', HOLDER],
  'GET /pools/:pool/messages/:offset/events/:number/proof': ['token', HOLDER],
  'GET /drive': ['token', HOLDER],
  'POST /drive': ['token', HOLDER],
  'POST /cases/:case': ['token', HOLDER],
};

test('every route of the view has its row, and every row its route', () => {
  const declared = app.declaredRoutes
    // Fastify adds a HEAD to each GET.
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, url, access }) => [`${method} ${url}`, access]);
  assert.deepEqual(
    declared.sort(),
    Object.entries(ROWS)
      .map(([route, [access]]) => [route, access])
      .sort(),
  );
  for (const { method, url, access } of app.declaredRoutes)
    if (method === 'HEAD') assert.equal(access, ROWS[`GET ${url}`]?.[0], `HEAD ${url}`);
});

for (const [route, [, statuses]] of Object.entries(ROWS))
  test(`${route} of the view is for whom it says`, async () => {
    const [method, url] = route.split(' ') as ['GET' | 'POST', string];
    const path = url
      .replace(':uetr', UETR)
      .replace(':pool', 'main')
      .replace(':offset', '0')
      .replace(':number', '1');
    const found: Record<string, number> = {};
    for (const verb of method === 'GET' ? (['GET', 'HEAD'] as const) : [method])
      for (const [name, headers] of Object.entries(CALLERS)) {
        const answer = await app.inject({
          method: verb,
          path,
          headers: { ...headers, ...(method === 'POST' && { 'content-type': 'application/json' }) },
          ...(method === 'POST' && {
            payload: url === '/drive' ? '{"action":"pause"}' : '{"action":"close"}',
          }),
          // A stream does not end by itself: its head is what is asked.
          payloadAsStream: true,
        });
        answer.stream().destroy();
        found[name] = answer.statusCode;
        assert.equal(answer.statusCode, statuses[name as keyof Statuses], `${verb} ${name}`);
      }
    assert.deepEqual(found, { ...statuses });
  });

test('a route of the view that does not say who may use it is not added', () => {
  const handler = async () => null;
  assert.throws(() => build().get('/new', handler), /GET \/new declares no access/);
});
