/** What holds or held a payment in no queue yet, as `explain` prints it; fate-sentence.ts says what became of it. Put together by explain-payment.ts. */
import type { EventKind } from '../core/settlement/events.ts';
import { instantOf } from '../protocol/messages/settlement-times.ts';
import { dateText } from '../protocol/names/dates.ts';
import type { LegContent } from '../protocol/records/verified-content.ts';
import type { VerifiedPayment } from '../protocol/records/verified-record.ts';
import type { PoolState } from '../replay/replayed-state-and-names.ts';
import { type Amounts, listed, timeText } from './amount-words.ts';
import type { PaymentTrace, StateAt } from './payment-trace.ts';
import { type ChainWait, chainWaitOf, chainWaitSentence } from './what-a-chain-waits-for.ts';

/** Where a payment stands that is in no queue, and what it waits for. */
export type Wait =
  | {
      readonly kind: 'accepted';
      /** A cycle of all currencies run at that moment in the core settles it, and does not unwind it. */
      readonly cycleSettles: boolean;
      /** Its agents that are in default, and since when (ms). */
      readonly inDefault: readonly { readonly participant: string; readonly sinceMs: number }[];
    }
  | {
      readonly kind: 'unmatched';
      readonly leg: LegContent;
      /** Ms; null: nothing that is known yet ends it. */
      readonly endsAtMs: number | null;
      /** Currencies not yet open for its date whose close ends it too, perhaps earlier. */
      readonly closes: readonly string[];
    }
  /** Legs of its chain have not come: their numbers, and where its message is at hand the banks that send them. */
  | {
      readonly kind: 'incomplete';
      readonly missing: readonly number[];
      readonly agents: readonly string[];
      readonly legCount: number;
      readonly settlementDate: number;
      readonly endsAtMs: number | null;
      readonly closes: readonly string[];
    }
  | ChainWait
  | { readonly kind: 'earliestTime'; readonly atMs: number }
  | {
      readonly kind: 'closed';
      readonly currencies: readonly string[];
      /** Business date (days since 1970) of the close that carried it over; null: none did. */
      readonly carriedOverOn: number | null;
    };

/**
 * @param others messages of the other legs, where it is matched
 * @param last kind of its last event
 * @param isFunded whether a leg of its chain waits in a queue to be set aside
 * @param atMs the instant of the state
 */
export function waitOf(
  there: StateAt,
  trace: PaymentTrace & { readonly record: VerifiedPayment },
  others: readonly VerifiedPayment[],
  last: EventKind,
  isFunded: boolean,
  atMs: number,
): Wait {
  const { pool } = there;
  const { position, record, chainAgents, chainTerms } = trace;
  if (last === 'accepted')
    return {
      ...{ kind: 'accepted', cycleSettles: cycleSettles(pool, position) },
      inDefault: inDefault(pool, trace.events[0]),
    };
  if (record.kind === 'pvpLeg' && others.length === 0)
    return { kind: 'unmatched', leg: record.content, ...endsOf(there, record) };
  const missing = pool.missingLegs(position);
  if (record.kind === 'chainLeg' && missing)
    return {
      ...{ kind: 'incomplete', missing, legCount: record.content.legCount },
      agents: chainAgents ? missing.map((leg) => chainAgents[leg - 1] as string) : [],
      settlementDate: record.content.settlementDate,
      ...endsOf(there, record),
    };
  const chain = chainWaitOf(there, position, record, chainTerms, isFunded, atMs);
  if (chain) return chain;
  const records = [record, ...others];
  const earliest = Math.max(
    ...records.map(({ content: { settlementDate, earliest } }) =>
      earliest > 0 ? instantOf(settlementDate, earliest) : 0,
    ),
  );
  const closed = closedFor(pool, record);
  return closed.length > 0 || earliest <= pool.timeMs
    ? { kind: 'closed', currencies: closed, carriedOverOn: carriedOverOn(pool, record, closed) }
    : { kind: 'earliestTime', atMs: earliest };
}

/** Without money the account of the trial may be any. */
const cycleSettles = (pool: PoolState, position: number): boolean =>
  pool.trial()(0, 0, 0n)?.has(position) === true;

function inDefault(pool: PoolState, event: PaymentTrace['events'][0]) {
  if (!('creditorAgent' in event)) return [];
  return [event.debtorAgent, event.creditorAgent].flatMap((agent) => {
    const sinceMs = pool.defaultedMs(agent, event.currency1);
    return sinceMs === undefined ? [] : [{ participant: pool.directory.bic(agent), sinceMs }];
  });
}

/** Its own time runs out, or a currency closes that does not carry over. */
function endsOf({ pool, pvpTimeoutMs }: StateAt, record: VerifiedPayment) {
  const leg = record.content;
  const ends = [
    ...(pvpTimeoutMs > 0 ? [record.appendedAtMs + pvpTimeoutMs] : []),
    ...(leg.latest > 0 ? [instantOf(leg.settlementDate, leg.latest)] : []),
  ];
  const closes: string[] = [];
  for (const code of codesOf(record)) {
    const handle = pool.directory.currencyHandle(code);
    if (handle === undefined || pool.carriesOver(handle)) continue;
    const date = pool.open.get(handle);
    const closesAt = pool.closesAt.get(handle);
    if (date === undefined || closesAt === undefined || date < leg.settlementDate)
      closes.push(code);
    else ends.push(closesAt);
  }
  return { endsAtMs: ends.length > 0 ? Math.min(...ends) : null, closes };
}

/** The latest close that it lived through. */
function carriedOverOn(
  { directory, lastClosed }: PoolState,
  { content: { settlementDate } }: VerifiedPayment,
  closed: readonly string[],
): number | null {
  const dates = closed
    .map((code) => lastClosed.get(directory.currencyHandle(code) ?? -1) ?? -1)
    .filter((date) => date >= settlementDate);
  return dates.length > 0 ? Math.max(...dates) : null;
}

const codesOf = ({ content }: VerifiedPayment): string[] => {
  const second = 'currency2' in content ? content.currency2 : null;
  return [...new Set([content.currency1, second ?? ''])].filter((code) => code !== '');
};

/** Its currencies that are not open for its settlement date. */
function closedFor({ directory, open }: PoolState, record: VerifiedPayment): string[] {
  return codesOf(record).filter((code) => {
    const handle = directory.currencyHandle(code);
    const date = handle === undefined ? undefined : open.get(handle);
    return date === undefined || date < record.content.settlementDate;
  });
}

/** In one sentence; begins with a small letter. */
export function waitSentence(
  wait: Wait,
  record: VerifiedPayment,
  past: boolean,
  amounts: Amounts,
): string {
  const [waits, is] = past ? ['waited', 'was'] : ['waits', 'is'];
  if (wait.kind === 'accepted') {
    const run = `a cycle run ${past ? 'then' : 'now'}`;
    const settles = past ? 'would have settled' : 'settles';
    const defaulted = wait.inDefault.map(
      ({ participant, sinceMs }) => `${participant} ${is} in default since ${timeText(sinceMs)}`,
    );
    const why =
      defaulted.length > 0
        ? listed(defaulted)
        : `an agent ${past ? 'would have defaulted' : 'defaults'} in it`;
    const not = `${past ? 'would not have settled' : 'does not settle'} it, as ${why}`;
    return `it ${is} accepted for deferred net settlement: ${wait.cycleSettles ? `${run} ${settles} it` : `${run} ${not}`}`;
  }
  if (wait.kind === 'unmatched') {
    const { leg } = wait;
    const wanted = `${amounts.text(leg.currency2, leg.amount2)} for ${amounts.text(leg.currency1, leg.amount1)}`;
    return `it ${waits} outside the queues for ${leg.creditorAgent}'s mirrored leg (${wanted}, the same EndToEndId and settlement date)${endText(wait, leg.settlementDate, past)}; no money releases it`;
  }
  if (wait.kind === 'incomplete') {
    const { missing, agents, legCount, settlementDate } = wait;
    const legs = missing.map(
      (leg, place) => `${leg}${agents[place] ? ` of ${agents[place]}` : ''}`,
    );
    return `it ${waits} outside the queues for ${missing.length === 1 ? 'leg' : 'legs'} ${listed(legs)} of its chain of ${legCount}${endText(wait, settlementDate, past)}; no money releases it`;
  }
  if ('goesOn' in wait) return chainWaitSentence(wait, past, amounts);
  if (wait.kind === 'earliestTime')
    return `it ${waits} outside the queues for its earliest settlement time, ${timeText(wait.atMs)}; no money releases it`;
  if (wait.carriedOverOn !== null)
    return `it ${waits} outside the queues, carried over at the close of ${dateText(wait.carriedOverOn)}, for the next opening of ${listed(wait.currencies)}; no money releases it`;
  const date = dateText(record.content.settlementDate);
  const what = wait.currencies.length > 0 ? listed(wait.currencies) : 'its currencies';
  return `it ${waits} outside the queues until ${what} ${wait.currencies.length > 1 ? 'open' : 'opens'} for ${date}; no money releases it`;
}

/** When an unmatched leg ends without its mirror. */
function endText(
  { endsAtMs, closes }: Extract<Wait, { kind: 'unmatched' | 'incomplete' }>,
  settlementDate: number,
  past: boolean,
): string {
  const ends = [
    ...(endsAtMs === null ? [] : [timeText(endsAtMs)]),
    ...(closes.length === 0
      ? []
      : [`the close of ${closes.join(' or ')} for ${dateText(settlementDate)}`]),
  ];
  if (ends.length === 0) return '';
  const first = ends.length > 1 || closes.length > 1 ? ', whichever comes first,' : '';
  return `, and ${past ? 'would have ended' : 'ends'} at ${ends.join(' or at ')}${first} without it`;
}
