import { RULES_VERSION } from '../protocol/control-record.ts';
import { isControl, readControl } from '../protocol/input-record.ts';
import type { Currencies } from '../protocol/instruction.ts';
import { poolInput, topicPlan } from '../protocol/topics.ts';
import type { LogPort } from './ports.ts';

/** What no message says and every service of a network must know. */
export interface Network {
  readonly network: string;
  /** The name under which its rows stand in the analysis store. */
  readonly run: string;
  readonly paymentPartitions: number;
  /** The first takes what names no currency. */
  readonly pools: readonly {
    readonly name: string;
    readonly currencies: readonly { readonly code: string; readonly minorUnits: number }[];
  }[];
}

export const poolNames = ({ pools }: Network): string[] => pools.map(({ name }) => name);

export const currenciesOf = ({ pools }: Network): Currencies =>
  new Map(
    pools.flatMap(({ name, currencies }) =>
      currencies.map(({ code, minorUnits }) => [code, { minorUnits, pool: name }] as const),
    ),
  );

/** Read together of what stands behind a genesis. */
const READ_RECORDS = 64;

/** The log is another network's, or of other rules: whoever started the service must mend that. */
export class NetworkFault extends Error {
  override readonly name = 'NetworkFault';
  readonly kind = 'networkDiffers';
}

/**
 * The first thing that any service does: creates the network's topics where they are missing, and
 * looks whether the pools that have begun are this network's, under this program's rules.
 * @throws NetworkFault in one line; LogError where a topic exists with another number of partitions
 */
export async function joinNetwork(log: LogPort, network: Network): Promise<void> {
  await createTopics(log, network);
  for (const pool of poolNames(network)) {
    const topic = poolInput(pool);
    const [first] = await log.read(topic, 0, 0, 1);
    if (!first) continue;
    const genesis = isControl(first.value) ? readControl(first.value) : null;
    if (genesis?.kind !== 'genesis')
      throw new NetworkFault(`topic ${topic} does not begin with a genesis: it is no pool's log`);
    if (genesis.network !== network.network || genesis.pool !== pool)
      throw new NetworkFault(
        `topic ${topic} is the log of pool ${genesis.pool} of network ${genesis.network}, not of ${pool} of ${network.network}: name its own network file, or another log`,
      );
    if (genesis.rulesVersion !== RULES_VERSION)
      throw new NetworkFault(
        `topic ${topic} was begun under rules version ${genesis.rulesVersion}; this program applies ${RULES_VERSION}: use the version of the program that founded it`,
      );
  }
  for (const pool of network.pools) await checkCurrencies(log, pool);
}

/**
 * The currencies stand behind the genesis. With other decimals every amount would be another one.
 * @throws NetworkFault
 */
async function checkCurrencies(log: LogPort, pool: Network['pools'][number]): Promise<void> {
  const topic = poolInput(pool.name);
  for (let next = 0; ; ) {
    const records = await log.read(topic, 0, next, READ_RECORDS);
    if (records.length === 0) return;
    for (const { logOffset, value } of records) {
      next = logOffset + 1;
      const control = isControl(value) ? readControl(value) : null;
      if (control?.kind === 'genesis') continue;
      if (control?.kind !== 'currency') return;
      const named = pool.currencies.find(({ code }) => code === control.currency);
      if (named && named.minorUnits !== control.minorUnits)
        throw new NetworkFault(
          `${control.currency} of pool ${pool.name} has ${control.minorUnits} decimals in topic ${topic}, not ${named.minorUnits}: correct minorUnits in the network file`,
        );
    }
  }
}

/**
 * Creates the network's topics where they are missing. Rejects where one exists with another number
 * of partitions. The notifier adds those of participants.
 */
export const createTopics = (log: LogPort, network: Network): Promise<void> =>
  log.createTopics(topicPlan(poolNames(network), [], network.paymentPartitions));
