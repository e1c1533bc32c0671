import assert from 'node:assert/strict';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startGateway } from '../../services/gateway/gateway-service.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { headersForHttp } from '../../services/protocol/names/http-headers.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { core, liveNetwork, POOL, processOver, scenario, startNetwork } from '../support/live.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, paymentOf } from './banks.ts';
import { checkPool } from './topics-against-replay.ts';
import { uetrOf } from './traffic.ts';

/**
 * A live network on a disk that is full after a while, and then has room again. Prints what came of
 * it as JSON; ends with another code than 0 where something is not as it must be.
 *   node disk.child.js FOLDER-ON-A-SMALL-DISK
 *   node disk.child.js FOLDER BYTES     where no small disk can be had: the log may have so many
 */
const [folder = '', bytes] = process.argv.slice(2);
const bytesMax = bytes === undefined ? undefined : Number(bytes);
const SEED = 95;
const SENDERS = 8;
const REFUSALS = 20;
const AFTER = 50;
const LIMITS = { livePayments: 50_000, identities: 50_000 };
/** What is left beside the filler at the start: the log's write-ahead log alone may take 16 MB. */
const FREE_BYTES = 26_000_000;
const WAIT_MS = 60_000;

const filler = join(folder, 'filler');
if (bytesMax === undefined) {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(filler, Buffer.alloc(bavail * bsize - FREE_BYTES));
}
const log = openEmbeddedLog({
  folder: join(folder, 'log'),
  ...(bytesMax !== undefined && { bytesMax }),
});
const live = await startNetwork(log, {
  services: ['clearing', 'verifier', 'notifier'],
  limits: LIMITS,
});
const shared = processOver(log);
const gateway = await startGateway(shared.context('gateway'), {
  network: liveNetwork,
  version: 'test',
  registry: shared.registry,
  host: '127.0.0.1',
  port: 0,
  name: 'gateway',
});

const banks = [bankAs(scenario, ALFA), bankAs(scenario, BETA)];
const accepted: string[] = [];
const refused: string[] = [];
let next = 0;
let running = true;

async function post(index: number): Promise<void> {
  const fields = index % 2 === 1 ? { debtorAgent: BETA, creditorAgent: ALFA } : {};
  const message = banks[index % 2]!.pay(paymentOf(SEED, index, fields), CUSTOMERS, Date.now());
  const answer = await fetch(`${gateway.url}/payments`, {
    method: 'POST',
    headers: headersForHttp(message.headers),
    body: new Uint8Array(message.value),
  });
  const body = (await answer.json()) as { detail?: string };
  if (answer.status === 202) {
    accepted.push(uetrOf(SEED, index));
    return;
  }
  assert.equal(answer.status, 503, JSON.stringify(body));
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/);
  assert.equal(body.detail, 'the log is full');
  refused.push(uetrOf(SEED, index));
  await pause(20);
}

const senders = Promise.all(
  Array.from({ length: SENDERS }, async () => {
    while (running) await post(next++);
  }),
);

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; !isSo(); ) {
    await Promise.race([senders, pause(10)]);
    assert.ok(Date.now() < deadline, `${what}: not within ${WAIT_MS / 1000} s`);
  }
}

/** Room again: what filled the disk goes, or, as retention does, payments that were handled. */
async function makeRoom(): Promise<void> {
  if (bytesMax === undefined) return rmSync(filler);
  for (let partition = 0; partition < liveNetwork.paymentPartitions; partition++) {
    const handled = await log.committed('verifiers', PAYMENTS, partition);
    if (handled !== null) await log.deleteBefore(PAYMENTS, partition, handled);
  }
}

await until('the log is full', () => refused.length >= REFUSALS);
const before = accepted.length;
await makeRoom();
await until('payments are taken again', () => accepted.length >= before + AFTER);
running = false;
await senders;
await live.quiet();
await gateway.stop();
await live.stop();
const { outcomes } = await checkPool(log, core.module, liveNetwork.network, POOL);
for (const uetr of accepted) assert.deepEqual(outcomes.get(uetr), ['settled'], uetr);
for (const uetr of refused) assert.ok(!outcomes.has(uetr), `${uetr} was refused, and is there`);
await log.close();
process.stdout.write(`${JSON.stringify({ accepted: accepted.length, refused: refused.length })}\n`);
process.exit(0);
