import { Type } from '@sinclair/typebox';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import { BIC_PATTERN } from '../protocol/names/bic-and-uetr.ts';
import { ROLES } from '../protocol/names/participant-roles.ts';
import { QUERY } from '../protocol/names/signed-query.ts';
import type { GatewayApp } from './http-server.ts';
import type { KeyBook } from './key-book.ts';
import { json, problems, signedHeadersSchema } from './request-schemas.ts';

const Headers = signedHeadersSchema(
  Type.Literal(QUERY, { title: QUERY }),
  Type.String({
    pattern: `${BIC_PATTERN}|^${OPERATOR}$`,
    title: `the BIC of a participant, or ${OPERATOR}`,
  }),
);

const KEY = {
  keyId: Type.String(),
  publicKey: Type.String({ description: '32 bytes of Ed25519, hex' }),
  state: Type.String({ description: 'registered or revoked' }),
  pool: Type.String({ description: 'Whose event gave it this state' }),
  eventNumber: Type.Integer({
    description: 'A message of this pool with a later event number is under this state',
  }),
  changedAtMs: Type.Integer({ description: 'When, by the pool’s time, ms since 1970' }),
};

const Participants = Type.Object({
  node: Type.Object(
    {
      name: Type.String({ description: 'The network: `ce_source` of what the node signs' }),
      keys: Type.Array(Type.Object(KEY)),
    },
    { description: 'The clearing node, and the keys under which it signs statements' },
  ),
  participants: Type.Array(
    Type.Object({
      bic: Type.String(),
      name: Type.String(),
      role: Type.String({ description: `One of ${ROLES.join(', ')}` }),
      keys: Type.Array(Type.Object(KEY)),
    }),
  ),
});

/** Who takes part and under which keys: with it whoever got a delivery verifies its sender's signature. */
export function addParticipantsRoute(app: GatewayApp, network: string, keys: KeyBook): void {
  app.get(
    '/participants',
    {
      config: { access: 'member' },
      schema: {
        summary: 'Participants, the clearing node, and their public keys',
        description:
          'What the topic `participants` has. Signed by any participant, or by the operator.',
        tags: ['participants'],
        headers: Headers,
        response: {
          200: { description: 'All that have or had a key', content: json(Participants) },
          ...problems(401),
        },
      },
    },
    async () => ({
      node: { name: network, keys: keys.nodeKeys() },
      participants: keys.list(),
    }),
  );
}
