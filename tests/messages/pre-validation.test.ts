import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingRecords } from '../../services/analysis/waits/waiting-records.ts';
import { createClearing } from '../../services/clearing/clearing.ts';
import { readSnapshot, writeSnapshot } from '../../services/clearing/snapshot-format.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { AddressedMessage } from '../../services/protocol/names/message.ts';
import { poolInput, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import type { Genesis } from '../../services/protocol/records/control-record.ts';
import { readControl, writeControl } from '../../services/protocol/records/input-record.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { refounded } from '../../services/simulator/founding-against-scenario.ts';
import { atLeast } from '../support/at-least.ts';
import {
  CARRIER,
  type ConditionalLeg,
  CUSTOMS,
  condition,
  conditioned,
  earmark,
  leg,
  toldIn,
} from '../support/conditional-chains.ts';
import { core } from '../support/live.ts';
import { ALFA, BETA, customers, keyOf, NOW, payment } from '../support/message-path.ts';
import { atEveryCut } from '../support/notifier-cuts.ts';
import { load } from '../support/run.ts';
import { toldDocument } from '../support/xml-messages.ts';

/** A network whose policy has a desk accept what Germany pays to France before it settles. */
type Rule = NonNullable<Genesis['preValidation']>[number];
const CORRIDOR: Rule = {
  ...{ from: 'DE', to: 'FR', desk: CUSTOMS, creditorAgent: false, withinMs: 600_000 },
};
const network = (change: Partial<Rule> = {}) =>
  conditioned({ preValidation: [{ ...CORRIDOR, ...change }] });

const LEGS = [
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 25_000n },
  { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 20_000n },
];
/** Without a condition of its own: what it waits for is the policy's. */
const bothLegs = (change: Partial<ConditionalLeg> = {}) => {
  const first = leg({ legs: LEGS, condition: undefined, ...change } as Partial<ConditionalLeg>);
  const other = { legNumber: 2, instructingAgent: BETA, chainId: first.chainId };
  return [first, leg({ ...first, ...ids(), ...other })] as const;
};
let serial = 0;
const ids = () => {
  serial += 1;
  const uetr = `00000000-0000-4000-b000-${String(serial).padStart(12, '0')}`;
  return { messageId: `V-${serial}`, uetr: uetr as ConditionalLeg['uetr'] };
};
async function instructed(path: ReturnType<typeof network>, change?: Partial<ConditionalLeg>) {
  const [first, second] = bothLegs(change);
  await path.instruct(first);
  return { chain: first, told: toldIn(await path.instruct(second)) };
}

/** What Alfa is told of its leg, as codes in their order. */
const codesIn = (told: readonly string[]) =>
  told.flatMap((text) => (text.startsWith(`${ALFA} `) ? [text.split(' ')[1] as string] : []));
const LIMIT = NOW + CORRIDOR.withinMs;
/** What is told in answer to something, with the kinds of events. */
interface Heard {
  readonly kinds: readonly string[];
  readonly told: readonly string[];
}
type Steps = readonly ((
  path: ReturnType<typeof network>,
  chain: ConditionalLeg,
) => Promise<Heard>)[];
type Fate = readonly [steps: Steps, end: string, told: readonly string[]];

const heard = (kinds: readonly string[], messages: readonly AddressedMessage[]): Heard => {
  const statuses = messages.filter(({ topic }) => topic.startsWith('statuses.'));
  const told = toldIn({
    statuses: statuses.map(({ message }) => toldDocument(message)),
    statusTopics: statuses.map(({ topic }) => topic),
  });
  return { kinds, told };
};
const cleared =
  (value: Uint8Array): Steps[number] =>
  async (path) => {
    const { kinds, messages } = path.clear([value]);
    return heard(kinds, messages);
  };
const tick = (timeMs: number) => cleared(writeControl({ kind: 'tick', timeMs }));
const deskSays =
  (verdict: 'accepted' | 'refused' | 'held'): Steps[number] =>
  async (path, chain) => {
    const { kinds, sent } = await path.attest(chain, CUSTOMS, verdict);
    return heard(kinds, sent);
  };
const revoke = writeControl({
  ...{ kind: 'key', timeMs: NOW, bic: CUSTOMS, keyId: 'key-1', state: 'revoked' },
  publicKey: Buffer.from(keyOf(CUSTOMS).publicKey).toString('hex'),
});
/** By what the desk does: how the chain ends, and the statuses of which Alfa is told after PDNG that it waits for the desk. */
const FATES: Readonly<Record<string, Fate>> = {
  'it accepts': [[deskSays('accepted')], 'settled', ['PDNG', 'ACWP', 'ACSC']],
  'it holds, and accepts': [
    [deskSays('held'), deskSays('accepted')],
    ...(['settled', ['BLCK', 'PDNG', 'ACWP', 'ACSC']] as const),
  ],
  'it refuses': [[deskSays('refused')], 'cancelled conditionRefused', ['PDNG', 'CANC']],
  'it holds until the limit': [
    [deskSays('held'), tick(LIMIT)],
    ...(['cancelled conditionUnmet', ['BLCK', 'CANC']] as const),
  ],
  'it is silent until the limit': [
    [tick(LIMIT - 1), tick(LIMIT)],
    ...(['cancelled conditionUnmet', ['CANC']] as const),
  ],
  'its key is revoked before it accepts': [
    [cleared(revoke), deskSays('accepted'), tick(LIMIT)],
    ...(['cancelled conditionUnmet', ['CANC']] as const),
  ],
};

for (const [name, [steps, end, expected]] of atLeast(6, Object.entries(FATES)))
  test(`of a chain that waits for its desk: ${name}`, async () => {
    const path = network();
    const { chain, told: waits } = await instructed(path);
    assert.ok(waits.includes(`${CUSTOMS} REQUESTED ${chain.chainId}`), waits.join('; '));
    for (const bic of [ALFA, BETA])
      assert.ok(
        waits.some((text) => text.startsWith(`${bic} PDNG CONDITION`) && / ZOLLDE00$/.test(text)),
        waits.join('; '),
      );
    const [told, kinds]: [string[], string[]] = [[], []];
    for (const [place, step] of steps.entries()) {
      const next = await step(path, chain);
      if (place < steps.length - 1)
        assert.ok(!next.kinds.includes(end), 'what decides it is the last step');
      told.push(...next.told);
      kinds.push(...next.kinds);
    }
    assert.deepEqual(codesIn(told), expected, told.join('; '));
    assert.equal(kinds.filter((kind) => kind === end).length, 2, kinds.join());
    const { cuts } = await atEveryCut(path.record);
    assert.ok(cuts > 5);
  });

test('a desk that accepts before the chain is complete is not asked, and counts though its key is revoked then', async () => {
  const path = network();
  const [first, second] = bothLegs();
  await path.instruct(first);
  await path.attest(first, CUSTOMS, 'accepted');
  path.clear([revoke]);
  const { kinds, ...complete } = await path.instruct(second);
  assert.deepEqual(kinds.slice(-2), ['settled', 'settled']);
  assert.ok(!toldIn(complete).some((text) => text.startsWith(`${CUSTOMS} REQUESTED`)));
});

test('money that is set aside while a desk looks is told as ACFC, then ACWP and ACSC', async () => {
  const path = network();
  const [first, second] = bothLegs({ earmark });
  await path.instruct(first);
  assert.ok(codesIn(toldIn(await path.instruct(second))).includes('ACFC'));
  const accepted = toldIn(await path.attest(first, CUSTOMS, 'accepted'));
  assert.deepEqual(codesIn(accepted), ['PDNG', 'ACWP', 'ACSC']);
});

test('one word of a desk that the terms name too counts for both, and a bank may be the desk of its own payments', async () => {
  const path = network();
  const groups = [{ threshold: 1, attestors: [CUSTOMS] }];
  const twice = await instructed(path, { condition: { ...condition, groups, threshold: 1 } });
  assert.match(
    twice.told.filter((text) => / Waits for /.test(text)).at(-1) ?? '',
    /Waits for ZOLLDE00; ZOLLDE00$/,
  );
  const said = await path.attest(twice.chain, CUSTOMS, 'accepted');
  assert.equal(said.kinds.filter((kind) => kind === 'settled').length, 2);
  const own = network({ desk: ALFA });
  const { chain } = await instructed(own);
  assert.ok((await own.attest(chain, ALFA, 'accepted')).kinds.includes('settled'));
});

test('mandatory groups of the terms have to hold beside so many of the others', async () => {
  const path = conditioned();
  const groups = [
    { threshold: 1, attestors: [BETA] },
    { threshold: 1, attestors: [CUSTOMS], isMandatory: true as const },
    { threshold: 1, attestors: [CARRIER] },
  ];
  const marked = leg({ condition: { ...condition, groups, threshold: 2 } });
  const told = toldIn(await path.instruct(marked));
  assert.match(told.join('; '), /Waits for ZOLLDE00; 1 of these: BETAFR00; CARRDE00/);
  for (const attestor of [BETA, CARRIER])
    assert.deepEqual((await path.attest(marked, attestor, 'accepted')).kinds, ['attested']);
  const held = toldIn(await path.attest(marked, CUSTOMS, 'held'));
  assert.match(held.join('; '), /BLCK/, 'two others accept, and still it is blocked');
  assert.ok((await path.attest(marked, CUSTOMS, 'accepted')).kinds.includes('settled'));
  const other = leg({ condition: { ...condition, groups, threshold: 2 } });
  await path.instruct(other);
  const refused = await path.attest(other, CUSTOMS, 'refused');
  assert.ok(refused.kinds.includes('cancelled conditionRefused'), refused.kinds.join());
});

test('its terms are asked beside the policy, and the bank that is credited where the policy says so', async () => {
  const path = network({ creditorAgent: true });
  const groups = [{ threshold: 1, attestors: [CARRIER] }];
  const { chain, told } = await instructed(path, {
    condition: { ...condition, groups, threshold: 1 },
  });
  const waits = told.filter((text) => / Waits for /.test(text)).at(-1);
  assert.match(waits ?? '', /Waits for ZOLLDE00; BETAFR00; CARRDE00$/);
  for (const attestor of atLeast(2, [CARRIER, BETA]))
    assert.deepEqual((await path.attest(chain, attestor, 'accepted')).kinds, ['attested']);
  assert.ok((await path.attest(chain, CUSTOMS, 'accepted')).kinds.includes('settled'));
});

test('a payment of the corridor that is no leg of a chain is refused, and told what to send', async () => {
  const { send, alfa, beta } = network();
  const there = await send(alfa.pay(payment(ALFA, BETA, 100n), customers, NOW));
  assert.deepEqual(there.kinds, ['rejected preValidationMissing']);
  assert.match(JSON.stringify(there.statuses[0]), /RR04.*compliance desk.*corridor\.chain\.1/);
  assert.deepEqual((await send(beta.pay(payment(BETA, ALFA, 100n), customers, NOW))).kinds, [
    'settled',
  ]);
  const dollars = network({ currency: 'USD' });
  const other = await dollars.send(dollars.alfa.pay(payment(ALFA, BETA, 100n), customers, NOW));
  assert.deepEqual(other.kinds, ['settled'], 'another currency is no part of the corridor');
});

test('no terms lead around the desk: silence cannot settle, and too many attestors are refused in words', async () => {
  const { instruct } = network();
  const settles = await instruct(leg({ condition: { ...condition, onSilence: 'settle' } }));
  assert.deepEqual(settles.kinds, ['rejected formatInvalid']);
  assert.match(toldIn(settles)[0] ?? '', /Path: \/Chn\/Cond\/OnSlnce A chain of this corridor/);
  const groups = Array.from({ length: 8 }, () => ({ threshold: 1, attestors: [CARRIER] }));
  const many = await instruct(leg({ condition: { ...condition, groups, threshold: 1 } }));
  assert.deepEqual(many.kinds, ['rejected formatInvalid']);
  assert.match(
    toldIn(many)[0] ?? '',
    /Path: \/Chn\/Cond\/Grp With those that this corridor adds 9 groups of 9 attestors: at most 8 of 16$/,
  );
});

test('clearing that goes on from a snapshot keeps the policy', async () => {
  const { record, send, alfa } = network();
  const settlement = createSettlement(core.module);
  const inputs = record.inputs.map((value, position) => ({ position, value }));
  const before = createClearing(settlement);
  before.apply(inputs);
  await send(alfa.pay(payment(ALFA, BETA, 100n), customers, NOW));
  const head = {
    ...{ network: 'test-1', pool: 'main', rulesVersion: 2, module: '', position: inputs.length },
    ...{ eventNumber: 0, digest: '', eventsOffset: null },
  };
  const snapshot = { head, clearing: before.state(), core: settlement.capture() };
  const { clearing } = readSnapshot(Buffer.concat(writeSnapshot(snapshot)));
  const after = createClearing(settlement, clearing);
  const next = { position: inputs.length, value: record.inputs.at(-1) as Uint8Array };
  const [event] = readEvents(after.apply([next]).events);
  assert.ok(event?.kind === 'rejected' && event.reason === 'preValidationMissing');
});

test('who reads events alone knows by the genesis that a chain of the corridor waits for its desk', async () => {
  const path = network();
  await instructed(path);
  const { events, inputs } = path.record;
  const waiting = new WaitingRecords(async (positions) =>
    [...positions].map((position) => ({ position, value: inputs[position] as Uint8Array })),
  );
  await waiting.take(readEvents(events));
  const { book } = waiting;
  assert.deepEqual(
    [...book.messages()].map((message) => book.waitOf(message).kind),
    ['condition', 'condition'],
  );
});

test('a network is founded with the corridors of its scenario, whose desk must be a participant', async () => {
  const rule = (desk: string) =>
    `preValidation=[{from: DE, to: SG, desk: ${desk}, creditorsBank: true, withinMinutes: 10}]`;
  const log = createMemoryLog({ now: () => 0 });
  const scenario = load('smoke', [`settlement.${rule('BETASG00')}`]);
  const [pool] = scenario.pools;
  await log.createTopics(topicPlan([pool!.name], [], 1));
  const publicKey = keyOf(ALFA).publicKey;
  await writeGenesis(log, scenario, {
    ...{ timeMs: 1, publicKeyOf: () => publicKey, operatorKey: publicKey },
  });
  const founding = (await log.read(poolInput(pool!.name), 0, 0, 1000)).map(({ value }) =>
    readControl(value),
  );
  const [genesis] = founding;
  assert.ok(genesis?.kind === 'genesis');
  assert.deepEqual(genesis.preValidation, [
    { from: 'DE', to: 'SG', desk: 'BETASG00', creditorAgent: true, withinMs: 600_000 },
  ]);
  // Of a log the scenario tells whether it is the one that founded it.
  const recorded = { name: 'main', genesis, founding, openings: [], commands: [], end: 0 };
  const policyIn = (other: typeof scenario) => {
    const [said] = refounded(other, 0, recorded);
    return said?.kind === 'genesis' ? said.preValidation : null;
  };
  assert.deepEqual(policyIn(scenario), genesis.preValidation);
  assert.equal(policyIn(load('smoke')), undefined);
  assert.throws(
    () => load('smoke', [`settlement.${rule('ZOLLDE00')}`]),
    /settlement\.preValidation\[0\]\.desk: "ZOLLDE00": expected a participant of the scenario/,
  );
});

test('a corridor of which more desks and banks have to accept than a condition has groups is refused as it is loaded', () => {
  const few = ['participants.DRAWDE00.branches=12', 'participants.FEEDDE00.branches=10'];
  const meters = load('metering', few).participants.flatMap(({ bic, role }) =>
    role === 'meter' ? [bic] : [],
  );
  const corridors = (count: number, of: object, last: object = of) => [
    ...few,
    `settlement.preValidation=${JSON.stringify(
      meters.slice(0, count).map((desk, place) => ({
        ...{ desk, creditorsBank: false, withinMinutes: 10 },
        ...(place === count - 1 ? last : of),
      })),
    )}`,
  ];
  const refused = (place: number) => ({
    message: new RegExp(
      `settlement\\.preValidation\\[${place}\\]\\.desk: "${meters[place]}": expected at most 8 desks`,
    ),
  });
  assert.equal(load('metering', corridors(8, { from: 'DE' })).settlement.preValidation.length, 8);
  assert.throws(() => load('metering', corridors(9, { from: 'DE' })), refused(0));
  // What holds for all holds for a corridor; one of another country does not.
  assert.throws(
    () => load('metering', corridors(9, { currency: 'EUR' }, { to: 'DE', currency: 'EUR' })),
    refused(8),
  );
  load('metering', corridors(9, { from: 'DE' }, { from: 'FR' }));
  load('metering', corridors(9, { from: 'DE' }, { currency: 'EUR' }));
  // A credited bank is one more, unless a desk may be it.
  const banks = { to: 'FR', creditorsBank: true };
  assert.throws(() => load('metering', corridors(8, { to: 'FR' }, banks)), refused(0));
  load('metering', corridors(8, { to: 'DE' }, { to: 'DE', creditorsBank: true }));
});
