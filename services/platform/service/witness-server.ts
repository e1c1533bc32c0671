/** The HTTP face of a witness: `POST /add-checkpoint` of c2sp.org/tlog-witness, and nothing else. */
import Fastify, { type FastifyInstance } from 'fastify';
import { boundConnections, HTTP_SERVER_BOUNDS } from '../../live/http-server-bounds.ts';

/** A proof of 63 lines, and a checkpoint with a hundred signatures. */
const BODY_BYTES_MAX = 1 << 16;

interface PlainAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Builds the route without listening. @param answer what a body is answered with, kept before it returns */
export function createWitnessServer(answer: (body: string) => PlainAnswer): FastifyInstance {
  const server = Fastify({ ...HTTP_SERVER_BOUNDS, logger: false, bodyLimit: BODY_BYTES_MAX });
  boundConnections(server.server);
  server.removeAllContentTypeParsers();
  // Whatever a client calls it, or calls it nothing: a body is what the standard says.
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  server.post('/add-checkpoint', async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
    const { status, contentType, body: text } = answer(body);
    return reply.code(status).type(contentType).send(text);
  });
  return server;
}
