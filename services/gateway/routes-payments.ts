import { Type } from '@sinclair/typebox';
import { CreditTransferSchema } from '../protocol/credit-transfer.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { headersFromHttp } from '../protocol/http-headers.ts';
import { CREDIT_TRANSFER, MESSAGE_TYPES } from '../protocol/instruction.ts';
import { payloadDigest } from '../protocol/signing-text.ts';
import type { GatewayApp } from './app.ts';
import { readSignedHeaders } from './authentication.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { Intake } from './intake.ts';
import { fieldProblem } from './problems.ts';
import { Bic, problems, signedHeaders } from './schemas.ts';

const types = MESSAGE_TYPES.filter((type) => type !== 'none');
const Headers = signedHeaders(
  Type.String({
    pattern: `^(${types.join('|').replaceAll('.', '\\.')})$`,
    title: `one of ${types.join(', ')}`,
  }),
  Bic,
);

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
export function addPaymentRoutes(app: GatewayApp, intake: Intake, metrics: GatewayMetrics): void {
  app.post(
    '/payments',
    {
      schema: {
        summary: 'Send a signed message to the topic `payments`',
        description:
          'Takes the bytes that the topic takes, with the same signature in headers. 202: the log has the message. What becomes of it is told by statuses. Sending the same again is safe.',
        tags: ['payments'],
        headers: Headers,
        body: { content: { 'application/json': { schema: CreditTransferSchema } } },
        response: { 202: Accepted, ...problems(400, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const envelope = readSignedHeaders(request.headers);
      const value = request.body;
      if (!(value instanceof Uint8Array) || value.length === 0)
        throw fieldProblem('bodyInvalid', 'body', null, 'the payload that was signed');
      const end = metrics.acknowledgement.startTimer();
      await intake.accept({
        // The instructing agent is the debtor's agent: its messages keep their order.
        key: envelope.sender,
        value,
        headers: headersFromHttp(request.headers),
      });
      end();
      metrics.accepted.inc({ type: envelope.messageType });
      const status = statusAddress(envelope);
      return reply
        .code(202)
        .header('location', status)
        .send({
          id: envelope.id,
          type: envelope.messageType,
          sender: envelope.sender,
          payloadDigest: payloadDigest(value).toString('hex'),
          status,
        });
    },
  );
}

const statusAddress = ({ messageType, id, sender }: Envelope): string =>
  messageType === CREDIT_TRANSFER ? `/payments/${id}` : `/banks/${sender}/statuses`;
