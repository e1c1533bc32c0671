// What holds or held a payment in a queue, as `explain` prints it; which shortages: deadlock-and-what-would-release.ts. explain-payment.ts puts it
// beside what became of it (fate-sentence.ts). Which reason its bank and the live view are told: analysis/waits/which-reason-is-told.ts.

import { type Amounts, counted, listed } from './amount-words.ts';
import { type Hold, isDeadlock, type Release } from './deadlock-and-what-would-release.ts';

/** Shortages in a sentence; the JSON has all. */
const NAMED_MAX = 6;

/** Verbs for a state that still lasts, or for one that has passed. */
const VERBS = {
  present: {
    is: 'is',
    are: 'are',
    can: 'can',
    settles: 'settles',
    needs: 'needs',
    releases: 'releases',
    does: 'does',
    doesNot: 'does not',
    wouldSettle: 'would settle',
    now: 'now',
    stand: 'stand',
  },
  past: {
    is: 'was',
    are: 'were',
    can: 'could',
    settles: 'would have settled',
    needs: 'needed',
    releases: 'would have released',
    does: 'would have',
    doesNot: 'would not have',
    wouldSettle: 'would have settled',
    now: 'then',
    stand: 'stood',
  },
} as const;
export type Tense = keyof typeof VERBS;
type Verbs = (typeof VERBS)[Tense];

/** In one sentence what holds a queued payment, and what releases it. Begins with a small letter. */
export function holdSentence(hold: Hold, tense: Tense, amounts: Amounts): string {
  const verbs = VERBS[tense];
  const [own, ...others] = hold.releases as [Release, ...Release[]];
  if (own.amount === 0n) return freeText(hold, verbs);
  const instead = others
    .filter((r) => r.amount !== null)
    .map((r) => `${amounts.text(r.currency, r.amount as bigint)} into ${accountOf(r)}`);
  const bypass =
    hold.mayPass && own.amount !== null
      ? 'as normal payments may pass each other (bypass FIFO), '
      : '';
  const what = `${heldText(hold, verbs, amounts)}; ${bypass}${ownText(own, verbs, amounts)}`;
  const either =
    own.amount === null ? `, but ${listed(instead)} ${verbs.does}` : `, or ${listed(instead)}`;
  return `${what}${instead.length > 0 ? either : ''}${lockText(hold, verbs)}`;
}

const accountOf = ({ participant, currency }: Release): string =>
  `${participant}'s ${currency} account`;

function ownText(own: Release, verbs: Verbs, amounts: Amounts): string {
  if (own.beyond !== null)
    return `no injection into ${accountOf(own)} ${verbs.releases} it: ${own.isSmallest ? '' : 'at least '}${amounts.text(own.currency, own.beyond)} ${verbs.are} needed, and with that the money and credit in ${own.currency} would pass 2^63 minor units, more than the ledger takes`;
  if (own.amount === null)
    return own.isSmallest
      ? `no injection into ${accountOf(own)} alone ${verbs.releases} it`
      : `no injection into ${accountOf(own)} alone was found that ${verbs.releases} it`;
  const much = amounts.text(own.currency, own.amount);
  if (own.isSmallest)
    return `the smallest injection into ${accountOf(own)} that ${verbs.releases} it is ${much}`;
  return `an injection of ${much} into ${accountOf(own)} ${verbs.releases} it, one minor unit less ${verbs.doesNot} and under these rules a still smaller one might`;
}

/** It settles without money in a cycle; where that nets what was accepted, it need be no gridlock. */
function freeText({ cycleSettles, cycleNets, isGridlock }: Hold, verbs: Verbs): string {
  const more = cycleSettles > 1 ? ` and ${counted(cycleSettles - 1, 'other payment')}` : '';
  const netted = cycleNets > 0 ? `, ${cycleNets} of these ${cycleSettles} by netting` : '';
  const what = isGridlock || cycleNets === 0 ? `it ${verbs.is} in a gridlock: ` : '';
  return `${what}it ${verbs.can} not settle alone, but a cycle run ${verbs.now} ${verbs.settles} it${more}${netted}, and it ${verbs.needs} no injection`;
}

const MECHANISM_WORDS: Readonly<Record<string, string>> = {
  none: 'gross settlement without cycles',
  proposed: 'cycles that settle what is proposed',
};

function heldText({ shortages, others, mechanisms }: Hold, verbs: Verbs, amounts: Amounts): string {
  const before = `${counted(others, 'payment')} before it or linked with it`;
  const who = others === 0 ? `it ${verbs.is}` : `it and ${before} ${verbs.are}`;
  if (shortages.length === 0) {
    const how = listed([...new Set(mechanisms)].map((m) => MECHANISM_WORDS[m] ?? m));
    return `${who} held up by the rules alone: together all ${verbs.can} settle, but not by ${how}`;
  }
  const named = shortages.slice(0, NAMED_MAX).map((s) => amounts.shortage(s));
  const more = shortages.length - named.length;
  const list = more > 0 ? `${named.join(', ')} and ${`${more} more`}` : listed(named);
  return `${who} held up by ${shortages.length === 1 ? 'a shortage' : 'shortages'} of ${list}`;
}

/** Gridlock and deadlock are told apart. */
function lockText(hold: Hold, verbs: Verbs): string {
  const { unordered, shortages } = hold;
  if (hold.isGridlock)
    return `; it ${verbs.is} a gridlock: gridlock resolution ${verbs.wouldSettle} it without money`;
  const locked = isDeadlock(hold);
  if (locked === false || shortages.length === 0) return '';
  const wanted = [
    'a higher credit line',
    ...(hold.hasLimits ? ['a higher limit'] : []),
    ...(hold.hasReservations ? ['a lower reservation'] : []),
  ];
  const without = `${['new money', ...wanted.slice(0, -1)].join(', ')} or ${wanted.at(-1)}`;
  if (locked)
    return `; it ${verbs.is} a deadlock: as the queues ${verbs.stand}, nothing ${verbs.can} settle without ${without}`;
  return `; as the queues ${verbs.stand}, nothing ${verbs.can} settle in their order without ${without}, and a cycle run ${verbs.now} ${verbs.settles} nothing, though ${listed(unordered.map((m) => (m === 'proposed' ? 'what is proposed' : m)))} ${unordered.length > 1 ? 'do' : 'does'} not keep that order`;
}
