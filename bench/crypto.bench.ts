// `npm run -s bench -- crypto [--json]`: the verifier against what else verifies Ed25519 under Node.
// All figures come from one process and are interleaved; messages have 300 bytes from 64 keys,
// signatures are copied in and verdicts read, on one thread but where workers are named.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { VerificationBuffer } from '../services/core/verification/batch-size-and-key-room.ts';
import { createVerification } from '../services/core/verification/verification.ts';
import { createVerificationPool } from '../services/core/verification/verification-pool.ts';
import { makeRivals, registered, wasmContestant } from './crypto/contestants.ts';
import { poisoningBank } from './crypto/poisoning-bank.ts';
import { makeTraffic, type Traffic, toVerify, wasmBytes } from './crypto/traffic.ts';
import {
  type Contestant,
  interleave,
  median,
  nowNs,
  printer,
  quantile,
  speedUp,
} from './measure.ts';

const ROUNDS = 11;
/**
 * Callers of a pool, and calls of 4,096 signatures by each. At the end of a run one worker has nothing
 * left while the other verifies its last part (20 ms): a run of seconds keeps that below a hundredth.
 */
const STREAMS = 8;
const CALLS_A_STREAM = 20;
/** The 99th percentile of so many batches is the 30th longest, half a minute in all. */
const POISONED_BATCHES = 3000;
const print = printer('crypto');
const perSecond = (times: readonly number[]) => 1e9 / median(times);

/** createVerification as a service calls it: arrays in, booleans out, 200 to 600 bytes a message. */
function hostContestants(): { host: Contestant; bare: Contestant } {
  const traffic = makeTraffic(64, 1024, (i) => 200 + ((i * 131) % 401));
  const verification = createVerification(wasmBytes());
  const handles = traffic.publicKeys.map((key) => verification.registerKey(key));
  const batch = traffic.signed.map((one) => toVerify(one, handles));
  const buffer = new VerificationBuffer(wasmBytes());
  const bareHandles = registered(buffer, traffic);
  for (const { key, message, signature } of traffic.signed)
    buffer.input.append(bareHandles[key] as number, message, signature);
  const four = (run: () => void): Contestant => ({
    count: 4096,
    run: () => {
      for (let i = 0; i < 4; i++) run();
    },
  });
  return {
    host: four(() => {
      if (!verification.verify(batch).every(Boolean)) throw new Error('a verdict is wrong');
    }),
    bare: four(() => buffer.verify()),
  };
}

async function oneThread(): Promise<void> {
  const traffic = makeTraffic(64, 4096);
  const many = makeTraffic(1024, 1024);
  const buffer = new VerificationBuffer(wasmBytes());
  const start = nowNs();
  const handles = registered(buffer, traffic);
  const registerColdNs = (nowNs() - start) / handles.length;
  buffer.warmUp();
  const warm = nowNs();
  const manyHandles = registered(buffer, many);
  const registerNs = (nowNs() - warm) / manyHandles.length;
  const wasm = (options: Parameters<typeof wasmContestant>[3], from: Traffic = traffic) =>
    wasmContestant(buffer, from === many ? manyHandles : handles, from, options);
  const ours = {
    'batch-1024': wasm({ size: 1024, rounds: 4, path: 'batch' }),
    'batch-256': wasm({ size: 256, rounds: 16, path: 'byCount' }),
    'batch-64': wasm({ size: 64, rounds: 64, path: 'byCount' }),
    exact: wasm({ size: 1024, rounds: 3, path: 'exact' }),
    'keys-1024': wasm({ size: 1024, rounds: 4, path: 'batch' }, many),
    'poisoned-1024': wasm({ size: 1024, rounds: 3, path: 'batch', bad: 500 }),
  };
  const times = await interleave(
    { ...(await makeRivals(traffic)), ...ours, ...hostContestants() },
    ROUNDS,
  );
  for (const name of Object.keys(ours) as (keyof typeof ours)[])
    for (const [vs, rival] of [
      ['node:crypto', times.node],
      ['noble', times.noble],
    ] as const)
      print({
        case: name,
        value: perSecond(times[name]),
        unit: 'signatures/s',
        vs,
        ratio: speedUp(times[name], rival),
      });
  for (const name of ['node', 'sodium-native', 'libsodium-wrappers', 'noble'] as const)
    print({
      case: name === 'node' ? 'node:crypto' : name,
      value: perSecond(times[name]),
      unit: 'signatures/s',
      vs: 'node:crypto',
      ratio: speedUp(times[name], times.node),
    });
  print({
    case: 'host-1024',
    value: perSecond(times.host),
    unit: 'signatures/s',
    vs: 'bare',
    ratio: speedUp(times.host, times.bare),
  });
  const plain = { vs: null, ratio: null };
  print({ case: 'register-key-cold', value: registerColdNs / 1e3, unit: 'us', ...plain });
  print({ case: 'register-key', value: registerNs / 1e3, unit: 'us', ...plain });
}

/**
 * Signatures a second through pools of one and of two workers, all included: the calling thread copies
 * messages and signatures in and takes the verdicts, eight calls of 4,096 under way. On a machine of
 * two cores that thread shares them with the two workers, while beside one worker it has its own.
 */
async function workers(): Promise<void> {
  const traffic = makeTraffic(64, 4096);
  const pools = [1, 2].map((threads) => createVerificationPool(wasmBytes(), { threads }));
  const contestants = pools.map((pool): Contestant => {
    const handles = traffic.publicKeys.map((key) => pool.registerKey(key));
    const batch = traffic.signed.map((one) => toVerify(one, handles));
    const stream = async () => {
      for (let i = 0; i < CALLS_A_STREAM; i++)
        if (!(await pool.verify(batch)).every(Boolean)) throw new Error('a verdict is wrong');
    };
    return {
      count: STREAMS * CALLS_A_STREAM * batch.length,
      run: async () => {
        await Promise.all(Array.from({ length: STREAMS }, stream));
      },
    };
  });
  for (const pool of pools) await pool.warmUp();
  const [one, two] = contestants as [Contestant, Contestant];
  const times = await interleave({ one, two }, 7, 1);
  print({
    case: 'workers-2',
    value: perSecond(times.two),
    unit: 'signatures/s',
    vs: 'workers-1',
    ratio: speedUp(times.two, times.one),
  });
  for (const pool of pools) await pool.close();
}

function poisoning(): void {
  const { honest, attacked } = poisoningBank(POISONED_BATCHES);
  const ms = { unit: 'ms', vs: 'all banks honest' };
  for (const [name, q] of [
    ['poisoning-bank-p50', 0.5],
    ['poisoning-bank-p99', 0.99],
  ] as const) {
    const value = quantile(attacked, q);
    // Not "how many times better" but how many times as long: what must stay below 1.5.
    print({ case: name, value, ...ms, ratio: value / quantile(honest, q) });
  }
}

function firstBatch(): void {
  const script = fileURLToPath(new URL('./crypto/first-batch.js', import.meta.url));
  for (const state of ['cold', 'warm']) {
    const runs = Array.from({ length: 5 }, () =>
      Number(execFileSync(process.execPath, [script, state], { encoding: 'utf8' })),
    );
    const unit = 'ms a batch of 1024';
    print({ case: `first-batch-${state}`, value: median(runs), unit, vs: null, ratio: null });
  }
}

function memory(): void {
  const plain = { unit: 'bytes', vs: null, ratio: null };
  // Of linear memory: address space, of which what is not used yet takes no memory.
  const reserved = (keysMax: number) =>
    new VerificationBuffer(wasmBytes(), { keysMax }).input.messages.buffer.byteLength;
  print({ case: 'memory-a-key', value: (reserved(4096) - reserved(1)) / 4095, ...plain });
  print({ case: 'memory-besides-keys', value: reserved(1), ...plain });
}

await oneThread();
await workers();
poisoning();
firstBatch();
memory();
