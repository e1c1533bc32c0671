import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { CHALLENGE_VALID_MS, challengeOf } from '../protocol/messages/key-possession.ts';
import { CHALLENGE_PATTERN } from '../protocol/records/control-record.ts';
import type { GatewayApp } from './http-server.ts';
import { json, problems } from './request-schemas.ts';

const Challenge = Type.Object({
  challenge: Type.String({ pattern: CHALLENGE_PATTERN }),
  expiresAtMs: Type.Integer({ description: 'Registered until then, ms since 1970' }),
});

/** A challenge for whoever is to prove that he has a key. Nothing is kept of it. */
export function addChallengeRoute(app: GatewayApp, now: () => number): void {
  app.get(
    '/participants/challenge',
    {
      config: { access: 'everyone' },
      schema: {
        summary: 'A challenge that a new key signs',
        description:
          'The operator gives it to the bank, whose new key signs it, and puts both into the command that registers the key: docs/http.md, Keys.',
        tags: ['participants'],
        response: {
          200: {
            description: 'A new challenge',
            headers: { 'cache-control': Type.Literal('no-store') },
            content: json(Challenge),
          },
          ...problems(),
        },
      },
    },
    async (_request, reply) => {
      const atMs = now();
      const challenge = challengeOf(atMs, randomUUID().replaceAll('-', ''));
      return reply
        .header('cache-control', 'no-store')
        .send({ challenge, expiresAtMs: atMs + CHALLENGE_VALID_MS });
    },
  );
}
