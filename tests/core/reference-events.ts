/**
 * Events for tests, written from the layout in events.ts by literal offsets: on purpose not by
 * `EVENT_OFFSETS`, which they check.
 */
import {
  EVENT_BYTES,
  EVENT_KINDS,
  type EventKind,
  MECHANISMS,
  type Mechanism,
} from '../../services/core/settlement/events.ts';
import { type Reason, reasonNumber } from '../../services/core/settlement/reasons.ts';

export interface ReferenceEvent {
  readonly number: number;
  readonly kind: EventKind;
  readonly position?: number;
  readonly timeMs?: number;
  readonly reason?: Reason;
  readonly mechanism?: Mechanism;
  readonly priority?: number;
  readonly messageType?: number;
  readonly paymentPosition?: number;
  readonly id?: Uint8Array;
  readonly debtorAgent?: number;
  readonly creditorAgent?: number;
  readonly dealer?: number;
  readonly currency1?: number;
  readonly currency2?: number;
  readonly amount1?: bigint;
  readonly amount2?: bigint;
  readonly cycle?: number;
  readonly count?: number;
  readonly balances?: readonly bigint[];
}

function writeEvent(view: DataView, event: ReferenceEvent): void {
  const { position = event.number, balances = [] } = event;
  view.setBigUint64(0, BigInt(event.number), true);
  view.setBigUint64(8, BigInt(position), true);
  view.setBigInt64(16, BigInt(event.timeMs ?? 0), true);
  view.setUint16(24, EVENT_KINDS[event.kind], true);
  view.setUint16(26, reasonNumber(event.reason ?? 'none'), true);
  view.setUint8(28, MECHANISMS.indexOf(event.mechanism ?? 'none'));
  view.setUint8(29, event.priority ?? 0);
  view.setUint16(30, event.messageType ?? 0xffff, true);
  view.setBigUint64(32, BigInt(event.paymentPosition ?? position), true);
  event.id?.forEach((byte, i) => {
    view.setUint8(40 + i, byte);
  });
  view.setUint32(56, event.debtorAgent ?? 0, true);
  view.setUint32(60, event.creditorAgent ?? 0, true);
  view.setUint32(64, event.dealer ?? 0xffffffff, true);
  view.setUint16(68, event.currency1 ?? 0, true);
  view.setUint16(70, event.currency2 ?? 0xffff, true);
  view.setBigInt64(72, event.amount1 ?? 0n, true);
  view.setBigInt64(80, event.amount2 ?? 0n, true);
  view.setUint32(88, event.cycle ?? 0, true);
  view.setUint32(92, event.count ?? 0, true);
  balances.forEach((balance, i) => {
    view.setBigInt64(96 + 8 * i, balance, true);
  });
}

export function eventBytes(events: readonly ReferenceEvent[]): Uint8Array {
  const bytes = new Uint8Array(events.length * EVENT_BYTES);
  events.forEach((event, i) => {
    writeEvent(new DataView(bytes.buffer, i * EVENT_BYTES, EVENT_BYTES), event);
  });
  return bytes;
}
