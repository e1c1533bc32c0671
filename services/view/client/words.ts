/** What codes of events are called on the page. */

const MECHANISMS: Readonly<Record<string, string>> = {
  entry: 'at entry',
  queue: 'from the queue',
  gridlockResolution: 'gridlock resolution',
  entryOffsetting: 'offsetting at entry',
  bilateralOffsetting: 'bilateral offsetting',
  allOrNothing: 'all or nothing',
  partial: 'partial optimisation',
  multiple: 'multiple optimisation',
  bankClearing: 'bank clearing',
  deferredNet: 'net settlement',
};
export const mechanismWord = (mechanism: string): string => MECHANISMS[mechanism] ?? mechanism;

const STATUSES: Readonly<Record<string, string>> = {
  PDNG: 'waiting',
  ACSP: 'accepted',
  ACSC: 'settled',
  RJCT: 'rejected',
  CANC: 'cancelled',
};
export const statusWord = (status: string): string => STATUSES[status] ?? status;

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
};
export const stepWord = (kind: string): string => STEPS[kind] ?? kind;

const OUTCOMES: Readonly<Record<string, string>> = {
  resolved: 'Gridlock resolved',
  deadlock: 'Deadlock',
  gridlock: 'Gridlock left',
  undecided: 'Nothing settled',
  netted: 'Netted',
  unwound: 'Netted, with unwinding',
};
export const outcomeWord = (outcome: string): string => OUTCOMES[outcome] ?? outcome;
