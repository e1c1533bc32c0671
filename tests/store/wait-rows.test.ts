import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingRecords } from '../../services/analysis/waits/waiting-records.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { waitRows } from '../../services/metrics/wait-rows.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { isControl, readControl } from '../../services/protocol/records/input-record.ts';
import {
  CARRIER,
  CUSTOMS,
  conditionalPath,
  conditionOf,
  PORT,
} from '../support/conditional-path.ts';
import { ALFA, BETA, NOW } from '../support/message-path.ts';

const MINUTE = 60_000;

/** What waits for a condition, as rows of `waits`, from events that are taken a few at a time. */
async function awaitedIn({ record }: ReturnType<typeof conditionalPath>, pieces = 1) {
  const directory = new Directory();
  for (const value of record.inputs) if (isControl(value)) directory.fold(readControl(value));
  const waiting = new WaitingRecords(async (positions) =>
    [...positions].map((position) => ({ position, value: record.inputs[position] as Uint8Array })),
  );
  const events = readEvents(record.events);
  for (let at = 0; at < events.length; at += pieces)
    await waiting.take(events.slice(at, at + pieces));
  return waitRows(waiting, directory, { run: 'r', pool: 'main' }).flatMap((row) =>
    row.kind === 'condition'
      ? [
          [
            row.participant,
            row.awaited,
            row.count,
            row.value_minor,
            Date.parse(`${row.oldest_since}Z`) - NOW,
          ],
        ]
      : [],
  );
}

test('rows of what waits name whom a chain waits for, by what its attestors have said that counts', async () => {
  const path = conditionalPath();
  const two = conditionOf([{ threshold: 2, attestors: [CARRIER, CUSTOMS, PORT] }]);
  const port = conditionOf([{ threshold: 1, attestors: [PORT] }]);
  const [cargo] = path.legsOf('CARGO', 25_000n, 0n, { condition: two });
  const swap = path.legsOf('SWAP', 300n, 200n, { condition: port });
  const [other] = path.legsOf('OTHER', 400n, 0n, { condition: port });
  assert.ok(cargo && swap[0] && swap[1] && other);
  await path.instruct(0, cargo);
  await path.instruct(MINUTE, swap[0]);
  assert.deepEqual(
    await awaitedIn(path),
    [[ALFA, `2 of ${CARRIER}, ${CUSTOMS} and ${PORT}`, 1, '25000', 0]],
    'a leg whose chain lacks others waits for these',
  );
  await path.instruct(MINUTE, swap[1]);
  await path.instruct(2 * MINUTE, other);
  await path.attest(2 * MINUTE, cargo, CARRIER, 'accepted', 10 * MINUTE);
  await path.attest(2 * MINUTE, cargo, CUSTOMS, 'held');
  for (const pieces of [1, 1000])
    assert.deepEqual(
      await awaitedIn(path, pieces),
      [
        [ALFA, `1 of ${CUSTOMS} and ${PORT}`, 1, '25000', 0],
        [ALFA, PORT, 2, '700', MINUTE],
        [BETA, PORT, 1, '200', MINUTE],
      ],
      `${pieces} events at a time`,
    );
  // What was accepted has lapsed; another chain is met.
  path.control(20 * MINUTE, { kind: 'tick' });
  await path.attest(20 * MINUTE, swap[0], PORT, 'accepted');
  assert.deepEqual(await awaitedIn(path, 1000), [
    [ALFA, `2 of ${CARRIER}, ${CUSTOMS} and ${PORT}`, 1, '25000', 0],
    [ALFA, PORT, 1, '400', 2 * MINUTE],
  ]);
});

test('of terms that are instructed anew nothing has been attested, however events are grouped', async () => {
  const path = conditionalPath();
  const condition = conditionOf([
    { threshold: 1, attestors: [CARRIER] },
    { threshold: 1, attestors: [PORT] },
  ]);
  const [first] = path.legsOf('AGAIN', 100n, 0n, { condition });
  const [second] = path.legsOf('AGAIN', 100n, 0n, { condition });
  assert.ok(first && second);
  await path.instruct(0, first);
  await path.attest(0, first, CARRIER, 'accepted');
  await path.attest(0, first, PORT, 'refused');
  await path.instruct(MINUTE, second);
  for (const pieces of [1, 1000])
    assert.deepEqual(await awaitedIn(path, pieces), [
      [ALFA, `${CARRIER}; ${PORT}`, 1, '100', MINUTE],
    ]);
});
