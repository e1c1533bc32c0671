import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import type { MarketHours } from '../../services/gateway/ticks-and-openings.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Log } from '../../services/platform/log/log.ts';
import {
  OPERATOR,
  OPERATOR_COMMAND,
  OPERATOR_KEY_ID,
} from '../../services/protocol/messages/operator-command.ts';
import { poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { isControl, readControl } from '../../services/protocol/records/input-record.ts';
import { ControlProof } from '../../services/verifier/recheck-logged-control-records.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork, today } from '../support/network.ts';
import { possessionOf } from '../support/possession.ts';

const quiet = { info() {}, warn() {}, error() {} };
const operator = createSigner(createHash('sha256').update('operator').digest());
const operatorKey = Buffer.from(operator.publicKey).toString('hex');
const DAY_MS = 86_400_000;

let nowMs = Date.now();
const log = createMemoryLog({ now: () => nowMs });
const network = new TestNetwork(log, { operatorKey, closed: true });
let gateway: Gateway;

const build = (over: { log?: Log; hours?: MarketHours[]; clockJumpMaxMs?: number } = {}) =>
  buildTestGateway({
    network: network.scenario.network,
    version: 'test',
    pools: ['main'],
    log,
    now: () => nowMs,
    registry: new Registry(),
    logger: quiet,
    name: `test-${randomUUID().slice(0, 8)}`,
    intake: { ackTimeoutMs: 200 },
    ...over,
  });

before(async () => {
  await network.create();
  nowMs = Date.now();
  gateway = await build();
});
after(() => gateway.close());

interface Sending {
  /** In place of the JSON. */
  readonly text?: string;
  readonly id?: string;
  readonly pool?: string;
  readonly signer?: typeof operator;
  readonly topic?: string;
  readonly issuedAtMs?: number;
  readonly into?: Gateway;
}

function send(command: object, sending: Sending = {}) {
  const { pool = 'main', id = randomUUID(), signer = operator, into = gateway } = sending;
  const payload = Buffer.from(sending.text ?? JSON.stringify({ pool, command }));
  const headers = network.sign(
    sending.topic ?? poolInput(pool),
    OPERATOR_COMMAND,
    OPERATOR,
    id,
    sending.issuedAtMs ?? nowMs,
    payload,
    signer,
    OPERATOR_KEY_ID,
  );
  return into.app.inject({ method: 'POST', url: '/operator/commands', headers, payload });
}

const issue = (amountMinor: string) => ({
  kind: 'issue',
  bic: 'ALFADE00',
  currency: 'EUR',
  amountMinor,
});
const balance = () => network.settlements[0]!.balance(0, 0);
async function controls(): Promise<ControlRecord[]> {
  const records = await log.read(poolInput('main'), 0, 0, 100_000);
  return records.filter(({ value }) => isControl(value)).map(({ value }) => readControl(value));
}

test('a signed command takes effect once, however often and through whichever gateway it is sent', async () => {
  const id = randomUUID();
  const before = balance();
  const first = await send(issue('500'), { id });
  assert.equal(first.statusCode, 202, first.body);
  const again = await send(issue('500'), { id });
  assert.equal(again.body, first.body);
  // A second gateway does not remember what the first one logged.
  const other = await build();
  assert.equal((await send(issue('500'), { id, into: other })).statusCode, 202);
  await other.close();
  await network.step();
  assert.equal(balance() - before, 500n);
  const conflict = await send(issue('501'), { id });
  assert.equal(conflict.statusCode, 409);
});

const RULES = {
  ...{ kind: 'rules', currency: 'EUR', queueRule: 'fifo', cycleMechanism: 'deferredNet' },
  ...{ atClose: 'carry-over', entryOffsetting: true, bilateralOffsetting: true },
  ...{ offsettingMinimumMs: 1000, deferredNetClasses: 'normal', defaultRule: 'shareLoss' },
};

test('a live pool takes other rules, an issuer, caps and limits across currencies', async () => {
  const account = { bic: 'ALFADE00', currency: 'EUR' };
  const commands = [
    RULES,
    { kind: 'cap', ...account, counterparty: null, capMinor: '100' },
    { kind: 'cap', ...account, counterparty: null, capMinor: null },
    { kind: 'valuation', currency: 'EUR', weight: '1', haircutBasisPoints: 0 },
    { kind: 'crossLimit', ...account, aggregateShortMinor: '5', pooledCollateralMinor: null },
    { kind: 'corridorLimit', currency: 'EUR', from: 'DE', to: 'FR', limitMinor: '5' },
    { kind: 'issuer', ...account },
  ];
  const before = balance();
  for (const command of commands) {
    const answer = await send(command);
    assert.equal(answer.statusCode, 202, answer.body);
  }
  await send(issue('7'));
  await send({ ...issue('7'), issuer: 'ALFADE00' });
  await network.step();
  // Only what names the issuer is issued; the log holds what was commanded.
  assert.equal(balance() - before, 7n);
  const logged = (await controls()).map(({ kind }) => kind);
  for (const { kind } of commands) assert.ok(logged.includes(kind as never), kind);
});

test('commands that are not signed by the key of the genesis are refused', async () => {
  const count = (await controls()).length;
  const stranger = createSigner(createHash('sha256').update('stranger').digest());
  const refused: [string, Sending, number][] = [
    ["a stranger's key", { signer: stranger }, 401],
    ["a participant's key", { signer: network.signer('ALFADE00') }, 401],
    ['signed for payments', { topic: 'payments' }, 401],
    ['signed for another pool', { topic: poolInput('other') }, 401],
    ['too old', { issuedAtMs: nowMs - 300_001 }, 401],
    ['too early', { issuedAtMs: nowMs + 300_001 }, 401],
    ['a pool that is none', { pool: 'other' }, 400],
  ];
  for (const [name, sending, status] of refused) {
    const answer = await send(issue('1'), sending);
    assert.equal(answer.statusCode, status, name);
  }
  const unsigned = await gateway.app.inject({
    method: 'POST',
    url: '/operator/commands',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ pool: 'main', command: issue('1') }),
  });
  assert.equal(unsigned.statusCode, 400);
  assert.equal((await controls()).length, count);
});

test('commands that make no sense are refused, with the place', async () => {
  const cases: [object, string][] = [
    [{ kind: 'genesis' }, 'command/kind'],
    [issue('-1'), 'command/amountMinor'],
    [issue('1e3'), 'command/amountMinor'],
    [issue('9223372036854775808'), 'command/amountMinor'],
    [{ ...issue('1'), bic: 'alfa' }, 'command/bic'],
    [{ ...issue('1'), timeMs: 1 }, 'command/timeMs'],
    [{ ...RULES, cycleMechanism: 'magic' }, 'command/cycleMechanism'],
    [
      { kind: 'valuation', currency: 'EUR', weight: '1', haircutBasisPoints: 10_001 },
      'command/haircutBasisPoints',
    ],
    [
      { kind: 'corridorLimit', currency: 'EUR', from: 'DE', to: 'fr', limitMinor: '5' },
      'command/to',
    ],
    [
      {
        ...{ kind: 'corridorLimit', currency: 'EUR', from: 'DE', to: 'FR' },
        limitMinor: '9223372036854775808',
      },
      'command/limitMinor',
    ],
    [{ kind: 'close', currency: 'EUR', date: '2026-02-30' }, 'command/date'],
    [{ kind: 'open', currency: 'EUR', date: today() }, 'command'],
    [{ kind: 'tick', x: 1 }, 'command/x'],
    [
      { kind: 'key', bic: 'ALFADE00', keyId: 'k', publicKey: 'xx', state: 'revoked' },
      'command/publicKey',
    ],
    // The neutral point; (0, -1) added to the base point; y = 2, on no point; p + 1.
    ...[
      `01${'00'.repeat(31)}`,
      `95${'99'.repeat(31)}`,
      `02${'00'.repeat(31)}`,
      `ee${'ff'.repeat(30)}7f`,
    ].map((publicKey): [object, string] => [
      { kind: 'key', bic: 'ALFADE00', keyId: 'k', publicKey, state: 'registered' },
      'command/publicKey',
    ]),
  ];
  for (const [command, field] of cases) {
    const answer = await send(command);
    assert.equal(answer.statusCode, 400, JSON.stringify(command));
    assert.equal(answer.json().field, field);
  }
  const broken = (await send({}, { text: '{"pool":"main",' })).json();
  assert.deepEqual([broken.field, broken.value], ['body', '{"pool":"main",']);
  assert.match(broken.detail, /^body: must be JSON: .*, found "\{\\"pool\\":\\"main\\","$/);
  const king = await send({ kind: 'participant', bic: 'NEWBDE00', name: 'New', role: 'king' });
  assert.match(king.json().expected, /^one of bank, dealer, central-bank, /);
  const repeated = Buffer.from('{"pool":"main","pool":"main","command":{"kind":"tick"}}');
  const headers = network.sign(
    poolInput('main'),
    OPERATOR_COMMAND,
    OPERATOR,
    'x',
    nowMs,
    repeated,
    operator,
    OPERATOR_KEY_ID,
  );
  const answer = await gateway.app.inject({
    method: 'POST',
    url: '/operator/commands',
    headers,
    payload: repeated,
  });
  assert.equal(answer.statusCode, 400);
});

test('every kind of command is taken, and its record passes the check of a replay', async () => {
  const closesAtMs = nowMs + DAY_MS;
  const publicKey = Buffer.from(network.signer('NEWBDE00').publicKey).toString('hex');
  const commands = [
    { kind: 'currency', currency: 'JPY', minorUnits: 0 },
    { kind: 'participant', bic: 'NEWBDE00', name: 'New', role: 'bank' },
    {
      ...{ kind: 'key', bic: 'NEWBDE00', keyId: 'key-1', publicKey, state: 'registered' },
      possession: possessionOf(network.scenario.network, network.signer('NEWBDE00'), {
        ...{ bic: 'NEWBDE00', keyId: 'key-1', atMs: nowMs },
      }),
    },
    { kind: 'account', bic: 'NEWBDE00', currency: 'JPY', balanceMinor: '0', creditLineMinor: '5' },
    { kind: 'creditLine', bic: 'ALFADE00', currency: 'EUR', amountMinor: '7' },
    issue('3'),
    { kind: 'redeem', bic: 'ALFADE00', currency: 'EUR', amountMinor: '2' },
    { kind: 'open', currency: 'EUR', date: today(), closesAtMs },
    { kind: 'close', currency: 'EUR', date: today() },
    { kind: 'key', bic: 'NEWBDE00', keyId: 'key-1', publicKey, state: 'revoked' },
    { kind: 'tick' },
  ];
  for (const command of commands) {
    const answer = await send(command);
    assert.equal(answer.statusCode, 202, answer.body);
  }
  const records = await controls();
  assert.deepEqual(
    records.slice(-commands.length).map(({ kind }) => kind),
    commands.map(({ kind }) => kind),
  );
  const check = new ControlProof('main');
  const faultOf = (record: ControlRecord) => check.take(record).fault ?? '';
  for (const record of records) assert.equal(faultOf(record), '');
  const last = records.find(({ kind, command }) => kind === 'issue' && command);
  assert.ok(last?.kind === 'issue' && last.command);
  assert.match(faultOf({ ...last, amountMinor: '999' }), /not what was signed/);
  assert.match(
    faultOf({ ...last, command: { ...last.command, id: 'another' } }),
    /does not verify/,
  );
  const { command: _, ...bare } = last;
  assert.match(faultOf(bare), /no signature/);
});

test('ticks rise, wait for a clock that went back, and stop at a jump until the operator accepts it', async () => {
  const ticks = async () =>
    (await controls()).filter(({ kind }) => kind === 'tick').map(({ timeMs }) => timeMs);
  const before = (await ticks()).length;
  const step = async (byMs: number) => {
    nowMs += byMs;
    await gateway.clockwork.step();
  };
  await step(100);
  await step(100);
  await step(-5_000);
  await step(4_900);
  await step(200);
  assert.equal((await ticks()).length, before + 3);
  // A minute without ticks is caught up by the next.
  await step(60_000);
  assert.equal((await ticks()).at(-1), nowMs);
  await step(600_001);
  await step(100);
  assert.notEqual((await ticks()).at(-1), nowMs);
  // Other commands meanwhile keep the time that was.
  assert.equal((await send(issue('1'))).statusCode, 202);
  assert.ok((await controls()).at(-1)!.timeMs < nowMs - 600_000);
  assert.equal((await send({ kind: 'tick' })).statusCode, 202);
  assert.equal((await ticks()).at(-1), nowMs);
  await step(100);
  assert.equal((await ticks()).at(-1), nowMs);
  const rising = await ticks();
  assert.deepEqual(
    rising,
    [...rising].sort((a, b) => a - b),
  );
});

test('while the log is away nothing piles up', async () => {
  let isAway = true;
  const calls: string[] = [];
  const own = await build({
    log: {
      ...log,
      produce: (topic, messages) => {
        calls.push(topic);
        return isAway ? new Promise(() => {}) : log.produce(topic, messages);
      },
    },
  });
  void own.clockwork.step();
  for (let i = 0; i < 20; i++) {
    nowMs += 100;
    await Promise.race([own.clockwork.step(), new Promise((resolve) => setTimeout(resolve, 2))]);
  }
  assert.ok(calls.length <= 1, `${calls.length} writes under way`);
  const command = await send(issue('1'), { into: own });
  assert.equal(command.statusCode, 503);
  isAway = false;
  await own.close();
});

test('configured hours open and close a currency; what a restart writes again changes nothing', async () => {
  const own = createMemoryLog({ now: () => nowMs });
  const fresh = new TestNetwork(own, { operatorKey, closed: true });
  await fresh.create();
  // The network was made on the wall clock, which this test has moved ahead of.
  const opensMs = nowMs + 1_000;
  const hours: MarketHours[] = [
    { pool: 'main', currency: 'EUR', date: today(), opensMs, closesMs: opensMs + 2_000 },
  ];
  const start = () => build({ log: own, hours, clockJumpMaxMs: DAY_MS });
  let running = await start();
  const kinds = async () => {
    await fresh.step();
    const records = await own.read(poolInput('main'), 0, 0, 1_000);
    return records
      .map(({ value }) => readControl(value).kind)
      .filter((kind) => kind === 'open' || kind === 'close');
  };
  const step = async (byMs: number) => {
    nowMs += byMs;
    await running.clockwork.step();
  };
  await step(500);
  assert.deepEqual(await kinds(), []);
  await step(600);
  assert.deepEqual(await kinds(), ['open']);
  await step(100);
  assert.deepEqual(await kinds(), ['open']);
  await running.close();
  running = await start();
  await step(100);
  await step(2_000);
  assert.deepEqual(await kinds(), ['open', 'open', 'close']);
  const messages = await own.read(poolEvents('main'), 0, 0, 1_000);
  const events = messages.flatMap(({ value }) =>
    Array.from(
      { length: value.length / EVENT_BYTES },
      (_, index) => readFlatEvent(value, index).kind,
    ),
  );
  assert.deepEqual(
    events.filter((kind) => kind === 'opened' || kind === 'closed' || kind === 'refused'),
    ['opened', 'refused', 'closed'],
  );
  await running.close();
});

test('currencies that are open around the clock: a date closes in all, then the next opens, also after an absence', async () => {
  const own = createMemoryLog({ now: () => nowMs });
  const fresh = new TestNetwork(own, { operatorKey, closed: true });
  await fresh.create();
  const beginsMs = nowMs + 1_000;
  const dates = [0, 1, 2, 3, 4].map((days) =>
    new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10),
  );
  const hours = dates.flatMap((date, index) =>
    ['SGD', 'EUR'].map(
      (currency): MarketHours => ({
        ...{ pool: 'main', currency, date },
        ...{ opensMs: beginsMs + index * 10_000, closesMs: beginsMs + (index + 1) * 10_000 },
      }),
    ),
  );
  // As they may come from a file: in no order.
  const start = () => build({ log: own, hours: [...hours].reverse(), clockJumpMaxMs: DAY_MS });
  let running = await start();
  const at = async (ms: number) => {
    nowMs = beginsMs + ms;
    await running.clockwork.step();
    await fresh.step();
  };
  await at(0);
  await at(5_000);
  await at(10_000);
  // Away while the second date ends, and started anew while the third lasts.
  await running.close();
  running = await start();
  await at(25_000);
  // Away for a whole date.
  await at(41_000);
  await running.close();
  const messages = await own.read(poolEvents('main'), 0, 0, 1_000);
  const days = messages.flatMap(({ value }) =>
    Array.from({ length: value.length / EVENT_BYTES }, (_, index) => readFlatEvent(value, index))
      .filter(({ kind }) => kind === 'opened' || kind === 'closed')
      .map(({ kind, currency1, count }) => {
        const date = new Date(count * DAY_MS).toISOString().slice(0, 10);
        return `${kind} ${fresh.scenario.currencies[currency1]?.code} ${date}`;
      }),
  );
  const both = (kind: string, index: number) =>
    ['EUR', 'SGD'].map((currency) => `${kind} ${currency} ${dates[index]}`);
  assert.deepEqual(days, [
    ...both('opened', 0),
    ...both('closed', 0),
    ...both('opened', 1),
    ...both('closed', 1),
    ...both('opened', 2),
    ...both('closed', 2),
    ...both('opened', 4),
  ]);
});
