/** A verifier has tables for a key of each participant that its network has room for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { keyRoom } from '../../services/core/verification/batch-size-and-key-room.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { poolInput, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import {
  writeInputFrames,
  writeInputLogHeader,
  writeInputLogTrailer,
} from '../../services/protocol/records/input-log-file.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { Replay } from '../../services/replay/replay.ts';
import { genesisRecords } from '../../services/simulator/keys-and-genesis.ts';
import { keyRoomOf } from '../../services/verifier/how-many-keys-have-tables.ts';
import { core } from '../support/live.ts';
import { load } from '../support/run.ts';

/** The genesis of a network that has room for 6,009 participants. */
function genesisOf() {
  const scenario = load('smoke');
  const [pool] = scenario.pools;
  const [genesis] = genesisRecords(scenario, pool!, 0, () => new Uint8Array(32));
  assert.ok(genesis?.kind === 'genesis');
  const limits = { ...genesis.limits, participants: 6_009 };
  return { scenario, pool: pool!.name, genesis: { ...genesis, limits } };
}

test('keys have room by the genesis: never fewer than usual, nor more than an instance can address', () => {
  assert.equal(keyRoom(), 4_096);
  assert.equal(keyRoom(10, 6_009, 20), 6_009);
  assert.equal(keyRoom(4_294_967_295), 65_536);
});

test('a live network’s verifier and a replay ask the genesis', async () => {
  const { scenario, pool, genesis } = genesisOf();
  const log = createMemoryLog({ now: () => 0 });
  await log.createTopics(topicPlan([pool], [], 1));
  assert.equal(await keyRoomOf(log, [pool]), 4_096, 'not founded');
  await log.produce(poolInput(pool), [{ key: null, headers: {}, value: writeControl(genesis) }]);
  assert.equal(await keyRoomOf(log, [pool]), 6_009);

  const rooms: number[] = [];
  const replay = new Replay(
    () => createSettlement(core.module),
    (keysMax) => {
      rooms.push(keysMax);
      return createVerification(core.module, { keysMax });
    },
  );
  const { name, seed, network } = scenario;
  const header = { scenario: name, seed, network, version: '', signatures: true, pools: [pool] };
  const pieces = [
    writeInputLogHeader(header),
    writeInputFrames(0, [writeControl(genesis)]),
    writeInputLogTrailer({ records: [1], eventsHash: '' }),
  ];
  for (const piece of pieces) replay.push(piece);
  assert.equal((await replay.result()).records, 1);
  assert.deepEqual(rooms, [6_009]);
});
