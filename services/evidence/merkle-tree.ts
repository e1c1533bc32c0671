import { hash } from 'node:crypto';
import { HASH_BYTES } from '../core/evidence/tree-hashing.ts';

/**
 * Merkle trees as RFC 6962 (section 2.1) defines them, one hash at a time: what is proven, and what checks it. Many
 * hashes at once: services/core/evidence/tree-hashing.ts. A leaf begins with 0 and a node with 1, so that no node passes for
 * a leaf.
 */
const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  Buffer.from(hash('sha256', Buffer.concat(parts), 'hex'), 'hex');

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Of a log's entry, 32 bytes. */
export const leafHash = (entry: Uint8Array): Buffer => sha256(LEAF, entry);
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(NODE, left, right);
export const emptyRoot = (): Buffer => sha256();

/** The hash over the 2^level leaves from index x 2^level on, all of which are there. */
export type SubtreeHash = (level: number, index: number) => Uint8Array;

/** The largest power of two below a size of at least 2, by its exponent. */
function splitLevel(size: number): number {
  let level = 0;
  while (2 ** (level + 1) < size) level += 1;
  return level;
}

/** Over leaves that begin at a multiple of the smallest power of two that holds them. */
function rangeHash(subtree: SubtreeHash, from: number, size: number): Uint8Array {
  const level = size === 1 ? 0 : splitLevel(size);
  const left = 2 ** level;
  if (size === left) return subtree(level, from / left);
  if (size === 2 * left) return subtree(level + 1, from / size);
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
    const left = 2 ** splitLevel(length);
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
    const left = 2 ** splitLevel(length);
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

/** The root that a leaf and its path lead to; null where the path has not the length that index and size ask for. */
function rootOfPath(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | null {
  let node = index;
  let last = size - 1;
  let found = leaf;
  for (const sibling of path) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      found = nodeHash(sibling, found);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else found = nodeHash(found, sibling);
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? found : null;
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
  const found = rootOfPath(leaf, index, size, path);
  return found !== null && areEqual(found, root);
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
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      inOlder = nodeHash(sibling, inOlder);
      inNewer = nodeHash(sibling, inNewer);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else inNewer = nodeHash(inNewer, sibling);
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && areEqual(inOlder, older.root) && areEqual(inNewer, newer.root);
}
