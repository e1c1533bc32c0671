import type { WaitKind } from '../analysis/waits/waiting-message.ts';
import type { WaitingRecords } from '../analysis/waits/waiting-records.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/handles-to-names.ts';
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
  /** Of what waits for the condition of its chain, for whom; else empty. */
  readonly awaited: string;
  readonly count: number;
  readonly value_minor: string;
  readonly oldest_since: string;
}

interface Sum {
  readonly participant: number;
  readonly currency: number;
  readonly kind: WaitKind;
  readonly awaited: string;
  count: number;
  value: bigint;
  sinceMs: number;
}

/**
 * What waits in a pool as of the last event, by bank, account debited, reason, and whom it waits for. There is a row at
 * least: where nothing waits one says so.
 */
export function waitRows(
  waiting: WaitingRecords,
  directory: DirectoryNames,
  { run, pool }: { readonly run: string; readonly pool: string },
): WaitRecord[] {
  const { book } = waiting;
  const nameOf = (handle: number) => bicOf(directory, handle);
  const sums = new Map<string, Sum>();
  for (const message of book.messages()) {
    const { sender: participant, currency, amount, sinceMs, position } = message;
    const { kind } = book.waitOf(message);
    const awaited = kind === 'condition' ? waiting.awaitedBy(position, nameOf) : '';
    const key = `${participant} ${currency} ${kind} ${awaited}`;
    const sum = sums.get(key) ?? {
      ...{ participant, currency, kind, awaited },
      ...{ count: 0, value: 0n, sinceMs },
    };
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
        ...{ participant: '', currency: '', kind: '', awaited: '', count: 0, value_minor: '0' },
        oldest_since: time,
      },
    ];
  return [...sums.values()].map(({ participant, currency, value, sinceMs, ...sum }) => ({
    ...place,
    participant: bicOf(directory, participant),
    currency: currencyOf(directory, currency),
    ...{ kind: sum.kind, awaited: sum.awaited, count: sum.count, value_minor: value.toString() },
    oldest_since: clickHouseTime(sinceMs),
  }));
}
