import { createHash } from 'node:crypto';
import {
  EVENT_OFFSETS as AT,
  EVENT_BYTES,
  EVENT_KINDS,
} from '../../services/core/settlement/events.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { load, runScenario } from '../../tests/support/run.ts';

export const POOL = 'main';
export const DAY_MS = 86_400_000;
/** The flagship: 100,000 payments of one day, with everything that a day has. */
export const scenario = load('four-corridors');
/** What dashboards are asked of: so many days of a million payments. */
export const RUN = 'ten-million';
export const DAYS = 10;
export const START_MS = Date.parse(`${scenario.businessDates[0]}T00:00:00Z`);
/** What clearing writes together under load. */
const MESSAGE_EVENTS = 1024;
const READ_MESSAGES = 256;

/** Events that a day repeats; names, accounts and openings are the first day's alone. */
const DAILY = new Set<number>(
  (
    [
      'queued',
      'settled',
      'rejected',
      'cancelled',
      'noticed',
      'repeated',
      'cycled',
      'heldUp',
    ] as const
  ).map((kind) => EVENT_KINDS[kind]),
);

export interface History {
  /** Holds the pool's input and events. */
  readonly log: Log;
  readonly events: number;
  /** Number of the last event of the day that the scenario's run gave. */
  readonly firstDay: number;
  /** Of the scenario's run. */
  readonly summary: Summary;
}

/**
 * The history of a pool over several days: the scenario's run, and the same day again and again under
 * later numbers, positions, times and identities, in messages as clearing writes them.
 */
export async function recordHistory(days: number): Promise<History> {
  const log = createMemoryLog({ now: () => 0 });
  const { summary } = await runScenario(scenario, { log, signatures: false });
  const follower = new EventsFollower(POOL);
  const pieces: Uint8Array[] = [];
  const end = await log.endOffset(poolEvents(POOL), 0);
  for (let next = 0; next < end; next += READ_MESSAGES)
    for (const record of await log.read(poolEvents(POOL), 0, next, READ_MESSAGES))
      pieces.push(follower.take(record));
  const firstDay = follower.count;
  const daily = eventsOf(Buffer.concat(pieces), DAILY);
  const positions = await log.endOffset(poolInput(POOL), 0);
  for (let day = 1; day < days; day++) {
    const again = later(daily, day, follower.count + 1, positions);
    for (let at = 0; at < again.length; at += MESSAGE_EVENTS * EVENT_BYTES) {
      const value = again.subarray(at, at + MESSAGE_EVENTS * EVENT_BYTES);
      await log.produce(poolEvents(POOL), follower.messages(value));
    }
  }
  return { log, events: follower.count, firstDay, summary };
}

function eventsOf(all: Buffer, kinds: ReadonlySet<number>): Buffer {
  const chosen: Buffer[] = [];
  for (let at = 0; at < all.length; at += EVENT_BYTES)
    if (kinds.has(all.readUInt16LE(at + AT.kind))) chosen.push(all.subarray(at, at + EVENT_BYTES));
  return Buffer.concat(chosen);
}

/** A day's events, so many days later. */
function later(daily: Buffer, day: number, firstNumber: number, positions: number): Buffer {
  const events = Buffer.from(daily);
  const shift = (at: number, by: number) =>
    events.writeBigUInt64LE(events.readBigUInt64LE(at) + BigInt(by), at);
  for (let at = 0; at < events.length; at += EVENT_BYTES) {
    events.writeBigUInt64LE(BigInt(firstNumber + at / EVENT_BYTES), at + AT.number);
    shift(at + AT.position, day * positions);
    shift(at + AT.paymentPosition, day * positions);
    shift(at + AT.timeMs, day * DAY_MS);
    const id = events.subarray(at + AT.id, at + AT.id + 16);
    const uetr = createHash('sha256').update(id).update(String(day)).digest();
    // The bits that make 16 bytes a UUID of version 4 stay.
    for (const byte of [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15])
      events[at + AT.id + byte] = uetr[byte] as number;
  }
  return events;
}
