/** The headers of records, by topic: CloudEvents 1.0 in Kafka's binary mode. */
import { type TSchema, Type } from '@sinclair/typebox';
import { utcTime } from '../protocol/messages/document.ts';
import { STATUS_REPORT } from '../protocol/messages/status-report.ts';
import { BIC_PATTERN, UETR_PATTERN } from '../protocol/names/bic-and-uetr.ts';
import { CONTENT_TYPES } from '../protocol/names/content-type.ts';
import {
  CANONICAL_SIGNATURE_PATTERN,
  INTERIM_HEADER,
  MILLISECONDS_PATTERN,
  OPENING_HEADER,
} from '../protocol/names/message-headers.ts';
import { SIGNED_FIELD_PATTERN } from '../protocol/names/signing-text.ts';
import { POOL_PATTERN } from '../protocol/names/topic-plan.ts';
import { QUOTE_ENDS } from '../protocol/records/quote-record.ts';

const signed = (description: string) => Type.String({ description, pattern: SIGNED_FIELD_PATTERN });
const syntax = (description: string) =>
  Type.Union(
    Object.values(CONTENT_TYPES).map((type) => Type.Literal(type)),
    { description },
  );
const SPEC_VERSION = { ce_specversion: Type.Literal('1.0') };
const JSON_TYPE = { 'content-type': Type.Literal('application/json') };

/** Of a message that a bank signs: read by `readEnvelope`. Others beside them are not looked at. */
export const messageHeaders = (type: string) =>
  Type.Object({
    ...SPEC_VERSION,
    ce_id: signed('The UETR of a payment, else the message’s own id'),
    ce_source: Type.String({
      description: 'The BIC of the sender: the instructing agent, who must be the debtor’s agent',
      pattern: BIC_PATTERN,
    }),
    ce_type: Type.Literal(type),
    ce_time: Type.Optional(
      Type.String({ description: 'RFC 3339, for people; ce_issuedatms is what counts' }),
    ),
    ce_keyid: signed('The id of the key that signs'),
    ce_issuedatms: Type.String({
      description: 'When it was signed, ms since 1970, in decimal digits',
      pattern: MILLISECONDS_PATTERN,
    }),
    ce_signature: Type.String({
      description: 'Ed25519 over nine lines of text (docs/messages.md), in standard base64',
      pattern: CANONICAL_SIGNATURE_PATTERN,
    }),
    'content-type': Type.Optional(
      syntax('The syntax of the payload, for people: its first character is signed, and counts'),
    ),
  });

/** Where an event stands; with `ce_id`, what was told before comes with the same three. */
const PLACED = {
  ce_pool: Type.String({ description: 'The settlement pool', pattern: POOL_PATTERN }),
  ce_eventnumber: Type.String({
    description:
      'Number of the event in its pool, in decimal digits. After a crash a record may come twice: drop the second with the same ce_pool, ce_eventnumber and ce_id',
    pattern: '^[1-9][0-9]{0,15}$',
  }),
};

/** Absent: the pool has no transparency log, the event does not name the bank, or it can be opened no more. */
const OPENED = {
  [OPENING_HEADER]: Type.Optional(
    Type.String({
      description:
        'What shows that the entry of the pool’s log is of this event (docs/evidence.md, "What an entry is"): 145 bytes, in standard base64',
      pattern: '^[A-Za-z0-9+/]{194}==$',
    }),
  ),
};

/** Of a status of a payment. */
const TOLD_AHEAD = {
  [INTERIM_HEADER]: Type.Optional(
    Type.Literal('true', {
      description:
        'It is told ahead of the final status of the same event, which follows once the network’s auditors agree (docs/messages.md, "Settled, and not final yet"). Numbers of such records rise by themselves, and so do those of all others',
    }),
  ),
};

/** Of what tells an outcome once more, because its message came again. */
const REPEATED = {
  ce_repeat: Type.Optional(
    Type.Literal('true', {
      description:
        'It tells the outcome of a message once more that came again (docs/messages.md, "Repeats")',
    }),
  ),
  ce_firsteventnumber: Type.Optional(
    Type.String({
      description:
        'Of a repeat: number of the event that told the outcome first, in decimal digits; absent of a request, and where the first is not known any more',
      pattern: '^[1-9][0-9]{0,15}$',
    }),
  ),
};

/** Of what the clearing node signs; a network whose genesis names no key of its has none. */
const NODE_SIGNED = {
  ce_keyid: Type.Optional(signed('The id of the key of the node that signs: topic participants')),
  ce_issuedatms: Type.Optional(
    Type.String({
      description: 'When the event was that it tells of, ms since 1970, in decimal digits',
      pattern: MILLISECONDS_PATTERN,
    }),
  ),
  ce_signature: Type.Optional(
    Type.String({
      description:
        'The node’s: Ed25519 over nine lines of text (docs/messages.md, "What the node signs"), in standard base64',
      pattern: CANONICAL_SIGNATURE_PATTERN,
    }),
  ),
};

/** Of what the system tells. */
export const toldHeaders = (type: string, isSigned = false) =>
  Type.Object({
    ...(isSigned && NODE_SIGNED),
    ...SPEC_VERSION,
    ce_id: signed('The record’s own id'),
    ce_source: signed('The network'),
    ce_type: Type.Literal(type),
    ce_time: utcTime,
    ...PLACED,
    ...OPENED,
    ...REPEATED,
    ...(type === STATUS_REPORT && TOLD_AHEAD),
    'content-type': syntax('The syntax of the payload: that of the message that it is about'),
  });

const ABOUT = {
  ce_uetr: Type.Optional(
    Type.String({
      description: 'The UETR of the payment that it is about, where it has none of its own',
      pattern: UETR_PATTERN,
    }),
  ),
};
const instant = (description: string) =>
  Type.String({ description, pattern: MILLISECONDS_PATTERN });

/** Of what the other bank of a settled payment says: its own headers, and the place of the event that passed it on. */
export const passedOnHeaders = (type: string) =>
  Type.Object({
    ...messageHeaders(type).properties,
    ...PLACED,
    ...OPENED,
    ...ABOUT,
    ce_passedonatms: instant('When it was passed on, ms since 1970, in decimal digits'),
  });

/** Of what another bank sent: its own headers, and the place of the event that settled it. */
export const deliveredHeaders = (type: string) =>
  Type.Object({
    ...messageHeaders(type).properties,
    ...PLACED,
    ...OPENED,
    ...ABOUT,
    ce_settledatms: instant('When it settled, ms since 1970, in decimal digits'),
  });

const OF_A_VIEW = {
  ...SPEC_VERSION,
  ce_id: signed('The record’s own id'),
  ce_source: signed('The network'),
  ...PLACED,
};

/** Of a participant's key. */
export const keyHeaders = (): TSchema => Type.Object({ ...OF_A_VIEW, ...JSON_TYPE });

/** Of a quote. */
export const quoteHeaders = (): TSchema =>
  Type.Object({
    ...OF_A_VIEW,
    'content-type': Type.Optional(Type.Literal('application/json')),
    ce_quoteend: Type.Optional(
      Type.Unsafe<string>({
        enum: [...QUOTE_ENDS],
        description: 'Of a record without a value: why nothing can be paid at the quote any more',
      }),
    ),
  });
