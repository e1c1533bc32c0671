import { KEYS_MAX } from '../core/verification/verification-buffer.ts';
import { genesisOf } from '../live/network.ts';
import type { LogPort } from '../live/ports.ts';

/** An instance addresses 4 GiB, of which a key takes 47,424 bytes. */
const KEYS_MOST = 65_536;

/**
 * How many keys a verifier of pools has tables for: one for each participant that they have room for. A key beyond is
 * verified without tables, in three times the time.
 * @param participants of each pool
 */
export const keyRoom = (...participants: readonly number[]): number =>
  Math.min(KEYS_MOST, Math.max(KEYS_MAX, ...participants));

/** The same of the pools of a log; of one that is not founded yet nothing is known. */
export async function keyRoomOf(log: LogPort, pools: readonly string[]): Promise<number> {
  const foundings = await Promise.all(pools.map((pool) => genesisOf(log, pool)));
  return keyRoom(...foundings.map((genesis) => genesis?.limits.participants ?? 0));
}
