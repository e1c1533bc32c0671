/** What `corridor explain` says of a chain that waits for attestors, and of what is set aside meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyCertificate } from '../../services/analysis/certificates/check/verify-certificate.ts';
import { type At, explainPayment } from '../../services/explain/explain-payment.ts';
import { explanationJson } from '../../services/explain/explanation-json.ts';
import { tracePayment } from '../../services/explain/payment-trace.ts';
import {
  CARRIER,
  CUSTOMS,
  conditionalPath,
  conditionOf,
  PORT,
} from '../support/conditional-path.ts';
import { core } from '../support/live.ts';
import { ALFA, BETA, NOW } from '../support/message-path.ts';

const MINUTE = 60_000;
const one = (...attestors: (typeof CARRIER)[]) => ({ threshold: 1, attestors });
const EARMARK = { when: 'acceptance', expiry: '09:40:00Z', onExpiry: 'release' } as const;

type Path = ReturnType<typeof conditionalPath>;
async function explained({ inputs }: Path, uetr: string, minutes: number | null = null) {
  const traced = await tracePayment(inputs, core.module, uetr as never, null);
  const [trace] = traced.payments;
  assert.ok(trace, uetr);
  const at: At = minutes === null ? null : { kind: 'time', timeMs: NOW + minutes * MINUTE };
  return explainPayment(inputs, core.module, traced, trace, at, null);
}
/** The certificate of its chain's wait, which holds. */
async function waitCertified(path: Path, uetr: string, minutes: number) {
  const certificate = await (await explained(path, uetr, minutes)).certificate?.();
  assert.ok(certificate?.format === 'corridor-wait-certificate-1');
  assert.deepEqual(verifyCertificate(JSON.stringify(certificate)).faults, []);
  return certificate;
}

/** The sentence of what it waits for, without when. */
const waitIn = ({ sentences }: { sentences: readonly string[] }) =>
  (sentences[1] as string).replace(/^.*?\) /, '');

test('a chain waits for named attestors of each group, who hold it and until when; and ends of a refusal', async () => {
  const path = conditionalPath();
  const condition = conditionOf(
    [{ threshold: 2, attestors: [CARRIER, CUSTOMS, PORT] }, one(PORT)],
    {
      deadline: '15:00:00Z',
    },
  );
  const [leg] = path.legsOf('CARGO', 25_000n, 0n, { condition });
  assert.ok(leg);
  await path.instruct(0, leg);
  await path.attest(2 * MINUTE, leg, CARRIER, 'accepted', 20 * MINUTE);
  await path.attest(3 * MINUTE, leg, CUSTOMS, 'held');
  await path.attest(30 * MINUTE, leg, PORT, 'refused', null, 'ALFADE00 has 0.00 of 250.00');
  const at = async (minutes: number) => waitIn(await explained(path, leg.uetr, minutes));
  const end = ', and would have ended at 2026-03-16 15:00:00 UTC without it; no money meets it.';
  assert.equal(
    await at(1),
    `it waited for its condition, that is for 2 of ${CARRIER}, ${CUSTOMS} and ${PORT}; ${PORT}${end}`,
  );
  assert.equal(
    await at(10),
    `it waited for its condition, that is for 1 of ${CUSTOMS} and ${PORT}; ${PORT}, while ${CUSTOMS} held it${end}`,
  );
  // What the carrier accepted has lapsed.
  assert.match(await at(25), new RegExp(`for 2 of ${CARRIER}, ${CUSTOMS} and ${PORT}`));
  const lapsed = await waitCertified(path, leg.uetr, 25);
  assert.deepEqual(
    lapsed.groups.map(({ accepted, missing, open }) => [accepted, missing, open]),
    [
      [[], 2, [CARRIER, CUSTOMS, PORT]],
      [[], 1, [PORT]],
    ],
  );
  assert.deepEqual([lapsed.holders, lapsed.attestations.length], [[CUSTOMS], 2]);
  const last = await explained(path, leg.uetr);
  assert.equal(
    last.sentences[0],
    `a leg of a chain, ${ALFA} to ${BETA}, EUR 250.00, high, a chain of one leg: taken in at 2026-03-16 09:00:00 UTC, ${CARRIER} accepted at 2026-03-16 09:02:00 UTC, ${CUSTOMS} held it at 2026-03-16 09:03:00 UTC, ${PORT} refused at 2026-03-16 09:30:00 UTC, saying "ALFADE00 has 0.00 of 250.00", cancelled at 2026-03-16 09:30:00 UTC, because so many attestors refused that the condition of the chain cannot be met (RR04).`,
  );
  const { state, events } = explanationJson(last);
  assert.equal(state?.standing, 'condition');
  assert.ok(state?.wait && 'awaited' in state.wait);
  assert.deepEqual(
    [state.wait.awaited, state.wait.holders, state.wait.deadline, state.wait.legs],
    [
      {
        needed: 2,
        groups: [
          { missing: 2, attestors: [CARRIER, CUSTOMS, PORT] },
          { missing: 1, attestors: [PORT] },
        ],
      },
      [CUSTOMS],
      '2026-03-16T15:00:00.000Z',
      [],
    ],
  );
  assert.deepEqual(
    events.flatMap((event) =>
      'attestor' in event ? [[event.attestor, event.verdict, event.words]] : [],
    ),
    [
      [CARRIER, 'accepted', null],
      [CUSTOMS, 'held', null],
      [PORT, 'refused', 'ALFADE00 has 0.00 of 250.00'],
    ],
  );
});

test('money that is set aside of whom since when, who is short, and what the expiry does', async () => {
  const path = conditionalPath();
  const condition = conditionOf([one(CARRIER)], { deadline: '09:30:00Z', onSilence: 'settle' });
  const legs = path.legsOf('SWAP', 25_000n, 150_000n, { condition, earmark: EARMARK });
  const [first, second] = legs as [(typeof legs)[0], (typeof legs)[0]];
  await path.instruct(0, first);
  await path.instruct(MINUTE, second);
  const waiting = await explained(path, first.uetr, 10);
  const both = `money was set aside for its chain: EUR 250.00 of ${ALFA} (leg 1) since 2026-03-16 09:01:00 UTC; EUR 1500.00 of ${BETA} (leg 2) waited for money to set aside; what was set aside would have expired at 2026-03-16 09:40:00 UTC, and the chain then would have ended.`;
  assert.equal(
    waitIn(waiting),
    `it waited for its condition, that is for ${CARRIER}, and at 2026-03-16 09:30:00 UTC silence would have counted as acceptance; no money meets it; ${both}`,
  );
  const { queue, legs: certified } = await waitCertified(path, first.uetr, 10);
  assert.equal(queue?.payments.find(({ isHeld }) => isHeld)?.legs[0]?.amount, '150000');
  assert.deepEqual(
    certified.map(({ setAsideMs }) => setAsideMs),
    [NOW + MINUTE, null],
  );
  // Of either leg, and once the condition is met by silence.
  path.control(35 * MINUTE, { kind: 'tick' });
  for (const { uetr } of legs) {
    const met = await explained(path, uetr, 32);
    assert.equal(waitIn(met), both);
    assert.equal(explanationJson(met).state?.standing, 'earmark');
    const certificate = await met.certificate?.();
    assert.ok(certificate?.format === 'corridor-certificate-1');
    const { faults } = verifyCertificate(JSON.stringify(certificate));
    assert.deepEqual(faults, []);
    assert.equal(certificate.payments.find(({ isHeld }) => isHeld)?.legs[0]?.amount, '150000');
  }
  path.control(41 * MINUTE, { kind: 'tick' });
  const { sentences } = await explained(path, first.uetr);
  assert.match(
    sentences[0] as string,
    /, its condition met at 2026-03-16 09:30:00 UTC, its money set aside no more at 2026-03-16 09:40:00 UTC, because the chain was not settled while its money was set aside \(TM01\), cancelled at 2026-03-16 09:40:00 UTC, because/,
  );
  assert.match(sentences[0] as string, /its money set aside at 2026-03-16 09:01:00 UTC/);
  assert.match(
    sentences[1] as string,
    /^Right before it was cancelled \([^)]*\) money was set aside for its chain: EUR .*BETAFR00 \(leg 2\) waited/,
  );
});

test('a leg whose chain lacks others says so, and what goes on without earmarks queues', async () => {
  const path = conditionalPath();
  const condition = conditionOf([one(CARRIER)]);
  const earmark = { ...EARMARK, onExpiry: 'continue' } as const;
  const legs = path.legsOf('LATE', 25_000n, 150_000n, { condition, earmark });
  const [first, second] = legs as [(typeof legs)[0], (typeof legs)[0]];
  await path.instruct(0, first);
  await path.attest(MINUTE, first, CARRIER, 'accepted');
  assert.match(
    waitIn(await explained(path, first.uetr, 2)),
    /for leg 2 of BETAFR00 of its chain of 2/,
  );
  assert.equal((await explained(path, first.uetr, 2)).certificate, null);
  await path.instruct(5 * MINUTE, second);
  assert.match(
    waitIn(await explained(path, first.uetr, 20)),
    /expired at 2026-03-16 09:40:00 UTC, and the chain then would have gone on without/,
  );
  path.control(50 * MINUTE, { kind: 'tick' });
  const after = await explained(path, first.uetr);
  assert.equal(explanationJson(after).state?.standing, 'queued');
  assert.match(after.sentences.join(' '), /shortage of EUR 250\.00 on BETAFR00's EUR account/);
});

test('a chain of a corridor waits for whom the policy of the network names beside its terms; the certificate of a queue has none of it', async () => {
  const rule = { from: 'DE', to: 'FR', desk: CUSTOMS, creditorAgent: true, withinMs: 600_000 };
  const path = conditionalPath({ preValidation: [rule] });
  const condition = conditionOf([one(CARRIER), one(PORT)], { threshold: 1 });
  const legs = path.legsOf('CHECKED', 25_000n, 20_000n, { condition });
  const [first, second] = legs as [(typeof legs)[0], (typeof legs)[0]];
  // More than Beta has, from Beta to Alfa: no corridor. It queues beside the chain.
  const [queued] = path.legsOf('UNCHECKED', 150_000n, 0n, { condition: conditionOf([one(PORT)]) });
  assert.ok(queued);
  const back = {
    ...queued,
    instructingAgent: BETA,
    legs: [{ debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 150_000n }],
  };
  await path.instruct(0, back);
  await path.attest(0, back, PORT, 'accepted');
  await path.instruct(0, first);
  await path.instruct(MINUTE, second);
  await path.attest(2 * MINUTE, first, BETA, 'accepted');
  await path.attest(3 * MINUTE, first, CUSTOMS, 'held');
  path.control(12 * MINUTE, { kind: 'tick' });
  const at = async (minutes: number) => waitIn(await explained(path, second.uetr, minutes));
  const end = ', and would have ended at 2026-03-16 09:10:00 UTC without it; no money meets it.';
  assert.equal(
    await at(1),
    `it waited for its condition, that is for ${CUSTOMS}; ${BETA}; 1 of these: ${CARRIER}; ${PORT}${end}`,
  );
  assert.equal(
    await at(5),
    `it waited for its condition, that is for ${CUSTOMS}; 1 of these: ${CARRIER}; ${PORT}, while ${CUSTOMS} held it${end}`,
  );
  const wait = explanationJson(await explained(path, second.uetr, 5)).state?.wait;
  assert.ok(wait && 'awaited' in wait);
  assert.deepEqual(wait.awaited, {
    mandatory: [{ missing: 1, attestors: [CUSTOMS] }],
    needed: 1,
    groups: [CARRIER, PORT].map((bic) => ({ missing: 1, attestors: [bic] })),
  });
  const screened = await waitCertified(path, second.uetr, 5);
  assert.deepEqual(
    screened.groups.map(({ askedBy, accepted, open }) => [askedBy, accepted, open]),
    [
      ['policy', [], [CUSTOMS]],
      ['policy', [BETA], []],
      ['terms', [], [CARRIER]],
      ['terms', [], [PORT]],
    ],
  );
  assert.deepEqual([screened.threshold, screened.missing], [3, 2]);
  const { certificate } = await explained(path, back.uetr, 5);
  const certified = await certificate?.();
  assert.ok(certified?.format === 'corridor-certificate-1', 'what queues has one');
  assert.deepEqual(verifyCertificate(JSON.stringify(certified)).faults, []);
  assert.deepEqual(
    certified.payments.map(({ legs: of }) => of.map(({ amount }) => amount)),
    [['150000']],
    'the chain that waits for its desk stands in no queue',
  );
  assert.match((await explained(path, second.uetr)).sentences[0] as string, /TM01/);
});

test('of a chain that goes on without earmarks for a cap it says so', async () => {
  const path = conditionalPath({}, '1');
  const earmark = { ...EARMARK, onExpiry: 'continue' } as const;
  const legs = path.legsOf('CAPPED', 25_000n, 150_000n, { earmark });
  for (const leg of legs) await path.instruct(0, leg);
  const { sentences, state } = await explained(path, (legs[0] as (typeof legs)[0]).uetr);
  assert.match(
    sentences[0] as string,
    /, nothing set aside for it at 2026-03-16 09:00:00 UTC, because more money for longer than a bank may have set aside of another in a day \(AM02\) and still waits\.$/,
  );
  assert.ok(state?.hold, 'it stands in the queues');
});
