import { KEYS_MAX } from '../core/verification/verification-buffer.ts';
import type { LogPort } from '../live/ports.ts';
import { poolInput } from '../protocol/names/topic-plan.ts';
import type { Genesis } from '../protocol/records/control-record.ts';
import { isControl, readControl } from '../protocol/records/input-record.ts';

/** An instance addresses 4 GiB, of which a key takes 47,424 bytes. */
const KEYS_MOST = 65_536;

/**
 * How many keys a verifier of pools has tables for: one for each participant that they have room for. A key beyond is
 * verified without tables, in three times the time.
 */
export const keyRoom = (foundings: readonly Pick<Genesis, 'limits'>[]): number =>
  foundings.reduce(
    (room, { limits }) => Math.max(room, Math.min(limits.participants, KEYS_MOST)),
    KEYS_MAX,
  );

/** The same of the pools of a log; of one that is not founded yet nothing is known. */
export async function keyRoomOf(log: LogPort, pools: readonly string[]): Promise<number> {
  const foundings = await Promise.all(
    pools.map(async (pool) => {
      const [first] = await log.read(poolInput(pool), 0, 0, 1);
      const control = first && isControl(first.value) ? readControl(first.value) : null;
      return control?.kind === 'genesis' ? [control] : [];
    }),
  );
  return keyRoom(foundings.flat());
}
