import { Type } from '@sinclair/typebox';
import {
  MESSAGE_TYPES,
  type MessageType,
  PAYMENT_TYPES,
} from '../protocol/messages/message-types.ts';
import { documentSchema } from '../protocol/messages/payload.ts';
import type { StatusCode } from '../protocol/messages/status-report.ts';
import { isUetr } from '../protocol/names/bic-and-uetr.ts';
import { CONTENT_TYPES } from '../protocol/names/content-type.ts';
import { headersFromHttp } from '../protocol/names/http-headers.ts';
import { fieldProblem, ProblemError } from '../protocol/names/http-problems.ts';
import type { Envelope } from '../protocol/names/message-headers.ts';
import { ID35_PATTERN } from '../protocol/names/message-ids.ts';
import { paymentsKeyOf } from '../protocol/names/topic-plan.ts';
import { QueryHeaders, type ReadingPorts, readerOf } from './bank-reads-its-own.ts';
import type { Door } from './door-signatures-and-rate-limits.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { GatewayApp } from './http-server.ts';
import type { Intake } from './intake-back-pressure.ts';
import { logged } from './log-port-and-try-later.ts';
import { StatusItem, statusItem } from './mail-items.ts';
import { onlyWanted, wantedAmong } from './one-payment-of-a-uetr.ts';
import { FINAL, PAYMENT_STATES, paymentsAmong } from './payment-state.ts';
import { readSignedHeaders, refuseRevoked } from './reader-signature.ts';
import {
  BicSchema,
  json,
  oneOfTypes,
  PoolParameter,
  problems,
  signedHeadersSchema,
  UetrPath,
} from './request-schemas.ts';

const types = MESSAGE_TYPES.filter((type): type is MessageType => type !== 'none');
const Headers = signedHeadersSchema(oneOfTypes(types), BicSchema);

/** The document of each type; which it must be, `ce-type` says. */
const Documents = Type.Union(
  types.map((type) => documentSchema(type)),
  { description: 'The document of the type that `ce-type` names: docs/messages.md' },
);

/** The same documents, by the same schemas. */
const xml = {
  [CONTENT_TYPES.xml]: {
    schema: Type.String({
      description:
        'The same document in XML, by itself or in a wrapper with its head.001.001.02: docs/messages.md',
    }),
  },
};

const Accepted = Type.Object({
  id: Type.String({ description: 'The UETR, or the id of a message that has none' }),
  type: Type.String(),
  sender: Type.String(),
  payloadDigest: Type.String({
    description:
      'SHA-256 of the bytes that were taken, hex; a notice of a failed signature names it',
  }),
  status: Type.String({ description: 'Where to read what becomes of it' }),
});

/** Every signed message type of `payments`: what the topic takes, over HTTP. */
export function addIntakeRoute(
  app: GatewayApp,
  door: Door,
  intake: Intake,
  metrics: GatewayMetrics,
): void {
  app.post(
    '/payments',
    {
      config: { access: 'sender' },
      onRequest: async ({ ip, headers: { 'ce-source': sender } }) =>
        door.refuseUnread(ip, `${sender}`),
      schema: {
        summary: 'Send a signed message to the topic `payments`',
        description:
          'Takes the bytes that the topic takes, with the same signature in headers. 202: the log has the message, and `location` says where to read what becomes of it: a body that is no document of its type is taken too, and rejected there. 401: the signature does not verify under an active key of the bank, or the message is too old; the log does not have it. Sending the same again is safe.',
        tags: ['payments'],
        headers: Headers,
        body: { content: { ...json(Documents), ...xml } },
        response: {
          202: {
            description: 'The log has the message',
            headers: { location: Type.String({ description: '`status` of the body' }) },
            content: json(Accepted),
          },
          ...problems(401, 413, 415, 429),
        },
      },
    },
    async (request, reply) => {
      const envelope = readSignedHeaders(request.headers);
      const message = { address: request.ip, envelope, payload: takeBody(request) };
      const digest = await door.admit(message);
      const end = metrics.acknowledgement.startTimer();
      await intake.accept({
        key: paymentsKeyOf(envelope.sender),
        value: message.payload,
        headers: headersFromHttp(request.headers),
      });
      end();
      door.noteTaken(envelope);
      metrics.accepted.inc({ type: envelope.messageType });
      const status = statusAddress(envelope);
      return reply.code(202).header('location', status).send({
        id: envelope.id,
        type: envelope.messageType,
        sender: envelope.sender,
        payloadDigest: digest,
        status,
      });
    },
  );
}

/** The door lets go of what it refuses: the request has it no longer. */
function takeBody(request: { body: unknown }): Uint8Array {
  const { body } = request;
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw fieldProblem('bodyInvalid', 'body', null, 'the payload that was signed');
  request.body = undefined;
  return body;
}

/** Of what is no payment, or has no UETR to ask by, the bank's statuses tell. */
const statusAddress = ({ messageType, id, sender }: Envelope): string =>
  PAYMENT_TYPES.includes(messageType) && isUetr(id)
    ? `/payments/${id}?type=${messageType}`
    : `/banks/${sender}/statuses`;

const PaymentQuery = Type.Object({
  type: Type.Optional(oneOfTypes(PAYMENT_TYPES)),
  pool: Type.Optional(PoolParameter),
  message: Type.Optional(
    Type.String({ pattern: ID35_PATTERN, title: 'MsgId of a return of the payment' }),
  ),
});

const Payment = Type.Object({
  uetr: Type.String(),
  messageType: Type.String({ description: `One of ${PAYMENT_TYPES.join(', ')}` }),
  pool: Type.String(),
  messageId: Type.Union([Type.String(), Type.Null()], {
    description: 'MsgId of a return, which has the UETR of the payment that it returns; else null',
  }),
  state: Type.Unsafe<StatusCode>({
    ...{ type: 'string', enum: PAYMENT_STATES },
    description: 'TxSts as it stands: docs/messages.md',
  }),
  final: Type.Boolean({
    description:
      'False too of what has settled and waits for the network’s auditors (ACSP, QUORUM)',
  }),
  complete: Type.Boolean({
    description: 'False: earlier statuses may be in `GET /banks/{bic}/statuses` alone',
  }),
  statuses: Type.Array(StatusItem),
});

/** What became of a payment, by its UETR. */
export function addPaymentRoute(app: GatewayApp, ports: ReadingPorts): void {
  app.get(
    '/payments/:uetr',
    {
      config: { access: 'participant' },
      schema: {
        summary: 'What became of a payment of the bank that signs',
        description:
          'A payment of any type. `type` and `pool` choose where the bank used the UETR for several, `message` among its returns of one payment.',
        tags: ['payments'],
        params: UetrPath,
        querystring: PaymentQuery,
        headers: QueryHeaders,
        response: {
          200: { description: 'The payment has a status', content: json(Payment) },
          ...problems(401, 404),
        },
      },
    },
    async (request) => {
      const reader = readerOf(request);
      const { bic } = reader;
      const { uetr } = request.params;
      const wanted = request.query;
      const { records, complete } = await logged(
        ports.room.statusesOf(bic, uetr, (known) =>
          wantedAmong(paymentsAmong(bic, known), wanted).some(({ state }) => state),
        ),
      );
      refuseRevoked(reader);
      const payment = onlyWanted(paymentsAmong(bic, records), wanted);
      if (!payment || payment.state === null)
        throw new ProblemError('notFound', {
          detail: `${bic} has no status of such a payment: not sent by it, not decided yet, or no longer kept; a message whose signature, key or time is refused has no status under its UETR: look for its payload digest in GET /banks/${bic}/statuses`,
          field: 'uetr',
          value: uetr,
        });
      return {
        uetr,
        messageType: payment.messageType,
        pool: payment.pool,
        messageId: payment.messageId,
        state: payment.state,
        final: FINAL.has(payment.state),
        complete,
        statuses: payment.records.map(statusItem),
      };
    },
  );
}
