/**
 * SimCash's payments as it ran them: its events, as `Orchestrator.get_all_events()` or its HTTP interface
 * gives them (JSON lines, a list, or `{"events": [...]}`), or its table `transactions` as CSV. Its
 * `--event-stream` prints eight letters of an id and no JSON, though its manual shows JSON.
 */
import { csvRows } from '../scenario/csv-table.ts';
import { formatValue, ScenarioError } from '../scenario/scenario-error.ts';

export interface SimcashPayment {
  /** For messages: where it stands. */
  readonly place: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amountMinor: bigint;
  /** Counted from 0 over all days. */
  readonly tick: number;
  readonly priority: number;
  readonly hasDeadline: boolean;
  /** With the place that says so; null: it never settled, or nobody says. */
  readonly settled: { readonly tick: number; readonly place: string } | null;
}

export interface SimcashStream {
  readonly payments: readonly SimcashPayment[];
  /** Payments that a policy split: SimCash settled parts of them. */
  readonly split: number;
  /** Payments that its policies held for some ticks before sending them. */
  readonly held: number;
  /** Places of settlements of payments without an arrival. */
  readonly unknown: readonly string[];
}

/** @throws ScenarioError naming file, line or place, value and expectation */
export const readSimcashPayments = (file: string, text: string): SimcashStream =>
  /\.csv$/i.test(file) ? fromTable(file, text) : fromEvents(file, text);

interface Placed {
  readonly event: Readonly<Record<string, unknown>>;
  readonly place: string;
}

function placedEvents(file: string, text: string): Placed[] {
  const asRecord = (value: unknown, place: string): Placed => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ScenarioError(
        `${place}: ${formatValue(value)}: expected an event of SimCash as JSON`,
      );
    return { event: value as Placed['event'], place };
  };
  const json = (line: string, place: string): unknown => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw new ScenarioError(
        `${place}: ${formatValue(line)}: expected JSON (${(error as Error).message}); SimCash’s --event-stream prints none: write json.dumps of each of orch.get_all_events(), or its table transactions as CSV`,
      );
    }
  };
  const trimmed = text.trim();
  const isOne = trimmed.startsWith('[') || /^\{\s*"events"/.test(trimmed);
  if (isOne) {
    const whole = json(trimmed, file);
    const list = Array.isArray(whole) ? whole : (whole as { events: unknown }).events;
    if (!Array.isArray(list))
      throw new ScenarioError(`${file}: events: ${formatValue(list)}: expected a list of events`);
    const { total_count: total } = whole as { total_count?: number };
    if (total !== undefined && total > list.length)
      throw new ScenarioError(
        `${file}: ${list.length} of ${total} events: expected all of them; raise the request's limit`,
      );
    return list.map((one, index) => asRecord(one, `${file}: events[${index}]`));
  }
  return text
    .split('\n')
    .map((line, index) => ({ line, place: `${file}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, place }) => asRecord(json(line, place), place));
}

const MOST = Number.MAX_SAFE_INTEGER;
const wholeIn = ({ event, place }: Placed, key: string, least: number): number => {
  const value = event[key];
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    // What JSON made of more digits stands nowhere in the file.
    const isRounded = typeof value === 'number' && value > MOST;
    const found = isRounded ? `a number above ${MOST}` : formatValue(value);
    throw new ScenarioError(
      `${place}: ${key}: ${found}: expected a whole number of ${least} or more${Number(value) > MOST ? `, at most ${MOST}` : ''}`,
    );
  }
  return value as number;
};
const textIn = ({ event, place }: Placed, ...keys: readonly string[]): string => {
  const value = keys.map((key) => event[key]).find((one) => one !== undefined);
  if (typeof value !== 'string' || value === '')
    throw new ScenarioError(`${place}: ${keys[0]}: ${formatValue(value)}: expected a text`);
  return value;
};

/** What says that one payment has settled. Its manual and its program name some otherwise. */
const SETTLES_ONE = ['RtgsImmediateSettlement', 'Queue2LiquidityRelease', 'RtgsQueue2Settle'];
const SETTLES_SEVERAL = ['LsmBilateralOffset', 'LsmCycleSettlement'];
const OFFSETS = 'EntryDispositionOffset';
const ARRIVALS = ['Arrival', 'TransactionArrival'];
/** SimCash makes such an id for a ScheduledSettlement, which has no arrival. */
const SCHEDULED = 'scheduled_settlement_';

interface Settlement extends NonNullable<SimcashPayment['settled']> {
  /** As the event has it; undefined: it has none. */
  readonly amount?: unknown;
}

/** When a payment settled, or the last of its parts, which may be split again; null: not all of them did. */
function lastOf(
  id: string,
  settledAt: ReadonlyMap<string, Settlement>,
  children: ReadonlyMap<string, readonly string[]>,
): SimcashPayment['settled'] {
  const own = settledAt.get(id);
  if (own !== undefined) return { tick: own.tick, place: own.place };
  const parts = children.get(id)?.map((part) => lastOf(part, settledAt, children)) ?? [];
  return parts.reduce(
    (last, part) => part && last && (part.tick > last.tick ? part : last),
    parts[0] ?? null,
  );
}

function fromEvents(file: string, text: string): SimcashStream {
  const arrivals = new Map<string, Omit<SimcashPayment, 'settled'>>();
  const settledAt = new Map<string, Settlement>();
  const children = new Map<string, readonly string[]>();
  const settle = (id: string, placed: Placed, amount?: unknown) => {
    const earlier = settledAt.get(id);
    if (earlier)
      throw new ScenarioError(
        `${placed.place}: tx_id: ${formatValue(id)}: expected one settlement of it, ${earlier.place} is another`,
      );
    settledAt.set(id, { tick: wholeIn(placed, 'tick', 0), place: placed.place, amount });
  };
  const submittedAt = new Map<string, number>();
  for (const placed of placedEvents(file, text)) {
    const { event, place } = placed;
    const type = textIn(placed, 'event_type');
    if (ARRIVALS.includes(type)) {
      const id = textIn(placed, 'tx_id');
      if (arrivals.has(id))
        throw new ScenarioError(`${place}: tx_id: ${formatValue(id)}: expected one arrival of it`);
      arrivals.set(id, {
        place,
        debtor: textIn(placed, 'sender_id'),
        creditor: textIn(placed, 'receiver_id'),
        amountMinor: BigInt(wholeIn(placed, 'amount', 1)),
        tick: wholeIn(placed, 'tick', 0),
        priority: event.priority === undefined ? 5 : wholeIn(placed, 'priority', 0),
        hasDeadline: true,
      });
    } else if (SETTLES_ONE.includes(type)) {
      const own = textIn(placed, 'tx_id');
      // Two of one tick, banks and amount have one id.
      const isScheduled = own.startsWith(SCHEDULED);
      const id = isScheduled ? place : own;
      if (isScheduled)
        arrivals.set(id, {
          place,
          debtor: textIn(placed, 'sender', 'sender_id'),
          creditor: textIn(placed, 'receiver', 'receiver_id'),
          amountMinor: BigInt(wholeIn(placed, 'amount', 1)),
          ...{ tick: wholeIn(placed, 'tick', 0), priority: 5, hasDeadline: false },
        });
      settle(id, placed, event.amount);
    } else if (SETTLES_SEVERAL.includes(type)) {
      const ids = event.tx_ids;
      if (!Array.isArray(ids))
        throw new ScenarioError(`${place}: tx_ids: ${formatValue(ids)}: expected a list of ids`);
      const amounts = Array.isArray(event.tx_amounts) ? event.tx_amounts : [];
      for (const [index, id] of ids.entries()) settle(String(id), placed, amounts[index]);
    } else if (type === OFFSETS) {
      // Of the two the one that the offset pays whole.
      for (const side of ['incoming', 'queued'])
        if (event[`${side}_amount`] === event.offset_amount)
          settle(textIn(placed, `${side}_tx_id`), placed);
    } else if (type === 'PolicySplit') {
      const ids = event.child_ids ?? event.child_tx_ids;
      if (Array.isArray(ids))
        children.set(textIn(placed, 'tx_id', 'original_tx_id'), ids.map(String));
    } else if (type === 'PolicySubmit')
      submittedAt.set(textIn(placed, 'tx_id'), wholeIn(placed, 'tick', 0));
  }
  if (arrivals.size === 0)
    throw new ScenarioError(`${file}: no Arrival: expected the events of a run of SimCash`);
  for (const [id, { amountMinor }] of arrivals) {
    const { amount, place } = settledAt.get(id) ?? {};
    if (amount !== undefined && amount !== Number(amountMinor))
      throw new ScenarioError(
        `${place}: amount: ${formatValue(amount)}: expected ${amountMinor}, as the arrival of ${formatValue(id)} has`,
      );
  }
  const payments = [...arrivals].map(([id, one]) => ({
    ...one,
    settled: lastOf(id, settledAt, children),
  }));
  const known = new Set(arrivals.keys());
  // What is added to a set while it is gone through is gone through too.
  for (const id of known) for (const part of children.get(id) ?? []) known.add(part);
  const unknown = [...settledAt].filter(([id]) => !known.has(id)).map(([, { place }]) => place);
  const held = [...arrivals].filter(
    ([id, { tick }]) => (submittedAt.get(id) ?? tick) > tick,
  ).length;
  const split = [...arrivals.keys()].filter((id) => children.has(id)).length;
  return { payments, split, held, unknown };
}

const NEEDED = ['tx_id', 'sender_id', 'receiver_id', 'amount', 'priority', 'arrival_tick'] as const;

function fromTable(file: string, text: string): SimcashStream {
  const rows = tableRows(file, text);
  const header = Object.keys(rows[0]?.event ?? {});
  for (const column of NEEDED)
    if (!header.includes(column))
      throw new ScenarioError(
        `${file}:1: column ${column}: missing: expected SimCash’s table transactions (${NEEDED.join(', ')}, settlement_tick)`,
      );
  const runs = new Set(rows.map(({ event }) => event.simulation_id));
  if (runs.size > 1)
    throw new ScenarioError(
      `${file}: ${runs.size} values of simulation_id: expected the transactions of one simulation`,
    );
  const settledAt = new Map<string, Settlement>();
  const children = new Map<string, string[]>();
  const arrivals = new Map<string, Omit<SimcashPayment, 'settled'>>();
  const ids = new Set<string>();
  for (const { event, place } of rows) {
    const row = { event: { ...event, ...numbersOf(event) }, place };
    const id = textIn(row, 'tx_id');
    if (ids.has(id))
      throw new ScenarioError(`${place}: tx_id: ${formatValue(id)}: expected one row of it`);
    ids.add(id);
    if (row.event.settlement_tick !== undefined)
      settledAt.set(id, { tick: wholeIn(row, 'settlement_tick', 0), place });
    if (event.parent_tx_id) {
      const parent = textIn(row, 'parent_tx_id');
      children.set(parent, [...(children.get(parent) ?? []), id]);
      continue;
    }
    arrivals.set(id, {
      place,
      debtor: textIn(row, 'sender_id'),
      creditor: textIn(row, 'receiver_id'),
      amountMinor: BigInt(wholeIn(row, 'amount', 1)),
      tick: wholeIn(row, 'arrival_tick', 0),
      priority: wholeIn(row, 'priority', 0),
      hasDeadline: true,
    });
  }
  return {
    // The table has the order of its key; payments go in the order of their ticks.
    payments: [...arrivals]
      .map(([id, one]) => ({ ...one, settled: lastOf(id, settledAt, children) }))
      .sort((one, two) => one.tick - two.tick),
    split: children.size,
    ...{ held: 0, unknown: [] },
  };
}

/** Cells of whole numbers as numbers; what is none stays, for a message to quote. */
const numbersOf = (event: Placed['event']): Record<string, unknown> =>
  Object.fromEntries(
    ['amount', 'priority', 'arrival_tick', 'settlement_tick'].map((key) => {
      const cell = String(event[key] ?? '');
      if (cell === '') return [key, undefined];
      const isWhole = /^\d+(?:\.0+)?$/.test(cell) && Number.isSafeInteger(Number(cell));
      return [key, isWhole ? Number(cell) : cell];
    }),
  );

const tableRows = (file: string, text: string): Placed[] =>
  csvRows<Record<string, string>>(file, text, { columns: true }).map(({ record, line }) => ({
    event: record,
    place: `${file}:${line}`,
  }));
