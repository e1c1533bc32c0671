/** How payments come to be settled: order, colour, words and definition of each mechanism. */
import { MECHANISMS, type Mechanism } from '../core/settlement/events.ts';

type Settling = Exclude<Mechanism, 'none'>;

interface Appearance {
  readonly colour: string;
  /** After "settled". */
  readonly words: string;
  readonly definition: string;
}

const APPEARANCE: Readonly<Record<Settling, Appearance>> = {
  entry: {
    colour: 'var(--m0)',
    words: 'at entry',
    definition: 'At once on arrival: funds were there and nothing of its class waited before it.',
  },
  queue: {
    colour: 'var(--m1)',
    words: 'from the queue',
    definition: 'After waiting, alone, when an incoming payment or a credit line funded it.',
  },
  gridlockResolution: {
    colour: 'var(--m2)',
    words: 'in gridlock resolution',
    definition: 'After waiting, in a set that settles together though none of it could alone.',
  },
  entryOffsetting: {
    colour: 'var(--m3)',
    words: 'by offsetting at entry',
    definition: 'On arrival, together with one that its creditor’s bank had queued the other way.',
  },
  bilateralOffsetting: {
    colour: 'var(--m4)',
    words: 'by bilateral offsetting',
    definition: 'After waiting, against payments queued between the same two banks.',
  },
  allOrNothing: {
    colour: 'var(--m5)',
    words: 'all together',
    definition: 'In a cycle in which everything queued settled at once.',
  },
  partial: {
    colour: 'var(--m6)',
    words: 'by partial optimisation',
    definition: 'In a cycle that took payments out, one by one, until the rest could settle.',
  },
  multiple: {
    colour: 'var(--m7)',
    words: 'by multiple optimisation',
    definition: 'In a cycle that settled pairs of banks first, then the rest.',
  },
  bankClearing: {
    colour: 'var(--m8)',
    words: 'by bank clearing',
    definition: 'In a set found without regard to the order of queues, by a heuristic.',
  },
  deferredNet: {
    colour: 'var(--m9)',
    words: 'in net settlement',
    definition: 'Accepted against net debit caps, and settled with the nets of a cycle.',
  },
};

const ORDER = MECHANISMS.filter((mechanism): mechanism is Settling => mechanism !== 'none');
/** Those of gross settlement are always shown. */
const ALWAYS: readonly string[] = ['entry', 'queue', 'gridlockResolution'];

/** The mechanisms to show where these rows stand, in the order in which they are stacked. */
export function shownMechanisms(rows: readonly { readonly mechanism: string }[]): Settling[] {
  const used = new Set(rows.map(({ mechanism }) => mechanism));
  return ORDER.filter((mechanism) => used.has(mechanism) || ALWAYS.includes(mechanism));
}

export const appearance = (mechanism: Settling): Appearance => APPEARANCE[mechanism];
