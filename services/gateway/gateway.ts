/** The gateway put together from its routes. `POST /payments`: routes-payments.ts; what writes it to the log: intake-back-pressure.ts. */
import { setMaxListeners } from 'node:events';
import type { Registry } from 'prom-client';
import { CosignedCheckpoints } from '../evidence/cosigned-checkpoints.ts';
import type { Logger } from '../live/service-context.ts';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import { CLOCKS_APART_MS } from '../protocol/names/time-windows-and-clocks.ts';
import { establishOwnReader, establishReader } from './bank-reads-its-own.ts';
import { CaseDesk } from './case-desk.ts';
import { CommandBook } from './command-outcomes.ts';
import { Door, type DoorLimits } from './door-signatures-and-rate-limits.ts';
import { createMetrics } from './gateway-metrics.ts';
import { createApp, type GatewayApp } from './http-server.ts';
import { INTAKE_LIMITS, Intake, type IntakeLimits } from './intake-back-pressure.ts';
import { KeyBook } from './key-book.ts';
import { type GatewayLog, logged } from './log-port-and-try-later.ts';
import { UNREAD_MS } from './mail-stream.ts';
import { MailRoom } from './mail-subscription.ts';
import { NO_LOGS, type PoolLogs } from './payment-receipt.ts';
import { PoolAccounts } from './pool-accounts.ts';
import { PoolInput } from './pool-input-and-clock.ts';
import { PoolQueues } from './pool-queues.ts';
import { QuoteBoard } from './quote-board.ts';
import { checkAccess } from './route-access.ts';
import { addAccountsRoute } from './routes-accounts.ts';
import { addCasesRoute } from './routes-cases.ts';
import { addOutcomeRoute } from './routes-command-outcome.ts';
import { addContractRoutes } from './routes-contracts.ts';
import { addEvidenceRoutes, addReceiptRoute } from './routes-evidence.ts';
import { addChallengeRoute } from './routes-key-challenge.ts';
import { addMailRoutes } from './routes-mail.ts';
import {
  addOperatorKeysRoute,
  addOperatorRoutes,
  establishCommand,
  establishKeyCommand,
  establishOperator,
} from './routes-operator.ts';
import { addParticipantsRoute } from './routes-participants.ts';
import { addIntakeRoute, addPaymentRoute } from './routes-payments.ts';
import { addQueueRoute } from './routes-queue.ts';
import { addQuotesRoute } from './routes-quotes.ts';
import { Clockwork, type MarketHours } from './ticks-and-openings.ts';

export interface GatewayPorts {
  readonly network: string;
  readonly version: string;
  readonly pools: readonly string[];
  readonly log: GatewayLog;
  /** Wall clock, ms since 1970. */
  readonly now: () => number;
  /** Of a clock that never goes back. */
  readonly elapsedMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly registry: Registry;
  readonly logger: Logger;
  /** A name of this gateway's own among the network's gateways. */
  readonly name: string;
  readonly intake?: Partial<IntakeLimits>;
  /** How long a stream may be left unread; 30 s. */
  readonly unreadMs?: number;
  readonly door?: Partial<DoorLimits>;
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed; default: none. */
  readonly trustedProxies?: readonly string[];
  readonly indexBytesMax?: number;
  readonly startRecords?: number;
  /** How far the clock may be ahead of a pool's time before the operator must accept it; default CLOCKS_APART_MS. */
  readonly clockJumpMaxMs?: number;
  /** Openings and closes that the gateway writes; default: none, the operator commands them. */
  readonly hours?: readonly MarketHours[];
  /** Verifier keys of the pools' transparency logs; default: no pool has one. */
  readonly logKeys?: ReadonlyMap<string, string>;
  /** Their files; default: there are none here. */
  readonly logs?: PoolLogs;
  /** The policy of the network (tlog-policy): receipts have a checkpoint that its witnesses cosigned; default: the log's alone. */
  readonly policy?: string;
  /** Told before and after each write; see services/live/service-context.ts. */
  readonly reached?: (point: string) => void;
}

export interface Gateway {
  readonly app: GatewayApp;
  /** Its `step` is to be called every TICK_MS. */
  readonly clockwork: Clockwork;
  /** Its reader of statuses, deliveries and keys, for a watchdog. */
  readonly mail: {
    readonly position: number;
    end(): Promise<number>;
    nextRecord(): Promise<number | null>;
  };
  /** Null: it has no policy. */
  readonly cosigned: CosignedCheckpoints | null;
  /** Ends streams and waiting reads, then the app. Idempotent. */
  close(): Promise<void>;
}

/**
 * The gateway without a port of its own: `app.listen` opens one, `app.inject` needs none. Rejects
 * where the log cannot be read.
 */
export async function buildGateway(ports: GatewayPorts): Promise<Gateway> {
  const { network, log, logger } = ports;
  const intake = new Intake(log, logger, ports.intake, ports.reached);
  const metrics = createMetrics(ports.registry, () => intake.waiting);
  const keys = new KeyBook();
  const room = new MailRoom({
    log,
    logger,
    keys,
    group: `gateway.${ports.name}`,
    reached: ports.reached,
    ...(ports.indexBytesMax !== undefined && { indexBytesMax: ports.indexBytesMax }),
    ...(ports.startRecords !== undefined && { startRecords: ports.startRecords }),
  });
  const closing = new AbortController();
  // Every open read listens to it.
  setMaxListeners(0, closing.signal);
  const { app, complete } = await createApp(
    network,
    ports.version,
    logger,
    metrics,
    ports.trustedProxies,
  );
  const pools = ports.pools.map(
    (pool) => new PoolInput(pool, log, ports.clockJumpMaxMs ?? CLOCKS_APART_MS, ports.reached),
  );
  const clockwork = new Clockwork(pools, ports.hours ?? [], { now: ports.now, logger, metrics });
  const commanding = {
    network,
    pools,
    logger,
    book: new CommandBook(log, ports.elapsedMs),
    cases: new CaseDesk(log, ports.pools),
    log,
    now: ports.now,
    ackTimeoutMs: ports.intake?.ackTimeoutMs ?? INTAKE_LIMITS.ackTimeoutMs,
  };
  const reading = {
    ...{ network, keys, room, metrics, now: ports.now, closing: closing.signal },
    unreadMs: ports.unreadMs ?? UNREAD_MS,
  };
  checkAccess(app, {
    everyone: null,
    sender: null,
    participant: (request) => establishReader(request, reading),
    member: (request) =>
      request.headers['ce-source'] === OPERATOR
        ? establishOperator(request, commanding)
        : establishReader(request, reading),
    bank: (request) => establishOwnReader(request, reading),
    keyOwner: (request) => establishKeyCommand(request, commanding, keys),
    operator: (request) => establishCommand(request, commanding),
    operatorReads: (request) => establishOperator(request, commanding),
  });
  const door = new Door(
    { network, keys, readKeys: () => logged(room.readKeys()), now: ports.now, pause: ports.pause },
    ports.door,
  );
  addIntakeRoute(app, door, intake, metrics);
  addOperatorRoutes(app, commanding);
  addOperatorKeysRoute(app, commanding);
  addCasesRoute(app, commanding.cases);
  addOutcomeRoute(app, {
    ...{ book: commanding.book, cases: commanding.cases, closing: closing.signal },
    pools,
  });
  addChallengeRoute(app, ports.now);
  addParticipantsRoute(app, ports.network, keys);
  addQuotesRoute(app, new QuoteBoard(log), ports.now);
  addPaymentRoute(app, reading);
  addMailRoutes(app, reading);
  const { logs = NO_LOGS, logKeys = new Map<string, string>() } = ports;
  const cosigned = ports.policy === undefined ? null : new CosignedCheckpoints(log, ports.policy);
  const evidence = { network, log, keys, logs, logKeys, cosigned };
  addEvidenceRoutes(app, evidence);
  addReceiptRoute(app, reading, evidence);
  addContractRoutes(app);
  const accounts = ports.pools.map((pool) => new PoolAccounts(pool, log));
  addAccountsRoute(app, accounts);
  const queues = ports.pools.map((pool) => new PoolQueues(pool, log));
  addQueueRoute(app, queues);
  complete();
  await room.start();
  let closed: Promise<void> | undefined;
  return {
    app,
    clockwork,
    mail: room,
    cosigned,
    close() {
      closing.abort();
      closed ??= app
        .close()
        .then(() =>
          Promise.all([room.close(), ...[...accounts, ...queues].map((pool) => pool.close())]),
        )
        .then(() => {});
      return closed;
    },
  };
}
