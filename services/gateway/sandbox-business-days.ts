import { eventsOf } from '../core/settlement/event-reader.ts';
import type { Network } from '../live/network.ts';
import { startLoop } from '../live/retry-loop.ts';
import type {
  LoggedMessage,
  LogPort,
  RunningService,
  ServiceContext,
} from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { poolEvents, poolInput } from '../protocol/names/topic-plan.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { writeControl } from '../protocol/records/input-record.ts';

/**
 * The business days of a sandbox: every currency is open around the clock, for the UTC date, and goes
 * over to the next date at midnight: first all dates close, then the next open. A scenario's own hours
 * belong to its virtual time.
 */
const DAY_MS = 86_400_000;
const LOOK_MS = 500;
const READ_MESSAGES = 256;

const dateOf = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);
const numberOf = (date: string) => Date.parse(date) / DAY_MS;

/**
 * The dates that are open in a pool, days since 1970, by the currency's handle.
 * @param currencies how many the pool has
 */
async function openDates(
  log: LogPort,
  pool: string,
  currencies: number,
): Promise<Map<number, number>> {
  const open = new Map<number, number>();
  const seen = new Set<number>();
  const start = await log.startOffset(poolEvents(pool), 0);
  // Backwards, until each currency's last opening or close was seen.
  let end = await log.endOffset(poolEvents(pool), 0);
  for (; end > start && seen.size < currencies; end -= READ_MESSAGES) {
    const from = Math.max(start, end - READ_MESSAGES);
    const messages: LoggedMessage[] = [];
    for await (const message of recordsOf(log, poolEvents(pool), 0, { from, end }))
      messages.push(message);
    for (const { value } of messages.reverse())
      for (const { kind, currency, date } of eventsOf(value, 'opened', 'closed').reverse()) {
        if (seen.has(currency)) continue;
        seen.add(currency);
        if (kind === 'opened') open.set(currency, date);
      }
  }
  return open;
}

export async function startBusinessDays(
  context: ServiceContext,
  { pools }: Network,
): Promise<RunningService> {
  const days = await Promise.all(
    pools.map(async ({ name, currencies }) => ({
      pool: name,
      currencies,
      open: await openDates(context.log, name, currencies.length),
    })),
  );
  return startLoop(context, async (persistently) => {
    const timeMs = context.nowMs();
    const date = dateOf(timeMs);
    for (const { pool, currencies, open } of days) {
      const closings: ControlRecord[] = [];
      const openings: ControlRecord[] = [];
      for (const [handle, { code: currency }] of currencies.entries()) {
        const before = open.get(handle);
        if (before !== undefined && before >= numberOf(date)) continue;
        open.set(handle, numberOf(date));
        const closesAtMs = (numberOf(date) + 1) * DAY_MS;
        openings.push({ kind: 'open', timeMs, currency, date, closesAtMs });
        if (before !== undefined)
          closings.push({ kind: 'close', timeMs, currency, date: dateOf(before * DAY_MS) });
      }
      const records = [...closings, ...openings];
      if (records.length === 0) continue;
      context.reached('operator.beforeDays');
      await persistently(() =>
        context.log.produce(
          poolInput(pool),
          records.map((record) => ({ key: pool, value: writeControl(record), headers: {} })),
        ),
      );
      context.reached('operator.afterDays');
      context.logger.info({ pool, date }, 'business day opened');
    }
    await context.pause(LOOK_MS);
  });
}
