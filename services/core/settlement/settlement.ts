import { instantiate } from '../wasm-module.ts';
import { captureInstance, type InstanceState, restoreInstance } from './core-snapshot.ts';
import { EVENT_BYTES, EVENT_OFFSETS } from './events.ts';
import { type CapturedQueues, type CoreQueues, captureQueues, readQueues } from './queue-state.ts';
import { NONE32, RECORD_BYTES } from './records.ts';

/** A settlement core: the deterministic state machine of one pool, in an instance of its own. */
export interface Settlement {
  /**
   * Applies records in order and returns the events that they cause.
   * @param records `count` records of RECORD_BYTES, as records.ts lays them out
   * @returns events of EVENT_BYTES, as events.ts lays them out: a copy that the caller owns
   * @throws Error where money is not conserved or the core failed: an internal fault, after which
   *   every further call throws as well and nothing may be settled
   * @throws RangeError where `records` is shorter than `count` records; nothing is applied
   */
  apply(records: Uint8Array, count: number): Uint8Array;
  /**
   * The same without a copy: `take` gets the events piece by piece, each a view of the core's memory
   * that holds until it returns. All pieces but the last come before the money is recounted, so what
   * it learns is not final before this call returns.
   */
  stream(records: Uint8Array, count: number, take: (events: Uint8Array) => void): void;
  /** In minor units; 0 where the participant has no account in the currency. */
  balance(participant: number, currency: number): bigint;
  /** In minor units, 0 or more; 0 where there is no account. */
  creditLine(participant: number, currency: number): bigint;
  /** Whether a participant has an account in a currency. */
  hasAccount(participant: number, currency: number): boolean;
  /** Payments that are neither settled nor cancelled, whether queued or waiting for an opening. */
  queued(): number;
  /** Whether each currency's balances add up to what was issued less what was redeemed. */
  conserved(): boolean;
  /** The whole state between two calls, for a core of the same module and output room. */
  capture(): InstanceState;
  /** Of each currency the participant that alone issues it; null: the operator does. */
  issuers(): (number | null)[];
  /** The queues as they stand. */
  queues(): CoreQueues;
  /**
   * From now on, before each step of a cycle that may be the run with this number ('every': of every
   * cycle), `take` gets what comes and may read the queues as they stand; the last time before its
   * `cycled` event is the run itself. 0: no more.
   */
  watchCycle(cycle: number | 'every', take: TakeStep): void;
}

/** `capture` holds until it returns. */
export type TakeStep = (step: CycleStep, capture: () => CapturedQueues) => void;

/** A step of a cycle that is about to be taken. */
export interface CycleStep {
  /** The number that the next run will have, of this cycle or, at its end, of a later one. */
  readonly cycle: number;
  /** Whether the step offsets the queues bilaterally; else it is that run, or the end. */
  readonly offsets: boolean;
  /** Of one currency, or of all (null). */
  readonly currency: number | null;
  /** Number of the last event before it; 0: none since the core was made. */
  readonly event: number;
}

/** Asks for a pause before each step of every cycle (assembly/settlement/pause-before-cycle.ts). */
const EVERY_CYCLE = 0xffffffff;
/** Enough that a batch seldom fills it: half a megabyte. */
const OUTPUT_EVENTS = 4096;

/**
 * @param wasm the module's bytes or the compiled module (dist/assembly/corridor.wasm)
 * @param outputEvents room of the module's output buffer, 1 or more; it is drained as often as need
 *   be, so the events are the same whatever it is
 * @param from what `capture` gave of a core of the same module and the same `outputEvents`
 * @throws Error where the instance cannot have its buffers; RangeError where `from` is another module's
 */
export function createSettlement(
  wasm: Uint8Array | WebAssembly.Module,
  outputEvents = OUTPUT_EVENTS,
  from?: InstanceState,
): Settlement {
  const core = instantiate(wasm);
  const inputAddress = core.settlementStart(outputEvents);
  if (inputAddress === 0) throw new Error('core: no memory for the settlement buffers');
  const outputAddress = core.settlementOutput();
  const inputMax = core.settlementInputMax();
  if (from) restoreInstance(core, from);
  let broken: Error | undefined;
  let watch: TakeStep = () => {};
  let lastEvent = 0;

  /** Takes up to `inputMax` records in and hands over what they cause. */
  function applySome(records: Uint8Array, take: (events: Uint8Array) => void): void {
    new Uint8Array(core.memory.buffer).set(records, inputAddress);
    core.settlementPut(records.length / RECORD_BYTES);
    do {
      const bytes = core.settlementStep() * EVENT_BYTES;
      // The memory may have grown, which detaches older views.
      take(new Uint8Array(core.memory.buffer, outputAddress, bytes));
      if (bytes > 0) lastEvent = eventNumber(outputAddress + bytes - EVENT_BYTES);
      if (core.settlementPaused() === 0) continue;
      watch(nextStep(), () => captureQueues(core));
      core.settlementGoOn();
    } while (core.settlementDone() === 0);
  }

  const eventNumber = (at: number): number =>
    Number(new DataView(core.memory.buffer).getBigUint64(at + EVENT_OFFSETS.number, true));

  function nextStep(): CycleStep {
    const currency = core.settlementCycleCurrency() >>> 0;
    return {
      cycle: core.settlementNextCycle(),
      offsets: core.settlementOffsetsNext() !== 0,
      currency: currency === NONE32 ? null : currency,
      event: lastEvent,
    };
  }

  function applyAll(records: Uint8Array, count: number, take: (events: Uint8Array) => void): void {
    for (let first = 0; first < count; first += inputMax) {
      const end = Math.min(count, first + inputMax);
      applySome(records.subarray(first * RECORD_BYTES, end * RECORD_BYTES), take);
    }
    if (core.settlementConserved() === 0) throw new Error('core: money is not conserved');
  }

  function stream(records: Uint8Array, count: number, take: (events: Uint8Array) => void): void {
    if (broken !== undefined) throw broken;
    if (!Number.isSafeInteger(count) || count < 0 || records.length < count * RECORD_BYTES)
      throw new RangeError(`${records.length} bytes do not hold ${count} records`);
    try {
      applyAll(records, count, take);
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error));
      throw broken;
    }
  }

  /** Where the pieces of what one call returns are put together. */
  let together = new Uint8Array();
  function apply(records: Uint8Array, count: number): Uint8Array {
    let length = 0;
    stream(records, count, (events) => {
      if (length + events.length > together.length) {
        const larger = new Uint8Array(2 * (length + events.length));
        larger.set(together.subarray(0, length));
        together = larger;
      }
      together.set(events, length);
      length += events.length;
    });
    return together.slice(0, length);
  }

  return {
    apply,
    stream,
    balance(participant, currency) {
      const account = core.settlementAccount(participant, currency);
      return account === 0 ? 0n : core.settlementBalance(account);
    },
    creditLine(participant, currency) {
      const account = core.settlementAccount(participant, currency);
      return account === 0 ? 0n : core.settlementCreditLine(account);
    },
    hasAccount: (participant, currency) => core.settlementAccount(participant, currency) !== 0,
    queued: () => core.settlementLive() >>> 0,
    conserved: () => core.settlementConserved() !== 0,
    capture() {
      if (broken !== undefined) throw broken;
      return captureInstance(core);
    },
    issuers: () =>
      Array.from({ length: core.settlementCurrencies() }, (_, currency) => {
        const issuer = core.settlementIssuer(currency) >>> 0;
        return issuer === NONE32 ? null : issuer;
      }),
    queues: () => readQueues(captureQueues(core)),
    watchCycle(cycle, take) {
      core.settlementPauseBefore(cycle === 'every' ? EVERY_CYCLE : cycle);
      watch = take;
    },
  };
}
