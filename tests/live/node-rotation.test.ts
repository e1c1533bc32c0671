import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import { notifierGroup } from '../../services/notifier/told-again-after-a-crash.ts';
import {
  PARTICIPANTS,
  poolEvents,
  poolInput,
  statementsOf,
} from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { isNodeKey, readKeyMessage } from '../../services/protocol/records/participant-message.ts';
import { ALFA } from '../faults/banks.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { atLeast } from '../support/at-least.ts';
import { liveNetwork, memoryLog, POOL, serviceOver, startNetwork, until } from '../support/live.ts';
import { possessionOf } from '../support/possession.ts';

const secretOf = (name: string) => createHash('sha256').update(name).digest();
const signerOf = (name: string) => createSigner(secretOf(name));
const [OLD, NEW] = ['node-1', 'node-2'] as const;

/** As the operator's command lies in the log; who signed it the log's proof asks. */
const commanded = (id: string, fields: object): ControlRecord =>
  ({
    ...fields,
    timeMs: Date.now(),
    command: { id, issuedAtMs: Date.now(), signature: '', payload: `{"id":"${id}"}`, version: 2 },
  }) as ControlRecord;
const nodeKey = (name: string, state: 'registered' | 'revoked') => ({
  ...{ kind: 'nodeKey', keyId: name, state },
  publicKey: Buffer.from(signerOf(name).publicKey).toString('hex'),
  ...(state === 'registered' && {
    possession: possessionOf(liveNetwork.network, signerOf(name), {
      ...{ bic: liveNetwork.network, keyId: name, atMs: Date.now() },
    }),
  }),
});

test('the node signs with its new key from its registration on, waits for the secret, and tells the same again', async () => {
  const log = memoryLog();
  let file = secretKeyPem(secretOf(OLD));
  const nodeKeys = () => file;
  // Verifiers are ready when it has told them the keys.
  const starting = serviceOver(log, 'notifier', { nodeKeys });
  const live = await startNetwork(log, {
    ...{ services: ['clearing', 'verifier'], nodeKey: signerOf(OLD).publicKey },
  });
  let notifier = await starting;
  let lines = 0;
  const write = (...records: ControlRecord[]) =>
    log.produce(
      poolInput(POOL),
      records.map((record) => ({ key: POOL, value: writeControl(record), headers: {} })),
    );
  /** A credit line that changes is told by a report. */
  const change = () => {
    lines += 1;
    const line = { bic: ALFA, currency: 'EUR', amountMinor: String(1_000_000 + lines) };
    return write({ kind: 'creditLine', timeMs: Date.now(), ...line } as ControlRecord);
  };
  const told = async () =>
    (await readAll(log, statementsOf(ALFA))).filter(({ headers }) => headers.ce_signature);
  const signers = async () => (await told()).map(({ headers }) => headers.ce_keyid);

  await change();
  await until('the first is told', async () => (await told()).length === 1);
  await write(commanded('C-1', nodeKey(NEW, 'registered')));
  await change();
  // Nothing goes on without the new secret, and nothing is told under the old one.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(await signers(), [OLD]);
  file += secretKeyPem(secretOf(NEW));
  await until('the second is told', async () => (await told()).length === 2);
  assert.deepEqual(await signers(), [OLD, NEW]);

  // One that goes on behind the change signs with the new key, and needs no other.
  await notifier.stop();
  await write(commanded('C-2', nodeKey(OLD, 'revoked')));
  notifier = await serviceOver(log, 'notifier', { nodeKeys: () => secretKeyPem(secretOf(NEW)) });
  await change();
  await until('the third is told', async () => (await told()).length === 3);
  assert.deepEqual(await signers(), [OLD, NEW, NEW]);
  await notifier.stop();

  const keys = (await readAll(log, PARTICIPANTS)).flatMap(({ key, value, headers }) => {
    const entry = readKeyMessage(value);
    return isNodeKey(entry) ? [{ key, ...entry, at: Number(headers.ce_eventnumber) }] : [];
  });
  assert.deepEqual(
    keys.map(({ key, node, keyId, state }) => [key, node, keyId, state]),
    [
      [`node:${OLD}`, liveNetwork.network, OLD, 'registered'],
      [`node:${NEW}`, liveNetwork.network, NEW, 'registered'],
      [`node:${OLD}`, liveNetwork.network, OLD, 'revoked'],
    ],
  );
  // What the old key signed stands before the event that revoked it.
  for (const { headers } of atLeast(3, await told()))
    if (headers.ce_keyid === OLD)
      assert.ok(Number(headers.ce_eventnumber) < (keys[2]?.at as number));

  // From the beginning once more, as after a crash that forgot the place: the same bytes and signatures.
  const before = await told();
  await log.commit(notifierGroup(POOL), [{ topic: poolEvents(POOL), partition: 0, logOffset: 0 }]);
  notifier = await serviceOver(log, 'notifier', { nodeKeys });
  await until('all is told again', async () => (await told()).length === 6);
  await notifier.stop();
  await live.stop();
  const plain = (records: typeof before) =>
    records.map(({ key, value, headers }) => ({ key, headers, value: value.toString() }));
  assert.deepEqual(plain((await told()).slice(3)), plain(before));
});
