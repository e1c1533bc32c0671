import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { repairKafkajs } from './kafkajs-repairs.ts';
import { ResponseFrames, socketInto } from './response-frames.ts';

repairKafkajs();
const { prototype: connection } = createRequire(import.meta.url)('kafkajs/src/network/connection');

/** With its size before it: what it answers, and a payload. */
function response(correlationId: number, payload: string): Buffer {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(payload));
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt32BE(correlationId, 4);
  bytes.write(payload, 8);
  return bytes;
}

const responses = ['', 'a', 'bc', 'x'.repeat(300), '', 'y'.repeat(70_000), 'z'].map(
  (payload, at) => ({ correlationId: at, payload }),
);
const stream = Buffer.concat(
  responses.map(({ correlationId, payload }) => response(correlationId, payload)),
);

/** What it does with the requests that wait for responses, without a socket. */
function connectionOf(socket: object) {
  const got: { correlationId: number; payload: string }[] = [];
  const requestQueue = {
    fulfillRequest(whole: { size: number; correlationId: number; payload: Buffer }) {
      const { size, correlationId, payload } = whole;
      assert.equal(size, payload.length + 4);
      got.push({ correlationId, payload: String(payload) });
    },
  };
  return { got, it: Object.assign(Object.create(connection), { socket, requestQueue }) };
}

test('responses are the same, however their bytes come, and the memory of a piece may be written again', () => {
  for (const pieceBytes of [1, 3, 4, 7, 64, 311, 65_536, stream.length]) {
    const { got, it } = connectionOf({});
    const buffer = Buffer.alloc(pieceBytes);
    for (let at = 0; at < stream.length; at += pieceBytes) {
      const bytes = stream.copy(buffer, 0, at, at + pieceBytes);
      it.processData(buffer.subarray(0, bytes));
      buffer.fill(0xff);
    }
    assert.deepEqual(got, responses, `in pieces of ${pieceBytes} bytes`);
  }
});

test('what a connection had of a response when it broke is no part of the next one’s', () => {
  const { got, it } = connectionOf({});
  it.processData(response(1, 'whole'));
  it.processData(response(2, 'half').subarray(0, 9));
  it.socket = {};
  it.processData(response(3, 'after'));
  assert.deepEqual(got, [
    { correlationId: 1, payload: 'whole' },
    { correlationId: 3, payload: 'after' },
  ]);
});

test('what answers with more than a broker has is left, and takes no memory', () => {
  const ended: Error[] = [];
  const { it } = connectionOf({ destroy: (error: Error) => ended.push(error) });
  it.processData(Buffer.from('HTTP/1.1 400 Bad Request'));
  assert.match(
    String(ended),
    /^RangeError: a response of 1213486160 bytes: what answers is no Kafka/,
  );
  // https://www.rfc-editor.org/rfc/rfc8446#section-6: a fatal alert of two bytes.
  const alert = Buffer.from('15030300020246', 'hex');
  assert.throws(() => new ResponseFrames().take(alert, () => {}), /^RangeError: .* a TLS alert$/);
  const negative = Buffer.alloc(4, 0xff);
  assert.throws(() => new ResponseFrames().take(negative, () => {}), /of -1 bytes/);
});

test('while it authenticates a response is handed over with its size, or as it came where it has none', () => {
  const { it } = connectionOf({});
  const raw: Buffer[] = [];
  it.authHandlers = { onSuccess: (bytes: Buffer) => raw.push(bytes) };
  it.authExpectResponse = true;
  const token = response(1, 'token');
  it.processData(token.subarray(0, 6));
  it.processData(token.subarray(6));
  it.authExpectResponse = false;
  const piece = Buffer.from('raw');
  it.processData(piece);
  piece.fill(0);
  assert.deepEqual(raw.map(String), [String(token), 'raw']);
});

test('a socket reads all that comes into one memory, and tells of the end', async () => {
  const sent = Buffer.alloc(1_000_003, 'abcdefg');
  const server = createServer((socket) => socket.end(sent)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const memories = new Set<ArrayBufferLike>();
  const copies: Buffer[] = [];
  const socket = socketInto('127.0.0.1', port, () => {});
  socket.on('data', (piece: Buffer) => {
    memories.add(piece.buffer);
    copies.push(Buffer.from(piece));
  });
  await once(socket, 'end');
  socket.destroy();
  server.close();
  assert.equal(Buffer.compare(Buffer.concat(copies), sent), 0);
  assert.equal(memories.size, 1);
});
