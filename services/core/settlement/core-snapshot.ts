import type { CoreExports } from '../wasm-module.ts';

/**
 * The whole state of an instance of the core: its mutable globals, by the names under which the build
 * exports them (scripts/export-wasm-globals.mjs), and its memory without the pages that are zero. It is
 * good for the same module alone: who keeps it keeps the module's digest with it.
 */
export interface InstanceState {
  /** By name: 32-bit values as numbers, 64-bit ones as bigint. */
  readonly globals: ReadonlyMap<string, number | bigint>;
  /** Size of the memory, in pages of PAGE_BYTES. */
  readonly pages: number;
  /** Numbers of the pages that hold something, ascending. */
  readonly used: Uint32Array;
  /** Their bytes, one after the other. */
  readonly bytes: Uint8Array;
}

const PAGE_BYTES = 65_536;
const PREFIX = 'global:';

function globalsOf(core: CoreExports): Map<string, WebAssembly.Global> {
  return new Map(
    Object.entries(core as unknown as Record<string, unknown>).flatMap(([name, value]) =>
      name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value as WebAssembly.Global]] : [],
    ),
  );
}

const NOTHING = Buffer.alloc(PAGE_BYTES);

const isZero = (buffer: ArrayBuffer, page: number): boolean =>
  NOTHING.equals(new Uint8Array(buffer, page * PAGE_BYTES, PAGE_BYTES));

/** Copies the state of an instance that is between two calls. */
export function captureInstance(core: CoreExports): InstanceState {
  const globals = new Map<string, number | bigint>();
  for (const [name, global] of globalsOf(core)) globals.set(name, global.value);
  const { buffer } = core.memory;
  const pages = buffer.byteLength / PAGE_BYTES;
  const used: number[] = [];
  for (let page = 0; page < pages; page++) if (!isZero(buffer, page)) used.push(page);
  const bytes = new Uint8Array(used.length * PAGE_BYTES);
  used.forEach((page, index) => {
    bytes.set(new Uint8Array(buffer, page * PAGE_BYTES, PAGE_BYTES), index * PAGE_BYTES);
  });
  return { globals, pages, used: Uint32Array.from(used), bytes };
}

/**
 * Puts the state into an instance of the same module.
 * @throws RangeError where the module has other globals or the memory cannot grow so far; the
 *   instance is of no use then
 */
export function restoreInstance(core: CoreExports, state: InstanceState): void {
  const globals = globalsOf(core);
  const names = [...globals.keys()];
  if (names.length !== state.globals.size || !names.every((name) => state.globals.has(name)))
    throw new RangeError('the state of an instance of another module');
  // A global takes a number or a bigint by its type, and gave the same.
  for (const [name, global] of globals) global.value = state.globals.get(name) as number;
  const had = core.memory.buffer.byteLength / PAGE_BYTES;
  const missing = state.pages - had;
  if (missing < 0) throw new RangeError('the instance has more memory than its state');
  core.memory.grow(missing);
  const { buffer } = core.memory;
  const memory = new Uint8Array(buffer);
  const used = new Set(state.used);
  // What is zero stays as it is; writing there would make the system give memory for it.
  for (let page = 0; page < had; page++)
    if (!used.has(page) && !isZero(buffer, page))
      memory.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  state.used.forEach((page, index) => {
    const at = index * PAGE_BYTES;
    memory.set(state.bytes.subarray(at, at + PAGE_BYTES), page * PAGE_BYTES);
  });
}
