/** What the services of one process share: logger, figures, probes, and their HTTP face. How a process begins and ends: service-start-and-shutdown.ts. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger as PinoLogger } from 'pino';
import type { Registry } from 'prom-client';
import type { Log } from '../log/log.ts';
import { letOldObjectsGrow } from './garbage-collection.ts';
import { openLogFile, sayOnStderr } from './log-file.ts';
import { createProbeServer } from './probe-server.ts';
import { createFigures, createRegistry } from './prometheus-figures.ts';
import { createHealth, type Health } from './readiness-and-watchdog.ts';

export interface ProcessOptions {
  readonly log: Log;
  readonly logger: PinoLogger;
  readonly stallMs: number;
  /** Fault tests end the process at a point; by default nothing happens there. */
  readonly reached?: (point: string) => void;
}

export interface ServiceProcess {
  readonly logger: PinoLogger;
  readonly registry: Registry;
  readonly health: Health;
  /** Everything that a service needs; see services/live/service-context.ts. */
  context(service: string, pool?: string): ReturnType<typeof createContext>;
  /** Serves the probes; returns the URL. */
  listen(host: string, port: number): Promise<string>;
  close(): Promise<void>;
}

const monotonicMs = () => performance.now();

function createContext(
  { log, logger, reached = () => {} }: ProcessOptions,
  registry: Registry,
  health: Health,
  service: string,
  pool: string,
) {
  const child = logger.child(pool === '' ? { service } : { service, pool });
  return {
    log,
    logger: {
      info: (fields: object, text: string) => child.info(fields, text),
      warn: (fields: object, text: string) => child.warn(fields, text),
      error: (fields: object, text: string) => child.error(fields, text),
    },
    figures: createFigures(registry, { service, pool }),
    probes: health.of(pool === '' ? service : `${service}(${pool})`),
    nowMs: Date.now,
    elapsedMs: monotonicMs,
    pause: (ms: number) => pause(ms),
    reached,
  };
}

export function createServiceProcess(options: ProcessOptions): ServiceProcess {
  const { logger, stallMs } = options;
  letOldObjectsGrow();
  const registry = createRegistry();
  const health = createHealth({ registry, logger, stallMs, elapsedMs: monotonicMs });
  const server = createProbeServer(registry, health);
  return {
    logger,
    registry,
    health,
    context: (service, pool = '') => createContext(options, registry, health, service, pool),
    async listen(host, port) {
      health.start();
      return server.listen({ host, port });
    },
    async close() {
      health.stop();
      await server.close();
    },
  };
}

/** JSON lines on stdout. What is logged is chosen field by field, so nothing secret comes near it. */
export function createLogger(level: string): PinoLogger {
  const tell = (reason: string) =>
    sayOnStderr(`stdout cannot be written, all else goes on: ${reason}`);
  return openLogFile(process.stdout.fd, tell, level).logger;
}
