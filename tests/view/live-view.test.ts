import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DriveCommand, DriveStatus } from '../../services/live/drive-port.ts';
import { poolEvents, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import {
  cosignaturesTelemetry,
  type PaymentAlert,
  SHUT_DOWN,
  serviceTelemetryMessage,
  watchMessage,
} from '../../services/protocol/records/telemetry.ts';
import { makeLogKey } from '../../services/sandbox/secret-keys.ts';
import { viewFiles } from '../../services/sandbox/view-files.ts';
import { WATCHED_ROWS } from '../../services/view/lengths-of-feed-lists-charts.ts';
import type {
  AccountState,
  EventProof,
  PaymentHistory,
  ViewDelta,
  ViewState,
} from '../../services/view/told-to-page.ts';
import { type LiveView, startLiveView } from '../../services/view/view-service.ts';
import { sealIn } from '../faults/seal-check.ts';
import { uetrOf } from '../faults/traffic.ts';
import {
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  send,
  startNetwork,
  until,
} from '../support/live.ts';
import { followEvents } from '../support/server-sent-events.ts';

const SEED = 5;
const PAYMENTS = 300;
const token = randomBytes(32).toString('base64url');
const log = memoryLog();
const shared = processOver(log);
let live: Awaited<ReturnType<typeof startNetwork>>;
let view: LiveView;

const folder = mkdtempSync(join(tmpdir(), 'corridor-view-'));
const sealedNetwork = {
  ...liveNetwork,
  pools: liveNetwork.pools.map((pool) => ({
    ...pool,
    logKey: makeLogKey(folder, liveNetwork.network, pool.name),
  })),
};

const startView = (port = 0) =>
  startLiveView(shared.context('view'), {
    ...{ network: sealedNetwork, version: 'test', token, port },
    files: viewFiles(),
  });

before(async () => {
  live = await startNetwork(log, {
    shared,
    sealOf: (pool) => sealIn(folder, liveNetwork.network, pool),
  });
  view = await startView();
  await send(log, SEED, 0, PAYMENTS);
  await live.quiet();
});
after(async () => {
  await view.stop();
  await live.stop();
  await shared.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${view.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
const json = async <T>(path: string): Promise<T> => {
  const answer = await ask(path);
  assert.equal(answer.status, 200, path);
  return (await answer.json()) as T;
};

interface Told {
  readonly name: string;
  readonly id: string;
  readonly data: ViewDelta;
}

/** Events of the stream until there are `count`, then hangs up. */
async function stream(count: number, lastEventId?: string): Promise<Told[]> {
  const gone = new AbortController();
  const answer = await ask('/stream', {
    signal: gone.signal,
    ...(lastEventId && { headers: { 'last-event-id': lastEventId } }),
  });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const told: Told[] = [];
  for await (const { event: name = '', id = '', data } of followEvents(answer.body)) {
    told.push({ name, id, data: JSON.parse(data) });
    if (told.length >= count) break;
  }
  gone.abort();
  return told;
}

const snapshot = async () => (await stream(1))[0]?.data as ViewState;

/** The pool's events, each once, as the topic has them. */
async function events(): Promise<DataView[]> {
  const found = new Map<bigint, DataView>();
  const end = await log.endOffset(poolEvents(POOL), 0);
  for (const { value } of await log.read(poolEvents(POOL), 0, 0, end))
    for (let at = 0; at < value.length; at += 128) {
      const event = new DataView(Uint8Array.from(value.subarray(at, at + 128)).buffer);
      const number = event.getBigUint64(0, true);
      if (!found.has(number)) found.set(number, event);
    }
  return [...found.values()];
}

/** By literal offsets and kinds (services/core/settlement/events.ts): nothing of the view is used. */
async function countedAlone() {
  const open = new Set<bigint>();
  const counts = { submitted: 0, settled: 0, rejected: 0, queued: 0, repeated: 0 };
  const balances = new Map<string, bigint>();
  const within = new Map<number, bigint>();
  for (const event of await events()) {
    const kind = event.getUint16(24, true);
    const currency = event.getUint16(68, true);
    const debtor = event.getUint32(56, true);
    const creditor = event.getUint32(60, true);
    const position = event.getBigUint64(32, true);
    if (kind === 18) counts.repeated += 1;
    if (kind === 4) balances.set(`${debtor}/${currency}`, event.getBigInt64(96, true));
    if (event.getUint16(30, true) !== 1 || ![11, 13, 14, 15, 16].includes(kind)) continue;
    if (!open.has(position)) counts.submitted += 1;
    if (kind === 13) open.add(position);
    else open.delete(position);
    if (kind === 11 || kind === 15) counts.rejected += 1;
    if (kind !== 14) continue;
    counts.settled += 1;
    assert.equal(event.getUint16(70, true), 0xffff, 'these payments do not convert');
    within.set(currency, (within.get(currency) ?? 0n) + event.getBigInt64(72, true));
    balances.set(`${debtor}/${currency}`, event.getBigInt64(96, true));
    balances.set(`${creditor}/${currency}`, event.getBigInt64(104, true));
  }
  counts.queued = open.size;
  return { counts, balances, within };
}

test('it is told up to which event the pool is sealed', async () => {
  let state = await snapshot();
  await until('all is sealed', async () => {
    state = await snapshot();
    return state.pools[0]?.sealed?.eventNumber === state.pools[0]?.events;
  });
  const [pool] = state.pools;
  assert.ok(pool && pool.events > PAYMENTS);
  assert.ok((pool.sealed?.atMs ?? 0) <= Date.now());
});

test('the figures are those that a plain count of the events gives', async () => {
  const state = await snapshot();
  const { counts, balances, within } = await countedAlone();
  assert.deepEqual({ ...state.totals, ...counts }, state.totals);
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, what);
  const bics = state.participants.map(({ bic }) => bic);
  const codes = state.currencies.map(({ code }) => code);
  const told = new Map(
    state.accounts.map(({ bic, currency, balance }) => [
      `${bics.indexOf(bic)}/${codes.indexOf(currency)}`,
      BigInt(balance),
    ]),
  );
  assert.deepEqual(new Map([...told].sort()), new Map([...balances].sort()));
  for (const { corridor, from, valueMinor } of state.corridors)
    if (corridor === from)
      assert.equal(BigInt(valueMinor), within.get(codes.indexOf(from)) ?? 0n, from);
  for (const side of ['debtor', 'creditor'])
    for (const code of codes) {
      const flows = state.flows.filter((flow) => flow.side === side && flow.from === code);
      const sum = flows.reduce((all, { valueMinor }) => all + BigInt(valueMinor), 0n);
      assert.equal(sum, within.get(codes.indexOf(code)) ?? 0n);
    }
  const waiting = state.accounts.reduce((sum, account) => sum + account.waiting, 0);
  assert.equal(waiting, counts.queued);
  const settledInSeries = state.points.reduce((sum, { settled }) => sum + settled, 0);
  assert.equal(settledInSeries, counts.settled);
  assert.ok(state.currencies.every(({ isConserved, isOpen }) => isConserved && isOpen));
  assert.deepEqual(state.pools[0]?.events, (await events()).length);
});

test('what waits says what is short: its amount less what its payer has', async () => {
  const state = await snapshot();
  const short = state.accounts.filter(({ head }) => head?.wait.kind === 'short');
  assert.ok(short.length > 0);
  for (const { bic, currency, balance, credit, head } of short) {
    assert.ok(head);
    const [shortage] = head.wait.shortages;
    const missing = BigInt(head.amountMinor) - BigInt(balance) - BigInt(credit);
    assert.deepEqual(shortage, {
      ...{ by: 'balance', bic, currency, counterparty: null, amountMinor: String(missing) },
    });
    const { wait } = await json<PaymentHistory>(`/payments/${head.uetr}`);
    assert.deepEqual(wait?.shortages[0], shortage);
    assert.ok(wait?.release?.kind === 'releases' && BigInt(wait.release.amountMinor) <= missing);
    // The head in the table says the same, once it was worked out for a page that looks.
    await until('the head has it', async () => {
      const again = (await snapshot()).accounts.find(
        (one) => one.bic === bic && one.currency === currency,
      );
      return again?.head?.wait.release?.kind === 'releases';
    });
  }
});

test('a payment has its history, its original and a proof that computes', async () => {
  const settled = (await snapshot()).feed.find(({ status }) => status === 'ACSC');
  assert.ok(settled);
  const history = await json<PaymentHistory>(`/payments/${settled.uetr}`);
  const last = history.steps.find(({ kind }) => kind === 'settled');
  assert.ok(last && history.complete);
  assert.equal(last.debtor, settled.debtor);
  assert.match(history.original?.payload ?? '', new RegExp(settled.uetr));
  assert.equal(
    createHash('sha256')
      .update(history.original?.payload ?? '')
      .digest('hex'),
    history.original?.payloadDigest,
  );
  const { place, eventNumber } = last;
  const proof = await json<EventProof>(
    `/pools/${POOL}/messages/${place.logOffset}/events/${eventNumber}/proof`,
  );
  let digest = Buffer.from(proof.digestBefore, 'hex');
  const bytes = Buffer.from(proof.events, 'base64');
  for (let at = 0; at < bytes.length; at += 1024 * 128)
    digest = createHash('sha256')
      .update(digest)
      .update(bytes.subarray(at, at + 1024 * 128))
      .digest();
  assert.equal(digest.toString('hex'), place.digestAfter);
  const at = (eventNumber - proof.firstNumber) * 128;
  assert.equal(bytes.subarray(at, at + 128).toString('hex'), proof.event);
  assert.equal(Buffer.from(proof.event, 'hex').readBigUInt64LE(0), BigInt(eventNumber));
});

test('nobody reads without the token, or from elsewhere; bad requests get one line', async () => {
  const status = async (path: string, init: RequestInit = {}) =>
    (await fetch(`${view.url}${path}`, init)).status;
  const withToken = { authorization: `Bearer ${token}` };
  for (const path of ['/stream', `/payments/${uetrOf(SEED, 0)}`, '/drive'])
    assert.equal(await status(path), 401, path);
  assert.equal(await status('/drive', { method: 'POST', body: '{}' }), 401);
  assert.equal(await status(`/?token=${token}`), 200, 'the page holds nothing');
  assert.equal(
    await status('/stream', { headers: { ...withToken, origin: 'http://127.0.0.1:1' } }),
    401,
  );
  const asked: [string, number, RegExp][] = [
    [
      '/payments/not-a-uetr',
      400,
      /uetr: expected a lower-case UUID of version 4, found "not-a-uetr"/,
    ],
    [`/payments/${uetrOf(99, 0)}`, 404, /no pool has a payment under this UETR/],
    [`/pools/nowhere/messages/0/events/1/proof`, 404, /no such pool/],
    [`/pools/${POOL}/messages/0/events/999999/proof`, 404, /holds no event 999999/],
    [`/pools/${POOL}/messages/x/events/1/proof`, 400, /offset: expected a whole number/],
    ['/drive', 404, /no scenario is driven/],
    ['/elsewhere', 404, /no such resource/],
  ];
  for (const [path, code, detail] of asked) {
    const answer = await ask(path);
    assert.equal(answer.status, code, path);
    assert.match(((await answer.json()) as { detail: string }).detail, detail);
  }
});

test('the page comes with headers that admit nothing from elsewhere', async () => {
  const answer = await fetch(`${view.url}/`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|http|\*/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(await answer.text(), /<script(?![^>]* src=)|<style|style=|https?:/);
});

test('a reader that comes again goes on behind what it had', async () => {
  const first = await stream(3);
  assert.deepEqual(
    first.map(({ name }) => name),
    ['snapshot', 'delta', 'delta'],
  );
  const again = await stream(1, first[1]?.id);
  assert.deepEqual(again[0]?.id, first[2]?.id);
  assert.equal(again[0]?.name, 'delta');
  assert.equal((await stream(1, 'otherrun-3'))[0]?.name, 'snapshot');
});

test('a driven scenario obeys, and takes no other commands', async () => {
  const given: DriveCommand[] = [];
  const standing: DriveStatus = {
    ...{ scenario: 's', state: 'running', timeMs: 1, endsAtMs: 2, speed: 1, speeds: [1, 10] },
    ...{ reachedSpeed: null, afterwards: '' },
  };
  view.drive({
    status: () => standing,
    scenarioMs: () => null,
    async control(command) {
      given.push(command);
      return { ...standing, state: 'paused' };
    },
  });
  const post = (body: string, headers = {}) =>
    ask('/drive', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const paused = await post('{"action":"pause"}');
  assert.equal(((await paused.json()) as DriveStatus).state, 'paused');
  assert.equal((await post('{"action":"speed","speed":60}')).status, 200);
  for (const body of [
    '{"action":"stop"}',
    '[]',
    '{}',
    '{"action":"speed","speed":"1"}',
    '{"action":"speed","speed":-1}',
    'x',
  ])
    assert.equal((await post(body)).status, 400, body);
  assert.equal((await post('{"action":"pause"}', { 'content-type': 'text/plain' })).status, 400);
  assert.equal((await post('{"action":"pause"}', { origin: 'http://localhost:1' })).status, 401);
  assert.deepEqual(given, [{ action: 'pause' }, { action: 'speed', speed: 60 }]);
});

test('of a driven scenario waits and times to finality are told in its time too', async () => {
  const state: DriveStatus = {
    ...{ scenario: 's', state: 'running', timeMs: 1, endsAtMs: 2, speed: 60, speeds: [60] },
    ...{ reachedSpeed: null, afterwards: '' },
  };
  const sinceMs = Date.now();
  let isDriven = true;
  view.drive({
    status: () => state,
    scenarioMs: (atMs) => (isDriven && atMs >= sinceMs ? 1_000_000 + (atMs - sinceMs) * 60 : null),
    control: async () => state,
  });
  const before = (await snapshot()).totals.settled;
  await send(log, SEED, PAYMENTS, PAYMENTS + 60);
  await live.quiet();
  await until('it is shown', async () => (await snapshot()).totals.settled > before);
  const { feed, finality, points, accounts, nowMs } = await snapshot();
  const settled = feed.filter(({ status }) => status === 'ACSC');
  const driven = settled.filter(({ afterScenarioMs }) => afterScenarioMs !== undefined);
  assert.ok(driven.length > 10);
  for (const { afterMs, afterScenarioMs } of driven) assert.equal(afterScenarioMs, afterMs * 60);
  // What came in before the drive has the network's clock alone.
  for (const { atMs, afterMs, afterScenarioMs } of settled)
    assert.equal(afterScenarioMs !== undefined, atMs - afterMs >= sinceMs);
  assert.ok(finality.scenario && (finality.scenario.p99 as number) >= 60);
  assert.ok(points.some(({ scenario }) => scenario));
  for (const { oldestMs, oldestScenarioMs } of accounts) {
    const isOfDrive = oldestMs !== null && oldestMs >= sinceMs && oldestMs <= nowMs;
    assert.equal(oldestScenarioMs, isOfDrive ? 1_000_000 + (oldestMs - sinceMs) * 60 : undefined);
  }
  const { steps } = await json<PaymentHistory>(`/payments/${driven[0]?.uetr}`);
  assert.equal(steps[0]?.scenarioMs, 1_000_000 + ((steps[0]?.atMs ?? 0) - sinceMs) * 60);
  isDriven = false;
});

test('before it has read its log it does not say that there is no such payment', async (t) => {
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  // What asks for one record alone asks where the log ends.
  const read: typeof log.read = async (topic, partition, from, count, options) => {
    if (count > 1) await held;
    return log.read(topic, partition, from, count, options);
  };
  const context = { ...shared.context('view'), log: Object.assign(Object.create(log), { read }) };
  const reading = await startLiveView(context, {
    ...{ network: liveNetwork, version: 'test', token, port: 0 },
    files: viewFiles(),
  });
  t.after(() => {
    goOn();
    return reading.stop();
  });
  const headers = { authorization: `Bearer ${token}` };
  const askIt = () => fetch(`${reading.url}/payments/${uetrOf(SEED, 0)}`, { headers });
  assert.equal((await askIt()).status, 503);
  goOn();
  await until('the payment is found', async () => (await askIt()).status === 200);
});

test('started again it shows the same, at the same address', async () => {
  const { pools, totals, accounts } = await snapshot();
  const { port } = new URL(view.url);
  await view.stop();
  view = await startView(Number(port));
  let state = await snapshot();
  await until('it has read the log', async () => {
    state = await snapshot();
    const [now, then] = [state.pools[0], pools[0]];
    return now?.events === then?.events && now?.sealed?.eventNumber === then?.sealed?.eventNumber;
  });
  assert.deepEqual(state.totals, totals);
  assert.deepEqual(state.pools, pools);
  // What releases the heads is worked out anew.
  const plain = ({ head, ...account }: AccountState) => ({
    ...account,
    head: head && { ...head, wait: { ...head.wait, release: null } },
  });
  assert.deepEqual(state.accounts.map(plain), accounts.map(plain));
});

test('it is told the newest alerts of the watched flow, each once', async () => {
  assert.deepEqual((await snapshot()).watched, []);
  const model = 'a'.repeat(64);
  const alerts = (from: number, count: number): PaymentAlert[] =>
    Array.from({ length: count }, (_, at) => ({
      ...{ atMs: 1_000 * (from + at), uetr: `uetr-${from + at}`, debtor: 'ALFADE00' },
      ...{ creditor: 'BETASG00', currency: 'EUR', amountMinor: '1250', score: 0.75 },
      reasons: ['a round amount'],
    }));
  const said = (of: readonly PaymentAlert[], by = model) =>
    watchMessage({ kind: 'watch', atMs: Date.now(), pool: POOL, model: by, alerts: of });
  // A block that came again, and one that came late.
  for (const of of [alerts(10, 20), alerts(20, 15), alerts(20, 15), alerts(0, 4)])
    await log.produce(TELEMETRY, [said(of)]);
  const expected = alerts(15, WATCHED_ROWS).map((one) => ({ pool: POOL, model, ...one }));
  await until('they are heard of', async () => {
    const { watched } = await snapshot();
    return watched[0]?.uetr === 'uetr-34';
  });
  assert.deepEqual((await snapshot()).watched, expected.reverse());
  // Another model's alert of a payment stands beside it.
  const other = 'b'.repeat(64);
  await log.produce(TELEMETRY, [said(alerts(34, 1), other)]);
  await until('it is heard of', async () => (await snapshot()).watched[0]?.model === other);
  assert.deepEqual((await snapshot()).watched.slice(1), expected.slice(0, -1));
});

test('it is told how far banks were told what is final, where that waits for auditors', async () => {
  const final = async () => (await snapshot()).pools[0]?.final;
  assert.equal(await final(), null);
  const { pools, feed } = await snapshot();
  const said = (instance: string, reader: string, position: number, fault = '') =>
    serviceTelemetryMessage({
      ...{ kind: 'service', service: 'notifier', instance, reader: `${POOL}/${reader}` },
      ...{ atMs: Date.now(), isReady: true, position, lagRecords: 0, lagMs: 0, records: 0, fault },
    });
  await log.produce(TELEMETRY, [said('n1', 'events', 9), said('n1', 'final', 7)]);
  await until('it is heard of', async () => (await final()) === 7);
  // One that begins anew is further back at first.
  await log.produce(TELEMETRY, [said('n1', 'final', 5), said('n1', 'seal', 9)]);
  await until('both are heard of', async () =>
    (await snapshot()).services.some(({ reader }) => reader === `${POOL}/seal`),
  );
  assert.equal(await final(), 7);
  const settled = feed.filter(({ status }) => status === 'ACSC');
  assert.ok(
    settled.every(({ eventNumber }) => eventNumber > 7 && eventNumber <= (pools[0]?.events ?? 0)),
  );
  assert.ok(settled.length > 0);
  // One in its place waits for nobody.
  await log.produce(TELEMETRY, [
    said('n1', 'final', 7, SHUT_DOWN),
    said('n1', 'events', 9, SHUT_DOWN),
    said('n1', 'seal', 9, SHUT_DOWN),
    said('n2', 'events', 9),
  ]);
  await until('nothing waits', async () => (await final()) === null);
});

test('it is told how the watched flow goes, while that is heard of', async () => {
  const model = 'a'.repeat(64);
  const said = { kind: 'watchState', pool: POOL, model, payments: 900, hourAlerts: 9 } as const;
  // Of another pool: no later word takes its place.
  const old = { ...said, pool: 'gone', atMs: Date.now() - 40_000, hourPayments: 900, ended: '' };
  await log.produce(TELEMETRY, [watchMessage(old)]);
  const { kind: _, ...heard } = said;
  const cases = [
    { hourPayments: 700, ended: '', caseFrom: 15 },
    { hourPayments: 120, ended: 'it holds too much', caseFrom: 10 },
  ];
  for (const { caseFrom, ...rest } of cases) {
    await log.produce(TELEMETRY, [watchMessage({ ...said, ...rest, atMs: Date.now() })]);
    await until('it is heard of', async () => {
      const [watch] = (await snapshot()).watches;
      return watch?.hourPayments === rest.hourPayments;
    });
    assert.deepEqual((await snapshot()).watches, [{ ...heard, ...rest, caseFrom }]);
  }
});

test('it is told who agreed to the log of a pool, as the gateway says that was heard of last', async () => {
  const [before] = (await snapshot()).pools;
  assert.equal(before?.cosigned, null);
  const cosigners = [{ name: 'corridor.invalid/witness/ALFADE00', size: 9 }];
  const seen = {
    ...({ kind: 'cosignatures', pool: POOL, sealed: 9, waiting: 9, waitingMs: 60_001 } as const),
    ...{ cosigners, forks: 0, firstFork: '' },
  };
  const nowMs = Date.now();
  await log.produce(TELEMETRY, [
    cosignaturesTelemetry({ ...seen, atMs: nowMs, instance: 'one', cosigned: 7 }),
    cosignaturesTelemetry({ ...seen, atMs: nowMs - 1, instance: 'two', cosigned: 5 }),
  ]);
  await until('both are heard of', async () => {
    const { pools, alerts } = await snapshot();
    const isMissing = alerts.some(({ id }) => id === `cosignatures/${POOL}`);
    return isMissing && pools[0]?.cosigned?.eventNumber === 7;
  });
  const [pool] = (await snapshot()).pools;
  assert.deepEqual(pool?.cosigned, { atMs: nowMs, eventNumber: 7, cosigners });
});
