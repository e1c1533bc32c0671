/**
 * A key that is revoked at a position of the pool's log: nothing signed with it is accepted after
 * that position, whatever was under way; what stands before it stands.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createSigner } from '../../services/core/verification/signing.ts';
import { PARTICIPANTS, PAYMENTS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import {
  isControl,
  readVerified,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import { core, liveNetwork, POOL, scenario, startNetwork, until } from '../support/live.ts';
import { ALFA, bankAs, CUSTOMERS, paymentOf } from './banks.ts';
import { onEachLog } from './each-log.ts';
import { checkPool, readAll } from './topics-against-replay.ts';
import { signerOf } from './traffic.ts';

const brokers = await sharedBrokers();
const SEED = 71;
const ROUNDS = 60;
const PER_ROUND = 10;

onEachLog(brokers, 'a key revoked while payments are under way', async (t, { log }) => {
  const live = await startNetwork(log);
  const oldKey = signerOf(scenario, ALFA);
  const newKey = createSigner(Buffer.alloc(32, 9));
  const say = async (keyId: string, key: Uint8Array, state: 'registered' | 'revoked') => {
    const publicKey = Buffer.from(key).toString('hex');
    const record = { kind: 'key' as const, timeMs: Date.now(), bic: ALFA, keyId, publicKey, state };
    await log.produce(poolInput(POOL), [{ key: POOL, headers: {}, value: writeControl(record) }]);
  };
  const known = await log.endOffset(PARTICIPANTS, 0);
  await say('key-2', newKey.publicKey, 'registered');
  await until('verifiers can know it', async () => (await log.endOffset(PARTICIPANTS, 0)) > known);
  await live.quiet();
  const banks = [
    bankAs(scenario, ALFA),
    bankAs(scenario, ALFA, { keyId: 'key-2', signer: newKey }),
  ];
  let revoking: Promise<void> = Promise.resolve();
  for (let round = 0; round < ROUNDS; round++) {
    const messages = Array.from({ length: PER_ROUND }, (_, at) =>
      banks[at % 2]!.pay(paymentOf(SEED, round * PER_ROUND + at), CUSTOMERS, Date.now()),
    );
    const sending = log.produce(PAYMENTS, messages);
    if (round === ROUNDS / 2) revoking = say(KEY_ID, oldKey.publicKey, 'revoked');
    await sending;
    await pause(2);
  }
  await revoking;
  await live.quiet();
  await live.stop();
  const { events } = await checkPool(log, core.module, liveNetwork.network, POOL);
  const inputs = await readAll(log, poolInput(POOL));
  const revoked = events.find(
    ({ kind, reason }) => kind === 'keyChanged' && reason === 'keyRevoked',
  );
  assert.ok(revoked);
  const counts = { before: 0, after: 0, newKey: 0 };
  for (const { kind, reason, position } of events) {
    const input = inputs[position]!.value;
    if (isControl(input)) continue;
    const { publicKey } = readVerified(input);
    if (Buffer.compare(publicKey, oldKey.publicKey) !== 0) {
      assert.equal(kind, 'settled', 'with the new key');
      counts.newKey += 1;
    } else if (position < revoked.position) {
      assert.equal(kind, 'settled', `position ${position}, before the revocation`);
      counts.before += 1;
    } else {
      assert.deepEqual([kind, reason], ['noticed', 'keyRevoked'], `position ${position}`);
      counts.after += 1;
    }
  }
  const each = (ROUNDS * PER_ROUND) / 2;
  assert.equal(counts.newKey, each);
  assert.equal(counts.before + counts.after, each);
  assert.ok(counts.before > 0 && counts.after > 0, JSON.stringify(counts));
  t.diagnostic(`${counts.before} before the revocation, ${counts.after} after it`);
});
