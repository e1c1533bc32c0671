import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { unfoldBeginning } from './bounded-decompression.ts';

/** What the vectors unfold to. */
const CONTENT = Array.from(
  { length: 60 },
  (_, i) => `record ${(i * i * 7919) % 1009} of ALFADE00, as many as ${i % 7}\n`,
).join('');

/** By the libraries of Kafka's own client for Java: snappy-java 1.1.10.7, lz4-java 1.11.2, zstd-jni 1.5.7. */
const VECTORS: readonly (readonly [codec: string, base64: string])[] = [
  [
    'snappy',
    'pxFwcmVjb3JkIDAgb2YgQUxGQURFMDAsIGFzIG1hbnkBCAQwCg0jCDg1NmIlAAAxESUIMzk3YiUAADIRJQg2NDFiJQAAMxElCDU3OWIlAAA0ESUEMjFmSgAANRElBDU0ZrkAADYVJQQ3NWJvADUDCDI5OGIlADUDCDcyNGIlADUDBDg0ZiUANQMENjVmbwA1AwQxNmbeADUDBDM3ZpcBNQMIMjgyYrkANQMEODlmKwI1AwgxODNiSgA1AwAxauEBNQMEODeKAwEEMjZmuQA5AwA0ZlACNQMEMTNm3gA1AwQ2MWa8ATUDBDc5ZpQANQMENjZmSgA1AwAyapQAVQYENDlm3gA1AwA0aigBOQMAMWZKADUDADRqvAE1AwQ1M4oGAgQyOGbCAzUDBDczZk0BNQMAOGrkAjUDBDcxZi4DNQMAMmorAjkDADhmMQQ1AwQ0MWYlAFUGADNmcQE1AgAzauYDNQIEMzhm5gM1AgQxMGZMATUCBDUyjggDapYBOQIAM2bBAzUCBDk0ZrkANQMAMWo2Bj0DYnkENQIANmqTADUCADlq3QBVBAA5aicBNQIANmpxATkCarsBNQIANWYmATUBADhqTgI1AgQzMIoGAwQ0N2YlADUCBDM0ZikCNQIEOTBmuQA1AgQxNW4HAw==',
  ],
  [
    'snappy',
    'glNOQVBQWQAAAAABAAAAAQAAAQyACHByZWNvcmQgMCBvZiBBTEZBREUwMCwgYXMgbWFueQEIBDAKDSMIODU2YiUAADERJQgzOTdiJQAAMhElCDY0MWIlAAAzESUINTc5YiUAADQRJQQyMWZKAAA1ESUENTRmuQAANhUlBDc1Ym8ANQMIMjk4YiUANQMINzI0YiUANQMEODRmJQA1AwQ2NWZvADUDBDE2Zt4ANQMEMzdmlwE1AwgyODJiuQA1AwQ4OWYrAjUDCDE4M2JKADUDADFq4QE1AwQ4N4oDAQQyNma5ADkDADRmUAI1AwQxM2beADUDBDYxZrwBNQMENzlmlAA1Awg2NjRiKAE1AwAyapQAVQYENDlm3gA1AwA0SigBAAABCoAIgG1hbnkgYXMgNgpyZWNvcmQgMTE5IG9mIEFMRkFERTAwLAEdESUAMBElBDQ3ZiUAADERJQg1MzNiSgAAMhElCDI4MWIlAAAzESUINzMyYiUAADQRJQg4NzdiJQAANRElCDcxNmIlADUDBDI0Zt4AOQMEODViSgA1AwQ0MWYlADUDADNmbgA1AgQzNma4AAA0Ed0EMziKAgEEMTBmTAE1Agg1MjBi3QA1AgA2apYBOQIEMzhiSgA1AgQ5NGa5ADUDBDE0ZioCPQNibgBVBAA2apMANQIAOWrdADUCADlqJwE1AgA2anEBOQJquwE1AgA1ZiYBNQEAOGpOAjUCKDMwNiBvZiBBTEZBAAAATqcBMERFMDAsIGFzIG1hbnkBCEw2CnJlY29yZCA0NzYgb2YgQUxGQUIlAAAwESUIMzQwYiUAADERJQg5MDdiJQAAMhElCDE1OWIlAAQzCg==',
  ],
  [
    'lz4',
    'BCJNGGBwcyUCAADwDnJlY29yZCAwIG9mIEFMRkFERTAwLCBhcyBtYW55CAAjMAojAD84NTYlAAYUMSUAPzM5NyUABhQyJQA/NjQxJQAGFDMlAD81NzklAAYUNCUALzIxSgAHFDUlAC81NLkABxU2JQAvNzVvAAYFAwE/Mjk4JQAGBQMBPzcyNCUABgUDAS84NCUABwUDAS82NW8ABwUDAS8xNt4ABwUDAS8zN5cBBwUDAT8yODK5AAYFAwEvODkrAgcFAwE/MTgzSgAGBQMBHzHhAQgFAwEvODcDARAvMja5AAcGAwEfNFACBwUDAS8xM94ABwUDAS82MbwBBwUDAS83OZQABwUDAS82NkoABwUDAR8ylAAIBQYCLzQ53gAHBQMBHzQoAQgGAwEfMUoABwUDAR80vAEIBQMBLzUzBgIQLzI4wgMHBQMBLzczTQEHBQMBHzjkAggFAwEvNzEuAwcFAwEfMisCCAYDAR84MQQHBQMBLzQxJQAHBQYCHzNxAQcFAgEfM+YDCAUCAS8zOOYDBwUCAS8xMEwBBwUCAS81MggDEQ+WAQgGAgEfM8EDBwUCAS85NLkABwUDAR8xNgYIBwMBD3kEBgUCAR82JQAIBQIBHzndAAgFBAIfOScBCAUCAR82cQEIBgIBD7sBCAUCAR81JgEHBQEBHzhOAggFAgEvMzAGAxAvNDclAAcFAgEvMzQpAgcFAgEvOTC5AAcFAgEvMTUHAwRQYXMgMwoAAAAA',
  ],
  [
    'zstd',
    'KLUv/QBYtQcAAs4iGYC50AbcvBZU4AlWfIgwJ3LTpp1q9BuHVAiGOWJLjuKRly9kprkKT+4nc8pXG/NSupDMM1OiSWbpzyJzp4bWGaLlyN90Z3f89oq8yPDnob62sukYKWdS66uGftroY6tbtKtQ/SYi6ysa+q0bnswgY4EYCwqIhLFADAARgYDDAMFhICSGDANFouBAEXaoIazl+98BsDOSdBGM4JXw77QHbPN+JV2UvR6E+AZiBZWOAWOCGECI48gRL+jKvBFHWOYlfZ9jEiCAC+FX5yYxqan+/VaIh+uiHkbjlCwQQdzkFb9ZYdZqzmjjhPpBqSsCWfKcAWwV',
  ],
  [
    'zstd',
    'KLUv/WCnB8UHAMINIhmAudAG7LYdKB4JU2y84Fu5adNOJegbh1QIhjliS47ikZcvZKa5Ck/uJ3PKVxvzUrqQzDNToklm6c8ic6eG1hmi5cjfdGd3/PaKvMjw56G+trLpGClnUuurhn7a6GOrW7SrUP0mIusrGvqtG57MIAsJCYShkBgHkQAAhMAAYhwohoyChYLAYBF3qCGo5vu/AaCTgiQdESAECV0J/057/ugmS7AoBvsg1DeBOFS6EIwbhBA2niVH/Gt45jHBAnNT0gt0rJgccQFr/pxJL1UB/M6Qw2pywVS09vT1c5nf5D8AX+/18zn8OTTcOd+teWRJMXZ1GvCr',
  ],
];

const vectors = VECTORS.map(([codec, base64]) => [codec, Buffer.from(base64, 'base64')] as const);

test('what Kafka’s client folds is unfolded', () => {
  for (const [codec, folded] of [...vectors, ['gzip', gzipSync(CONTENT)] as const])
    assert.equal(unfoldBeginning(folded, codec).toString(), CONTENT, codec);
});

test('what ends early, or is changed anywhere, gives a beginning and no error', () => {
  for (const [codec, folded] of vectors) {
    let begun = 0;
    for (let end = 0; end < folded.length; end++) {
      const part = unfoldBeginning(folded.subarray(0, end), codec).toString();
      assert.ok(CONTENT.startsWith(part), `${codec} up to ${end}`);
      begun = Math.max(begun, part.length);
      const changed = Buffer.from(folded);
      changed[end] = (folded[end] as number) ^ (1 << (end % 8));
      assert.ok(unfoldBeginning(changed, codec).length <= 131_072);
    }
    // Zstandard unfolds a block at a time, and this is one.
    if (codec !== 'zstd') assert.ok(begun > CONTENT.length / 2, codec);
  }
});

/** A frame of zstd with a window of so much, and nothing behind it. */
const window = (exponent: number) =>
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (exponent - 10) << 3, 0x01, 0x00, 0x00]);

test('what would unfold to gigabytes ends at the bound', () => {
  const run = [0x00, 0x41, ...Array.from({ length: 3_000 }, () => [0xfe, 0x01, 0x00]).flat()];
  const bombs: readonly (readonly [string, Buffer])[] = [
    ['snappy', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, ...run])],
    ['gzip', gzipSync(Buffer.alloc(20_000_000))],
    // A block of the longest run: bytes of 255 count on.
    [
      'lz4',
      Buffer.concat([
        Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0x10, 0, 0, 0x1f, 0x41, 1, 0]),
        Buffer.alloc(4_090, 0xff),
        Buffer.from([0]),
      ]),
    ],
    // A block of one byte repeated.
    [
      'zstd',
      Buffer.concat([
        window(20).subarray(0, 6),
        ...Array.from({ length: 40 }, () => Buffer.from([0x02, 0x00, 0x10, 0x41])),
      ]),
    ],
  ];
  for (const [codec, bomb] of bombs)
    assert.equal(unfoldBeginning(bomb, codec).length, 131_072, codec);
});

test('a window beyond what every decoder takes is not made', () => {
  const before = process.memoryUsage().arrayBuffers;
  assert.equal(unfoldBeginning(window(30), 'zstd').length, 0);
  // Of one byte, and behind it another whose window is a gigabyte.
  const first = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x01, 0x09, 0x00, 0x00, 0x41]);
  assert.equal(unfoldBeginning(Buffer.concat([first, window(30)]), 'zstd').toString(), 'A');
  const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0x00, 0x00, 0x00, 0x00]);
  assert.equal(unfoldBeginning(Buffer.concat([skipped, window(30)]), 'zstd').length, 0);
  assert.ok(process.memoryUsage().arrayBuffers - before < 16_777_216);
});

test('an unknown codec unfolds to nothing', () => {
  assert.equal(unfoldBeginning(Buffer.from(CONTENT), 'codec 5').length, 0);
});
