import {
  type ClearedBatch,
  type Clearing,
  type ClearingState,
  createClearing,
  type PositionedInput,
  type SettlementCore,
} from '../clearing/clearing.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';

/** Records applied together: the events do not depend on it. */
const BATCH_RECORDS = 1024;

/** What cannot be cleared was not cleared by its network either: somebody changed it since. */
export class Uncleared extends Error {
  /** Of the record. */
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

/** A pool's history once more, from its genesis: input records go in, and events come out. */
export class ReplayedPool<Core extends SettlementCore = SettlementCore> {
  readonly name: string;
  readonly core: Core;
  readonly clearing: Clearing;
  #waiting: PositionedInput[] = [];

  /** @param from where the core has a state already: that of its clearing */
  constructor(name: string, core: Core, from?: ClearingState) {
    this.name = name;
    this.core = core;
    this.clearing = createClearing(core, from);
  }

  /**
   * Records must follow one another from position 0.
   * @param verified what the value says, where it was read before
   */
  take(position: number, value: Uint8Array, verified?: VerifiedRecord): void {
    this.#waiting.push({ position, value, verified });
  }

  /** Whether enough was taken for a batch. */
  get isFull(): boolean {
    return this.#waiting.length >= BATCH_RECORDS;
  }

  /** What was taken and not applied. */
  get waiting(): readonly PositionedInput[] {
    return this.#waiting;
  }

  /** Applies what was taken. Throws Uncleared. */
  flush(): ClearedBatch {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      return this.clearing.apply(batch);
    } catch (error) {
      throw new Uncleared(this.clearing.position() - 1, (error as Error).message);
    }
  }
}
