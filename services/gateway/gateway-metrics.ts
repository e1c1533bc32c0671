import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ConnectionBound } from '../live/http-server-bounds.ts';

/** The gateway's figures for Prometheus. Labels are closed sets: no BIC, id or path of a caller. */
export interface GatewayMetrics {
  readonly requests: Counter<'method' | 'route' | 'status'>;
  readonly problems: Counter<'problem'>;
  readonly refusedConnections: Counter<'bound'>;
  readonly accepted: Counter<'type'>;
  readonly acknowledgement: Histogram;
  readonly streams: Gauge;
  readonly ticks: Counter<'pool' | 'outcome'>;
}

const BOUNDS: readonly ConnectionBound[] = ['network', 'all'];

/** @param waiting messages that the log has not acknowledged yet */
export function createMetrics(registry: Registry, waiting: () => number): GatewayMetrics {
  const registers = [registry];
  new Gauge({
    name: 'corridor_gateway_unacknowledged_messages',
    help: 'Messages taken and not yet acknowledged by the log',
    registers,
    collect() {
      this.set(waiting());
    },
  });
  const refusedConnections = new Counter({
    name: 'corridor_gateway_refused_connections_total',
    help: 'Connections closed unread, by the bound that they were beyond: of their network, or of all',
    labelNames: ['bound'],
    registers,
  });
  // They stand at 0 before the first, so that it is seen as an increase.
  for (const bound of BOUNDS) refusedConnections.inc({ bound }, 0);
  return {
    requests: new Counter({
      name: 'corridor_gateway_requests_total',
      help: 'HTTP requests answered, by route and status',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    problems: new Counter({
      name: 'corridor_gateway_problems_total',
      help: 'Answers that are problems, by their name',
      labelNames: ['problem'],
      registers,
    }),
    refusedConnections,
    accepted: new Counter({
      name: 'corridor_gateway_accepted_messages_total',
      help: 'Messages that the log has acknowledged, by message type',
      labelNames: ['type'],
      registers,
    }),
    acknowledgement: new Histogram({
      name: 'corridor_gateway_acknowledgement_seconds',
      help: 'From taking a message to its acknowledgement by the log',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    streams: new Gauge({
      name: 'corridor_gateway_streams',
      help: 'Open streams of server-sent events',
      registers,
    }),
    ticks: new Counter({
      name: 'corridor_gateway_ticks_total',
      help: 'Ticks by what became of them: written, skipped (the clock did not move), held, failed',
      labelNames: ['pool', 'outcome'],
      registers,
    }),
  };
}
