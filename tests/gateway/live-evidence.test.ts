/** A sealed network's logs and receipts over HTTP, held against its policy. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { receiptCommand } from '../../services/cli/receipt-command.ts';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import { parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { checkTlogProof } from '../../services/evidence/entry-is-in-log.ts';
import { entryOfReceipt, receiptFrom } from '../../services/evidence/receipt.ts';
import {
  KEY_TYPE,
  noteKey,
  parseVerifierKey,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { parseTlogProof } from '../../services/evidence/tlog-proof.ts';
import { logReader, poolLogFolder } from '../../services/platform/service/seal-folders.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { isSigned } from '../../services/protocol/names/signed-message.ts';
import { statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { logsFolder } from '../../services/sandbox/secret-keys.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { ALFA, paymentOf } from '../faults/banks.ts';
import { liveNetwork, POOL, scenario } from '../support/live.ts';
import { createSealedNetwork } from '../support/sealed-network.ts';

const { folder, log, logKey, start, startDoor, pay, read, remove } = createSealedNetwork();
const paid = paymentOf(73, 0);
let live: Awaited<ReturnType<typeof start>>;
let gateway: Awaited<ReturnType<typeof startDoor>>;
let url: string;

before(async () => {
  live = await start();
  gateway = await startDoor('gateway');
  url = gateway.url;
  await pay(paid);
});
after(async () => {
  await gateway.stop();
  await live.stop();
  remove();
});

const receiptFor = (bic: string, uetr: string = paid.uetr) =>
  read(url, bic, `/payments/${uetr}/receipt`);

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
  live = await start();
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
  const page = await read(url, ALFA, `/banks/${ALFA}/statuses`);
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

test('a tile that is written, or was left, by half is none yet', async () => {
  const bytes = logReader(logsFolder(folder))(POOL, 'checkpoint');
  const [, size] = Buffer.from(bytes ?? [])
    .toString()
    .split('\n');
  for (const [from, to] of [
    [`tile/0/000.p/${size}`, 'tile/0/007.p'],
    [`tile/entries/000.p/${size}`, 'tile/entries/007.p'],
  ] as const) {
    const whole = logReader(logsFolder(folder))(POOL, from) as Uint8Array;
    const own = join(poolLogFolder(logsFolder(folder), POOL), to);
    mkdirSync(own);
    try {
      for (const [length, status] of [
        [0, 404],
        [whole.length - 1, 404],
        // Of entries: all but the last.
        [whole.length - (to.includes('entries') ? 66 : 32), 404],
        [whole.length, 200],
      ] as const) {
        writeFileSync(join(own, `${size}`), whole.subarray(0, length));
        const answer = await fetch(`${url}/evidence/pools/${POOL}/${to}/${size}`);
        assert.equal(answer.status, status, `${length} bytes of ${to}`);
        const kept = status === 200 ? 'public, max-age=3600' : null;
        assert.equal(answer.headers.get('cache-control'), kept);
      }
    } finally {
      rmSync(own, { recursive: true });
    }
  }
});

test('a receipt that would not hold is given to nobody', async () => {
  const place = poolLogFolder(logsFolder(folder), POOL);
  const note = readFileSync(join(place, 'checkpoint'), 'utf8');
  const [, size] = note.split('\n');
  const tile = join(place, `tile/0/000.p/${size}`);
  const hashes = readFileSync(tile);
  writeFileSync(
    tile,
    hashes.map((byte) => byte ^ 1),
  );
  try {
    await assert.rejects(
      receiptFor(ALFA),
      /500 .*: event \d+ of pool main is not what its log has there, so no receipt of it would hold/,
    );
  } finally {
    writeFileSync(tile, hashes);
  }
  await receiptFor(ALFA);
});

test('`corridor receipt --url` writes what it has verified, and nothing else', async (t) => {
  const key = join(folder, 'alfa.pem');
  writeFileSync(key, secretKeyPem(simulatedSecretKey(scenario.seed, ALFA)));
  const file = join(folder, 'alfa.tlog-proof');
  const write = (at: string, ...flags: string[]) =>
    receiptCommand()
      .exitOverride()
      .parseAsync(
        [
          ...[paid.uetr, '--url', at, '--bic', ALFA, '--network', liveNetwork.network],
          ...['--key', key, '--out', file, ...flags],
        ],
        { from: 'user' },
      );
  const receipt = await receiptFor(ALFA);
  const other = createServer((request, response) => {
    const isPolicy = request.url === '/evidence/policy';
    response.setHeader('content-type', 'text/plain');
    response.end(isPolicy ? `log ${logKey}\nquorum none\n` : receipt.replace('index ', 'index 1'));
  });
  t.after(() => other.close());
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  await assert.rejects(
    write(`http://127.0.0.1:${port}`),
    /the receipt that the gateway gives does not hold \(.*\); nothing was written/,
  );
  assert.ok(!existsSync(file));
  const policy = join(folder, 'own-policy');
  const { publicKey } = createSigner(Buffer.alloc(32, 77));
  const otherLog = verifierKey(noteKey(parseVerifierKey(logKey).name, KEY_TYPE.log, publicKey));
  writeFileSync(policy, `log ${otherLog}\nquorum none\n`);
  await assert.rejects(write(url, '--policy', policy), /does not hold \(.* signed by no log/);
  assert.ok(!existsSync(file));
  await write(url);
  assert.equal(readFileSync(file, 'utf8'), receipt);
});

test('a network without a log says so', async () => {
  const door = await startDoor('gateway-without', undefined, liveNetwork);
  try {
    const policy = await fetch(`${door.url}/evidence/policy`);
    assert.equal(policy.status, 404);
    assert.match(JSON.stringify(await policy.json()), /no pool of this network has a log/);
  } finally {
    await door.stop();
  }
});
