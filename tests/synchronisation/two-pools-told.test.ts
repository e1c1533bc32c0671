import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { createNotifier } from '../../services/notifier/notifier.ts';
import type { ChainLegInstruction } from '../../services/protocol/messages/instruction.ts';
import { CHAIN } from '../../services/protocol/messages/message-types.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { statusesOf } from '../../services/protocol/names/topic-plan.ts';
import type { PreValidation } from '../../services/protocol/records/control-record.ts';
import { atEveryCut } from '../support/notifier-cuts.ts';
import { OperatorProcess } from './random-two-pools.ts';
import {
  BANKS,
  bankOf,
  CURRENCIES,
  createPath,
  messageOf,
  NETWORK,
  OPERATOR,
  POOLS,
  SimulatedPool,
  START_MS,
  twoPoolTerms,
} from './simulated-pools.ts';

/** Whoever must instruct a leg or attest of a chain over two pools is told so, in whichever pool. */
type Leg = Omit<ChainLegInstruction, 'termsDigest'>;
const [ALFA, BETA, GAMMA] = BANKS;
const condition = {
  groups: [{ threshold: 1, attestors: [GAMMA] }],
  ...{ threshold: 1, deadline: '14:00:00Z', onSilence: 'release' as const },
};
const TERMS = {
  ...twoPoolTerms('TOLD-1'),
  legs: [
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 100n },
    { debtorAgent: BETA, creditorAgent: ALFA, code: 'CNY', minor: 205n },
  ],
};

/** What a message says to whom: pool, topic, type, state and further elements. */
interface Told {
  readonly pool: string;
  readonly to: string;
  // biome-ignore lint/suspicious/noExplicitAny: a document of one of several types.
  readonly document: any;
}

/** Two pools, each with its notifier, and an operator that reads both. */
function createTold(preValidation: readonly PreValidation[] = []) {
  const pools = POOLS.map((name) => new SimulatedPool(name, false, { preValidation }));
  const path = createPath();
  const operator = new OperatorProcess(pools);
  const notifiers = POOLS.map((name) => ({
    notifier: createNotifier(NETWORK, name, { currencies: CURRENCIES }),
    next: 0,
  }));
  const read = (): Told[] =>
    pools.flatMap((pool, at) => {
      const one = notifiers[at] as (typeof notifiers)[number];
      const told: Told[] = [];
      for (; one.next < pool.inputs.length; one.next += 1) {
        one.notifier.takeInput(one.next, pool.inputs[one.next] as Uint8Array);
        const events = readEvents(pool.eventBytes[one.next] as Uint8Array);
        for (const { topic, message } of one.notifier.project(events))
          if (topic.startsWith(statusesOf('' as Bic)))
            told.push({
              ...{ pool: pool.name, to: topic.slice(statusesOf('' as Bic).length) },
              document: JSON.parse(Buffer.from(message.value).toString()),
            });
      }
      return told;
    });
  read();
  return {
    pools,
    async send(message: Message): Promise<Told[]> {
      const { pool, value } = await path(message, START_MS);
      pools.find(({ name }) => name === pool)?.append(value);
      return read();
    },
    due() {
      for (const name of POOLS) operator.read(name, Number.POSITIVE_INFINITY);
      return operator.due(START_MS).map((order) => messageOf(order, START_MS));
    },
  };
}

let serial = 0;
const uetrOf = (number: number) =>
  `00000000-0000-4000-9000-${String(number).padStart(12, '0')}` as Uetr;
function legOf(place: number, change: Partial<Leg> = {}): Message {
  const legs = change.legs ?? TERMS.legs;
  const instructingAgent = legs[place]?.debtorAgent as Bic;
  serial += 1;
  const leg = {
    ...{ ...TERMS, ...change, instructingAgent, legNumber: place + 1 },
    messageId: `T-${serial}`,
    uetr: uetrOf(serial),
  };
  return bankOf(instructingAgent).chainLeg(leg, START_MS);
}

/** ALFA cancels the leg that was made last. */
const cancelLast = (id: string): Message =>
  bankOf(ALFA).cancel(
    {
      ...({ id, sender: ALFA, currency: 'EUR', paymentType: CHAIN } as const),
      uetr: uetrOf(serial),
    },
    START_MS,
    100n,
  );

/** GAMMA accepts what it is asked for. @param told in which it is asked */
function acceptance(id: string, told: readonly Told[]): Message {
  const { AttstnReq } = told.find(({ document }) => document.AttstnReq)?.document ?? {};
  return bankOf(GAMMA).attestation(
    {
      ...({ id, sender: GAMMA, verdict: 'accepted', recordKind: null } as const),
      digest: Buffer.from(AttstnReq.TermsDgst, 'hex'),
      currency: AttstnReq.Ccy,
      chain: {
        ...{ settlementDate: AttstnReq.IntrBkSttlmDt, legCount: Number(AttstnReq.NbOfLegs) },
        ...{ validUntilMs: null, reason: null },
      },
    },
    START_MS,
    START_MS,
  );
}

const allegementsIn = (told: readonly Told[]) =>
  told.flatMap(({ pool, to, document: { ChnAllgmt } }) =>
    ChnAllgmt ? [[pool, to, ChnAllgmt.Sts, ...(ChnAllgmt.MssngLeg ?? [])].join(' ')] : [],
  );
const requestsIn = (told: readonly Told[]) =>
  told.flatMap(({ pool, to, document: { AttstnReq } }) =>
    AttstnReq ? [[pool, to, AttstnReq.Sts, AttstnReq.NbOfLegs, AttstnReq.Ccy].join(' ')] : [],
  );

test('whom a chain debits in either pool is told its terms, its deadlines and which legs are missing', async () => {
  const path = createTold();
  const first = await path.send(legOf(0, { condition }));
  assert.deepEqual(allegementsIn(first), [`west ${BETA} ALLEGED 2`]);
  const { ChnAllgmt } = first.find(({ document }) => document.ChnAllgmt)?.document ?? {};
  assert.deepEqual(
    ChnAllgmt.Legs.map(({ Dlvr }: { Dlvr: object }) => Dlvr),
    [
      { Ccy: 'EUR', Amt: '1.00' },
      { Ccy: 'CNY', Amt: '2.05' },
    ],
  );
  assert.equal(ChnAllgmt.Cond.Ddln, '14:00:00Z');
  assert.equal(ChnAllgmt.Earmrk.XpryTm, '15:00:00Z');
  assert.deepEqual(ChnAllgmt.Sync, {
    Optr: { FinInstnId: { BICFI: OPERATOR } },
    NbOfHomeLegs: '1',
  });
  // The other pool does not see what came at home.
  assert.deepEqual(allegementsIn(await path.send(legOf(1, { condition }))), [
    `east ${ALFA} ALLEGED 1`,
  ]);
});

test('the attestors of its condition are asked at home, and its operator is not; each bank is told who attested', async () => {
  const path = createTold();
  assert.deepEqual(requestsIn(await path.send(legOf(1, { condition }))), []);
  const asked = await path.send(legOf(0, { condition }));
  assert.deepEqual(requestsIn(asked), [`west ${GAMMA} REQUESTED 1 EUR`]);
  const request = asked.find(({ document }) => document.AttstnReq)?.document.AttstnReq;
  assert.equal(request.Cond.Ddln, '14:00:00Z');
  const waits = (told: readonly Told[]) =>
    told.flatMap(({ to, document }) => {
      const text = JSON.stringify(document);
      return [...text.matchAll(/Waits for [A-Z]{6}[^"]*/g)].map(([words]) => `${to} ${words}`);
    });
  assert.deepEqual(waits(asked), [`${ALFA} Waits for ${OPERATOR}; ${GAMMA}`]);
  const said = await path.send(acceptance('A-1', asked));
  assert.deepEqual(waits(said), [`${ALFA} Waits for ${OPERATOR}`]);
  // The operator's word is the last.
  let told: readonly Told[] = [];
  for (const order of path.due()) told = [...told, ...(await path.send(order))];
  assert.deepEqual(requestsIn(told), [`west ${GAMMA} MET 1 EUR`]);
});

test('a part that ends is told to the banks of the other, whose legs cannot tell it', async () => {
  const path = createTold();
  await path.send(legOf(0));
  const ended = await path.send(cancelLast('C-1'));
  assert.deepEqual(allegementsIn(ended), [`west ${BETA} ENDED`]);
});

test('of two legs of a part who is paid alone is told that they match, and not that they end', async () => {
  const path = createTold();
  const legs = [
    { debtorAgent: ALFA, creditorAgent: GAMMA, code: 'EUR', minor: 100n },
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 100n },
    { debtorAgent: BETA, creditorAgent: ALFA, code: 'CNY', minor: 100n },
  ];
  const change = { legs, synchronised: { operator: OPERATOR, homeLegs: 2 } };
  assert.deepEqual(allegementsIn(await path.send(legOf(0, change))), [
    `west ${BETA} ALLEGED 2 3`,
    `west ${GAMMA} ALLEGED 2 3`,
  ]);
  assert.deepEqual(allegementsIn(await path.send(legOf(1, change))), [`west ${GAMMA} MATCHED`]);
  const ended = await path.send(cancelLast('C-2'));
  assert.deepEqual(allegementsIn(ended), [`west ${BETA} ENDED`]);
});

test('a bank of the other part that is no participant is not told, and others are', async () => {
  const path = createTold();
  const legs = [
    TERMS.legs[0] as Leg['legs'][number],
    { debtorAgent: 'NOPEFR00' as Bic, creditorAgent: GAMMA, code: 'CNY', minor: 100n },
  ];
  assert.deepEqual(allegementsIn(await path.send(legOf(0, { legs }))), [
    `west ${BETA} ALLEGED 2`,
    `west ${GAMMA} ALLEGED 2`,
  ]);
});

test('whom the policy of the other pool names is asked there, for its part', async () => {
  const rule = { from: 'FR', to: 'DE', currency: 'CNY', desk: GAMMA };
  const path = createTold([{ ...rule, creditorAgent: false, withinMs: 3_600_000 }]);
  assert.deepEqual(requestsIn(await path.send(legOf(1))), [`east ${GAMMA} REQUESTED 1 CNY`]);
  assert.deepEqual(requestsIn(await path.send(legOf(0))), [`west ${GAMMA} REQUESTED 1 EUR`]);
});

test('a notifier that starts anew behind any record tells the same, in either pool', async () => {
  const rule = { from: 'FR', to: 'DE', currency: 'CNY', desk: GAMMA, creditorAgent: false };
  const path = createTold([{ ...rule, withinMs: 3_600_000 }]);
  // One that settles, and one whose home is withdrawn.
  for (const chainId of ['CUT-1', 'CUT-2']) {
    const other = await path.send(legOf(1, { condition, chainId }));
    await path.send(acceptance(`${chainId}-E`, other));
    const home = await path.send(legOf(0, { condition, chainId }));
    const isAccepted = chainId === 'CUT-1';
    await path.send(isAccepted ? acceptance(`${chainId}-W`, home) : cancelLast('C-3'));
    for (let turn = 0; turn < 2; turn += 1) for (const order of path.due()) await path.send(order);
  }
  for (const { name, inputs, eventBytes, events } of path.pools) {
    const kinds = events.map(({ kind }) => kind);
    for (const kind of ['settled', 'cancelled'] as const) assert.ok(kinds.includes(kind), name);
    const of = { network: NETWORK, pool: name, currencies: CURRENCIES };
    const { unbroken } = await atEveryCut({ events: Buffer.concat(eventBytes), inputs }, of);
    const told = unbroken.map(({ message }) => Buffer.from(message.value).toString());
    for (const words of ['"ChnAllgmt"', '"AttstnReq"', 'ENDED'])
      assert.ok(
        told.some((text) => text.includes(words)),
        `${name} ${words}`,
      );
  }
});
