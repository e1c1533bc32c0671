import type { LoggedMessage } from '../live/ports.ts';
import type { FastifyReply } from './app.ts';
import { positionOf } from './mail.ts';
import type { Mailbox } from './mailbox.ts';

export interface MailStream {
  readonly box: Mailbox;
  /** Offset of the first record to be sent. */
  readonly from: number;
  /** Name of its events. */
  readonly name: string;
  readonly item: (record: LoggedMessage) => unknown;
  /** Aborted when the reader has gone or the gateway closes. */
  readonly gone: AbortSignal;
  /** Asked before each batch: a revoked key ends the stream. */
  readonly mayRead: () => boolean;
}

const BATCH_RECORDS = 100;
/** A comment so often keeps proxies from closing an idle connection. */
const KEEP_ALIVE_MS = 15_000;
/** What a browser's EventSource waits before it comes again. */
const RECONNECT_MS = 1_000;

/**
 * Server-sent events (HTML standard, section 9.2) until the reader goes. One batch is in memory at a
 * time: the next is read when the connection has taken the one before. Resolves when it is over; a
 * failure of the log ends the connection, and the reader comes again with its Last-Event-ID.
 */
export async function streamMail(reply: FastifyReply, mail: MailStream): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(`retry: ${RECONNECT_MS}\n\n`);
  let next = mail.from;
  try {
    while (!mail.gone.aborted && mail.mayRead()) {
      const records = await mail.box.read(next, BATCH_RECORDS, KEEP_ALIVE_MS, mail.gone);
      if (!mail.mayRead()) break;
      const text = records.map((record) => eventText(mail, record)).join('');
      const last = records[records.length - 1];
      if (last) next = last.logOffset + 1;
      if (!raw.write(text === '' ? ': \n\n' : text)) await drained(reply, mail.gone);
    }
  } catch {
    // The log is away: nothing more can be said on this connection.
  }
  raw.end();
}

function eventText({ name, item }: MailStream, record: LoggedMessage): string {
  return `event: ${name}\nid: ${positionOf(record)}\ndata: ${JSON.stringify(item(record))}\n\n`;
}

function drained({ raw }: FastifyReply, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      raw.off('drain', end);
      gone.removeEventListener('abort', end);
      resolve();
    };
    raw.once('drain', end);
    gone.addEventListener('abort', end);
  });
}
