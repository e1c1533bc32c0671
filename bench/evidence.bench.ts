// `npm run -s bench -- evidence [CASE...] [--json]`: what evidence costs.
//   hashed       events a second: salts, commitments, leaves and tree, against node:crypto one at a time
//   proof-10m    ms to make a proof of one of 10,000,000 events from the log's tiles, and to check it without its signature
//   receipt      bytes of a receipt of one of them with three witnesses, without the payment's message
//   audit-100k   s to audit the flagship's sealed run, 100,000 payments: signatures, re-execution and tree
//   audit-1m     the same of a million payments of a hundred banks in five currencies: at most 60
//   sealed-run   throughput of the flagship over signed messages with its events and files sealed, against none sealed (ratio)
//   sealed-throughput  live payments a second of processor time, from the topic to all that is told and sealed, in one process over a log in
//                memory, against the same without sealing (ratio)
//   quorum-p99   ms from submission to the final status told, the 99th of a hundred, under a quorum of three of four auditors at 2,000 payments
//                a second over a real Kafka; broker, services and auditors (a process each) on this machine's cores; the median of
//                three rounds of 10 s: at most 1,000
//   quorum-throughput  payments a second told as final there as fast as they are taken, against sealing without a quorum (ratio)
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TreeHashing } from '../services/core/evidence/tree-hashing.ts';
import { EVENT_BYTES } from '../services/core/settlement/events.ts';
import { createSigner } from '../services/core/verification/signing.ts';
import { createVerificationPool } from '../services/core/verification/verification-pool.ts';
import { checkpointText } from '../services/evidence/checkpoint.ts';
import { parsePolicy } from '../services/evidence/cosigner-policy.ts';
import { openedEntry, openingOf } from '../services/evidence/event-commitment.ts';
import { EventLog } from '../services/evidence/event-transparency-log.ts';
import {
  inclusionProof,
  isIncluded,
  leafHash,
  nodeHash,
} from '../services/evidence/merkle-tree.ts';
import { packedReceipt } from '../services/evidence/receipt.ts';
import { cosignNote, formatNote, signNote } from '../services/evidence/signed-note.ts';
import { entriesIn, subtreesOf, tilePath, tileWidth } from '../services/evidence/tiles.ts';
import { formatTlogProof } from '../services/evidence/tlog-proof.ts';
import { SEAL_MS } from '../services/notifier/seal-loop.ts';
import { compiledCore } from '../services/platform/service/build-info.ts';
import type { Message } from '../services/protocol/names/message.ts';
import { PAYMENTS } from '../services/protocol/names/topic-plan.ts';
import { auditRun } from '../services/run/audit-run.ts';
import { InputLogWriter } from '../services/run/input-log-writer.ts';
import { RunSeal } from '../services/run/run-seal.ts';
import { loadScenario } from '../services/scenario/load-scenario.ts';
import type { Scenario } from '../services/scenario/scenario.ts';
import { sealIn } from '../tests/faults/seal-check.ts';
import { banksOf, liveNetwork, memoryLog, startNetwork } from '../tests/support/live.ts';
import { load, runScenario } from '../tests/support/run.ts';
import { interleave, isAsked, median, nowNs, printer, speedUp } from './measure.ts';
import { measureQuorum, QUORUM_CASES } from './pipeline/quorum.ts';

const print = printer('evidence');
const BATCH = 8_192;
const KEY = Buffer.alloc(32, 5);

/** Events that differ; their bytes are of no meaning. */
function eventsFrom(first: number, count: number): Buffer {
  const events = Buffer.alloc(count * EVENT_BYTES, 0x5a);
  for (let at = 0; at < count; at += 1) {
    events.writeBigUInt64LE(BigInt(first + at), at * EVENT_BYTES);
    events.writeBigInt64LE(0n, at * EVENT_BYTES + 16);
  }
  return events;
}

async function hashed(): Promise<void> {
  const hashing = new TreeHashing(compiledCore());
  const events = eventsFrom(1, BATCH);
  const ours = () => new EventLog(hashing, () => KEY).append(events);
  const byNode = () => {
    let level: Buffer[] = [];
    for (let at = 0; at < BATCH; at += 1) {
      const event = events.subarray(at * EVENT_BYTES, (at + 1) * EVENT_BYTES);
      level.push(leafHash(openedEntry(openingOf(event, KEY, 'closed'))));
    }
    while (level.length > 1)
      level = level.flatMap((one, at) =>
        at % 2 === 0 ? [nodeHash(one, level[at + 1] as Buffer)] : [],
      );
  };
  const of = (run: () => unknown) => ({ count: BATCH, run: () => void run() });
  const times = await interleave({ ours: of(ours), byNode: of(byNode) }, 9);
  const value = 1e9 / median(times.ours);
  const ratio = speedUp(times.ours, times.byNode);
  print({ case: 'hashed', value, unit: 'events/s', vs: 'node:crypto', ratio });
}

function proofOfTenMillion(): void {
  const size = 10_000_000;
  const hashing = new TreeHashing(compiledCore());
  const log = new EventLog(hashing, () => KEY);
  const files = new Map<string, Uint8Array>();
  const keep = (tiles: readonly { readonly path: string; readonly bytes: Uint8Array }[]) => {
    for (const { path, bytes } of tiles) files.set(path, bytes);
  };
  for (let from = 1; from <= size; from += BATCH)
    keep(log.append(eventsFrom(from, Math.min(BATCH, size - from + 1))));
  keep(log.tree.partialTiles());
  const root = log.tree.root();
  const read = (path: string) => files.get(path) as Uint8Array;
  const times: number[] = [];
  for (let round = 0; round < 300; round += 1) {
    const index = (round * 7_654_321) % size;
    const bundle = index >> 8;
    const width = tileWidth('entries', bundle, size);
    const path = tilePath('entries', bundle, width);
    const entry = entriesIn(read(path), width, path)[index & 255] as Uint8Array;
    const started = nowNs();
    const proof = inclusionProof(subtreesOf({ read }, size, hashing), index, size);
    const holds = isIncluded(leafHash(entry), index, size, proof, root);
    times.push((nowNs() - started) / 1e6);
    if (!holds) throw new Error(`the proof of ${index} does not hold`);
  }
  const text = receiptText(
    size,
    root,
    inclusionProof(subtreesOf({ read }, size, hashing), 7, size),
  );
  const none = { vs: null, ratio: null };
  if (isAsked('proof-10m'))
    print({ case: 'proof-10m', value: median(times.slice(50)), unit: 'ms', ...none });
  if (isAsked('receipt')) print({ case: 'receipt', value: text.length, unit: 'bytes', ...none });
}

/** As three banks cosign it, under names of a network. */
function receiptText(size: number, root: Uint8Array, path: readonly Uint8Array[]): string {
  const origin = 'corridor.example/sandbox-1/pool/main';
  const note = checkpointText({ origin, size, root });
  const signer = createSigner(KEY);
  const signatures = [
    signNote(note, origin, signer),
    ...['ALFADE00', 'BRAVOFR0', 'CHARLIT0'].map((bic) =>
      cosignNote(note, `corridor.example/witness/${bic}`, signer, 1_773_700_000n),
    ),
  ];
  const opening = openingOf(eventsFrom(8, 1), KEY, 'closed');
  return formatTlogProof({
    extra: packedReceipt({ opening, message: null }),
    index: 7,
    path,
    checkpoint: formatNote({ text: note, signatures }),
  });
}

const MILLION = fileURLToPath(new URL('../../bench/simulation/million.yaml', import.meta.url));
const million = () =>
  loadScenario(MILLION, { readFile: (path) => readFileSync(path, 'utf8'), set: [] });

/** Writes what an auditor reads of a run, and audits it. @param payments that it has to prove at least */
async function audited(name: string, scenario: Scenario, payments: number): Promise<void> {
  const run = mkdtempSync(join(tmpdir(), 'corridor-audited-'));
  const seal = new RunSeal(run, scenario.network);
  const made = { scenario, version: 'bench', signatures: true };
  const input = new InputLogWriter(createWriteStream(join(run, 'input.log')), made);
  const { summary } = await runScenario(scenario, {
    onSlice: async ({ steps }) => {
      for (const [pool, { inputs, batch }] of steps.entries()) {
        await input.write(pool, inputs);
        seal.take(scenario.pools[pool]?.name as string, batch.events);
      }
    },
  });
  await input.end({ eventsHash: summary.eventsHash });
  await seal.finish();
  const core = compiledCore();
  const pools: ReturnType<typeof createVerificationPool>[] = [];
  const started = nowNs();
  const before = process.cpuUsage();
  const { fault, proven } = await auditRun(run, {
    core,
    hashing: new TreeHashing(core),
    policy: parsePolicy(readFileSync(join(run, 'evidence/policy'), 'utf8')),
    state: null,
    verify: (keysMax) => {
      const pool = createVerificationPool(core, { threads: availableParallelism() - 1, keysMax });
      pools.push(pool);
      return pool;
    },
  });
  const value = (nowNs() - started) / 1e9;
  const { user, system } = process.cpuUsage(before);
  for (const pool of pools) await pool.close();
  rmSync(run, { recursive: true });
  if (fault || (proven.get('payment') ?? 0) < payments)
    throw new Error(`${name}: ${fault?.fault ?? JSON.stringify([...proven])}`);
  process.stderr.write(`${name}: ${((user + system) / 1e6).toFixed(1)} s of processor\n`);
  print({ case: name, value, unit: 's', vs: null, ratio: null });
}

async function sealedRun(): Promise<void> {
  const scenario = load('four-corridors');
  const sealed = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'corridor-sealed-'));
    const seal = new RunSeal(folder, scenario.network);
    await runScenario(scenario, {
      onSlice: ({ steps }) => {
        for (const [pool, { batch }] of steps.entries())
          seal.take(scenario.pools[pool]?.name as string, batch.events);
      },
    });
    await seal.finish();
    rmSync(folder, { recursive: true });
  };
  const bare = async () => void (await runScenario(scenario));
  const of = (run: () => Promise<void>) => ({ count: 100_000, run });
  const times = await interleave({ sealed: of(sealed), bare: of(bare) }, 3, 1);
  const value = 1e9 / median(times.sealed);
  const ratio = speedUp(times.sealed, times.bare);
  print({ case: 'sealed-run', value, unit: 'payments/s', vs: 'not sealed', ratio });
}

const LIVE_PAYMENTS = 20_000;

/** Processor time, ms: this process has all of the network, and its log takes none of a disk's. */
async function liveCpuMs(
  messages: readonly Message[],
  isSealed: boolean,
  folder: string,
): Promise<number> {
  const log = memoryLog();
  const live = await startNetwork(log, {
    sealOf: (pool) => (isSealed ? sealIn(folder, liveNetwork.network, pool, SEAL_MS) : null),
  });
  const before = process.cpuUsage();
  for (let from = 0; from < messages.length; from += 500)
    await log.produce(PAYMENTS, messages.slice(from, from + 500));
  await live.stop();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function sealedThroughput(): Promise<void> {
  const banks = banksOf(81);
  const messages = Array.from({ length: LIVE_PAYMENTS }, (_, at) => banks.messages(at)).flat();
  const times = { sealed: [] as number[], bare: [] as number[] };
  // Gone at the end: a file system takes ten times as long to make files where others were just deleted.
  const folder = mkdtempSync(join(tmpdir(), 'corridor-sealed-live-'));
  for (let round = -2; round < 7; round += 1)
    for (const name of ['sealed', 'bare'] as const) {
      const spent = await liveCpuMs(messages, name === 'sealed', join(folder, `${round}`));
      if (round >= 0) times[name].push(spent);
    }
  rmSync(folder, { recursive: true });
  const value = (1_000 * LIVE_PAYMENTS) / median(times.sealed);
  const ratio = speedUp(times.sealed, times.bare);
  print({ case: 'sealed-throughput', value, unit: 'payments/s', vs: 'not sealed', ratio });
}

if (isAsked('hashed')) await hashed();
if (isAsked('proof-10m', 'receipt')) proofOfTenMillion();
if (isAsked('sealed-run')) await sealedRun();
if (isAsked('sealed-throughput')) await sealedThroughput();
if (isAsked(...QUORUM_CASES)) await measureQuorum(print);
if (isAsked('audit-100k')) await audited('audit-100k', load('four-corridors'), 95_000);
if (isAsked('audit-1m')) await audited('audit-1m', million(), 1_000_000);
