/** Trees and proofs against the definition, vectors of others, and what a forger would try. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  rootHash,
  type SubtreeHash,
} from '../../services/evidence/merkle-tree.ts';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';
import { mth, path, proof } from './reference-tree.ts';

const entriesOf = (size: number): Buffer[] =>
  Array.from({ length: size }, (_, at) => createHash('md5').update(`${at}`).digest());

/** Of whole subtrees alone, as a log's tiles have them: any other is a mistake. */
const subtreesOfEntries =
  (entries: readonly Uint8Array[]): SubtreeHash =>
  (level, index) => {
    const size = 2 ** level;
    assert.ok(
      (index + 1) * size <= entries.length,
      `a subtree that is not whole: ${level} ${index}`,
    );
    return mth(entries.slice(index * size, (index + 1) * size));
  };

describe('Merkle trees of RFC 6962', () => {
  it('have the roots and proofs of the vectors', { skip: needsFixtures }, () => {
    const vectors = JSON.parse(
      readFileSync(fixture('vectors/merkle/rfc6962_reference.json'), 'utf8'),
    );
    const bytes = (hex: string) => Buffer.from(hex, 'hex');
    const hex = (hashes: readonly Uint8Array[]) =>
      hashes.map((one) => Buffer.from(one).toString('hex'));
    const entries: Buffer[] = vectors.leaves.map(bytes);
    const subtree = subtreesOfEntries(entries);
    assert.deepEqual(hex([emptyRoot()]), [vectors.empty_root]);
    const roots = atLeast(8, vectors.roots as string[]).map((root, at) => {
      assert.deepEqual(hex([rootHash(subtree, at + 1)]), [root]);
      return bytes(root);
    });
    for (const { index, size, path } of atLeast(
      36,
      vectors.inclusion as { index: number; size: number; path: string[] }[],
    )) {
      assert.deepEqual(hex(inclusionProof(subtree, index, size)), path);
      const leaf = leafHash(entries[index] as Buffer);
      assert.ok(isIncluded(leaf, index, size, path.map(bytes), roots[size - 1] as Buffer));
    }
    const state = (size: number) => ({ size, root: roots[size - 1] as Buffer });
    type Vector = { readonly first: number; readonly second: number; readonly proof: string[] };
    for (const { first, second, proof } of atLeast(36, vectors.consistency as Vector[])) {
      assert.deepEqual(hex(consistencyProof(subtree, first, second)), proof);
      assert.ok(isConsistent(state(first), state(second), proof.map(bytes)));
    }
  });

  it('are those of the definition at every size, and their proofs hold', () => {
    const all = entriesOf(40);
    for (let size = 0; size <= all.length; size += 1) {
      const entries = all.slice(0, size);
      const subtree = subtreesOfEntries(entries);
      const root = rootHash(subtree, size);
      assert.deepEqual(Buffer.from(root), mth(entries));
      for (let index = 0; index < size; index += 1) {
        const found = inclusionProof(subtree, index, size);
        assert.deepEqual(
          found.map((one) => Buffer.from(one)),
          path(index, entries),
        );
        assert.ok(isIncluded(leafHash(entries[index] as Buffer), index, size, found, root));
      }
      for (let older = 0; older <= size; older += 1) {
        const found = consistencyProof(subtree, older, size);
        if (older > 0)
          assert.deepEqual(
            found.map((one) => Buffer.from(one)),
            proof(older, entries),
          );
        const before = { size: older, root: mth(entries.slice(0, older)) };
        assert.ok(isConsistent(before, { size, root }, found));
      }
    }
  });

  it('have no proof that was changed in any way', () => {
    const all = entriesOf(300);
    const roots = Array.from({ length: 301 }, (_, size) => mth(all.slice(0, size)));
    const whole = subtreesOfEntries(all);
    const flip = (bytes: Uint8Array, bit: number) => {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      return flipped;
    };
    let tried = 0;
    const hash = fc.nat(255);
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 300 }),
        fc.nat(),
        fc.nat(6),
        fc.nat(),
        hash,
        (size, drawn, kind, other, bit) => {
          const index = drawn % size;
          const older = 1 + (drawn % (size - 1));
          const leaf = leafHash(all[index] as Buffer);
          const root = roots[size] as Buffer;
          const included = inclusionProof(whole, index, size);
          const consistent = consistencyProof(whole, older, size);
          const changed = (path: readonly Uint8Array[]): Uint8Array[][] => {
            const at = other % Math.max(1, path.length);
            const swapped = [...path];
            const [first, last] = [swapped[0] as Uint8Array, swapped.at(-1) as Uint8Array];
            swapped[0] = last;
            swapped[swapped.length - 1] = first;
            return [
              path.map((one, i) => (i === at ? flip(one, bit) : one)),
              path.filter((_, i) => i !== at),
              [...path, root],
              [...path.slice(0, at), leaf, ...path.slice(at)],
              [...path].reverse(),
              swapped,
              path.slice(0, at),
            ].filter((one) => Buffer.compare(Buffer.concat(one), Buffer.concat(path)) !== 0);
          };
          for (const path of changed(included)) {
            tried += 1;
            assert.ok(
              !isIncluded(leaf, index, size, path, root),
              `included ${size} ${index} ${kind}`,
            );
          }
          const before = { size: older, root: roots[older] as Buffer };
          for (const path of changed(consistent)) {
            tried += 1;
            assert.ok(
              !isConsistent(before, { size, root }, path),
              `consistent ${older} ${size} ${kind}`,
            );
          }
          const elsewhere = other % 301;
          tried += 4;
          assert.ok(elsewhere === index || !isIncluded(leaf, elsewhere, size, included, root));
          assert.ok(!isIncluded(flip(leaf, bit), index, size, included, root));
          assert.ok(!isIncluded(leaf, index, size, included, flip(root, bit)));
          assert.ok(
            !isConsistent(
              { size: older, root: flip(before.root, bit) },
              { size, root },
              consistent,
            ),
          );
        },
      ),
      { numRuns: 800, seed: 20_261_129 },
    );
    assert.ok(tried >= 10_000, `${tried} proofs`);
  });

  it('take no node for a leaf, and tell a last entry that stands twice', () => {
    const entries = entriesOf(3);
    const [first, second, third] = entries as [Buffer, Buffer, Buffer];
    const node = Buffer.concat([leafHash(first), leafHash(second)]);
    // The node's two halves as an entry of a tree of two: the root would be that of three.
    const root = mth(entries);
    assert.ok(!isIncluded(leafHash(node), 0, 2, [leafHash(third)], root));
    assert.deepEqual(nodeHash(nodeHash(leafHash(first), leafHash(second)), leafHash(third)), root);
    // Trees that repeat an odd last entry have one root for both; these do not.
    assert.notDeepEqual(mth(entries), mth([...entries, third]));
    const doubled = nodeHash(
      nodeHash(leafHash(first), leafHash(second)),
      nodeHash(leafHash(third), leafHash(third)),
    );
    assert.ok(
      !isIncluded(
        leafHash(third),
        2,
        3,
        [leafHash(third), nodeHash(leafHash(first), leafHash(second))],
        root,
      ),
    );
    assert.ok(
      !isIncluded(
        leafHash(third),
        3,
        3,
        [leafHash(third), nodeHash(leafHash(first), leafHash(second))],
        doubled,
      ),
    );
  });

  it('have paths of the one length that index and sizes ask for, whatever root they lead to', () => {
    const [h1, h2, h3, h4, x] = entriesOf(5).map(leafHash) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    // Each root is what the path leads to where nobody counts its hashes.
    assert.ok(!isIncluded(h1, 0, 1, [x], nodeHash(x, h1)));
    assert.ok(!isIncluded(h1, 0, 2, [], h1));
    assert.ok(!isIncluded(h1, 0, 3, [h2], nodeHash(h1, h2)));
    const [r3, r4] = [nodeHash(nodeHash(h1, h2), h3), nodeHash(nodeHash(h1, h2), nodeHash(h3, h4))];
    const path = [h3, h4, nodeHash(h1, h2)];
    assert.ok(isConsistent({ size: 3, root: r3 }, { size: 4, root: r4 }, path));
    const above = (size: number, root: Buffer) => ({ size, root: nodeHash(x, root) });
    assert.ok(!isConsistent(above(3, r3), above(4, r4), [...path, x]));
    const one = { size: 1, root: h1 };
    assert.ok(!isConsistent(one, { size: 3, root: nodeHash(h1, h2) }, [h2]));
    assert.ok(!isConsistent(one, one, [x]));
    // A fork: two trees of one size.
    assert.ok(!isConsistent(one, { size: 1, root: h2 }, []));
    assert.ok(!isConsistent({ size: 0, root: emptyRoot() }, one, [x]));
    // The newer root follows from the path, the older does not.
    assert.ok(!isConsistent({ size: 3, root: x }, { size: 4, root: r4 }, path));
  });

  it('refuse places and sizes that are none', () => {
    const leaf = leafHash(Buffer.from('x'));
    assert.ok(isIncluded(leaf, 0, 1, [], leaf));
    for (const [index, size] of [
      [-1, 1],
      [1, 1],
      [0, 0],
      [0.5, 1],
      [Number.NaN, 1],
      [0, 2 ** 53],
    ] as const)
      assert.ok(!isIncluded(leaf, index, size, [], leaf), `${index} of ${size}`);
    assert.throws(() => inclusionProof(() => leaf, 1, 1), /entry 1 of a tree of 1/);
    assert.throws(() => consistencyProof(() => leaf, 2, 1), /a tree of 2 entries within one of 1/);
    const empty = { size: 0, root: emptyRoot() };
    assert.ok(isConsistent(empty, { size: 1, root: leaf }, []));
    assert.ok(!isConsistent({ size: 0, root: leaf }, { size: 1, root: leaf }, []));
    assert.ok(!isConsistent({ size: 2, root: leaf }, { size: 1, root: leaf }, []));
  });
});
