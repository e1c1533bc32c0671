/**
 * Changed messages, truly signed, through a door of a live network over Kafka: the broker itself, or a
 * gateway on the loopback. The services verify, clear and tell them. None is lost, no service fails, and
 * what is taken the model would write again.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { headersForHttp } from '../../services/protocol/names/http-headers.ts';
import { type Envelope, envelopeHeaders } from '../../services/protocol/names/message-headers.ts';
import { payloadDigestHex, signingText } from '../../services/protocol/names/signing-text.ts';
import {
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
} from '../../services/protocol/names/topic-plan.ts';
import {
  isControl,
  readOriginal,
  readVerified,
} from '../../services/protocol/records/input-record.ts';
import { signerOf } from '../faults/traffic.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { liveNetwork, POOL, scenario, startNetwork } from '../support/live.ts';
import {
  type FuzzBase,
  fuzzBases,
  fuzzed,
  heapAfterCollection,
  isTakenAsWritten,
} from './fuzz-payloads.ts';

export interface FuzzedDoor {
  readonly taken: number;
  readonly refused: number;
  /** Heap in use after a collection, bytes: behind a fifth of the messages, and behind all. */
  readonly heapBytes: readonly [number, number];
}

interface Signed {
  readonly base: FuzzBase;
  readonly headers: Record<string, string>;
  readonly bytes: Buffer;
}

const BATCH = 250;
const REQUESTS_AT_ONCE = 16;
const READ_RECORDS = 1_000;
/**
 * What a gateway may hold of statuses: so little that it is full long before the heap is first looked at. By
 * default it is 128 MiB, which 100,000 messages fill with 1.3 KB each.
 */
const INDEX_BYTES = 262_144;

function signed(base: FuzzBase, bytes: Buffer): Signed {
  const { messageType, sender, id } = base.names;
  const keyId = 'key-1';
  const issuedAtMs = Date.now();
  const text = signingText({
    ...{ network: liveNetwork.network, topic: PAYMENTS, messageType, sender, keyId, id },
    issuedAtMs: String(issuedAtMs),
    payloadDigest: payloadDigestHex(bytes),
  });
  const signature = signerOf(scenario, sender).sign(text);
  const envelope: Envelope = { messageType, sender, id, keyId, issuedAtMs, signature };
  return { base, bytes, headers: { ...envelopeHeaders(envelope) } };
}

type Send = (messages: readonly Signed[]) => Promise<void>;

const overKafka =
  (log: Log): Send =>
  async (messages) => {
    await log.produce(
      PAYMENTS,
      messages.map(({ headers, bytes }) => ({ key: 'ALFADE00', value: bytes, headers })),
    );
  };

/** Each request has its answer before the next of its place is sent; none is an error of the server. */
function overHttp(port: number): { readonly send: Send; end(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: REQUESTS_AT_ONCE });
  const post = ({ headers, bytes }: Signed) =>
    new Promise<void>((resolve, reject) => {
      const outgoing = request(
        { agent, port, method: 'POST', path: '/payments', headers: headersForHttp(headers) },
        (answer) => {
          answer.resume();
          answer.once('end', () =>
            answer.statusCode === 202
              ? resolve()
              : reject(new Error(`answered ${answer.statusCode}: ${bytes.toString('latin1')}`)),
          );
        },
      );
      outgoing.once('error', reject);
      outgoing.end(bytes);
    });
  const send: Send = async (messages) => {
    const rest = [...messages];
    await Promise.all(
      Array.from({ length: REQUESTS_AT_ONCE }, async () => {
        for (let one = rest.pop(); one; one = rest.pop()) await post(one);
      }),
    );
  };
  return { send, end: () => agent.destroy() };
}

/** What the pool's input has of the messages; those that were taken are written again and read once more. */
async function judgeInput(log: Log, bases: readonly FuzzBase[], seed: number) {
  const names = new Map(bases.map((base) => [`${base.names.messageType} ${base.names.id}`, base]));
  const counts = { taken: 0, refused: 0 };
  const end = await log.endOffset(poolInput(POOL), 0);
  for (let at = 0; at < end; ) {
    const records = await log.read(poolInput(POOL), 0, at, READ_RECORDS);
    for (const { value } of records) {
      if (isControl(value)) continue;
      const record = readVerified(value);
      const { headers, payload } = readOriginal(value);
      assert.notEqual(record.kind, 'notice', `seed ${seed}: its signature is good`);
      if (record.reason !== 0) {
        counts.refused += 1;
        continue;
      }
      counts.taken += 1;
      const base = names.get(`${headers.ce_type} ${headers.ce_id}`) as FuzzBase;
      const where = () => `seed ${seed}: ${Buffer.from(payload).toString('latin1')}`;
      isTakenAsWritten(base, Buffer.from(payload), where);
    }
    at += records.length;
  }
  return counts;
}

/** @throws AssertionError with the seed where a message is lost, or taken and not written again */
export async function fuzzDoor(
  brokers: readonly string[],
  prefix: string,
  door: 'http' | 'kafka',
  count: number,
  seed: number,
): Promise<FuzzedDoor> {
  const log = await openKafkaLog({ brokers, prefix });
  const limits = { identities: 2 * count + 1_000, livePayments: count + 1_000 };
  const live = await startNetwork(log, { services: ['clearing', 'verifier', 'notifier'], limits });
  const gateway =
    door === 'http'
      ? await buildTestGateway({
          ...{ network: liveNetwork.network, log, name: 'fuzzed' },
          indexBytesMax: INDEX_BYTES,
        })
      : null;
  await gateway?.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = (gateway?.app.server.address() ?? { port: 0 }) as AddressInfo;
  const http = gateway && overHttp(port);
  const send = http?.send ?? overKafka(log);
  // A gateway refuses what is larger, and what is empty.
  const bases = fuzzBases().filter(({ names }) => names.sender === 'ALFADE00');
  let early = 0;
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    await send(
      Array.from({ length: size }, (_, place) => {
        const index = from + place;
        const base = bases[index % bases.length] as FuzzBase;
        const bytes = fuzzed(base, index, seed);
        return signed(base, bytes.length > 0 ? bytes : Buffer.from(' '));
      }),
    );
    if (early === 0 && from + size >= count / 5) {
      await live.quiet();
      early = heapAfterCollection();
    }
  }
  await live.quiet();
  const heapBytes = [early, heapAfterCollection()] as const;
  const rejected = await log.endOffset(PAYMENTS_REJECTED, 0);
  const counts = await judgeInput(log, bases, seed);
  http?.end();
  await gateway?.close();
  await live.stop();
  await log.close();
  assert.equal(rejected, 0, `seed ${seed}: a known bank signed each of them`);
  assert.equal(counts.taken + counts.refused, count, `seed ${seed}: none is lost`);
  return { ...counts, heapBytes };
}
