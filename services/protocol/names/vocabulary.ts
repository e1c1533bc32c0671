/**
 * What is told to people, in the same words by the report, `corridor explain`, the live view and the
 * notifier. Without an import, for the page of the live view has it too.
 */

/** How a payment came to be settled: after "settled". */
export const SETTLED_WORDS = {
  entry: 'at entry',
  queue: 'from the queue',
  gridlockResolution: 'by gridlock resolution',
  entryOffsetting: 'by offsetting at entry',
  bilateralOffsetting: 'by bilateral offsetting',
  allOrNothing: 'by all-or-nothing optimisation',
  partial: 'by partial optimisation',
  multiple: 'by multiple optimisation',
  bankClearing: 'by bank clearing',
  deferredNet: 'by net settlement',
  proposed: 'by a proposal',
  observed: 'as observed',
  earmark: 'by earmark',
} as const;

/** A mechanism of somebody's own goes by its name. */
export const settledWords = (mechanism: string): string =>
  (SETTLED_WORDS as Readonly<Record<string, string>>)[mechanism] ??
  (mechanism === '' ? '' : `by ${mechanism}`);

/** The mechanism by itself: "gridlock resolution". */
export const mechanismWords = (mechanism: string): string =>
  settledWords(mechanism).replace(/^by /, '');

/** What a run of a cycle came to: docs/indicators.md, "Outcomes of a cycle". */
export const OUTCOME_WORDS = {
  nothingQueued: 'nothing was queued',
  resolved: 'gridlock resolved',
  deadlock: 'deadlock',
  gridlock: 'gridlock left',
  undecided: 'undecided',
  nothingAccepted: 'nothing was accepted',
  netted: 'netted',
  unwound: 'all unwound',
} as const;

/** Why a payment waits where no account is short and nothing stands before it. */
export const WAIT_WORDS = {
  unmatched: "Waits for the counterparty's leg",
  matched: "Matched with the counterparty's leg: both settle together",
  incomplete: 'Waits for the other legs of its chain',
  complete: 'Matched with the other legs of its chain: all settle together',
  condition: 'Waits for the attestations that its condition asks for',
  accepted: 'Accepted for net settlement at the end of the cycle',
  closed: 'Waits for an opening',
  earliestTime: 'Waits for its earliest settlement time',
  cycle: 'Waits for a cycle',
} as const;

const two = (number: number): string => String(number).padStart(2, '0');

/** 0 ms, 850 ms, 12.4 s, 3 min 20 s, 2 h 05 min, 3 d 4 h: rounded at the last place that is shown. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  // What would round to 60.0 s is a minute.
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2_880) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(ms / 3_600_000);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
