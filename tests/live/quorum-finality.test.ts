/** Finality by a quorum of auditors: what banks are told ahead, what waits, and what becomes of it as auditors go and come. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseCheckpoint } from '../../services/evidence/checkpoint.ts';
import { cosignatureMessage } from '../../services/evidence/cosigned-checkpoints.ts';
import { parseAuditorsPolicy } from '../../services/evidence/cosigner-policy.ts';
import { parseNote, parseVerifierKey } from '../../services/evidence/signed-note.ts';
import { startGateway } from '../../services/gateway/gateway-service.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import { createTopics } from '../../services/live/network-against-log.ts';
import { type SealedBy, startNotifier } from '../../services/notifier/notifier-service.ts';
import { PoolSeal } from '../../services/notifier/pool-seal.ts';
import { QuorumFinality } from '../../services/notifier/quorum-finality.ts';
import { notifierGroup } from '../../services/notifier/told-again-after-a-crash.ts';
import { readSigned } from '../../services/onboarding/gateway-client.ts';
import type { Log, SubscribeOptions, Subscription } from '../../services/platform/log/log.ts';
import { readStatusReport } from '../../services/protocol/messages/status-report.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import {
  BLOCKS,
  COSIGNATURES,
  deliveriesOf,
  PARTICIPANTS,
  PAYMENTS,
  poolEvents,
  statementsOf,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import { readEventsHeaders } from '../../services/protocol/records/events-message.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import {
  AUDITORS,
  auditorName,
  auditorsPolicy,
  cosignedBy,
  type RunningAuditor,
  startAuditor,
} from '../faults/auditors.ts';
import { ALFA, bankAs, CUSTOMERS, paymentOf } from '../faults/banks.ts';
import { sealIn } from '../faults/seal-check.ts';
import { checkPool, readAll } from '../faults/topics-against-replay.ts';
import { signerOf } from '../faults/traffic.ts';
import { atLeast } from '../support/at-least.ts';
import {
  core,
  ended,
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  scenario,
  send,
  startNetwork,
  until,
} from '../support/live.ts';

const SEED = 19;
const folder = mkdtempSync(join(tmpdir(), 'corridor-quorum-'));
const log = memoryLog();
const { network } = liveNetwork;
const seal = sealIn(folder, network, POOL, 50) as SealedBy;
const policy = auditorsPolicy(seal.logKey, 3);
const bics = scenario.participants.map(({ bic }) => bic as Bic);
const running = new Map<string, RunningAuditor>();
let live: Awaited<ReturnType<typeof startNetwork>>;

const begin = async (...who: (typeof AUDITORS)[number][]) => {
  for (const one of who) running.set(one, await startAuditor(log, seal, folder, one));
};
const lose = async (who: string) => {
  await running.get(who)?.stop();
  running.delete(who);
};
const toldIn = async (topicsOf: readonly ((bic: Bic) => string)[]) =>
  (await Promise.all(bics.flatMap((bic) => topicsOf.map((of) => readAll(log, of(bic)))))).flat();
const told = () => toldIn([statusesOf, deliveriesOf, statementsOf]);
const final = async () => (await told()).filter(({ headers }) => !headers.ce_interim).length;
const ahead = async () => (await told()).filter(({ headers }) => headers.ce_interim).length;
const figure = async (name: string) => {
  const { values = [] } = (await live.shared.registry.getSingleMetric(name)?.get()) ?? {};
  return values[0]?.value;
};
/** By how many the newest checkpoint is cosigned, and whether it covers all events. */
const agreed = async () => {
  const events = (await readAll(log, poolEvents(POOL))).at(-1)?.headers;
  const notes = (await readAll(log, COSIGNATURES)).map(({ value }) =>
    parseNote(Buffer.from(value).toString()),
  );
  const size = Math.max(0, ...notes.map(({ text }) => parseCheckpoint(text).size));
  const of = notes.filter(({ text }) => parseCheckpoint(text).size === size);
  const names = new Set(of.map(({ signatures }) => signatures.at(-1)?.name));
  const last = Number(events?.ce_firstnumber ?? 0) + Number(events?.ce_count ?? 1) - 1;
  return { size, names: names.size, last };
};
const check = () => checkPool(log, core.module, network, POOL, '', undefined, true);

before(async () => {
  live = await startNetwork(log, { sealOf: () => seal, finality: policy });
});
after(async () => {
  for (const one of running.values()) await one.stop();
  await live.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('nothing is told as final before three of four agree; then all of it is, in order', async (t) => {
  await begin('a', 'b');
  const shared = processOver(log);
  const gateway = await startGateway(shared.context('gateway'), {
    network: liveNetwork,
    ...{ version: 'test', registry: shared.registry, host: '127.0.0.1', port: 0, name: 'gateway' },
  });
  t.after(() => gateway.stop());
  const paid = paymentOf(73, 0);
  await log.produce(PAYMENTS, [bankAs(scenario, ALFA).pay(paid, CUSTOMERS, Date.now())]);
  await send(log, SEED, 0, 20);
  const standing = async () => {
    const signer = signerOf(scenario, ALFA);
    const identity = { url: gateway.url, network, signer, keyId: KEY_ID };
    const text = await readSigned(identity, ALFA, `/payments/${paid.uetr}`).catch(() => '{}');
    const { state, final } = JSON.parse(text);
    return [state, final];
  };
  await until('it is told ahead', async () => (await standing())[0] === 'ACSP');
  assert.deepEqual(await standing(), ['ACSP', false]);
  await until('two agree', async () => {
    const { names, size } = await agreed();
    return names === 2 && size > 25 && (await figure('corridor_final_held_messages')) !== 0;
  });
  const early = await told();
  assert.ok(early.length > 5, `${early.length} were told ahead`);
  for (const { headers, value } of early) {
    assert.equal(headers.ce_interim, 'true');
    assert.equal(headers.ce_opening, undefined);
    const report = readStatusReport(value);
    assert.deepEqual([report?.status, report?.reasonCode], ['ACSP', 'QUORUM']);
  }
  // Who may sign is not a bank's to wait for.
  assert.ok((await readAll(log, PARTICIPANTS)).length > 0);
  assert.ok(((await live.shared.health.outstanding()) ?? 0) > 0, 'it is seen to wait');
  assert.equal(await figure('corridor_final_auditors'), 2);
  await begin('c');
  await live.quiet();
  await until('it is final', async () => (await standing())[0] === 'ACSC');
  assert.deepEqual(await standing(), ['ACSC', true]);
  assert.equal(await figure('corridor_final_held_messages'), 0);
  assert.equal(await figure('corridor_final_auditors'), 4);
  const { told: types } = await check();
  assert.ok(types.size > 3);
});

test('one of four that is lost is not missed; of two that are, one that comes back is enough', async () => {
  await begin('d');
  await lose('b');
  await send(log, SEED, 20, 26);
  await live.quiet();
  await check();
  await lose('c');
  const [before, early] = [await final(), await ahead()];
  await send(log, SEED, 26, 40);
  await until('more is told ahead', async () => (await ahead()) > early + 3);
  await until('two agree', async () => (await figure('corridor_final_auditors')) === 2);
  assert.equal(await final(), before);
  // A notifier that begins anew meanwhile holds the same, and tells it once the quorum is back.
  await live.stop();
  live = await startNetwork(log, { sealOf: () => seal, finality: policy });
  await until('it waits again', async () => (await figure('corridor_final_auditors')) === 2);
  assert.equal(await final(), before);
  await begin('b');
  await live.quiet();
  assert.ok((await final()) > before);
  await check();
});

test('what is remembered is what was told, and no more, where a checkpoint covers a part', async () => {
  const log = memoryLog();
  const own = sealIn(join(folder, 'part'), network, POOL, 50) as SealedBy;
  const options = { sealOf: () => own, finality: auditorsPolicy(own.logKey, 1, ['a']) };
  const blocks = async () =>
    (await readAll(log, BLOCKS)).map(({ value }) => Buffer.from(value).toString());
  const cosign = (note: string) =>
    log.produce(COSIGNATURES, [cosignatureMessage(cosignedBy('a', note))]);
  const ends = async () =>
    (await readAll(log, poolEvents(POOL))).map(({ headers, logOffset }) => {
      const { firstNumber, count } = readEventsHeaders(headers);
      return { number: firstNumber + count - 1, next: logOffset + 1 };
    });
  const sizeOf = (note: string) => parseCheckpoint(parseNote(note).text).size;
  /** The newest checkpoint, of all events. */
  const sealed = async () => {
    await until('all is sealed', async () => {
      const [last, events] = [(await blocks()).at(-1), (await ends()).at(-1)];
      return last !== undefined && sizeOf(last) === events?.number;
    });
    return (await blocks()).at(-1) as string;
  };
  const remembered = () => log.committed(notifierGroup(POOL), poolEvents(POOL), 0);
  const first = await startNetwork(log, options);
  await send(log, SEED, 0, 6);
  await until('some are settled', async () => ((await ends()).at(-1)?.number ?? 0) > 25);
  const part = await sealed();
  await send(log, SEED, 6, 14);
  await until('more are settled', async () => ((await ends()).at(-1)?.number ?? 0) > sizeOf(part));
  await sealed();
  await cosign(part);
  const covered = (await ends()).filter(({ number }) => number <= sizeOf(part)).at(-1)?.next;
  await until('it is told', async () => (await remembered()) !== null);
  await first.stop();
  assert.equal(await remembered(), covered);
  const second = await startNetwork(log, options);
  await cosign(await sealed());
  await second.quiet();
  await until('that is remembered', async () => ((await remembered()) ?? 0) > (covered ?? 0));
  await second.stop();
  await cosign(await sealed());
  const third = await startNetwork(log, options);
  await third.quiet();
  await third.stop();
  await checkPool(log, core.module, network, POOL, '', undefined, true);
});

/** Each where something is told and not remembered, or sealed and not cosigned. */
const POINTS = [
  ['notifier.afterStatuses', 2],
  ['notifier.afterDeliveries', 1],
  ['seal.afterBlock', 1],
] as const;

test('a notifier that dies where it tells or seals loses nothing, and tells nothing before', async () => {
  const log = memoryLog();
  const data = join(folder, 'dying');
  const own = sealIn(data, network, POOL, 50) as SealedBy;
  const finality = auditorsPolicy(own.logKey, 3);
  /** A process that is killed is no member of a group any more. */
  const members: Subscription[] = [];
  const subscribe = async (options: SubscribeOptions) => {
    const member = await log.subscribe(options);
    members.push(member);
    return member;
  };
  /** From a point on nothing that it does comes to anything, as of a process that is killed. */
  const start = (point: string | null, most = 1) => {
    let isDead = false;
    let times = 0;
    const fail = () => {
      throw new Error('killed');
    };
    const dying = new Proxy(
      { ...log, subscribe },
      {
        get: (of, name: keyof Log) =>
          typeof of[name] === 'function'
            ? (...words: never[]) =>
                isDead ? fail() : (of[name] as (...of: never[]) => unknown)(...words)
            : of[name],
      },
    );
    const reached = (one: string) => {
      times += one === point ? 1 : 0;
      isDead ||= times === most;
      if (isDead) fail();
    };
    const shared = processOver(log);
    const context = { ...shared.context('notifier', POOL), log: dying, reached };
    return startNotifier(context, { network, pool: POOL, seal: own, finality });
  };
  await createTopics(log, liveNetwork);
  let notifier = await start(...POINTS[0]);
  const others = await startNetwork(log, { services: ['clearing', 'verifier'] });
  const auditors = [];
  for (const who of ['a', 'b', 'c'] as const)
    auditors.push(await startAuditor(log, own, data, who));
  let sent = 0;
  for (const [at, [point, most]] of atLeast(3, POINTS).entries()) {
    if (at > 0) notifier = await start(point, most);
    const over = ended(notifier).catch((error: Error) => error.message);
    await send(log, SEED, sent, sent + 8);
    sent += 8;
    assert.equal(await over, 'killed', point);
    await members.pop()?.stop();
  }
  const last = await start(null);
  await send(log, SEED, sent, sent + 8);
  await until('all is told', async () => {
    const events = (await readAll(log, poolEvents(POOL))).at(-1)?.logOffset ?? 0;
    return (await log.committed(notifierGroup(POOL), poolEvents(POOL), 0)) === events + 1;
  });
  await others.stop();
  await last.stop();
  for (const one of auditors) await one.stop();
  const { events } = await checkPool(log, core.module, network, POOL, '', undefined, true);
  assert.ok(events.filter(({ kind }) => kind === 'settled').length > 10);
});

test('who is missing is said once, with what waits, and when it goes on', async () => {
  const lines: string[] = [];
  const line = (at: number): string => lines[at] ?? '';
  let nowMs = 0;
  const context = processOver(log).context('notifier', POOL);
  const say = (fields: object, text: string) => lines.push(`${JSON.stringify(fields)} ${text}`);
  const finality = new QuorumFinality(
    {
      ...context,
      elapsedMs: () => nowMs,
      logger: { info: say, warn: say, error: say },
    },
    auditorsPolicy(seal.logKey, 3),
    seal.logKey,
    2,
  );
  const sealed = await PoolSeal.open(context, seal);
  const follower = new EventsFollower(POOL);
  for (const one of await readAll(log, poolEvents(POOL))) await sealed.take(follower.take(one));
  await finality.begin(0, sealed);
  const covered = finality.covered;
  assert.ok(covered > 0);
  const message = { key: null, value: Buffer.alloc(1), headers: {} };
  const messages = [{ topic: statusesOf(ALFA as Bic), message }];
  finality.hold({ through: covered, next: 1, goesOn: false, messages });
  finality.hold({ through: covered + 1, next: 2, goesOn: false, messages });
  assert.ok(finality.isFull);
  assert.deepEqual(
    finality.due().map(({ through }) => through),
    [covered],
  );
  finality.drop(1);
  assert.ok(!finality.isFull);
  nowMs += 4_999;
  finality.look();
  assert.deepEqual(lines, []);
  nowMs += 1;
  finality.look();
  finality.look();
  assert.deepEqual([lines.length], [1]);
  const names = AUDITORS.map(auditorName).join(', ');
  assert.match(line(0), new RegExp(`"event":${covered + 1},.*"held":1,.*waits for the quorum`));
  assert.ok(line(0).includes(`"missing":"${names}"`), line(0));
  finality.drop(1);
  finality.look();
  assert.match(line(1), /the quorum of auditors goes on/);
  assert.equal(lines.length, 2);
});

test('a policy whose quorum no auditor is asked for, or of another log, is refused', () => {
  const { logKey } = seal;
  const words = auditorsPolicy(logKey, 3);
  parseAuditorsPolicy(words, logKey);
  const without = /its quorum is met without an auditor/;
  assert.throws(() => parseAuditorsPolicy(`log ${logKey}\nquorum none\n`, logKey), without);
  const { name } = parseVerifierKey(logKey);
  assert.throws(
    () => parseAuditorsPolicy(words.replace(name, 'other'), logKey),
    /key .*id|no line log/,
  );
  // Two parts of them could agree to two histories.
  const twice = /its quorum is met twice by cosigners that share none/;
  const more = words.replace('3 a b c d', '2 a b c d');
  assert.throws(() => parseAuditorsPolicy(more, logKey), twice);
  for (const groups of ['group one 1 a b\ngroup other 1 c d\ngroup', 'group one 1 a b\ngroup']) {
    const of = groups.includes('other') ? 'one other' : 'one c d';
    const nested = words.replace(/group auditors .*/, `${groups} auditors 2 ${of}`);
    assert.throws(() => parseAuditorsPolicy(nested, logKey), twice);
  }
  parseAuditorsPolicy(
    words.replace(/group auditors .*/, 'group one 2 a b c\ngroup auditors 2 one d'),
    logKey,
  );
  const [witness = ''] = /corridor.example\/auditor\/a\+.*/.exec(words) ?? [];
  assert.ok(witness);
  const context = processOver(log).context('notifier', POOL);
  assert.throws(
    () => new QuorumFinality(context, `log ${logKey}\nquorum none\n`, logKey),
    /^SealFault: finality by a quorum: its quorum is met/,
  );
});
