/** A pool's log over events: commitments by WASM and by node:crypto, tiles, roots, and proofs from tiles alone. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { OPENING_TEXT } from '../../services/core/evidence/tree-hashing.ts';
import {
  OPENING_BYTES,
  openedEntry,
  openingFrom,
  openingOf,
  packedOpening,
} from '../../services/evidence/event-commitment.ts';
import { dayName } from '../../services/evidence/event-transparency-log.ts';
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
} from '../../services/evidence/merkle-tree.ts';
import {
  entriesIn,
  packedEntries,
  subtreesOf,
  TileFault,
  tilePath,
  tilesOf,
  tileWidth,
} from '../../services/evidence/tiles.ts';
import { mth } from './reference-tree.ts';
import { dayKey, hashing, readerOf, sampleLog, someEvents } from './sample-log.ts';

const eventAt = (index: number) => someEvents(1, index + 1);

describe('the log of a pool', () => {
  it('commits to each event and opens it as one that hashes alone does', () => {
    const key = dayKey('2026-03-16');
    for (const [count, from] of [
      [1, 1],
      [2, 9],
      [3, 4_294_967_293],
      [5, 4_294_967_294],
      [4097, 70_000],
    ] as const) {
      const events = someEvents(count, from);
      const { entries, leaves, openings: texts } = hashing.opened(events, from, key);
      const openings = texts.toString();
      assert.deepEqual(hashing.events(events, from, key), { entries, leaves });
      const [tile, hashes] = [Buffer.from(entries), Buffer.from(leaves)];
      assert.deepEqual([tile.length, hashes.length], [35 * count, 32 * count]);
      assert.equal(openings.length, count * OPENING_TEXT);
      for (let at = 0; at < count; at += 1) {
        const event = events.subarray(at * 128, (at + 1) * 128);
        const closed = openingOf(event, key, 'closed');
        const entry = openedEntry(closed);
        assert.deepEqual(openedEntry(openingOf(event, key, 'open')), entry, `${from + at}`);
        assert.deepEqual(tile.subarray(at * 35, (at + 1) * 35), packedEntries([entry]));
        assert.deepEqual(hashes.subarray(at * 32, (at + 1) * 32), leafHash(entry), `${from + at}`);
        const text = openings.slice(at * OPENING_TEXT, (at + 1) * OPENING_TEXT);
        assert.equal(text, Buffer.from(packedOpening(closed)).toString('base64'), `${from + at}`);
      }
    }
  });

  it('opens bytes of every value, whatever was opened before', () => {
    // Of 96 bytes that are shown, each value at each place of three of base64's.
    const key = dayKey('2026-03-17');
    const events = Buffer.alloc(260 * 128);
    for (let at = 0; at < 260; at += 1) {
      const event = events.subarray(at * 128, (at + 1) * 128);
      for (let place = 0; place < 128; place += 1) event[place] = (at + place * 37) % 256;
      event.writeBigUInt64LE(BigInt(at + 1), 0);
    }
    const openings = hashing.opened(events, 1, key).openings.toString();
    const expected = Array.from({ length: 260 }, (_, at) =>
      packedOpening(openingOf(events.subarray(at * 128, (at + 1) * 128), key, 'closed')),
    );
    assert.equal(openings, expected.map((one) => Buffer.from(one).toString('base64')).join(''));
    // Of fewer than a call took before nothing of those is left.
    const one = hashing.opened(events.subarray(0, 128), 1, key).openings;
    assert.equal(one.toString(), openings.slice(0, OPENING_TEXT));
  });

  it('opens to whom it concerns: balances stay closed, and nothing opens otherwise', () => {
    const event = someEvents(1, 9);
    const key = dayKey('2026-03-16');
    const closed = openingOf(event, key, 'closed');
    const packed = packedOpening(closed);
    assert.equal(packed.length, OPENING_BYTES.closed);
    assert.ok(!Buffer.from(packed).includes(event.subarray(96, 104)));
    const secret = createHmac('sha256', key)
      .update(Buffer.from('0000000000000009', 'hex'))
      .digest();
    assert.ok(Buffer.from(packed).includes(secret.subarray(0, 16)));
    assert.ok(!Buffer.from(packed).includes(secret.subarray(16)));
    assert.equal(packedOpening(openingOf(event, key, 'open')).length, OPENING_BYTES.open);
    for (const form of ['closed', 'open'] as const) {
      const bytes = packedOpening(openingOf(event, key, form));
      const entry = openedEntry(openingOf(event, key, form));
      assert.deepEqual(openedEntry(openingFrom(bytes) as typeof closed), entry);
      // Any bit of an opening, but those of its form, makes another entry.
      for (let bit = 8; bit < 8 * bytes.length; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        assert.notDeepEqual(openedEntry(openingFrom(flipped) as typeof closed), entry);
      }
      assert.equal(openingFrom(bytes.subarray(0, -1)), null);
    }
    assert.equal(openingFrom(Buffer.alloc(200)), null);
    assert.throws(() => openingOf(event.subarray(1), key, 'open'), /an event of 127 bytes/);
  });

  it('hides a balance and a UETR from whoever knows all else of the event', () => {
    // A counterparty has the closed opening of the event and knows that the balance is one of a thousand.
    const event = someEvents(1, 9);
    event.fill(0, 96);
    event.writeBigInt64LE(437n, 96);
    const key = dayKey('2026-03-16');
    const opening = openingOf(event, key, 'closed');
    assert.ok(opening.form === 'closed');
    const guess = (salts: Uint8Array, change: (event: Buffer) => void) => {
      const guessed = Buffer.from(event);
      change(guessed);
      return openedEntry({ form: 'open', salts, event: guessed });
    };
    const entry = openedEntry(opening);
    const known = Buffer.concat([opening.salt, opening.salt]);
    for (let balance = 0n; balance < 1_000n; balance += 1n)
      assert.notDeepEqual(
        guess(known, (one) => one.writeBigInt64LE(balance, 96)),
        entry,
      );
    // Whoever sees the entry alone, and knows all of the event: without the salts that is no use.
    for (const salts of [Buffer.alloc(32), dayKey('2026-03-17')])
      assert.notDeepEqual(
        guess(salts, () => {}),
        entry,
      );
    const salts = createHmac('sha256', key).update(Buffer.from('0000000000000009', 'hex')).digest();
    assert.deepEqual(
      guess(salts, () => {}),
      entry,
    );
  });

  it('has the tiles and roots of the definition, however the events came', () => {
    for (const pieces of [
      [0],
      [1],
      [255],
      [256],
      [257],
      [512],
      [100, 500, 1],
      [65_536],
      [65_000, 700],
    ]) {
      const size = pieces.reduce((sum, one) => sum + one, 0);
      const { files, root, reader } = sampleLog(size, pieces);
      const entries: Uint8Array[] = [];
      for (const { level, index, width } of tilesOf(size)) {
        const path = tilePath(level, index, width);
        const bytes = reader.read(path);
        if (level === 'entries') entries.push(...entriesIn(bytes, width, path));
        else assert.equal(bytes.length, 32 * width, path);
      }
      assert.equal(entries.length, size);
      entries.forEach((entry, at) => {
        if (at % 97 !== 0) return;
        const event = eventAt(at);
        const opening = openingOf(event, dayKey(dayName(event)), 'closed');
        assert.deepEqual(Buffer.from(entry), Buffer.from(openedEntry(opening)));
      });
      assert.deepEqual(Buffer.from(root), mth(entries), `${size}`);
      if (size === 0) continue;
      const partial = new Set(
        [...tilesOf(size)].map((one) => tilePath(one.level, one.index, one.width)),
      );
      assert.deepEqual(new Set([...files.keys()].filter((name) => name !== 'checkpoint')), partial);
      const subtree = subtreesOf(reader, size, hashing);
      for (const index of [0, size >> 1, size - 1]) {
        const path = inclusionProof(subtree, index, size);
        assert.ok(isIncluded(leafHash(entries[index] as Uint8Array), index, size, path, root));
      }
      const older = Math.max(1, size - 3);
      const before = { size: older, root: mth(entries.slice(0, older)) };
      const path = consistencyProof(subtree, older, size);
      assert.ok(isConsistent(before, { size, root }, path));
    }
  });

  it('names its tiles as the standard does', () => {
    assert.equal(tilePath(0, 1_234_067), 'tile/0/x001/x234/067');
    assert.equal(tilePath('entries', 0, 17), 'tile/entries/000.p/17');
    assert.equal(tilePath(2, 1000), 'tile/2/x001/000');
    // The standard's example: 70,000 entries.
    const names = [...tilesOf(70_000)].map(({ level, index, width }) =>
      tilePath(level, index, width),
    );
    const of = (level: string) => names.filter((name) => name.startsWith(`tile/${level}/`));
    assert.deepEqual([of('0').length, of('0').at(-1)], [274, 'tile/0/273.p/112']);
    assert.deepEqual(of('1'), ['tile/1/000', 'tile/1/001.p/17']);
    assert.deepEqual(of('2'), ['tile/2/000.p/1']);
    assert.equal(tileWidth(1, 0, 256), 1);
    assert.equal(tileWidth(1, 0, 255), 0);
  });

  it('takes the salts of an event from the key of its day and from its number, in batches too', () => {
    // Its days change within the batch, and it is of more events than one call takes.
    const { reader } = sampleLog(3_000, [100, 2_900]);
    const days = new Set<string>();
    for (const { level, index, width } of tilesOf(3_000)) {
      if (level !== 'entries') continue;
      const path = tilePath(level, index, width);
      entriesIn(reader.read(path), width, path).forEach((entry, at) => {
        const event = eventAt(256 * index + at);
        days.add(dayName(event));
        const opening = openingOf(event, dayKey(dayName(event)), 'open');
        assert.deepEqual(Buffer.from(entry), openedEntry(opening), `${index} ${at}`);
      });
    }
    assert.deepEqual([...days], ['2026-03-16', '2026-03-17']);
    const whole = hashing.events(someEvents(3_000), 1, dayKey('x')).leaves;
    const rest = hashing.events(someEvents(952, 2_049), 2_049, dayKey('x')).leaves;
    assert.deepEqual(whole.subarray(2_048 * 32), rest);
  });

  it('refuses hashes that are of no subtree, and what is no event', () => {
    for (const count of [0, 3, 4_096])
      assert.throws(() => hashing.top(Buffer.alloc(32 * count)), /expected 1, 2, 4 or another/);
    assert.throws(() => hashing.top(Buffer.alloc(33)), RangeError);
    assert.throws(() => hashing.events(Buffer.alloc(127), 1, dayKey('x')), /127 bytes are not/);
    assert.throws(() => hashing.events(Buffer.alloc(128), 1, Buffer.alloc(31)), /a key of 31/);
  });

  it('tells a tile that is cut', () => {
    const { files } = sampleLog(300);
    const path = tilePath(0, 1, 44);
    files.set(path, (files.get(path) as Uint8Array).subarray(1));
    const subtree = subtreesOf(readerOf(files), 300, hashing);
    assert.throws(() => inclusionProof(subtree, 299, 300), { name: 'TileFault', path });
    const entries = packedEntries([Buffer.from('abc')]);
    assert.throws(() => entriesIn(entries.subarray(0, 4), 1, 'x'), TileFault);
    assert.throws(() => entriesIn(entries, 2, 'x'), /1 entries, expected 2/);
    assert.throws(() => packedEntries([Buffer.alloc(65_536)]), RangeError);
  });
});
