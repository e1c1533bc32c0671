import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setImmediate as othersFirst, setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ProblemError, problemHeaders } from '../protocol/names/http-problems.ts';
import type { Envelope } from '../protocol/names/message-headers.ts';
import { DOOR_LIMITS, Door, type DoorLimits } from './door-signatures-and-rate-limits.ts';
import type { KeyBook } from './key-book.ts';

const BANKS = ['ALFADE00', 'BETASG00', 'GAMMFR00'];
let made = 0;

/** A door to which every signature of a bank verifies but those that begin with 0. */
function door(limits: Partial<DoorLimits>, held?: Promise<void>) {
  let nowMs = 1_000_000;
  const keys = {
    participants: () => new Set(BANKS),
    verifiesApart: async (
      _bic: string,
      _keyId: string,
      _text: Uint8Array,
      signature: Uint8Array,
    ) => (signature[0] === 0 ? null : {}),
  } as unknown as KeyBook;
  const ports = {
    ...{ network: 'n', keys, now: () => nowMs },
    readKeys: async () => {},
    pause: (ms: number) => held ?? pause(Math.min(ms, 1)),
  };
  const made = new Door(ports, limits);
  const send = async (message: ReturnType<typeof of>) => {
    await made.admit(message);
    made.noteTaken(message.envelope);
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { door: made, send, pass };
}

function of(sender: string, { address = '192.0.2.1', forged = false } = {}) {
  made += 1;
  const signature = Buffer.alloc(64);
  signature.writeUInt32LE(forged ? 0 : 1);
  signature.writeUInt32LE(made, 4);
  const envelope = { sender, issuedAtMs: 1_000_000, keyId: 'k', id: `${made}`, signature };
  return {
    ...{ address, payload: Buffer.alloc(1_000) },
    envelope: envelope as unknown as Envelope,
  };
}
const limited = (problem: string) => ({ problem });
/** A few messages are judged in a turn of the event loop. */
async function untilJudged() {
  for (let turn = 0; turn < 100; turn++) await othersFirst();
}
/** The clock by which shares pass goes on when it is told to. */
function stoppedClock({ mock }: TestContext) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  return async (ms: number) => {
    mock.timers.tick(ms);
    await untilJudged();
  };
}
const AT_ONCE = Promise.resolve();

test('the limits are those that docs/http.md tells', () => {
  const page = readFileSync(
    fileURLToPath(new URL('../../../docs/http.md', import.meta.url)),
    'utf8',
  );
  const [row = '', shareRow = ''] = page
    .split('\n')
    .filter((line) => line.includes('`CORRIDOR_GATEWAY_'))
    .filter((line) => line.startsWith('|'));
  const bytes = DOOR_LIMITS.unverifiedBytesPerMinute.toLocaleString('en-GB');
  assert.match(row, new RegExp(`\\| ${bytes} bytes a minute `));
  assert.match(shareRow, new RegExp(`\\| ${DOOR_LIMITS.shareMessagesPerSecond} a second `));
  assert.match(page, /A refusal is answered a second later/);
  assert.match(page, /a fiftieth of a second’s share at a time/);
  assert.equal(DOOR_LIMITS.refusalHeldMs, 1_000);
});

test('a message that was taken counts as one that does not verify when it comes again', async (t) => {
  const goOn = stoppedClock(t);
  const limits = { unverifiedBytesPerMinute: 2 * 4_096, shareMessagesPerSecond: 3 };
  const { send } = door(limits, AT_ONCE);
  await send(of('BETASG00'));
  const taken = of('ALFADE00');
  await send(taken);
  // Whoever it was delivered to brings it, from an address of his own.
  const again = { ...taken, address: '192.0.2.9' };
  // They have no place in the line of their sender, who has as many messages there as it holds.
  const own = Array.from({ length: 3 }, () => send(of('ALFADE00')));
  const all = Promise.all([send(again), send(again), ...own]);
  for (const _ of own) await goOn(334);
  await all;
  await assert.rejects(send(again), limited('unverifiedLimited'));
});

test('a message that the log did not take may come again', async () => {
  const { door: asked } = door({ unverifiedBytesPerMinute: 1 });
  const message = of('ALFADE00');
  for (const _ of Array(5)) await asked.admit(message);
});

test('of one address under one BIC four messages are judged at a time, in their order', async () => {
  const { judged, asked, ids } = judgedByHand();
  const flood = Array.from({ length: 10 }, () => asked.admit(of('ALFADE00')));
  await othersFirst();
  assert.deepEqual(ids(), [0, 1, 2, 3]);
  const others = [
    asked.admit(of('BETASG00')),
    asked.admit(of('ALFADE00', { address: '192.0.2.2' })),
  ];
  await othersFirst();
  assert.deepEqual(ids(), [0, 1, 2, 3, 10, 11], 'another bank, and another address, wait for none');
  // One that does not verify gives its place on as well, and is judged again behind those who wait.
  for (let at = 0; at < judged.length; at++) {
    judged[at]?.end(at !== 1);
    while (at + 1 >= judged.length && judged.length < 13) await othersFirst();
  }
  await Promise.all([...flood, ...others]);
  assert.deepEqual(ids(), [0, 1, 2, 3, 10, 11, 4, 5, 6, 7, 8, 9, 1]);
});

test('of one address under one BIC four messages begin to be read in a turn of the event loop', async () => {
  const { door: asked } = door({});
  const begun: number[] = [];
  const come = (id: number, bic: string, address = '192.0.2.1') =>
    asked.refuseUnread(address, bic).then(() => begun.push(id));
  const flood = Array.from({ length: 10 }, (_, id) => come(id, 'ALFADE00'));
  const others = [come(10, 'BETASG00'), come(11, 'ALFADE00', '192.0.2.2')];
  // No message of it has come whole, so that none is judged.
  const turns: number[][] = [];
  for (let turn = 0; turn < 3; turn++) {
    for (let step = 0; step < 10; step++) await null;
    turns.push(begun.splice(0));
    await othersFirst();
  }
  assert.deepEqual(turns, [
    [0, 1, 2, 3, 10, 11],
    [4, 5, 6, 7],
    [8, 9],
  ]);
  await Promise.all([...flood, ...others]);
});

test('of one address sixteen messages begin to be read in a turn, each BIC in turn', async () => {
  const { door: asked } = door({});
  const begun: string[] = [];
  const come = (bic: string) => asked.refuseUnread('192.0.2.1', bic).then(() => begun.push(bic));
  // Who is no participant is one with all others that are none.
  const sent = Array.from({ length: 12 }, (_, at) => [`NOBODY${at}`, ...BANKS]).flat();
  const all = Promise.all(sent.map(come));
  for (let step = 0; step < 10; step++) await null;
  const count = (bic: RegExp) => begun.filter((one) => bic.test(one)).length;
  assert.deepEqual([/NOBODY/, ...BANKS.map((bic) => new RegExp(bic))].map(count), [4, 4, 4, 4]);
  await all;
});

/** A door at which a message is judged when the test says so. */
function judgedByHand() {
  const judged: { readonly id: number; readonly end: (isVerified?: boolean) => void }[] = [];
  const keys = {
    participants: () => new Set(BANKS),
    verifiesApart: (_bic: string, _keyId: string, _text: Uint8Array, signature: Buffer) =>
      new Promise((resolve) => {
        const end = (isVerified = true) => resolve(isVerified ? {} : null);
        judged.push({ id: signature.readUInt32LE(4), end });
      }),
  } as unknown as KeyBook;
  const ports = { network: 'n', keys, now: () => 1_000_000, readKeys: async () => {} };
  const asked = new Door({ ...ports, pause: () => pause(1) });
  const first = made + 1;
  return { judged, asked, ids: () => judged.map(({ id }) => id - first) };
}

test('what comes in the turn in which places become free stands behind what waits for one', async () => {
  const { judged, asked, ids } = judgedByHand();
  const admitted: number[] = [];
  const send = (at: number) => asked.admit(of('ALFADE00')).then(() => admitted.push(at));
  const all = [0, 1, 2, 3, 4].map(send);
  await othersFirst();
  judged[0]?.end();
  judged[1]?.end();
  // Both have left, and no turn of the event loop has begun.
  while (admitted.length < 2) await null;
  all.push(send(5));
  for (let at = 2; at < 6; at++) {
    while (judged.length <= at) await othersFirst();
    judged[at]?.end();
  }
  await Promise.all(all);
  assert.deepEqual(ids(), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(admitted, [0, 1, 2, 3, 4, 5]);
});

test('of one address 16 messages are judged at a time under all BICs, each in turn; strangers are one', async () => {
  const { judged, asked, ids } = judgedByHand();
  const banks = [...'ABCDE'].map((letter) => `BANK${letter}DE0`);
  BANKS.push(...banks);
  try {
    const sent: Promise<unknown>[] = [];
    const send = (bic: string) => sent.push(asked.admit(of(bic)).catch(() => {}));
    for (let place = 0; place < 6; place++) send(`NOBODY0${place}`);
    await untilJudged();
    assert.deepEqual(ids(), [0, 1, 2, 3]);
    for (const bic of banks) for (let place = 0; place < 4; place++) send(bic);
    await untilJudged();
    assert.equal(judged.length, 16, 'four strangers, and four of each of three banks');
    // A place that a bank leaves goes to who waits for the address, each BIC in turn.
    judged[4]?.end();
    judged[5]?.end();
    await untilJudged();
    assert.deepEqual(ids().slice(16), [18, 22]);
    for (let at = 0; at < judged.length; at++) {
      judged[at]?.end();
      await untilJudged();
    }
    await Promise.all(sent);
    assert.equal(judged.length, 26);
  } finally {
    BANKS.length -= banks.length;
  }
});

test('what waits to be judged is bounded, and refused unread beyond it, by BIC, address and in all', async () => {
  const { judged, asked } = judgedByHand();
  const large = Buffer.alloc(65_536);
  const sent: Promise<unknown>[] = [];
  const send = (bic: string, address: string, times: number) => {
    for (let time = 0; time < times; time++)
      sent.push(asked.admit({ ...of(bic, { address }), payload: large }));
  };
  const full = (bic: string, address: string, why: RegExp) =>
    assert.rejects(asked.refuseUnread(address, bic), (error: ProblemError) => {
      assert.equal(error.problem, 'unverifiedLimited');
      assert.equal(problemHeaders(error)['retry-after'], '1');
      assert.match(error.message, why);
      return true;
    });
  const BANK = 'ALFADE00';
  send(BANK, '192.0.2.1', 63);
  await asked.refuseUnread('192.0.2.1', BANK);
  send(BANK, '192.0.2.1', 1);
  await full(
    BANK,
    '192.0.2.1',
    /^4194304 bytes from this address under ALFADE00 wait to be judged/,
  );
  await assert.rejects(asked.admit(of(BANK)), limited('unverifiedLimited'));
  await asked.refuseUnread('192.0.2.1', 'BETASG00');
  await asked.refuseUnread('192.0.2.2', BANK);
  send('NOBODY00', '192.0.2.1', 64);
  await full('NOBODY01', '192.0.2.1', /^4194304 bytes from this address under unknown BICs/);
  for (const bic of BANKS.slice(1)) send(bic, '192.0.2.1', 64);
  await full('BETASG00', '192.0.2.1', /under BETASG00/);
  BANKS.push('DELTUS00');
  await full('DELTUS00', '192.0.2.1', /^16777216 bytes from this address wait/);
  for (const address of ['192.0.2.3', '192.0.2.4', '192.0.2.5'])
    for (const bic of BANKS.slice(0, 4)) send(bic, address, 64);
  for (const bic of BANKS.slice(0, 3)) send(bic, '192.0.2.6', 64);
  send('DELTUS00', '192.0.2.6', 12);
  await asked.refuseUnread('192.0.2.6', 'DELTUS00');
  send('DELTUS00', '192.0.2.6', 1);
  await full('DELTUS00', '192.0.2.6', /^13434880 bytes .* its part of the room of all, wait/);
  await asked.refuseUnread('192.0.2.7', BANK);
  BANKS.pop();
  let isOver = false;
  void Promise.allSettled(sent).then(() => {
    isOver = true;
  });
  for (let at = 0; !isOver; )
    if (at < judged.length) judged[at++]?.end(false);
    else await othersFirst();
  await asked.refuseUnread('192.0.2.1', BANK);
});

test('of what was judged nothing is held while others are judged', async () => {
  const { judged, asked } = judgedByHand();
  let kept = 0;
  const { allSettled } = Promise;
  // What a message waits for holds no results of those before it, or it would hold all that came.
  Promise.allSettled = function (this: PromiseConstructor, values: Iterable<unknown>) {
    for (const value of values)
      if (value instanceof Promise) void value.then((one) => (kept += Array.isArray(one) ? 1 : 0));
    return allSettled.call(Promise, values);
  } as typeof allSettled;
  try {
    const sent: Promise<unknown>[] = [];
    for (let at = 0; at < 300; at++) {
      sent.push(asked.admit(of('ALFADE00')));
      while (judged.length <= at) await othersFirst();
      // The one before it leaves while this one is judged.
      judged[at - 1]?.end();
    }
    judged[299]?.end();
    await Promise.all(sent);
    assert.equal(kept, 0);
  } finally {
    Promise.allSettled = allSettled;
  }
});

test('messages leave in the order in which they came, whichever was judged first', async () => {
  const { judged, asked } = judgedByHand();
  const admitted: number[] = [];
  const all = [0, 1, 2].map((at) => asked.admit(of('ALFADE00')).then(() => admitted.push(at)));
  await othersFirst();
  judged[2]?.end();
  judged[1]?.end();
  await untilJudged();
  assert.deepEqual(admitted, []);
  judged[0]?.end();
  await Promise.all(all);
  assert.deepEqual(admitted, [0, 1, 2]);
});

test('what an address has refused uses up nothing of the banks that it names', async () => {
  const { send } = door({ unverifiedBytesPerMinute: 2 * 4_096 });
  for (const bank of BANKS)
    for (const _ of Array(2)) await send(of(bank, { forged: true })).catch(() => {});
  const from = (address: string, bank: string) => send(of(bank, { address, forged: true }));
  await assert.rejects(from('198.51.100.1', 'ALFADE00'), limited('unverifiedLimited'));
  await assert.rejects(from('198.51.100.2', 'BETASG00'), limited('notAuthentic'));
  await assert.rejects(from('198.51.100.2', 'GAMMFR00'), limited('notAuthentic'));
});

test('what does not verify is refused when the keys that the log has are known, and counts before', async () => {
  const order: string[] = [];
  const keys = {
    participants: () => new Set(BANKS),
    verifiesApart: async () => {
      order.push('verify');
      return order.includes('read') ? {} : null;
    },
  } as unknown as KeyBook;
  const readKeys = async () => {
    order.push('read');
  };
  const ports = { network: 'n', keys, now: () => 1_000_000, readKeys, pause: () => pause(1) };
  const made = new Door(ports, { unverifiedBytesPerMinute: 4_096 });
  await made.admit(of('ALFADE00'));
  assert.deepEqual(order, ['verify', 'read', 'verify']);
  order.length = 0;
  await assert.rejects(made.admit(of('ALFADE00')), limited('unverifiedLimited'));
  assert.deepEqual(order, ['verify'], 'beyond the bound the log is not read for it');
});

test('a bank is alone again a second after the others have ended', async (t) => {
  const goOn = stoppedClock(t);
  const { send, pass } = door({ shareMessagesPerSecond: 1 }, AT_ONCE);
  await send(of('BETASG00'));
  await send(of('ALFADE00'));
  const waiting = send(of('ALFADE00'));
  await assert.rejects(send(of('ALFADE00')), limited('shareExceeded'));
  pass(999);
  await assert.rejects(send(of('ALFADE00')), limited('shareExceeded'));
  pass(1);
  await send(of('ALFADE00'));
  await goOn(1_000);
  await waiting;
});

test('what is beyond a bank’s share waits, and is let in a little at a time, in its order', async (t) => {
  const goOn = stoppedClock(t);
  const { send } = door({ shareMessagesPerSecond: 200 });
  await send(of('BETASG00'));
  const order: number[] = [];
  for (let place = 0; place < 12; place++) void send(of('ALFADE00')).then(() => order.push(place));
  await goOn(0);
  assert.equal(order.length, 4, 'a fiftieth of a second’s share');
  await send(of('GAMMFR00'));
  await goOn(19);
  assert.equal(order.length, 4, 'another bank passes those who wait');
  await goOn(1);
  assert.equal(order.length, 8);
  await goOn(20);
  assert.deepEqual(order, [...Array(12).keys()]);
});

test('what comes as a share begins anew stands behind what waits', async (t) => {
  const goOn = stoppedClock(t);
  const { send } = door({ shareMessagesPerSecond: 50 });
  await send(of('BETASG00'));
  const order: string[] = [];
  const sends = (name: string) => void send(of('ALFADE00')).then(() => order.push(name));
  sends('first');
  sends('second');
  await goOn(0);
  t.mock.timers.setTime(Date.now() + 20);
  sends('third');
  await goOn(0);
  await goOn(20);
  assert.deepEqual(order, ['first', 'second', 'third']);
});

test('a line holds 100 messages; what comes to a full one is refused unread, and no other bank’s', async (t) => {
  const goOn = stoppedClock(t);
  const { door: asked, send } = door({ shareMessagesPerSecond: 200 }, AT_ONCE);
  await send(of('BETASG00'));
  let letIn = 0;
  for (let place = 0; place < 104; place++)
    void send(of('ALFADE00')).then(() => {
      letIn += 1;
    });
  await goOn(0);
  await assert.rejects(send(of('ALFADE00')), limited('shareExceeded'));
  await assert.rejects(asked.refuseUnread('192.0.2.1', 'ALFADE00'), limited('shareExceeded'));
  await asked.refuseUnread('192.0.2.1', 'BETASG00');
  for (let part = 0; part < 25; part++) await goOn(20);
  assert.equal(letIn, 104);
  await asked.refuseUnread('192.0.2.1', 'ALFADE00');
});

test('a bank that has less than its equal part of the 500 places in line is let in where five others have them all', async (t) => {
  const goOn = stoppedClock(t);
  const { door: asked, send } = door({ shareMessagesPerSecond: 200 }, AT_ONCE);
  const floods = [...'ABCDE'].map((letter) => `FLOOD${letter}00`);
  const letIn = new Map<string, number>();
  const sendMany = async (bic: string, count: number) => {
    const refused: string[] = [];
    for (let place = 0; place < count; place++)
      void send(of(bic)).then(
        () => letIn.set(bic, (letIn.get(bic) ?? 0) + 1),
        (error: ProblemError) => refused.push(`${error.problem}: ${error.message}`),
      );
    await goOn(0);
    return refused;
  };
  const may = (bic: string) => `${bic} may send 200 messages a second while others send, and`;
  const full = (bic: string) => ({
    message: `${may(bic)} 100 more are waiting: send it again, more slowly`,
  });
  await sendMany('BETASG00', 1);
  // Of each four are let in at once.
  for (const bic of floods) assert.deepEqual(await sendMany(bic, 104), []);
  for (const bic of floods)
    await assert.rejects(asked.refuseUnread('192.0.2.1', bic), full(bic), 'its own line is full');

  await asked.refuseUnread('192.0.2.2', 'QUIETB00');
  assert.deepEqual(await sendMany('QUIETB00', 4 + 83), []);
  await asked.refuseUnread('192.0.2.2', 'QUIETB00');
  const why = `${may('QUIETB00')} 84 more are waiting, which is its part of the places of all banks: send it again, more slowly`;
  assert.deepEqual(await sendMany('QUIETB00', 2), [`shareExceeded: ${why}`]);
  await assert.rejects(asked.refuseUnread('192.0.2.2', 'QUIETB00'), { message: why });

  // All lines go on; a line that is no longer full has no more than its part while all places are taken.
  await goOn(20);
  await assert.rejects(asked.refuseUnread('192.0.2.1', 'FLOODA00'), {
    message: `${may('FLOODA00')} 96 more are waiting, which is its part of the places of all banks: send it again, more slowly`,
  });
  for (let part = 0; part < 25; part++) await goOn(20);
  assert.deepEqual(
    [...letIn].filter(([bic]) => bic !== 'BETASG00'),
    [...floods.map((bic) => [bic, 104]), ['QUIETB00', 88]],
  );
});

test('refusals of one address are answered one after the other', async () => {
  const pauses: number[] = [];
  const keys = {
    participants: () => new Set(BANKS),
    verifiesApart: async () => null,
  } as unknown as KeyBook;
  const asked = new Door(
    {
      ...{ network: 'n', keys, now: () => 1_000_000, readKeys: async () => {} },
      pause: async (ms) => {
        pauses.push(ms);
        await pause(5);
      },
    },
    { unverifiedBytesPerMinute: 1 },
  );
  const from = (address: string) => asked.admit(of('ALFADE00', { address })).catch(() => {});
  await Promise.all([from('192.0.2.1'), from('192.0.2.1'), from('192.0.2.1'), from('192.0.2.2')]);
  assert.deepEqual(
    pauses.sort((a, b) => a - b),
    [1_000, 1_000, 1_010, 1_020],
  );
});

test('so many refusals of an address are held back, then all from it is refused unread', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { door: asked, send } = door({ unverifiedBytesPerMinute: 1 }, held);
  const unread = (address: string) => asked.refuseUnread(address, 'ALFADE00');
  const forge = (address: string) => send(of('ALFADE00', { address, forged: true }));
  const refused = Array.from({ length: 99 }, () => assert.rejects(forge('192.0.2.1')));
  await untilJudged();
  await unread('192.0.2.1');
  refused.push(assert.rejects(forge('192.0.2.1')));
  await untilJudged();
  await assert.rejects(unread('192.0.2.1'), (error: ProblemError) => {
    assert.equal(error.problem, 'refusedOften');
    // What is not read of its body would be read before the next message.
    assert.equal(problemHeaders(error).connection, 'close');
    return true;
  });
  // What was let in before is refused at once: it would be held behind all of them.
  await assert.rejects(forge('192.0.2.1'), limited('unverifiedLimited'));
  await unread('192.0.2.2');
  // Of all addresses together there are bounds too: beyond them a refusal is answered at once.
  for (let address = 10; address < 14; address++)
    for (const _ of Array(100)) refused.push(assert.rejects(forge(`192.0.2.${address}`)));
  await untilJudged();
  await assert.rejects(forge('192.0.2.77'), limited('unverifiedLimited'));
  release();
  await Promise.all(refused);
  await unread('192.0.2.1');
});

test('a refusal that is held back holds no body', async (t) => {
  const goOn = stoppedClock(t);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const limits = { unverifiedBytesPerMinute: 4_096, shareMessagesPerSecond: 50 };
  const { door: asked } = door(limits, held);
  const lengths = (messages: readonly ReturnType<typeof of>[]) =>
    messages.map(({ payload }) => payload.length);
  const outcomes: Promise<unknown>[] = [];
  const sendAll = async (messages: readonly ReturnType<typeof of>[]) => {
    for (const message of messages) outcomes.push(asked.admit(message).catch(() => {}));
    await goOn(0);
  };
  const forged = [of('ALFADE00', { forged: true }), of('ALFADE00', { forged: true })];
  await sendAll(forged);
  assert.deepEqual(lengths(forged), [1_000, 0], 'what does not verify, beyond its limit');
  await sendAll([of('BETASG00')]);
  // One is let in, fifty wait.
  const shared = Array.from({ length: 52 }, () => of('GAMMFR00'));
  await sendAll(shared);
  assert.deepEqual(lengths(shared), [...Array(51).fill(1_000), 0], 'what is beyond a line');
  release();
  for (let part = 0; part < 50; part++) await goOn(20);
  await Promise.all(outcomes);
  assert.deepEqual(lengths(shared), [...Array(51).fill(1_000), 0], 'what is admitted has its body');
});
