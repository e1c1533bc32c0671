import type { ClearedBatch, SettlementCore } from '../clearing/clearing.ts';
import { keyRoom } from '../core/verification/batch-size-and-key-room.ts';
import { controlFormFault } from '../protocol/messages/operator-command.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import type { Genesis } from '../protocol/records/control-record.ts';
import { eventsHash } from '../protocol/records/event-chain.ts';
import {
  InputLogFault,
  type InputLogHeader,
  InputLogReader,
  type InputLogTrailer,
} from '../protocol/records/input-log-file.ts';
import { isControl, readControl, readVerified } from '../protocol/records/input-record.ts';
import { RULES_VERSION } from '../protocol/records/rules-version.ts';
import { faultLine, LogProof } from '../verifier/recheck-log.ts';
import type { SignatureVerification } from '../verifier/verifier.ts';
import { ReplayedPool, Uncleared } from './replayed-pool.ts';

export interface ReplayResult {
  readonly header: InputLogHeader;
  readonly trailer: InputLogTrailer;
  /** Of the bytes before the trailer, to be held against its own. */
  readonly inputDigest: string;
  /** Over the events of this replay. */
  readonly eventsHash: string;
  readonly records: number;
  readonly events: number;
  /** Records proven, by kind. */
  readonly proven: ReadonlyMap<string, number>;
}

/** What a batch of records of a pool caused; the directory has the names used in it. */
export interface ReplayedEvents {
  readonly pool: string;
  readonly batch: ClearedBatch;
  readonly directory: Directory;
  /** Of `createCore`: which of them the pool has. */
  readonly core: SettlementCore;
}

/**
 * Re-runs a recorded input log through clearing, pool by pool, from genesis, and verifies the original
 * messages in it once more: what a verifier makes of each must be the recorded record, to the byte.
 * Push the unzipped bytes in pieces, advance after each, then take the result; throws InputLogFault on
 * a torn or foreign file, or where a message is not what its record says.
 */
export class Replay {
  readonly #createCore: () => SettlementCore;
  readonly #reader: InputLogReader;
  readonly #createVerification: ((keysMax: number) => SignatureVerification) | null;
  readonly #onEvents: (events: ReplayedEvents) => void;
  #proof: LogProof | null = null;
  #proving: Promise<void> = Promise.resolve();
  #header: InputLogHeader | null = null;
  #trailer: InputLogTrailer | null = null;
  #inputDigest = '';
  #pools: { readonly replayed: ReplayedPool; next: number }[] = [];
  #events = 0;

  /** @param createVerification for so many keys; null: the recorded messages are not verified again */
  constructor(
    createCore: () => SettlementCore,
    createVerification: ((keysMax: number) => SignatureVerification) | null,
    onEvents: (events: ReplayedEvents) => void = () => {},
  ) {
    this.#createCore = createCore;
    this.#createVerification = createVerification;
    this.#onEvents = onEvents;
    this.#reader = new InputLogReader({
      header: (header) => this.#begin(header),
      record: (pool, value) => this.#take(pool, value),
      trailer: (trailer, inputDigest) => {
        this.#trailer = trailer;
        this.#inputDigest = inputDigest;
      },
    });
  }

  push(piece: Uint8Array): void {
    this.#reader.push(piece);
  }

  /**
   * Verifies and applies what was pushed, where it is enough for a batch. Where other threads verify, they do so while
   * this one applies the batch and reads the next: so what was applied last may not be verified yet.
   */
  async advance(): Promise<void> {
    if (!this.#pools.some(({ replayed }) => replayed.isFull)) return;
    const before = this.#proving;
    await this.#prove(({ isFull }) => isFull);
    await this.#hold(before);
  }

  async result(): Promise<ReplayResult> {
    this.#reader.end();
    await this.#prove(() => true);
    await this.#hold(this.#proving);
    const header = this.#header as InputLogHeader;
    const trailer = this.#trailer as InputLogTrailer;
    this.#pools.forEach(({ next }, index) => {
      if (next !== trailer.records[index])
        throw new InputLogFault(
          `it holds ${next} records of pool ${header.pools[index]}, its trailer says ${trailer.records[index]}`,
        );
    });
    const digests = new Map(
      this.#pools.map(({ replayed }) => [replayed.name, replayed.clearing.digest()]),
    );
    return {
      header,
      trailer,
      inputDigest: this.#inputDigest,
      eventsHash: eventsHash(digests),
      records: this.#pools.reduce((sum, { next }) => sum + next, 0),
      events: this.#events,
      proven: this.#proof?.proven() ?? new Map(),
    };
  }

  #begin(header: InputLogHeader): void {
    this.#header = header;
    this.#pools = header.pools.map((pool) => ({
      replayed: new ReplayedPool(pool, this.#createCore()),
      next: 0,
    }));
  }

  #take(index: number, value: Uint8Array): void {
    const pool = this.#pools[index];
    if (!pool) return;
    const { name } = pool.replayed;
    const genesis = readGenesis(value, `record ${pool.next} of pool ${name}`, pool.next);
    if (genesis && this.#createVerification && !this.#proof)
      this.#proof = this.#beginProof(
        this.#createVerification(keyRoom(genesis.limits.participants)),
      );
    this.#proof?.take(name, pool.next, value);
    pool.replayed.take(pool.next++, value);
  }

  /** With the first record of the first pool, whose genesis says how many keys there may be. */
  #beginProof(verification: SignatureVerification): LogProof {
    const { network, pools, signatures, isLive } = this.#header as InputLogHeader;
    return new LogProof(
      {
        network,
        firstPools: pools.slice(0, 1),
        checkSignatures: signatures,
        // The simulated verifier knows a key as soon as its pool has it.
        ...(isLive !== true && { keyLagMs: 0 }),
      },
      verification,
    );
  }

  /** Begins to verify what was taken, and applies it. */
  async #prove(isApplied: (replayed: ReplayedPool) => boolean): Promise<void> {
    if (this.#proof) this.#proving = (await this.#proof.begin()).proving;
    try {
      for (const { replayed } of this.#pools) if (isApplied(replayed)) this.#apply(replayed);
    } catch (error) {
      // What nobody sent may not be cleared either: that it is not proven says more.
      await this.#hold(this.#proving);
      throw error;
    }
  }

  /** @throws InputLogFault where something that is verified by then is not what its record says */
  async #hold(proving: Promise<void>): Promise<void> {
    await proving;
    const [first] = this.#proof?.faults ?? [];
    if (first) throw new InputLogFault(faultLine(first));
  }

  #apply(replayed: ReplayedPool): void {
    const { name, core, clearing } = replayed;
    const batch = cleared(replayed);
    this.#events += batch.count;
    const { directory } = clearing;
    this.#onEvents({ pool: name, batch, directory, core });
  }
}

function cleared(replayed: ReplayedPool): ClearedBatch {
  try {
    return replayed.flush();
  } catch (error) {
    if (!(error instanceof Uncleared)) throw error;
    throw new InputLogFault(
      `records of pool ${replayed.name} up to ${error.position} cannot be cleared: ${error.message}`,
    );
  }
}

/** The first record of a pool, which is its genesis under the rules applied here; null: another. Each must be readable. */
function readGenesis(value: Uint8Array, place: string, position: number): Genesis | null {
  try {
    const control = isControl(value) ? readControl(value) : null;
    if (!control) readVerified(value);
    const fault = control && controlFormFault(control);
    if (fault) throw new Error(fault);
    if (position > 0) return null;
    if (control?.kind !== 'genesis') throw new Error('expected the genesis');
    if (control.rulesVersion !== RULES_VERSION)
      throw new Error(
        `rules version ${control.rulesVersion}, this program applies ${RULES_VERSION}`,
      );
    return control;
  } catch (error) {
    throw new InputLogFault(`${place} cannot be replayed: ${(error as Error).message}`);
  }
}
