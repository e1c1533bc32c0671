import { type TSchema, Type } from '@sinclair/typebox';
import type { LoggedMessage } from '../live/ports.ts';
import type { Bic as BicName } from '../protocol/identifiers.ts';
import { CREDIT_TRANSFER } from '../protocol/instruction.ts';
import { QUERY } from '../protocol/query.ts';
import type { FastifyReply, FastifyRequest, GatewayApp } from './app.ts';
import { authenticate, type Reader } from './authentication.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { KeyBook } from './key-book.ts';
import {
  DeliveryItem,
  deliveryItem,
  positionOf,
  readPosition,
  StatusItem,
  statusItem,
} from './mail.ts';
import type { MailRoom } from './mail-room.ts';
import type { Mailbox } from './mailbox.ts';
import { ProblemError } from './problems.ts';
import {
  Bic,
  BicPath,
  PageQuery,
  problems,
  StreamHeaders,
  signedHeaders,
  UetrPath,
} from './schemas.ts';
import { streamMail } from './stream.ts';

export interface MailPorts {
  readonly network: string;
  readonly keys: KeyBook;
  readonly room: MailRoom;
  readonly metrics: GatewayMetrics;
  readonly now: () => number;
  /** Aborted when the gateway closes. */
  readonly closing: AbortSignal;
}

const PAGE_DEFAULT = 100;
/** Readers that wait for something to arrive, pages and streams together, and of them one bank's. */
const WAITING_MAX = 1_000;
const WAITING_PER_BANK_MAX = 16;

const Headers = signedHeaders(Type.Literal(QUERY, { title: QUERY }), Bic);

const Payment = Type.Object({
  uetr: Type.String(),
  state: Type.String({ description: 'TxSts of the latest status: PDNG, ACSC, RJCT or CANC' }),
  final: Type.Boolean(),
  complete: Type.Boolean({
    description: 'False: earlier statuses may be in `GET /banks/{bic}/statuses` alone',
  }),
  statuses: Type.Array(StatusItem),
});

type Kind = 'statuses' | 'deliveries';
interface MailKind {
  readonly item: TSchema;
  readonly read: (record: LoggedMessage) => unknown;
  /** Of its server-sent events. */
  readonly event: string;
}
const KINDS: Readonly<Record<Kind, MailKind>> = {
  statuses: { item: StatusItem, read: statusItem, event: 'status' },
  deliveries: { item: DeliveryItem, read: deliveryItem, event: 'delivery' },
};

export function addMailRoutes(app: GatewayApp, ports: MailPorts): void {
  addPayment(app, ports);
  const waiting = new Waiting();
  for (const kind of Object.keys(KINDS) as Kind[]) {
    addPage(app, ports, kind, waiting);
    addStream(app, ports, kind, waiting);
  }
}

function readerOf(request: FastifyRequest, { network, keys, now }: MailPorts): Reader {
  const { method, url } = request.raw;
  return authenticate(
    { method: method ?? '', target: url ?? '', headers: request.headers },
    network,
    keys,
    now(),
  );
}

/** The bank of the path must be the one that signed. */
function ownReader(request: FastifyRequest, ports: MailPorts, bic: string): Reader {
  const reader = readerOf(request, ports);
  if (reader.bic === bic) return reader;
  throw new ProblemError('notYours', {
    detail: `${reader.bic} may not read what is addressed to ${bic}`,
    field: 'bic',
    value: bic,
    expected: reader.bic,
  });
}

function addPayment(app: GatewayApp, ports: MailPorts): void {
  app.get(
    '/payments/:uetr',
    {
      schema: {
        summary: 'What became of a payment of the bank that signs',
        tags: ['payments'],
        params: UetrPath,
        headers: Headers,
        response: { 200: Payment, ...problems(400, 401, 404, 503) },
      },
    },
    async (request) => {
      const { bic } = readerOf(request, ports);
      const { uetr } = request.params;
      const { records, complete } = await logged(ports.room.statusesOf(bic, uetr));
      const statuses = withoutRepeats(records).map(statusItem);
      const state = standing(statuses);
      if (!state)
        throw new ProblemError('notFound', {
          detail: `${bic} has no status under this UETR: not sent by it, not decided yet, or no longer kept`,
          field: 'uetr',
          value: uetr,
        });
      return { uetr, state, final: FINAL.has(state), complete, statuses };
    },
  );
}

const FINAL: ReadonlySet<string> = new Set(['ACSC', 'RJCT', 'CANC']);

/**
 * The state of the payment itself: a final status stands, and what follows it about the same UETR is
 * a repeat, or the refusal of another payload. A message of another type under the UETR is another.
 */
function standing(statuses: readonly StatusItem[]): string | undefined {
  const own = statuses.filter(({ messageType }) => messageType === CREDIT_TRANSFER);
  const final = own.find(({ status }) => FINAL.has(status));
  return (final ?? own[own.length - 1])?.status;
}

/** After a crash of the notifier a record may come twice. */
function withoutRepeats(records: readonly LoggedMessage[]): LoggedMessage[] {
  const seen = new Set<string>();
  return records.filter(({ headers }) => {
    const event = `${headers.ce_pool}-${headers.ce_eventnumber}`;
    return !seen.has(event) && seen.add(event);
  });
}

function boxOf(room: MailRoom, kind: Kind, bic: BicName): Mailbox {
  return kind === 'statuses' ? room.statuses(bic) : room.deliveries(bic);
}

function addPage(app: GatewayApp, ports: MailPorts, kind: Kind, waiting: Waiting): void {
  const { item, read } = KINDS[kind];
  app.get(
    `/banks/:bic/${kind}`,
    {
      schema: {
        summary: `The ${kind} of the bank that signs, page by page`,
        tags: [kind],
        params: BicPath,
        querystring: PageQuery,
        headers: Headers,
        response: {
          200: Type.Object({
            items: Type.Array(item),
            next: Type.Union([Type.String(), Type.Null()], {
              description: '`from` of the page that follows; null: as in this request',
            }),
          }),
          ...problems(400, 401, 403, 410, 503),
        },
      },
    },
    async (request, reply) => {
      const bic = request.params.bic as BicName;
      const { query } = request;
      ownReader(request, ports, bic);
      const leave = waiting.enter(bic);
      const gone = abortedWith(reply, ports.closing);
      try {
        const box = boxOf(ports.room, kind, bic);
        const from = await logged(box.after(query.from ? readPosition(query.from) : null));
        const records = await logged(
          box.read(from, query.limit ?? PAGE_DEFAULT, query.wait ?? 0, gone),
        );
        const last = records[records.length - 1];
        return {
          items: records.map(read),
          next: last ? positionOf(last) : (query.from ?? null),
        };
      } finally {
        leave();
      }
    },
  );
}

function addStream(app: GatewayApp, ports: MailPorts, kind: Kind, waiting: Waiting): void {
  const { read, event } = KINDS[kind];
  app.get(
    `/banks/:bic/${kind}/stream`,
    {
      schema: {
        summary: `The ${kind} of the bank that signs, as server-sent events`,
        description:
          'Each event has a position as its id; with Last-Event-ID (or `from`) the stream goes on after it, without loss. Events: those of the pages. Comments keep the connection open.',
        tags: [kind],
        params: BicPath,
        querystring: Type.Pick(PageQuery, ['from']),
        headers: Type.Composite([Headers, StreamHeaders]),
        produces: ['text/event-stream'],
        response: { ...problems(400, 401, 403, 410, 503) },
      },
    },
    async (request, reply) => {
      const bic = request.params.bic as BicName;
      const { key } = ownReader(request, ports, bic);
      const position = request.headers['last-event-id'] ?? request.query.from;
      const leave = waiting.enter(bic);
      try {
        const box = boxOf(ports.room, kind, bic);
        const from = await logged(box.after(position ? readPosition(position) : null));
        ports.metrics.streams.inc();
        const gone = abortedWith(reply, ports.closing);
        await streamMail(reply, {
          box,
          from,
          name: event,
          item: read,
          gone,
          mayRead: () => !key.revoked,
        }).finally(() => ports.metrics.streams.dec());
      } finally {
        leave();
      }
      return reply;
    },
  );
}

/** Counts who waits, so that neither one bank nor all together hold the gateway's memory. */
class Waiting {
  #all = 0;
  readonly #byBank = new Map<string, number>();

  /** Returns what to call on leaving. */
  enter(bic: string): () => void {
    const own = this.#byBank.get(bic) ?? 0;
    if (own >= WAITING_PER_BANK_MAX || this.#all >= WAITING_MAX)
      throw new ProblemError('overloaded', {
        detail: `${own >= WAITING_PER_BANK_MAX ? `${bic} has ${own}` : 'there are too many'} open reads`,
        retryAfterSeconds: 1,
      });
    this.#all += 1;
    this.#byBank.set(bic, own + 1);
    return () => {
      this.#all -= 1;
      const left = (this.#byBank.get(bic) ?? 1) - 1;
      if (left > 0) this.#byBank.set(bic, left);
      else this.#byBank.delete(bic);
    };
  }
}

/** Aborted when the reader has gone or the gateway closes. */
function abortedWith(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

/** What fails in the log is told as "try later". */
async function logged<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ProblemError || !(error instanceof Error && error.name === 'LogError'))
      throw error;
    throw new ProblemError('logUnavailable', {
      detail: 'the log cannot be read now',
      retryAfterSeconds: 1,
    });
  }
}
