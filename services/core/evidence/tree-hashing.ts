import { EVENT_BYTES } from '../settlement/events.ts';
import { type CoreExports, instantiate, memoryView } from '../wasm-module.ts';

export const HASH_BYTES = 32;
/** An entry of a log as a tile has it: behind its length of two bytes. */
export const PACKED_ENTRY_BYTES = 35;
/** Characters of a closed opening in base64. */
export const OPENING_TEXT = 196;
/** Events, or hashes in pairs, that one call takes. */
const AT_A_TIME = 2048;

/** Of consecutive events, one behind the other. */
export interface HashedEvents {
  /** The log's entries, PACKED_ENTRY_BYTES each. */
  readonly entries: Uint8Array;
  /** The entries' hashes, HASH_BYTES each. */
  readonly leaves: Uint8Array;
}

export interface OpenedEvents extends HashedEvents {
  /** What opens them without their balances, in base64, OPENING_TEXT characters (ASCII) each. */
  readonly openings: Buffer;
}

/**
 * Hashes what a pool's transparency log is made of, four at a time (`hashed` of bench/evidence.bench.ts). What an
 * entry and an opening are says services/evidence/event-commitment.ts.
 */
export class TreeHashing {
  readonly #core: CoreExports;
  readonly #events: Uint8Array;
  readonly #entries: Uint8Array;
  readonly #hashes: Uint8Array;
  readonly #openings: Uint8Array;

  constructor(wasm: WebAssembly.Module) {
    const core = instantiate(wasm);
    if (core.startTreeHashing(AT_A_TIME) === 0)
      throw new RangeError(`no memory for ${AT_A_TIME} events`);
    const view = (address: number, length: number) => memoryView(core, address, length);
    this.#core = core;
    this.#events = view(core.treeEventsAddress(), AT_A_TIME * EVENT_BYTES);
    this.#entries = view(core.treeEntriesAddress(), AT_A_TIME * PACKED_ENTRY_BYTES);
    this.#hashes = view(core.treeHashesAddress(), AT_A_TIME * HASH_BYTES);
    this.#openings = view(core.treeOpeningsAddress(), AT_A_TIME * OPENING_TEXT);
  }

  /**
   * @param events whole events, whose numbers follow one another
   * @param key of their salts, 32 bytes
   */
  events(events: Uint8Array, firstNumber: number, key: Uint8Array): HashedEvents {
    return this.#hashed(events, firstNumber, key, null);
  }

  /** The same with what opens them, which takes a fifth longer. */
  opened(events: Uint8Array, firstNumber: number, key: Uint8Array): OpenedEvents {
    const openings = Buffer.alloc((events.length / EVENT_BYTES) * OPENING_TEXT);
    const hashed = this.#hashed(events, firstNumber, key, (from, count) => {
      openings.set(this.#openings.subarray(0, count * OPENING_TEXT), from * OPENING_TEXT);
    });
    return { ...hashed, openings };
  }

  /** @param open takes the openings of so many events from one on; null: they are not made */
  #hashed(
    events: Uint8Array,
    firstNumber: number,
    key: Uint8Array,
    open: ((from: number, count: number) => void) | null,
  ): HashedEvents {
    if (key.length !== 32) throw new RangeError(`a key of ${key.length} bytes, expected 32`);
    if (events.length % EVENT_BYTES !== 0)
      throw new RangeError(`${events.length} bytes are not a whole number of events`);
    this.#events.set(key);
    this.#core.takeSaltKey();
    const count = events.length / EVENT_BYTES;
    const entries = new Uint8Array(count * PACKED_ENTRY_BYTES);
    const leaves = new Uint8Array(count * HASH_BYTES);
    for (let from = 0; from < count; from += AT_A_TIME) {
      const taken = Math.min(AT_A_TIME, count - from);
      this.#events.set(events.subarray(from * EVENT_BYTES, (from + taken) * EVENT_BYTES));
      this.#core.hashEvents(taken, BigInt(firstNumber + from), open ? 1 : 0);
      entries.set(this.#entries.subarray(0, taken * PACKED_ENTRY_BYTES), from * PACKED_ENTRY_BYTES);
      leaves.set(this.#hashes.subarray(0, taken * HASH_BYTES), from * HASH_BYTES);
      open?.(from, taken);
    }
    return { entries, leaves };
  }

  /**
   * The hash of the subtree whose lowest hashes these are.
   * @param hashes as many as a power of two, and at most those of a tile
   */
  top(hashes: Uint8Array): Uint8Array {
    let count = hashes.length / HASH_BYTES;
    if (!Number.isInteger(Math.log2(count)) || count > AT_A_TIME)
      throw new RangeError(`${count} hashes, expected 1, 2, 4 or another power of two`);
    this.#hashes.set(hashes);
    for (; count > 1; count /= 2) this.#core.hashNodes(count / 2);
    return this.#hashes.slice(0, HASH_BYTES);
  }
}
