import { type TSchema, Type } from '@sinclair/typebox';
import { createSigner } from '../core/verification/signing.ts';
import {
  CANCELLATION,
  CREDITOR_STATUS,
  MESSAGE_TYPES,
  type MessageType,
  PAYMENT_TYPES,
  RECALL_ANSWER,
  RETURN,
} from '../protocol/messages/message-types.ts';
import { documentSchema } from '../protocol/messages/payload.ts';
import { BIC_PATTERN, type Bic } from '../protocol/names/bic-and-uetr.ts';
import { envelopeHeaders, type Headers } from '../protocol/names/message-headers.ts';
import { payloadDigestHex, signingText } from '../protocol/names/signing-text.ts';
import {
  deliveriesOf,
  PARTICIPANTS,
  PAYMENTS,
  QUOTES,
  statementsOf,
  statusesOf,
} from '../protocol/names/topic-plan.ts';
import {
  NodeKeySchema,
  ParticipantKeySchema,
  participantMessage,
} from '../protocol/records/participant-message.ts';
import { QuoteRecordSchema, quoteMessage } from '../protocol/records/quote-record.ts';
import { canonical, published } from './json-schema.ts';
import { madeOnce } from './made-once.ts';
import { EXAMPLE, SENT } from './sent-messages.ts';
import { TOLD } from './told-messages.ts';
import {
  deliveredHeaders,
  keyHeaders,
  messageHeaders,
  passedOnHeaders,
  quoteHeaders,
  toldHeaders,
} from './topic-headers.ts';

/** A kind of message in a topic. */
export interface TopicMessage {
  /** Its `ce_type`; null: the topic has one kind, without a type. */
  readonly type: string | null;
  /** Of its schema: its type, with the topic before it where one type has two forms. */
  readonly schemaId: string;
  readonly title: string;
  readonly payload: TSchema;
  readonly headers: TSchema;
  /** Null: sent-messages.ts has no row of the type. */
  readonly example: Example | null;
}
interface Example {
  readonly headers: Headers;
  readonly payload: Uint8Array;
}

/** A topic that a bank writes or reads. */
export interface BankTopic {
  /** As in `statuses.{bic}`. */
  readonly address: string;
  readonly name: string;
  /** Seen from the bank. */
  readonly action: 'send' | 'receive';
  readonly description: string;
  /** What a record's key says, and its form. */
  readonly key: { readonly description: string; readonly pattern: string };
  readonly messages: readonly TopicMessage[];
}

const ANY_BANK = '{bic}' as Bic;
const types = MESSAGE_TYPES.filter((type): type is MessageType => type !== 'none');
const { network, pool, bank, keyId, atMs } = EXAMPLE;
const signer = createSigner(EXAMPLE.secretKey);

type SignedLines = Pick<
  Parameters<typeof signingText>[0],
  'topic' | 'messageType' | 'sender' | 'id'
>;

/** Of the example's key over the lines of a message in the example's network. */
const signatureOf = (lines: SignedLines, payload: Uint8Array): Uint8Array =>
  signer.sign(
    signingText({
      ...{ ...lines, network, keyId, issuedAtMs: String(atMs) },
      payloadDigest: payloadDigestHex(payload),
    }),
  );

/** Signed as it must be, under EXAMPLE.keyId. */
function signedExample(type: MessageType): Example | null {
  const row = SENT[type];
  if (!row) return null;
  const { sender, id, example } = row;
  const payload = example();
  const signature = signatureOf({ topic: PAYMENTS, messageType: type, sender, id }, payload);
  return {
    payload,
    headers: envelopeHeaders({ id, sender, messageType: type, keyId, issuedAtMs: atMs, signature }),
  };
}
const toldBy = (id: string, type: string): Headers => ({
  ce_specversion: '1.0',
  ce_id: id,
  ce_source: network,
  ce_type: type,
  ce_time: new Date(atMs).toISOString(),
  ce_pool: pool,
  ce_eventnumber: '811',
  'content-type': 'application/json',
});

/** As the node signs what it tells of accounts. Of statuses it signs those alone that were asked for. */
function signedByNode(type: string, { headers, payload }: Example): Example {
  const lines = { messageType: type, sender: network, id: headers.ce_id as string };
  const signature = signatureOf({ ...lines, topic: statementsOf(bank) }, payload);
  const { ce_keyid, ce_issuedatms, ce_signature } = envelopeHeaders({
    ...{ ...lines, sender: bank, keyId, issuedAtMs: atMs, signature },
  });
  return { payload, headers: { ...headers, ce_keyid, ce_issuedatms, ce_signature } as Headers };
}

/** What one bank of a settled payment tells the other. */
const PASSED_ON: readonly string[] = [CANCELLATION, RECALL_ANSWER, CREDITOR_STATUS];
const isDelivered = (type: string) => [...PAYMENT_TYPES, ...PASSED_ON].includes(type);
function sent(type: MessageType): Row['messages'][number] {
  return {
    type,
    title: SENT[type]?.title ?? type,
    payload: documentSchema(type),
    headers: messageHeaders(type),
    example: signedExample(type),
  };
}

function delivered(type: MessageType): Row['messages'][number] {
  const message = sent(type);
  const { example } = message;
  const isPassedOn = PASSED_ON.includes(type);
  const at = isPassedOn ? 'ce_passedonatms' : 'ce_settledatms';
  const place = {
    ...{ ce_pool: pool, ce_eventnumber: '811', [at]: String(atMs + 412) },
    ...((isPassedOn || type === RETURN) && { ce_uetr: EXAMPLE.uetr }),
  };
  return {
    ...message,
    headers: isPassedOn ? passedOnHeaders(type) : deliveredHeaders(type),
    example: example && { ...example, headers: { ...example.headers, ...place } },
  };
}

const told = (topic: string): Row['messages'][number][] =>
  Object.entries(TOLD)
    .filter(([, row]) => row.topic === topic)
    .map(([type, { title, schema, example: write, isSigned = false }]) => {
      const example = { payload: write(), headers: toldBy('main-811', type) };
      return {
        type,
        title,
        payload: schema,
        headers: toldHeaders(type, isSigned),
        example: isSigned && topic === 'statements' ? signedByNode(type, example) : example,
      };
    });

const exampleKey = participantMessage({
  bic: bank,
  name: 'Example Bank',
  role: 'bank',
  keyId,
  publicKey: Buffer.from(createSigner(EXAMPLE.secretKey).publicKey).toString('hex'),
  state: 'registered',
});

const exampleQuote = quoteMessage({
  ...{ id: EXAMPLE.uetr, dealer: EXAMPLE.dealer, baseCurrency: 'EUR', quoteCurrency: 'CNY' },
  ...{ rate: '7.9154', covers: '1000000.00', left: '999987.50' },
  validUntilMs: String(atMs + 3_600_000),
});

/** Of a record of a view, about what the event of this number says. */
const viewed = (eventNumber: string, headers: Headers): Headers => ({
  ce_specversion: '1.0',
  ce_id: `${pool}-${eventNumber}`,
  ce_source: network,
  ce_pool: pool,
  ce_eventnumber: eventNumber,
  ...headers,
});

/** Every topic that a bank writes or reads. A test holds it against what Kafka lets banks do. */
export const bankTopics = madeOnce((): readonly BankTopic[] => {
  const all = rows();
  /** By type and form. */
  const ids = new Map<string, Map<string, string>>();
  const idOf = (topic: Row, { type, payload }: Row['messages'][number]): string => {
    const name = type ?? topic.name;
    const forms = ids.get(name) ?? new Map<string, string>();
    ids.set(name, forms);
    const form = canonical(published(payload));
    const id = forms.get(form) ?? (forms.size === 0 ? name : `${topic.name}.${name}`);
    forms.set(form, id);
    return id;
  };
  // Of a type that banks send and are told in another form, the one that they are told has the plain name.
  for (const topic of all)
    if (topic.name === 'statuses') for (const message of topic.messages) idOf(topic, message);
  return all.map((topic) => ({
    ...topic,
    messages: topic.messages.map((message) => ({ ...message, schemaId: idOf(topic, message) })),
  }));
});

type Row = Omit<BankTopic, 'messages'> & {
  readonly messages: readonly Omit<TopicMessage, 'schemaId'>[];
};

const rows = (): Row[] => [
  {
    address: PAYMENTS,
    name: PAYMENTS,
    action: 'send',
    description:
      'What banks and dealers send. Corridor reads what stands in the topic, committed or not. A record may be compressed by gzip, and by nothing else.',
    key: { description: 'The BIC of the sender', pattern: BIC_PATTERN },
    messages: types.map(sent),
  },
  {
    address: statusesOf(ANY_BANK),
    name: 'statuses',
    action: 'receive',
    description:
      'What becomes of a bank’s messages, legs of others that wait for its own, and the business day. Readers pass over a ce_type that they do not know: more may be told in a later minor version.',
    key: {
      description:
        'The UETR of the payment; the request’s id in an answer; AllgmtId of an allegement; else the record’s own id',
      pattern: '^.{1,64}$',
    },
    messages: told('statuses'),
  },
  {
    address: deliveriesOf(ANY_BANK),
    name: 'deliveries',
    action: 'receive',
    description:
      'Payments that settled in the bank’s favour: the bytes and headers that were signed, and where and when each settled. Also what the other bank of a settled payment says of it.',
    key: { description: 'The UETR of the payment', pattern: '^.{1,64}$' },
    messages: types.filter(isDelivered).map(delivered),
  },
  {
    address: statementsOf(ANY_BANK),
    name: 'statements',
    action: 'receive',
    description:
      'What is booked on the bank’s accounts, statements at each close, and reports. Readers pass over a ce_type that they do not know.',
    key: { description: 'The record’s own id', pattern: '^.{1,64}$' },
    messages: told('statements'),
  },
  {
    address: PARTICIPANTS,
    name: PARTICIPANTS,
    action: 'receive',
    description:
      'Who may sign with which key. The topic is compacted: the last record of a key says what holds. A revoked key stays.',
    key: {
      description: 'BIC and key id; of a key of the clearing node `node` and key id',
      pattern: '^([A-Z0-9]{8}([A-Z0-9]{3})?|node):[A-Za-z0-9._:-]{1,64}$',
    },
    messages: [
      {
        type: null,
        title: 'A key of a participant, or of the clearing node',
        payload: Type.Union([ParticipantKeySchema, NodeKeySchema]),
        headers: keyHeaders(),
        example: {
          payload: exampleKey.value,
          headers: viewed('7', exampleKey.headers),
        },
      },
    ],
  },
  {
    address: QUOTES,
    name: QUOTES,
    action: 'receive',
    description:
      'At which rates payments can be made that change currency, and up to how much. The topic is compacted: the last record of a quote says what holds. A record without a value says that nothing can be paid at it any more: ce_quoteend says why.',
    key: {
      description: 'The dealer’s BIC and the quote’s id',
      pattern: '^[A-Z0-9]{8}([A-Z0-9]{3})?:[0-9a-f-]{36}$',
    },
    messages: [
      {
        type: null,
        title: 'What can be paid at a quote',
        payload: QuoteRecordSchema,
        headers: quoteHeaders(),
        example: {
          payload: exampleQuote.value,
          headers: viewed('811', exampleQuote.headers),
        },
      },
    ],
  },
];
