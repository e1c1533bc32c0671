import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createSignatureCheck } from '../../services/core/verification/signing.ts';
import type { DoorLimits } from '../../services/gateway/door-signatures-and-rate-limits.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { KeyBook } from '../../services/gateway/key-book.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { PARTICIPANTS, PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { participantMessage } from '../../services/protocol/records/participant-message.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { atLeast } from '../support/at-least.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork } from '../support/network.ts';

/** How much one may bring through the gateway’s door. */
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log);
const gateways: Gateway[] = [];
before(() => network.create());
after(async () => {
  for (const gateway of gateways) await gateway.close();
});

async function build(door: Partial<DoorLimits>, trustedProxies: string[] = []) {
  const gateway = await buildTestGateway({
    network: network.scenario.network,
    log,
    name: `door-${randomUUID().slice(0, 8)}`,
    door: { refusalHeldMs: 10, ...door },
    trustedProxies,
  });
  gateways.push(gateway);
  return gateway;
}

interface Sending {
  readonly from?: string;
  readonly claims?: string;
  readonly forged?: boolean;
  readonly bytes?: number;
  readonly keyId?: string;
  readonly issuedAtMs?: number;
  readonly forwardedFor?: string;
  readonly remoteAddress?: string;
}

function send({ app }: Gateway, sending: Sending) {
  const { from = 'ALFADE00', claims, forged, bytes = 0, keyId, forwardedFor } = sending;
  const { headers, payload } = network.payment({
    uetr: randomUUID(),
    from,
    ...(sending.issuedAtMs && { issuedAtMs: sending.issuedAtMs }),
  });
  const padding = Buffer.alloc(Math.max(forged ? 1 : 0, bytes - payload.length), ' ');
  return app.inject({
    method: 'POST',
    url: '/payments',
    headers: {
      ...headers,
      ...(claims && { 'ce-source': claims }),
      ...(keyId && { 'ce-keyid': keyId }),
      ...(forwardedFor && { 'x-forwarded-for': forwardedFor }),
    },
    payload: Buffer.concat([payload, padding]),
    ...(sending.remoteAddress && { remoteAddress: sending.remoteAddress }),
  });
}

const statuses = async (gateway: Gateway, times: number, sending: Sending) => {
  const found: number[] = [];
  for (let time = 0; time < times; time++) found.push((await send(gateway, sending)).statusCode);
  return found;
};
const records = async () => (await log.endOffset(PAYMENTS, 0)) + (await log.endOffset(PAYMENTS, 1));

test('what does not verify is refused, up to the bound at once, then told when to come again', async () => {
  const gateway = await build({ unverifiedBytesPerMinute: 130_000 });
  const before = await records();
  // By bytes: two of 62,000, not three.
  assert.deepEqual(await statuses(gateway, 3, { forged: true, bytes: 62_000 }), [401, 401, 429]);
  assert.equal((await records()) - before, 0, 'the log has none of them');
  const refused = await send(gateway, { forged: true });
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.json().type, 'urn:corridor:problem:unverified-limited');
  assert.match(
    refused.json().detail,
    /from this address that do not verify.* 130000 bytes a minute: check network/,
  );
  const seconds = Number(refused.headers['retry-after']);
  assert.ok(seconds > 40 && seconds <= 60, `${seconds} of the minute are left`);
  // Who signs is not held up by who forges: not by the same address, nor under the same BIC.
  assert.deepEqual(await statuses(gateway, 40, {}), Array(40).fill(202));
});

test('a message is read before what another bank has sent at once in front of it', async () => {
  const gateway = await build({});
  const read: unknown[] = [];
  gateway.app.addHook('preParsing', async ({ headers }) => {
    read.push(headers['ce-source']);
  });
  const senders = [...Array<string>(40).fill('ALFADE00'), 'BETASG00'];
  await Promise.all(senders.map((from) => send(gateway, { from, forged: from === 'ALFADE00' })));
  assert.equal(read.length, senders.length);
  assert.ok(read.indexOf('BETASG00') < 10, `after ${read.indexOf('BETASG00')} others`);
});

test('who waits for a refusal holds no body', async () => {
  const gateway = await build({ unverifiedBytesPerMinute: 62_000 });
  const held: unknown[] = [];
  gateway.app.addHook('onSend', async (request, { statusCode }) => {
    held.push([statusCode, request.body]);
  });
  await statuses(gateway, 2, { forged: true, bytes: 62_000 });
  assert.deepEqual(held, [
    [401, undefined],
    [429, undefined],
  ]);
});

test('whatever is wrong with the key gets one answer, which says what was expected; nothing enters the log', async () => {
  const gateway = await build({});
  const revoked = { keyId: 'key-old', publicKey: 'aa'.repeat(32), state: 'revoked' } as const;
  await log.produce(PARTICIPANTS, [
    participantMessage({ ...revoked, bic: 'ALFADE00' as Bic, name: 'Alfa', role: 'bank' }),
  ]);
  const before = await records();
  const cases: [Sending, string, string][] = [
    [{ forged: true }, 'ALFADE00', KEY_ID],
    [{ keyId: 'key-2' }, 'ALFADE00', 'key-2'],
    [{ keyId: 'key-old' }, 'ALFADE00', 'key-old'],
    [{ claims: 'BETASG00' }, 'BETASG00', KEY_ID],
    [{ claims: 'NOBODY00' }, 'NOBODY00', KEY_ID],
  ];
  for (const [sending, bic, keyId] of atLeast(5, cases)) {
    const answer = await send(gateway, sending);
    const { type, field, value, expected, detail } = answer.json();
    assert.deepEqual(
      [answer.statusCode, type, field, answer.headers.location],
      [401, 'urn:corridor:problem:not-authentic', 'ce-signature', undefined],
    );
    assert.match(value, /^[A-Za-z0-9+/]{79}…$/);
    assert.match(
      expected,
      new RegExp(
        `^Ed25519 by a key of ${bic} .*\\(${keyId} here\\).* topic payments, payload digest [0-9a-f]{64}$`,
      ),
    );
    assert.match(detail, new RegExp(`active key of ${bic}: .*The log does not have the message$`));
  }
  for (const issuedAtMs of [Date.now() - 301_000, Date.now() + 301_000]) {
    const answer = await send(gateway, { issuedAtMs });
    const { field, value } = answer.json();
    assert.deepEqual([answer.statusCode, field, value], [401, 'ce-issuedatms', `${issuedAtMs}`]);
  }
  assert.equal(await records(), before);
});

const never = new Promise<void>(() => {});

test('a key that the log has counts, also where the gateway has not been handed it yet', async () => {
  // A subscription that hands nothing over: what is known was read.
  const late = { ...log, subscribe: async () => ({ stop: async () => {}, stopped: never }) };
  const gateway = await buildTestGateway({
    network: network.scenario.network,
    log: late as typeof log,
    name: 'door-late',
  });
  gateways.push(gateway);
  const signer = network.signer('ALFADE00');
  const { headers, payload } = network.payment({ uetr: randomUUID(), keyId: 'key-new' });
  const post = () =>
    gateway.app.inject({
      ...{ method: 'POST', url: '/payments', headers, payload: Buffer.from(payload) },
    });
  assert.equal((await post()).statusCode, 401);
  await log.produce(PARTICIPANTS, [
    participantMessage({
      ...{ bic: 'ALFADE00' as Bic, name: 'Alfa', role: 'bank', keyId: 'key-new' },
      ...{ publicKey: Buffer.from(signer.publicKey).toString('hex'), state: 'registered' },
    }),
  ]);
  assert.equal((await post()).statusCode, 202);
});

test('a short message counts as 4 KiB', async () => {
  const gateway = await build({ unverifiedBytesPerMinute: 3 * 4_096 });
  assert.deepEqual(await statuses(gateway, 4, { forged: true }), [401, 401, 401, 429]);
});

test('whatever does not verify counts: another key, another time, a BIC that is nobody’s', async () => {
  for (const sending of [
    { keyId: 'key-2' },
    { issuedAtMs: Date.now() - 400_000 },
    { issuedAtMs: Date.now() + 400_000 },
    { claims: 'BETASG00' },
    { claims: 'NOBODY00' },
  ]) {
    const gateway = await build({ unverifiedBytesPerMinute: 4_096 });
    assert.deepEqual(await statuses(gateway, 2, sending), [401, 429], JSON.stringify(sending));
  }
});

test('the bound is by address and by BIC; all BICs that are nobody’s have one', async () => {
  const gateway = await build({ unverifiedBytesPerMinute: 2 * 4_096 });
  const from = (remoteAddress: string, claims: string) =>
    send(gateway, { remoteAddress, claims, forged: true });
  const status = async (address: string, claims: string) =>
    (await from(address, claims)).statusCode;
  assert.equal(await status('192.0.2.1', 'ALFADE00'), 401);
  assert.equal(await status('192.0.2.2', 'ALFADE00'), 401);
  const third = await from('192.0.2.3', 'ALFADE00');
  assert.equal(third.statusCode, 429);
  assert.match(third.json().detail, /under ALFADE00/);
  assert.equal(await status('192.0.2.1', 'BETASG00'), 401);
  assert.equal(await status('192.0.2.1', 'GAMMFR00'), 429, 'its address has had two');
  assert.equal(await status('192.0.2.4', 'NOBODY00'), 401);
  assert.equal(await status('192.0.2.5', 'NOBODY01'), 401);
  assert.equal(await status('192.0.2.6', 'NOBODY02'), 429);
  assert.equal(await status('192.0.2.7', 'BETASG00'), 401, 'a bank’s bound is its own');
});

test('X-Forwarded-For tells the address where its proxy is named, and nowhere else', async () => {
  const limits = { unverifiedBytesPerMinute: 4_096 };
  const spoofing = await build(limits);
  const forge = (gateway: Gateway, claims: string, forwardedFor: string) =>
    send(gateway, { claims, forged: true, forwardedFor });
  assert.equal((await forge(spoofing, 'ALFADE00', '192.0.2.1')).statusCode, 401);
  const other = await forge(spoofing, 'BETASG00', '192.0.2.2');
  assert.match(other.json().detail, /from this address/);
  const behind = await build(limits, ['127.0.0.0/8']);
  assert.equal((await forge(behind, 'ALFADE00', '192.0.2.1')).statusCode, 401);
  assert.equal((await forge(behind, 'BETASG00', '192.0.2.2')).statusCode, 401);
  // What the proxy was told by its client is the client's word.
  const lied = await forge(behind, 'GAMMFR00', '192.0.2.3, 192.0.2.1');
  assert.match(lied.json().detail, /from this address/);
});

test('a bank that sends alone has it all; while others send it has its share', async () => {
  const gateway = await build({ shareMessagesPerSecond: 1 });
  const many = (from: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => send(gateway, { from })));
  for (const { statusCode } of await many('ALFADE00', 20)) assert.equal(statusCode, 202);
  assert.equal((await send(gateway, { from: 'BETASG00' })).statusCode, 202);
  const answers = await many('ALFADE00', 20);
  const refused = answers.filter(({ statusCode }) => statusCode === 429);
  assert.ok(refused.length > 0, 'not all twenty in their own second');
  assert.equal(refused[0]?.json().type, 'urn:corridor:problem:share-exceeded');
  assert.equal(refused[0]?.headers['retry-after'], '1');
  assert.equal((await send(gateway, { from: 'GAMMFR00' })).statusCode, 202);
});

test('a forger uses up nothing of a bank’s share', async () => {
  const gateway = await build({ shareMessagesPerSecond: 1 });
  assert.equal((await send(gateway, { from: 'BETASG00' })).statusCode, 202);
  assert.deepEqual(await statuses(gateway, 5, { forged: true }), Array(5).fill(401));
  assert.equal((await send(gateway, {})).statusCode, 202);
});

test('refusals are held back, and hold up nobody else', async () => {
  const hours = { refusalHeldMs: 3_600_000 };
  const forged = { forged: true, remoteAddress: '192.0.2.1' };
  const forgers = await build({ unverifiedBytesPerMinute: 4_096, refusalHeldMs: 4_000 });
  assert.equal((await send(forgers, forged)).statusCode, 401);
  const order: string[] = [];
  const refused = send(forgers, forged).then(({ statusCode }) => order.push(`${statusCode}`));
  for (const from of ['ALFADE00', 'BETASG00'])
    order.push(`${from} ${(await send(forgers, { from })).statusCode}`);
  await refused;
  assert.deepEqual(order, ['ALFADE00 202', 'BETASG00 202', '429']);
  // Never longer than until there is room again: a share is for a second.
  const fast = await build({ shareMessagesPerSecond: 1, ...hours });
  // The first message of a gateway takes longer; a second after the other's a bank is alone, and has all.
  await send(fast, { from: 'BETASG00' });
  await send(fast, { from: 'BETASG00' });
  const answers = await Promise.all([1, 2, 3].map(() => send(fast, { from: 'ALFADE00' })));
  // One is let in, one waits for it, and the line is full.
  assert.equal(answers.filter(({ statusCode }) => statusCode === 429).length, 1);
});

test('the same message again is taken up to the bound of what does not verify', async () => {
  const { app } = await build({ unverifiedBytesPerMinute: 2 * 4_096 });
  const { headers, payload } = network.payment({ uetr: randomUUID() });
  const found: number[] = [];
  for (let time = 0; time < 4; time++) {
    const body = Buffer.from(payload);
    const answer = await app.inject({ method: 'POST', url: '/payments', headers, payload: body });
    found.push(answer.statusCode);
  }
  assert.deepEqual(found, [202, 202, 202, 429]);
});

test('one signature is checked whoever is named, and one alone', async () => {
  let checks = 0;
  const book = new KeyBook((publicKey) => {
    const check = createSignatureCheck(publicKey);
    const counted: typeof check = (...given) => {
      checks += 1;
      return check(...given);
    };
    counted.apart = (...given) => {
      checks += 1;
      return check.apart(...given);
    };
    return counted;
  });
  const signer = network.signer('ALFADE00');
  const key = {
    ...({ bic: 'ALFADE00', name: 'Alfa', role: 'bank' } as const),
    publicKey: Buffer.from(signer.publicKey).toString('hex'),
  };
  book.learn({ ...key, keyId: KEY_ID, state: 'registered' } as never);
  book.learn({ ...key, keyId: 'revoked', state: 'revoked' } as never);
  const text = Buffer.from('text');
  const [right, wrong] = [signer.sign(text), signer.sign(Buffer.from('another'))];
  const cases: [string, string, Uint8Array, boolean][] = [
    ['ALFADE00', KEY_ID, right, true],
    ['ALFADE00', KEY_ID, wrong, false],
    ['ALFADE00', 'revoked', right, false],
    ['ALFADE00', 'unknown', right, false],
    ['NOBODY00', KEY_ID, right, false],
  ];
  for (const [bic, keyId, signature, verifies] of cases)
    for (const way of ['verifies', 'verifiesApart'] as const) {
      checks = 0;
      const key = await book[way](bic, keyId, text, signature);
      assert.equal(key !== null, verifies, `${bic} ${keyId} ${way}`);
      assert.equal(checks, 1, `${bic} ${keyId} ${way}`);
    }
});
