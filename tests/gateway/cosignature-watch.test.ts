/** What a gateway tells of its logs' witnesses: how far they agree, who is missing, and what they cosigned that the log has not. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unprovenCheckpoint } from '../../services/evidence/checkpoint.ts';
import {
  CosignedCheckpoints,
  cosignatureMessage,
} from '../../services/evidence/cosigned-checkpoints.ts';
import { parseNote, parseVerifierKey } from '../../services/evidence/signed-note.ts';
import { startCosignatureWatch } from '../../services/gateway/cosignature-watch.ts';
import type { RunningService } from '../../services/live/service-context.ts';
import { logReader, poolLogFolder } from '../../services/platform/service/seal-folders.ts';
import { COSIGNATURES, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import { isCosignatures, readTelemetry } from '../../services/protocol/records/telemetry.ts';
import { logsFolder } from '../../services/sandbox/secret-keys.ts';
import { hashing } from '../evidence/sample-log.ts';
import { paymentOf } from '../faults/banks.ts';
import { POOL, processOver, until } from '../support/live.ts';
import { createSealedNetwork } from '../support/sealed-network.ts';
import {
  cosignedCheckpoint,
  quorumLines,
  type WitnessKey,
  witnessKeys,
} from '../support/witness-keys.ts';

const { folder, log, logKey, logSecret, start, pay, remove } = createSealedNetwork();
const { name: origin } = parseVerifierKey(logKey);
const banks = witnessKeys(90, 'a', 'b');
const [ALFAS, BETAS] = banks as [WitnessKey, WitnessKey];
const POLICY = `log ${logKey}\n${quorumLines(banks, 2)}`;
const place = poolLogFolder(logsFolder(folder), POOL);
const shared = processOver(log);
let clockMs = 0;
let watch: RunningService;
let logged: unknown[] = [];
let warned: unknown[] = [];

function startWatch(): RunningService {
  [logged, warned] = [[], []];
  const context = shared.context('gateway');
  const error = (fields: unknown) => void logged.push(fields);
  const warn = (fields: unknown) => void warned.push(fields);
  return startCosignatureWatch(
    {
      ...context,
      elapsedMs: () => clockMs,
      pause: () => context.pause(5),
      logger: { ...context.logger, error, warn },
    },
    {
      name: 'one',
      logKeys: new Map([[POOL, logKey]]),
      logs: { read: logReader(logsFolder(folder)), hashing: () => hashing },
      cosigned: new CosignedCheckpoints(log, POLICY),
    },
  );
}

before(async () => {
  const live = await start();
  await pay(paymentOf(73, 0));
  await live.stop();
  watch = startWatch();
});
after(async () => {
  await watch.stop();
  remove();
});

/** What is told of a look that begins from now on. */
async function told() {
  const from = (await log.endOffset(TELEMETRY, 0)) + 1;
  await until('it has looked', async () => (await log.endOffset(TELEMETRY, 0)) > from);
  const [message] = await log.read(TELEMETRY, 0, from, 1);
  const telemetry = readTelemetry(message?.value as Uint8Array);
  assert.ok(isCosignatures(telemetry));
  const { atMs, ...seen } = telemetry;
  assert.ok(Math.abs(atMs - Date.now()) < 60_000);
  return seen;
}
const own = () => unprovenCheckpoint(readFileSync(join(place, 'checkpoint'), 'utf8'));
/** Has a witness's cosignature of a checkpoint that the log's key signed in the topic. */
async function cosign(who: WitnessKey, size: number, root: Uint8Array): Promise<void> {
  const note = cosignedCheckpoint({ origin, size, root }, logSecret(), who);
  assert.equal(parseNote(note).signatures.length, 2);
  await log.produce(COSIGNATURES, [cosignatureMessage(note)]);
}
const sizesOf = (a: number, b: number) => [
  { name: ALFAS.name, size: a },
  { name: BETAS.name, size: b },
];

test('what is sealed waits until the quorum has cosigned it, and who has not is told', async () => {
  const { size, root } = own();
  assert.ok(size > 10, `${size}`);
  const common = { kind: 'cosignatures', instance: 'one', pool: POOL, sealed: size };
  const none = { forks: 0, firstFork: '' };
  const { waitingMs } = await told();
  assert.equal(waitingMs, 0);
  clockMs += 7_000;
  assert.deepEqual(await told(), {
    ...{ ...common, ...none, cosigned: 0, waiting: size, waitingMs: 7_000 },
    cosigners: sizesOf(0, 0),
  });
  await cosign(ALFAS, size, root);
  clockMs += 1_000;
  assert.deepEqual(await told(), {
    ...{ ...common, ...none, cosigned: 0, waiting: size, waitingMs: 8_000 },
    cosigners: sizesOf(size, 0),
  });
  await cosign(BETAS, size, root);
  assert.deepEqual(await told(), {
    ...{ ...common, ...none, cosigned: size, waiting: 0, waitingMs: 0 },
    cosigners: sizesOf(size, size),
  });
});

test('what grows behind waits anew, since it was seen', async () => {
  const before = own().size;
  const live = await start();
  await pay(paymentOf(73, 1));
  await live.stop();
  const { size } = own();
  assert.ok(size > before);
  await told();
  clockMs += 500;
  const { sealed, cosigned, waiting, waitingMs, forks } = await told();
  assert.deepEqual(
    [sealed, cosigned, waiting, waitingMs, forks],
    [size, before, size, 500, 0],
    'of the checkpoint that was cosigned the log has grown on',
  );
});

test('tiles that are not whole say nothing of a fork', async () => {
  await watch.stop();
  const file = join(place, 'tile/0', `000.p/${own().size}`);
  const bytes = readFileSync(file);
  const isWell = async () => {
    const { sealed, forks } = await told();
    assert.deepEqual([sealed, forks], [own().size, 0]);
  };
  for (const broken of [bytes.subarray(0, -32), Buffer.from(bytes).fill(1, 32, 64)]) {
    writeFileSync(file, broken);
    watch = startWatch();
    await isWell();
    await watch.stop();
  }
  writeFileSync(file, bytes);
  watch = startWatch();
  await isWell();
});

test('a checkpoint that cannot be read is said once, and looks go on', async () => {
  const file = join(place, 'checkpoint');
  const text = readFileSync(file, 'utf8');
  const { sealed } = await told();
  writeFileSync(file, text.replace(/\n\d+\n/, '\nmany\n'));
  await until('it is not read', async () => (await told()).sealed === 0);
  await told();
  writeFileSync(file, text);
  await until('it is read again', async () => (await told()).sealed === sealed);
  assert.deepEqual(warned, [
    { pool: POOL, reason: 'the checkpoint\'s size is "many", expected a number' },
  ]);
});

test('a cosigned checkpoint that the log does not begin with is a fork, told once each', async () => {
  const { cosigned } = await told();
  const { size } = own();
  const other = Buffer.alloc(32, 7);
  // Of the newest's size, of one that waits, and one that is not sealed yet.
  await cosign(ALFAS, cosigned, other);
  const first = `${cosigned} entries with root ${other.toString('base64')}`;
  const one = await told();
  assert.deepEqual([one.forks, one.firstFork, one.cosigned], [1, first, cosigned]);
  await cosign(BETAS, size, other);
  await cosign(BETAS, size + 1, other);
  const two = await told();
  assert.deepEqual([two.forks, two.firstFork, two.cosigned], [2, first, cosigned]);
  assert.equal(two.sealed, size);
  await told();
  assert.deepEqual(
    logged,
    [cosigned, size].map((at) => ({
      ...{ pool: POOL, origin },
      fork: `${at} entries with root ${other.toString('base64')}`,
    })),
  );
});
