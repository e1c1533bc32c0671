import type { LoggedMessage } from '../live/service-context.ts';
import { ProblemError } from '../protocol/names/http-problems.ts';
import type { GatewayLog } from './log-port-and-try-later.ts';

/**
 * Where a bank's client goes on that was away: behind the position of the last item that it has, which it names by
 * `from` or, on a stream, by Last-Event-ID. A position in a bank's own topic is `<log offset>:<pool>-<event number>`
 * of a record. The offset finds the place, the event proves that the log still has the same record there: a log
 * that was set up anew is noticed, not misread.
 */
export const POSITION_PATTERN = '^[0-9]{1,15}:[A-Za-z0-9._-]{1,64}-[0-9]{1,15}$';

export interface Position {
  readonly logOffset: number;
  readonly event: string;
  /** Where the reader named it: the parameter `from`, or a header of a stream. */
  readonly field: string;
}

/** @param text matches POSITION_PATTERN; without one: from the first record that is kept */
export function readPosition(text: string | undefined, field = 'from'): Position | null {
  if (!text) return null;
  const colon = text.indexOf(':');
  return { logOffset: Number(text.slice(0, colon)), event: text.slice(colon + 1), field };
}

const eventOf = ({ headers }: LoggedMessage): string =>
  `${headers.ce_pool ?? ''}-${headers.ce_eventnumber ?? ''}`;

export const mailPosition = (record: LoggedMessage): string =>
  `${record.logOffset}:${eventOf(record)}`;

const isAt = (record: LoggedMessage | undefined, position: Position): boolean =>
  record?.logOffset === position.logOffset && eventOf(record) === position.event;

/**
 * The offset after a position in a topic; throws where the log has another record there, or has forgotten
 * what lies between. Without a position: the first record that is kept.
 * @param recent records of the topic that are in memory
 */
export async function offsetAfter(
  topic: string,
  log: Pick<GatewayLog, 'read' | 'startOffset' | 'endOffset'>,
  recent: readonly LoggedMessage[],
  position: Position | null,
): Promise<number> {
  if (position && recent.some((record) => isAt(record, position))) return position.logOffset + 1;
  const start = await log.startOffset(topic, 0);
  if (!position) return start;
  const { logOffset } = position;
  const isForgotten = logOffset < start;
  if (isForgotten && logOffset + 1 === start) return start;
  const end = await log.endOffset(topic, 0);
  const [record] = isForgotten || logOffset >= end ? [] : await log.read(topic, 0, logOffset, 1);
  if (isAt(record, position)) return logOffset + 1;
  throw new ProblemError('positionGone', {
    detail: isForgotten
      ? 'records after this position are no longer kept; read without a position, from the first that is'
      : 'the log has no such record at this position; read without a position, and drop what you have by pool, eventNumber and id',
    field: position.field,
    value: `${logOffset}:${position.event}`,
    expected: 'the position of a record that was read from here',
  });
}
