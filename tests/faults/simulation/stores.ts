import type { SnapshotStore } from '../../../services/clearing/snapshot-format.ts';
import type { ServiceContext } from '../../../services/live/service-context.ts';
import type { World } from './hazards-and-virtual-time.ts';

/** Rows by table, and the tokens under which they came. */
export class MemoryStore {
  readonly rows: { readonly table: string; readonly row: Record<string, unknown> }[] = [];
  readonly #tokens = new Set<string>();

  take(table: string, rows: readonly object[], token: string): void {
    if (this.#tokens.has(token)) return;
    this.#tokens.add(token);
    for (const row of rows) this.rows.push({ table, row: row as Record<string, unknown> });
  }

  /** The answer to POSITION_SQL. */
  position(reader: string): { begun: number; done: number; sampled: number } {
    const own = this.rows.flatMap(({ table, row }) =>
      table === 'reader_positions' && row.reader === reader ? [row] : [],
    );
    const most = (name: string) => Math.max(0, ...own.map((row) => Number(row[name])));
    return { begun: most('begun'), done: most('done'), sampled: most('sampled_ms') };
  }
}

/**
 * Snapshots on the disk of one process: what is torn when it ends is found torn.
 * @param files by name: they outlive the process
 */
export function snapshotsOn(
  files: Map<string, Uint8Array>,
  world: World,
  context: ServiceContext,
): SnapshotStore {
  return {
    names: async () => [...files.keys()].sort().reverse(),
    read: async (file) => files.get(file) as Uint8Array,
    async write(file, pieces) {
      const bytes = Buffer.concat(pieces);
      const isTorn = world.chance(world.hazards.killAtPoint);
      await context.pause(1);
      files.set(file, isTorn ? bytes.subarray(0, bytes.length - 100) : bytes);
      if (isTorn) context.reached('snapshot.inWrite');
    },
    remove: async (file) => void files.delete(file),
  };
}
