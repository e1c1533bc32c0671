import { parsePolicy } from '../evidence/cosigner-policy.ts';
import { verifierKey } from '../evidence/signed-note.ts';
import type { Network } from '../live/network.ts';

/** The network's policy beside its network file: who witnesses its logs, and how many of them receipts wait for. */
export const NETWORK_POLICY_FILE = 'evidence-policy';

/**
 * @param text of a network's policy (tlog-policy)
 * @throws Error for one that is none, or that leaves out a log of the network
 */
export function checkNetworkPolicy(text: string, { pools }: Network): void {
  const known = new Set(parsePolicy(text).logs.map(verifierKey));
  for (const { name, logKey } of pools)
    if (logKey !== undefined && !known.has(logKey))
      throw new Error(`it has no line log ${logKey}, of pool ${name}`);
}
