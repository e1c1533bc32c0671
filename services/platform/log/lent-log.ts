/**
 * A log that its process lends to those that it starts: an embedded log has one process. They ask over the channel
 * between a process and the one that started it, which ends with either.
 */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { type Log, LogError, type LogErrorKind } from './log.ts';

const LENT = ['topics', 'read', 'startOffset', 'endOffset', 'produce'] as const;
type Lent = (typeof LENT)[number];

interface Asked {
  readonly id: number;
  readonly call: Lent;
  readonly given: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly kind: LogErrorKind; readonly message: string };

/** How `--log` names it. */
export const LENT_LOG = 'lent';
/** How a process is started that is lent a log: bytes pass the channel as they are. */
export const LENDING: SpawnOptions = {
  stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  serialization: 'advanced',
};

/**
 * Answers what a child asks of the log.
 * @param child started as of `LENDING`
 * @param writes the topics that it may write; it may read all
 */
export function lendLog(child: ChildProcess, log: Log, writes: readonly string[]): void {
  const answer = async ({ id, call, given }: Asked): Promise<Answer> => {
    try {
      if (!LENT.includes(call) || (call === 'produce' && !writes.includes(String(given[0]))))
        throw new LogError('optionsInvalid', `${call} ${given[0] ?? ''}: it is not lent for that`);
      const act = log[call] as (...given: readonly unknown[]) => Promise<unknown>;
      return { id, value: await act(...given) };
    } catch (error) {
      const kind = error instanceof LogError ? error.kind : 'storeFailed';
      return { id, kind, message: (error as Error).message };
    }
  };
  child.on('message', (asked: Asked) => {
    void answer(asked).then((one) => {
      // Who has ended meanwhile needs none.
      if (child.connected) child.send(one, () => {});
    });
  });
}

/** The log that the process lends which started this one. @throws LogError `optionsInvalid` where it lends none */
export function borrowLog(): Log {
  if (!process.connected)
    throw new LogError('optionsInvalid', 'expected a process that lends its log to this one');
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  const gone = (id: number): Answer => ({
    ...{ id, kind: 'closed', message: 'whoever lends the log has ended, or it is closed' },
  });
  process.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  process.on('disconnect', () => {
    for (const [id, take] of waiting) take(gone(id));
    waiting.clear();
  });
  async function ask<T>(call: Lent, given: readonly unknown[]): Promise<T> {
    const id = asked++;
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      if (!process.connected) resolve(gone(id));
      else process.send?.({ id, call, given } satisfies Asked);
    });
    if ('kind' in answer) throw new LogError(answer.kind, answer.message);
    return answer.value as T;
  }
  const refused = async (): Promise<never> => {
    throw new LogError('optionsInvalid', 'a log that is lent is not lent for that');
  };
  return {
    topics: (...given) => ask('topics', given),
    read: (...given) => ask('read', given),
    startOffset: (...given) => ask('startOffset', given),
    endOffset: (...given) => ask('endOffset', given),
    produce: (...given) => ask('produce', given),
    ...{ createTopics: refused, missingTopics: refused, deleteBefore: refused },
    ...{ commit: refused, committed: refused, subscribe: refused },
    async close() {
      if (process.connected) process.disconnect();
    },
  };
}
