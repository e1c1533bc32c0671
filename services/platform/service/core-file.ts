import { readFileSync } from 'node:fs';

/** The compiled core, dist/assembly/corridor.wasm: this file is compiled to dist/services/platform/service. */
export const coreModule = (): WebAssembly.Module =>
  new WebAssembly.Module(
    new Uint8Array(readFileSync(new URL('../../../assembly/corridor.wasm', import.meta.url))),
  );

/** The folder of the analysis store's schema, infra/clickhouse. */
export const schemaFolder = (): URL => new URL('../../../../infra/clickhouse/', import.meta.url);
