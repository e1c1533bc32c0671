import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAIN } from '../../services/protocol/messages/message-types.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { seeded } from '../settlement/random-draft.ts';
import { atLeast } from '../support/at-least.ts';
import {
  CARRIER,
  type ConditionalLeg,
  CUSTOMS,
  condition,
  conditioned,
  earmark,
  leg,
} from '../support/conditional-chains.ts';
import { ALFA, BETA, NOW } from '../support/message-path.ts';
import { atEveryCut } from '../support/notifier-cuts.ts';

/** Whoever starts anew behind any record tells of chains what one without a break tells, with the same ids. */
const SEEDS = process.env.CORRIDOR_LONG_TESTS ? 200 : 5;
const STEPS = 34;
const LEGS = [
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 25_000n },
  { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 20_000n },
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 1_000n },
];
const groups = [
  { threshold: 1, attestors: [CARRIER, BETA] },
  { threshold: 1, attestors: [CUSTOMS] },
];

const cancelOf = (
  path: ReturnType<typeof conditioned>,
  { uetr, instructingAgent }: ConditionalLeg,
  id: string,
) => {
  const request = { id, sender: instructingAgent, uetr, currency: 'EUR' };
  const ofChain = { ...request, paymentType: CHAIN } as const;
  return path.send(path.bank(instructingAgent).cancel(ofChain, NOW, 100n));
};

test('what was attested before counts where a chain lived on by legs that have ended since', async () => {
  const path = conditioned();
  const terms = { legs: LEGS, chainId: 'RELAY', condition: { ...condition, groups } };
  const ofLeg = (place: number) =>
    leg({ ...terms, legNumber: place, instructingAgent: LEGS[place - 1]!.debtorAgent });
  const [first, second, third] = [ofLeg(1), ofLeg(2), ofLeg(3)];
  await path.instruct(first);
  await path.attest(first, CARRIER, 'accepted', '', NOW + 3_600_000);
  // The third carries what was attested from the first over to the second.
  await path.instruct(third);
  await cancelOf(path, first, 'C-1');
  await path.instruct(second);
  await cancelOf(path, third, 'C-3');
  await path.instruct(ofLeg(1));
  await path.instruct(ofLeg(3));
  const { unbroken } = await atEveryCut(path.record);
  const texts = unbroken.map(({ message }) => Buffer.from(message.value).toString());
  const asked = texts.filter((text) => text.includes('REQUESTED'));
  assert.deepEqual(
    asked.map((text) => JSON.parse(text).AttstnReq.Attstr.FinInstnId.BICFI),
    [BETA, CUSTOMS],
  );
  assert.ok(
    texts.some((text) => /MATCHED|CONDITION/.test(text) && text.includes('Waits for ZOLL')),
  );
});

/** A random life of three chains: legs that come, go and come again, and what is attested of them all the while. */
async function life(seed: number) {
  const pick = seeded(seed);
  const path = conditioned({ pvpTimeoutMs: 200_000 });
  const chains = Array.from({ length: 3 }, (_, place) => ({
    legs: LEGS.slice(0, 1 + pick(3)),
    chainId: `LIFE-${seed}-${place}`,
    ...((place > 0 || pick(3) > 0) && { condition: { ...condition, groups } }),
    ...(pick(3) === 0 && { earmark }),
  })).map((terms) =>
    terms.legs.length === 1 && !('condition' in terms) ? { ...terms, legs: LEGS } : terms,
  );
  const sent: ConditionalLeg[] = [];
  const kinds = new Set<string>();
  let timeMs = NOW;
  for (let step = 0; step < STEPS; step += 1) {
    const terms = chains[pick(chains.length)]!;
    const draw = pick(10);
    if (draw < 4) {
      const place = pick(terms.legs.length);
      const { debtorAgent } = terms.legs[place]!;
      const one = leg({
        ...{ condition: undefined, ...terms, legNumber: place + 1 },
        instructingAgent: debtorAgent,
      } as Partial<ConditionalLeg>);
      sent.push(one);
      note(await path.instruct(one));
    } else if (draw < 6 && sent.length > 0) {
      const one = sent[sent.length - 1 - pick(Math.min(4, sent.length))]!;
      note(await cancelOf(path, one, `C-${seed}-${step}`));
    } else if (draw < 9) {
      const of = leg({ ...terms } as Partial<ConditionalLeg>);
      const by = [CARRIER, CUSTOMS, BETA][pick(3)]!;
      const verdict = pick(12) === 0 ? 'refused' : pick(3) === 0 ? 'held' : 'accepted';
      const until = verdict === 'accepted' && pick(3) === 0 ? timeMs + 100_000 : null;
      note(await path.attest(of, by, verdict, pick(2) === 0 ? 'Seen' : '', until));
    } else {
      timeMs += 1 + pick(150_000);
      note(path.clear([writeControl({ kind: 'tick', timeMs })]));
    }
  }
  function note(told: { readonly kinds: readonly string[] }) {
    for (const kind of told.kinds) kinds.add(kind);
  }
  return { ...path, kinds };
}

test('random lives of chains, cut behind every record', async () => {
  const met = new Map<string, number>();
  for (const seed of atLeast(
    5,
    Array.from({ length: SEEDS }, (_, place) => 4_000 + place),
  )) {
    const { record, kinds } = await life(seed);
    for (const kind of kinds) met.set(kind, (met.get(kind) ?? 0) + 1);
    const { cuts } = await atEveryCut(record).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    assert.ok(cuts >= STEPS, `${cuts}`);
  }
  const wanted = ['queued', 'matched', 'attested', 'triggered', 'settled', 'rejected chainUnknown'];
  for (const kind of atLeast(7, [...wanted, 'cancelled cancelledByDebtorAgent']))
    assert.ok(met.has(kind), `${kind} of ${[...met.keys()].join(', ')}`);
});
