// `npm run -s bench -- settlement [--json]`: the settlement core, in one thread.
//
//   rtgs-1m              1,000,000 payments (1 % repeats) of 200 participants in 8 currencies, with 8
//                        bilateral limits and a multilateral one on each account, applied in batches
//                        of 1,024 encoded records; each batch's events are read where they lie. The
//                        rival is the same algorithm in TypeScript on typed arrays (rival.ts), its
//                        events compared byte for byte.
//   gridlock-100k        one cycle over 100,000 queued payments of 1,000 participants with the same
//   gridlock-200k        limits: from the cycle's record to its last event, written but not copied
//   gridlock-linked-100k out. A ring of urgent payments holds everything up; about half settles (with
//                        4 currencies and 20 % of linked legs, about a quarter), the rest is dropped.
//   chain-gridlock-100k  the same over 100,000 chains of 4 legs in 4 currencies: 400,000 legs, of which half
//                        settles. `ratio` of the last three is their time over gridlock-100k's.
//   memory-payment       bytes of a live payment and of a remembered identity: what the module's
//   memory-identity      memory grows by for each more that the genesis asks for.
import { createHash } from 'node:crypto';
import { EVENT_BYTES } from '../services/core/settlement/events.ts';
import { RECORD_BYTES } from '../services/core/settlement/records.ts';
import { createSettlement } from '../services/core/settlement/settlement.ts';
import { instantiate } from '../services/core/wasm-module.ts';
import { type Contestant, interleave, median, printer, speedUp } from './measure.ts';
import { type Gridlock, gridlockLog, timeCycle } from './settlement/gridlocks.ts';
import { createRival } from './settlement/rival.ts';
import { type RtgsDay, rtgsDay } from './settlement/rtgs.ts';
import { beginning, wasmModule } from './settlement/traffic.ts';

const ROUNDS = 9;
const BATCH_RECORDS = 1024;
const print = printer('settlement');
const module = wasmModule();

/** Applies records and hands their events over, piece by piece. */
type Stream = (records: Uint8Array, count: number, take: (events: Uint8Array) => void) => void;

/** Feeds a day in batches. */
function feed({ payments, count }: RtgsDay, apply: Stream, take: (e: Uint8Array) => void): void {
  for (let at = 0; at < count; at += BATCH_RECORDS) {
    const batch = Math.min(BATCH_RECORDS, count - at);
    apply(payments.subarray(at * RECORD_BYTES, (at + batch) * RECORD_BYTES), batch, take);
  }
}

function rivalOf(day: RtgsDay): Stream {
  const rival = createRival(day.setting, day.count);
  return (records, count, take) => take(rival.apply(records, count));
}

/** An instance that has the setting behind it. */
function ready(day: RtgsDay): ReturnType<typeof createSettlement> {
  const settlement = createSettlement(module);
  settlement.apply(day.setting, day.setting.length / RECORD_BYTES);
  return settlement;
}

/** The events of a day, hashed batch by batch: a batch may come in several pieces. */
function digest(day: RtgsDay, apply: Stream): string {
  const hash = createHash('sha256');
  feed(day, apply, (events) => hash.update(events));
  return hash.digest('hex');
}

async function rtgs(): Promise<void> {
  const day = rtgsDay();
  if (digest(day, ready(day).stream) !== digest(day, rivalOf(day)))
    throw new Error("the rival's events differ: it is no rival");
  let events = 0;
  const sum = (piece: Uint8Array): void => {
    events += piece.length / EVENT_BYTES;
  };
  // The setting is a few thousand records: it counts for neither, and is done before the clock runs.
  let settlement = ready(day);
  let rival = rivalOf(day);
  const wasm: Contestant = { count: day.count, run: () => feed(day, settlement.stream, sum) };
  const typescript: Contestant = { count: day.count, run: () => feed(day, rival, sum) };
  const times: Record<'wasm' | 'typescript', number[]> = { wasm: [], typescript: [] };
  for (let round = -2; round < ROUNDS; round++) {
    settlement = ready(day);
    rival = rivalOf(day);
    const once = await interleave({ wasm, typescript }, 1, 0);
    if (round < 0) continue;
    times.wasm.push(once.wasm[0] as number);
    times.typescript.push(once.typescript[0] as number);
  }
  if (events === 0) throw new Error('nothing happened: there is no figure');
  print({
    case: 'rtgs-1m',
    value: 1e9 / median(times.wasm),
    unit: 'payments/s',
    vs: 'typescript',
    ratio: speedUp(times.wasm, times.typescript),
  });
}

function gridlocks(): void {
  const one = { participants: 1000, currencies: 1, linkedPercent: 0, balance: 3_000_000n };
  const cases: Readonly<Record<string, Gridlock>> = {
    'gridlock-100k': { ...one, payments: 100_000 },
    'gridlock-200k': { ...one, payments: 200_000 },
    'gridlock-linked-100k': {
      ...{ ...one, payments: 100_000, balance: 10_000_000n },
      ...{ currencies: 4, linkedPercent: 20 },
    },
    'chain-gridlock-100k': {
      ...{ ...one, payments: 100_000, balance: 95_000_000n },
      ...{ currencies: 4, chainLegs: 4 },
    },
  };
  const logs = Object.entries(cases).map(([name, gridlock]) => ({
    name,
    log: gridlockLog(gridlock),
    times: [] as number[],
  }));
  for (let round = -2; round < ROUNDS; round++)
    for (const { log, times } of logs) {
      const { ms, settled, left } = timeCycle(module, log);
      if (settled === 0 || left === 0) throw new Error('all or nothing settled: it is no gridlock');
      if (round >= 0) times.push(ms);
    }
  const first = logs[0]?.times ?? [];
  for (const { name, times } of logs)
    print({
      case: name,
      value: median(times),
      unit: 'ms',
      vs: name === 'gridlock-100k' ? null : 'gridlock-100k',
      ratio: name === 'gridlock-100k' ? null : speedUp(first, times),
    });
}

/** Bytes of the module's memory with a genesis for so many. */
function memoryFor(livePayments: number, identities: number): number {
  const core = instantiate(module);
  const input = core.settlementStart(4096);
  const setting = { participants: 10, currencies: 1, livePayments, identities };
  const genesis = beginning({ ...setting, balance: 0n, line: 0n }).bytes();
  new Uint8Array(core.memory.buffer).set(genesis.subarray(0, RECORD_BYTES), input);
  core.settlementPut(1);
  core.settlementStep();
  return core.memory.buffer.byteLength;
}

function memory(): void {
  const more = 1_000_000;
  const base = memoryFor(more, more);
  const unit = 'bytes';
  const payment = (memoryFor(2 * more, more) - base) / more;
  const identity = (memoryFor(more, 2 * more) - base) / more;
  print({ case: 'memory-payment', value: payment, unit, vs: null, ratio: null });
  print({ case: 'memory-identity', value: identity, unit, vs: null, ratio: null });
  // A day of 10,000,000 payments, all of them live at once: refused if it does not fit.
  const whole = memoryFor(10_000_000, 10_000_000);
  if (whole <= base || whole > 2 ** 32) throw new Error('a day of 10,000,000 does not fit');
}

await rtgs();
gridlocks();
memory();
