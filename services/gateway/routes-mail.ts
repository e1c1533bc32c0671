/**
 * What banks read over HTTP: statuses, deliveries and statements, page by page or as they come (mail-stream.ts). Who
 * may read: reader-signature.ts; that a key is revoked while its reader waits ends a page here and a stream there.
 */
import { type TSchema, Type } from '@sinclair/typebox';
import type { LoggedMessage } from '../live/service-context.ts';
import type { Bic as BicName } from '../protocol/names/bic-and-uetr.ts';
import { whileOpen } from './abort-when-closed.ts';
import type { Mailbox } from './bank-mailbox.ts';
import { QueryHeaders, type ReadingPorts, readerOf } from './bank-reads-its-own.ts';
import type { GatewayApp } from './http-server.ts';
import { logged } from './log-port-and-try-later.ts';
import {
  DeliveryItem,
  deliveryItem,
  StatementItem,
  StatusItem,
  statementItem,
  statusItem,
} from './mail-items.ts';
import { OpenReads } from './mail-reads-at-once.ts';
import { mailPosition, POSITION_PATTERN, readPosition } from './mail-resume-position.ts';
import { streamMail } from './mail-stream.ts';
import type { MailRoom } from './mail-subscription.ts';
import { refuseRevoked } from './reader-signature.ts';
import { BicPath, json, problems } from './request-schemas.ts';

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1_000;
const WAIT_MS_MAX = 30_000;

export const PageQuery = Type.Object({
  from: Type.Optional(
    Type.String({
      description: 'Go on after this position: `next` of the page before. Default: the first kept.',
      pattern: POSITION_PATTERN,
      title: 'the position of an item or the `next` of a page',
    }),
  ),
  wait: Type.Optional(
    Type.Integer({
      description: 'Where there is nothing yet: wait so many ms for the first item',
      minimum: 0,
      maximum: WAIT_MS_MAX,
      title: `a number of ms from 0 to ${WAIT_MS_MAX}`,
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: PAGE_MAX, title: `a number from 1 to ${PAGE_MAX}` }),
  ),
});

const StreamHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      description: 'The id of the last event that was received',
      pattern: POSITION_PATTERN,
      title: 'the id of an event of this stream',
    }),
  ),
});

type Kind = 'statuses' | 'deliveries' | 'statements';
interface MailKind {
  readonly item: TSchema;
  readonly read: (record: LoggedMessage) => unknown;
  /** Of its server-sent events. */
  readonly event: string;
}
const KINDS: Readonly<Record<Kind, MailKind>> = {
  statuses: { item: StatusItem, read: statusItem, event: 'status' },
  deliveries: { item: DeliveryItem, read: deliveryItem, event: 'delivery' },
  statements: { item: StatementItem, read: statementItem, event: 'statement' },
};

export function addMailRoutes(app: GatewayApp, ports: ReadingPorts): void {
  const pages = new OpenReads('pages');
  const streams = new OpenReads('streams');
  for (const kind of Object.keys(KINDS) as Kind[]) {
    addPage(app, ports, kind, pages);
    addStream(app, ports, kind, streams);
  }
}

function boxOf(room: MailRoom, kind: Kind, bic: BicName): Mailbox {
  return room[kind](bic);
}

function addPage(app: GatewayApp, ports: ReadingPorts, kind: Kind, open: OpenReads): void {
  const { item, read } = KINDS[kind];
  const Page = Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], {
      description: '`from` of the page that follows; null: as in this request',
    }),
  });
  app.get(
    `/banks/:bic/${kind}`,
    {
      config: { access: 'bank' },
      schema: {
        summary: `The ${kind} of the bank that signs, page by page`,
        tags: [kind],
        params: BicPath,
        querystring: PageQuery,
        headers: QueryHeaders,
        response: {
          200: { description: 'A page, empty where there is nothing yet', content: json(Page) },
          ...problems(401, 403, 410),
        },
      },
    },
    async (request, reply) => {
      const reader = readerOf(request);
      const { bic } = reader;
      const { query } = request;
      const leave = open.enter(bic);
      const gone = whileOpen(reply.raw, ports.closing);
      try {
        const box = boxOf(ports.room, kind, bic);
        const from = await logged(box.after(readPosition(query.from)));
        const records = await logged(
          box.read(from, query.limit ?? PAGE_DEFAULT, query.wait ?? 0, gone),
        );
        refuseRevoked(reader);
        const last = records[records.length - 1];
        return {
          items: records.map(read),
          next: last ? mailPosition(last) : (query.from ?? null),
        };
      } finally {
        leave();
      }
    },
  );
}

function addStream(app: GatewayApp, ports: ReadingPorts, kind: Kind, open: OpenReads): void {
  const { read, event } = KINDS[kind];
  app.get(
    `/banks/:bic/${kind}/stream`,
    {
      config: { access: 'bank' },
      schema: {
        summary: `The ${kind} of the bank that signs, as server-sent events`,
        description:
          'Each event has a position as its id; with Last-Event-ID (or `from`) the stream goes on after it, without loss. Events: those of the pages. Comments keep the connection open.',
        tags: [kind],
        params: BicPath,
        querystring: Type.Pick(PageQuery, ['from']),
        headers: Type.Composite([QueryHeaders, StreamHeaders]),
        response: {
          200: {
            description: 'The stream, until the reader goes or the gateway closes',
            headers: { 'cache-control': Type.Literal('no-store') },
            content: { 'text/event-stream': { schema: eventStream(kind, event) } },
          },
          ...problems(401, 403, 410),
        },
      },
    },
    async (request, reply) => {
      const { bic, key } = readerOf(request);
      const { 'last-event-id': last } = request.headers;
      const leave = open.enter(bic);
      try {
        const box = boxOf(ports.room, kind, bic);
        const from = await logged(
          box.after(
            readPosition(last ?? request.query.from, last === undefined ? 'from' : 'last-event-id'),
          ),
        );
        ports.metrics.streams.inc();
        const gone = whileOpen(reply.raw, ports.closing);
        await streamMail(reply, {
          box,
          from,
          name: event,
          item: read,
          gone,
          mayRead: () => !key.revoked,
          unreadMs: ports.unreadMs,
        }).finally(() => ports.metrics.streams.dec());
      } finally {
        leave();
      }
      return reply;
    },
  );
}

/** A description for people: OpenAPI 3.1 has no schema for what the events of a stream carry. */
const eventStream = (kind: Kind, event: string) =>
  Type.String({
    description: `Server-sent events (HTML standard, section 9.2) named \`${event}\`. \`data\` is one item of \`GET /banks/{bic}/${kind}\` as JSON on one line, \`id\` its \`position\`.`,
  });
