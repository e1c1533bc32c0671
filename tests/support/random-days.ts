import { EVENT_BYTES, EVENT_OFFSETS } from '../../services/core/settlement/events.ts';
import {
  CREDIT_TRANSFER,
  LEG,
  MESSAGE_TYPES,
} from '../../services/protocol/messages/message-types.ts';
import { PAYMENT_TYPE } from '../settlement/random-messages.ts';

/** Random days carry types of their own; the books know payments by the protocol's. */
export function typed(events: Uint8Array, legs: ReadonlySet<number>): Buffer {
  const bytes = Buffer.from(events);
  for (let at = 0; at < bytes.length; at += EVENT_BYTES) {
    if (bytes.readUInt16LE(at + EVENT_OFFSETS.messageType) !== PAYMENT_TYPE) continue;
    const position = Number(bytes.readBigUInt64LE(at + EVENT_OFFSETS.paymentPosition));
    const type = MESSAGE_TYPES.indexOf(legs.has(position) ? LEG : CREDIT_TRANSFER);
    bytes.writeUInt16LE(type, at + EVENT_OFFSETS.messageType);
  }
  return bytes;
}
