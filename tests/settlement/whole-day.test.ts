import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import {
  NONE16,
  NONE32,
  RECORD_BYTES,
  RECORD_OFFSETS,
} from '../../services/core/settlement/records.ts';
import { type CoreExports, instantiate } from '../../services/core/wasm-module.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { encodeRecord } from './flat-records.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const isLong = process.env.CORRIDOR_LONG_TESTS === '1';
/** Of a day; the long test runs the whole of it in one instance of at most 4 GiB. */
const PAYMENTS = isLong ? 10_000_000 : 200_000;
const PARTICIPANTS = 200;
const CURRENCIES = 8;
const GIB = 2 ** 30;

/** A core that is fed without copies of its events: they would be 1.3 GB. */
class Day {
  readonly #core: CoreExports = instantiate(wasm);
  readonly #input: number;
  #position = 0;
  events = 0;

  constructor() {
    this.#input = this.#core.settlementStart(4096);
    assert.notEqual(this.#input, 0);
  }

  /** Takes some records in; `look` sees each event's place in memory. */
  take(records: Buffer, look?: (event: Uint8Array) => void): void {
    for (let at = 0; at < records.length; at += RECORD_BYTES) {
      this.#position += 1;
      records.writeBigUInt64LE(BigInt(this.#position), at + RECORD_OFFSETS.position);
    }
    new Uint8Array(this.#core.memory.buffer).set(records, this.#input);
    this.#core.settlementPut(records.length / RECORD_BYTES);
    do {
      const count = this.#core.settlementStep();
      this.events += count;
      const output = this.#core.settlementOutput();
      for (let i = 0; look !== undefined && i < count; i += 1)
        look(new Uint8Array(this.#core.memory.buffer, output + i * EVENT_BYTES, EVENT_BYTES));
    } while (this.#core.settlementDone() === 0);
  }

  live(): number {
    return this.#core.settlementLive() >>> 0;
  }

  conserved(): boolean {
    return this.#core.settlementConserved() !== 0;
  }

  bytes(): number {
    return this.#core.memory.buffer.byteLength;
  }
}

function beginning(): Buffer {
  const records = [
    encodeRecord('genesis', {
      ...{ participantsMax: PARTICIPANTS, currenciesMax: CURRENCIES, identityDays: 5 },
      ...{ livePaymentsMax: PAYMENTS, identitiesMax: PAYMENTS + 1, cycleMechanism: 1 },
      limitsMax: 20_000,
    }),
  ];
  for (let p = 0; p < PARTICIPANTS; p += 1)
    records.push(encodeRecord('participant', { participant: p }));
  for (let c = 0; c < CURRENCIES; c += 1) records.push(encodeRecord('currency', { currency1: c }));
  for (let p = 0; p < PARTICIPANTS; p += 1)
    for (let c = 0; c < CURRENCIES; c += 1)
      records.push(encodeRecord('account', { participant: p, currency1: c }));
  for (let c = 0; c < CURRENCIES; c += 1)
    records.push(encodeRecord('open', { currency1: c, date: 1 }));
  return Buffer.concat(records);
}

/** Two participants owe each other the same, pair after pair, and nobody has any money. */
function payment(record: Buffer, number: number): void {
  const pair = number >>> 1;
  const participant = pair % PARTICIPANTS;
  const other = (participant + 1 + (pair % (PARTICIPANTS - 1))) % PARTICIPANTS;
  const [debtor, creditor] = number % 2 === 0 ? [participant, other] : [other, participant];
  record.writeUInt32LE(number, RECORD_OFFSETS.id);
  record.writeUInt32LE(debtor, RECORD_OFFSETS.participant);
  record.writeUInt32LE(debtor, RECORD_OFFSETS.debtorAgent);
  record.writeUInt32LE(creditor, RECORD_OFFSETS.creditorAgent);
  record.writeUInt16LE(pair % CURRENCIES, RECORD_OFFSETS.currency1);
  record.writeBigInt64LE(BigInt(1 + (pair % 1000)), RECORD_OFFSETS.amount1);
}

const TEMPLATE = encodeRecord('payment', {
  ...{ currency2: NONE16, dealer: NONE32, messageType: 8, date: 1, priority: 2 },
});

test(`a day of ${PAYMENTS} payments, all live at once: it fits, one more is refused, and a cycle settles it`, (t) => {
  const day = new Day();
  day.take(beginning());
  const bytes = day.bytes();
  assert.ok(bytes <= 4 * GIB, `${bytes} bytes`);
  const batch = Buffer.concat(Array.from({ length: 1000 }, () => TEMPLATE));
  for (let first = 0; first < PAYMENTS; first += 1000) {
    for (let i = 0; i < 1000; i += 1)
      payment(batch.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES), first + i);
    day.take(batch);
  }
  assert.equal(day.live(), PAYMENTS);
  const one = Buffer.from(TEMPLATE);
  payment(one, PAYMENTS);
  const kinds: string[] = [];
  day.take(one, (event) => {
    const { kind, reason } = readFlatEvent(event, 0);
    kinds.push(`${kind} ${reason}`);
  });
  payment(one, PAYMENTS + 1);
  day.take(one, (event) => {
    const { kind, reason } = readFlatEvent(event, 0);
    kinds.push(`${kind} ${reason}`);
  });
  // The first finds no room to live, the second none to be remembered.
  assert.deepEqual(kinds, ['rejected limitReached', 'rejected limitReached']);
  assert.equal(day.live(), PAYMENTS);
  assert.ok(day.conserved());
  const before = day.events;
  day.take(Buffer.from(encodeRecord('cycle', { currency1: NONE16 })));
  assert.equal(day.events - before, PAYMENTS + 1);
  assert.equal(day.live(), 0);
  assert.ok(day.conserved());
  // Nothing has been allocated since the genesis.
  assert.equal(day.bytes(), bytes);
  t.diagnostic(`${(bytes / GIB).toFixed(2)} GiB`);
});
