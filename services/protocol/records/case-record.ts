import { type Static, Type } from '@sinclair/typebox';
import { Ajv, type ValidateFunction } from 'ajv';
import { BIC_PATTERN } from '../names/bic-and-uetr.ts';
import type { Message } from '../names/message.ts';
import type { Envelope } from '../names/message-headers.ts';
import { SIGNED_FIELD_PATTERN } from '../names/signing-text.ts';
import { textDigest } from '../names/text-digest.ts';
import { POOL_PATTERN } from '../names/topic-plan.ts';
import { CASE_ID_PATTERN } from './case-command.ts';

/** Until 2100: what the store's times hold. */
const timeMs = Type.Integer({ minimum: 0, maximum: 4_102_444_800_000 });

/**
 * Records of the topic `cases`, JSON each, in the order in which they count. Metrics writes what its rules found;
 * gateways, and the live view of a sandbox, write what an operator signed. What a case is follows from these records alone
 * (live/case-book.ts): whoever reads the topic from its beginning has the same cases.
 */
const place = { case: Type.String({ pattern: CASE_ID_PATTERN }), atMs: timeMs };

/** What came in at a bank that does not send and stays there, and who waits in the currencies in which it sends. */
const HeldSchema = Type.Object({
  trapped: Type.Array(
    Type.Object({
      currency: Type.String(),
      /** Minor units, above 0. */
      amountMinor: Type.String({ pattern: '^[1-9][0-9]{0,18}$' }),
    }),
  ),
  waiting: Type.Array(
    Type.Object({
      currency: Type.String(),
      bic: Type.String({ pattern: BIC_PATTERN }),
      payments: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }),
    }),
  ),
});
export type HeldMoney = Static<typeof HeldSchema>;

const RECORDS = {
  /** A rule began to fire for a subject that has no open case. `atMs`: the minute up to which the rule looked. */
  opened: {
    ...place,
    /** `uid` of the rule. */
    rule: Type.String(),
    title: Type.String(),
    severity: Type.Union([Type.Literal('critical'), Type.Literal('warning')]),
    /** What the alert says, with the subject's names in it. */
    summary: Type.String(),
    /** Whom the alert is of: labels of the rule. */
    subject: Type.Record(Type.String(), Type.String()),
    held: Type.Optional(HeldSchema),
  },
  /** The rule fires no more for it, and does again. */
  stopped: place,
  resumed: place,
  /** As it is now, of an outage that lasts. */
  held: { ...place, held: HeldSchema },
  /** What an operator signed: a document of messages/operator-command.ts. `atMs`: by the clock of who took it. */
  commanded: {
    atMs: timeMs,
    id: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
    pool: Type.String({ pattern: POOL_PATTERN }),
    keyId: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
    issuedAtMs: timeMs,
    /** Base64. */
    signature: Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$' }),
    payload: Type.String(),
  },
};
const SCHEMA = Type.Union([
  Type.Object({ kind: Type.Literal('opened'), ...RECORDS.opened }),
  Type.Object({ kind: Type.Literal('stopped'), ...RECORDS.stopped }),
  Type.Object({ kind: Type.Literal('resumed'), ...RECORDS.resumed }),
  Type.Object({ kind: Type.Literal('held'), ...RECORDS.held }),
  Type.Object({ kind: Type.Literal('commanded'), ...RECORDS.commanded }),
]);
export type CaseRecord = Static<typeof SCHEMA>;
export type OpenedCase = Extract<CaseRecord, { kind: 'opened' }>;
export type CommandedCase = Extract<CaseRecord, { kind: 'commanded' }>;

/** What a rule's alert is told apart by, in one form. */
export const subjectKey = (rule: string, subject: Readonly<Record<string, string>>): string =>
  JSON.stringify([rule, Object.entries(subject).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** The same alert of the same minute is the same case, whoever writes it down. */
export const caseId = (
  rule: string,
  subject: Readonly<Record<string, string>>,
  atMs: number,
): string =>
  textDigest(`${subjectKey(rule, subject)} ${atMs}`)
    .toString('hex')
    .slice(0, 16);

export const caseMessage = (record: CaseRecord): Message => ({
  key: record.kind === 'commanded' ? `${record.pool}:${record.id}` : record.case,
  value: Buffer.from(JSON.stringify(record)),
  headers: { 'content-type': 'application/json' },
  timestampMs: record.atMs,
});

/** The record of what an operator signed. */
export const commandedCase = (
  pool: string,
  { id, keyId, issuedAtMs, signature }: Pick<Envelope, 'id' | 'keyId' | 'issuedAtMs' | 'signature'>,
  payload: Uint8Array,
  atMs: number,
): CommandedCase => ({
  ...{ kind: 'commanded', atMs, id, pool, keyId, issuedAtMs },
  signature: Buffer.from(signature).toString('base64'),
  payload: Buffer.from(payload).toString('utf8'),
});

let validate: ValidateFunction | undefined;

/** Null: it is no record of a case. */
export function readCaseMessage(value: Uint8Array): CaseRecord | null {
  validate ??= new Ajv({ strict: false, validateSchema: false }).compile(SCHEMA);
  try {
    const record: unknown = JSON.parse(Buffer.from(value).toString('utf8'));
    return validate(record) ? (record as CaseRecord) : null;
  } catch {
    return null;
  }
}
