import { OUTCOME_WORDS } from '../../protocol/names/vocabulary.ts';

/** What codes of events are called on the page. */

const STATUSES: Readonly<Record<string, string>> = {
  PDNG: 'waiting',
  ACSP: 'accepted',
  ACSC: 'settled',
  RJCT: 'rejected',
  CANC: 'cancelled',
};
export const statusWord = (status: string, isFinal = true): string =>
  status === 'ACSC' && !isFinal ? 'settled, not final yet' : (STATUSES[status] ?? status);
/** Whose colours a status has. */
export const statusTone = (status: string, isFinal: boolean): string =>
  status === 'ACSC' && !isFinal ? 'ACSP' : status;

const STEPS: Readonly<Record<string, string>> = {
  queued: 'Queued',
  settled: 'Settled',
  rejected: 'Rejected',
  noticed: 'Failed authentication',
  cancelled: 'Cancelled',
  carriedOver: 'Carried over to the next opening',
  matched: 'Matched with the other leg',
  accepted: 'Accepted for net settlement',
  unwound: 'Taken out of the netting',
  repeated: 'Sent again: the first outcome stands',
  reordered: 'Re-ordered',
  heldUp: 'Held up, as certified',
  recallEnded: 'Asked back, and not answered in time',
};
export const stepWord = (kind: string): string => STEPS[kind] ?? kind;

export const outcomeWord = (outcome: keyof typeof OUTCOME_WORDS): string => {
  const words = OUTCOME_WORDS[outcome];
  return words.charAt(0).toUpperCase() + words.slice(1);
};
