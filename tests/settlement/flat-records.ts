import {
  EVENT_BYTES,
  EVENT_KINDS,
  EVENT_OFFSETS,
  type EventKind,
} from '../../services/core/settlement/events.ts';
import {
  NONE16,
  NONE32,
  RECORD_BYTES,
  RECORD_KINDS,
  RECORD_OFFSETS,
} from '../../services/core/settlement/records.ts';

type RecordField = keyof typeof RECORD_OFFSETS;
type Value = number | bigint | Uint8Array;

/** Bytes of each field: 8 is a signed 64-bit number but for positions, 16 and 32 are byte strings. */
const RECORD_WIDTHS: Record<RecordField, number> = {
  kind: 2,
  participant: 4,
  position: 8,
  timeMs: 8,
  id: 16,
  participantsMax: 4,
  currenciesMax: 4,
  livePaymentsMax: 4,
  identitiesMax: 4,
  payloadDigest: 32,
  cycleIntervalMs: 4,
  queueRule: 1,
  cycleMechanism: 1,
  atClose: 1,
  identityDays: 1,
  rulesVersion: 4,
  quotesMax: 4,
  hashKey: 16,
  messageType: 2,
  reason: 2,
  currency1: 2,
  currency2: 2,
  legNumber: 1,
  legCount: 1,
  debtorAgent: 4,
  issuer: 4,
  creditorAgent: 4,
  dealer: 4,
  termsEnd: 4,
  date: 4,
  entryOffsetting: 1,
  bilateralOffsetting: 1,
  deferredNetClasses: 1,
  defaultRule: 1,
  offsettingMinimumMs: 4,
  haircutBps: 4,
  pvpTimeoutMs: 4,
  limitsMax: 4,
  certificates: 1,
  recalls: 1,
  quoteEvents: 1,
  countsFromEnd: 1,
  boundsRefused: 1,
  recallDays: 1,
  chainLegsMax: 1,
  conditions: 1,
  corridorLimitsMax: 4,
  country1: 2,
  country2: 2,
  attestors: 48,
  mandatoryGroups: 1,
  groupCount: 1,
  attestorCount: 1,
  verdict: 1,
  groupSizes: 8,
  groupThresholds: 8,
  validUntilMs: 8,
  counter: 8,
  chainPosition: 8,
  furtherTerms: 1,
  rootThreshold: 1,
  deadline: 3,
  expiry: 3,
  target: 16,
  amount1: 8,
  earmarkCap: 8,
  amount2: 8,
  original: 16,
  terms: 16,
  rateMantissa: 8,
  matchKey: 8,
  targetType: 2,
  rateScale: 1,
  originalType: 1,
  reply: 1,
  move: 1,
  outcome: 1,
  priority: 1,
  earliest: 3,
  latest: 3,
  memberCount: 4,
  beginsSet: 1,
  // As many as a record has room for.
  members: 96,
};

/** A record with every field read; which mean something depends on the kind. */
export type FlatRecord = {
  [Field in RecordField]: Field extends
    | 'id'
    | 'payloadDigest'
    | 'hashKey'
    | 'target'
    | 'original'
    | 'terms'
    | 'members'
    | 'attestors'
    ? Uint8Array
    : Field extends
          | 'position'
          | 'timeMs'
          | 'amount1'
          | 'earmarkCap'
          | 'amount2'
          | 'rateMantissa'
          | 'matchKey'
          | 'groupSizes'
          | 'groupThresholds'
          | 'validUntilMs'
          | 'counter'
          | 'chainPosition'
      ? bigint
      : number;
};

function put(bytes: Buffer, at: number, width: number, value: Value): void {
  if (value instanceof Uint8Array) bytes.set(value, at);
  else if (width === 8) bytes.writeBigInt64LE(BigInt(value), at);
  else bytes.writeUIntLE(Number(value), at, width);
}

/** A record of the given kind (a name, or a number for one that does not exist). */
export function encodeRecord(
  kind: keyof typeof RECORD_KINDS | number,
  fields: { readonly [Field in RecordField]?: Value },
): Uint8Array {
  const bytes = Buffer.alloc(RECORD_BYTES);
  put(bytes, RECORD_OFFSETS.kind, 2, typeof kind === 'number' ? kind : RECORD_KINDS[kind]);
  for (const [field, value] of Object.entries(fields))
    put(
      bytes,
      RECORD_OFFSETS[field as RecordField],
      RECORD_WIDTHS[field as RecordField],
      value as Value,
    );
  return bytes;
}

/** What reads a field: an expression of `bytes`. */
function reading(field: RecordField): string {
  const at = RECORD_OFFSETS[field];
  const width = RECORD_WIDTHS[field];
  if (width > 8) return `bytes.subarray(${at}, ${at + width})`;
  return width === 8 ? `bytes.readBigInt64LE(${at})` : `bytes.readUIntLE(${at}, ${width})`;
}

/** One literal of all fields: an object that is given so many one by one is a hash table, slow to make and to read. */
const readFields = new Function(
  'bytes',
  `return { ${(Object.keys(RECORD_OFFSETS) as RecordField[])
    .map((field) => `${field}: ${reading(field)}`)
    .join(', ')} };`,
) as (bytes: Buffer) => FlatRecord;

export const decodeRecord = (record: Uint8Array): FlatRecord =>
  readFields(Buffer.from(record.buffer, record.byteOffset, RECORD_BYTES));

const EVENT_WIDTHS: Record<keyof typeof EVENT_OFFSETS, number> = {
  number: 8,
  position: 8,
  timeMs: 8,
  kind: 2,
  reason: 2,
  mechanism: 1,
  priority: 1,
  messageType: 2,
  paymentPosition: 8,
  id: 16,
  debtorAgent: 4,
  creditorAgent: 4,
  dealer: 4,
  currency1: 2,
  currency2: 2,
  amount1: 8,
  amount2: 8,
  cycle: 4,
  count: 4,
  balance1: 8,
  digest: 32,
  balance2: 8,
  balance3: 8,
  balance4: 8,
};

export type EventFields = { readonly [Field in keyof typeof EVENT_OFFSETS]?: Value };

/** An event; what is not given is NONE for participants and currencies, else zero. */
export function encodeEvent(kind: EventKind, fields: EventFields): Uint8Array {
  const bytes = Buffer.alloc(EVENT_BYTES);
  const whole: EventFields = {
    debtorAgent: NONE32,
    creditorAgent: NONE32,
    dealer: NONE32,
    currency1: NONE16,
    currency2: NONE16,
    ...fields,
    kind: EVENT_KINDS[kind],
  };
  for (const [field, value] of Object.entries(whole)) {
    const name = field as keyof typeof EVENT_OFFSETS;
    put(bytes, EVENT_OFFSETS[name], EVENT_WIDTHS[name], value as Value);
  }
  return bytes;
}
