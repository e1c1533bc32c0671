import { readEvent } from '../core/settlement/event-reader.ts';
import { EVENT_BYTES, EVENT_OFFSETS } from '../core/settlement/events.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import type { LoggedMessage } from '../live/service-context.ts';
import { EVENT_STATUS } from '../protocol/records/event-status.ts';
import type { HistoryStep } from './told-to-page.ts';

/** An event under the UETR that is sought, and the message in which it stands. */
export interface Found {
  readonly event: SettlementEvent;
  readonly message: LoggedMessage;
}

/** Of a message, the events that name a UETR or another id of 16 bytes. */
export function foundEvents(id: Buffer, message: LoggedMessage): Found[] {
  const found: Found[] = [];
  const { value } = message;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  for (let at = bytes.indexOf(id); at !== -1; at = bytes.indexOf(id, at + 1))
    if (at % EVENT_BYTES === EVENT_OFFSETS.id)
      found.push({ event: readEvent(value, Math.floor(at / EVENT_BYTES)), message });
  return found;
}

/** Of the payment that an event is about; of others their own record's. */
export const paymentPositionOf = (event: SettlementEvent): number =>
  'paymentPosition' in event ? event.paymentPosition : event.position;

/** A message may stand in the topic twice; the first counts. */
export function withoutRepeats(found: readonly Found[]): Found[] {
  const seen = new Set<number>();
  return found.filter(({ event }) => !seen.has(event.number) && seen.add(event.number));
}

/** What a message under a UETR came to: taken as a payment, refused to its bank, or no word of it. */
export const TAKEN = 2;
export function rankOf({ kind }: SettlementEvent): number {
  if (kind === 'noticed' || !EVENT_STATUS[kind]) return 0;
  return kind === 'rejected' ? 1 : TAKEN;
}

/** What the message at a position came to. */
export const standing = (found: readonly Found[], position: number): number =>
  Math.max(
    ...found.map(({ event }) => (paymentPositionOf(event) === position ? rankOf(event) : 0)),
  );

/**
 * Of the messages under one UETR the payment's: anybody can send another under the same UETR, which
 * is refused. Null: there is none.
 */
export function positionOf(found: readonly Found[]): number | null {
  let best: SettlementEvent | null = null;
  for (const { event } of found) if (!best || rankOf(event) > rankOf(best)) best = event;
  return best && paymentPositionOf(best);
}

/** Kinds that come again and again. */
const FOLDED: ReadonlySet<string> = new Set(['heldUp', 'repeated', 'noticed', 'rejected']);

/** Runs of the same one after the other, as the last of them with what the first was. */
export function folded(steps: readonly HistoryStep[]): HistoryStep[] {
  const kept: HistoryStep[] = [];
  for (const step of steps) {
    const last = kept[kept.length - 1];
    if (!last || last.kind !== step.kind || !FOLDED.has(step.kind)) kept.push(step);
    else kept[kept.length - 1] = joined(last, step);
  }
  return kept;
}

/** A cycle that holds a payment up says so once for each shortage: together they are one. */
function joined(last: HistoryStep, step: HistoryStep): HistoryStep {
  if (step.kind === 'heldUp' && step.cycle === last.cycle)
    return { ...step, repeats: last.repeats, shortages: [...last.shortages, ...step.shortages] };
  const first = last.repeats ?? {
    ...{ count: 1, firstEvent: last.eventNumber, firstCycle: last.cycle, sinceMs: last.atMs },
  };
  return { ...step, repeats: { ...first, count: first.count + 1 } };
}

/** At most so many steps: the first and the last, and of the payment whatever gave it a last status. */
export function endsOf(
  steps: readonly HistoryStep[],
  position: number,
  max: number,
): HistoryStep[] {
  const cut = steps.length - max;
  if (cut <= 0) return [...steps];
  const first = Math.floor(max / 4);
  const isLast = (step: HistoryStep) =>
    step.position === position && ['ACSC', 'RJCT', 'CANC'].includes(step.status);
  return steps.filter((step, at) => at < first || at >= first + cut || isLast(step));
}
