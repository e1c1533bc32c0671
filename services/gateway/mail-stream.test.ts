import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { LoggedMessage } from '../live/service-context.ts';
import type { FastifyReply } from './http-server.ts';
import { type MailStream, streamMail } from './mail-stream.ts';

const RECORDS = 1_000;

/** A mailbox that has all in memory, and a reader that goes when it has all. */
function reading(isFull: () => boolean) {
  const gone = new AbortController();
  const texts: string[] = [];
  const raw = new (class extends EventEmitter {
    writeHead() {}
    write(text: string) {
      texts.push(text);
      return !isFull();
    }
    get writableNeedDrain() {
      return isFull();
    }
    end() {}
    destroy() {}
  })();
  const read = async (from: number, max: number) => {
    if (from >= RECORDS) gone.abort();
    return Array.from(
      { length: Math.min(max, RECORDS - from) },
      (_, at) => ({ logOffset: from + at, headers: {} }) as LoggedMessage,
    );
  };
  const mail = {
    ...{ from: 0, name: 'status', gone: gone.signal, unreadMs: 200 },
    box: { read } as unknown as MailStream['box'],
    item: ({ logOffset }: LoggedMessage) => ({ logOffset }),
    mayRead: () => true,
  };
  const done = streamMail({ raw, hijack() {} } as unknown as FastifyReply, mail);
  return { texts, raw, done };
}
const itemsOf = (texts: readonly string[]) => texts.join('').match(/"logOffset":\d+/g) ?? [];

test('who reads far back lets others have the thread between what is written together', async () => {
  const { texts, done } = reading(() => false);
  let others = 0;
  let isOver = false;
  const other = () => {
    others += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  await done;
  isOver = true;
  assert.equal(itemsOf(texts).length, RECORDS);
  assert.ok(others >= RECORDS / 100 - 1, `${others} turns`);
});

test('a connection that takes what was written while others had the thread is not waited for', async () => {
  let full = 0;
  const { texts, raw, done } = reading(() => full > 0);
  full = 1;
  setImmediate(() => {
    full = 0;
    raw.emit('drain');
  });
  await done;
  assert.equal(itemsOf(texts).length, RECORDS);
});
