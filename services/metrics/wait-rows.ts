import type { WaitBook } from '../analysis/waits/wait-book.ts';
import type { WaitKind } from '../analysis/waits/waiting-message.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/directory.ts';
import { clickHouseTime } from './store-rows.ts';

/** What of a bank's account waits for one reason: a row of `waits` (infra/clickhouse). */
export interface WaitRecord {
  readonly run: string;
  readonly pool: string;
  readonly event_number: number;
  readonly time: string;
  /** Empty in the row that says that nothing waits. */
  readonly participant: string;
  readonly currency: string;
  readonly kind: WaitKind | '';
  readonly count: number;
  readonly value_minor: string;
  readonly oldest_since: string;
}

interface Sum {
  readonly participant: number;
  readonly currency: number;
  readonly kind: WaitKind;
  count: number;
  value: bigint;
  sinceMs: number;
}

/**
 * What waits in a pool as of the book's last event, by bank, account debited and reason. There is a row at least:
 * where nothing waits one says so.
 */
export function waitRows(
  book: WaitBook,
  directory: DirectoryNames,
  { run, pool }: { readonly run: string; readonly pool: string },
): WaitRecord[] {
  const sums = new Map<string, Sum>();
  for (const message of book.messages()) {
    const { sender: participant, currency, amount, sinceMs } = message;
    const { kind } = book.waitOf(message);
    const key = `${participant} ${currency} ${kind}`;
    const sum = sums.get(key) ?? { participant, currency, kind, count: 0, value: 0n, sinceMs };
    sum.count += 1;
    sum.value += amount;
    sum.sinceMs = Math.min(sum.sinceMs, sinceMs);
    sums.set(key, sum);
  }
  const time = clickHouseTime(book.timeMs);
  const place = { run, pool, event_number: book.number, time };
  if (sums.size === 0)
    return [
      {
        ...place,
        ...{ participant: '', currency: '', kind: '', count: 0, value_minor: '0' },
        oldest_since: time,
      },
    ];
  return [...sums.values()].map(({ participant, currency, kind, count, value, sinceMs }) => ({
    ...place,
    participant: bicOf(directory, participant),
    currency: currencyOf(directory, currency),
    ...{ kind, count, value_minor: value.toString() },
    oldest_since: clickHouseTime(sinceMs),
  }));
}
