import { RULES_VERSION } from '../protocol/control-record.ts';
import { Directory } from '../protocol/directory.ts';
import { EventChain } from '../protocol/event-chain.ts';
import { type EventsMessage, eventsHeaders } from '../protocol/events-message.ts';
import { isControl, readControl, readVerified } from '../protocol/input-record.ts';
import type { Message } from '../protocol/message.ts';
import { KeyRing } from './key-ring.ts';
import { RecordEncoder } from './record-encoder.ts';

/**
 * Clearing of one pool: the deterministic state machine (state, input record) -> events. Names, keys
 * and the chain are here, accounts, queues and identities in the settlement core. It has no clock,
 * I/O or randomness; the same input in the same order gives the same events, whatever the batches.
 */
export interface PositionedInput {
  /** Offset in the pool's input topic; positions must follow one another without a gap. */
  readonly position: number;
  readonly value: Uint8Array;
}

/** The settlement core, as clearing drives it. */
export interface SettlementCore {
  apply(records: Uint8Array, count: number): Uint8Array;
}

export interface ClearedBatch extends EventsMessage {
  /** `count` events; empty where the batch caused none. */
  readonly events: Uint8Array;
}

export interface Clearing {
  apply(batch: readonly PositionedInput[]): ClearedBatch;
  /** Digest of the chain at the last event. */
  digest(): Buffer;
  readonly directory: Directory;
}

export function createClearing(core: SettlementCore): Clearing {
  const directory = new Directory();
  const keys = new KeyRing();
  const chain = new EventChain();
  const encoder = new RecordEncoder(directory, keys);
  let nextPosition = 0;

  function take({ position, value }: PositionedInput): void {
    if (position !== nextPosition)
      throw new Error(
        `the input log has a gap: expected position ${nextPosition}, got ${position}`,
      );
    nextPosition += 1;
    if (!isControl(value)) {
      encoder.verified(readVerified(value), position);
      return;
    }
    const control = readControl(value);
    if (control.kind === 'genesis' && control.rulesVersion !== RULES_VERSION)
      throw new Error(
        `the log was written under rules version ${control.rulesVersion}; this program applies ${RULES_VERSION}`,
      );
    encoder.control(control, position);
    directory.fold(control);
    keys.fold(control);
  }

  return {
    directory,
    digest: () => chain.digest(),
    apply(batch) {
      for (const input of batch) take(input);
      const { bytes, count } = encoder.take();
      const digestBefore = chain.digest().toString('hex');
      const firstNumber = chain.count + 1;
      const events = core.apply(bytes, count);
      chain.append(events);
      return {
        events,
        firstNumber,
        count: chain.count + 1 - firstNumber,
        digestBefore,
        digestAfter: chain.digest().toString('hex'),
      };
    },
  };
}

/** The batch as a message of the pool's `events` topic. */
export function eventsMessage(pool: string, batch: ClearedBatch): Message {
  return { key: pool, value: batch.events, headers: eventsHeaders(batch) };
}
