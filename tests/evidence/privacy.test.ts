/**
 * What others see of an event that is not theirs: whoever knows all of it but a balance, or but its UETR, does not find that
 * by trying. And what is left when payloads and day keys are deleted still proves what it proved.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { EVENT_OFFSETS as AT, EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { checkTlogProof } from '../../services/evidence/entry-is-in-log.ts';
import {
  entryOf,
  openedEntry,
  openingOf,
  packedOpening,
} from '../../services/evidence/event-commitment.ts';
import { dayName } from '../../services/evidence/event-transparency-log.ts';
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  leafHash,
  sha256,
} from '../../services/evidence/merkle-tree.ts';
import { KEY_TYPE, noteKey, verifierKey } from '../../services/evidence/signed-note.ts';
import { subtreesOf } from '../../services/evidence/tiles.ts';
import { formatTlogProof, parseTlogProof } from '../../services/evidence/tlog-proof.ts';
import { dayKey, hashing, logSigner, ORIGIN, sampleLog, someEvents } from './sample-log.ts';

const SIZE = 600;
const events = someEvents(SIZE);
const log = sampleLog(SIZE);
const nth = (number: number) =>
  Buffer.from(events.subarray((number - 1) * EVENT_BYTES, number * EVENT_BYTES));
const opened = (number: number, form: 'open' | 'closed') =>
  openingOf(nth(number), dayKey(dayName(nth(number))), form);
const NUMBER = 300;
/** Of balances and the last bytes of a UETR an attacker tries so many, and the right one is among them. */
const TRIES = 12;

/** All that anybody may fetch: checkpoint, hashes, entries. */
const published = Buffer.concat([...log.files.values()]);
/** What a counterparty has beside it: the closed opening of the event, and of others that name it. */
const ofCounterparty = [NUMBER, NUMBER - 1, NUMBER + 1, 17].map((number) =>
  Buffer.from(packedOpening(opened(number, 'closed'))),
);

/** Every sixteen or thirty-two bytes at hand that could be a salt or a key, and none. */
function* saltsAtHand(openings: readonly Buffer[]): Generator<Buffer> {
  yield Buffer.alloc(0);
  yield Buffer.alloc(16);
  for (const opening of openings)
    for (const [at, length] of [
      [1, 16],
      [113, 16],
      [113, 32],
      [129, 16],
    ] as const)
      yield opening.subarray(at, at + length);
}

/** Whether the entry that is sealed is that of the event, by any salt at hand and any way in which it may be made. */
function isFound(
  event: Buffer,
  sealed: Buffer,
  hidden: Buffer | null,
  openings: readonly Buffer[],
) {
  const [shown, balances] = [event.subarray(0, 96), event.subarray(96)];
  const tag = Buffer.from('corridor/event/1');
  for (const outer of saltsAtHand(openings))
    for (const inner of saltsAtHand(openings)) {
      const number = Buffer.from(event.subarray(0, 8)).reverse();
      const derived =
        outer.length === 0 ? inner : createHmac('sha256', outer).update(number).digest();
      for (const salt of [inner, derived.subarray(0, 16), derived.subarray(16)]) {
        const made = sha256(Buffer.from('bal1'), salt, balances);
        if (hidden && made.equals(hidden)) return true;
        if (Buffer.from(entryOf(sha256(tag, outer, shown, made))).equals(sealed)) return true;
      }
      for (const whole of [event, Buffer.concat([tag, outer, event])])
        if (Buffer.from(entryOf(sha256(whole))).equals(sealed) || leafHash(whole).equals(sealed))
          return true;
    }
  return false;
}

const sealedEntry = (number: number) => Buffer.from(openedEntry(opened(number, 'closed')));
const hiddenOf = (number: number) => {
  const opening = opened(number, 'closed');
  return opening.form === 'closed' ? Buffer.from(opening.hidden) : null;
};
const candidates = (at: number, length: 4 | 8) =>
  Array.from({ length: TRIES }, (_, one) => {
    const event = nth(NUMBER);
    if (length === 8) event.writeBigInt64LE(event.readBigInt64LE(at) + BigInt(one - TRIES / 2), at);
    else event.writeInt32LE((event.readInt32LE(at) + one - TRIES / 2) | 0, at);
    return event;
  });

describe('an event of others', () => {
  it('does not give its balance to the counterparty, who knows all the rest', () => {
    assert.ok(candidates(AT.balance1, 8).some((one) => one.equals(nth(NUMBER))));
    for (const event of candidates(AT.balance1, 8))
      assert.equal(isFound(event, sealedEntry(NUMBER), hiddenOf(NUMBER), ofCounterparty), false);
    // The attack is one: with the open opening, whose last salt is the other half, it finds the balance.
    const open = Buffer.from(packedOpening(opened(NUMBER, 'open')));
    const salt = Buffer.concat([open.subarray(0, 1), open.subarray(17, 33), Buffer.alloc(128)]);
    const hits = candidates(AT.balance1, 8).filter((event) =>
      isFound(event, sealedEntry(NUMBER), hiddenOf(NUMBER), [...ofCounterparty, salt]),
    );
    assert.deepEqual(hits, [nth(NUMBER)]);
  });

  it('does not give its UETR to a witness, who knows all the rest', () => {
    const tries = candidates(AT.id + 12, 4);
    assert.ok(tries.some((one) => one.equals(nth(NUMBER))));
    // A witness that is a bank too has openings of events of its own.
    const own = ofCounterparty.slice(1);
    for (const event of tries) assert.equal(isFound(event, sealedEntry(NUMBER), null, own), false);
    const salt = ofCounterparty[0] as Buffer;
    const other = opened(NUMBER, 'open');
    const inner = other.form === 'open' ? Buffer.from(other.salts.subarray(16)) : Buffer.alloc(0);
    const both = [...own, salt, Buffer.concat([Buffer.alloc(1), inner, Buffer.alloc(128)])];
    const hits = tries.filter((event) => isFound(event, sealedEntry(NUMBER), null, both));
    assert.deepEqual(hits, [nth(NUMBER)]);
  });

  it('has no bytes in what is published, and a closed opening none of its balances', () => {
    const hex = published.toString('hex');
    for (let number = 1; number <= SIZE; number += 1) {
      const event = nth(number);
      for (const [at, length] of [
        [AT.id, 16],
        [AT.balance1, 8],
        [AT.balance2, 8],
        [AT.amount1, 8],
      ] as const)
        assert.equal(
          hex.includes(event.toString('hex', at, at + length)),
          false,
          `${number} ${at}`,
        );
      const salts = createHmac('sha256', dayKey(dayName(event)))
        .update(Buffer.from(event.subarray(0, 8)).reverse())
        .digest();
      assert.equal(published.includes(salts.subarray(0, 16)), false);
      const closed = Buffer.from(packedOpening(opened(number, 'closed')));
      assert.ok(closed.includes(salts.subarray(0, 16)));
      for (const secret of [salts.subarray(16), event.subarray(96, 104), event.subarray(104, 112)])
        assert.equal(closed.includes(secret), false, `${number}`);
    }
  });
});

describe('a log whose payloads and day keys are deleted', () => {
  it('proves what was opened before, continues, and opens nothing more', () => {
    const policy = parsePolicy(
      `log ${verifierKey(noteKey(ORIGIN, KEY_TYPE.log, logSigner.publicKey))}\nquorum none\n`,
    );
    // What is left: the files of the log, and a receipt without a message that was given before.
    const extra = packedOpening(opened(NUMBER, 'closed'));
    const subtree = subtreesOf(log.reader, SIZE, hashing);
    const path = inclusionProof(subtree, NUMBER - 1, SIZE);
    const receipt = formatTlogProof({ extra, index: NUMBER - 1, path, checkpoint: log.checkpoint });
    const proof = parseTlogProof(receipt);
    const salt = Buffer.from(extra.subarray(1, 17));
    assert.equal(
      checkTlogProof(
        proof,
        openedEntry({
          ...{ form: 'closed', salt, shown: extra.subarray(17, 113), hidden: extra.subarray(113) },
        }),
        policy,
      ).size,
      SIZE,
    );
    const older = sampleLog(256);
    assert.ok(
      isConsistent(
        { size: 256, root: older.root },
        { size: SIZE, root: log.root },
        consistencyProof(subtree, 256, SIZE),
      ),
    );
    // Who has the event and no key makes no opening of it: any other key leads elsewhere.
    for (const key of [Buffer.alloc(32), dayKey('2026-03-15'), Buffer.from(salt.toString('hex'))])
      assert.throws(
        () => checkTlogProof(proof, openedEntry(openingOf(nth(NUMBER), key, 'open')), policy),
        /do not lead to the checkpoint's root/,
      );
  });
});
