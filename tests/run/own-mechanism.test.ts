import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import largestFirst from '../../scenarios/mechanisms/largest-first.ts';
import { createClearing } from '../../services/clearing/clearing.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { provenRun } from '../../services/replay/replay-run.ts';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { readRecordedRun } from '../../services/run/recorded-run.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planRun } from '../../services/scenario/run-plan.ts';
import { withAsks } from '../../services/simulator/cycle-and-operator-turns.ts';
import type {
  ProposedSets,
  Proposer,
  ProposerView,
} from '../../services/simulator/own-mechanism.ts';
import { atLeast } from '../support/at-least.ts';
import { explainInRun, recordFolder, rowsOf } from '../support/explained-run.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';
import { OWN_GRIDLOCK } from './own-gridlock.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const RTGS = [
  ...['settlement.mechanism=rtgs', 'settlement.cycle=gridlockResolution'],
  'settlement.currencies={}',
  // A leg that waits to be set aside holds up what stands behind it, and a proposer does not see it.
  ...['chains=[]', 'chainFlows=[]', 'attestations=[]'],
];
/** Where nothing passes, more of what waits could settle alone. */
const FIFO = ['settlement.mechanism=rtgs', 'settlement.queue=fifo'];

/** What became of each payment, and when: positions differ, as proposals stand in the log. */
const fates = (rows: readonly PaymentRow[], name: string): string[] =>
  rows.map(({ uetr, messageType, status, reason, mechanism, finalAtMs }) =>
    [
      uetr,
      messageType,
      status,
      reason,
      mechanism.replace(name, 'gridlockResolution'),
      finalAtMs,
    ].join(' '),
  );

test('gridlock resolution as a mechanism of its own settles what the core does, at the same instants', async () => {
  let settled = 0;
  const { name } = OWN_GRIDLOCK;
  for (const of of atLeast(5, ['ring', 2, 7, 8, 10] as const)) {
    const scenario = (proposes: boolean) =>
      of === 'ring'
        ? load('pssimpy-ring', [], proposes)
        : randomScenario(of, { set: RTGS, proposes });
    const own = await runDirectly(scenario(true), { proposer: OWN_GRIDLOCK });
    const core = await runDirectly(scenario(false));
    assert.deepEqual(fates(own.rows, name).sort(), fates(core.rows, name).sort(), `${of}`);
    assert.equal(own.summary.proposals?.[name]?.refusedSets ?? 0, 0, `${of}`);
    settled += own.summary.settledByMechanism[name] ?? 0;
  }
  assert.ok(settled > 15, `${settled} settled so`);
});

const SET_ASIDE = `name: set-aside
seed: 1
tickMs: 60000
businessDates: [2026-03-16]
currencies:
  EUR: { opens: "08:00", closes: "17:00", zone: UTC }
participants:
  - { bic: ALFADE00, name: Alfa, accounts: { EUR: { balance: "100.00" } } }
  - { bic: BETADE00, name: Beta, accounts: { EUR: { balance: "10.00" } } }
  - { bic: GAMMDE00, name: Gamma, accounts: { EUR: { balance: "0.00" } } }
chains:
  - id: FUNDED
    at: "09:00"
    earmark: { expiry: "15:00" }
    legs:
      - { from: ALFADE00, to: BETADE00, currency: EUR, amount: "60.00" }
      - { from: BETADE00, to: GAMMDE00, currency: EUR, amount: "70.00" }
  - id: QUEUED
    at: "10:00"
    legs:
      - { from: ALFADE00, to: GAMMDE00, currency: EUR, amount: "50.00" }
      - { from: GAMMDE00, to: BETADE00, currency: EUR, amount: "1.00" }
settlement: { cycleEverySeconds: 600 }
`;

test('a mechanism sees what an account has free, and no leg that waits to be set aside', async () => {
  const seen: ProposerView[] = [];
  const all: Proposer = {
    name: 'all',
    propose: (view) => {
      seen.push(view);
      return view.payments.map(({ position }) => [position]);
    },
  };
  const scenario = loadScenario('set-aside.yaml', {
    readFile: () => SET_ASIDE,
    set: [],
    proposes: true,
  });
  const { summary } = await runDirectly(scenario, { proposer: all });
  const [first] = atLeast(2, seen);
  assert.deepEqual(
    first!.accounts.map(({ balance, earmarked, available }) => [balance, earmarked, available]),
    [
      [4_000n, 6_000n, 4_000n],
      [1_000n, 0n, 1_000n],
      [0n, 0n, 0n],
    ],
  );
  const moved = first!.payments.map(({ legs }) => legs.map(({ amount }) => amount));
  assert.deepEqual(moved, [[5_000n, 100n]]);
  // When the earmark has expired the chain has its money.
  assert.deepEqual([summary.settled, summary.chains?.settled], [2, 1]);
});

const LARGEST_FIRST: Proposer = { name: 'largest-first', propose: largestFirst };
/** Sets that the core has to refuse stand among those that it does not. */
const CARELESS: Proposer = {
  name: 'careless',
  propose: ({ payments }) => [
    payments.map(({ position }) => position),
    ...payments.map(({ uetr }) => [uetr]),
  ],
};

test('both doors come to the same with a mechanism, and its log alone to the same without it', async () => {
  let [refused, settled] = [0, 0];
  for (const [seed, proposer] of atLeast(3, [
    [4, LARGEST_FIRST],
    [5, CARELESS],
    [7, CARELESS],
  ] as const)) {
    const scenario = randomScenario(seed, { set: FIFO, proposes: true });
    const inputs = scenario.pools.map((): Uint8Array[] => []);
    const { summary, simulation } = await runScenario(scenario, {
      proposer,
      onSlice: ({ steps }) => {
        for (const [pool, step] of steps.entries()) inputs[pool]?.push(...step.inputs);
      },
    });
    const direct = await runDirectly(scenario, { proposer, sliceMessages: 7 });
    assert.deepEqual(direct.summary, summary, `seed ${seed}`);
    refused += summary.proposals?.[proposer.name]?.refusedSets ?? 0;
    settled += summary.proposals?.[proposer.name]?.settled ?? 0;
    for (const [pool, values] of inputs.entries()) {
      const clearing = createClearing(createSettlement(wasm));
      clearing.apply(values.map((value, position) => ({ position, value })));
      const told = simulation.pools[pool]?.clearing.digest();
      assert.deepEqual(clearing.digest(), told, `seed ${seed}, pool ${pool}`);
    }
  }
  assert.ok(refused > 10 && settled > 50, `${refused} sets refused, ${settled} settled`);
});

test('the example settles by its name, and its day has its golden hash', async () => {
  const scenario = load('linked-gridlock', [], true);
  const { summary } = await runDirectly(scenario, { proposer: LARGEST_FIRST });
  assert.deepEqual(summary.proposals, {
    'largest-first': { cycles: 88, settled: 956, refusedSets: 0 },
  });
  assert.equal(summary.settledByMechanism['largest-first'], 956);
  assert.equal(
    summary.eventsHash,
    '0be76eabae0d8eabea921af4133256e0158852e49ff0d67f70a13d5efc08aa83',
  );
});

const run = (propose: (view: ProposerView) => unknown) =>
  runDirectly(load('pssimpy-ring', [], true), {
    proposer: { name: 'mine', propose: propose as Proposer['propose'] },
  });

test('an answer that nobody can propose ends the run with one line: what, where, what was expected', async () => {
  const first = ({ payments }: ProposerView) => payments[0]?.position as number;
  const where = 'mine at 2026-03-16T08:35:00.000Z in pool main: ';
  for (const [propose, message] of atLeast(11, [
    [() => null, 'returned null; expected an array of sets'],
    [() => ({ sets: [] }), 'returned { sets: [] }; expected an array of sets'],
    [async () => [], 'returned a promise; expected an array of sets'],
    [() => [7], 'set 1 is 7; expected an array of queued payments, at least one'],
    [() => Array(5), 'set 1 is undefined; expected an array of queued payments, at least one'],
    [() => [[]], 'set 1 is []; expected an array of queued payments, at least one'],
    [
      (view: ProposerView) => [[first(view)], [1]],
      'set 2 has 1; expected the position or UETR of a queued payment',
    ],
    [() => [['no-uetr']], "set 1 has 'no-uetr'; expected the position or UETR of a queued payment"],
    [() => [[1n]], 'set 1 has 1n; expected the position or UETR of a queued payment'],
    [
      (view: ProposerView) => [[first(view), view.payments[0]?.uetr]],
      /^mine at 2026-03-16T08:35:00.000Z in pool main: set 1 has '[0-9a-f-]{36}' twice; expected it once$/,
    ],
    [
      () => {
        throw new TypeError('no\nsuch thing');
      },
      'TypeError: no; expected sets of queued payments',
    ],
  ] as const))
    await assert.rejects(run(propose), (error: Error) => {
      assert.equal(error.name, 'ProposalFault');
      if (typeof message === 'string') assert.equal(error.message, `${where}${message}`);
      else assert.match(error.message, message);
      return true;
    });
});

test('a proposal has room for 4,096 bytes and 32 a payment of the scenario; one of more ends the run', async () => {
  // 24 for a set and 8 for its one payment; the ring plans nine payments, and one is spare.
  const sets = (4096 + 10 * 32) / 32;
  const single = (count: number) => (view: ProposerView) =>
    Array.from({ length: count }, () => [view.payments[0]?.position]);
  const { summary } = await run(single(sets));
  const { cycles, refusedSets } = summary.proposals?.mine ?? { cycles: 0, refusedSets: 0 };
  assert.ok(cycles > 0, 'the core counts no cycle');
  assert.equal(refusedSets, cycles * sets);
  await assert.rejects(run(single(sets + 1)), {
    name: 'ProposalFault',
    message:
      'mine at 2026-03-16T08:35:00.000Z in pool main: returned 139 sets of 139 payments in all, 4448 bytes; expected 4416 at most, 24 for a set and 8 for each payment in it',
  });
});

test('it sees the queues in their order, the accounts and the limits, and the currency that is about to close', async () => {
  const views: ProposerView[] = [];
  await run((view): ProposedSets => {
    views.push(view);
    return [];
  });
  const first = views.find(({ payments }) => payments.length === 3);
  assert.deepEqual(
    first?.payments.map(({ debtor, creditor, currency, amount, priority, legs }) => ({
      ...{ debtor, creditor, currency, amount, priority, legs: legs.length },
    })),
    [
      ['BONEDE00', 'BTWODE00', 100n],
      ['BTWODE00', 'BTHRDE00', 100n],
      ['BTHRDE00', 'BONEDE00', 100n],
    ].map(([debtor, creditor, amount]) => ({
      ...{ debtor, creditor, currency: 'XTS', amount, priority: 'normal', legs: 1 },
    })),
  );
  assert.ok(first?.payments.every(({ sinceMs }) => sinceMs !== null && sinceMs < first.atMs));
  assert.deepEqual(first?.accounts[0], {
    ...{ participant: 'BONEDE00', currency: 'XTS', balance: 50n },
    ...{ earmarked: 0n, creditLine: 0n },
    ...{ available: 50n, reservedUrgent: 0n, reservedHigh: 0n },
  });
  // The last cycle of each of three days is of the currency that closes, at its close.
  const last = views.filter(({ currency }) => currency === 'XTS');
  assert.deepEqual(
    last.map(({ atMs }) => new Date(atMs).toISOString()),
    ['2026-03-16T10:00:00.000Z', '2026-03-17T10:00:00.000Z', '2026-03-18T10:00:00.000Z'],
  );
});

test('it is asked at each interval from the first opening on, and right before each close', () => {
  const scenario = load('pssimpy-ring', [], true);
  const actions = [...withAsks(planRun(scenario), scenario)];
  const asks = actions.filter((action) => action.kind === 'ask');
  const at = (time: string, currency: number | null, first: 'tick' | 'cycle') => ({
    ...{ kind: 'ask', atMs: Date.parse(`2026-03-16T${time}Z`), pool: 0, currency, first },
  });
  assert.deepEqual(asks.slice(0, 2), [at('08:05', null, 'tick'), at('08:10', null, 'tick')]);
  // Two hours by five minutes, and the close.
  assert.deepEqual(asks.slice(23, 25), [at('10:00', null, 'tick'), at('10:00', 0, 'cycle')]);
  assert.equal(asks.length, 3 * 25);
  const last = actions.indexOf(asks[24] as (typeof asks)[number]);
  assert.equal(actions[last + 1]?.kind, 'close');
});

test('cycles at fixed times ask behind the core’s own, of their currency or of all', () => {
  const set = ['settlement.cyclesAt=["09:00"]', 'settlement.cycleEverySeconds=0'];
  const scenario = load('smoke', set, true);
  const kinds = [...withAsks(planRun(scenario), scenario)].flatMap((action, at, all) =>
    action.kind === 'ask' ? [[all[at - 1]?.kind, action.currency, action.first]] : [],
  );
  assert.deepEqual(kinds[0], ['cycle', null, null]);
  const closes = scenario.currencies.filter(({ hours }) => hours[0] !== null).length;
  assert.equal(kinds.length, 1 + closes);
});

test('the folder of such a run is proven without the mechanism, explained by its name, and has no counterfactual', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-own-'));
  try {
    const run = join(folder, 'run');
    const scenario = randomScenario(4, { set: FIFO, proposes: true });
    const told = {
      ...{ signatures: false, proposer: LARGEST_FIRST },
      overrides: [...FIFO, '--mechanism largest-first'],
    };
    const { proposals } = await recordFolder(run, scenario, false, (onSlice) =>
      runScenario(scenario, { ...told, onSlice }),
    );
    assert.ok((proposals?.['largest-first']?.settled ?? 0) > 0);
    assert.deepEqual((await provenRun(run)).differences, []);
    const row = rowsOf(run).find(({ mechanism }) => mechanism === 'largest-first');
    const { sentences } = await explainInRun(run, row?.uetr as string);
    assert.match(sentences.join(' '), /settled at \S+ \S+ UTC by largest-first \(cycle \d+\)/);
    await assert.rejects(readRecordedRun(run), /was proposed by a mechanism of its own/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
