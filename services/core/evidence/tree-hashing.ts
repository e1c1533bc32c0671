import { EVENT_BYTES } from '../settlement/events.ts';
import { type CoreExports, instantiate, memoryView } from '../wasm-module.ts';

export const HASH_BYTES = 32;
/** Events, or hashes in pairs, that one call takes. */
const AT_A_TIME = 2048;

/** Of consecutive events, 32 bytes each, one behind the other. */
export interface HashedEvents {
  readonly commitments: Uint8Array;
  /** The hashes of the log's entries. */
  readonly leaves: Uint8Array;
}

/** Of consecutive events, 32 bytes each, one behind the other. */
export interface OpenedEvents {
  readonly salts: Uint8Array;
  /** The hashes that stand for the balances. */
  readonly hidden: Uint8Array;
}

/**
 * Hashes what a pool's transparency log is made of, four at a time (`hashed` of bench/evidence.bench.ts). What a
 * commitment is says services/evidence/event-commitment.ts.
 */
export class TreeHashing {
  readonly #core: CoreExports;
  readonly #events: Uint8Array;
  readonly #commitments: Uint8Array;
  readonly #hashes: Uint8Array;

  constructor(wasm: WebAssembly.Module) {
    const core = instantiate(wasm);
    if (core.startTreeHashing(AT_A_TIME) === 0)
      throw new RangeError(`no memory for ${AT_A_TIME} events`);
    const view = (address: number, length: number) => memoryView(core, address, length);
    this.#core = core;
    this.#events = view(core.treeEventsAddress(), AT_A_TIME * EVENT_BYTES);
    this.#commitments = view(core.treeCommitmentsAddress(), AT_A_TIME * HASH_BYTES);
    this.#hashes = view(core.treeHashesAddress(), AT_A_TIME * HASH_BYTES);
  }

  /**
   * @param events whole events, whose numbers follow one another
   * @param key of their salts, 32 bytes
   */
  events(events: Uint8Array, firstNumber: number, key: Uint8Array): HashedEvents {
    const [commitments, leaves] = this.#twice(events, key, (count, at) =>
      this.#core.hashEvents(count, BigInt(firstNumber + at)),
    );
    return { commitments, leaves };
  }

  /** What opens events without their balances, as `events` has them. */
  openings(events: Uint8Array, firstNumber: number, key: Uint8Array): OpenedEvents {
    const [salts, hidden] = this.#twice(events, key, (count, at) =>
      this.#core.openEvents(count, BigInt(firstNumber + at)),
    );
    return { salts, hidden };
  }

  /** @returns two hashes of each event, those of the commitments' place first */
  #twice(
    events: Uint8Array,
    key: Uint8Array,
    hash: (count: number, at: number) => void,
  ): [Uint8Array, Uint8Array] {
    if (key.length !== 32) throw new RangeError(`a key of ${key.length} bytes, expected 32`);
    if (events.length % EVENT_BYTES !== 0)
      throw new RangeError(`${events.length} bytes are not a whole number of events`);
    this.#events.set(key);
    this.#core.takeSaltKey();
    const count = events.length / EVENT_BYTES;
    const first = new Uint8Array(count * HASH_BYTES);
    const second = new Uint8Array(count * HASH_BYTES);
    for (let from = 0; from < count; from += AT_A_TIME) {
      const taken = Math.min(AT_A_TIME, count - from);
      this.#events.set(events.subarray(from * EVENT_BYTES, (from + taken) * EVENT_BYTES));
      hash(taken, from);
      first.set(this.#commitments.subarray(0, taken * HASH_BYTES), from * HASH_BYTES);
      second.set(this.#hashes.subarray(0, taken * HASH_BYTES), from * HASH_BYTES);
    }
    return [first, second];
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
