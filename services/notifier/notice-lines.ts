import type { Reason } from '../core/settlement/reasons.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import { isoTime } from '../protocol/names/dates.ts';
import type { IsoReason } from '../protocol/names/iso-reasons.ts';
import {
  type EnvelopeFault,
  envelopeFaults,
  type Headers,
  NOTED_HEADERS,
} from '../protocol/names/message-headers.ts';
import { HEADER_CHARACTERS_MAX, PAYLOAD_BYTES_MAX } from '../protocol/names/size-limits.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';
import { lines, quoted } from '../protocol/rules/refusal.ts';

/** What is said of headers, in place of what is said of a document: the message has no UETR that was read. */
const HEADERS_MALFORMED: IsoReason = {
  code: 'FF01',
  text: 'The headers, or the batch, do not have the form that they must have',
  remedy: 'Correct what is named here and send the message again',
};

export const reasonOfNotice = (reason: Reason, given: IsoReason | null): IsoReason | null =>
  reason === 'formatInvalid' ? HEADERS_MALFORMED : given;

/** What is known of a message that its notice is about. */
interface Noticed {
  readonly network: string;
  readonly reason: Reason;
  readonly digest: Uint8Array;
  /** As far as the log has them. */
  readonly headers: Headers;
  /** When the log had it. */
  readonly cameAtMs: number;
}

/** What was wrong in it, in lines as of a refusal. */
export function noticeLines(noticed: Noticed): readonly string[] {
  const { reason, headers } = noticed;
  if (reason === 'messageTooLarge') return sizeLines(headers);
  const batch = headers[NOTED_HEADERS.batch];
  if (batch !== undefined) return lines(`Batch: ${batch}`);
  const malformed = envelopeFaults(headers);
  const signed = signedExpected(noticed);
  const isNamed = malformed.some(({ header }) => header === signed?.header);
  const wrong = signed && !isNamed ? [{ ...signed, value: headers[signed.header] }] : [];
  return [...wrong, ...malformed].flatMap(headerLines);
}

const headerLines = ({ header, value, expected }: EnvelopeFault): readonly string[] =>
  [`Header: ${header}`, `Value: ${quoted(value)}`, `Expected: ${expected}`].flatMap(lines);

/** The header by which a message of well-formed ones was found not to be authentic. */
function signedExpected({
  network,
  reason,
  digest,
  cameAtMs,
  headers: { ce_source: sender, ce_keyid: keyId },
}: Noticed): Pick<EnvelopeFault, 'header' | 'expected'> | null {
  switch (reason) {
    case 'signatureInvalid':
      return {
        header: 'ce_signature',
        expected: `Ed25519 by the key ${keyId} of ${sender} over the nine lines of this message: network ${network}, topic ${PAYMENTS}, payload digest ${asBuffer(digest).toString('hex')}`,
      };
    case 'keyUnknown':
      return {
        header: 'ce_keyid',
        expected: `the id of a key that was registered for ${sender} when the message came`,
      };
    case 'keyRevoked':
      return { header: 'ce_keyid', expected: `the id of a key of ${sender} that is not revoked` };
    case 'issuedOutsideWindow':
      return {
        header: 'ce_issuedatms',
        expected: `from ${cameAtMs - ISSUE_WINDOW_MS} to ${cameAtMs + ISSUE_WINDOW_MS}: the message came at ${cameAtMs} (${isoTime(cameAtMs)})`,
      };
    default:
      return null;
  }
}

const PARTS = [
  { part: 'payload', noted: NOTED_HEADERS.payloadBytes, unit: 'bytes', max: PAYLOAD_BYTES_MAX },
  {
    part: 'headers, names and values',
    noted: NOTED_HEADERS.headerCharacters,
    unit: 'characters',
    max: HEADER_CHARACTERS_MAX,
  },
] as const;

const sizeLines = (headers: Headers): readonly string[] =>
  PARTS.flatMap(({ part, noted, unit, max }) => {
    const size = headers[noted];
    if (size === undefined) return [];
    return [`Part: ${part}`, `Value: ${size} ${unit}`, `Expected: at most ${max} ${unit}`];
  });
