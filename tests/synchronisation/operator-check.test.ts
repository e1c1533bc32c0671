import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolInput, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { operatorFault } from '../../services/synchronisation/operator-check.ts';
import { memoryLog } from '../support/live.ts';
import { keyOf } from '../support/message-path.ts';
import { BANKS, OPERATOR, POOLS, SimulatedPool, START_MS } from './simulated-pools.ts';

/** Two pools that are founded, the second with records behind its founding. */
async function foundedLog(behind: readonly ControlRecord[] = []) {
  const log = memoryLog();
  await log.createTopics(topicPlan(POOLS, [], 1));
  for (const name of POOLS) {
    const values = [
      ...new SimulatedPool(name, false).inputs,
      ...(name === 'east' ? behind.map(writeControl) : []),
    ];
    await log.produce(
      poolInput(name),
      values.map((value) => ({ key: name, headers: {}, value })),
    );
  }
  return log;
}
const own = { bic: OPERATOR as string, keyId: 'key-1', publicKey: keyOf(OPERATOR).publicKey };
const hex = (publicKey: Uint8Array) => Buffer.from(publicKey).toString('hex');

test('an operator that both pools know by its role and its key has no fault', async () => {
  assert.equal(await operatorFault(await foundedLog(), POOLS, own), null);
});

test('who is no operator, or has another key than the pools know, is told field, value and what was expected', async () => {
  const log = await foundedLog();
  const [bank] = BANKS;
  const other = keyOf(bank).publicKey;
  for (const [claimed, expected] of [
    [
      { bic: 'NONEDE00' },
      /^CORRIDOR_BIC=NONEDE00: must be a participant of the role synchronisationOperator in pool west, and is none: .*command `participant`/,
    ],
    [{ bic: bank, publicKey: other }, /^CORRIDOR_BIC=ALFADE00: must be .* in pool west, not bank:/],
    [
      { keyId: 'key-2' },
      /^CORRIDOR_KEY_ID=key-2: must be a key of SYNCDE00 in pool west, which has none of that id: /,
    ],
    [
      { publicKey: other },
      new RegExp(
        `^CORRIDOR_SECRET_KEY_FILE: its public key ${hex(other)} must be ${hex(own.publicKey)}, the key key-1 of SYNCDE00 in pool west: `,
      ),
    ],
  ] as const)
    assert.match((await operatorFault(log, POOLS, { ...own, ...claimed })) ?? 'none', expected);
});

test('a pool that knows another key under the id is named, and one that was told of the key since is none', async () => {
  const [bank] = BANKS;
  const other = keyOf(bank).publicKey;
  const second = { ...own, keyId: 'key-2' };
  const key = (publicKey: Uint8Array): ControlRecord => ({
    ...{ kind: 'key', timeMs: START_MS, bic: OPERATOR, keyId: 'key-2' },
    ...{ publicKey: hex(publicKey), state: 'registered' },
  });
  const there = ['east'];
  assert.match(
    (await operatorFault(await foundedLog([key(other)]), there, second)) ?? 'none',
    /^CORRIDOR_SECRET_KEY_FILE: .* in pool east: /,
  );
  assert.equal(await operatorFault(await foundedLog([key(own.publicKey)]), there, second), null);
});
