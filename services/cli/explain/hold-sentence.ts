import type { Hold, Release } from './analysis.ts';
import { type Amounts, counted, listed } from './words.ts';

/** Shortages in a sentence; the JSON has all. */
const NAMED_MAX = 6;

/** Whether the state is one that still lasts, or one that has passed. */
export type Tense = 'present' | 'past';

/** In one sentence what holds a queued payment, and what releases it. Begins with a small letter. */
export function holdSentence(hold: Hold, tense: Tense, amounts: Amounts): string {
  const [own, ...others] = hold.releases as [Release, ...Release[]];
  const is = tense === 'present' ? 'is' : 'was';
  if (own.amount === 0n) return freeSentence(hold, is);
  const held = `it ${is} held up: ${shortText(hold, tense, amounts)}`;
  const remark = deadlockRemark(hold, tense);
  if (own.amount !== null) {
    const instead = others
      .filter((r) => r.amount !== null)
      .map(
        (r) =>
          `${amounts.text(r.currency, r.amount as bigint)} into ${r.participant}'s ${r.currency} account`,
      );
    const or = instead.length === 0 ? '' : `, or, instead, ${listed(instead)}`;
    return `${held}; ${injectionText(own, tense, amounts)}${or}${remark}`;
  }
  const some = others.filter((r) => r.amount !== null);
  const elsewhere =
    some.length === 0
      ? ''
      : `, but ${listed(some.map((r) => `${amounts.text(r.currency, r.amount as bigint)} into ${r.participant}'s ${r.currency} account`))} ${does(tense)}`;
  const none = `no injection into ${own.participant}'s ${own.currency} account alone ${tense === 'present' ? 'releases' : 'would have released'} it`;
  return `${held}; ${none}${elsewhere}${remark}`;
}

const does = (tense: Tense): string => (tense === 'present' ? 'does' : 'would have');

function injectionText(
  { participant, currency, amount, isSmallest }: Release,
  tense: Tense,
  amounts: Amounts,
): string {
  const much = amounts.text(currency, amount as bigint);
  const releases = tense === 'present' ? 'releases' : 'would have released';
  const account = `${participant}'s ${currency} account`;
  if (isSmallest) return `the smallest injection into ${account} that ${releases} it is ${much}`;
  return `an injection of ${much} into ${account} ${releases} it and one minor unit less does not (under these rules a still smaller one might)`;
}

/** It settles without money in the next cycle. */
function freeSentence(hold: Hold, is: string): string {
  const cycles = [...new Set(hold.mechanisms)].filter((m) => m !== 'none');
  const by = cycles.length === 0 ? 'a rescan' : 'the next cycle';
  const together =
    hold.couldSettle > 1 ? ` with ${counted(hold.couldSettle - 1, 'other payment')}` : '';
  return `it ${is} in a gridlock: alone it cannot settle, but ${by} settles it together${together}, and needs no injection`;
}

function shortText(hold: Hold, tense: Tense, amounts: Amounts): string {
  const { shortages, others } = hold;
  const withIt =
    others === 0
      ? 'it'
      : `it and ${counted(others, 'payment that must settle first or with it', 'payments that must settle first or with it')}`;
  if (shortages.length === 0) {
    const alone = listed(
      [...new Set(hold.mechanisms)].map((m) =>
        m === 'none' ? 'gross settlement without cycles' : m,
      ),
    );
    return `${withIt} could settle together, but not by ${alone}`;
  }
  const leave =
    others === 0
      ? tense === 'present'
        ? 'leaves'
        : 'left'
      : tense === 'present'
        ? 'leave'
        : 'left';
  const named = shortages.slice(0, NAMED_MAX).map((s) => amounts.shortage(s));
  const more = shortages.length - named.length;
  const list =
    more > 0
      ? `${named.join(', ')} and ${counted(more, 'more account or limit', 'more accounts or limits')}`
      : listed(named);
  return `${withIt} ${leave} short ${list}`;
}

/** Gridlock and deadlock are told apart. */
function deadlockRemark({ isGridlock, couldSettle }: Hold, tense: Tense): string {
  if (isGridlock)
    return ` (a gridlock: a cycle of gridlock resolution ${tense === 'present' ? 'would settle' : 'would have settled'} it without money)`;
  if (couldSettle === 0)
    return ` (a deadlock: nothing that ${tense === 'present' ? 'is' : 'was'} queued ${tense === 'present' ? 'can' : 'could'} settle without new money)`;
  return '';
}
