/** How payments come to be settled: order, colour and definition of each mechanism. */
import { MECHANISMS, type Mechanism } from '../core/settlement/events.ts';
import { settledWords } from '../protocol/names/vocabulary.ts';

type Settling = Exclude<Mechanism, 'none'>;

interface Appearance {
  readonly colour: string;
  readonly definition: string;
}

const APPEARANCE: Readonly<Record<Settling, Appearance>> = {
  entry: {
    colour: 'var(--m0)',
    definition: 'At once on arrival: funds were there and nothing of its class waited before it.',
  },
  queue: {
    colour: 'var(--m1)',
    definition: 'After waiting, alone, when an incoming payment or a credit line funded it.',
  },
  gridlockResolution: {
    colour: 'var(--m2)',
    definition: 'After waiting, in a set that settles together though none of it could alone.',
  },
  entryOffsetting: {
    colour: 'var(--m3)',
    definition: 'On arrival, together with one that its creditor’s bank had queued the other way.',
  },
  bilateralOffsetting: {
    colour: 'var(--m4)',
    definition: 'After waiting, against payments queued between the same two banks.',
  },
  allOrNothing: {
    colour: 'var(--m5)',
    definition: 'In a cycle in which everything queued settled at once.',
  },
  partial: {
    colour: 'var(--m6)',
    definition: 'In a cycle that took payments out, one by one, until the rest could settle.',
  },
  multiple: {
    colour: 'var(--m7)',
    definition: 'In a cycle that settled pairs of banks first, then the rest.',
  },
  bankClearing: {
    colour: 'var(--m8)',
    definition: 'In a set found without regard to the order of queues, by a heuristic.',
  },
  deferredNet: {
    colour: 'var(--m9)',
    definition: 'Accepted against net debit caps, and settled with the nets of a cycle.',
  },
  proposed: {
    colour: 'var(--m10)',
    definition: 'In a set that a mechanism of its own proposed, which the core found feasible.',
  },
  observed: {
    colour: 'var(--m11)',
    definition: 'At the time that the data have: by what, they do not say.',
  },
  earmark: {
    colour: 'var(--m12)',
    definition: 'Of a chain, once the money of all of its legs had been set aside.',
  },
};

const ORDER = MECHANISMS.filter((mechanism): mechanism is Settling => mechanism !== 'none');
/** Those of gross settlement are always shown, but of an observation, which has none of them. */
const ALWAYS: readonly string[] = ['entry', 'queue', 'gridlockResolution'];

/** The mechanisms to show where these rows stand, in the order in which they are stacked; own ones last. */
export function shownMechanisms(rows: readonly { readonly mechanism: string }[]): string[] {
  const used = new Set(rows.map(({ mechanism }) => mechanism));
  const always = used.has('observed') ? [] : ALWAYS;
  const known = ORDER.filter((mechanism) => used.has(mechanism) || always.includes(mechanism));
  const own = [...used].filter((mechanism) => mechanism !== '' && !(mechanism in APPEARANCE));
  return [...known, ...own.sort()];
}

/** `words` come after "settled". */
export const appearance = (mechanism: string): Appearance & { readonly words: string } => ({
  ...(mechanism in APPEARANCE ? APPEARANCE[mechanism as Settling] : APPEARANCE.proposed),
  words: settledWords(mechanism),
});
