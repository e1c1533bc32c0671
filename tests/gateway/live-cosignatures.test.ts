/** Witnesses of a sealed network, by the topic and by HTTP: a receipt waits for the quorum of the policy, and then satisfies it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { startBankWitness } from '../../services/bank/bank-witness.ts';
import { witnessCommand } from '../../services/cli/witness-command.ts';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import { checkpointText, unprovenCheckpoint } from '../../services/evidence/checkpoint.ts';
import { CosignedCheckpoints } from '../../services/evidence/cosigned-checkpoints.ts';
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { checkTlogProof } from '../../services/evidence/entry-is-in-log.ts';
import { entryOfReceipt, receiptFrom } from '../../services/evidence/receipt.ts';
import {
  cosignNote,
  formatNote,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { parseTlogProof } from '../../services/evidence/tlog-proof.ts';
import { logFolder, Witness } from '../../services/evidence/witness.ts';
import type { RunningService } from '../../services/live/service-context.ts';
import { NotTold, tellGateway } from '../../services/onboarding/tell-cosignature.ts';
import { logFilesAt } from '../../services/platform/service/read-transparency-log.ts';
import { NumberedRecords } from '../../services/platform/service/small-files-each-number-once.ts';
import { BLOCKS, COSIGNATURES } from '../../services/protocol/names/topic-plan.ts';
import { hashing } from '../evidence/sample-log.ts';
import { ALFA, paymentOf } from '../faults/banks.ts';
import { memoryLog, POOL, processOver, until } from '../support/live.ts';
import { createSealedNetwork } from '../support/sealed-network.ts';
import {
  cosignedCheckpoint,
  quorumLines,
  type WitnessKey,
  witnessKeys,
} from '../support/witness-keys.ts';

const { folder, log, logKey, logSecret, start, startDoor, pay, read, remove } =
  createSealedNetwork();
const origin = parseVerifierKey(logKey).name;
const paid = paymentOf(73, 0);
const witnesses = witnessKeys(90, 'a', 'b', 'c');
const [ALFAS, BETAS, GAMMAS] = witnesses as [WitnessKey, WitnessKey, WitnessKey];
const POLICY = `log ${logKey}\n${quorumLines(witnesses, 2)}`;
const running: RunningService[] = [];
let live: Awaited<ReturnType<typeof start>>;
let gateway: Awaited<ReturnType<typeof startDoor>>;

before(async () => {
  live = await start();
  gateway = await startDoor('gateway', POLICY);
  await pay(paid);
  await live.stop();
  live = await start();
});
after(async () => {
  for (const one of running) await one.stop();
  await gateway.stop();
  await live.stop();
  remove();
});

const receipt = () => read(gateway.url, ALFA, `/payments/${paid.uetr}/receipt`);
const cosigned = () => fetch(`${gateway.url}/evidence/pools/${POOL}/cosigned`);
const told = async () =>
  (await log.read(COSIGNATURES, 0, 0, 100)).map(({ value }) => Buffer.from(value).toString());
const post = async (body: string) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${gateway.url}/evidence/cosignatures`, {
    method: 'POST',
    headers,
    body,
  });
  return { status: answer.status, text: await answer.text() };
};

async function witnessing({ who, name, signer }: WitnessKey): Promise<RunningService> {
  const witness = new Witness({
    ...{ logs: [parseVerifierKey(logKey)], name, signer },
    records: new NumberedRecords(join(folder, who)),
    nowSeconds: () => BigInt(Math.floor(Date.now() / 1000)),
  });
  const service = await startBankWitness(processOver(log).context('bank'), {
    ...{ witness, hashing },
    filesOf: (of) => (of === origin ? logFilesAt(`${gateway.url}/evidence/pools/${POOL}`) : null),
  });
  running.push(service);
  return service;
}

test('a receipt waits for the quorum of the policy, and has what satisfies it', async () => {
  assert.equal(await (await fetch(`${gateway.url}/evidence/policy`)).text(), POLICY);
  await assert.rejects(
    receipt(),
    /503 .* event \d+ of pool main is sealed, as its log has [1-9]\d*, and waits for witnesses: the policy asks for 2 of corridor\.example\/witness\/a, corridor\.example\/witness\/b, corridor\.example\/witness\/c, and 0 events are cosigned; ask again/,
  );
  await witnessing(ALFAS);
  await until('it cosigned', async () => (await told()).length === 1);
  assert.equal((await cosigned()).status, 404);
  await assert.rejects(receipt(), /503/);
  // Another comes by HTTP, as a process that has no Kafka.
  const key = join(folder, 'gamma.pem');
  writeFileSync(key, secretKeyPem(GAMMAS.secret));
  const words = [
    '--key',
    key,
    '--name',
    GAMMAS.name,
    '--state',
    join(folder, 'c'),
    '--log',
    logKey,
  ];
  const place = `${gateway.url}/evidence/pools/${POOL}`;
  await witnessCommand()
    .exitOverride()
    .parseAsync([...words, '--follow', place, '--once', '--tell', gateway.url], { from: 'user' });
  const policy = parsePolicy(POLICY);
  const note = await (await cosigned()).text();
  assert.deepEqual(
    parseNote(note).signatures.map(({ name }) => name),
    [origin, ALFAS.name, GAMMAS.name],
  );
  const proof = parseTlogProof(await receipt());
  const found = receiptFrom(proof.extra as Uint8Array);
  assert.ok(found?.message);
  assert.equal(checkTlogProof(proof, entryOfReceipt(found), policy).origin, origin);
  assert.equal(proof.checkpoint, note);
  // A third is added to the same one.
  await witnessing(BETAS);
  await until('it cosigned', async () => (await told()).length === 3);
  assert.equal(parseNote(await (await cosigned()).text()).signatures.length, 4);
  // What stands in the topic is whole by itself.
  const alone = parsePolicy(`log ${logKey}\nwitness b ${verifierKey(BETAS.key)}\nquorum b\n`);
  assert.equal(openCheckpoint((await told())[2] as string, alone).origin, origin);
});

test('what no witness of the policy signed is refused by HTTP, and passed over in the topic', async () => {
  const [note = ''] = await told();
  const before = await (await cosigned()).text();
  const known = await post(JSON.stringify({ note }));
  assert.deepEqual(known, { status: 200, text: '{"isNew":false}' });
  const { text, signatures } = parseNote(note);
  const stranger = createSigner(Buffer.alloc(32, 5));
  const by = (name: string) =>
    formatNote({
      text,
      signatures: [...signatures.slice(0, 1), cosignNote(text, name, stranger, 1n)],
    });
  const wrong = note.replace(/[A-Za-z0-9+/](?=[A-Za-z0-9+/]{30}=*\n$)/, (one) =>
    one === 'A' ? 'B' : 'A',
  );
  for (const [body, status, message] of [
    ['', 400, /expected JSON with a signed note/],
    ['{"note":7}', 400, /expected JSON with a signed note/],
    [JSON.stringify({ note: 'x' }), 401, /the note/],
    [JSON.stringify({ note: by('corridor.example/witness/d') }), 401, /no witness of the policy/],
    [JSON.stringify({ note: wrong }), 401, /does not verify/],
    [JSON.stringify({ note: note.replace(origin, 'elsewhere') }), 401, /signed by no log/],
  ] as const) {
    const answer = await post(body);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, message);
  }
  assert.equal((await told()).length, 3);
  for (const value of ['junk', by('corridor.example/witness/d'), wrong])
    await log.produce(COSIGNATURES, [{ key: origin, value: Buffer.from(value), headers: {} }]);
  assert.equal(await (await cosigned()).text(), before);
});

test('a log that contradicts itself in the topic is not cosigned, and its note is kept', async () => {
  const signer = createSigner(logSecret());
  const [note = ''] = await told();
  const { size } = unprovenCheckpoint(note);
  const text = checkpointText({ origin, size, root: Buffer.alloc(32, 1) });
  const forked = formatNote({ text, signatures: [signNote(text, origin, signer)] });
  const count = (await told()).length;
  await log.produce(BLOCKS, [{ key: origin, value: Buffer.from(forked), headers: {} }]);
  const kept = () =>
    readdirSync(join(folder, 'a', logFolder(origin))).filter((name) => name.startsWith('fork-'));
  await until('it is seen', async () => kept().length === 1);
  assert.equal(
    readFileSync(join(folder, 'a', logFolder(origin), kept()[0] as string), 'utf8'),
    forked,
  );
  assert.equal((await told()).length, count);
});

describe('cosignatures that anybody may bring', () => {
  const noteBy = (who: WitnessKey, size: number, times = 1) =>
    cosignedCheckpoint({ origin, size, root: Buffer.alloc(32, size) }, logSecret(), who, times);
  const known = async () => {
    const topic = memoryLog();
    await topic.createTopics([{ name: COSIGNATURES, partitions: 1, timestamps: 'create' }]);
    const cosigned = new CosignedCheckpoints(topic, POLICY);
    const accept = (note: string) =>
      cosigned.accept(note, () =>
        topic.produce(COSIGNATURES, [{ key: origin, value: Buffer.from(note), headers: {} }]),
      );
    const written = () => topic.endOffset(COSIGNATURES, 0);
    return { topic, cosigned, accept, written };
  };

  test('the newest that wait stay, whatever older ones are brought', async () => {
    const { cosigned, accept, written, topic } = await known();
    // The largest but one comes first.
    assert.equal(await accept(noteBy(ALFAS, 120)), 'new');
    for (let size = 57; size < 120; size += 1)
      assert.equal(await accept(noteBy(ALFAS, size)), 'new');
    assert.equal(await accept(noteBy(ALFAS, 130)), 'new');
    for (let size = 1; size <= 56; size += 1)
      assert.equal(await accept(noteBy(ALFAS, size)), 'known', `${size}`);
    assert.equal(await written(), 65);
    assert.equal(await accept(noteBy(BETAS, 120)), 'new');
    assert.equal(unprovenCheckpoint((await cosigned.newest(origin)) ?? '').size, 120);
    for (const size of [57, 90, 119]) assert.equal(await accept(noteBy(GAMMAS, size)), 'known');
    // Whoever has begun anew reads the topic before it takes a note for new.
    const anew = new CosignedCheckpoints(topic, POLICY);
    assert.equal(await anew.accept(noteBy(ALFAS, 120), assert.fail), 'known');
    assert.equal(await anew.accept(noteBy(ALFAS, 60), assert.fail), 'known');
  });

  test('who is far tells the newest first, and several at a time', async (t) => {
    const { cosigned, accept } = await known();
    const sizes = Array.from({ length: 16 }, (_, at) => at + 1);
    for (const size of sizes) await accept(noteBy(ALFAS, size));
    const rounds: number[][] = [];
    let round: { readonly note: string; readonly answer: ServerResponse }[] = [];
    // It answers none before so many are on their way.
    const far = createServer(async (request, answer) => {
      const { note } = (await json(request)) as { note: string };
      round.push({ note, answer });
      if (round.length < 8) return;
      const all = round;
      round = [];
      rounds.push(all.map(({ note }) => unprovenCheckpoint(note).size).sort((a, b) => a - b));
      for (const { note, answer } of all) {
        await accept(note);
        answer.end('{}');
      }
    });
    await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve));
    const { port } = far.address() as AddressInfo;
    t.after(() => far.close());
    const tell = () =>
      tellGateway(
        `http://127.0.0.1:${port}/`,
        sizes.map((size) => noteBy(BETAS, size)),
      );
    await tell();
    assert.deepEqual(rounds, [sizes.slice(8), sizes.slice(0, 8)]);
    assert.equal(unprovenCheckpoint((await cosigned.newest(origin)) ?? '').size, 16);
    far.closeAllConnections();
    await new Promise((resolve) => far.close(resolve));
    await assert.rejects(tell(), NotTold);
  });

  test('one is known when the topic has it, and is written once', async () => {
    const { cosigned, accept, written } = await known();
    const failing = cosigned.accept(noteBy(ALFAS, 7), () => Promise.reject(new Error('no log')));
    await assert.rejects(failing, /no log/);
    const brought = await Promise.all([1, 2, 3].map(() => accept(noteBy(ALFAS, 7))));
    assert.deepEqual(brought, ['new', 'known', 'known']);
    assert.equal(await written(), 1);
    const several = noteBy(BETAS, 7, 2);
    await assert.rejects(accept(several), /has several signatures of .*witness\/b/);
  });
});

test('an address whose notes bring nothing is refused before they are verified', async () => {
  const [note = ''] = await told();
  const { text, signatures } = parseNote(note);
  const stranger = createSigner(Buffer.alloc(32, 5));
  const line = cosignNote(text, 'corridor.example/witness/d', stranger, 1n);
  const lines = Array(90).fill(line);
  const large = formatNote({ text, signatures: [...signatures.slice(0, 1), ...lines] });
  const body = JSON.stringify({ note: large });
  const statuses = new Set<number>();
  for (let times = 0; times * large.length < 1_048_576 + 2 * large.length; times += 1)
    statuses.add((await post(body)).status);
  assert.deepEqual([...statuses], [401, 429]);
});
