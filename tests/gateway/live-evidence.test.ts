/** A sealed network's logs and receipts over HTTP, held against its policy. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parsePolicy } from '../../services/evidence/policy.ts';
import { entryOfReceipt, isSigned, receiptFrom } from '../../services/evidence/receipt.ts';
import { checkTlogProof, parseTlogProof } from '../../services/evidence/tlog-proof.ts';
import { startGateway } from '../../services/gateway/gateway-service.ts';
import { readSigned } from '../../services/onboarding/gateway-client.ts';
import { logReader } from '../../services/platform/service/seal-folders.ts';
import type { Bic } from '../../services/protocol/names/identifiers.ts';
import { deliveriesOf, PAYMENTS, statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { logsFolder, makeLogKey } from '../../services/sandbox/secret-keys.ts';
import { KEY_ID } from '../../services/simulator/setup.ts';
import { hashing } from '../evidence/sample-log.ts';
import { ALFA, bankAs, CUSTOMERS, paymentOf } from '../faults/banks.ts';
import { sealIn } from '../faults/seal-check.ts';
import { signerOf } from '../faults/traffic.ts';
import {
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  scenario,
  startNetwork,
  until,
} from '../support/live.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-live-evidence-'));
const log = memoryLog();
const { network } = liveNetwork;
const logKey = makeLogKey(folder, network, POOL);
const NEVER_MS = 1e9;
const paid = paymentOf(73, 0);
let live: Awaited<ReturnType<typeof startNetwork>>;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let url: string;

before(async () => {
  live = await startNetwork(log, { sealOf: (pool) => sealIn(folder, network, pool, NEVER_MS) });
  gateway = await startDoor({ ...liveNetwork, pools: [{ ...pool(), logKey }] });
  url = gateway.url;
  await pay(paid);
});
after(async () => {
  await gateway.stop();
  await live.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Until the other bank has it. */
async function pay(payment: typeof paid): Promise<void> {
  await log.produce(PAYMENTS, [bankAs(scenario, ALFA).pay(payment, CUSTOMERS, Date.now())]);
  await until('it is delivered', async () =>
    (await log.read(deliveriesOf(payment.creditorAgent as Bic), 0, 0, 100)).some(
      ({ key }) => key === payment.uetr,
    ),
  );
}

const pool = () => liveNetwork.pools[0] as (typeof liveNetwork.pools)[number];

function startDoor(of: typeof liveNetwork) {
  const shared = processOver(log);
  return startGateway(shared.context('gateway'), {
    ...{ network: of, version: 'test', registry: shared.registry, host: '127.0.0.1', port: 0 },
    name: `gateway-${of.pools[0]?.logKey === undefined}`,
    logs: { read: logReader(logsFolder(folder)), hashing: () => hashing },
  });
}

const receiptFor = (bic: string, uetr: string = paid.uetr) =>
  readSigned(
    { url, network, signer: signerOf(scenario, bic), keyId: KEY_ID },
    bic,
    `/payments/${uetr}/receipt`,
  );

test('what is not sealed yet has no receipt, and says so', async () => {
  await assert.rejects(
    receiptFor(ALFA),
    /503 No checkpoint covers the event yet.* event \d+ of pool main is not sealed yet: its log has 0/,
  );
  const missing = await fetch(`${url}/evidence/pools/${POOL}/checkpoint`);
  assert.equal(missing.status, 404);
});

test('both banks have the receipt, which holds by the policy; a third has none', async () => {
  await live.stop();
  live = await startNetwork(log, { sealOf: (one) => sealIn(folder, network, one, NEVER_MS) });
  const answer = await fetch(`${url}/evidence/policy`);
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
  const text = await answer.text();
  assert.equal(text, `log ${logKey}\nquorum none\n`);
  const [own, other] = [await receiptFor(ALFA), await receiptFor(paid.creditorAgent)];
  assert.equal(other, own);
  const proof = parseTlogProof(own);
  const receipt = receiptFrom(proof.extra as Uint8Array);
  assert.ok(receipt?.message && receipt.opening.form === 'closed');
  const { origin } = checkTlogProof(proof, entryOfReceipt(receipt), parsePolicy(text));
  assert.equal(origin, logKey.split('+')[0]);
  assert.ok(isSigned(receipt.message));
  assert.equal(receipt.message.headers.ce_id, paid.uetr);
  const third = scenario.participants.find(
    ({ bic, role }) => role === 'bank' && ![ALFA, paid.creditorAgent].includes(bic as Bic),
  );
  await assert.rejects(receiptFor(third?.bic ?? ''), /404 .* was told of no event/);
});

test('what came behind the last checkpoint has none yet', async () => {
  const next = paymentOf(73, 1);
  await pay(next);
  await assert.rejects(
    receiptFor(ALFA, next.uetr),
    /503 .* is not sealed yet: its log has [1-9]\d*; ask again/,
  );
});

test('a status over HTTP has the opening of its event', async () => {
  const page = await readSigned(
    { url, network, signer: signerOf(scenario, ALFA), keyId: KEY_ID },
    ALFA,
    `/banks/${ALFA}/statuses`,
  );
  const [told] = (await log.read(statusesOf(ALFA), 0, 0, 100)).filter(
    ({ key }) => key === paid.uetr,
  );
  const items = (JSON.parse(page) as { items: { uetr: string; opening?: string }[] }).items;
  const item = items.find(({ uetr }) => uetr === paid.uetr);
  assert.ok(told?.headers.ce_opening);
  assert.equal(item?.opening, told.headers.ce_opening);
});

test('the files of the log are served as they are, and nothing else', async () => {
  const at = `${url}/evidence/pools/${POOL}`;
  const checkpoint = await fetch(`${at}/checkpoint`);
  assert.equal(checkpoint.headers.get('cache-control'), 'no-cache');
  const note = await checkpoint.text();
  const file = (path: string) => logReader(logsFolder(folder))(POOL, path);
  assert.equal(note, Buffer.from(file('checkpoint') ?? []).toString());
  const size = Number(note.split('\n')[1]);
  const path = `tile/entries/000.p/${size}`;
  const tile = await fetch(`${at}/${path}`);
  assert.equal(tile.headers.get('content-type'), 'application/octet-stream');
  assert.equal(tile.headers.get('cache-control'), 'public, max-age=3600');
  assert.deepEqual(Buffer.from(await tile.arrayBuffer()), Buffer.from(file(path) ?? []));
  for (const [other, status] of [
    [`${at}/tile/entries/999`, 404],
    [`${at}/tile/0/..%2f..%2fcheckpoint`, 404],
    [`${at}/tile/0/000.p/256`, 404],
    [`${url}/evidence/pools/second/checkpoint`, 404],
    [`${url}/evidence/pools/Main/checkpoint`, 400],
  ] as const)
    assert.equal((await fetch(other)).status, status, other);
  const posted = await fetch(`${at}/${path}`, { method: 'POST' });
  assert.equal(posted.status, 405);
  assert.equal(posted.headers.get('allow'), 'GET');
});

test('a network without a log says so', async () => {
  const door = await startDoor(liveNetwork);
  try {
    const policy = await fetch(`${door.url}/evidence/policy`);
    assert.equal(policy.status, 404);
    assert.match(JSON.stringify(await policy.json()), /no pool of this network has a log/);
  } finally {
    await door.stop();
  }
});
