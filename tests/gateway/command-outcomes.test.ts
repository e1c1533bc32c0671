/** What becomes of the operator's commands, as the gateway tells it by their ids. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, type TestContext, test } from 'node:test';
import type { Signer } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { COMMANDS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { commandDetail } from '../../services/protocol/records/command-report.ts';
import { atLeast } from '../support/at-least.ts';
import { createOperatedNetwork, namedSigner } from '../support/operator-gateway.ts';

const { log, network, build, ...operated } = createOperatedNetwork();
let gateway: Gateway;
/** One that is closed with its test, however that ends. */
async function built(t: TestContext): Promise<Gateway> {
  const own = await build();
  t.after(() => own.close());
  return own;
}

before(async () => {
  await network.create();
  gateway = await build();
});
after(() => gateway.close());

const command = (id: string, what: object, into = gateway) => operated.give(into, what, { id });
const ask = (url: string, signer?: Signer, keyId?: string) =>
  operated.ask(gateway, url, signer, keyId);

const issue = (amountMinor: string) => ({
  ...{ kind: 'issue', bic: 'ALFADE00', currency: 'EUR', amountMinor },
});
const keyOf = (bic: string, state: string) => ({
  ...{ kind: 'key', bic, keyId: 'key-1', state },
  publicKey: Buffer.from(network.signer(bic).publicKey).toString('hex'),
});

test('a command is done, or refused with the reason and what it means', async () => {
  const cases: [object, string, string | null, RegExp | null][] = [
    [issue('5'), 'done', null, null],
    [{ ...issue('5'), bic: 'NONEDE00' }, 'refused', 'recordInvalid', /no such account/],
    [
      { kind: 'redeem', bic: 'ALFADE00', currency: 'EUR', amountMinor: '9000000000000000000' },
      ...(['refused', 'fundsInsufficient', /holds less/] as const),
    ],
    [
      { kind: 'participant', bic: 'ALFADE00', name: 'Again', role: 'bank' },
      ...(['refused', 'duplicateIdentity', /already/] as const),
    ],
    [{ ...keyOf('ALFADE00', 'revoked'), bic: 'BETASG00' }, 'refused', 'keyUnknown', /no such key/],
    [keyOf('GAMMFR00', 'revoked'), 'done', null, null],
    [keyOf('GAMMFR00', 'revoked'), 'refused', 'keyRevoked', /revoked before/],
    [{ kind: 'tick' }, 'done', null, null],
  ];
  for (const [what, outcome, reason, detail] of atLeast(8, cases)) {
    const id = randomUUID();
    const taken = await command(id, what);
    assert.equal(taken.statusCode, 202, taken.body);
    assert.equal(taken.headers.location, taken.json().outcome);
    assert.equal((await ask(taken.json().outcome)).statusCode, 404, 'not decided yet');
    const waiting = ask(`${taken.json().outcome}&wait=5000`);
    await network.step();
    const answer = (await waiting).json();
    assert.deepEqual(
      [answer.id, answer.pool, answer.outcome, answer.reason, answer.again],
      [id, 'main', outcome, reason, null],
      JSON.stringify(what),
    );
    assert.equal(answer.payloadDigest, taken.json().payloadDigest);
    if (detail) assert.match(answer.detail, detail);
    else assert.equal(answer.detail, null);
  }
});

test('an opening or a close that is refused names the date that its currency has', async () => {
  const given = async (kind: string, currency: string, date: string) => {
    const closes = kind === 'open' && { closesAtMs: Date.now() };
    const { outcome } = (await command(randomUUID(), { kind, currency, date, ...closes })).json();
    await network.step();
    return (await ask(outcome)).json().detail;
  };
  const isOpen = /^the currency is open for (.*)$/;
  const [, today = ''] = isOpen.exec(await given('close', 'EUR', '2090-01-01')) ?? [];
  const cases: [string, string, string, string | null][] = [
    ['open', 'XXX', '2090-01-01', 'the currency is unknown'],
    ['close', 'XXX', '2090-01-01', 'the currency is unknown'],
    ['open', 'EUR', '2090-01-01', `the currency is open for ${today}`],
    ['close', 'EUR', today, null],
    ['close', 'EUR', today, `the currency is not open: its last date was ${today}`],
    ['open', 'EUR', today, `the date is not later than its last, ${today}`],
    ['open', 'EUR', '2090-01-01', null],
  ];
  for (const [kind, currency, date, detail] of cases)
    assert.equal(await given(kind, currency, date), detail, `${kind} ${currency} ${date}`);
  const never = { kind: 'close', currency: 'EUR', date: '2090-01-01' } as const;
  assert.equal(
    commandDetail(never, 'refused', 'recordInvalid', () => null),
    'the currency has not been open yet',
  );
});

test('what comes again under an id has no effect, is told, and leaves the first outcome', async (t) => {
  const id = randomUUID();
  // Two gateways that do not know of each other's commands log one each.
  const other = await built(t);
  const first = await command(id, issue('7'));
  assert.equal((await command(id, issue('7'), other)).statusCode, 202);
  await network.step();
  const told = (await ask(first.json().outcome)).json();
  assert.deepEqual([told.outcome, told.again.outcome], ['done', 'repeated']);
  assert.ok(told.again.eventNumber > told.eventNumber);
  // One that has started since knows the id from the log.
  const later = await built(t);
  assert.equal((await command(id, issue('8'), later)).statusCode, 409);
  const before = await log.endOffset(poolInput('main'), 0);
  assert.equal((await command(id, issue('7'), later)).statusCode, 202);
  assert.equal(await log.endOffset(poolInput('main'), 0), before, 'it is not logged again');
});

test('another payload under an id that two gateways took at once conflicts', async (t) => {
  const id = randomUUID();
  const other = await built(t);
  const first = await command(id, issue('1'));
  assert.equal((await command(id, issue('2'), other)).statusCode, 202);
  await network.step();
  const told = (await ask(first.json().outcome)).json();
  assert.deepEqual([told.outcome, told.again.outcome], ['done', 'conflicting']);
  assert.notEqual(told.again.payloadDigest, told.payloadDigest);
});

test('nobody but the operator reads an outcome', async () => {
  const id = randomUUID();
  await command(id, issue('1'));
  await network.step();
  const url = `/operator/commands/${id}`;
  assert.equal((await ask(url)).statusCode, 200);
  assert.equal((await ask(url, namedSigner('stranger'))).statusCode, 401);
  assert.equal((await ask(url, network.signer('ALFADE00'))).statusCode, 401);
  assert.equal((await ask(url, undefined, 'key-1')).statusCode, 401);
  const asBank = network.reading('ALFADE00', url);
  assert.equal((await gateway.app.inject({ method: 'GET', url, headers: asBank })).statusCode, 400);
  assert.equal((await ask(`${url}?pool=other`)).statusCode, 404);
  assert.equal((await ask(`/operator/commands/${randomUUID()}`)).statusCode, 404);
});

test('the topic keeps one record of each command and one of its last repeat', async () => {
  const records = await log.read(COMMANDS, 0, 0, 10_000);
  const keys = records.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keys.filter((key) => key?.startsWith('main/again:')).length, 2);
});
