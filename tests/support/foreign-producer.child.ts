/**
 * A bank's own producer, for tests: kafkajs as it comes, since the one in Corridor's processes is
 * mended. Reads an order as JSON from standard input, sends all of it as one batch, and prints
 * `ok` or Kafka's name for the error.
 */
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import type { ForeignBatch } from './foreign-producer.ts';

const load = createRequire(import.meta.url);

/** Kafka lets a header be null; kafkajs does not write it, and this has the same size. */
const NULL = Buffer.alloc(0);
const headerPath = load.resolve('kafkajs/src/protocol/recordBatch/header/v0');
type EncodeHeader = (header: { key: string; value: Buffer | string | null }) => unknown;
const encodeHeader = load(headerPath) as EncodeHeader;
const encodesNull: EncodeHeader = ({ key, value }) =>
  encodeHeader({ key, value: value === NULL ? null : value });
const cached = load.cache[headerPath];
if (cached) cached.exports = encodesNull;

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = load(
  'kafkajs',
) as typeof import('kafkajs');

const LZ4_HEAD = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
const LZ4_BLOCK_BYTES = 65_536;
const LZ4_AS_IT_IS = 0x80000000;

/** A frame of blocks that are stored as they are. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
function lz4Frame(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from(LZ4_HEAD)];
  for (let from = 0; from < bytes.length; from += LZ4_BLOCK_BYTES) {
    const block = bytes.subarray(from, from + LZ4_BLOCK_BYTES);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(LZ4_AS_IT_IS + block.length);
    parts.push(size, block);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

const SNAPPY_LITERAL = 61 << 2;
const SNAPPY_LITERAL_BYTES = 65_536;

/** Literals alone. https://github.com/google/snappy/blob/main/format_description.txt */
function snappyBlock(bytes: Buffer): Buffer {
  const length: number[] = [];
  let left = bytes.length;
  for (; left >= 0x80; left >>>= 7) length.push((left & 0x7f) | 0x80);
  const parts: Buffer[] = [Buffer.from([...length, left])];
  for (let from = 0; from < bytes.length; from += SNAPPY_LITERAL_BYTES) {
    const literal = bytes.subarray(from, from + SNAPPY_LITERAL_BYTES);
    const tag = Buffer.from([SNAPPY_LITERAL, 0, 0]);
    tag.writeUInt16LE(literal.length - 1, 1);
    parts.push(tag, literal);
  }
  return Buffer.concat(parts);
}

/** One segment with its size, of blocks that are stored as they are: RFC 8878. */
const ZSTD_HEAD = [0x28, 0xb5, 0x2f, 0xfd, 0xa0];
const ZSTD_BLOCK_BYTES = 131_072;

function zstdFrame(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  const parts: Buffer[] = [Buffer.from(ZSTD_HEAD), size];
  for (let from = 0; from < bytes.length; from += ZSTD_BLOCK_BYTES) {
    const block = bytes.subarray(from, from + ZSTD_BLOCK_BYTES);
    const isLast = from + block.length === bytes.length;
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | (isLast ? 1 : 0), 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}

const storing = (compress: (bytes: Buffer) => Buffer) => () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => compress(buffer),
  decompress: () => Promise.reject(new Error('never read here')),
});
CompressionCodecs[CompressionTypes.Snappy] = storing(snappyBlock);
CompressionCodecs[CompressionTypes.LZ4] = storing(lz4Frame);
CompressionCodecs[CompressionTypes.ZSTD] = storing(zstdFrame);

const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** One try has to do: on a busy machine a broker accepts late. */
const CONNECT_MS = 60_000;

const order = JSON.parse(await text(process.stdin)) as ForeignBatch;
const kafka = new Kafka({
  brokers: [...order.brokers],
  logLevel: logLevel.NOTHING,
  connectionTimeout: CONNECT_MS,
  // A transaction's coordinator is still being found, or loads.
  retry: { retries: order.transaction === undefined ? 0 : 10 },
});
const { topic, codec = 'none', transaction: end } = order;
const producer = kafka.producer(
  end === undefined ? {} : { transactionalId: `${topic}-${end}`, maxInFlightRequests: 1 },
);
await producer.connect();
const messages = order.messages.flatMap(({ times = 1, zeros, value, headers = {}, ...rest }) => {
  const bytes = zeros === undefined ? Buffer.from(value ?? '', 'base64') : Buffer.alloc(zeros);
  const given = Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name, text ?? NULL]),
  );
  return Array.from({ length: times }, () => ({ ...rest, value: bytes, headers: given }));
});
async function send(): Promise<void> {
  const batch = { topic, messages, compression: CODECS[codec] };
  if (end === undefined) {
    await producer.send(batch);
    return;
  }
  const transaction = await producer.transaction();
  await transaction.send(batch);
  await transaction[end]();
}
const outcome = await send().then(
  () => 'ok',
  (error: Error & { type?: string; cause?: { type?: string } }) =>
    error.type ?? error.cause?.type ?? error.message,
);
await producer.disconnect();
process.stdout.write(`${outcome}\n`);
