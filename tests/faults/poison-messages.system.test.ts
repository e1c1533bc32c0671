/**
 * Poison, 1 message in 1,000: exactly those are refused, each with its reason and its coordinates, and
 * no partition stands still for one.
 */
import assert from 'node:assert/strict';
import type { Reason } from '../../services/core/settlement/reasons.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { payloadDigest } from '../../services/protocol/names/signing-text.ts';
import {
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import { readVerified } from '../../services/protocol/records/input-record.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import { core, liveNetwork, POOL, scenario, startNetwork } from '../support/live.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, paymentOf, signedAnew } from './banks.ts';
import { onEachLog } from './each-log.ts';
import { checkPool, type PoolHistory, readAll } from './topics-against-replay.ts';

const brokers = await sharedBrokers();
const SEED = 41;
/** One message in so many is poison. */
const ONE_IN = 1_000;
const CALL = 250;
const LIMITS = { livePayments: 20_000, identities: 20_000 };

const edit = (from: string | RegExp, to: string) => (payload: Uint8Array) => {
  const text = Buffer.from(payload).toString();
  assert.notEqual(text.replace(from, to), text);
  return Buffer.from(text.replace(from, to));
};

/** What each kind does to a good payload, the reason, and what is said of it. */
const KINDS: readonly [string, (payload: Uint8Array) => Uint8Array, Reason, RegExp][] = [
  ['truncated', (payload) => payload.subarray(0, 100), 'formatInvalid', /must be JSON: /],
  [
    'oversized',
    (payload) => Buffer.concat([payload, Buffer.alloc(65_537 - payload.length, ' ')]),
    'messageTooLarge',
    /65537 bytes.*xpected.* at most 65536/,
  ],
  [
    'bad UTF-8',
    (payload) => {
      const bytes = Buffer.from(payload);
      bytes[bytes.indexOf('A debtor')] = 0xff;
      return bytes;
    },
    'formatInvalid',
    /UTF-8/,
  ],
  ['bad JSON', edit(/}$/, ',}'), 'formatInvalid', /must be JSON: /],
  [
    'a repeated key',
    edit('"Amt":"1.00"', '"Amt":"1.00","Amt":"1.00"'),
    'formatInvalid',
    /must stand once/,
  ],
  ['__proto__', edit('{"Ccy"', '{"__proto__":{"a":1},"Ccy"'), 'formatInvalid', /__proto__/],
  [
    'a numeric amount',
    edit('"1.00"', '1.00'),
    'formatInvalid',
    /Value: 1","Expected: must be string/,
  ],
];

interface Poison {
  readonly what: string;
  readonly reason: Reason;
  readonly told: RegExp;
  readonly message: Message;
}

/**
 * Each kind twice: signed by its bank as it is, so that nothing but the payload is at fault, and
 * damaged on the way.
 */
function poisons(good: (index: number) => Message): Poison[] {
  return KINDS.flatMap(([kind, spoil, reason, told], number) => {
    const signed = good(-1 - number);
    const damaged = good(-100 - number);
    const lies = reason === 'messageTooLarge';
    return [
      {
        what: kind,
        reason,
        told,
        message: signedAnew(scenario, signed, { value: spoil(signed.value) }),
      },
      {
        what: `${kind}, on the way`,
        reason: lies ? reason : ('signatureInvalid' as const),
        told: lies ? told : /payload sha256/,
        message: { ...damaged, value: spoil(damaged.value) },
      },
    ];
  });
}

onEachLog(brokers, 'poison, 1 message in 1,000 of each kind', async (t, { log }) => {
  const live = await startNetwork(log, { limits: LIMITS });
  const bank = bankAs(scenario, ALFA);
  const back = bankAs(scenario, BETA);
  // To and fro, so that each has cover.
  const good = (index: number) => {
    const isBack = index % 2 !== 0 && index > 0;
    const fields = isBack ? { debtorAgent: BETA, creditorAgent: ALFA } : {};
    return (isBack ? back : bank).pay(paymentOf(SEED, index, fields), CUSTOMERS, Date.now());
  };
  const bad = poisons(good);
  const total = bad.length * ONE_IN;
  const places = new Map<string, Poison>();
  for (let from = 0; from < total; from += CALL) {
    const batch = Array.from({ length: CALL }, (_, at) => {
      const index = from + at;
      // In the middle of its thousand, so that good ones come before and after it.
      const isPoison = index % ONE_IN === ONE_IN / 2;
      return { poison: isPoison ? bad[Math.floor(index / ONE_IN)] : undefined, index };
    });
    const messages = batch.map(({ poison, index }) => poison?.message ?? good(index));
    const placed = await log.produce(PAYMENTS, messages);
    for (const [at, { poison }] of batch.entries())
      if (poison) places.set(`${placed[at]!.partition}/${placed[at]!.logOffset}`, poison);
  }
  await live.quiet();
  await live.stop();
  const history = await checkPool(log, core.module, liveNetwork.network, POOL);
  const settled = history.events.filter(({ kind }) => kind === 'settled').length;
  assert.equal(settled, total - bad.length, 'every good one settled');
  const refused = [...(await refusals(log, history)), ...(await deadLetters(log))];
  const found = new Map(refused.map((one) => [one.place, one.reason]));
  const expected = new Map([...places].map(([place, { reason }]) => [place, reason]));
  assert.deepEqual(sorted(found), sorted(expected), 'exactly the poison, by coordinates');
  assert.equal(refused.length, bad.length, 'each once');
  await checkTold(log, bad);
  t.diagnostic(`${total} messages, ${bad.length} of them poison`);
});

const sorted = (entries: ReadonlyMap<string, string>) => [...entries].sort();

type Log = Parameters<typeof startNetwork>[0];
interface Refused {
  readonly place: string;
  readonly reason: string;
}

/** What clearing refused or noticed, by the coordinates that the input log has for it. */
async function refusals(log: Log, { events }: PoolHistory): Promise<Refused[]> {
  const inputs = await readAll(log, poolInput(POOL));
  return events
    .filter(({ kind }) => kind === 'rejected' || kind === 'noticed')
    .map(({ position, reason }) => {
      const { partition, logOffset } = readVerified(inputs[position]!.value);
      return { place: `${partition}/${logOffset}`, reason };
    });
}

async function deadLetters(log: Log): Promise<Refused[]> {
  return (await readAll(log, PAYMENTS_REJECTED)).map(({ value }) => {
    const { partition, logOffset, reason } = JSON.parse(Buffer.from(value).toString());
    return { place: `${partition}/${logOffset}`, reason };
  });
}

/** The bank reads of what it can be told of; of the rest the operator reads. */
async function checkTold(log: Log, bad: readonly Poison[]): Promise<void> {
  const told = [
    ...(await readAll(log, statusesOf(ALFA))),
    ...(await readAll(log, PAYMENTS_REJECTED)),
  ].map(({ value }) => Buffer.from(value).toString());
  for (const { what, told: words, message, reason } of bad) {
    const digest = payloadDigest(message.value).toString('hex');
    const id = message.headers.ce_id as string;
    const name = reason === 'formatInvalid' ? id : digest;
    const lines = told.filter((line) => line.includes(name));
    assert.equal(lines.length, 1, `${what}: told once`);
    assert.match(lines[0] as string, words, what);
  }
}
