/** A network file is held against what the log has: the network's pools, their order, their currencies. */
import { poolInput, poolsOf, topicPlan } from '../protocol/names/topic-plan.ts';
import type { ControlRecord, Genesis } from '../protocol/records/control-record.ts';
import { isControl, readControl } from '../protocol/records/input-record.ts';
import { RULES_VERSION } from '../protocol/records/rules-version.ts';
import { type Network, poolNames } from './network.ts';
import { persist } from './retry-loop.ts';
import type { LogPort, ServiceContext } from './service-context.ts';
import { recordsOf } from './topic-reader.ts';

/** Between two looks for a founding. */
const FOUNDING_LOOK_MS = 1_000;

/** The log is another network's, or of other rules: whoever started the service must mend that. */
class NetworkFault extends Error {
  override readonly name = 'NetworkFault';
  readonly kind = 'networkDiffers';
}

/**
 * The first thing that any service does: waits until the network is founded on the log, unready and
 * without creating anything, then creates what topics it lacks.
 * @throws NetworkFault in one line; LogError where a topic exists with another number of partitions
 */
export async function joinNetwork(context: ServiceContext, network: Network): Promise<void> {
  const { log, logger, probes, pause } = context;
  const unfounded = `network ${network.network} is not founded on this log: corridor found does that`;
  const isReady = probes.readiness('network', () => unfounded);
  const look = () =>
    persist(
      context,
      () => false,
      () => checkNetwork(log, network),
    );
  for (let looks = 0; !(await look()); looks++) {
    if (looks === 0) logger.warn({ network: network.network }, `waits: ${unfounded}`);
    await pause(FOUNDING_LOOK_MS);
  }
  await persist(
    context,
    () => false,
    () => createTopics(log, network),
  );
  isReady();
}

/**
 * Holds a network file against what the log has, and writes nothing. A network's topics are created
 * before the first of its pools is founded, so a pool without a topic beside founded ones is none.
 * @returns whether every pool is founded
 * @throws NetworkFault in one line; LogError where a topic exists with another number of partitions
 */
export async function checkNetwork(log: LogPort, network: Network): Promise<boolean> {
  await log.missingTopics(planOf(network));
  const topics = new Set((await log.topics()).map(({ name }) => name));
  const foundings: { pool: string; timeMs: number }[] = [];
  for (const pool of poolsOf(topics)) {
    const timeMs = await foundedAtMs(log, network, pool);
    if (timeMs !== null) foundings.push({ pool, timeMs });
  }
  const founded = foundings.map(({ pool }) => pool);
  const named = poolNames(network);
  const stranger = named.find((pool) => founded.length > 0 && !topics.has(poolInput(pool)));
  if (stranger !== undefined)
    throw new NetworkFault(
      `pool ${stranger} of the network file is none of network ${network.network}, which was founded with ${founded.join(', ')}: correct the names of pools in the network file, or name another log`,
    );
  const missing = founded.find((pool) => !named.includes(pool));
  if (missing !== undefined)
    throw new NetworkFault(
      `pool ${missing} of network ${network.network} is not in the network file, which has ${named.join(', ')}: add it, or name another log`,
    );
  checkOrder(network, foundings);
  for (const pool of network.pools)
    if (founded.includes(pool.name)) await checkCurrencies(log, pool);
  return founded.length === named.length;
}

/**
 * The first pool takes what names no currency, so the order is part of the rules. A founding begins each
 * pool later than the one before; of an older version's all may be of one millisecond.
 * @throws NetworkFault
 */
function checkOrder(
  { network, pools }: Network,
  foundings: readonly { readonly pool: string; readonly timeMs: number }[],
): void {
  const named = pools.flatMap(({ name }) => foundings.filter(({ pool }) => pool === name));
  if (named.every(({ timeMs }, at) => at === 0 || timeMs >= (named[at - 1]?.timeMs ?? 0))) return;
  const listed = (list: typeof named) => list.map(({ pool }) => pool).join(', ');
  const inOrder = [...named].sort((one, other) => one.timeMs - other.timeMs);
  throw new NetworkFault(
    `the network file has the pools ${listed(named)}, and network ${network} was founded with ${listed(inOrder)}: name them in that order, as the first takes what names no currency`,
  );
}

/** The first record of a pool's input; null: the pool is not founded yet. */
export async function genesisOf(log: Pick<LogPort, 'read'>, pool: string): Promise<Genesis | null> {
  const [first] = await log.read(poolInput(pool), 0, 0, 1);
  const control = first && isControl(first.value) ? readControl(first.value) : null;
  return control?.kind === 'genesis' ? control : null;
}

/**
 * When a pool's state begins; null: it is not founded.
 * @throws NetworkFault where the pool is another network's, or of other rules
 */
async function foundedAtMs(
  log: LogPort,
  { network, pools }: Network,
  pool: string,
): Promise<number | null> {
  const topic = poolInput(pool);
  const [first] = await log.read(topic, 0, 0, 1);
  if (!first) return null;
  const genesis = isControl(first.value) ? readControl(first.value) : null;
  if (genesis?.kind !== 'genesis') {
    if (!pools.some(({ name }) => name === pool)) return null;
    throw new NetworkFault(`topic ${topic} does not begin with a genesis: it is no pool's log`);
  }
  if (genesis.network !== network || genesis.pool !== pool)
    throw new NetworkFault(
      `topic ${topic} is the log of pool ${genesis.pool} of network ${genesis.network}, not of ${pool} of ${network}: name its own network file, or another log`,
    );
  if (genesis.rulesVersion !== RULES_VERSION)
    throw new NetworkFault(
      `topic ${topic} was begun under rules version ${genesis.rulesVersion}; this program applies ${RULES_VERSION}: use the version of the program that founded it`,
    );
  return genesis.timeMs;
}

/**
 * The currencies stand behind the genesis, and the operator may have added others since. A service
 * that knows another list refuses what others take, and with other decimals every amount differs.
 * @throws NetworkFault
 */
async function checkCurrencies(log: LogPort, pool: Network['pools'][number]): Promise<void> {
  const topic = poolInput(pool.name);
  const codes = pool.currencies.map(({ code }) => code).join(', ');
  const founded = await foundedCurrencies(log, topic);
  for (const [index, { currency, minorUnits, maximumMinor }] of founded.entries()) {
    const named = pool.currencies[index];
    if (named?.code !== currency)
      throw new NetworkFault(
        `pool ${pool.name} has the currencies ${codes} in the network file, and was founded with ${founded.map((one) => one.currency).join(', ')} in topic ${topic}: name those first, in that order`,
      );
    if (named.minorUnits !== minorUnits)
      throw new NetworkFault(
        `${currency} of pool ${pool.name} has ${minorUnits} decimals in topic ${topic}, not ${named.minorUnits}: correct minorUnits in the network file`,
      );
    if (named.maximumMinor !== maximumMinor)
      throw new NetworkFault(
        `a payment in ${currency} of pool ${pool.name} may have ${maximumWords(maximumMinor)} in topic ${topic}, and ${maximumWords(named.maximumMinor)} in the network file: correct maximumMinor there`,
      );
  }
  const later = pool.currencies.slice(founded.length);
  if (later.length > 0) await checkAdded(log, topic, pool.name, later);
}

const maximumWords = (maximumMinor: string | undefined): string =>
  maximumMinor === undefined ? 'any amount' : `at most ${maximumMinor} minor units`;

type CurrencyRecord = Extract<ControlRecord, { kind: 'currency' }>;

async function foundedCurrencies(log: LogPort, topic: string): Promise<CurrencyRecord[]> {
  const currencies: CurrencyRecord[] = [];
  for await (const { value } of recordsOf(log, topic, 0, { from: 0 })) {
    const control = isControl(value) ? readControl(value) : null;
    if (control?.kind === 'currency') currencies.push(control);
    else if (control?.kind !== 'genesis') break;
  }
  return currencies;
}

/** Looks through the whole input, which only a file with more than the founding's asks for. */
async function checkAdded(
  log: LogPort,
  topic: string,
  pool: string,
  named: Network['pools'][number]['currencies'],
): Promise<void> {
  const wanted = new Map(named.map((one) => [one.code, one]));
  for await (const { value } of recordsOf(log, topic, 0, { from: 0 })) {
    const control = isControl(value) ? readControl(value) : null;
    if (control?.kind !== 'currency') continue;
    const named = wanted.get(control.currency);
    if (named?.minorUnits === control.minorUnits && named.maximumMinor === control.maximumMinor)
      wanted.delete(control.currency);
    if (wanted.size === 0) break;
  }
  const [unknown] = wanted.values();
  if (unknown)
    throw new NetworkFault(
      `${unknown.code} with ${unknown.minorUnits} decimals and ${maximumWords(unknown.maximumMinor)} in a payment is in pool ${pool} of the network file, and not in topic ${topic}: take it out, or let the operator add it by a command \`currency\` first`,
    );
}

const planOf = (network: Network) => topicPlan(poolNames(network), [], network.paymentPartitions);

/**
 * Creates the network's topics where they are missing. Rejects where one exists with another number
 * of partitions. The notifier adds those of participants.
 */
export const createTopics = (log: LogPort, network: Network): Promise<void> =>
  log.createTopics(planOf(network));
