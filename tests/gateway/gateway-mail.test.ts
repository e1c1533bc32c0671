import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import type { Log } from '../../services/platform/log/log.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { headersFromHttp } from '../../services/protocol/names/http-headers.ts';
import { PARTICIPANTS, PAYMENTS, statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { participantMessage } from '../../services/protocol/records/participant-message.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import {
  buildTestGateway,
  type HttpAnswer,
  type OpenApi,
  readContract,
} from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';
import { serverSentEvents } from '../support/server-sent-events.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-gateway-'));
const log = openEmbeddedLog({ folder });
const network = new TestNetwork(log);
let gateway: Gateway;
let address: string;

const build = (over: { log?: Log; indexBytesMax?: number; startRecords?: number } = {}) =>
  buildTestGateway({
    network: network.scenario.network,
    log,
    name: `test-${randomUUID().slice(0, 8)}`,
    ...over,
  });

before(async () => {
  await network.create();
  network.start();
  gateway = await build();
  address = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
});
after(async () => {
  await gateway.close();
  await network.stop();
  await log.close();
  rmSync(folder, { recursive: true });
});

async function pay(uetr: string = randomUUID(), amountMinor = 1250n): Promise<string> {
  const { headers, payload } = network.payment({ uetr, amountMinor });
  const answer = await fetch(`${address}/payments`, { method: 'POST', headers, body: payload });
  assert.equal(answer.status, 202, await answer.text());
  return uetr;
}

const read = (bic: string, target: string, headers = network.reading(bic, target)) =>
  fetch(`${address}${target}`, { headers });

async function until<T>(probe: () => Promise<T | null>): Promise<T> {
  const endMs = Date.now() + 60_000;
  for (;;) {
    const found = await probe();
    if (found !== null) return found;
    assert.ok(Date.now() < endMs, 'it did not come');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

interface PaymentAnswer {
  state: string;
  final: boolean;
  complete: boolean;
  statuses: {
    status: string;
    pool: string;
    eventNumber: number;
    repeat: boolean;
    firstEventNumber: number | null;
    document: object;
  }[];
}

const settled = (uetr: string, bic = 'ALFADE00') =>
  until(async () => {
    const answer = await read(bic, `/payments/${uetr}`);
    return answer.status === 200 ? ((await answer.json()) as PaymentAnswer) : null;
  });

/** Collects server-sent events until it has `count` of them. */
function stream(target: string, count: number, headers: Record<string, string> = {}) {
  return new Promise<{ id: string; data: { uetr: string } }[]>((resolve, reject) => {
    const { port } = new URL(address);
    const request = get(
      {
        host: '127.0.0.1',
        port,
        path: target,
        headers: { ...network.reading(bicIn(target), target), ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
          const events = serverSentEvents(text).map(({ id = '', data }) => ({
            id,
            data: JSON.parse(data),
          }));
          if (events.length >= count) {
            request.destroy();
            resolve(events.slice(0, count));
          }
        });
      },
    ).on('error', reject);
  });
}
const bicIn = (target: string) => /banks\/(\w+)\//.exec(target)?.[1] as string;

test('a payment is accepted, settles, and both banks read their own', async () => {
  const uetr = await pay();
  const payment = await settled(uetr);
  assert.equal(payment.state, 'ACSC');
  assert.equal(payment.final, true);
  assert.equal(payment.complete, true);
  const target = '/banks/BETASG00/deliveries?wait=5000';
  const page = (await (await read('BETASG00', target)).json()) as {
    items: { uetr: string; payload: string; headers: Record<string, string> }[];
  };
  const delivery = page.items.find((item) => item.uetr === uetr);
  assert.ok(delivery);
  assert.match(Buffer.from(delivery.payload, 'base64').toString('utf8'), new RegExp(uetr));
  assert.equal(delivery.headers.ce_source, 'ALFADE00');
  // The debtor's bank alone has the status; to others there is no such payment.
  for (const [query, ...told] of [
    ['pool=nope', 'pool', 'nope', 'one of main, which has this UETR'],
    ['message=RT-1', 'message', 'RT-1', 'no message: nothing of this UETR has one'],
  ] as const) {
    const elsewhere = await read('ALFADE00', `/payments/${uetr}?${query}`);
    const { field, value, expected } = (await elsewhere.json()) as Record<string, string>;
    assert.deepEqual([elsewhere.status, field, value, expected], [404, ...told]);
  }
  const unknown = await read('BETASG00', `/payments/${uetr}`);
  assert.equal(unknown.status, 404);
  // A refused message has no status here: where else is said.
  assert.match(
    ((await unknown.json()) as { detail: string }).detail,
    /signature, key or time is refused has no status under its UETR: look for its payload digest in GET \/banks\/BETASG00\/statuses$/,
  );
});

test('sent again the payment keeps its state, and another payload under its UETR does not change it', async () => {
  const uetr = await pay();
  await settled(uetr);
  await pay(uetr);
  await pay(uetr, 999n);
  const payment = await until(async () => {
    const known = await settled(uetr);
    return known.statuses.some(({ status }) => status === 'RJCT') ? known : null;
  });
  assert.equal(payment.state, 'ACSC');
});

test('what tells an outcome once more says so, as the topic’s headers do', async () => {
  const uetr = randomUUID();
  const { headers, payload: body } = network.payment({ uetr, amountMinor: 1250n });
  for (const sending of ['first', 'again']) {
    const answer = await fetch(`${address}/payments`, { method: 'POST', headers, body });
    assert.equal(answer.status, 202, sending);
  }
  const statuses = await until(async () => {
    const known = await settled(uetr);
    return known.statuses.length > 1 ? known.statuses : null;
  });
  assert.deepEqual(
    statuses.map(({ status, repeat, firstEventNumber }) => [status, repeat, firstEventNumber]),
    [
      ['ACSC', false, null],
      ['ACSC', true, statuses[0]?.eventNumber],
    ],
  );
});

test('pages go on where the one before ended, and wait for what comes', async () => {
  const uetrs: string[] = [await pay(), await pay(), await pay()];
  for (const uetr of uetrs) await settled(uetr);
  const seen: string[] = [];
  let from = '';
  for (;;) {
    const target = `/banks/ALFADE00/statuses?limit=2${from && `&from=${from}`}`;
    const page = (await (await read('ALFADE00', target)).json()) as {
      items: { uetr: string; position: string }[];
      next: string;
    };
    assert.ok(page.items.length <= 2);
    if (page.items.length === 0) break;
    seen.push(...page.items.map(({ uetr }) => uetr));
    from = page.next;
  }
  assert.deepEqual(seen.slice(-3), uetrs);
  const target = `/banks/ALFADE00/statuses?from=${from}&wait=10000`;
  const waiting = read('ALFADE00', target);
  const later = await pay();
  const page = (await (await waiting).json()) as { items: { uetr: string }[] };
  assert.equal(page.items[0]?.uetr, later);
});

test('a stream goes on after Last-Event-ID without loss', async () => {
  const target = '/banks/ALFADE00/statuses/stream';
  const before = await log.endOffset(statusesOf('ALFADE00' as Bic), 0);
  const sent: string[] = Array.from({ length: 12 }, () => randomUUID());
  const all = stream(target, before + 12);
  for (const uetr of sent) await pay(uetr);
  const events = await all;
  assert.deepEqual(new Set(events.slice(-12).map(({ data }) => data.uetr)), new Set(sent));
  for (const cut of [0, 1, before, events.length - 2]) {
    const rest = await stream(target, events.length - cut - 1, {
      'last-event-id': events[cut]?.id as string,
    });
    assert.deepEqual(rest, events.slice(cut + 1));
  }
});

test('a position that the log does not have is told, not skipped', async () => {
  await settled(await pay());
  for (const from of ['0:main-999', '99999999:main-1']) {
    const target = `/banks/ALFADE00/statuses?from=${from}`;
    const answer = await read('ALFADE00', target);
    assert.equal(answer.status, 410, from);
    const { detail, field, value } = (await answer.json()) as Record<string, string>;
    assert.deepEqual([field, value], ['from', from]);
    // One event may tell two statuses of one type.
    assert.match(`${detail}`, /no longer kept|drop what you have by pool, eventNumber and id$/);
  }
  const target = '/banks/ALFADE00/statuses/stream';
  const places: [string, Record<string, string>, string][] = [
    [target, { 'last-event-id': '99999999:main-1' }, 'last-event-id'],
    [`${target}?from=99999999:main-1`, {}, 'from'],
  ];
  for (const [path, header, field] of places) {
    const headers = { ...network.reading('ALFADE00', path), ...header };
    const answer = await read('ALFADE00', path, headers);
    assert.equal(answer.status, 410, path);
    assert.equal(((await answer.json()) as Record<string, string>).field, field);
  }
  for (const from of ['1', 'x', '-1:main-1'])
    assert.equal((await read('ALFADE00', `/banks/ALFADE00/statuses?from=${from}`)).status, 400);
});

test('a bank reads only what is its own, and only with its key and in time', async () => {
  const target = '/banks/ALFADE00/statuses';
  const refused: [string, Record<string, string>, number][] = [
    ['another bank', network.reading('BETASG00', target), 403],
    ['another target', network.reading('ALFADE00', `${target}?limit=1`), 401],
    ['no signature', {}, 400],
    ['too old', network.reading('ALFADE00', target, Date.now() - 301_000), 401],
    ['from the future', network.reading('ALFADE00', target, Date.now() + 301_000), 401],
    ["another's key", { ...network.reading('ALFADE00', target), 'ce-source': 'BETASG00' }, 401],
    ['unknown key', { ...network.reading('ALFADE00', target), 'ce-keyid': 'key-2' }, 401],
  ];
  for (const [name, headers, status] of refused) {
    const answer = await read('ALFADE00', target, headers);
    assert.equal(answer.status, status, name);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    if (status !== 401) continue;
    assert.equal(answer.headers.get('www-authenticate'), 'CORRIDOR-SIG-V1');
    const { field, value, expected } = (await answer.json()) as Record<string, string>;
    const sent = headers[field as string] ?? '';
    assert.equal(value, sent.length > 80 ? `${sent.slice(0, 79)}…` : sent, name);
    if (field !== 'ce-signature') assert.match(`${expected}`, /^within 300000 ms/, name);
    else {
      const digest = createHash('sha256').update(`GET ${target}`).digest('hex');
      assert.equal(
        expected,
        `Ed25519 by a key of ${headers['ce-source']} that is registered and not revoked, with its id in ce-keyid (${headers['ce-keyid']} here), over nine lines: network ${network.scenario.network}, topic http, payload digest ${digest}`,
      );
    }
  }
  assert.equal((await read('ALFADE00', target)).status, 200);
  const stream = `${target}/stream`;
  assert.equal((await read('BETASG00', stream)).status, 403);
});

test('a parameter that a path does not have is refused, and named', async () => {
  for (const [target, field, value, expected] of [
    ['/banks/ALFADE00/statuses?form=3', 'form', '3', 'none but from, wait, limit'],
    ['/banks/ALFADE00/accounts?limit=1', 'limit', '1', 'no parameter here'],
    ['/banks/ALFADE00/queue?limit=0', 'limit', '0', 'a number from 1 to 1000'],
    ['/%zz', 'url', '/%zz', 'UTF-8 behind each %, in two hex digits a byte'],
  ] as const) {
    const answer = await read('ALFADE00', target);
    const told = (await answer.json()) as Record<string, unknown>;
    assert.deepEqual(
      [answer.status, told.type, told.field, told.value, told.expected],
      [400, 'urn:corridor:problem:parameter-invalid', field, value, expected],
    );
  }
  assert.equal((await read('ALFADE00', '/nowhere?x=1')).status, 404);
});

test('a revoked key reads no more, and its open stream ends', async () => {
  const bic = 'GAMMFR00' as Bic;
  const target = `/banks/${bic}/statuses/stream`;
  const ended = (await read(bic, target)).text();
  const publicKey = Buffer.from(network.signer(bic).publicKey).toString('hex');
  await network.append('main', [
    { kind: 'key', timeMs: Date.now(), bic, keyId: KEY_ID, publicKey, state: 'revoked' },
  ]);
  await until(async () =>
    (await read(bic, `/banks/${bic}/statuses`)).status === 401 ? true : null,
  );
  // The stream looks again when something arrives for it: over the topic, by a key that the gateway takes nothing by.
  const { headers, payload } = network.payment({ uetr: randomUUID(), from: bic });
  await log.produce(PAYMENTS, [{ key: bic, value: payload, headers: headersFromHttp(headers) }]);
  assert.doesNotMatch(await ended, /DS0C/);
});

test('what the index has forgotten, or never held, is sought in the log', async () => {
  const uetrs: string[] = [await pay(), await pay(), await pay()];
  for (const uetr of uetrs) await settled(uetr);
  const own = await build({ indexBytesMax: 3_000, startRecords: 2 });
  for (const uetr of uetrs) {
    const target = `/payments/${uetr}`;
    const answer = await until(async () => {
      const got = await own.app.inject({
        url: target,
        headers: network.reading('ALFADE00', target),
      });
      return got.statusCode === 200 ? got : null;
    });
    assert.equal(answer.json().state, 'ACSC');
  }
  // Of the first, only the refusal of another payload is in memory.
  const [first = ''] = uetrs;
  await pay(first, 999n);
  const again = await until(async () => {
    const target = `/payments/${first}`;
    const headers = network.reading('ALFADE00', target);
    const known: PaymentAnswer = (await own.app.inject({ url: target, headers })).json();
    return known.statuses.some(({ status }) => status === 'RJCT') ? known : null;
  });
  assert.deepEqual([again.state, again.complete], ['ACSC', true]);
  const target = `/payments/${randomUUID()}`;
  const unknown = await own.app.inject({
    url: target,
    headers: network.reading('ALFADE00', target),
  });
  assert.equal(unknown.statusCode, 404);
  await own.close();
});

test('a watchdog sees mail that stands still, in whichever topic', async () => {
  const silent = { stop: async () => {}, stopped: new Promise<void>(() => {}) };
  const deafLog = new Proxy(log, {
    get: (_, name: keyof Log) =>
      name === 'subscribe'
        ? async () => silent
        : (log[name] as (...args: unknown[]) => unknown).bind(log),
  });
  const deaf = await build({ log: deafLog });
  const lagOf = async ({ mail }: Gateway) => {
    const { position } = mail;
    return (await mail.end()) - position;
  };
  await settled(await pay());
  await until(async () => ((await lagOf(deaf)) > 0 ? true : null));
  const { position } = deaf.mail;
  assert.ok((await lagOf(deaf)) > 0);
  assert.equal(deaf.mail.position, position, 'it stays with what stands still');
  await deaf.close();

  let last = gateway.mail.position;
  for (let inARow = 0; inARow < 20; ) {
    inARow = (await lagOf(gateway)) === 0 ? inARow + 1 : 0;
    assert.ok(gateway.mail.position >= last, 'its position only rises');
    last = gateway.mail.position;
  }
});

test('too many open streams of one bank are refused, its pages are not', async () => {
  const target = '/banks/DELRSG00/statuses/stream';
  const open = Array.from({ length: 16 }, () => new AbortController());
  for (const { signal } of open)
    assert.equal(
      (await fetch(`${address}${target}`, { headers: network.reading('DELRSG00', target), signal }))
        .status,
      200,
    );
  assert.equal((await read('DELRSG00', target)).status, 503);
  assert.equal((await read('DELRSG00', '/banks/DELRSG00/statuses')).status, 200);
  for (const one of open) one.abort();
  await until(async () => {
    const one = new AbortController();
    const { status } = await fetch(`${address}${target}`, {
      headers: network.reading('DELRSG00', target),
      signal: one.signal,
    });
    one.abort();
    return status === 200 ? true : null;
  });
});

test('pages that were read leave their places to others, however many there were', async () => {
  const url = '/banks/ALFADE00/statuses?limit=1';
  const headers = network.reading('ALFADE00', url);
  // One more than may be open at once.
  for (let time = 0; time < 1_001; time++) {
    const { statusCode, payload } = await gateway.app.inject({ url, headers });
    assert.equal(statusCode, 200, `page ${time}: ${payload}`);
  }
});

test('a page that waits while its key is revoked tells nothing that comes then', async (t) => {
  const bic = 'DELRSG00' as Bic;
  const own = await build({ log });
  t.after(() => own.close());
  const ask = (target: string) =>
    own.app.inject({ url: target, headers: network.reading(bic, target) });
  const next = await until(async () => {
    const there = await ask(`/banks/${bic}/statuses`);
    return there.statusCode === 200 ? (JSON.parse(there.payload).next as string | null) : null;
  });
  const page = ask(`/banks/${bic}/statuses?from=${encodeURIComponent(next)}&wait=30000`);
  // Whoever asks later is answered when that page waits.
  await ask(`/banks/${bic}/statuses`);
  const publicKey = Buffer.from(network.signer(bic).publicKey).toString('hex');
  await network.append('main', [
    { kind: 'key', timeMs: Date.now(), bic, keyId: KEY_ID, publicKey, state: 'revoked' },
  ]);
  await until(async () => ((await ask(`/banks/${bic}/statuses`)).statusCode === 401 ? true : null));
  const { headers, payload } = network.payment({ uetr: randomUUID(), from: bic });
  // Over the topic, since the gateway takes nothing by a revoked key.
  await log.produce(PAYMENTS, [{ key: bic, value: payload, headers: headersFromHttp(headers) }]);
  const { statusCode, payload: told } = await page;
  assert.equal(statusCode, 401, told);
  assert.equal(JSON.parse(told).type, 'urn:corridor:problem:not-authentic');
});

test('a participant that joins while the gateway runs can read', async () => {
  const bic = 'NEWBDE00' as Bic;
  await log.createTopics(
    [`statuses.${bic}`, `deliveries.${bic}`].map((name) => ({
      name,
      partitions: 1,
      timestamps: 'create' as const,
      compacted: false,
    })),
  );
  const publicKey = Buffer.from(network.signer(bic).publicKey).toString('hex');
  await log.produce(PARTICIPANTS, [
    participantMessage({
      bic,
      name: 'New',
      role: 'bank',
      keyId: KEY_ID,
      publicKey,
      state: 'registered',
    }),
  ]);
  await until(async () =>
    (await read(bic, `/banks/${bic}/statuses`)).status === 200 ? true : null,
  );
});

test('the log is closed and opened again: 503, then everything goes on', async () => {
  const other = mkdtempSync(join(tmpdir(), 'corridor-gateway-'));
  let inner = openEmbeddedLog({ folder: other });
  // The same log by another handle, as a client that reconnects has it.
  const handle = new Proxy({} as Log, {
    get: (_, name: keyof Log) => (inner[name] as (...args: unknown[]) => unknown).bind(inner),
  });
  const own = new TestNetwork(handle);
  await own.create();
  const reopened = await build({ log: handle });
  const send = async (uetr: string) => {
    const { headers, payload } = own.payment({ uetr });
    return (await reopened.app.inject({ method: 'POST', url: '/payments', headers, payload }))
      .statusCode;
  };
  assert.equal(await send(randomUUID()), 202);
  await own.step();
  await inner.close();
  assert.equal(await send(randomUUID()), 503);
  const page = '/banks/ALFADE00/statuses';
  const closed = await reopened.app.inject({ url: page, headers: own.reading('ALFADE00', page) });
  assert.equal(closed.statusCode, 503);
  inner = openEmbeddedLog({ folder: other });
  const uetr = randomUUID();
  assert.equal(await send(uetr), 202);
  await own.step();
  const target = `/payments/${uetr}`;
  await until(async () => {
    const answer = await reopened.app.inject({
      url: target,
      headers: own.reading('ALFADE00', target),
    });
    return answer.statusCode === 200 ? true : null;
  });
  await reopened.close();
  await inner.close();
  rmSync(other, { recursive: true });
});

/** Sends bytes as they are and returns what comes back until the connection ends. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket
      .setEncoding('latin1')
      .on('data', (piece: string) => {
        answer += piece;
      })
      .on('end', () => socket.end())
      .on('close', () => resolve(answer))
      .on('error', reject);
  });
}

test('what Node would refuse by itself is refused as a problem that the OpenAPI document knows', async () => {
  const { headers, payload } = network.payment({ uetr: randomUUID() });
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = 'POST /payments HTTP/1.1\r\nhost: x\r\nconnection: close\r\n';
  const end = `content-length: ${payload.length}\r\n\r\n${payload.toString('latin1')}`;
  const cases: [string, string, number, string][] = [
    ['no HTTP', 'BEGIN\r\n\r\n', 400, 'request-malformed'],
    ['headers of 20 KB', `${start}x-long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    [
      'a header twice',
      `${start}${head.join('')}ce-id: ${randomUUID()}\r\n${end}`,
      400,
      'header-invalid',
    ],
    ...['text/plain', 'application/json', 'application/xml'].map(
      (type): [string, string, number, string] => [
        `another type, ${type}`,
        `${start}${head.join('')}Content-Type: ${type}\r\n${end}`,
        ...([400, 'header-invalid'] as const),
      ],
    ),
    [
      'two lengths',
      `${start}${head.join('')}content-length: 1\r\n${end}`,
      400,
      'request-malformed',
    ],
    ['no host', `${start.replace('host: x\r\n', '')}${head.join('')}${end}`, 400, 'header-invalid'],
    ['another method', `${start.replace('POST', 'PROPFIND')}\r\n`, 405, 'method-not-allowed'],
    [
      'half a request',
      `${start}${head.join('')}content-length: 9\r\n\r\nhalf`,
      408,
      'request-timeout',
    ],
  ];
  const contract = readContract((await (await fetch(`${address}/openapi.json`)).json()) as OpenApi);
  Object.assign(gateway.app.server, { requestTimeout: 50, headersTimeout: 50 });
  const tunnel = readAnswer(await raw('CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n'), '');
  assert.deepEqual(contract.faults(tunnel), []);
  assert.equal(tunnel.status, 400);
  for (const [name, text, status, problem] of cases) {
    const answer = readAnswer(await raw(text), text);
    assert.equal(answer.status, status, name);
    const { type, detail } = JSON.parse(answer.body);
    assert.equal(type, `urn:corridor:problem:${problem}`, name);
    if (status === 431) assert.match(detail, /: expected at most 16384 bytes in all$/);
    assert.deepEqual(contract.faults(answer), [], name);
  }
  const twoHosts = await raw(`${start}host: y\r\n${head.join('')}${end}`);
  assert.match(twoHosts, /^HTTP\/1\.1 400 [\s\S]*header-invalid/);
  // An expectation that is not known is no fault.
  const expecting = await raw(`${start}expect: more\r\n${head.join('')}${end}`);
  assert.match(expecting, /^HTTP\/1\.1 202 /);
});

test('who asks for a tunnel, and resets or keeps what is refused, ends nothing and holds nothing', async () => {
  const port = Number(new URL(address).port);
  const ask = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(
      socket.on('error', () => {}),
      'connect',
    );
    socket.write('CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n');
    return socket.resume();
  };
  for (let time = 0; time < 50; time++) {
    const socket = await ask();
    await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
  }
  const kept = await Promise.all(Array.from({ length: 20 }, ask));
  const open = () =>
    new Promise<number>((resolve) =>
      gateway.app.server.getConnections((_, count) => resolve(count)),
    );
  while ((await open()) >= kept.length) await sleep(20);
  assert.equal((await fetch(`${address}/openapi.json`)).status, 200);
  for (const socket of kept) socket.destroy();
});

function readAnswer(text: string, request: string): HttpAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => line.split(': ') as [string, string]);
  return {
    method: /^PROPFIND/.test(request) ? 'PROPFIND' : 'POST',
    target: '/payments',
    status: Number(status.split(' ')[1]),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body,
  };
}
