/** Records that count, and chains for what was counted: drawn as a scenario says, and refused where a counter falls. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { isThreaded } from '../../services/run/write-run.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import {
  drawPayments,
  messagesOf,
  outOfRow,
  planMessages,
} from '../../services/scenario/payments-in-sending-order.ts';
import { noTraffic } from '../../services/scenario/planned-payment.ts';
import type { PlannedRequest } from '../../services/scenario/planned-requests.ts';
import { drawRecordFlow } from '../../services/scenario/record-draws.ts';
import type { ScenarioChain } from '../../services/scenario/scenario.ts';
import { coreLimits, plannedPayments } from '../../services/simulator/core-table-sizes.ts';
import { runDirectly, runScenario } from '../support/run.ts';

const YAML = `name: counted
seed: 5
businessDates: [2026-03-16, 2026-03-17]
tickMs: 600000
currencies:
  EUR: { opens: "08:00", closes: "17:00", zone: UTC }
participants:
  - { bic: TOWNDE00, name: Meter, role: meter, branches: 7 }
  - { bic: MAINDE00, name: Main meter, role: meter }
  - { bic: ALFADE00, name: Alfa, accounts: { EUR: { balance: "500.00" } } }
  - { bic: BETADE00, name: Beta, accounts: { EUR: { balance: "500.00" } } }
  - { bic: GAMMDE00, name: Gamma, accounts: { EUR: { balance: "500.00", limit: "400.00" } } }
  - { bic: DESKDE00, name: Desk, role: complianceDesk }
profiles:
  day: { zone: UTC, parts: [{ from: "08:00", to: "15:00", weight: 1 }] }
recordFlows:
  - name: power
    attestors: [TOWNDE00, MAINDE00]
    kind: reading
    profile: day
    recordsPerDate: 12
    startsAt: 1000
    counts: { median: 90, sigma: 1, min: 3, max: 400 }
    repeatEvery: 20
    rollBackEvery: 18
chainFlows:
  - name: bills
    counted: { flow: power, everyRecords: 4 }
    parties: { payer: { ALFADE00: 1, GAMMDE00: 1 } }
    legs: [{ from: payer, to: BETADE00, currency: EUR, price: "0.005", sendsAfterSeconds: 5 }]
    condition: { groups: [{ attestors: [DESKDE00] }], deadlineAfterSeconds: 600, onSilence: settle }
attestors:
  - { attestor: DESKDE00, delay: { medianSeconds: 60, sigma: 0.4 }, silent: 0.8, refuses: 0.1 }
events:
  outages: [{ participant: TOWNDE00003, from: "09:00", until: "09:40" }]
`;
const load = (...set: string[]) => loadScenario('counted.yaml', { readFile: () => YAML, set });

const METERS = 8;
const FLOW = METERS * 12 * 2;

/** What is planned: records by their attestors, in order, and chains. */
function planned(...set: string[]) {
  const scenario = load(...set);
  const records = new Map<string, Extract<PlannedRequest, { kind: 'record' }>[]>();
  const chains: ScenarioChain[] = [];
  let beforeMs = 0;
  for (const message of planMessages(scenario)) {
    assert.ok(message.atMs >= beforeMs, 'in order of time');
    beforeMs = message.atMs;
    if (message.kind === 'payment') chains.push(message.payment.ofChain!.chain);
    else if (message.request.kind === 'record') {
      const { bic } = scenario.participants[message.request.participant]!;
      records.set(bic, [...(records.get(bic) ?? []), message.request]);
    }
  }
  return { scenario, records, chains };
}

test('each attestor has as many records on each date, and counts on from one to the next, over dates', () => {
  const { scenario, records } = planned();
  assert.deepEqual([...records.keys()].sort(), [
    'MAINDE00',
    ...Array.from({ length: METERS - 1 }, (_, n) => `TOWNDE0000${n}`),
  ]);
  assert.equal(scenario.participants[3]?.name, 'Meter 4');
  let back = 0;
  let again = 0;
  for (const all of records.values()) {
    const firsts = all.filter(({ atMs, createdAtMs }) => atMs === createdAtMs);
    again += all.length - firsts.length;
    for (const date of ['2026-03-16', '2026-03-17'])
      assert.equal(
        firsts.filter(({ atMs }) => new Date(atMs).toISOString().startsWith(date)).length,
        12,
      );
    let last = 1000n;
    let missed = 0;
    for (const { counter } of firsts) {
      if (counter! < last) {
        // Half of what was counted with all that was missed before.
        back += 1;
        missed += 1;
        continue;
      }
      const step = counter! - last;
      assert.ok(step >= 3n && step <= 400n * BigInt(1 + missed), `${step}`);
      [last, missed] = [counter!, 0];
    }
  }
  assert.deepEqual([back, again], [Math.floor(FLOW / 18), Math.floor(FLOW / 20)]);
  assert.equal(coreLimits(scenario, 0).identities >= FLOW, true, 'there is room for all');
});

test('a first record is not rolled back: there is nothing yet that the core could hold it against', () => {
  const { records } = planned('recordFlows.power.rollBackEvery=3', 'events.outages=[]');
  for (const all of records.values()) {
    assert.ok(all[0]!.counter! > 1000n);
    assert.ok(all.some(({ counter }, index) => index > 0 && counter! < all[index - 1]!.counter!));
  }
});

test('a record has the digest of its text; what comes again is the same, a minute later; in an outage it waits', () => {
  const { records } = planned();
  const all = [...records].flatMap(([bic, of]) => of.map((record) => ({ bic, ...record })));
  for (const { bic, createdAtMs, counter, digest } of all)
    assert.deepEqual(
      Buffer.from(digest),
      createHash('sha256').update(`reading of ${bic} at ${createdAtMs}: ${counter}`).digest(),
    );
  for (const again of all.filter(({ atMs, createdAtMs }) => atMs !== createdAtMs)) {
    const first = all.find(({ id, atMs }) => id === again.id && atMs === again.createdAtMs)!;
    assert.deepEqual({ ...again, atMs: first.atMs }, first);
    const isOut =
      again.bic === 'TOWNDE00003' && /T09:[0-4]/.test(new Date(again.atMs).toISOString());
    assert.ok(isOut || again.atMs === first.atMs + 60_000);
  }
  const out = all.filter(({ bic }) => bic === 'TOWNDE00003').map(({ atMs }) => atMs);
  const [from, until] = [Date.parse('2026-03-16T09:00Z'), Date.parse('2026-03-16T09:40Z')];
  assert.ok(out.includes(until) && !out.some((atMs) => atMs >= from && atMs < until));
});

test('chains are paid for what was counted: all of it, by one bank for each attestor, and not where a record is refused', () => {
  const { chains } = planned('events.outages=[]');
  const { records } = planned('events.outages=[]', 'recordFlows.power.repeatEvery=100000');
  const due = [...records.values()].flatMap((all) => {
    let paidFor = 1000n;
    let last = 1000n;
    return all.flatMap(({ counter, atMs }, index) => {
      const isBack = counter! < last;
      if (!isBack) last = counter!;
      if ((index + 1) % 4 !== 0 || isBack) return [];
      const counted = counter! - paidFor;
      paidFor = counter!;
      return [{ atMs, twice: counted }];
    });
  });
  due.sort((a, b) => a.atMs - b.atMs);
  assert.ok(chains.length < METERS * 6 && chains.length > METERS * 5, `${chains.length}`);
  assert.deepEqual(
    chains.map(({ atMs, legs }) => ({ atMs, minor: legs[0]!.amountMinor })),
    // 0.005 of a unit are half a cent: to the even one.
    due.map(({ atMs, twice }) => {
      const half = twice / 2n;
      return { atMs, minor: twice % 2n === 0n ? half : half + (half % 2n) };
    }),
  );
  assert.deepEqual(new Set(chains.map(({ legs }) => legs[0]!.debtorAgent)).size, 2);
  assert.deepEqual(
    chains.map(({ id }) => id).filter((id) => !/^bills-202603(16|17)-00000\d\d$/.test(id)),
    [],
  );
});

test('the core refuses what is rolled back and nothing else, by both doors and with signatures', async () => {
  const { summary } = await runScenario(load(), { signatures: true });
  const events: SettlementEvent[] = [];
  const direct = await runDirectly(load(), {
    onSlice: ({ steps }) => {
      for (const { batch } of steps) events.push(...readEvents(batch.events));
    },
  });
  assert.deepEqual(direct.summary, summary);
  const refused = events.flatMap((event) => (event.kind === 'rejected' ? [event.reason] : []));
  const rolledBack = refused.filter((reason) => reason === 'counterRolledBack');
  assert.equal(rolledBack.length, Math.floor(FLOW / 18));
  const recorded = events.flatMap((event) => (event.kind === 'recorded' ? [event] : []));
  assert.equal(recorded.length, FLOW - rolledBack.length);
  const last = new Map<number, bigint>();
  for (const { debtorAgent, counter } of recorded) {
    assert.ok(counter! >= (last.get(debtorAgent) ?? 0n));
    last.set(debtorAgent, counter!);
  }
  const repeated = events.filter((event) => event.kind === 'repeated');
  assert.equal(repeated.length, Math.floor(FLOW / 20));
});

/** Counters by attestor, without who it is. */
const counters = (all: Iterable<readonly [number, bigint]>) => {
  const of = new Map<number, bigint[]>();
  for (const [attestor, counter] of all) of.set(attestor, [...(of.get(attestor) ?? []), counter]);
  return [...of.values()].map((one) => one.join()).sort();
};

// Also of one meter each time, of the same two, two in a row, and all.
const EVERY = [1, 2, 4, 7, METERS, 11, 2 * METERS];
for (const outage of ['', ', until: "13:00"'])
  test(`each record that is rolled back is below the one before that was taken, and never a first one${outage}`, async () => {
    for (const every of EVERY) {
      const away = `events.outages=[{ participant: TOWNDE00003, from: "09:00"${outage} }]`;
      const scenario = load(away, `recordFlows.power.rollBackEvery=${every}`);
      const drawn = [...drawRecordFlow(scenario, scenario.recordFlows[0]!)];
      const marked = drawn.filter(({ isBack }) => isBack);
      if (outage !== '')
        assert.equal(marked.length, Math.floor(FLOW / every) - Math.floor(METERS / every));
      const recorded: (readonly [number, bigint])[] = [];
      let refused = 0;
      await runDirectly(scenario, {
        onSlice: ({ steps }) => {
          for (const event of steps.flatMap(({ batch }) => [...readEvents(batch.events)]))
            if (event.kind === 'recorded') recorded.push([event.debtorAgent, event.counter!]);
            else if (event.kind === 'rejected' && event.reason === 'counterRolledBack')
              refused += 1;
        },
      });
      assert.equal(refused, marked.length, `of every ${every}`);
      const kept = drawn.filter(({ isBack }) => !isBack);
      assert.deepEqual(
        counters(recorded),
        counters(kept.map(({ attestor, counter }) => [attestor, counter])),
      );
    }
  });

test('a counter of 1 has nothing below it', () => {
  const still = 'recordFlows.power.counts={ median: 0, sigma: 0, min: 0, max: 0 }';
  const scenario = load(still, 'recordFlows.power.startsAt=1', 'recordFlows.power.rollBackEvery=1');
  const drawn = [...drawRecordFlow(scenario, scenario.recordFlows[0]!)];
  assert.deepEqual([drawn.length, drawn.filter(({ isBack }) => isBack).length], [FLOW, 0]);
});

/** Each: when the meter is out, and when bills leave that wait for it; null: none does. */
const OUT: readonly (readonly [string, string | null])[] = [
  ['from: "09:00"', null],
  ['from: "09:00", until: "14:00"', '2026-03-16T14:00:00.001Z'],
  ['from: "09:00", until: "18:00"', '2026-03-17T08:00:00.001Z'],
];
for (const [times, waitsUntil] of OUT)
  test(`a bill leaves behind its record, or not at all where that does: out ${times}`, async () => {
    const one = [
      'recordFlows.power.attestors=[MAINDE00]',
      'recordFlows.power.rollBackEvery=100000',
      'chainFlows.bills.legs.0.price="0.01"',
      'chainFlows.bills.legs.0.sendsAfterSeconds=0',
      'attestors=[]',
      // So that the day goes on when EUR is closed.
      'currencies.USD={ opens: "08:00", closes: "20:00", zone: UTC }',
    ];
    const scenario = load(...one, `events.outages=[{ participant: MAINDE00, ${times} }]`);
    const messages = [...planMessages(scenario)];
    let [said, paidFor, records] = [1000n, 1000n, 0];
    const billedAt: string[] = [];
    const due: bigint[] = [];
    for (const message of messages) {
      if (message.kind === 'payment') {
        // A cent for one that is counted.
        paidFor += message.payment.amountMinor;
        billedAt.push(new Date(message.atMs).toISOString());
        assert.ok(paidFor <= said, `${paidFor} paid for, ${said} told`);
        assert.ok(due.includes(paidFor), 'up to a record that is due');
      } else if (
        message.request.kind === 'record' &&
        message.atMs === message.request.createdAtMs
      ) {
        said = message.request.counter!;
        if (++records % 4 === 0) due.push(said);
      }
    }
    assert.equal(records < 24, waitsUntil === null);
    assert.deepEqual([paidFor, billedAt.length], [due.at(-1) ?? 1000n, due.length]);
    if (waitsUntil !== null) assert.ok(billedAt.filter((at) => at === waitsUntil).length >= 2);
    // What was drawn of the day without outages has other bills.
    const next = messagesOf(scenario, noTraffic(), drawPayments(load(...one, 'events.outages=[]')));
    assert.deepEqual(messages, [...iterated(next)].map(outOfRow));
    const { summary } = await runScenario(scenario);
    assert.deepEqual((await runDirectly(scenario)).summary, summary);
    assert.deepEqual([summary.settled, summary.rejected], [due.length, 0]);
  });

function* iterated<T>(next: () => T | null): Generator<T, void> {
  for (let one = next(); one !== null; one = next()) yield one;
}

/** Each: what is set, and what is told. */
const WRONG: readonly (readonly [string, RegExp, string?])[] = [
  ['participants.ALFADE00.branches=2', /participants\[2\]\.branches: 2: expected none of a bank/],
  ['participants.TOWNDE00.bic=TOWNDE00AAA', /branches: "TOWNDE00AAA": expected a BIC of 8 char/],
  ['recordFlows.power.attestors=[NONEDE00]', /attestors\[0\]: "NONEDE00": expected a participant/],
  ['recordFlows.power.attestors=[TOWNDE00, TOWNDE00002]', /TOWNDE00002 once: it counts in power/],
  ['recordFlows.power.counts.median=2', /counts\.median: 2: expected a count from min to max/],
  [
    'recordFlows.power.counts.max=1000000000000',
    /counts\.max: 1000000000000: expected counters of/,
    'recordFlows.power.recordsPerDate=100000',
  ],
  ['recordFlows.power.recordsPerDate=100000000', /recordsPerDate/],
  ['recordFlows.power.startsAt=0', /startsAt/],
  // It could overtake the flow's own, which would be refused then.
  [
    'records=[{ attestor: TOWNDE00002, kind: reading, date: 2026-03-16, at: "09:00", document: x, counter: "1500" }]',
    /records\[0\]\.counter: "1500": expected none: TOWNDE00002 counts in the flow power/,
  ],
  ['chainFlows.bills.counted.flow=gas', /counted\.flow: "gas": expected the name of one/],
  ['chainFlows.bills.counted.everyRecords=5', /everyRecords: 5: expected a divisor of the 12/],
  ['chainFlows.bills.profile=day', /profile: "day": expected none beside counted/],
  ['chainFlows.bills.counted=null', /counted/],
  [
    'chainFlows.bills.legs.0.price=9999999999',
    /price: "9999999999": expected amounts that fit 64 bits/,
    'recordFlows.power.counts.max=1000000000000',
  ],
];
for (const [set, told, ...more] of WRONG)
  test(`a flow of records is refused: ${set}`, () =>
    assert.throws(() => load(set, ...(more as string[])), told));

test('a flow that is not counted needs what is drawn, and one that is counted a price', () => {
  const without = (line: RegExp) =>
    loadScenario('counted.yaml', { readFile: () => YAML.replace(line, '') });
  assert.throws(
    () => without(/ {4}counted:.*\n/),
    /profile: missing: expected profile, or counted/,
  );
  assert.throws(
    () => without(/, price: "0.005"/),
    /price: missing: expected the price of one that is counted/,
  );
});

test('a network of meters and no chains takes their records, by both doors', async () => {
  const alone = YAML.replace(/chainFlows:[\s\S]*?attestors:\n.*\n/, '');
  assert.doesNotMatch(alone, /chainFlows|DESKDE00, delay/);
  const scenario = loadScenario('counted.yaml', { readFile: () => alone });
  const { summary } = await runDirectly(scenario);
  const recorded = summary.conditions!.attestations.reduce((sum, one) => sum + one.recorded, 0);
  assert.ok(recorded > FLOW / 2);
  assert.deepEqual((await runScenario(scenario)).summary, summary);
});

test('a run has threads from so many messages on, whether they are payments or readings', () => {
  const fewBills = [
    'recordFlows.power.recordsPerDate=400',
    'chainFlows.bills.counted.everyRecords=400',
  ];
  const scenario = load(...fewBills);
  assert.ok(plannedPayments(scenario) < 100);
  assert.ok(isThreaded(scenario));
  assert.ok(!isThreaded(load()));
  assert.ok(isThreaded(load(), 2_000));
});
