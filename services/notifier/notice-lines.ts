import type { Reason } from '../core/settlement/reasons.ts';
import { envelopeFaults, NOTED_HEADERS } from '../protocol/names/message-headers.ts';
import { HEADER_CHARACTERS_MAX, PAYLOAD_BYTES_MAX } from '../protocol/names/size-limits.ts';
import type { Original } from '../protocol/records/input-record.ts';
import { lines, quoted } from '../protocol/rules/refusal.ts';

/**
 * What was wrong in a message that its notice is about, in lines as of a refusal; null where the reason
 * says it all.
 */
export function noticeLines(reason: Reason, original: Original | null): readonly string[] | null {
  if (reason === 'formatInvalid') return headerLines(original);
  return reason === 'messageTooLarge' ? sizeLines(original) : null;
}

/** Why the batch is not read in which it came, or every header that is missing or malformed. */
function headerLines(original: Original | null): readonly string[] {
  const batch = original?.headers[NOTED_HEADERS.batch];
  return batch === undefined ? faultLines(original) : lines(`Batch: ${batch}`);
}

const faultLines = (original: Original | null): readonly string[] =>
  envelopeFaults(original?.headers ?? {}).flatMap(({ header, value, expected }) => [
    `Header: ${header}`,
    `Value: ${quoted(value)}`,
    `Expected: ${expected}`,
  ]);

const PARTS = [
  { part: 'payload', noted: NOTED_HEADERS.payloadBytes, unit: 'bytes', max: PAYLOAD_BYTES_MAX },
  {
    part: 'headers, names and values',
    noted: NOTED_HEADERS.headerCharacters,
    unit: 'characters',
    max: HEADER_CHARACTERS_MAX,
  },
] as const;

const sizeLines = (original: Original | null): readonly string[] =>
  PARTS.flatMap(({ part, noted, unit, max }) => {
    const size = original?.headers[noted];
    if (size === undefined) return [];
    return [`Part: ${part}`, `Value: ${size} ${unit}`, `Expected: at most ${max} ${unit}`];
  });
