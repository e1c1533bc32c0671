import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import {
  type InputLogHeader,
  InputLogReader,
  writeInputFrames,
  writeInputLogHeader,
} from '../../services/protocol/records/input-log-file.ts';
import {
  isControl,
  readControl,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import { Replay } from '../../services/replay/replay.ts';
import { LogProof } from '../../services/verifier/recheck-log.ts';
import type { SignatureVerification } from '../../services/verifier/verifier.ts';
import { releaseWasm } from '../core/verification-oracle.ts';

/** Input logs that older versions wrote are replayed for good. */
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

/** The records of the same log, of which these messages, counted from 0, are not as they were signed. */
function withForged(...which: number[]) {
  const values: Buffer[] = [];
  let head: InputLogHeader | undefined;
  const reader = new InputLogReader({
    header: (header) => {
      head = header;
    },
    record: (_, value) => values.push(Buffer.from(value)),
    trailer: () => {},
  });
  reader.push(recorded('notices-with-payload.log'));
  const messages = values.flatMap((value, at) => (isControl(value) ? [] : [at]));
  const forged = which.map((one) => messages[one] as number);
  // The last byte of a payload is not what was signed.
  for (const at of forged) {
    const value = values[at] as Buffer;
    const last = value.length - 1;
    value.writeUInt8(value.readUInt8(last) ^ 1, last);
  }
  return { header: head as InputLogHeader, values, forged };
}

test('what was not signed so ends a replay before its second batch ends, however long the log is', async () => {
  const { header, values } = withForged(3);
  const { timeMs } = readControl(values[0] as Buffer) as { readonly timeMs: number };
  const ticks = Array<Uint8Array>(1024).fill(writeControl({ kind: 'tick', timeMs }));
  const replay = new Replay(
    () => createSettlement(releaseWasm),
    (keysMax) => createVerification(releaseWasm, { keysMax }),
  );
  const push = (records: readonly Uint8Array[]) => {
    replay.push(writeInputFrames(0, records));
  };
  replay.push(writeInputLogHeader(header));
  push([...values, ...ticks]);
  await replay.advance();
  push(ticks);
  await assert.rejects(replay.advance(), /digest|signature/);
});

test('faults of batches that are verified side by side come in the order of the log', async () => {
  const { header, values, forged } = withForged(3, 40);
  const real = createVerification(releaseWasm);
  let calls = 0;
  let second = () => {};
  const isSecond = new Promise<void>((resolve) => {
    second = resolve;
  });
  const verification: SignatureVerification = {
    figures: real.figures,
    registerKey: (key) => real.registerKey(key),
    async verify(batch) {
      calls += 1;
      if (calls === 2) setImmediate(second);
      if (calls === 1) await isSecond;
      return real.verify(batch);
    },
  };
  const proof = new LogProof(
    { network: header.network, firstPools: ['main'], keyLagMs: 0 },
    verification,
  );
  const half = (forged[1] as number) - 10;
  const take = (from: number, to: number) => {
    for (let at = from; at < to; at += 1) proof.take('main', at, values[at] as Buffer);
  };
  take(0, half);
  const first = proof.advance(1);
  take(half, values.length);
  await proof.advance(1);
  assert.deepEqual(
    proof.faults.map(({ logOffset }) => logOffset),
    forged,
  );
  await first;
  await proof.advance(1);
  assert.equal(proof.faultsCount, 2);
});
