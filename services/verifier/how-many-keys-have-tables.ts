import { keyRoom } from '../core/verification/batch-size-and-key-room.ts';
import { genesisOf } from '../live/network-against-log.ts';
import type { LogPort } from '../live/service-context.ts';

/** How many keys a verifier of the pools of a log has tables for; of one that is not founded yet nothing is known. */
export async function keyRoomOf(log: LogPort, pools: readonly string[]): Promise<number> {
  const foundings = await Promise.all(pools.map((pool) => genesisOf(log, pool)));
  return keyRoom(...foundings.map((genesis) => genesis?.limits.participants ?? 0));
}
