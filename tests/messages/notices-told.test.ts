import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createNotifier } from '../../services/notifier/notifier.ts';
import { resumeNotifier } from '../../services/notifier/rebuild-notifier-state.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { atLeast } from '../support/at-least.ts';
import {
  ALFA,
  BETA,
  customers,
  NOW,
  payment,
  withHeaders,
  world,
} from '../support/message-path.ts';

/** What a bank is told of messages that somebody sends under its name. */
const MINUTE_MS = 60_000;
const at = (minutes: number) => Math.floor(NOW / MINUTE_MS) * MINUTE_MS + minutes * MINUTE_MS;

const forger = (bank: ReturnType<typeof world>['alfa']) => (count: number, timestampMs: number) =>
  Array.from({ length: count }, () => ({
    ...withHeaders(bank.pay(payment(ALFA, BETA, 1n), customers, timestampMs), {
      ce_signature: `${'A'.repeat(86)}==`,
    }),
    timestampMs,
  }));

test('of the notices in a minute ten are told, then their number in an event of the system', async () => {
  const { alfa, beta, send } = world();
  const forged = forger(alfa);
  const flood = await send(...forged(25, at(1)));
  assert.equal(flood.kinds.length, 25);
  assert.equal(flood.statuses.length, 10);
  const more = await send(...forged(3, at(2) - 1));
  assert.equal(more.statuses.length, 0, 'the minute is the pool’s');
  // Any event of a later minute: here another bank's payment.
  const genuine = beta.pay(payment(BETA, ALFA, 1n), customers, at(5));
  const later = await send({ ...genuine, timestampMs: at(5) });
  assert.deepEqual(later.statusTopics, ['statuses.BETAFR00', 'statuses.ALFADE00']);
  const { EvtInf } = later.statuses[1].Document.SysEvtNtfctn;
  assert.deepEqual([EvtInf.EvtCd, EvtInf.EvtParam], ['DS0B', ['18']]);
  assert.equal(EvtInf.EvtTm, new Date(at(1)).toISOString());
  const next = await send(...forged(11, at(5)));
  assert.equal(next.statuses.length, 10, 'none of the minute before is told again');
});

test('a message that is too large, or has no source but a key, is told with what was expected', async () => {
  const { alfa, send } = world();
  const plain = alfa.pay(payment(ALFA, BETA, 1n), customers, NOW);
  const { ce_source: _, ...sourceless } = plain.headers;
  const cases: [Message, (string | RegExp)[]][] = [
    [
      { ...plain, value: Buffer.alloc(70_000, ' ') },
      ['Part: payload', 'Value: 70000 bytes', 'Expected: at most 65536 bytes'],
    ],
    [
      withHeaders(plain, { 'x-filler': 'y'.repeat(9_000) }),
      ['Part: headers, names and values', /^Value: 9\d{3} characters$/, /^Expected: at most 8192 /],
    ],
    [
      { ...plain, headers: sourceless },
      [
        'Header: ce_source',
        'Value: nothing',
        'Expected: the BIC of the sender: 1 to 64 characters of A-Z a-z 0-9 . _ : -',
      ],
    ],
  ];
  for (const [message, lines] of atLeast(3, cases)) {
    const { kinds, statuses, statusTopics, deadLetters } = await send(message);
    assert.match(kinds.join(), /^noticed (messageTooLarge|formatInvalid)$/);
    assert.deepEqual([statusTopics, deadLetters], [[`statuses.${ALFA}`], []]);
    const { TxSts, StsRsnInf } = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts[0];
    const [{ Rsn, AddtlInf }] = StsRsnInf;
    assert.deepEqual([TxSts, Rsn.Cd], ['RJCT', 'FF01']);
    for (const line of atLeast(3, lines))
      assert.ok(
        AddtlInf.some((one: string) => (line instanceof RegExp ? line.test(one) : line === one)),
        `${line} in ${AddtlInf.join(' | ')}`,
      );
  }
});

test('what is too large comes under the same limit as what else fails authentication', async () => {
  const { alfa, send } = world();
  const large = Array.from({ length: 6 }, () => ({
    ...alfa.pay(payment(ALFA, BETA, 1n), customers, at(1)),
    value: Buffer.alloc(66_000, ' '),
    timestampMs: at(1),
  }));
  const { statuses } = await send(...forger(alfa)(6, at(1)), ...large);
  assert.equal(statuses.length, 10);
});

test('a bank does not take the number of its notices for an answer', async () => {
  const { alfa, send } = world();
  await send(...forger(alfa)(12, at(1)));
  const { statuses } = await send(...forger(alfa)(1, at(2)));
  for (const status of statuses.slice(1)) alfa.takeStatus(Buffer.from(JSON.stringify(status)));
  assert.deepEqual([statuses.length, alfa.book().answers, alfa.book().unmatched], [2, 0, 0]);
});

test('a notifier that goes on behind any event tells what one without a break tells', async () => {
  const whole = world();
  const forged = forger(whole.alfa);
  await whole.send(...forged(12, at(1)));
  await whole.send({
    ...whole.beta.pay(payment(BETA, ALFA, 999_999n), customers, at(1)),
    timestampMs: at(1),
  });
  await whole.send(...forged(13, at(2)), ...forged(2, at(3)));
  const { events, inputs } = whole.record;
  const log = {
    read: async (_topic: string, _partition: number, from: number, max: number) =>
      inputs.slice(from, from + max).map((value, index) => ({ logOffset: from + index, value })),
  } as never as Parameters<typeof resumeNotifier>[0];
  const messagesOf = (first: number, notifier: ReturnType<typeof createNotifier>) => {
    for (const [position, value] of inputs.entries())
      if (position >= first) notifier.takeInput(position, value);
    return (from: number) => notifier.project(readEvents(events.subarray(from * EVENT_BYTES)));
  };
  const count = events.length / EVENT_BYTES;
  const all = messagesOf(0, createNotifier('test-1', 'main'));
  const unbroken = all(0);
  assert.ok(unbroken.some(({ message }) => message.headers.ce_type === 'admi.004.001.02'));
  for (let cut = 0; cut <= count; cut++) {
    const { notifier, position } = await resumeNotifier(
      log,
      { network: 'test-1', pool: 'main' },
      null,
      () => [events.subarray(0, cut * EVENT_BYTES)],
    );
    const rest = messagesOf(position, notifier)(cut);
    assert.deepEqual(rest, unbroken.slice(unbroken.length - rest.length), `behind event ${cut}`);
    const numbers = unbroken.map(({ message }) => Number(message.headers.ce_eventnumber));
    assert.equal(rest.length, numbers.filter((number) => number > cut).length, `from ${cut}`);
  }
});
