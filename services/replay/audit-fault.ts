import { EventDiffers } from '../clearing/first-written-history-wins.ts';
import { eventKind, readEvent } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT } from '../core/settlement/events.ts';
import { EntryDiffers } from '../evidence/audited-tree.ts';
import { dayName } from '../evidence/event-transparency-log.ts';
import { EvidenceFault } from '../evidence/signed-note.ts';
import { TileFault } from '../evidence/tiles.ts';
import { HistoryFault } from '../live/events-follower.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { faultLine, type ProofFault } from '../verifier/recheck-log.ts';
import { Uncleared } from './replayed-pool.ts';

/** Why an auditor goes no further in a pool. */
export interface AuditFault {
  readonly pool: string;
  /** In one line. */
  readonly fault: string;
  /** The first event that differs; absent: it is no event's bytes that do. */
  readonly event?: {
    readonly number: number;
    readonly kind: string;
    /** Null: it is about no payment. */
    readonly uetr: string | null;
    /** 128 bytes, hex: what the input gives. */
    readonly own: string;
    /** What is in its place, hex: an event of the topic, or an entry of the log. */
    readonly found: string;
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function kindOf(event: Buffer): string {
  const number = event.readUInt16LE(AT.kind);
  try {
    return eventKind(number);
  } catch {
    return `kind ${number}`;
  }
}

function told(bytes: Uint8Array) {
  const event = Buffer.from(bytes);
  const uetr = uetrFromBytes(event.subarray(AT.id, AT.id + 16));
  return { number: Number(event.readBigUInt64LE(AT.number)), kind: kindOf(event), uetr };
}

/** Fields of two events that differ, as the first and the second have them. */
function fieldsApart(own: Uint8Array, found: Uint8Array): { own: string; found: string } {
  const text = (value: unknown) =>
    value instanceof Uint8Array
      ? hex(value)
      : JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));
  try {
    const [one, other] = [own, found].map((bytes) => readEvent(bytes, 0)) as [object, object];
    const names = Object.keys({ ...one, ...other }).filter(
      (name) => text(one[name as never]) !== text(other[name as never]),
    );
    if (names.length === 0) return { own: hex(own), found: hex(found) };
    const of = (event: object) =>
      names.map((name) => `${name} ${text(event[name as never]) ?? 'none'}`).join(', ');
    return { own: of(one), found: of(other) };
  } catch {
    return { own: hex(own), found: hex(found) };
  }
}

function differing(
  pool: string,
  { event, found }: { readonly event: Uint8Array; readonly found: Uint8Array },
  apart: { readonly own: string; readonly found: string },
  place: string,
): AuditFault {
  const { number, kind, uetr } = told(event);
  const whose = uetr === null ? kind : `${kind}, payment ${uetr}`;
  return {
    pool,
    fault: `event ${number} (${whose}): the input gives ${apart.own}, ${place} has ${apart.found}`,
    event: { number, kind, uetr, own: hex(event), found: hex(found) },
  };
}

/** Null: it is no fault of what is audited. */
export function auditFault(pool: string, error: unknown): AuditFault | null {
  if (error instanceof EventDiffers)
    return differing(pool, error, fieldsApart(error.event, error.found), 'the topic of events');
  if (error instanceof EntryDiffers)
    return differing(
      pool,
      error,
      {
        own: `the event ${hex(error.event)}`,
        found: `the entry ${hex(error.found)} of another, or of this one by another key of ${dayName(error.event)} than the auditor has`,
      },
      'the log',
    );
  if (error instanceof Uncleared)
    return {
      pool,
      fault: `the record at offset ${error.position} cannot be settled: ${error.message}`,
    };
  const isOne =
    error instanceof HistoryFault || error instanceof EvidenceFault || error instanceof TileFault;
  return isOne ? { pool, fault: error.message } : null;
}

/** Of a record that only somebody who broke in can have written. */
export const unproven = (fault: ProofFault): AuditFault => ({
  pool: fault.pool,
  fault: `a record is not proven: ${faultLine(fault)}`,
});
