import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface CoreFile {
  readonly module: WebAssembly.Module;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
}

/** The compiled core, dist/assembly/corridor.wasm: this file is compiled to dist/services/platform/service. */
export function coreModule(): CoreFile {
  const bytes = readFileSync(new URL('../../../assembly/corridor.wasm', import.meta.url));
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { module: new WebAssembly.Module(new Uint8Array(bytes)), digest };
}

/** The folder of the analysis store's schema, infra/clickhouse. */
export const schemaFolder = (): URL => new URL('../../../../infra/clickhouse/', import.meta.url);
