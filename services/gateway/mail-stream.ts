import type { LoggedMessage } from '../live/service-context.ts';
import type { Mailbox } from './bank-mailbox.ts';
import type { FastifyReply } from './http-server.ts';
import { mailPosition } from './mail-resume-position.ts';

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
  /** How long a reader may leave what was sent unread. */
  readonly unreadMs: number;
}

const BATCH_RECORDS = 100;
/** Of records that are written together; one record may be larger. */
const WRITE_CHARACTERS = 65_536;
/** A reader that takes nothing for so long has gone, whatever its connection says. */
export const UNREAD_MS = 30_000;
/** A comment so often keeps proxies from closing an idle connection. */
const KEEP_ALIVE_MS = 15_000;
/** What a browser's EventSource waits before it comes again. */
const RECONNECT_MS = 1_000;

/**
 * Server-sent events (HTML standard, section 9.2) until the reader goes. What is in memory of a stream
 * that is not read is what was written last (64 Ki characters, or one record): the rest is read again
 * from the log when the connection has taken it. Resolves when it is over; a failure of the log, or a
 * reader that takes nothing, ends the connection, and the reader comes again with its Last-Event-ID. Where it goes on:
 * mail-resume-position.ts.
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
  const place: Place = { next: mail.from, records: BATCH_RECORDS };
  try {
    while (!mail.gone.aborted && mail.mayRead()) {
      const text = await nextText(mail, place);
      if (!mail.mayRead()) break;
      raw.write(text === '' ? ': \n\n' : text);
      // Who reads far back finds all in memory: he would have the thread until he has it all.
      await new Promise<void>((go) => setImmediate(go));
      if (!raw.writableNeedDrain) continue;
      if (await drained(reply, mail)) continue;
      raw.destroy();
      return;
    }
  } catch {
    // The log is away: nothing more can be said on this connection.
  }
  raw.end();
}

interface Place {
  next: number;
  /** So many records are read together: about as many as are written together. */
  records: number;
}

/** What is written next; moves the place on behind it. In a function of its own, so that records go. */
async function nextText(mail: MailStream, place: Place): Promise<string> {
  const records = await mail.box.read(place.next, place.records, KEEP_ALIVE_MS, mail.gone);
  let text = '';
  let written = 0;
  for (const record of records) {
    text += eventText(mail, record);
    written += 1;
    place.next = record.logOffset + 1;
    if (text.length >= WRITE_CHARACTERS) break;
  }
  place.records = Math.min(BATCH_RECORDS, Math.max(1, 2 * written));
  return text;
}

function eventText({ name, item }: MailStream, record: LoggedMessage): string {
  return `event: ${name}\nid: ${mailPosition(record)}\ndata: ${JSON.stringify(item(record))}\n\n`;
}

/** Whether the connection took what was written, or is over; false where it did not in time. */
function drained({ raw }: FastifyReply, { gone, unreadMs }: MailStream): Promise<boolean> {
  if (gone.aborted) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (inTime: boolean) => {
      clearTimeout(timer);
      raw.off('drain', onDrain);
      gone.removeEventListener('abort', onDrain);
      resolve(inTime);
    };
    const onDrain = () => end(true);
    const timer = setTimeout(() => end(false), unreadMs);
    raw.once('drain', onDrain);
    gone.addEventListener('abort', onDrain);
  });
}
