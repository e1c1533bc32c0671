/** A live network's recorded instructions under another founding and other hours. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClearing } from '../../services/clearing/clearing.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import { exitCode } from '../../services/platform/exit-codes.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { poolInput } from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { eventsHash } from '../../services/protocol/records/event-chain.ts';
import {
  isControl,
  readVerified,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import { provenRun } from '../../services/replay/replay-run.ts';
import { counterfactualIn } from '../../services/run/counterfactual-log.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { simulatedPublicKeys } from '../../services/simulator/keys-and-genesis.ts';
import { atLeast } from '../support/at-least.ts';
import { recordFolder } from '../support/explained-run.ts';
import { followed, load, runScenario, scenarioFile } from '../support/run.ts';

const DATE = '2026-03-16';
const at = (time: string, date = DATE): number => Date.parse(`${date}T${time}Z`);
const MIDNIGHT = at('00:00', '2026-03-17');
const wasm = compiledCore();
const FILE = scenarioFile('smoke');
const scenario = load('smoke');

/** What participants of `smoke` sent, with its time. */
const sent: { readonly atMs: number; readonly value: Uint8Array }[] = [];
before(async () => {
  await runScenario(scenario, {
    onSlice: ({ steps }) => {
      for (const value of steps.flatMap(({ inputs }) => inputs))
        if (!isControl(value)) sent.push({ atMs: readVerified(value).appendedAtMs, value });
    },
  });
});

type Said = ControlRecord;
const open = (currency: string, time = '05:00', closesAtMs = MIDNIGHT): Said => ({
  ...{ kind: 'open', timeMs: at(time), currency, date: DATE, closesAtMs },
});
const close = (currency: string, timeMs: number): Said => ({
  ...{ kind: 'close', timeMs, currency, date: DATE },
});
const commanded = (id: string, said: Said): Said => ({
  ...said,
  command: { id, issuedAtMs: said.timeMs, signature: '', payload: '' },
});
const issue = commanded('i-1', {
  ...{ kind: 'issue', timeMs: at('09:30'), bic: 'ALFADE00' as never, currency: 'EUR' },
  amountMinor: '500000',
});
/** An operator who registers a bank, and gives money, once and again. */
const COMMANDS: readonly Said[] = [
  commanded('p-0', {
    ...{ kind: 'participant', timeMs: at('07:00'), bic: 'ALFADE00' as never },
    ...{ name: 'Bank Alfa', role: 'bank' },
  }),
  commanded('p-1', {
    ...{ kind: 'participant', timeMs: at('07:00'), bic: 'DELTDE00' as never },
    ...{ name: 'Bank Delta', role: 'bank' },
  }),
  issue,
  issue,
];
const ticks = (): Said[] =>
  Array.from({ length: 170 }, (_, index) => ({
    kind: 'tick',
    timeMs: at('05:00') + index * 300_000,
  }));
const CALENDAR = [
  open('EUR'),
  open('SGD'),
  close('EUR', MIDNIGHT + 900),
  close('SGD', MIDNIGHT + 900),
];

/** A network's log: founded, then what was sent among the operator's records. */
async function logOf(founded: Scenario, calendar: readonly Said[] = CALENDAR): Promise<Log> {
  const log = createMemoryLog({ now: () => at('05:00') });
  await createTopics(log, networkOf(founded));
  const keys = simulatedPublicKeys(founded);
  await writeGenesis(log, founded, {
    timeMs: at('04:59'),
    publicKeyOf: (bic) => keys.get(bic) as Uint8Array,
    operatorKey: new Uint8Array(32).fill(3),
    nodeKey: new Uint8Array(32).fill(4),
    limits: { livePayments: 1_000, identities: 1_000, quotes: 100, limits: 100, participants: 10 },
  });
  const controls = [...calendar, ...ticks(), ...COMMANDS].map((said) => ({
    atMs: said.timeMs,
    value: writeControl(said),
  }));
  const records = [...controls, ...sent].sort((a, b) => a.atMs - b.atMs);
  await log.produce(
    poolInput('main'),
    records.map(({ value }) => ({ key: 'main', value, headers: {} })),
  );
  return log;
}

/** What clearing makes of a log as it stands. */
async function hashOf(log: Log): Promise<string> {
  const clearing = createClearing(createSettlement(wasm));
  const records = await log.read(poolInput('main'), 0, 0, 100_000);
  clearing.apply(records.map(({ logOffset, value }) => ({ position: logOffset, value })));
  return eventsHash(new Map([['main', clearing.digest()]]));
}

async function otherwise(log: Log, ...set: readonly string[]) {
  const {
    scenario: changed,
    simulation,
    network,
  } = await counterfactualIn(log, 'memory', FILE, set);
  return { network, changed, ...(await followed(changed, simulation, {})) };
}

describe("a live log's counterfactual", () => {
  test('has the hash of the network where nothing changes', async () => {
    const log = await logOf(scenario);
    const { summary, network, changed } = await otherwise(log, 'settlement.identityDays=5');
    assert.equal(summary.eventsHash, await hashOf(log));
    assert.equal(summary.counterfactualOf, summary.eventsHash);
    assert.deepEqual(network.dates, [DATE]);
    // As it was open, and who took part then.
    const hours = [{ opensMs: at('05:00'), closesMs: MIDNIGHT }];
    assert.deepEqual(
      changed.currencies.map((currency) => currency.hours),
      [hours, hours],
    );
    const bics = [...scenario.participants.map(({ bic }) => bic), 'DELTDE00'];
    assert.deepEqual(
      changed.participants.map(({ bic }) => bic),
      bics,
    );
    assert.ok(summary.settled > 200, `${summary.settled} settled`);
    assert.equal(summary.submitted, 400);
    // Hours that leave those of the network as they are.
    const same = await otherwise(log, 'currencies.EUR.opens=00:00', 'currencies.SGD.opens=04:00');
    assert.equal(same.summary.eventsHash, summary.eventsHash);
  });

  const FOUNDINGS: readonly (readonly string[])[] = [
    ['settlement.mechanism=dns', 'settlement.cycleEverySeconds=600'],
    [
      'participants.*.accounts.*.balance=900',
      'participants.ALFADE00.accounts.EUR.creditLine=77',
      'participants.BETASG00.accounts.SGD.collateral={ amount: "4000", haircutBasisPoints: 100 }',
    ],
  ];

  test('is that of a network which was founded otherwise', async () => {
    const log = await logOf(scenario);
    const hash = await hashOf(log);
    for (const set of atLeast(2, FOUNDINGS)) {
      const { summary } = await otherwise(log, ...set);
      assert.notEqual(summary.eventsHash, hash, set.join(' '));
      assert.equal(
        summary.eventsHash,
        await hashOf(await logOf(load('smoke', set))),
        set.join(' '),
      );
    }
  });

  test('opens and closes at other hours, as far as the network was open', async () => {
    const log = await logOf(scenario);
    const set = [
      'currencies.EUR.opens=08:00',
      'currencies.EUR.closes=10:00',
      'currencies.SGD.closes=09:00',
    ];
    const { summary } = await otherwise(log, ...set);
    const [ten, nine] = [at('10:00'), at('09:00')];
    const calendar = [
      open('EUR', '08:00', ten),
      open('SGD', '05:00', nine),
      close('EUR', ten),
      close('SGD', nine),
    ];
    assert.equal(summary.eventsHash, await hashOf(await logOf(scenario, calendar)));
    const zone = await otherwise(
      log,
      'currencies.*.zone=Asia/Singapore',
      'currencies.*.opens=08:00',
    );
    // 00:00 UTC to 16:00 UTC.
    const four = [open('EUR', '05:00', at('16:00')), open('SGD', '05:00', at('16:00'))];
    const closes = [close('EUR', at('16:00')), close('SGD', at('16:00'))];
    assert.equal(
      zone.summary.eventsHash,
      await hashOf(await logOf(scenario, [...four, ...closes])),
    );
    const never = await otherwise(log, `currencies.EUR.holidays=[${DATE}]`);
    assert.equal(never.summary.settledValueMinor.EUR, '0');
  });

  test('closes when the network did where that is earlier', async () => {
    const early = [open('EUR'), open('SGD'), close('EUR', at('08:00')), close('SGD', at('08:00'))];
    const log = await logOf(scenario, early);
    const { summary } = await otherwise(
      log,
      'currencies.EUR.closes=09:00',
      'currencies.SGD.opens=10:00',
    );
    const [eur] = early;
    const calendar = [{ ...eur, closesAtMs: at('09:00') } as Said, close('EUR', at('08:00'))];
    assert.equal(summary.eventsHash, await hashOf(await logOf(scenario, calendar)));
  });

  test('is a run: it replays, message by message', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'corridor-counterfactual-log-'));
    after(() => rmSync(folder, { recursive: true }));
    const log = await logOf(scenario);
    const { scenario: changed, simulation } = await counterfactualIn(log, 'memory', FILE, [
      'settlement.cycle=off',
    ]);
    await recordFolder(folder, changed, true, (onSlice) =>
      followed(changed, simulation, { onSlice }),
    );
    const { result, differences } = await provenRun(folder);
    assert.deepEqual(differences, []);
    assert.ok((result.proven.get('payment') ?? 0) > 300);
  });

  test('refuses what no founding says, and another scenario', async () => {
    const log = await logOf(scenario);
    const REFUSED: readonly (readonly [file: string, set: string, told: RegExp])[] = [
      [FILE, 'settlement.cyclesAt=["09:00"]', /settlement\.cyclesAt.*stays as recorded/],
      [
        FILE,
        'events.issues.+={ participant: ALFADE00, currency: EUR, amount: "1", at: "09:00" }',
        /events\.issues.*stays as recorded/,
      ],
      [FILE, 'seed=2', /seed: 2: expected a field/],
      [
        scenarioFile('pssimpy-ring'),
        'settlement.cycle=off',
        /: pool main: \S+ is .* in the scenario, and .* in the founding: expected the scenario/,
      ],
      [
        scenarioFile('four-corridors'),
        'settlement.cycle=off',
        /: pool main: \S+ is .* in the scenario, and .* in the founding: expected the scenario/,
      ],
    ];
    for (const [file, set, told] of atLeast(5, REFUSED))
      await assert.rejects(counterfactualIn(log, 'memory', file, [set]), (error: Error) => {
        assert.match(error.message, told);
        assert.doesNotMatch(error.message, /\n/);
        return exitCode(error) === 2;
      });
    const timed = await logOf(load('smoke', ['settlement.recallDays=2']));
    const OTHER =
      /settlement\.recallDays is not there in the scenario, and 2 in the founding: expected/;
    await assert.rejects(counterfactualIn(timed, 'memory', FILE, []), OTHER);
    const empty = createMemoryLog({ now: () => 0 });
    await assert.rejects(counterfactualIn(empty, 'memory', FILE, []), /it holds no pool's input/);
  });
});
