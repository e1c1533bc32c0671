import { dateText } from '../../protocol/dates.ts';
import { LEG, MESSAGE_TYPES } from '../../protocol/instruction.ts';
import type { VerifiedRecord } from '../../protocol/verified-record.ts';
import type { PoolState } from './pool-state.ts';
import type { StateAt } from './trace.ts';
import { type Amounts, listed, timeText } from './words.ts';

const DAY_MS = 86_400_000;

/** Where a payment stands that is in no queue, and what it waits for. */
export type Wait =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unmatched'; readonly endsAtMs: number | null }
  | { readonly kind: 'earliestTime'; readonly atMs: number }
  | { readonly kind: 'closed'; readonly currencies: readonly string[] };

/**
 * @param record the payment's own message; `mate` the other leg's, where it is matched
 * @param isAccepted whether deferred net settlement has taken it in
 */
export function waitOf(
  { pool, pvpTimeoutMs }: StateAt,
  record: VerifiedRecord,
  mate: VerifiedRecord | undefined,
  isAccepted: boolean,
): Wait {
  if (isAccepted) return { kind: 'accepted' };
  const isLeg = MESSAGE_TYPES[record.messageType] === LEG;
  if (isLeg && mate === undefined) {
    const ends = [
      pvpTimeoutMs > 0 ? record.appendedAtMs + pvpTimeoutMs : null,
      record.latest > 0 ? instantOf(record, record.latest) : null,
    ].filter((ms) => ms !== null);
    return { kind: 'unmatched', endsAtMs: ends.length > 0 ? Math.min(...ends) : null };
  }
  const records = mate === undefined ? [record] : [record, mate];
  const earliest = Math.max(...records.map((r) => (r.earliest > 0 ? instantOf(r, r.earliest) : 0)));
  const closed = closedFor(pool, record);
  return closed.length > 0 || earliest <= pool.timeMs
    ? { kind: 'closed', currencies: closed }
    : { kind: 'earliestTime', atMs: earliest };
}

const instantOf = ({ settlementDate }: VerifiedRecord, seconds: number): number =>
  (settlementDate - 1) * DAY_MS + seconds * 1000;

/** Its currencies that are not open for its settlement date. */
function closedFor({ directory, open }: PoolState, record: VerifiedRecord): string[] {
  const codes = [...new Set([record.currency1, record.currency2])].filter((code) => code !== '');
  return codes.filter((code) => {
    const handle = directory.currencyHandle(code);
    const date = handle === undefined ? undefined : open.get(handle);
    return date === undefined || date < record.settlementDate;
  });
}

/** In one sentence; begins with a small letter. */
export function waitSentence(
  wait: Wait,
  record: VerifiedRecord,
  past: boolean,
  amounts: Amounts,
): string {
  const [waits, is] = past ? ['waited', 'was'] : ['waits', 'is'];
  if (wait.kind === 'accepted')
    return `it ${is} accepted for deferred net settlement: nothing ${past ? 'held' : 'holds'} it, the next netting cycle settles it unless an agent defaults`;
  if (wait.kind === 'unmatched') {
    const wanted = `${amounts.text(record.currency2, record.amount2)} for ${amounts.text(record.currency1, record.amount1)}`;
    const ends =
      wait.endsAtMs === null
        ? ''
        : `, and ${past ? 'would have ended' : 'ends'} at ${timeText(wait.endsAtMs)} without it`;
    return `it ${waits} outside the queues for ${record.creditorAgent}'s mirrored leg (${wanted}, the same EndToEndId and settlement date)${ends}; no money releases it`;
  }
  if (wait.kind === 'earliestTime')
    return `it ${waits} outside the queues for its earliest settlement time, ${timeText(wait.atMs)}; no money releases it`;
  const date = dateText(record.settlementDate);
  const what = wait.currencies.length > 0 ? listed(wait.currencies) : 'its currencies';
  return `it ${waits} outside the queues until ${what} ${wait.currencies.length > 1 ? 'open' : 'opens'} for ${date}; no money releases it`;
}
