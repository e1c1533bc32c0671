import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { captureInstance } from '../../services/core/settlement/core-snapshot.ts';
import { readEvent } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import { instantiate } from '../../services/core/wasm-module.ts';
import { encodeRecord } from './flat-records.ts';
import { seeded } from './random-draft.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const IDENTITIES = 1000;
const CRAFTED = 400;
const TYPE = 8;

const word = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotated = (value: bigint, by: bigint): bigint => word((value << by) | (value >> (64n - by)));

/** SipHash-c-d (Aumasson and Bernstein, 2012), straight from the paper. */
function sipHash(key: Uint8Array, message: Uint8Array, c: number, d: number): bigint {
  const keys = new DataView(key.buffer, key.byteOffset);
  const [k0, k1] = [keys.getBigUint64(0, true), keys.getBigUint64(8, true)];
  let [v0, v1] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn];
  let [v2, v3] = [k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i += 1) {
      v0 = word(v0 + v1);
      v1 = rotated(v1, 13n) ^ v0;
      v0 = rotated(v0, 32n);
      v2 = word(v2 + v3);
      v3 = rotated(v3, 16n) ^ v2;
      v0 = word(v0 + v3);
      v3 = rotated(v3, 21n) ^ v0;
      v2 = word(v2 + v1);
      v1 = rotated(v1, 17n) ^ v2;
      v2 = rotated(v2, 32n);
    }
  };
  const padded = new Uint8Array(8 * (1 + Math.floor(message.length / 8)));
  padded.set(message);
  padded[padded.length - 1] = message.length & 255;
  const words = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 8) {
    const m = words.getBigUint64(at, true);
    v3 ^= m;
    rounds(c);
    v0 ^= m;
  }
  v2 ^= 0xffn;
  rounds(d);
  return v0 ^ v1 ^ v2 ^ v3;
}

test('SipHash as it is written here gives the vector of its authors', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i);
  const message = Uint8Array.from({ length: 15 }, (_, i) => i);
  assert.equal(sipHash(key, message, 2, 4), 0xa129ca6149be45e5n);
});

/** Where the core would put an identity of sender 0 under a key, of so many places. */
function homeOf(key: Uint8Array, id: Uint8Array, places: number): number {
  const message = new Uint8Array(24);
  message.set(id);
  new DataView(message.buffer).setUint32(20, TYPE, true);
  return Number(((sipHash(key, message, 1, 3) >> 32n) * BigInt(places)) >> 32n);
}

/** The places of the core's index, and how many that are in use stand in the longest row. */
function feed(key: Uint8Array, ids: readonly Uint8Array[]): { places: number; row: number } {
  const core = instantiate(wasm);
  const input = core.settlementStart(4096);
  const records = [
    encodeRecord('genesis', {
      ...{ participantsMax: 2, currenciesMax: 1, livePaymentsMax: ids.length + 1 },
      ...{ identitiesMax: IDENTITIES, identityDays: 1, hashKey: key },
    }),
    ...[0, 1].map((participant) => encodeRecord('participant', { participant })),
    encodeRecord('currency', {}),
    ...[0, 1].map((participant) => encodeRecord('account', { participant })),
    encodeRecord('open', { date: 1 }),
    ...ids.map((id) =>
      encodeRecord('payment', {
        ...{ id, messageType: TYPE, creditorAgent: 1, dealer: NONE32, currency2: NONE16 },
        ...{ date: 1, amount1: 1, priority: 2 },
      }),
    ),
  ];
  new Uint8Array(core.memory.buffer).set(Buffer.concat(records), input);
  core.settlementPut(records.length);
  const count = core.settlementStep();
  const last = new Uint8Array(core.memory.buffer, core.settlementOutput(), count * EVENT_BYTES);
  if (ids.length > 0) assert.equal(readEvent(last, count - 1).kind, 'queued');
  assert.equal(count, records.length);
  const { globals } = captureInstance(core);
  const at = (name: string): number => {
    const value = globals.get(`assembly/settlement/identity-table/${name}`);
    assert.ok(value !== undefined, `the core has no ${name} in identity-table.ts`);
    return Number(value);
  };
  const index = new Uint32Array(core.memory.buffer, at('index'), at('slots'));
  let [row, longest] = [0, 0];
  for (const entry of index) {
    row = entry === 0 ? 0 : row + 1;
    longest = Math.max(longest, row);
  }
  return { places: index.length, row: longest };
}

test('UETRs crafted to fall together do so under the key that they were crafted for, and under no other', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i * 11);
  const other = Uint8Array.from({ length: 16 }, (_, i) => i * 7 + 1);
  const { places } = feed(key, []);
  const pick = seeded(1);
  const ids: Uint8Array[] = [];
  while (ids.length < CRAFTED) {
    const id = Uint8Array.from({ length: 16 }, () => pick(256));
    if (homeOf(key, id, places) < places / 16) ids.push(id);
  }
  // All of them want a sixteenth of the table: they stand in one row, which every look-up walks.
  assert.ok(feed(key, ids).row >= CRAFTED - 20);
  // A sender does not know the genesis' key, and under any other they lie like random ones.
  assert.ok(feed(other, ids).row < 30, `${feed(other, ids).row}`);
});
