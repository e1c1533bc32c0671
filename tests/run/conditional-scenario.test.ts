import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import { coreLimits } from '../../services/simulator/core-table-sizes.ts';
import { load, runDirectly } from '../support/run.ts';

/** The scenario that has everything about conditions once. A hash changes when clearing decides otherwise: say so in CHANGELOG.md. */
const HASH = '4ed90b8771a60946336736532f4684429a72e4b4660617d7da3b99af6ff7f387';

async function played() {
  const events: SettlementEvent[] = [];
  const scenario = load('conditional');
  const { summary } = await runDirectly(scenario, {
    onSlice: ({ steps }) => {
      for (const { batch } of steps) events.push(...readEvents(batch.events));
    },
  });
  return { summary, events, scenario };
}
const day = played();

const clock = (timeMs: number) => new Date(timeMs).toISOString().slice(11, 16);

test('conditional: each listed chain comes to the end that its attestations bring', async () => {
  const { events, scenario, summary } = await day;
  assert.equal(summary.eventsHash, HASH);
  /** By UETR of a leg. */
  const chainOf = new Map<string, string>();
  for (const message of planMessages(scenario))
    if (message.kind === 'payment' && message.payment.ofChain)
      chainOf.set(`${message.payment.uetr}`, message.payment.ofChain.chain.id);
  const told = (id: string) =>
    events.flatMap((event) => {
      if (!('id' in event) || chainOf.get(`${uetrFromBytes(event.id)}`) !== id) return [];
      const reason = 'reason' in event && event.reason !== 'none' ? ` ${event.reason}` : '';
      const by = event.kind === 'settled' ? ` ${event.mechanism}` : '';
      return [`${clock(event.timeMs)} ${event.kind}${by}${reason}`];
    });
  const twice = (line: string) => [line, line];
  assert.deepEqual(told('CARGO-1'), [
    ...['09:00 matched', '09:00 earmarked', '11:05 triggered', '11:05 settled earmark'],
  ]);
  assert.deepEqual(told('CARGO-2'), [
    ...['09:10 matched', '09:10 earmarked'],
    ...['11:10 released conditionRefused', '11:10 cancelled conditionRefused'],
  ]);
  assert.deepEqual(told('CARGO-3'), ['09:20 matched', '12:00 cancelled conditionUnmet']);
  assert.deepEqual(told('CLAIM-1'), ['09:30 matched', '09:50 triggered', '09:50 settled entry']);
  assert.deepEqual(told('CLAIM-2'), ['09:40 matched', '11:00 triggered', '11:00 settled entry']);
  assert.deepEqual(told('HELD-1'), [
    ...['10:00 queued', ...twice('10:01 matched'), ...twice('10:40 triggered')],
    ...[...twice('10:40 earmarked'), ...twice('10:40 settled earmark')],
  ]);
  assert.deepEqual(told('PART-1'), [
    ...['10:30 queued', ...twice('10:30 matched'), '10:30 earmarked'],
    ...['11:30 released earmarkExpired', ...twice('11:30 cancelled earmarkExpired')],
  ]);
  assert.deepEqual(told('PART-2'), [
    ...['10:40 queued', ...twice('10:40 matched'), ...twice('11:40 settled entry')],
  ]);
});

test('what does not count is refused, what repeats is told once, and documents prove against the log', async () => {
  const { events, summary } = await day;
  const documents = ['Bill of lading 4711, 20 t of coffee', 'Declaration 1'];
  const recorded = events.flatMap((event) => (event.kind === 'recorded' ? [event] : []));
  for (const document of documents) {
    const digest = createHash('sha256').update(document).digest().subarray(0, 20);
    const found = recorded.filter((event) => digest.equals(Buffer.from(event.documentDigest)));
    assert.equal(found.length, 1, document);
  }
  assert.equal(recorded.length, 3, 'the second document under a used id is none');
  const refused = events.flatMap((event) =>
    event.kind === 'rejected' ? [`${clock(event.timeMs)} ${event.reason}`] : [],
  );
  assert.deepEqual(
    refused.filter((line) => /^08|^09:[23]|^12:30/.test(line)),
    ['08:45 duplicateIdentity', '09:29 chainUnknown', '09:35 notAttestor', '12:30 chainUnknown'],
  );
  assert.equal(summary.refusedRequests, refused.length);
  const repeated = events.filter(({ kind }) => kind === 'repeated');
  assert.deepEqual(
    repeated.map(({ timeMs }) => clock(timeMs)),
    ['08:41', '10:16'],
  );
});

test('another share of refusals moves no delay, and an attestor of whom something is listed is not drawn for it', () => {
  const said = (set: string[]) =>
    [...planMessages(load('conditional', set))].flatMap((message) =>
      message.kind === 'request' && message.request.kind === 'attestation'
        ? [{ ...message.request, id: '' }]
        : [],
    );
  const [before, after] = [said([]), said(['attestors[0].refuses=1'])];
  const key = (one: (typeof before)[number]) => `${one.atMs} ${one.participant} ${one.chain.id}`;
  assert.deepEqual(after.map(key), before.map(key));
  const desk = load('conditional').participants.findIndex(({ bic }) => bic === 'DESKDE00');
  const drawn = after.filter(
    ({ participant, chain, verdict }) =>
      participant === desk && chain.id.startsWith('screened') && verdict !== 'held',
  );
  assert.ok(drawn.length > 30 && drawn.every(({ verdict }) => verdict === 'refused'));
  const held = before.filter(
    ({ chain, participant }) => chain.id === 'HELD-1' && participant === desk,
  );
  assert.deepEqual(
    held.map(({ verdict }) => verdict),
    ['held', 'accepted'],
  );
});

test('an outage of an attestor delays what it says; a chain that nobody sends is attested by nobody', () => {
  const outage = 'events.outages.+={ participant: ZOLLDE00, from: "11:00", until: "12:00" }';
  const late = [...planMessages(load('conditional', [outage]))].filter(
    (message) =>
      message.kind === 'request' &&
      message.request.kind === 'attestation' &&
      message.request.chain.id === 'CARGO-2',
  );
  assert.deepEqual(
    late.map(({ atMs }) => clock(atMs)),
    ['10:20', '12:00'],
  );
  const away = ['ALFADE00', 'BETAUS00', 'GAMMFR00'].map(
    (bic) => `events.outages.+={ participant: ${bic}, from: "07:30" }`,
  );
  const unsent = ['chainFlows[0].legs[0].unsentEvery=1', 'chainFlows[0].legs[1].unsentEvery=1'];
  for (const set of [away, unsent]) {
    const none = [...planMessages(load('conditional', set))].filter(
      (message) =>
        message.kind === 'request' &&
        message.request.kind === 'attestation' &&
        message.request.chain.id.startsWith('screened'),
    );
    assert.deepEqual(none, []);
  }
});

test('under a cap that nobody comes near each leg with an earmark settles, though each is a pair of its own', async () => {
  const banks = [...'ABCDEFGHIJKL'].map((letter) => `BK${letter}${letter}DE00`);
  const hours = { opens: '07:00', closes: '16:00', zone: 'UTC' };
  const pairs = banks.flatMap((one, at) => banks.slice(at + 1).map((other) => [one, other]));
  const legs = pairs.map(([one, other]) => [
    { from: one, to: other, currency: 'EUR', amount: '1.00' },
    { from: other, to: one, currency: 'EUR', amount: '1.00' },
  ]);
  const document = {
    ...{ name: 'pairs', seed: 1, businessDates: ['2026-03-16'], zone: 'UTC' },
    currencies: { EUR: { ...hours, earmarkCap: '1000000000.00' } },
    participants: banks.map((bic) => ({
      ...{ bic, name: bic, accounts: { EUR: { balance: '100000.00' } } },
    })),
    chains: legs.map((ofChain, at) => ({
      ...{ id: `C-${at}`, at: '08:00', legs: ofChain },
      earmark: { when: 'acceptance', expiry: '15:30' },
    })),
    settlement: { cycle: 'gridlockResolution' },
  };
  const scenario = loadScenario('pairs.yaml', { readFile: () => JSON.stringify(document) });
  assert.equal(scenario.chains.length, 66);
  const ends: string[] = [];
  await runDirectly(scenario, {
    onSlice: ({ steps }) => {
      for (const { batch } of steps)
        for (const event of readEvents(batch.events))
          if (event.kind === 'settled' || event.kind === 'cancelled') ends.push(event.kind);
    },
  });
  assert.deepEqual(ends, Array(132).fill('settled'));
  // Chains of a flow count by date, and no more than there are pairs; without a cap nothing is asked for.
  const [chain] = scenario.chains as [(typeof scenario.chains)[number]];
  const flow = {
    ...chain,
    chainsPerDate: 30,
    documents: [],
  } as unknown as (typeof scenario.chainFlows)[number];
  const room = (chainsPerDate: number, currencies = scenario.currencies) =>
    coreLimits({ ...scenario, currencies, chains: [], chainFlows: [{ ...flow, chainsPerDate }] }, 0)
      .livePayments;
  const uncapped = scenario.currencies.map(({ earmarkCapMinorSeconds: _, ...rest }) => rest);
  assert.deepEqual([room(30), room(30, uncapped)], [4 * 60, 61]);
  assert.equal(room(100), 4 * 144);
});

test('a field of conditions that cannot be is refused with its place', () => {
  for (const [set, expected] of [
    [
      'chains[2].condition.groups[0].attestors=[NOBODE00]',
      /chains\[2\]\.condition\.groups\[0\]\.attestors\[0\]: "NOBODE00": expected a participant/,
    ],
    [
      'chains[0].condition.groups[0].attestors=[CARRDE00, CARRDE00]',
      /groups\[0\]\.attestors\[1\]: "CARRDE00": expected each attestor once/,
    ],
    [
      'chains[0].condition.groups[0].threshold=2',
      /groups\[0\]\.threshold: 2: expected at most the group's 1/,
    ],
    [
      'chains[0].condition.threshold=3',
      /chains\[0\]\.condition\.threshold: 3: expected at most the 2 groups/,
    ],
    [
      'chains[0].condition={groups: [{attestors: [CARRDE00], mandatory: true}, {attestors: [ZOLLDE00]}], threshold: 1}',
      /chains\[0\]\.condition\.threshold: 1: expected at least 2: the 1 mandatory groups and one of the others/,
    ],
    [
      'chains[3].condition.onSilence=settle',
      /chains\[3\]\.condition\.onSilence: "settle": expected release, or a deadline/,
    ],
    [
      'chains[0].condition.deadline="08:59"',
      /chains\[0\]\.condition\.deadline: "08:59": expected a time after at/,
    ],
    [
      'chains[0].earmark.expiry="09:00"',
      /chains\[0\]\.earmark\.expiry: "09:00": expected a time after at/,
    ],
    [
      'chains[6].legs=[{ from: ALFADE00, to: GAMMFR00, currency: EUR, amount: "1.00" }]',
      /chains\[6\]\.legs: .*expected 2 to 16 legs where there is no condition/,
    ],
    [
      'chainFlows[0].legs[0].to=payee',
      /chainFlows\[0\]\.legs\[0\]\.to: "payee": expected the name of one of parties, or a BIC/,
    ],
    [
      'chainFlows[0].legs[0].to=ALFADE00',
      /legs\[0\]\.to: "ALFADE00": expected a party without ALFADE00/,
    ],
    [
      'chainFlows[0].legs[1].currency=CHF',
      /legs\[1\]\.currency: "CHF": expected a currency of the scenario/,
    ],
    [
      'chainFlows[0].parties.payer={ CARRDE00: 1 }',
      /legs\[0\]\.from: "CARRDE00": expected a participant with an account in EUR/,
    ],
    [
      'attestations[0].chain=CARGO-9',
      /attestations\[0\]\.chain: "CARGO-9": expected the id of one of/,
    ],
    [
      'attestations[3].validUntil="12:00"',
      /attestations\[3\]\.validUntil: "12:00": expected none: an acceptance alone/,
    ],
    [
      'attestors[1].attestor=DESKDE00',
      /attestors\[1\]\.attestor: "DESKDE00": expected each attestor once; attestors\[0\]/,
    ],
    [
      'attestors[0].silent=0.95',
      /attestors\[0\]\.silent: 0\.95: expected a share that adds up with refuses \(0\.1\) to at most 1/,
    ],
    [
      'attestors[0].delay.medianSeconds=4',
      /attestors\[0\]\.delay\.medianSeconds: 4: expected seconds from minSeconds to maxSeconds/,
    ],
    ['records[3].document=both', /records\[3\]\.digest: .*expected either document or digest/],
    [
      'participants[3].accounts={ EUR: { balance: "1.00" } }',
      /participants\[3\]\.accounts: .*expected no accounts of a carrier/,
    ],
  ] as const)
    assert.throws(() => load('conditional', [set]), expected, set);
});
