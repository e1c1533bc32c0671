import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { foundCommand } from '../../services/cli/found-command.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { KEY_TYPE, noteKey, verifierKey } from '../../services/evidence/signed-note.ts';
import { BadInput } from '../../services/platform/exit-codes.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { poolInput, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import {
  isControl,
  readControl,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import {
  type GenesisOptions,
  refuseOtherScenario,
  writeGenesis,
} from '../../services/sandbox/genesis.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { atLeast } from '../support/at-least.ts';
import { load, scenarioFile } from '../support/run.ts';

const keyOf = (byte: number) => createSigner(new Uint8Array(32).fill(byte)).publicKey;
const [FIRST, SECOND, THIRD] = [keyOf(1), keyOf(2), keyOf(3)];

async function emptyLog(scenario: Scenario = load('smoke')) {
  const log = createMemoryLog({ now: () => 0 });
  const pools = scenario.pools.map(({ name }) => name);
  await log.createTopics(topicPlan(pools, [], 1));
  const options = { timeMs: 1, publicKeyOf: () => keyOf(9), operatorKey: FIRST };
  return {
    log,
    found: (more: Partial<GenesisOptions> = {}) =>
      writeGenesis(log, scenario, { ...options, ...more }),
    written: () => log.endOffset(poolInput(pools[0]!), 0),
    genesis: async () => {
      const [first] = await log.read(poolInput(pools[0]!), 0, 0, 1);
      return JSON.parse(Buffer.from(first!.value).toString());
    },
  };
}
const refused = (text: RegExp) => (error: unknown) =>
  error instanceof BadInput && text.test(error.message);

test('a network is not founded with one key for two operators', async () => {
  const { found, written } = await emptyLog();
  await assert.rejects(
    found({ secondOperatorKey: FIRST }),
    refused(/genesis of pool .*: two operators have the publicKey/),
  );
  assert.equal(await written(), 0);
});

test('who asks for two operators where there is one, or another, is told that they are not', async () => {
  const one = await emptyLog();
  await one.found();
  const before = await one.written();
  await one.found();
  await assert.rejects(
    one.found({ secondOperatorKey: SECOND }),
    refused(/was founded with one operator, not with/),
  );
  assert.equal(await one.written(), before);
  const two = await emptyLog();
  await two.found({ secondOperatorKey: SECOND });
  await two.found({ secondOperatorKey: SECOND });
  // Who does not ask for them changes nothing.
  await two.found();
  await assert.rejects(
    two.found({ secondOperatorKey: THIRD }),
    refused(/was founded with the operators .*operator-2/),
  );
});

test('what identities are hashed under follows from nothing that others know', async () => {
  const [one, other] = [await emptyLog(), await emptyLog()];
  await one.found();
  await other.found();
  const [{ hashKey, ...rest }, { hashKey: another, ...others }] = [
    await one.genesis(),
    await other.genesis(),
  ];
  assert.match(hashKey, /^[0-9a-f]{32}$/);
  assert.notEqual(hashKey, another);
  assert.deepEqual(rest, others);
});

test('a live network has room for the limits of corridors that its scenario has, and else for none', async () => {
  const rooms: (number | undefined)[] = [];
  for (const name of ['mbridge', 'smoke']) {
    const { found, genesis } = await emptyLog(load(name));
    await found();
    rooms.push((await genesis()).limits.corridorLimits);
  }
  assert.deepEqual(rooms, [5, undefined]);
});

/** The file of `smoke` with another text in the place of one that it has. */
function smokeText([from, to]: readonly [string, string]): string {
  const text = readFileSync(scenarioFile('smoke'), 'utf8');
  assert.ok(text.includes(from), from);
  return text.replace(from, to);
}
const smokeWith = (...change: [string, string]) =>
  loadScenario(scenarioFile('smoke'), { readFile: () => smokeText(change) });

const EPSIDE: [string, string] = [
  'rates:\n',
  '  - bic: EPSIDE00\n    name: Bank Epsilon\n    accounts: { EUR: { balance: "1.00" } }\nrates:\n',
];

test('a scenario that says otherwise what was founded is refused with the first difference', async () => {
  const { log, found, written } = await emptyLog();
  await found();
  const before = await written();
  for (const [change, difference] of atLeast(11, [
    [
      ['40000.00", c', '41000.00", c'],
      'participants.ALFADE00.accounts.EUR.balance is 41000.00 in the scenario, and 40000.00',
    ],
    [
      ['creditLine: "5000.00"', 'creditLine: "0.00"'],
      'participants.BETASG00.accounts.SGD.creditLine is 0.00 in the scenario, and 5000.00',
    ],
    [
      ['balance: "50000.00", creditLine', 'balance: "50000.00", netDebitCap: "7.00", creditLine'],
      'participants.BETASG00.accounts.SGD.netDebitCap is 7.00 in the scenario, and not there',
    ],
    [EPSIDE, 'participants.EPSIDE00 is there in the scenario, and not there'],
    [
      ['name: Bank Beta\n', 'name: Bank Gamma\n'],
      'participants.BETASG00.name is Bank Gamma in the scenario, and Bank Beta',
    ],
    [
      ['queue: bypass-fifo', 'queue: fifo'],
      'settlement.queue is fifo in the scenario, and bypass-fifo',
    ],
    [
      ['cycleEverySeconds: 300', 'cycleEverySeconds: 60'],
      'settlement.cycleEverySeconds is 60 in the scenario, and 300',
    ],
    [
      ['atClose: cancel', 'atClose: cancel\n  recallDays: 3'],
      'settlement.recallDays is 3 in the scenario, and not there',
    ],
    [
      ['atClose: cancel', 'atClose: cancel\n  currencies: { SGD: { queue: fifo } }'],
      'settlement.currencies.SGD is there in the scenario, and not there',
    ],
    [
      ['balance: "60000.00"', 'balance: "60000.00", collateral: { amount: "5.00" }'],
      'participants.DELRSG00.accounts.EUR.collateral is there in the scenario, and not there',
    ],
    [
      ['zone: Europe/Berlin }', 'zone: Europe/Berlin, earmarkCap: "2.00" }'],
      'currencies.EUR.earmarkCap is 2.00 in the scenario, and not there',
    ],
  ] as [[string, string], string][])) {
    await assert.rejects(refuseOtherScenario(log, smokeWith(...change)), {
      name: 'BadInput',
      message: `${scenarioFile('smoke')}: ${difference} in the founding of network sandbox-1, which stays: take that back in the file and change the network by \`corridor participants admit\` or \`corridor operator give\`, or name another folder and log for a new network`,
    });
  }
  assert.equal(await written(), before);
  const more = await emptyLog(smokeWith(...EPSIDE));
  await more.found();
  await assert.rejects(
    refuseOtherScenario(more.log, load('smoke')),
    refused(/participants\.EPSIDE00 is not there in the scenario, and there in the founding/),
  );
});

test('what is not founded may differ, and what operators changed since is no difference', async () => {
  const { log, found } = await emptyLog();
  await refuseOtherScenario(log, load('smoke'));
  await found();
  const values = (await log.read(poolInput('main'), 0, 0, 1_000)).map(({ value }) => value);
  const command = { id: 'one', issuedAtMs: 1, signature: 's', payload: 'p' };
  const since = { kind: 'creditLine', bic: 'ALFADE00', currency: 'EUR', amountMinor: '1' } as const;
  const admitted = { kind: 'participant', bic: 'EPSIDE00', name: 'E', role: 'bank' } as const;
  // Of an earlier version, whose genesis does not say how many records were founded with it.
  const older = values.map((value) => {
    const { foundingRecords: _, ...record } = readControl(value) as never as { foundingRecords: 1 };
    return writeControl(record as never);
  });
  for (const founding of atLeast(2, [values, older])) {
    const { log: other } = await emptyLog();
    const commands = [since, admitted].map((said) =>
      writeControl({ timeMs: 1, ...said, command } as never),
    );
    assert.ok(commands.every(isControl));
    await other.produce(
      poolInput('main'),
      [...founding, ...commands].map((value) => ({ key: 'main', value, headers: {} })),
    );
    for (const change of atLeast(5, [
      ['seed: 7', 'seed: 7'],
      ['paymentsPerDate: 160', 'paymentsPerDate: 170'],
      ['closes: "12:00"', 'closes: "12:30"'],
      ['- { participant: BETASG00, from', '- { participant: ALFADE00, from'],
      ['perBase: { SGD: "1.4676" }', 'perBase: { SGD: "1.5" }'],
    ] as [string, string][]))
      await refuseOtherScenario(other, smokeWith(...change));
    await assert.rejects(refuseOtherScenario(other, smokeWith(...EPSIDE)), refused(/EPSIDE00 is/));
  }
});

/** `corridor found` over an embedded log, as a process runs it. */
function command() {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-founding-'));
  const secondKey = join(folder, 'data', 'keys', 'operator-2.pem');
  const founds = (file: string, flags: readonly string[]) =>
    foundCommand().parseAsync(
      [
        ...[file, '--data', join(folder, 'data')],
        ...['--log', `embedded:${join(folder, 'log')}`, ...flags],
      ],
      { from: 'user' },
    );
  return {
    folder,
    secondKey,
    found: (...flags: string[]) => founds(join(packageFolder, 'scenarios/smoke.yaml'), flags),
    foundWith(change: [string, string]) {
      const file = join(folder, 'changed.yaml');
      writeFileSync(file, smokeText(change));
      return founds(file, []);
    },
  };
}

test('a network that stands is not founded by a changed scenario, and nothing is made', async (t) => {
  const { folder, found, foundWith } = command();
  t.after(() => rmSync(folder, { recursive: true }));
  await found();
  await assert.rejects(
    foundWith(EPSIDE),
    refused(
      /changed\.yaml: participants\.EPSIDE00 is there in the scenario, and not there in the f/,
    ),
  );
  assert.ok(!existsSync(join(folder, 'data/keys/EPSIDE00.pem')));
  await foundWith(['paymentsPerDate: 160', 'paymentsPerDate: 170']);
});

test('a second operator who is refused leaves no key behind', async (t) => {
  const { folder, secondKey, found } = command();
  t.after(() => rmSync(folder, { recursive: true }));
  await found();
  await assert.rejects(
    found('--two-operators'),
    refused(/was founded with one operator, not with/),
  );
  assert.ok(!existsSync(secondKey));
  await found();
});

test('a network of two operators is founded again as one, and with the key of its founding', async (t) => {
  const { folder, secondKey, found } = command();
  t.after(() => rmSync(folder, { recursive: true }));
  await found('--two-operators');
  await found('--two-operators');
  await assert.rejects(found(), refused(/was founded with two operators: say --two-operators/));
  rmSync(secondKey);
  await assert.rejects(found('--two-operators'), refused(/the key of operator-2 is not in --data/));
  assert.ok(!existsSync(secondKey), 'no other key in its place');
});

test('another number of witnesses than the policy asks for is refused, and what is there stays', async (t) => {
  const { folder, found } = command();
  t.after(() => rmSync(folder, { recursive: true }));
  await found('--witness-quorum', '1');
  const policy = join(folder, 'data', 'evidence-policy');
  const text = readFileSync(policy, 'utf8');
  const auditor = noteKey('corridor.example/auditor/ECB', KEY_TYPE.cosignature, keyOf(5));
  const audited = text.replace(
    'quorum banks',
    `witness ecb ${verifierKey(auditor)}\ngroup both all ecb banks\nquorum both`,
  );
  assert.notEqual(audited, text);
  for (const one of [text, audited]) {
    writeFileSync(policy, one);
    await found('--witness-quorum', '1');
    await found();
    for (const other of ['0', '2'])
      await assert.rejects(
        found('--witness-quorum', other),
        refused(
          new RegExp(`--witness-quorum ${other}: .*/evidence-policy asks for 1 of its witnesses`),
        ),
      );
    assert.equal(readFileSync(policy, 'utf8'), one);
  }
});

/** No embedded log knows Kafka's rights. */
const REFUSED = ['--acls', 'certificates'] as const;
const REFUSAL = refused(/--acls certificates: expected --log kafka/);

test('a founding that is refused takes the folders away that it made, of its log too', async (t) => {
  const { folder, found } = command();
  t.after(() => rmSync(folder, { recursive: true }));
  await assert.rejects(found(...REFUSED), REFUSAL);
  assert.deepEqual(readdirSync(folder), []);
  mkdirSync(join(folder, 'log'));
  await assert.rejects(found(...REFUSED), REFUSAL);
  assert.deepEqual(readdirSync(folder), ['log'], 'what was there stays');
  rmSync(join(folder, 'log'), { recursive: true });
  await found();
  const whole = () => readdirSync(folder, { recursive: true }).map(String).sort();
  const before = whole();
  await assert.rejects(found(...REFUSED), REFUSAL);
  assert.deepEqual(whole(), before, 'and what was founded');
  assert.ok(before.includes('log/log.sqlite') && before.includes('data/network.json'));
});

test('of two foundings in one folder the second is refused, and takes nothing of the first away', async (t) => {
  const { folder, found } = command();
  t.after(() => rmSync(folder, { recursive: true }));
  const [first, second, third] = await Promise.allSettled([found(), found(), found(...REFUSED)]);
  assert.equal(first.status, 'fulfilled');
  for (const { status, reason } of [second, third] as PromiseRejectedResult[]) {
    assert.equal(status, 'rejected');
    assert.match(
      reason.message,
      new RegExp(
        `--data .*: process ${process.pid} founds a network in it; expected another folder`,
      ),
    );
  }
  assert.deepEqual(readdirSync(folder).sort(), ['data', 'log']);
  assert.ok(!existsSync(join(folder, 'data/.founding')), 'the claim ends with the founding');
  const network = readFileSync(join(folder, 'data/network.json'), 'utf8');
  await found();
  assert.equal(readFileSync(join(folder, 'data/network.json'), 'utf8'), network);
});

test('a founding whose process has died is gone on with', async (t) => {
  const { folder, found } = command();
  t.after(() => rmSync(folder, { recursive: true }));
  const claim = join(folder, 'data/.founding');
  mkdirSync(join(folder, 'data'));
  // No process of Linux has a number as large; of one with this process' number it is not.
  for (const pid of atLeast(2, [4_194_305, process.pid])) {
    writeFileSync(claim, `${hostname()} ${pid} 0123 2026-03-16T09:00:00.000Z`);
    await found();
    assert.ok(existsSync(join(folder, 'data/network.json')) && !existsSync(claim));
  }
  // Of another container of the volume nobody here sees the processes: its claim stands for a minute.
  const elsewhere = `another-container ${process.pid} 0123 2026-03-16T09:00:00.000Z`;
  for (const [left, who] of atLeast(2, [
    [elsewhere, /: process \d+ on another-container founds .*: a minute after its last sign/],
    ['', /: a process that has not written its number founds .*: a minute after its last sign/],
  ] as const)) {
    writeFileSync(claim, left);
    await assert.rejects(found(), refused(who));
    utimesSync(claim, 0, Date.now() / 1000 - 61);
    await found();
  }
  assert.deepEqual(
    readdirSync(join(folder, 'data')).filter((name) => name.startsWith('.founding')),
    [],
  );
  writeFileSync(claim, `${hostname()} ${process.ppid} 0123 2026-03-16T09:00:00.000Z`);
  await assert.rejects(
    found(),
    refused(/: process \d+ founds .*, or wait for it, or remove \S+\/\.founding if that process/),
  );
  assert.ok(existsSync(claim), 'of one that runs it stays');
});
