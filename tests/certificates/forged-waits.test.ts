/** Certificates of waits that claim what is not so, signed parts and all: each is refused, and where is said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CertifiedMessage,
  WaitCertificate,
} from '../../services/analysis/certificates/wait-certificate.ts';
import { explainPayment } from '../../services/explain/explain-payment.ts';
import { tracePayment } from '../../services/explain/payment-trace.ts';
import { termsDigest } from '../../services/protocol/messages/chain.ts';
import type { AttestationInstruction } from '../../services/protocol/messages/instruction.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { signedHeaders } from '../../services/protocol/names/message-headers.ts';
import { mutations } from '../support/certificate-mutations.ts';
import {
  CARRIER,
  CUSTOMS,
  conditionalPath,
  conditionOf,
  type PathLeg,
  PORT,
} from '../support/conditional-path.ts';
import { core } from '../support/live.ts';
import { BETA, keyOf, NOW } from '../support/message-path.ts';
import {
  BANKS,
  bankOf,
  CURRENCY_OF,
  createPath,
  OPERATOR,
  type OwnPool,
  SimulatedPool,
  START_MS,
  twoPoolTerms,
} from '../synchronisation/simulated-pools.ts';
import { certifiedIn, faultsOf, followed, MINUTE, sealedAnew } from './waiting-days.ts';

/** 09:25:00 UTC, in seconds from the day before. */
const LATEST = 86_400 + 9 * 3_600 + 25 * 60;

/**
 * Alfa pays Beta, and Beta pays back. The policy asks the customs office and Beta; the terms two of three, of which the
 * carrier has accepted. The customs office holds it.
 */
async function screened() {
  const rule = { from: 'DE', to: 'FR', desk: CUSTOMS, creditorAgent: true, withinMs: 20 * MINUTE };
  const path = conditionalPath({ preValidation: [rule] });
  const groups = [{ threshold: 2, attestors: [CARRIER, CUSTOMS, PORT] }];
  const earmark = { when: 'acceptance', expiry: '09:18:00Z', onExpiry: 'release' } as const;
  const terms = { condition: conditionOf(groups, { deadline: '09:30:00Z' }), earmark };
  const legs = path.legsOf('SCREENED', 25_000n, 20_000n, terms) as [PathLeg, PathLeg];
  await path.instruct(0, legs[0]);
  await path.attest(MINUTE, legs[0], CARRIER, 'accepted');
  await path.instruct(2 * MINUTE, { ...legs[1], times: { earliest: 0, latest: LATEST } });
  await path.attest(3 * MINUTE, legs[0], BETA, 'accepted', 30 * MINUTE);
  await path.attest(4 * MINUTE, legs[0], CUSTOMS, 'held');
  path.control(5 * MINUTE, { kind: 'tick' });
  const { inputs } = path.record;
  const pool = followed('main', inputs);
  const certificate = certifiedIn(pool, inputs.length - 6, inputs);
  assert.deepEqual(faultsOf(certificate), []);
  return { path, legs, certificate };
}

let serial = 0;
/** What an attestor really signs of a chain. */
function attested(
  path: Pick<ReturnType<typeof conditionalPath>, 'bank'>,
  of: PathLeg,
  by: Bic,
  verdict: 'accepted' | 'refused' | 'held',
  change: Partial<NonNullable<AttestationInstruction['chain']>> = {},
): Message {
  serial += 1;
  const { settlementDate, legs } = of;
  const said: AttestationInstruction = {
    ...{ id: `F-${serial}`, sender: by, verdict, recordKind: null, currency: null },
    digest: termsDigest('test-1', of),
    chain: {
      ...{ settlementDate, legCount: legs.length, validUntilMs: null, reason: null },
      ...change,
    },
  };
  return path.bank(by).attestation(said, NOW + 5 * MINUTE);
}

/** As the log would have it at its end. */
function loggedAs(
  { headers, value }: Pick<Message, 'headers' | 'value'>,
  position: number,
  timeMs: number,
): CertifiedMessage {
  const kept = signedHeaders(headers as Record<string, string>);
  const payload = Buffer.from(value).toString('base64');
  return { position, timeMs, appendedAtMs: timeMs, headers: kept, payload };
}

type Change = Partial<WaitCertificate>;
const refuses = (certificate: WaitCertificate, change: Change, fault: RegExp): void => {
  const faults = faultsOf(sealedAnew(certificate, change));
  assert.match(faults.join('\n'), fault);
};

test('what is signed and does not count, or counts and is kept quiet, is refused with its place', async () => {
  const { path, legs, certificate: good } = await screened();
  const { attestations, keys, timeMs, position } = good;
  const end = position;
  const [leg] = legs;
  const port = { ...(keys[0] as (typeof keys)[0]), participant: PORT };
  const portKey = { ...port, publicKey: Buffer.from(keyOf(PORT).publicKey).toString('hex') };
  const withMore = (message: Message, more: Change = {}): Change => ({
    attestations: [...attestations, loggedAs(message, end, timeMs)],
    ...more,
  });
  const other = path.legsOf('ANOTHER', 25_000n, 20_000n, {})[0] as PathLeg;
  const cases: readonly (readonly [what: string, change: Change, fault: RegExp])[] = [
    [
      'an attestation that would have met it',
      withMore(attested(path, leg, CUSTOMS, 'accepted')),
      /^attestations\.3: with it the condition was met/m,
    ],
    [
      'one that would have ended it',
      withMore(attested(path, leg, CUSTOMS, 'refused')),
      /^attestations\.3: with it the condition could be met no more/m,
    ],
    [
      'one left out of what is concluded',
      {
        attestations: attestations.toSpliced(0, 1),
        keys: keys.filter((k) => k.participant !== CARRIER),
      },
      /^groups\.2\.accepted\.0: "CARRDE00", and nothing follows/m,
    ],
    [
      'one that is concluded from and was not said',
      {
        groups: good.groups.map((g) =>
          g.accepted.length > 0 || g.threshold > 1
            ? g
            : { ...g, accepted: g.attestors, missing: 0, open: [] },
        ),
      },
      /^groups\.0\.accepted\.0: "ZOLLDE00", and nothing follows/m,
    ],
    [
      'the same message again',
      {
        attestations: [
          ...attestations,
          { ...(attestations[0] as CertifiedMessage), position: end, timeMs },
        ],
      },
      /^attestations\.3: the message is there twice/m,
    ],
    [
      'the same said again',
      withMore(attested(path, leg, CARRIER, 'accepted')),
      /^attestations\.3: it does not count: CARRDE00 had said so/m,
    ],
    [
      'what is said behind a refusal',
      {
        attestations: [
          ...attestations,
          loggedAs(attested(path, leg, PORT, 'refused'), end, timeMs),
          loggedAs(attested(path, leg, PORT, 'accepted'), end + 1, timeMs),
        ],
        keys: [...keys, portKey],
        position: end + 1,
      },
      /^attestations\.4: it does not count: PORTDE00 had refused/m,
    ],
    [
      'a last leg that came when enough had been attested',
      {
        legs: good.legs.with(1, {
          ...(good.legs[1] as (typeof good.legs)[0]),
          position: end,
          timeMs,
        }),
        attestations: attestations.with(
          2,
          loggedAs(attested(path, leg, CUSTOMS, 'accepted'), end - 1, timeMs),
        ),
      },
      /^legs: with it the condition was met/m,
    ],
    [
      'one of other terms',
      withMore(attested(path, other, CUSTOMS, 'accepted')),
      /^attestations\.3: it does not count: it is of a chain with other terms/m,
    ],
    [
      'one of another date',
      withMore(attested(path, leg, CUSTOMS, 'accepted', { settlementDate: '2026-03-17' })),
      /^attestations\.3: .*other terms/m,
    ],
    [
      'one of a chain of more legs',
      withMore(attested(path, leg, CUSTOMS, 'accepted', { legCount: 3 })),
      /^attestations\.3: .*other terms/m,
    ],
    [
      'one that names another record of leg 1',
      withMore(attested(path, leg, CUSTOMS, 'accepted', { leg1Position: BigInt(end) })),
      /^attestations\.3: it does not count: it is of the chain whose leg 1 is at/m,
    ],
    [
      'one whose validity was over',
      withMore(attested(path, leg, CUSTOMS, 'accepted', { validUntilMs: timeMs - 1 })),
      /^attestations\.3: it does not count: its validity was over/m,
    ],
    [
      'one of who is no attestor',
      withMore(attested(path, leg, leg.instructingAgent, 'accepted')),
      /^attestations\.3: it does not count: ALFADE00 is no attestor/m,
    ],
    [
      'one under a key that is revoked before',
      withMore(attested(path, leg, PORT, 'held'), {
        keys: [...keys, { ...portKey, revokedAt: end - 1 }],
      }),
      /^attestations\.3: its key was revoked before/m,
    ],
    [
      'one under a key that is registered later',
      withMore(attested(path, leg, PORT, 'held'), {
        keys: [...keys, { ...portKey, registeredAt: end }],
      }),
      /^attestations\.3: its key is registered later/m,
    ],
    [
      'one under a key that nobody has',
      withMore(attested(path, leg, PORT, 'held')),
      /^attestations\.3: its key is not there/m,
    ],
    [
      'one under the key of another',
      withMore(attested(path, leg, PORT, 'held'), { keys: [...keys, { ...port, keyId: 'key-1' }] }),
      /^keys\.\d+: it stands there twice/m,
    ],
    [
      'one that came long after it was signed',
      {
        attestations: [
          ...attestations,
          {
            ...loggedAs(attested(path, leg, CUSTOMS, 'accepted'), end, timeMs),
            appendedAtMs: NOW - MINUTE,
          },
        ],
      },
      /^attestations\.3: it came at /m,
    ],
    [
      'a threshold that is not that of the terms',
      { threshold: good.threshold - 1 },
      /^threshold: 2, and 3 follows/m,
    ],
    [
      'a group of which fewer have to accept',
      { groups: good.groups.map((g) => ({ ...g, threshold: 1 })) },
      /^groups\.2\.threshold: 1, and 2 follows/m,
    ],
    [
      'another deadline',
      { deadlineMs: (good.deadlineMs ?? 0) + 1_000 },
      /^deadlineMs: \d+, and \d+ follows/m,
    ],
    [
      'another outcome of silence',
      { onSilence: 'settle' },
      /^onSilence: "settle", and "release" follows/m,
    ],
    ['a state behind the deadline', { timeMs: good.deadlineMs ?? 0 }, /^deadlineMs: it had come/m],
    [
      'a state behind the expiry',
      { timeMs: NOW + 18 * MINUTE },
      /^legs\.0: its earmark had expired/m,
    ],
    [
      'another network',
      { network: 'test-2' },
      /^legs\.0: the signature of ALFADE00 does not verify/m,
    ],
    [
      'another policy',
      { preValidation: [] },
      /^groups\.0\.askedBy: "policy", and "terms" follows/m,
    ],
    [
      'a policy that gives more time',
      { preValidation: good.preValidation.map((rule) => ({ ...rule, withinMs: 25 * MINUTE })) },
      /^deadlineMs: /m,
    ],
    ['a leg too few', { legs: good.legs.slice(0, 1) }, /^legs: the chain has 2 here/m],
    ['legs in another order', { legs: good.legs.toReversed() }, /^legs\.0: it is leg 2/m],
    [
      'a leg of other terms',
      {
        legs: good.legs.with(0, {
          ...loggedAs(
            path.bank(other.instructingAgent).chainLeg(other, NOW),
            good.legs[0]?.position ?? 0,
            NOW,
          ),
          setAsideMs: null,
        }),
      },
      /^legs\.1: it is of other terms/m,
    ],
    [
      'another chain that is waited for',
      { termsDigest: Buffer.from(termsDigest('test-1', other)).toString('hex') },
      /^termsDigest: /m,
    ],
    ['a part that is promised', { isPromised: true }, /^isPromised: true, and false follows/m],
    [
      'an end of the policy’s time from another leg',
      { began: { ...good.began, appendedAtMs: NOW + 1 } },
      /^began\.appendedAtMs/m,
    ],
    [
      'an end of the policy’s time from a leg that came before, and later',
      { began: { position: good.began.position - 1, appendedAtMs: NOW + MINUTE } },
      /^began\.appendedAtMs: the first leg came at/m,
    ],
    [
      'a first leg that came before the chain began',
      { began: { ...good.began, position: good.began.position + 1 } },
      /^began\.position: a leg is before it/m,
    ],
    [
      'a key that is revoked after the state',
      { keys: keys.with(0, { ...(keys[0] as (typeof keys)[0]), revokedAt: end + 1 }) },
      /^keys\.0: it is revoked after the state/m,
    ],
    [
      'money that is set aside before the last leg is there',
      { legs: good.legs.map((one) => ({ ...one, setAsideMs: NOW })) },
      /^legs\.0\.setAsideMs: expected from/m,
    ],
    [
      'money that is set aside behind the state',
      { legs: good.legs.map((one) => ({ ...one, setAsideMs: timeMs + 1 })) },
      /^legs\.1\.setAsideMs: expected from/m,
    ],
    [
      'the queue of a payment that is none of its legs',
      { queue: { ...emptyQueue(good), asked: null } },
      /^queue: no leg of the chain waits there/m,
    ],
  ];
  for (const [what, change, fault] of cases) {
    try {
      refuses(good, change, fault);
    } catch (error) {
      (error as Error).message = `${what}: ${(error as Error).message}`;
      throw error;
    }
  }
  // Of two corridors that take it in the shorter time counts.
  const [rule] = good.preValidation as [(typeof good.preValidation)[0]];
  const longer = { ...rule, withinMs: rule.withinMs + MINUTE };
  assert.deepEqual(faultsOf(sealedAnew(good, { preValidation: [rule, longer] })), []);
  // Nothing that was signed says that nothing else was: left out with all that follows, it is of another history.
  const [, ...later] = attestations;
  const without = sealedAnew(good, {
    attestations: later,
    keys: keys.filter((key) => key.participant !== CARRIER),
    groups: good.groups.map((g) =>
      g.attestors.includes(CARRIER)
        ? { ...g, accepted: [], missing: 2, open: [CARRIER, CUSTOMS, PORT] }
        : g,
    ),
  });
  assert.deepEqual(faultsOf(without), []);
});

test('the expiry of money that waits in a queue to be set aside counts as that of what is set aside', async () => {
  const path = conditionalPath();
  const earmark = { when: 'acceptance', expiry: '09:18:00Z', onExpiry: 'release' } as const;
  const condition = conditionOf([{ threshold: 1, attestors: [CARRIER] }]);
  // More than Alfa has.
  const [leg] = path.legsOf('POOR', 250_000n, 0n, { condition, earmark }) as [PathLeg];
  await path.instruct(0, leg);
  path.control(5 * MINUTE, { kind: 'tick' });
  const traced = await tracePayment(path.inputs, core.module, leg.uetr, null);
  const [trace] = traced.payments;
  assert.ok(trace);
  const explained = await explainPayment(path.inputs, core.module, traced, trace, null, null);
  const certificate = await explained.certificate?.();
  assert.ok(certificate?.format === 'corridor-wait-certificate-1' && certificate.queue);
  assert.deepEqual(faultsOf(certificate), []);
  refuses(certificate, { timeMs: NOW + 18 * MINUTE }, /^legs\.0: its earmark had expired/m);
});

/** A certificate of no queue at all, in the same state. */
function emptyQueue({ pool, event, eventsDigest, timeMs }: WaitCertificate) {
  return {
    ...{ format: 'corridor-certificate-1' as const, pool, event, eventsDigest, timeMs },
    ...{ cycle: null, mechanism: 'gridlockResolution' as const, currencies: [], outcome: null },
    ...{ rules: [], accounts: [], limits: [], valuations: [], crossLimits: [], payments: [] },
    ...{ settled: [], largest: [], drops: [], heldUp: [], asked: null, release: null },
    digest: '00'.repeat(32),
  };
}

test('no part of a certificate can be changed, and with the digest that fits only what the log alone can tell', async () => {
  const { certificate } = await screened();
  const survivors = new Set<string>();
  let changed = 0;
  for (const { path, value } of mutations(certificate)) {
    changed += 1;
    assert.notDeepEqual(faultsOf(value), [], path);
    if (path === 'digest') continue;
    if (faultsOf(sealedAnew(value as WaitCertificate, {})).length === 0)
      survivors.add(path.replaceAll(/[0-9]+/g, '*'));
  }
  assert.ok(changed > 150, `${changed}`);
  // Where and when records stand in the log; and what is there once or in any order says the same.
  const told = [
    ...['event', 'position', 'timeMs', 'legs.*.position', 'legs.*.timeMs', 'legs.*.setAsideMs'],
    ...['attestations.*.position', 'attestations.*.timeMs', 'keys.*.registeredAt'],
    ...['keys swapped', 'preValidation doubled'],
  ];
  assert.deepEqual(
    [...survivors].filter((path) => !told.includes(path)),
    [],
  );
});

/** A chain whose legs lie in two pools. @param own what the other has */
async function overTwoPools(own: OwnPool = {}) {
  const send = createPath();
  const pools = {
    west: new SimulatedPool('west', false),
    east: new SimulatedPool('east', false, own),
  };
  const terms = twoPoolTerms('CARGO');
  for (const [place, { debtorAgent }] of terms.legs.entries()) {
    const uetr = `00000000-0000-4000-a000-00000000000${place}` as never;
    const own = {
      messageId: `M-${place}`,
      uetr,
      instructingAgent: debtorAgent,
      legNumber: place + 1,
    };
    const { pool, value } = await send(
      bankOf(debtorAgent).chainLeg({ ...terms, ...own }, START_MS),
      START_MS,
    );
    pools[pool as 'west'].append(value);
  }
  return { send, pools, terms };
}

test('a chain over two pools waits for its operator in both: at home beside all else, in the other alone once it is promised', async () => {
  const { pools } = await overTwoPools();
  const both = (['west', 'east'] as const).map((name) => followed(name, pools[name].inputs));
  const states = both.map(({ pool }) => pool);
  const [home, other] = both.map((one) => {
    const { inputs } = pools[one.pool.name as 'west'];
    return certifiedIn(one, inputs.length - 1, inputs, states);
  }) as [WaitCertificate, WaitCertificate];
  for (const [certificate, isPromised] of [
    [home, false],
    [other, true],
  ] as const) {
    assert.deepEqual(faultsOf(certificate), []);
    assert.equal(certificate.isPromised, isPromised);
    assert.deepEqual(certificate.groups, [
      {
        ...{ askedBy: 'twoPools', isMandatory: true, threshold: 1, attestors: [OPERATOR] },
        ...{ accepted: [], refused: [], missing: 1, open: [OPERATOR] },
      },
    ]);
    assert.deepEqual(
      certificate.assets.map(({ currency }) => currency).sort(),
      Object.values(CURRENCY_OF).sort(),
    );
    refuses(certificate, { isPromised: !isPromised }, /^isPromised: /m);
    refuses(
      certificate,
      { pool: isPromised ? 'west' : 'east' },
      /^assets\.\d: it must be of pool/m,
    );
  }
  // Its money is not all set aside: then it is no promise, and the operator can accept nothing.
  refuses(
    other,
    { legs: other.legs.map((leg) => ({ ...leg, setAsideMs: null })) },
    /^isPromised: true, and false/m,
  );
});

test('what is promised between two messages is promised when the next comes: a desk decides nothing any more', async () => {
  const [, , desk] = BANKS;
  const rule = { to: 'US', desk, creditorAgent: false, withinMs: 20 * MINUTE };
  const { send, pools, terms } = await overTwoPools({ preValidation: [rule] });
  const attest = (id: string, verdict: 'accepted' | 'held', atMs: number) => {
    const chain = {
      settlementDate: terms.settlementDate,
      legCount: 1,
      validUntilMs: null,
      reason: null,
    };
    const digest = termsDigest('test-1', terms);
    const said = { id, sender: desk, verdict, recordKind: null, currency: 'CNY', digest, chain };
    return bankOf(desk).attestation(said, atMs);
  };
  const { value } = await send(attest('D-1', 'accepted', START_MS + MINUTE), START_MS + MINUTE);
  pools.east.append(value);
  const both = (['west', 'east'] as const).map((name) => followed(name, pools[name].inputs));
  const { inputs } = pools.east;
  const states = both.map(({ pool }) => pool);
  const promised = certifiedIn(both[1] as (typeof both)[0], inputs.length - 2, inputs, states);
  assert.deepEqual(faultsOf(promised), []);
  assert.ok(promised.isPromised);
  const end = promised.timeMs + MINUTE;
  const held = loggedAs(attest('D-2', 'held', end), promised.position + 1, end);
  refuses(
    promised,
    {
      legs: promised.legs.map((leg) => ({ ...leg, setAsideMs: promised.timeMs + 1 })),
      ...{ attestations: [...promised.attestations, held], position: held.position, timeMs: end },
    },
    /^attestations\.1: it does not count: the chain was promised/m,
  );
});
