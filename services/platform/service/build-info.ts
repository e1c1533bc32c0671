import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's folder: this file is compiled to dist/services/cli. */
export const packageFolder = join(fileURLToPath(new URL('../../cli', import.meta.url)), '../../..');

export const version: string = JSON.parse(
  readFileSync(join(packageFolder, 'package.json'), 'utf8'),
).version;

/** The deterministic core, compiled by the build. */
export const wasmBytes = (): Uint8Array =>
  readFileSync(join(packageFolder, 'dist/assembly/corridor.wasm'));

let compiled: WebAssembly.Module | undefined;
/** It, compiled once for all instances of a thread. */
export function compiledCore(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(new Uint8Array(wasmBytes()));
  return compiled;
}
