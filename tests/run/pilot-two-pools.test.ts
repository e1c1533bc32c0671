import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createBank } from '../../services/bank/bank.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { ChainLeg } from '../../services/protocol/messages/instruction.ts';
import { readPayload } from '../../services/protocol/messages/payload.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { type Envelope, readEnvelope } from '../../services/protocol/names/message-headers.ts';
import { OPERATOR_ROLE } from '../../services/protocol/names/participant-roles.ts';
import { payloadDigest } from '../../services/protocol/names/signing-text.ts';
import { poolInput, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import { readRecordedNetwork } from '../../services/run/recorded-network.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { refuseOtherInstructions } from '../../services/scenario/counterfactual-rules.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import type { ScenarioChain } from '../../services/scenario/scenario.ts';
import { KEY_ID, simulatedCurrencies } from '../../services/simulator/keys-and-genesis.ts';
import { judge } from '../../services/verifier/pool-and-input-record.ts';
import { toldOn } from '../support/pilot-page.ts';
import { load, runDirectly, runScenario, scenarioFile } from '../support/run.ts';

/** The pilot of docs/pilot-two-pools.md: what an operator that is away for an hour costs, and that it makes no chain partial. */
const EVENTS_HASH = 'f41e3da5979c98bb42b79b50e2803d1439534b28b66a4997594a859456a5ab32';
const HOUR_MS = 3_600_000;

const VARIANTS = {
  away: [],
  there: ['events.outages=[]'],
  slow: ['events.outages=[]', 'synchronisation.everySeconds=60'],
  // The terms outlast the hour.
  patient: [
    'chainFlows.*.earmark.expiryAfterSeconds=5400',
    'chainFlows.2.condition.deadlineAfterSeconds=5000',
  ],
};

/** By the UETR of a leg: no variant changes which legs there are. */
const chainOf = new Map<string, ScenarioChain>();
for (const message of planMessages(load('two-pools')))
  if (message.kind === 'payment' && message.payment.ofChain)
    chainOf.set(`${message.payment.uetr}`, message.payment.ofChain.chain);

/** How many chains settled, in both pools; what was set aside in each currency, million × hours; and what the run says. */
async function played(set: readonly string[]) {
  const scenario = load('two-pools', set);
  const { summary, rows } = await runDirectly(scenario, { signatures: false });
  const settledLegs = new Map<ScenarioChain, number>();
  for (const { uetr, status } of rows) {
    const chain = chainOf.get(uetr);
    if (chain)
      settledLegs.set(chain, (settledLegs.get(chain) ?? 0) + (status === 'settled' ? 1 : 0));
  }
  for (const [{ id, legs }, count] of settledLegs)
    assert.ok(count === 0 || count === legs.length, `${id} is partial: ${count} legs settled`);
  const locked = (code: string) => {
    const accounts = (summary.conditions?.locked ?? []).filter(({ currency }) => currency === code);
    const sum = accounts.reduce((all, { lockedMinorMs }) => all + Number(lockedMinorMs), 0);
    return (sum / (100 * 1e6 * HOUR_MS)).toFixed(2);
  };
  return {
    ...{ summary, chains: settledLegs.size },
    settled: [...settledLegs.values()].filter((count) => count > 0).length,
    locked: [locked('EUR'), locked('SGD')],
  };
}

test('while the operator is away no chain is partial, money stays promised, and what expires meanwhile ends; longer terms pay for the chains with money', async () => {
  const away = await played(VARIANTS.away);
  assert.equal(away.summary.eventsHash, EVENTS_HASH);
  const [there, slow, patient] = [
    await played(VARIANTS.there),
    await played(VARIANTS.slow),
    await played(VARIANTS.patient),
  ];
  const all = [there, slow, away, patient];
  assert.deepEqual(
    all.map(({ chains, settled, locked }) => [chains, settled, ...locked]),
    [
      [210, 194, '0.07', '0.49'],
      [210, 194, '0.20', '0.75'],
      [210, 172, '0.51', '1.83'],
      [210, 195, '0.51', '2.13'],
    ],
  );
  assert.deepEqual(
    toldOn('two-pools', 'chains settled, of 210'),
    all.map(({ settled }) => `${settled}`),
  );
  assert.deepEqual(
    toldOn('two-pools', 'EUR set aside, million × hours'),
    all.map(({ locked: [eur] }) => eur),
  );
  assert.deepEqual(
    toldOn('two-pools', 'SGD set aside, million × hours'),
    all.map(({ locked: [, sgd] }) => sgd),
  );
  for (const { summary } of all) {
    assert.equal(summary.conditions?.chains.waiting, 0, 'nothing is promised at the end');
    assert.ok(summary.conserved);
  }
});

test('what home leaves at the last close is refused behind it: no money stays promised when a run ends', async () => {
  const few = [0, 1, 2].map((flow) => `chainFlows.${flow}.chainsPerDate=${flow === 0 ? 4 : 0}`);
  const { summary } = await runDirectly(
    load('two-pools', [
      ...['traffic=[]', 'events.outages=[]', ...few],
      ...['participants.0.accounts.EUR.balance=0', 'participants.1.accounts.EUR.balance=0'],
      ...['chainFlows.0.earmark.expiryAfterSeconds=43200', 'tickMs=60000'],
    ]),
  );
  const { chains, earmarks } = summary.conditions ?? {};
  assert.deepEqual([chains?.promised, chains?.waiting, earmarks?.standing], [4, 0, 0]);
  assert.equal(summary.settled, 0);
});

test('what is listed of a chain over two pools is said to the pool that it names: whom the policy asks answers each, or the chain ends', async () => {
  const listed = (...attestations: string[]) => [
    ...['traffic=[]', 'chainFlows=[]', 'attestors=[]', 'events.outages=[]'],
    'settlement.preValidation=[{ from: DE, to: SG, desk: DESKSG00, withinMinutes: 30 }]',
    `chains=[{ id: T-1, at: "10:00", synchronisedBy: SYNCDE00, earmark: { expiry: "12:00" }, legs: [
      { from: ALFADE00, to: MERLSG00, currency: EUR, amount: "100.00" },
      { from: MERLSG00, to: ALFADE00, currency: SGD, amount: "147.10" }] }]`,
    `attestations=[${attestations.map((one) => `{ attestor: DESKSG00, chain: T-1, at: "10:05"${one} }`).join(', ')}]`,
  ];
  const endOf = async (...attestations: string[]) => {
    const { rows } = await runDirectly(load('two-pools', listed(...attestations)));
    return rows.map(({ status, reason }) => (status === 'settled' ? status : reason));
  };
  const [home, alsoHome, other] = ['', ', currency: EUR', ', currency: SGD'] as const;
  assert.deepEqual(await endOf(home, other), ['settled', 'settled']);
  assert.deepEqual(await endOf(other, alsoHome), ['settled', 'settled']);
  assert.deepEqual(await endOf(home), ['conditionUnmet', 'conditionUnmet']);
  // The other pool has promised, and its operator carries over that home has ended.
  assert.deepEqual(await endOf(other), ['conditionUnmet', 'conditionRefused']);
  const refuses = ', verdict: refuse';
  for (const said of [
    [home, other + refuses],
    [other, home + refuses],
  ] as const)
    assert.deepEqual(await endOf(...said), ['conditionRefused', 'conditionRefused']);
  const both = load('two-pools', listed(other, home + refuses));
  const [direct, messages] = [await runDirectly(both), await runScenario(both)];
  assert.equal(messages.summary.eventsHash, direct.summary.eventsHash, 'by both doors');
  assert.throws(
    () => load('conditional', ['attestations.0.currency=USD']),
    /attestations\[0\]\.currency: "USD": expected one that a leg of the chain moves: EUR/,
  );
});

test('a chain whose pools, operator or terms cannot be is refused with its place', () => {
  const refused = (set: string, expected: RegExp) =>
    assert.throws(() => load('two-pools', [set]), expected, set);
  refused(
    'chainFlows.0.synchronisedBy=ALFADE00',
    new RegExp(`chainFlows\\[0\\]\\.synchronisedBy.*a participant of the role ${OPERATOR_ROLE}`),
  );
  refused('chainFlows.0.synchronisedBy=NONEDE00', /chainFlows\[0\]\.synchronisedBy/);
  refused('chainFlows.0.legs.1.currency=EUR', /chainFlows\[0\]\.synchronisedBy.*the pool west/);
  refused(
    'chainFlows.2.legs.0.currency=SGD',
    /chainFlows\[2\]\.legs\[2\]\.currency.*same pool as EUR/,
  );
  refused('chainFlows.0.earmark.onExpiry=continue', /chainFlows\[0\]\.earmark\.onExpiry.*releases/);
  refused(
    'chainFlows.2.condition.onSilence=settle',
    /chainFlows\[2\].condition\.onSilence.*release/,
  );
  refused(
    'chainFlows.2.condition={ groups: [{ attestors: [DESKSG00] }] }',
    /chainFlows\[2\]\.condition.*a deadline/,
  );
  refused(
    'chainFlows.2.condition.groups.0.attestors=[SYNCDE00]',
    /chainFlows\[2\]\.synchronisedBy.*in no group/,
  );
  refused(
    'chainFlows.2.condition.groups=[{ attestors: [DESKSG00] }, { attestors: [ALFADE00] }, { attestors: [BETAFR00] }, { attestors: [MERLSG00] }, { attestors: [TEMASG00] }, { attestors: [DESKSG00, ALFADE00] }, { attestors: [DESKSG00, BETAFR00] }, { attestors: [DESKSG00, MERLSG00] }]',
    /chainFlows\[2\]\.condition\.groups.*at most 7 groups/,
  );
  refused('synchronisation.everySeconds=0', /synchronisation\.everySeconds/);
});

test('a run with chains over two pools has no counterfactual, in which its operator would break its rules', () => {
  const { document } = load('two-pools');
  assert.throws(
    () => refuseOtherInstructions('two-pools.yaml', [], document, document),
    /two-pools\.yaml: synchronisedBy: chains over two pools: expected chains of one pool each; what the operator .*: use `corridor run`/,
  );
});

test('a live network of two pools is known as founded by its scenario, though that has no chain over both', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'two-pools-founded-'));
  try {
    const file = join(folder, 'apart.yaml');
    const text = readFileSync(scenarioFile('two-pools'), 'utf8');
    const apart = text.replace(/\nchainFlows:[\s\S]*?(?=\nattestors:)/, '');
    assert.ok(!apart.includes('synchronisedBy'));
    writeFileSync(file, apart);
    const scenario = loadScenario(file, { readFile: (path) => readFileSync(path, 'utf8') });
    const log = createMemoryLog({ now: () => 0 });
    await log.createTopics(topicPlan(['west', 'east'], [], 1));
    const key = new Uint8Array(32);
    await writeGenesis(log, scenario, { timeMs: 1, publicKeyOf: () => key, operatorKey: key });
    // No other founding: it goes on to what is not there.
    await assert.rejects(readRecordedNetwork(log, 'memory', file), /no business date has opened/);
    const legs = [
      { debtorAgent: 'ALFADE00', creditorAgent: 'MERLSG00', code: 'EUR', minor: 1n },
      { debtorAgent: 'MERLSG00', creditorAgent: 'ALFADE00', code: 'SGD', minor: 1n },
    ] as ChainLeg[];
    const leg = {
      ...{ messageId: 'M-1', chainId: 'TWO-1', instructingAgent: 'ALFADE00' as Bic, legs },
      uetr: '00000000-0000-4000-9000-000000000001' as Uetr,
      ...{ legNumber: 1, settlementDate: '2026-03-16', priority: 'normal' as const },
      earmark: { when: 'acceptance', expiry: '15:00:00Z', onExpiry: 'release' } as const,
      synchronised: { operator: 'SYNCDE00' as Bic, homeLegs: 1 },
    };
    const bank = createBank({
      ...{ bic: leg.instructingAgent, keyId: KEY_ID, network: scenario.network },
      decimals: () => 2,
    });
    const { headers, value: payload } = bank.chainLeg(leg, 2);
    const envelope = readEnvelope(headers) as Envelope;
    const currencies = simulatedCurrencies(scenario);
    const { value } = judge({
      message: { partition: 0, logOffset: 0, timestampMs: 2, value: payload, headers },
      ...{ envelope, digest: payloadDigest(payload), keepsPayload: false, defaultPool: 'west' },
      ...{ payload: readPayload(envelope, payload, currencies, scenario.network), currencies },
      outcome: { authentic: true, publicKey: key },
    });
    await log.produce(poolInput('west'), [{ key: 'west', headers: {}, value }]);
    await assert.rejects(
      readRecordedNetwork(log, 'memory', file),
      /--log memory: pool west, offset \d+: a chain over two pools: expected chains of one pool each; what the operator/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
