import { createHmac } from 'node:crypto';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import { sha256 } from './merkle-tree.ts';

/**
 * What a pool's log shows of an event. Events hold balances and UETRs, and whoever knows the rest of an event would
 * find them by trying: so a log's entry is a commitment, and who may see the event is given what opens it.
 *
 *     salts      = HMAC-SHA-256(day key, event number as eight bytes, the high ones first)
 *     hidden     = SHA-256("bal1" || salts[16..32] || event[96..128])
 *     commitment = SHA-256("corridor/event/1" || salts[0..16] || event[0..96] || hidden)
 *     entry      = 1 || commitment
 *
 * Bytes 96 to 127 of a settled event are the balances of its banks, and neither bank is to see the other's. A
 * closed opening has `hidden` in their place; an open one has them. The entry of event n stands at index n - 1. Many at
 * once, in WASM: assembly/evidence/tree-hashing.ts.
 */
export const ENTRY_VERSION = 1;
const SALT_BYTES = 16;
const SHOWN_BYTES = 96;
const EVENT_TAG = Buffer.from('corridor/event/1');
const HIDDEN_TAG = Buffer.from('bal1');

/** What shows that an entry is of an event. */
export type Opening =
  | {
      readonly form: 'closed';
      readonly salt: Uint8Array;
      /** The event's first 96 bytes. */
      readonly shown: Uint8Array;
      /** 32 bytes, of the others. */
      readonly hidden: Uint8Array;
    }
  | {
      readonly form: 'open';
      /** Both, 32 bytes. */
      readonly salts: Uint8Array;
      /** 128 bytes. */
      readonly event: Uint8Array;
    };

/** The first byte of an opening as it travels. */
const FORM = { closed: 1, open: 2 } as const;
export const OPENING_BYTES = { closed: 145, open: 161 } as const;

const hiddenOf = (salt: Uint8Array, event: Uint8Array): Buffer =>
  sha256(HIDDEN_TAG, salt, event.subarray(SHOWN_BYTES));

export const entryOf = (commitment: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(ENTRY_VERSION), commitment]);

/** The entry that an opening is of: nothing in an opening is to be believed unless the log has it. */
export function openedEntry(opening: Opening): Uint8Array {
  const isOpen = opening.form === 'open';
  const salt = isOpen ? opening.salts.subarray(0, SALT_BYTES) : opening.salt;
  const shown = isOpen ? opening.event.subarray(0, SHOWN_BYTES) : opening.shown;
  const hidden = isOpen
    ? hiddenOf(opening.salts.subarray(SALT_BYTES), opening.event)
    : opening.hidden;
  return entryOf(sha256(EVENT_TAG, salt, shown, hidden));
}

const numberOf = (event: Uint8Array): Buffer => Buffer.from(event.subarray(0, 8)).reverse();

/**
 * @param key of the event's day
 * @throws RangeError for bytes that are no event, or a key of another length than 32
 */
export function openingOf(event: Uint8Array, key: Uint8Array, form: Opening['form']): Opening {
  if (event.length !== EVENT_BYTES || key.length !== 32)
    throw new RangeError(`an event of ${event.length} bytes and a key of ${key.length}`);
  const salts = createHmac('sha256', key).update(numberOf(event)).digest();
  if (form === 'open') return { form, salts, event };
  const salt = salts.subarray(0, SALT_BYTES);
  const shown = event.subarray(0, SHOWN_BYTES);
  return { form, salt, shown, hidden: hiddenOf(salts.subarray(SALT_BYTES), event) };
}

export const packedOpening = (opening: Opening): Uint8Array =>
  opening.form === 'open'
    ? Buffer.concat([Uint8Array.of(FORM.open), opening.salts, opening.event])
    : Buffer.concat([Uint8Array.of(FORM.closed), opening.salt, opening.shown, opening.hidden]);

/** From the first bytes; null: they are no opening. */
export function openingFrom(bytes: Uint8Array): Opening | null {
  if (bytes[0] === FORM.open && bytes.length >= OPENING_BYTES.open)
    return { form: 'open', salts: bytes.subarray(1, 33), event: bytes.subarray(33, 161) };
  if (bytes[0] !== FORM.closed || bytes.length < OPENING_BYTES.closed) return null;
  const shownEnd = 1 + SALT_BYTES + SHOWN_BYTES;
  return {
    form: 'closed',
    salt: bytes.subarray(1, 1 + SALT_BYTES),
    shown: bytes.subarray(1 + SALT_BYTES, shownEnd),
    hidden: bytes.subarray(shownEnd, OPENING_BYTES.closed),
  };
}
