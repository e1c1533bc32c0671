import { WrittenHistory } from '../clearing/first-written-history-wins.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import { keyRoom } from '../core/verification/batch-size-and-key-room.ts';
import { createVerification } from '../core/verification/verification.ts';
import type { LoggedMessage } from '../live/service-context.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { type Log, LogError } from '../platform/log/log.ts';
import { coreModule } from '../platform/service/shipped-files.ts';
import { controlFormFault } from '../protocol/messages/operator-command.ts';
import { poolEvents, poolInput } from '../protocol/names/topic-plan.ts';
import type { ControlRecord, Genesis } from '../protocol/records/control-record.ts';
import { eventsHash } from '../protocol/records/event-chain.ts';
import { isControl, readControl } from '../protocol/records/input-record.ts';
import { faultLine, LogProof, type ProofFault } from '../verifier/recheck-log.ts';
import type { SignatureVerification } from '../verifier/verifier.ts';
import { openLogToRead, poolsIn } from './named-log.ts';
import { ReplayedPool, Uncleared } from './replayed-pool.ts';
import { sealBeside } from './sealed-log-beside.ts';

export interface PoolReplay {
  readonly pool: string;
  /** Input records. */
  readonly records: number;
  readonly events: number;
  /** Digest of the replay at its last event, hex. */
  readonly digest: string;
  /** Events that the live topic has; the replay agrees with each of them. */
  readonly confirmed: number;
  /** Why the replay ended before the input did, or the log is not what was sealed beside it; null: neither is so. */
  readonly differs: string | null;
  /** Records that are proven, by kind. */
  readonly proven: Readonly<Record<string, number>>;
}

export interface LogReplay {
  readonly log: string;
  readonly pools: readonly PoolReplay[];
  /** Over all these pools, as a run's. */
  readonly eventsHash: string;
  /** Records that only somebody who broke in can have written; the first of `faultsCount`. */
  readonly faults: readonly ProofFault[];
  readonly faultsCount: number;
  /** Records of the other topics, read too, since an embedded log checks what it reads; else null. */
  readonly otherRecords: number | null;
}

/** Why a log is not as its network wrote it; null: it is. */
export function firstFault({ faults, pools }: LogReplay): string | null {
  const [fault] = faults;
  if (fault) return faultLine(fault);
  return pools.find(({ differs }) => differs !== null)?.differs ?? null;
}

const READ_RECORDS = 4096;

/**
 * Proves each record of a live network's input logs, from their genesis, re-runs them, and holds the
 * events against those in its topics, byte for byte. Throws BadInput where there is nothing to replay.
 * @param spec embedded:<folder> or kafka:<brokers>
 * @param wanted a pool's name; all of them where it is absent
 */
export async function replayLog(spec: string, wanted: string | undefined): Promise<LogReplay> {
  const log = await openLogToRead(spec, 'corridor-replay');
  try {
    return await replayOpenLog(log, spec, wanted);
  } finally {
    await log.close();
  }
}

/** @param spec what the log is called in what is said of it */
export async function replayOpenLog(log: Log, spec: string, wanted?: string): Promise<LogReplay> {
  const names = await poolsIn(log, spec);
  if (wanted !== undefined && !names.includes(wanted))
    throw new BadInput(`--pool ${wanted}: ${spec} has ${names.join(', ')}`);
  const core = coreModule().module;
  const pools: PoolReplay[] = [];
  const digests = new Map<string, Uint8Array>();
  const proof = await beginProof(log, spec, names, (keysMax) =>
    createVerification(core, { keysMax }),
  );
  // What one pool says of keys and currencies, verifiers know for all.
  if (names.length > 1)
    for (const pool of names)
      await readInput(log, pool, async (records) => {
        for (const { logOffset, value } of records) proof.learn(pool, logOffset, value);
      });
  for (const pool of wanted === undefined ? names : [wanted]) {
    // Before the topics: of a network that runs they have all that it says.
    const seal = sealBeside(spec, pool);
    const replayed = new ReplayedPool(pool, createSettlement(core));
    const result = await replayPool(log, replayed, proof);
    pools.push({ ...result, differs: result.differs ?? (await seal?.fault(log)) ?? null });
    digests.set(pool, replayed.clearing.digest());
  }
  const isChecked = wanted === undefined && spec.startsWith('embedded:');
  const otherRecords = isChecked ? await readOthers(log, names) : null;
  const { faults, faultsCount } = proof;
  return { log: spec, pools, eventsHash: eventsHash(digests), faults, faultsCount, otherRecords };
}

/** Reads what a replay of these pools does not: how many records that is. */
async function readOthers(log: Log, pools: readonly string[]): Promise<number> {
  const replayed = new Set(pools.flatMap((pool) => [poolInput(pool), poolEvents(pool)]));
  let count = 0;
  for (const { name, partitions } of await log.topics())
    for (let partition = 0; partition < partitions && !replayed.has(name); partition++) {
      const start = await log.startOffset(name, partition);
      const end = await log.endOffset(name, partition);
      for (let next = start; next < end; )
        next += (await log.read(name, partition, next, READ_RECORDS)).length;
      count += end - start;
    }
  return count;
}

/**
 * A proof of a live network's log, whose pools' foundings say what it begins with.
 * @param verify verification with room for so many keys
 * @throws BadInput where a pool has none
 */
export async function beginProof(
  log: Log,
  spec: string,
  names: readonly string[],
  verify: (keysMax: number) => SignatureVerification,
): Promise<LogProof> {
  const foundings = await Promise.all(
    names.map(async (pool) => {
      const [first] = await log.read(poolInput(pool), 0, 0, 1);
      const genesis = first && isControl(first.value) ? readGenesis(first.value) : null;
      if (!genesis) throw new BadInput(`--log ${spec}: pool ${pool} does not begin with a genesis`);
      const { network, timeMs, limits } = genesis;
      return { pool, network, timeMs, limits };
    }),
  );
  const beganMs = Math.min(...foundings.map(({ timeMs }) => timeMs));
  const keysMax = keyRoom(...foundings.map(({ limits }) => limits.participants));
  return new LogProof(
    {
      network: foundings[0]?.network as string,
      firstPools: foundings.filter(({ timeMs }) => timeMs === beganMs).map(({ pool }) => pool),
      nowMs: Date.now,
    },
    verify(keysMax),
  );
}

function readGenesis(value: Uint8Array): (ControlRecord & Genesis) | null {
  try {
    const control = readControl(value);
    return control.kind === 'genesis' && controlFormFault(control) === null ? control : null;
  } catch {
    return null;
  }
}

/** Everything that a pool's input holds now, in its order. */
async function readInput(
  log: Log,
  pool: string,
  take: (records: readonly LoggedMessage[]) => Promise<void>,
): Promise<number> {
  const end = await log.endOffset(poolInput(pool), 0);
  let next = 0;
  while (next < end) {
    const records = await log.read(poolInput(pool), 0, next, READ_RECORDS);
    const last = records[records.length - 1];
    if (!last) break;
    await take(records);
    next = last.logOffset + 1;
  }
  return next;
}

async function replayPool(log: Log, replayed: ReplayedPool, proof: LogProof): Promise<PoolReplay> {
  const { name: pool, clearing } = replayed;
  const history = new WrittenHistory(pool, log);
  let events = 0;
  let differs: string | null = null;
  const apply = async (records: readonly LoggedMessage[]) => {
    try {
      for (const { logOffset, value } of records) replayed.take(logOffset, value);
      const batch = replayed.flush();
      events += batch.count;
      history.add(batch.events);
      await history.follow();
    } catch (error) {
      if (error instanceof LogError) throw error;
      const { message } = error as Error;
      differs =
        error instanceof Uncleared
          ? `it cannot be replayed from offset ${error.position} on: ${message}`
          : message;
    }
  };
  const records = await readInput(log, pool, async (read) => {
    for (const { logOffset, value } of read) proof.take(pool, logOffset, value);
    await proof.advance(1);
    // What clearing cannot read it is not asked for; the proof goes on to the end.
    if (differs === null) await apply(read);
  });
  if (differs === null && history.aheadOf !== null && history.aheadOf < clearing.position())
    differs = `${poolEvents(pool)} holds events that its input does not give, from number ${history.confirmed + 1} on`;
  return {
    pool,
    records,
    events,
    digest: clearing.digest().toString('hex'),
    confirmed: history.confirmed,
    differs,
    proven: Object.fromEntries(proof.proven(pool)),
  };
}
