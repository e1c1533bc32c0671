/** Registers: nobody assigns what it does not hold, whichever of two assignments comes first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import {
  drawPayments,
  messagesOf,
  outOfRow,
  planMessages,
} from '../../services/scenario/payments-in-sending-order.ts';
import { noTraffic } from '../../services/scenario/planned-payment.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';

const SEEDS = process.env.CORRIDOR_LONG_TESTS === '1' ? 2_000 : 6;
const CHAINS = 14;
const FIRMS = ['ALFADE00', 'BETADE00', 'GAMMDE00', 'DELTDE00'];
const XS = 'XS0000000009';

/** Sales of a security among four firms, which often have sold it before, at times that often coincide. */
function sales(
  seed: number,
  outages = '[]',
  beside = '',
  registers = XS,
  set: readonly string[] = [],
): Scenario {
  const random = xoroshiro128plus(seed);
  const draw = (from: number, to: number) => uniformInt(random, from, to);
  const chains = Array.from({ length: CHAINS }, (_, index) => {
    const from = draw(0, FIRMS.length - 1);
    const to = (from + draw(1, FIRMS.length - 1)) % FIRMS.length;
    const back = (to + draw(1, FIRMS.length - 1)) % FIRMS.length;
    const leg = (one: number, other: number, code: string, amount: number) =>
      `{ from: ${FIRMS[one]}, to: ${FIRMS[other]}, currency: ${code}, amount: "${amount}.00", sendsAfterSeconds: ${code === XS ? 0 : 600} }`;
    const amount = draw(1, 100);
    const legs = [leg(from, to, XS, amount), leg(to, from, 'EUR', amount)];
    // What it brings a firm may be what that firm delivers.
    if (back !== to && draw(0, 2) === 0) legs.push(leg(to, back, XS, draw(1, 100)));
    const at = `${draw(9, 11)}`.padStart(2, '0');
    return `  - { id: S${index}, at: "${at}:${draw(0, 3)}0", legs: [${legs.join(', ')}], condition: { groups: [{ attestors: [REGIDE00] }] } }`;
  });
  const text = `name: sales
description: A security is sold again and again.
seed: ${seed}
businessDates: [2026-03-16]
zone: UTC
currencies: { EUR: { opens: "08:00", closes: "18:00", zone: UTC } }
securities: { ${XS}: { name: A payable, decimals: 2, opens: "08:00", closes: "18:00", zone: UTC } }
participants:
${FIRMS.map((bic, place) => `  - { bic: ${bic}, name: ${bic}, accounts: { EUR: { balance: "90000.00" }, ${XS}: { balance: "${place < 2 ? 120 : 0}.00" } } }`).join('\n')}
  - { bic: REGIDE00, name: Register, role: registrar }
chains:
${chains.join('\n')}
attestors:
  - { attestor: REGIDE00, registers: ${registers}, holds: ${(seed % 2) / 2}, delay: { medianSeconds: 600, sigma: ${seed % 4 === 0 ? 0 : 1} } }
events: { outages: ${outages} }
${beside}`;
  return loadScenario('sales.yaml', { readFile: () => text, set });
}

/** What the register says of each chain that was sent, folded by hand in the order in which it says so. */
function judged(scenario: Scenario, seed: number) {
  const security = scenario.currencies.findIndex(({ code }) => code === XS);
  const held = scenario.participants.map(
    ({ accounts }) => accounts.find(({ currency }) => currency === security)?.balanceMinor ?? 0n,
  );
  const accepted = new Set<string>();
  const refused = new Set<string>();
  for (const message of planMessages(scenario)) {
    if (message.kind !== 'request' || message.request.kind !== 'attestation') continue;
    const { chain, verdict, reason } = message.request;
    if (verdict === 'held') continue;
    const after = [...held];
    for (const { debtorAgent, creditorAgent, currency, amountMinor } of chain.legs)
      if (currency === security) {
        after[debtorAgent]! -= amountMinor;
        after[creditorAgent]! += amountMinor;
      }
    const isHeld = after.every((minor) => minor >= 0n);
    assert.equal(verdict, isHeld ? 'accepted' : 'refused', `seed ${seed}, ${chain.id}`);
    assert.equal(reason === null, isHeld);
    if (!isHeld)
      assert.match(`${reason}`, /^[A-Z0-9]{8} holds \d+\.00 of \d+\.00(: assigned by S\d+)?$/);
    (isHeld ? accepted : refused).add(chain.id);
    if (isHeld) held.splice(0, held.length, ...after);
  }
  return { accepted, refused };
}

test(`what a register accepts settles, and what it refuses never does: ${SEEDS} seeds`, async () => {
  let [accepts, refusals] = [0, 0];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outage = [['REGIDE00', '09:00', '14:00'], [FIRMS[seed % 4], '09:00', '09:50'], []][
      seed % 3
    ]!;
    const outages =
      outage.length === 0
        ? '[]'
        : `[{ participant: ${outage[0]}, from: "${outage[1]}", until: "${outage[2]}" }]`;
    const scenario = sales(seed, outages);
    const { accepted, refused } = judged(scenario, seed);
    accepts += accepted.size;
    refusals += refused.size;
    const chainOf = new Map<string, string>();
    for (const message of planMessages(scenario))
      if (message.kind === 'payment')
        chainOf.set(`${message.payment.uetr}`, `${message.payment.endToEndId}`);
    const ended = { settled: new Set<string>(), cancelled: new Set<string>() };
    const { summary } = await runDirectly(scenario, {
      onSlice: ({ steps }) => {
        for (const event of steps.flatMap(({ batch }) => [...readEvents(batch.events)]))
          if (event.kind === 'settled' || event.kind === 'cancelled')
            ended[event.kind].add(`${chainOf.get(`${uetrFromBytes(event.id)}`)}`);
      },
    });
    assert.deepEqual([ended.settled, ended.cancelled], [accepted, refused], `seed ${seed}`);
    if (seed % 12 === 0) assert.deepEqual((await runScenario(scenario)).summary, summary);
    // A day that was drawn without the outage is judged with it.
    const next = messagesOf(scenario, noTraffic(), drawPayments(sales(seed)));
    const again: unknown[] = [];
    for (let one = next(); one !== null; one = next()) again.push(outOfRow(one));
    assert.deepEqual(again, [...planMessages(scenario)], `seed ${seed}`);
  }
  assert.ok(accepts > 2 * SEEDS && refusals > 2 * SEEDS, `${accepts}, ${refusals}`);
});

const flow = (attestor: string, parties: string) => `
profiles: { day: { zone: UTC, parts: [{ from: "09:00", to: "17:00", weight: 1 }] } }
chainFlows:
  - name: swaps
    chainsPerDate: 3
    profile: day
    amounts: { median: "10.00", sigma: 0, min: "1.00", max: "90.00" }
    parties: ${parties}
    legs: [{ from: ALFADE00, to: BETADE00, currency: EUR }]
    condition: { groups: [{ attestors: [${attestor}] }] }
`;
/** Each: what stands beside the sales, and what is told. */
const WRONG: readonly (readonly [string, RegExp])[] = [
  [
    flow('REGIDE00', '{}'),
    /registers: "REGIDE00": expected none: REGIDE00 is asked by the flow swaps/,
  ],
  [flow('register', '{ register: { REGIDE00: 1 } }'), /none: REGIDE00 is asked by the flow swaps/],
  [
    'attestations: [{ attestor: REGIDE00, chain: S1, at: "12:00" }]',
    /attestors\[0\]\.registers: .* none: attestations\[0\] says what REGIDE00 attests/,
  ],
  [
    'settlement: { preValidation: [{ currency: EUR, desk: REGIDE00, withinMinutes: 5 }] }',
    /none: REGIDE00 is a desk of settlement\.preValidation/,
  ],
];
for (const [place, [beside, told]] of WRONG.entries())
  test(`a register is asked by listed chains alone: ${place}`, () =>
    assert.throws(() => sales(1, '[]', beside), told));

test('what is registered is a security of the scenario', () => {
  assert.throws(() => sales(1, '[]', '', 'USD'), /attestors\[0\]\.registers: "USD": expected/);
  assert.throws(() => sales(1, '[]', '', 'EUR'), /registers: "EUR": expected a security/);
});

test('a security has one register', () => {
  const register = (attestor: string) =>
    `{ attestor: ${attestor}, registers: ${XS}, delay: { medianSeconds: 60, sigma: 0 } }`;
  const both = `attestors=[${register('REGIDE00')}, ${register('ALFADE00')}]`;
  assert.throws(
    () => sales(1, '[]', '', XS, [both]),
    /attestors\[1\]\.registers: "XS0000000009": expected a security with one register; attestors\[0\] is this one's/,
  );
});

const AMOUNTS = 'amounts: { median: "10.00", sigma: 0, min: "1.00", max: "90.00" }';
const asked = (groups: string, rest = '') => `chains.1.condition={ groups: ${groups}${rest} }`;
/** Each: how a chain that delivers the security could settle though the register refuses it, or is silent. */
const PAST: readonly (readonly [set: string, told: RegExp])[] = [
  [asked('[{ attestors: [ALFADE00] }]'), /chains\[1\]\.condition: .*expected one that REGIDE00/],
  [asked('[{ attestors: [REGIDE00, ALFADE00], threshold: 1 }]'), /one that REGIDE00/],
  [
    asked('[{ attestors: [REGIDE00] }, { attestors: [ALFADE00] }]', ', threshold: 1'),
    /one that REGIDE00/,
  ],
  [
    asked('[{ attestors: [REGIDE00] }]', ', deadline: "17:00", onSilence: settle'),
    /one that REGIDE00/,
  ],
  [
    `trades=[{ name: dvp, delivers: ${XS}, receives: EUR, tradesPerDate: 1, price: "1", profile: day, ${AMOUNTS} }]`,
    /trades\[0\]: .*expected none of XS0000000009, of which REGIDE00 keeps/,
  ],
  [
    `chainFlows=[{ name: drawn, chainsPerDate: 3, profile: day, ${AMOUNTS}, legs: [{ from: BETADE00, to: ALFADE00, currency: EUR }, { from: ALFADE00, to: BETADE00, currency: ${XS}, price: "1" }] }]`,
    /chainFlows\[0\]: "drawn": expected none of XS0000000009, of which REGIDE00 keeps/,
  ],
  [
    `events.issues=[{ participant: BETADE00, currency: ${XS}, at: "12:00", amount: "5.00" }]`,
    /events\.issues\[0\]: "BETADE00": expected none of XS0000000009, of which REGIDE00 keeps/,
  ],
  [
    `events.redemptions=[{ participant: ALFADE00, currency: ${XS}, at: "12:00", amount: "5.00" }]`,
    /events\.redemptions\[0\]: "ALFADE00": expected none of XS0000000009, of which REGIDE00 keeps/,
  ],
];
const DAY = 'profiles: { day: { zone: UTC, parts: [{ from: "09:00", to: "17:00", weight: 1 }] } }';
for (const [place, [set, told]] of PAST.entries())
  test(`nothing moves what is registered past the register: ${place}`, () =>
    assert.throws(() => sales(1, '[]', DAY, XS, [set]), told));

test('deposits that customers pay with have no register', () => {
  const { code } = load('two-layer').currencies.find(({ isSecurity }) => isSecurity)!;
  const register = `attestors=[{ attestor: ALFADE00, registers: ${code}, delay: { medianSeconds: 60, sigma: 0 } }]`;
  assert.throws(
    () => load('two-layer', [register]),
    new RegExp(
      `customerPayments\\[0\\]: "retail": expected none of ${code}, of which ALFADE00 keeps`,
    ),
  );
});

test('a chain that the register has to accept among others moves what is registered', () => {
  const groups = '[{ attestors: [REGIDE00, ALFADE00], threshold: 2 }, { attestors: [BETADE00] }]';
  assert.equal(sales(1, '[]', DAY, XS, [asked(groups)]).chains.length, CHAINS);
});
