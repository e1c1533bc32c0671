/** Finality by a quorum: whose history it is that the quorum cosigned, and what others write beside its cosignatures. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import {
  createSigner,
  secretKeyFromPem,
  secretKeyPem,
} from '../../services/core/verification/signing.ts';
import { checkpointText } from '../../services/evidence/checkpoint.ts';
import {
  CosignedCheckpoints,
  cosignatureMessage,
} from '../../services/evidence/cosigned-checkpoints.ts';
import {
  cosignNote,
  formatNote,
  KEY_TYPE,
  noteKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import type { ServiceContext } from '../../services/live/service-context.ts';
import { type SealedBy, startNotifier } from '../../services/notifier/notifier-service.ts';
import { PoolSeal } from '../../services/notifier/pool-seal.ts';
import { QuorumFinality } from '../../services/notifier/quorum-finality.ts';
import { SealFault } from '../../services/notifier/seal-fault.ts';
import type { Log } from '../../services/platform/log/log.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { INTERIM_HEADER } from '../../services/protocol/names/message-headers.ts';
import {
  BLOCKS,
  COSIGNATURES,
  statusesOf,
  topicPlan,
} from '../../services/protocol/names/topic-plan.ts';
import { someEvents } from '../evidence/sample-log.ts';
import {
  AUDITORS,
  auditorName,
  auditorSecret,
  auditorsPolicy,
  cosignedBy,
} from '../faults/auditors.ts';
import { ALFA } from '../faults/banks.ts';
import { sealIn } from '../faults/seal-check.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { liveNetwork, memoryLog, POOL, processOver } from '../support/live.ts';

const { network } = liveNetwork;
const folder = mkdtempSync(join(tmpdir(), 'corridor-quorum-history-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const TOPIC = statusesOf(ALFA as Bic);
/** A whole tile of entries, and what is behind it. */
const SIZE = 256;
const EVENTS = someEvents(SIZE + 50);
const firstEvents = (count: number) => EVENTS.subarray(0, count * EVENT_BYTES);
/** Others from an event on. */
const otherEvents = (from: number, count: number) => {
  const bytes = Buffer.from(firstEvents(count));
  for (let number = from; number <= count; number += 1) {
    const at = (number - 1) * EVENT_BYTES + 90;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
  }
  return bytes;
};

async function newLog(): Promise<Log> {
  const log = memoryLog();
  await log.createTopics(topicPlan([POOL], [], 1));
  return log;
}

const cosign = async (log: Log, note: string, ...who: (typeof AUDITORS)[number][]) => {
  const notes = who.map((one) => cosignatureMessage(cosignedBy(one, note)));
  await log.produce(COSIGNATURES, notes);
};
const newest = async (log: Log) =>
  Buffer.from((await readAll(log, BLOCKS)).at(-1)?.value ?? '').toString();

/** A log whose first 256 events are sealed and cosigned by three of four. */
async function cosigned(name: string) {
  const log = await newLog();
  const own = sealIn(join(folder, name), network, POOL) as SealedBy;
  const seal = await PoolSeal.open(processOver(log).context('notifier', POOL), own);
  await seal.take(firstEvents(SIZE));
  await seal.seal();
  await cosign(log, await newest(log), 'a', 'b', 'c');
  return { log, own, origin: parseVerifierKey(own.logKey).name };
}

/** One that begins behind no event, and holds an event for a bank. */
async function beginning(
  log: Log,
  own: SealedBy,
  through: number,
  by: Partial<ServiceContext> = {},
) {
  const context = { ...processOver(log).context('notifier', POOL), ...by };
  const seal = await PoolSeal.open(context, own);
  const finality = new QuorumFinality(context, auditorsPolicy(own.logKey, 3), own.logKey, 1);
  await finality.begin(0, seal);
  hold(finality, through);
  const due = () => finality.due().map((one) => one.through);
  return { seal, finality, due };
}

const messageOf = (event: number, isInterim = false) => ({
  topic: TOPIC,
  message: {
    ...{ key: null, value: Buffer.alloc(1) },
    headers: { ce_eventnumber: String(event), ...(isInterim && { [INTERIM_HEADER]: 'true' }) },
  },
});
const hold = (finality: QuorumFinality, through: number, messages = [messageOf(through)]) =>
  finality.hold({ through, next: through, goesOn: false, messages });

test('nothing is final before the events came to what was signed before', async () => {
  const { log, own } = await cosigned('same');
  const { seal, finality, due } = await beginning(log, own, 100);
  await seal.take(firstEvents(100));
  assert.deepEqual(due(), []);
  assert.ok(!finality.isFull, 'it reads on, however much it holds');
  assert.deepEqual(finality.early([messageOf(100, true)]), [], 'it may have been told as final');
  await seal.take(firstEvents(SIZE + 10));
  assert.deepEqual(due(), [100]);
  assert.ok(finality.isFull);
});

test('what a quorum cosigned of events that were lost makes no others final', async () => {
  const { log, own } = await cosigned('lost');
  // The topics of events lost their tail, and others came; the folder is whole.
  const { seal, due } = await beginning(log, own, 100);
  await seal.take(otherEvents(61, 100));
  assert.deepEqual(due(), []);
  await assert.rejects(seal.take(otherEvents(61, SIZE)), /has another event 256 in topic/);
  assert.deepEqual(due(), []);
});

test('a checkpoint of the quorum that is of other events than those that were sealed stops the notifier', async () => {
  const { log, own } = await cosigned('rest');
  // All but the cosignatures is of an earlier time.
  const earlier = await newLog();
  for (const { key, value, headers } of await readAll(log, COSIGNATURES))
    await earlier.produce(COSIGNATURES, [{ key, value, headers }]);
  const place = sealIn(join(folder, 'earlier'), network, POOL) as SealedBy;
  const again = { ...place, logKey: own.logKey, secretPem: own.secretPem };
  const { seal, due } = await beginning(earlier, again, 100);
  await seal.take(otherEvents(61, 200));
  await seal.seal();
  assert.deepEqual(due(), []);
  await seal.take(otherEvents(61, SIZE + 1));
  assert.deepEqual(due(), []);
  await seal.seal();
  assert.throws(due, (error: Error) => {
    assert.ok(error instanceof SealFault);
    assert.match(error.message, /checkpoint of 256 events, and the pool's events are others/);
    return true;
  });
});

test('what is told ahead is of events that are not covered, each by itself', async () => {
  const { log, own } = await cosigned('ahead');
  const { finality } = await beginning(log, own, 1);
  const messages = [SIZE, SIZE + 1].map((event) => messageOf(event, true));
  assert.deepEqual(finality.early(messages), messages.slice(1));
});

test('events of which no bank is told take no room', async () => {
  const { log, own } = await cosigned('room');
  const { seal, finality } = await beginning(log, own, 1);
  await seal.take(firstEvents(SIZE));
  finality.drop(1);
  for (let through = SIZE + 1; through < SIZE + 40; through += 1) hold(finality, through, []);
  hold(finality, SIZE + 40);
  hold(finality, SIZE + 41, []);
  await seal.take(firstEvents(SIZE + 50));
  await seal.seal();
  await cosign(log, await newest(log), 'b', 'c', 'd');
  await finality.follow(0);
  assert.deepEqual(
    finality.due().map(({ through, next }) => [through, next]),
    [39, 40, 41].map((one) => [SIZE + one, SIZE + one]),
  );
});

test('a cosigner that is no auditor is named too, and where all are there that no checkpoint has the quorum', async () => {
  const { log, own, origin } = await cosigned('named');
  const bank = createSigner(Buffer.alloc(32, 9));
  const alfa = noteKey('corridor.invalid/witness/ALFADE00', KEY_TYPE.cosignature, bank.publicKey);
  const policy = auditorsPolicy(own.logKey, 3).replace(
    'quorum auditors\n',
    `witness alfa ${verifierKey(alfa)}\ngroup both all auditors alfa\nquorum both\n`,
  );
  const lines: string[] = [];
  let nowMs = 0;
  const say = (fields: object) => lines.push(String((fields as { missing?: string }).missing));
  const context = {
    ...processOver(log).context('notifier', POOL),
    ...{ elapsedMs: () => nowMs, logger: { info: say, warn: say, error: say } },
  };
  const finality = new QuorumFinality(context, policy, own.logKey);
  const seal = await PoolSeal.open(context, own);
  await finality.begin(0, seal);
  await seal.take(firstEvents(SIZE));
  hold(finality, 100);
  nowMs = 60_000;
  finality.look();
  assert.deepEqual(lines.splice(0), [`${auditorName('d')}, ${alfa.name}`]);
  // Each comes far enough, and no two of them to the same.
  const signer = createSigner(secretKeyFromPem(own.secretPem));
  for (const [at, [name, by]] of [
    [auditorName('d'), createSigner(auditorSecret('d'))] as const,
    [alfa.name, bank] as const,
  ].entries()) {
    const text = checkpointText({ origin, size: 300 + at, root: Buffer.alloc(32, at) });
    const signatures = [signNote(text, origin, signer), cosignNote(text, name, by, 5n)];
    await log.produce(COSIGNATURES, [cosignatureMessage(formatNote({ text, signatures }))]);
  }
  await finality.follow(0);
  finality.look();
  finality.look();
  assert.deepEqual(lines, ['no checkpoint has the quorum']);
});

test('an auditor that cosigned other events, however many, is none of those that agree', async () => {
  const { log, own, origin } = await cosigned('other');
  const shared = processOver(log);
  const { seal, finality } = await beginning(log, own, SIZE, shared.context('notifier', POOL));
  const agreeing = async () => {
    finality.look();
    const { values = [] } =
      (await shared.registry.getSingleMetric('corridor_final_auditors')?.get()) ?? {};
    return values[0]?.value;
  };
  assert.equal(await agreeing(), 0, 'of which events theirs are is not known yet');
  await seal.take(firstEvents(SIZE));
  assert.equal(await agreeing(), 3);
  const signer = createSigner(secretKeyFromPem(own.secretPem));
  const text = checkpointText({ origin, size: SIZE, root: Buffer.alloc(32, 1) });
  const other = formatNote({ text, signatures: [signNote(text, origin, signer)] });
  await log.produce(COSIGNATURES, [cosignatureMessage(cosignedBy('d', other))]);
  await finality.follow(0);
  assert.equal(finality.covered, SIZE);
  assert.equal(await agreeing(), 3);
  // The true one: but it stays whose largest is another.
  await cosign(log, await newest(log), 'd');
  await finality.follow(0);
  assert.equal(await agreeing(), 3);
  await seal.take(firstEvents(SIZE + 1));
  await seal.seal();
  await cosign(log, await newest(log), 'd');
  await finality.follow(0);
  assert.equal(await agreeing(), 4);
});

test('what any bank writes among the cosignatures hides none, and costs no verification of what is known', async () => {
  const { log, own, origin } = await cosigned('rubbish');
  const rubbish = { key: origin, value: Buffer.from('x'), headers: {} };
  await log.produce(COSIGNATURES, Array(5_000).fill(rubbish));
  const { seal, due } = await beginning(log, own, 100);
  await seal.take(firstEvents(SIZE));
  assert.deepEqual(due(), [100]);
  const known = new CosignedCheckpoints(log, auditorsPolicy(own.logKey, 3));
  await known.begin(origin);
  const of = async () =>
    parseNote((await known.newest(origin)) ?? '').signatures.map(({ name }) => name);
  assert.deepEqual(await of(), [origin, ...(['a', 'b', 'c'] as const).map(auditorName)]);
  // The lines of who cosigned it already are not looked at, nor is the log's: that of the fourth is.
  const { text, signatures } = parseNote(cosignedBy('d', cosignedBy('a', await newest(log))));
  for (const line of signatures.slice(0, 2)) line.signature.set([1, 2, 3], 20);
  await log.produce(COSIGNATURES, [cosignatureMessage(formatNote({ text, signatures }))]);
  assert.deepEqual(await of(), [origin, ...AUDITORS.map(auditorName)]);
});

test('a notifier that signs with a key which its policy has not does not start', async () => {
  const log = await newLog();
  const own = sealIn(join(folder, 'next'), network, POOL) as SealedBy;
  const next = Buffer.alloc(32, 123);
  const { name } = parseVerifierKey(own.logKey);
  const key = verifierKey(noteKey(name, KEY_TYPE.log, createSigner(next).publicKey));
  const seal = { ...own, secretPem: `${own.secretPem.trimEnd()}\n${secretKeyPem(next)}` };
  const start = (finality: string) =>
    startNotifier(processOver(log).context('notifier', POOL), {
      network,
      pool: POOL,
      seal,
      finality,
    });
  const policy = auditorsPolicy(own.logKey, 3);
  await assert.rejects(start(policy), ({ name, message }: Error) => {
    assert.equal(name, 'SealFault');
    assert.ok(message.includes(`its policy has no line log ${key}, with which log.pem signs`));
    return true;
  });
  const notifier = await start(`log ${key}\n${policy}`);
  await notifier.stop();
});
