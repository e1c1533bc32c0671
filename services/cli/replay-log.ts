import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clearing, createClearing } from '../clearing/clearing.ts';
import { History } from '../clearing/history.ts';
import { createSettlement } from '../core/settlement.ts';
import { type Log, LogError } from '../platform/log/log.ts';
import { ConfigError } from '../platform/service/config.ts';
import { coreModule } from '../platform/service/core-file.ts';
import { openConfiguredLog } from '../platform/service/open-log.ts';
import { eventsHash } from '../protocol/event-chain.ts';
import { poolEvents, poolInput } from '../protocol/topics.ts';
import { BadInput } from './exit.ts';

export interface PoolReplay {
  readonly pool: string;
  /** Input records. */
  readonly records: number;
  readonly events: number;
  /** Digest of the replay at its last event, hex. */
  readonly digest: string;
  /** Events that the live topic has; the replay agrees with each of them. */
  readonly confirmed: number;
}

export interface LogReplay {
  readonly log: string;
  readonly pools: readonly PoolReplay[];
  /** Over all these pools, as a run's. */
  readonly eventsHash: string;
  /** Records of the other topics, read too, since an embedded log checks what it reads; else null. */
  readonly otherRecords: number | null;
}

const READ_RECORDS = 4096;
const POOL_INPUT = /^pool\.(.+)\.input$/;

/**
 * Re-runs the input logs of a live network, from their genesis, and holds the events against those in
 * its topics, byte for byte. Throws BadInput where there is nothing to replay, and a HistoryFault where
 * a live topic holds other events.
 * @param spec embedded:<folder> or kafka:<brokers>
 * @param wanted a pool's name; all of them where it is absent
 */
export async function replayLog(spec: string, wanted: string | undefined): Promise<LogReplay> {
  const log = await openNamedLog(spec, 'corridor-replay');
  try {
    const names = (await log.topics())
      .flatMap(({ name }) => POOL_INPUT.exec(name)?.[1] ?? [])
      .sort();
    if (wanted !== undefined && !names.includes(wanted))
      throw new BadInput(
        `--pool ${wanted}: ${spec} has ${names.length > 0 ? names.join(', ') : 'no pool'}`,
      );
    if (names.length === 0) throw new BadInput(`--log ${spec}: it holds no pool's input`);
    const core = coreModule().module;
    const pools: PoolReplay[] = [];
    const digests = new Map<string, Uint8Array>();
    for (const pool of wanted === undefined ? names : [wanted]) {
      const clearing = createClearing(createSettlement(core));
      pools.push(await replayPool(log, pool, clearing));
      digests.set(pool, clearing.digest());
    }
    const isChecked = wanted === undefined && spec.startsWith('embedded:');
    const otherRecords = isChecked ? await readOthers(log, names) : null;
    return { log: spec, pools, eventsHash: eventsHash(digests), otherRecords };
  } finally {
    await log.close();
  }
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

/** The log that `--log` names, to be read; throws BadInput where there is none that can be opened. */
export async function openNamedLog(spec: string, clientId: string): Promise<Log> {
  const folder = /^embedded:(.+)$/.exec(spec)?.[1];
  if (folder !== undefined && !existsSync(join(folder, 'log.sqlite')))
    throw new BadInput(`--log ${spec}: expected a folder with log.sqlite, as a sandbox's log/`);
  try {
    const { CORRIDOR_KAFKA_CA_FILE, CORRIDOR_KAFKA_CERT_FILE, CORRIDOR_KAFKA_KEY_FILE } =
      process.env;
    return await openConfiguredLog(
      {
        CORRIDOR_LOG: spec,
        ...(CORRIDOR_KAFKA_CA_FILE && { CORRIDOR_KAFKA_CA_FILE }),
        ...(CORRIDOR_KAFKA_CERT_FILE && { CORRIDOR_KAFKA_CERT_FILE }),
        ...(CORRIDOR_KAFKA_KEY_FILE && { CORRIDOR_KAFKA_KEY_FILE }),
      },
      clientId,
      { readOnly: true },
    );
  } catch (error) {
    if (error instanceof ConfigError) throw new BadInput(error.message);
    if (error instanceof LogError) throw new BadInput(`--log ${spec}: ${error.message}`);
    throw error;
  }
}

async function replayPool(log: Log, pool: string, clearing: Clearing): Promise<PoolReplay> {
  const history = new History(pool, log);
  const end = await log.endOffset(poolInput(pool), 0);
  let events = 0;
  while (clearing.position() < end) {
    const records = await log.read(poolInput(pool), 0, clearing.position(), READ_RECORDS);
    if (records.length === 0) break;
    const batch = clearing.apply(
      records.map(({ logOffset, value }) => ({ position: logOffset, value })),
    );
    events += batch.count;
    history.add(batch.events);
    await history.follow();
  }
  if (history.aheadOf !== null && history.aheadOf < clearing.position())
    throw new Error(
      `pool ${pool}: ${poolEvents(pool)} holds events that its input does not give, from number ${history.confirmed + 1} on`,
    );
  return {
    pool,
    records: clearing.position(),
    events,
    digest: clearing.digest().toString('hex'),
    confirmed: history.confirmed,
  };
}
