import type { Currencies } from '../protocol/instruction.ts';
import { topicPlan } from '../protocol/topics.ts';
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

/**
 * Creates the network's topics where they are missing: the first thing that any service does. Rejects
 * where one exists with another number of partitions. The notifier adds those of participants.
 */
export const createTopics = (log: LogPort, network: Network): Promise<void> =>
  log.createTopics(topicPlan(poolNames(network), [], network.paymentPartitions));
