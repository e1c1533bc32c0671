import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { Replay } from '../../services/replay/replay.ts';
import { releaseWasm } from '../core/verification-oracle.ts';

/**
 * Input logs that older versions wrote are replayed for good. The tests are compiled to
 * dist/services/simulator.
 */
const recorded = (name: string) =>
  gunzipSync(readFileSync(new URL(`../../../tests/messages/fixtures/${name}`, import.meta.url)));

async function replayed(log: Uint8Array) {
  const replay = new Replay(
    () => createSettlement(releaseWasm),
    (keysMax) => createVerification(releaseWasm, { keysMax }),
  );
  replay.push(log);
  await replay.advance();
  return replay.result();
}

/** 60 payments of version 0.1.0, of which 2 have a corrupted signature, with their payloads. */
test('a log whose notices have their payloads replays to its hash, verified again', async () => {
  const { trailer, eventsHash, proven } = await replayed(recorded('notices-with-payload.log'));
  const messages = ['payment', 'quote', 'failed authentication'].map((kind) => proven.get(kind));
  assert.deepEqual(messages, [58, 2, 2]);
  assert.equal(eventsHash, trailer.eventsHash);
  assert.equal(eventsHash, '7188600b19ae8b4cd49666341fed2c7fffcf4de88742dcf96c763790256fd875');
});
