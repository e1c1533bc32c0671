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
import { type GenesisOptions, writeGenesis } from '../../services/sandbox/genesis.ts';
import { atLeast } from '../support/at-least.ts';
import { load } from '../support/run.ts';

const keyOf = (byte: number) => createSigner(new Uint8Array(32).fill(byte)).publicKey;
const [FIRST, SECOND, THIRD] = [keyOf(1), keyOf(2), keyOf(3)];

async function emptyLog(founds = 'smoke') {
  const scenario = load(founds);
  const log = createMemoryLog({ now: () => 0 });
  const pools = scenario.pools.map(({ name }) => name);
  await log.createTopics(topicPlan(pools, [], 1));
  const options = { timeMs: 1, publicKeyOf: () => keyOf(9), operatorKey: FIRST };
  return {
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
    const { found, genesis } = await emptyLog(name);
    await found();
    rooms.push((await genesis()).limits.corridorLimits);
  }
  assert.deepEqual(rooms, [5, undefined]);
});

/** `corridor found` over an embedded log, as a process runs it. */
function command() {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-founding-'));
  const secondKey = join(folder, 'data', 'keys', 'operator-2.pem');
  return {
    folder,
    secondKey,
    found: (...flags: string[]) =>
      foundCommand().parseAsync(
        [
          ...[join(packageFolder, 'scenarios/smoke.yaml'), '--data', join(folder, 'data')],
          ...['--log', `embedded:${join(folder, 'log')}`, ...flags],
        ],
        { from: 'user' },
      ),
  };
}

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
