/**
 * The partition of a key exactly as Kafka's default partitioner chooses it, so that a bank's
 * messages lie in one partition whichever client wrote them: murmur2 of the key's UTF-8 bytes,
 * made non-negative by clearing the top bit, modulo the number of partitions
 * (org.apache.kafka.clients.producer.internals.BuiltInPartitioner, common.utils.Utils.murmur2).
 */

/** Kafka's seed and the constants of Austin Appleby's MurmurHash2. */
const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** MurmurHash2 (32 bits) of the bytes; the result is a signed 32-bit integer as in Java. */
export function murmur2(bytes: Uint8Array, length = bytes.length): number {
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    word = Math.imul(word, M);
    word ^= word >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  const left = length - whole;
  if (left >= 3) hash ^= bytes[whole + 2]! << 16;
  if (left >= 2) hash ^= bytes[whole + 1]! << 8;
  if (left >= 1) hash = Math.imul(hash ^ bytes[whole]!, M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(256);

export function partitionOfKey(key: string, partitions: number): number {
  if (partitions === 1) return 0;
  if (key.length * 3 > scratch.length) scratch = new Uint8Array(key.length * 3);
  const { written } = encoder.encodeInto(key, scratch);
  return (murmur2(scratch, written) & 0x7fffffff) % partitions;
}
