import { createHash } from 'node:crypto';
import type { LogPort } from '../../live/ports.ts';
import {
  type ControlRecord,
  type CoreLimits,
  RULES_VERSION,
} from '../../protocol/control-record.ts';
import { isControl, readControl, writeControl } from '../../protocol/input-record.ts';
import { poolInput } from '../../protocol/topics.ts';
import type { Scenario } from '../../simulator/scenario/scenario.ts';
import { genesisRecords } from '../../simulator/setup.ts';
import { BadInput } from '../exit.ts';

export interface GenesisOptions {
  readonly timeMs: number;
  publicKeyOf(bic: string): Uint8Array;
  readonly operatorKey: Uint8Array;
  /** Sizes of a pool's tables for good; default LIVE_LIMITS. */
  readonly limits?: Partial<CoreLimits>;
}

/** What is not touched costs address space alone: some 450 MB where all of it is used. */
export const LIVE_LIMITS: CoreLimits = {
  participants: 1_024,
  currencies: 64,
  livePayments: 1_000_000,
  identities: 4_000_000,
  quotes: 65_536,
  limits: 65_536,
};

/**
 * Writes the genesis of each pool that has none: participants, keys, currencies, accounts, liquidity
 * and rules as the scenario has them, at the present time. Throws BadInput where a pool was begun by
 * another network or under other rules.
 */
export async function writeGenesis(
  log: LogPort,
  scenario: Scenario,
  options: GenesisOptions,
): Promise<void> {
  for (const pool of scenario.pools) {
    const topic = poolInput(pool.name);
    const [first] = await log.read(topic, 0, 0, 1);
    if (first) refuseOther(first.value, scenario.network, pool.name);
    else {
      const records = liveRecords(scenario, pool.name, options);
      // One call: all of it is there, or nothing.
      await log.produce(
        topic,
        records.map((record) => ({ key: pool.name, value: writeControl(record), headers: {} })),
      );
    }
  }
}

function liveRecords(scenario: Scenario, pool: string, options: GenesisOptions): ControlRecord[] {
  const { timeMs, limits = {}, operatorKey } = options;
  const scenarioPool = scenario.pools.find(({ name }) => name === pool);
  if (!scenarioPool) throw new Error(`the scenario has no pool ${pool}`);
  const records = genesisRecords(scenario, scenarioPool, 0, options.publicKeyOf);
  const live = {
    limits: { ...LIVE_LIMITS, ...limits },
    hashKey: createHash('sha256').update(operatorKey).digest('hex').slice(0, 32),
    operatorKey: Buffer.from(operatorKey).toString('hex'),
  };
  return records.map((record) => ({
    ...record,
    timeMs,
    ...(record.kind === 'genesis' && live),
  }));
}

function refuseOther(value: Uint8Array, network: string, pool: string): void {
  const genesis = isControl(value) ? readControl(value) : null;
  if (genesis?.kind !== 'genesis')
    throw new BadInput(
      `topic ${poolInput(pool)} does not begin with a genesis: it is no pool's log`,
    );
  if (genesis.network !== network || genesis.pool !== pool)
    throw new BadInput(
      `topic ${poolInput(pool)} is the log of pool ${genesis.pool} of network ${genesis.network}, not of ${pool} of ${network}`,
    );
  if (genesis.rulesVersion !== RULES_VERSION)
    throw new BadInput(
      `topic ${poolInput(pool)} was begun under rules version ${genesis.rulesVersion}; this program applies ${RULES_VERSION}`,
    );
}
