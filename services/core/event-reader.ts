import {
  EVENT_OFFSETS as AT,
  EVENT_BYTES,
  EVENT_KINDS,
  type EventKind,
  MECHANISMS,
  type Mechanism,
} from './events.ts';
import { type Reason, reasonFromNumber } from './reasons.ts';

/** One event, read; which fields mean something depends on the kind (see events.ts). */
export interface EventView {
  readonly number: number;
  readonly position: number;
  readonly timeMs: number;
  readonly kind: EventKind;
  readonly reason: Reason;
  readonly mechanism: Mechanism;
  /** Of heldUp: an index of HELD_UP_BY, in the mechanism's place. */
  readonly heldUpBy: number;
  readonly priority: number;
  readonly messageType: number;
  readonly paymentPosition: number;
  /** 16 bytes, a view into the events. */
  readonly id: Uint8Array;
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly dealer: number;
  readonly currency1: number;
  readonly currency2: number;
  readonly amount1: bigint;
  readonly amount2: bigint;
  readonly cycle: number;
  readonly count: number;
  /** Debtor's balance in currency 1, creditor's in its own, dealer's in 1, dealer's in 2. */
  readonly balances: readonly [bigint, bigint, bigint, bigint];
  /** 32 bytes, a view; payload digest or public key in the kinds that carry one. */
  readonly digest: Uint8Array;
}

const KIND_NAMES: readonly (EventKind | undefined)[] = Object.entries(EVENT_KINDS).reduce(
  (names, [kind, number]) => {
    names[number] = kind as EventKind;
    return names;
  },
  [] as (EventKind | undefined)[],
);

/** Throws on a number that no kind has: only newer rules can have written it. */
export function eventKind(number: number): EventKind {
  const kind = KIND_NAMES[number];
  if (!kind) throw new RangeError(`no kind of event has the number ${number}`);
  return kind;
}

/** Reads the event at `index` (from 0) of a run of events. */
export function readEvent(events: Uint8Array, index: number): EventView {
  const at = events.byteOffset + index * EVENT_BYTES;
  const bytes = Buffer.from(events.buffer, at, EVENT_BYTES);
  return {
    number: Number(bytes.readBigUInt64LE(AT.number)),
    position: Number(bytes.readBigUInt64LE(AT.position)),
    timeMs: Number(bytes.readBigInt64LE(AT.timeMs)),
    kind: eventKind(bytes.readUInt16LE(AT.kind)),
    reason: reasonFromNumber(bytes.readUInt16LE(AT.reason)),
    mechanism: MECHANISMS[bytes[AT.mechanism] as number] ?? 'none',
    heldUpBy: bytes[AT.mechanism] as number,
    priority: bytes[AT.priority] as number,
    messageType: bytes.readUInt16LE(AT.messageType),
    paymentPosition: Number(bytes.readBigUInt64LE(AT.paymentPosition)),
    id: bytes.subarray(AT.id, AT.id + 16),
    debtorAgent: bytes.readUInt32LE(AT.debtorAgent),
    creditorAgent: bytes.readUInt32LE(AT.creditorAgent),
    dealer: bytes.readUInt32LE(AT.dealer),
    currency1: bytes.readUInt16LE(AT.currency1),
    currency2: bytes.readUInt16LE(AT.currency2),
    amount1: bytes.readBigInt64LE(AT.amount1),
    amount2: bytes.readBigInt64LE(AT.amount2),
    cycle: bytes.readUInt32LE(AT.cycle),
    count: bytes.readUInt32LE(AT.count),
    balances: [
      bytes.readBigInt64LE(AT.balance1),
      bytes.readBigInt64LE(AT.balance2),
      bytes.readBigInt64LE(AT.balance3),
      bytes.readBigInt64LE(AT.balance4),
    ],
    digest: bytes.subarray(AT.digest, AT.digest + 32),
  };
}
