import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { recordsOf } from '../live/topic-reader.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Log } from '../platform/log/log.ts';
import { synchronisedBy } from '../protocol/messages/chain.ts';
import { CHAIN, isPaymentType } from '../protocol/messages/message-types.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import { poolInput } from '../protocol/names/topic-plan.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { eventsHash } from '../protocol/records/event-chain.ts';
import {
  isControl,
  readControl,
  readOriginal,
  readVerified,
} from '../protocol/records/input-record.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import { poolsIn } from '../replay/named-log.ts';
import { ReplayedPool, Uncleared } from '../replay/replayed-pool.ts';
import { ORDERED } from '../scenario/counterfactual-rules.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario, ScenarioPool } from '../scenario/scenario.ts';
import {
  foundingDifference,
  type PoolFounding,
  refounded,
  withoutLiveParts,
} from '../simulator/founding-against-scenario.ts';
import { genesisRecords } from '../simulator/keys-and-genesis.ts';
import type { PoolRecord } from '../simulator/recorded-simulation.ts';
import { createCore } from './write-run.ts';

export type DateOpening = ControlRecord & { readonly kind: 'open' };

/** A pool of a live network, as its input log tells. */
export interface RecordedPool extends PoolFounding {
  readonly name: string;
  readonly openings: readonly DateOpening[];
  /** What its operator commanded since, each command once. */
  readonly commands: readonly ControlRecord[];
  /** Offset behind the last record that is read. */
  readonly end: number;
}

/** What a live network's log holds, and the scenario that the network was founded with. */
export interface RecordedNetwork {
  /** In the scenario's order. */
  readonly pools: readonly RecordedPool[];
  /** Over all pools: what `corridor replay --log` tells. */
  readonly eventsHash: string;
  readonly payments: number;
  /** Business dates, YYYY-MM-DD, ascending. */
  readonly dates: readonly string[];
  /** What stands behind a pool's founding, in order, in batches of at least so many. */
  records(pool: number, atLeast: number): AsyncGenerator<readonly PoolRecord[], void>;
}

const noKey = () => new Uint8Array();

/** @throws BadInput where the log is not that of a network which this scenario founded */
export async function readRecordedNetwork(
  log: Log,
  spec: string,
  file: string,
): Promise<RecordedNetwork> {
  const names = await poolsIn(log, spec);
  const scenario = loadScenario(file, {
    readFile: (path) => readFileSync(path, 'utf8'),
    instructionsOf: '',
  });
  const wanted = scenario.pools.map(({ name }) => name);
  if (names.join(', ') !== [...wanted].sort().join(', '))
    throw new BadInput(
      `--scenario ${file}: its pools are ${wanted.join(', ')}, and those of ${spec} ${names.join(', ')}: expected the scenario that the network was founded with`,
    );
  const digests = new Map<string, Uint8Array>();
  const pools: RecordedPool[] = [];
  let payments = 0;
  for (const [index, name] of wanted.entries()) {
    const foundedBy = genesisRecords(
      scenario,
      scenario.pools[index] as ScenarioPool,
      0,
      noKey,
    ).length;
    const scan = await scanPool(log, spec, name, foundedBy);
    digests.set(name, scan.digest);
    payments += scan.payments;
    pools.push(scan.pool);
    refuseOtherFounding(scenario, index, scan.pool, file);
  }
  const dates = new Set(pools.flatMap(({ openings }) => openings.map(({ date }) => date)));
  if (dates.size === 0) throw new BadInput(`--log ${spec}: no business date has opened in it`);
  return {
    pools,
    eventsHash: eventsHash(digests),
    payments,
    dates: [...dates].sort(),
    records: (pool, atLeast) => recordsBehind(log, pools[pool] as RecordedPool, pool, atLeast),
  };
}

function refuseOtherFounding(
  scenario: Scenario,
  index: number,
  pool: RecordedPool,
  file: string,
): void {
  if (isDeepStrictEqual(refounded(scenario, index, pool), withoutLiveParts(pool))) return;
  const difference =
    foundingDifference(scenario, index, pool) ?? 'its rates, or the order of what is named, differ';
  throw new BadInput(
    `--scenario ${file}: pool ${pool.name}: ${difference}: expected the scenario that the network was founded with`,
  );
}

async function scanPool(log: Log, spec: string, name: string, foundedBy: number) {
  const topic = poolInput(name);
  const end = await log.endOffset(topic, 0);
  const replayed = new ReplayedPool(name, createCore());
  const founding: ControlRecord[] = [];
  const openings: DateOpening[] = [];
  const commands = new Map<string, ControlRecord>();
  let foundingCount = foundedBy;
  let payments = 0;
  for await (const { logOffset, value } of recordsOf(log, topic, 0, { from: 0, end })) {
    replayed.take(logOffset, value);
    if (replayed.isFull) clear(replayed, spec);
    if (!isControl(value)) {
      const verified = readVerified(value);
      if (isPaymentType(verified.messageType)) payments += 1;
      if (isOverTwoPools(verified, value))
        throw new BadInput(
          `--log ${spec}: pool ${name}, offset ${logOffset}: a chain over two pools: expected chains of one pool each; ${ORDERED}`,
        );
      continue;
    }
    const control = readControl(value);
    if (control.kind === 'genesis' && founding.length === 0)
      foundingCount = control.foundingRecords ?? foundedBy;
    if (founding.length < foundingCount) founding.push(control);
    else if (control.kind === 'open') openings.push(control);
    else if (control.command && !commands.has(control.command.id))
      commands.set(control.command.id, control);
  }
  clear(replayed, spec);
  const [genesis] = founding;
  if (genesis?.kind !== 'genesis')
    throw new BadInput(`--log ${spec}: pool ${name} does not begin with a genesis`);
  const added = [...commands.values()].find(({ kind }) => kind === 'currency');
  if (added)
    throw new BadInput(
      `--log ${spec}: pool ${name}: ${'currency' in added ? added.currency : ''} was added by its operator: expected a network with the currencies of its scenario`,
    );
  const pool: RecordedPool = {
    ...{ name, genesis, founding, openings, end },
    commands: [...commands.values()],
  };
  return { pool, digest: replayed.clearing.digest(), payments };
}

/** Whether a record is of a leg that was taken, of a chain over two pools. */
function isOverTwoPools({ kind, reason, content }: VerifiedRecord, value: Uint8Array): boolean {
  if (kind !== 'chainLeg' || reason !== 0 || !content) return false;
  return synchronisedBy(documentOf(CHAIN, readOriginal(value).payload)) !== null;
}

function clear(replayed: ReplayedPool, spec: string): void {
  try {
    replayed.flush();
  } catch (error) {
    if (!(error instanceof Uncleared)) throw error;
    throw new BadInput(
      `--log ${spec}: pool ${replayed.name} cannot be replayed from offset ${error.position} on: ${error.message}`,
    );
  }
}

async function* recordsBehind(
  log: Log,
  { name, founding, end }: RecordedPool,
  pool: number,
  atLeast: number,
): AsyncGenerator<readonly PoolRecord[], void> {
  let batch: PoolRecord[] = [];
  const span = { from: founding.length, end };
  for await (const { value } of recordsOf(log, poolInput(name), 0, span)) {
    batch.push({ pool, value });
    if (batch.length < atLeast) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
