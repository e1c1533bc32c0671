import { randomBytes } from 'node:crypto';
import type { LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { CHAIN_LEGS_MAX } from '../protocol/messages/chain.ts';
import { operatorsFault } from '../protocol/messages/operator-command.ts';
import { poolInput, poolsOf } from '../protocol/names/topic-plan.ts';
import { APPROVAL_VALID_MS } from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import type { ControlRecord, CoreLimits } from '../protocol/records/control-record.ts';
import { isControl, readControl, writeControl } from '../protocol/records/input-record.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { corridorRoom, LIVE_LIMITS } from '../simulator/core-table-sizes.ts';
import { foundingDifference } from '../simulator/founding-against-scenario.ts';
import { genesisRecords, recallsOf } from '../simulator/keys-and-genesis.ts';

export interface GenesisOptions {
  readonly timeMs: number;
  publicKeyOf(bic: string): Uint8Array;
  readonly operatorKey: Uint8Array;
  /**
   * Public key of a second operator: limits, keys and participants then need both. Default: one decides,
   * or who decides where a pool was founded before.
   */
  readonly secondOperatorKey?: Uint8Array;
  /** Public key of the clearing node, which then signs statements. Default: it signs nothing. */
  readonly nodeKey?: Uint8Array;
  /** Sizes of a pool's tables for good; default LIVE_LIMITS. */
  readonly limits?: Partial<CoreLimits>;
}

/**
 * Writes the genesis of each pool that has none: participants, keys, currencies, accounts, liquidity
 * and rules as the scenario has them, at the present time, each later than the one before: their order
 * is part of the rules (checkNetwork holds it). The topics are there. Throws BadInput where
 * operators do not differ, or a pool was founded with others; that it is this network's, checkNetwork says.
 */
export async function writeGenesis(
  log: LogPort,
  scenario: Scenario,
  options: GenesisOptions,
): Promise<void> {
  let { timeMs } = options;
  for (const pool of scenario.pools) {
    const topic = poolInput(pool.name);
    const [first] = await log.read(topic, 0, 0, 1);
    if (first) {
      refuseOtherKeys(first.value, pool.name, options);
      timeMs = Math.max(timeMs, readControl(first.value).timeMs);
    } else {
      const records = liveRecords(scenario, pool.name, { ...options, timeMs });
      // One call: all of it is there, or nothing.
      await log.produce(
        topic,
        records.map((record) => ({ key: pool.name, value: writeControl(record), headers: {} })),
      );
    }
    timeMs += 1;
  }
}

function liveRecords(scenario: Scenario, pool: string, options: GenesisOptions): ControlRecord[] {
  const { timeMs, limits = {}, operatorKey, secondOperatorKey, nodeKey } = options;
  const scenarioPool = scenario.pools.find(({ name }) => name === pool);
  if (!scenarioPool) throw new Error(`the scenario has no pool ${pool}`);
  const records = genesisRecords(scenario, scenarioPool, 0, options.publicKeyOf);
  const live = {
    limits: { ...LIVE_LIMITS, ...corridorRoom(scenario), ...limits },
    // Drawn, and told to nobody: who knew it could craft ids that fall together, or payloads of one digest.
    hashKey: randomBytes(16).toString('hex'),
    operatorKey: Buffer.from(operatorKey).toString('hex'),
    ...(secondOperatorKey && { operators: twoOperators(secondOperatorKey) }),
    ...(nodeKey && {
      nodeKey: { keyId: NODE_KEY_ID, publicKey: Buffer.from(nodeKey).toString('hex') },
    }),
    foundingRecords: records.length,
    passesRecalls: true,
    ...recallsOf(scenario),
    tellsQuotes: true,
    countsFromEnd: true,
    boundsRefused: true,
    chainLegsMax: CHAIN_LEGS_MAX,
    conditions: true,
    ...(scenario.pools.length > 1 && { twoPools: true }),
  };
  return records.map((record) => {
    if (record.kind !== 'genesis') return { ...record, timeMs };
    const genesis = { ...record, timeMs, ...live };
    const fault = operatorsFault(genesis);
    if (fault) throw new BadInput(`the genesis of pool ${pool}: ${fault}`);
    return genesis;
  });
}

/** Of the key with which the node begins. */
const NODE_KEY_ID = 'node-1';
export const SECOND_OPERATOR = 'operator-2';

const twoOperators = (publicKey: Uint8Array) => ({
  keys: [{ keyId: SECOND_OPERATOR, publicKey: Buffer.from(publicKey).toString('hex') }],
  approvals: 2,
  approvalValidMs: APPROVAL_VALID_MS,
});

/** Whom a founding asks for; `secondOperatorKey` null: there is no second operator's key yet. */
interface AskedOperators {
  readonly operatorKey: Uint8Array;
  readonly needsTwo: boolean;
  readonly secondOperatorKey: Uint8Array | null;
}

/**
 * Holds whom a founding asks for against the pools that were founded before, and writes nothing: before
 * anything is made that another answer would leave behind. Throws BadInput in one line.
 */
export async function refuseOtherOperators(
  log: LogPort,
  { operatorKey, needsTwo, secondOperatorKey }: AskedOperators,
): Promise<void> {
  for (const pool of poolsOf((await log.topics()).map(({ name }) => name))) {
    const [first] = await log.read(poolInput(pool), 0, 0, 1);
    const genesis = first && readControl(first.value);
    if (genesis?.kind !== 'genesis') continue;
    refuseOtherKeys(first?.value as Uint8Array, pool, { operatorKey });
    const { operators } = genesis;
    if (needsTwo && secondOperatorKey === null && operators)
      throw new BadInput(
        `pool ${pool} was founded with two operators, and the key of ${SECOND_OPERATOR} is not in --data: put it back, or name the folder of the founding`,
      );
    if (needsTwo) {
      const asked = { operatorKey, secondOperatorKey: secondOperatorKey ?? new Uint8Array(32) };
      refuseOtherKeys(first?.value as Uint8Array, pool, asked);
    } else if (operators)
      throw new BadInput(
        `pool ${pool} was founded with two operators: say --two-operators, as at its founding`,
      );
  }
}

/**
 * Holds a scenario against what the pools were founded with before, and writes nothing: what operators changed since is no
 * difference. Throws BadInput in one line that names the first.
 */
export async function refuseOtherScenario(log: LogPort, scenario: Scenario): Promise<void> {
  for (const name of poolsOf((await log.topics()).map((topic) => topic.name))) {
    const pool = scenario.pools.findIndex((one) => one.name === name);
    const founding = await foundingOf(log, name);
    const [genesis] = founding;
    if (pool < 0 || genesis?.kind !== 'genesis') continue;
    const difference = foundingDifference(scenario, pool, { genesis, founding });
    if (difference !== null)
      throw new BadInput(
        `${scenario.file}: ${difference} of network ${genesis.network}, which stays: take that back in the file and change the network by \`corridor participants admit\` or \`corridor operator give\`, or name another folder and log for a new network`,
      );
  }
}

/** A founding that does not say how many records it has ends with its instant, or with the first command. */
async function foundingOf(log: LogPort, pool: string): Promise<ControlRecord[]> {
  const founding: ControlRecord[] = [];
  for await (const { value } of recordsOf(log, poolInput(pool), 0, { from: 0 })) {
    const record = isControl(value) ? readControl(value) : null;
    if (record === null || record.command) break;
    const genesis = founding[0] ?? record;
    if (genesis.kind !== 'genesis' || record.timeMs !== genesis.timeMs) break;
    founding.push(record);
    if (founding.length === genesis.foundingRecords) break;
  }
  return founding;
}

type AskedKeys = Pick<GenesisOptions, 'operatorKey' | 'secondOperatorKey'>;

/** Whoever would command a pool needs the key that its genesis names. */
function refuseOtherKeys(value: Uint8Array, pool: string, options: AskedKeys): void {
  const genesis = readControl(value);
  if (genesis.kind !== 'genesis') return;
  const operatorKey = Buffer.from(options.operatorKey).toString('hex');
  if (genesis.operatorKey !== operatorKey)
    throw new BadInput(
      `pool ${pool} was founded with the operator key ${genesis.operatorKey}, not ${operatorKey}: name the folder of its founding, or another log`,
    );
  const { secondOperatorKey } = options;
  if (!secondOperatorKey) return;
  const [asked, found] = [twoOperators(secondOperatorKey), genesis.operators];
  const keyText = (keys: readonly object[]) => JSON.stringify(keys);
  if (found?.approvals !== asked.approvals || keyText(found.keys) !== keyText(asked.keys))
    throw new BadInput(
      `pool ${pool} was founded with ${found ? `the operators ${keyText(found.keys)} beside the first` : 'one operator'}, not with ${keyText(asked.keys)} beside it: who commands a pool stays for good; found another network`,
    );
}
