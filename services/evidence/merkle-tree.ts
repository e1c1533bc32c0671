import { hash } from 'node:crypto';
import { HASH_BYTES } from '../core/evidence/tree-hashing.ts';

/**
 * Merkle trees as RFC 6962 (section 2.1) defines them, one hash at a time: what is proven, and what checks it. Many
 * hashes at once: services/core/evidence/tree-hashing.ts. A leaf begins with 0 and a node with 1, so that no node passes for
 * a leaf.
 */
export const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  Buffer.from(hash('sha256', Buffer.concat(parts), 'hex'), 'hex');

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Of a log's entry, 32 bytes. */
export const leafHash = (entry: Uint8Array): Buffer => sha256(LEAF, entry);
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(NODE, left, right);
export const emptyRoot = (): Buffer => sha256();

/** The hash over the 2^level leaves from index x 2^level on, all of which are there. */
export type SubtreeHash = (level: number, index: number) => Uint8Array;

/** The largest power of two that a size of at least 1 holds, by its exponent. */
function levelIn(size: number): number {
  let level = 0;
  while (2 ** (level + 1) <= size) level += 1;
  return level;
}

/** Of a tree of at least 2: how many entries its left half has. */
const leftOf = (size: number): number => 2 ** levelIn(size - 1);

/** Over leaves that begin at a multiple of the smallest power of two that holds them. */
function rangeHash(subtree: SubtreeHash, from: number, size: number): Uint8Array {
  const level = levelIn(size);
  const left = 2 ** level;
  if (size === left) return subtree(level, from / left);
  return nodeHash(subtree(level, from / left), rangeHash(subtree, from + left, size - left));
}

export const rootHash = (subtree: SubtreeHash, size: number): Uint8Array =>
  size === 0 ? emptyRoot() : rangeHash(subtree, 0, size);

function refuseOutside(index: number, size: number): void {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    throw new RangeError(`entry ${index} of a tree of ${size}`);
}

/** From the leaf's sibling to the root's child. */
export function inclusionProof(subtree: SubtreeHash, index: number, size: number): Uint8Array[] {
  refuseOutside(index, size);
  const path: Uint8Array[] = [];
  let from = 0;
  let length = size;
  while (length > 1) {
    const left = leftOf(length);
    if (index < from + left) {
      path.push(rangeHash(subtree, from + left, length - left));
      length = left;
    } else {
      path.push(rangeHash(subtree, from, left));
      from += left;
      length -= left;
    }
  }
  return path.reverse();
}

/** That the tree of `older` entries is how that of `size` began. */
export function consistencyProof(subtree: SubtreeHash, older: number, size: number): Uint8Array[] {
  if (!Number.isSafeInteger(older) || !Number.isSafeInteger(size) || older < 0 || older > size)
    throw new RangeError(`a tree of ${older} entries within one of ${size}`);
  if (older === 0 || older === size) return [];
  const path: Uint8Array[] = [];
  let from = 0;
  let length = size;
  let isWhole = true;
  while (older !== from + length) {
    const left = leftOf(length);
    if (older <= from + left) {
      path.push(rangeHash(subtree, from + left, length - left));
      length = left;
    } else {
      path.push(rangeHash(subtree, from, left));
      from += left;
      length -= left;
      isWhole = false;
    }
  }
  if (!isWhole) path.push(rangeHash(subtree, from, length));
  return path.reverse();
}

const areEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * Goes up from a node of a level whose last is `last`, along the siblings of its path.
 * @returns whether the path ends at the root, as one of the length that index and size ask for does
 */
function climb(
  node: number,
  last: number,
  path: readonly Uint8Array[],
  take: (sibling: Uint8Array, isLeft: boolean) => void,
): boolean {
  for (const sibling of path) {
    if (last === 0) return false;
    const isLeft = node % 2 === 1 || node === last;
    take(sibling, isLeft);
    // Where there is nothing to its right, it goes up as it is until it has a sibling.
    while (isLeft && node % 2 === 0 && node !== 0) {
      node /= 2;
      last = Math.floor(last / 2);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0;
}

const arePlaces = (smaller: number, larger: number): boolean =>
  Number.isSafeInteger(smaller) && Number.isSafeInteger(larger) && smaller >= 0 && larger >= 0;
const areHashes = (...hashes: readonly Uint8Array[]): boolean =>
  hashes.every((one) => one.length === HASH_BYTES);

/** Whether the entry of this leaf hash stands at the index in the tree of that root. */
export function isIncluded(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!arePlaces(index, size) || index >= size || !areHashes(leaf, root, ...path)) return false;
  let found = leaf;
  const isWhole = climb(index, size - 1, path, (sibling, isLeft) => {
    found = isLeft ? nodeHash(sibling, found) : nodeHash(found, sibling);
  });
  return isWhole && areEqual(found, root);
}

/** Whether the tree of the older root is how that of the newer began (RFC 9162, section 2.1.4.2). */
export function isConsistent(
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  path: readonly Uint8Array[],
): boolean {
  if (!arePlaces(older.size, newer.size) || older.size > newer.size) return false;
  if (!areHashes(older.root, newer.root, ...path)) return false;
  if (older.size === 0) return path.length === 0 && areEqual(older.root, emptyRoot());
  if (older.size === newer.size) return path.length === 0 && areEqual(older.root, newer.root);
  let node = older.size - 1;
  let last = newer.size - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  // A whole subtree is the older root itself, and not in the path.
  const [first, ...rest] = node === 0 ? [older.root, ...path] : path;
  if (first === undefined) return false;
  let inOlder = first;
  let inNewer = first;
  const isWhole = climb(node, last, rest, (sibling, isLeft) => {
    if (isLeft) inOlder = nodeHash(sibling, inOlder);
    inNewer = isLeft ? nodeHash(sibling, inNewer) : nodeHash(inNewer, sibling);
  });
  return isWhole && areEqual(inOlder, older.root) && areEqual(inNewer, newer.root);
}
