/** The HTTP face of a process for whoever runs it: is it alive, is it ready, its figures. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { HTTP_SERVER_BOUNDS } from '../../live/http-server-bounds.ts';
import type { Health } from './readiness-and-watchdog.ts';

/** Builds the routes without listening, so that they can be tested without a port. */
export function createProbeServer(registry: Registry, health: Health): FastifyInstance {
  const server = Fastify({ ...HTTP_SERVER_BOUNDS, logger: false });
  server.get('/healthz', async () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const faults = health.faults();
    if (faults.length > 0) reply.code(503);
    return { status: faults.length > 0 ? 'not ready' : 'ready', faults };
  });
  server.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
  return server;
}
