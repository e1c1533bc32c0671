import { WAIT_WORDS } from '../../protocol/names/vocabulary.ts';
import type { ViewRelease, ViewWait, WaitShortage } from '../told-to-page.ts';
import { clockText, shownCount, shownMoney } from './format.ts';
import { decimalsOf } from './page-state.ts';

/** Currency first, as the messages have it. */
export const amountOf = (code: string, minor: string): string =>
  `${code} ${shownMoney(minor, decimalsOf(code))}`;

export function shortageText({
  by,
  bic,
  currency,
  counterparty,
  amountMinor,
}: WaitShortage): string {
  const amount = amountOf(currency, amountMinor);
  if (by === 'balance') return `${bic} is short by ${amount}`;
  if (by === 'aggregateShortLimit')
    return `${bic} is beyond its limit across currencies by ${amount}`;
  if (by === 'pooledCollateral') return `${bic} lacks pooled collateral of ${amount}`;
  const against = counterparty === null ? 'all others' : counterparty;
  return `${bic} is beyond its limit against ${against} by ${amount}`;
}

const KINDS: Readonly<Record<Exclude<ViewWait['kind'], 'short' | 'turn'>, string>> = {
  unmatched: WAIT_WORDS.unmatched,
  condition: WAIT_WORDS.condition,
  accepted: WAIT_WORDS.accepted,
  closed: WAIT_WORDS.closed,
  cycle: 'Could settle: with the next cycle, or when its queue is looked at',
  other: 'Waits',
};

const behindText = (
  { bic, currency }: NonNullable<ViewWait['behind']>,
  payer: string,
  own: string,
): string =>
  bic === payer && currency === own
    ? 'behind another payment in its queue'
    : `its other leg is behind another payment in the ${currency} queue of ${bic}`;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function reasonText(
  { kind, shortages, behind, isWhole }: ViewWait,
  payer: string,
  currency: string,
): string {
  const place = behind ? [behindText(behind, payer, currency)] : [];
  if (kind === 'turn') return sentence(place[0] ?? 'behind another payment in its queue');
  if (kind !== 'short') return KINDS[kind];
  const alone = isWhole ? [] : ['this payment by itself'];
  return [...shortages.map(shortageText), ...alone, ...place].join('; ');
}

const UNKNOWN: Readonly<Record<'pending' | 'rules' | 'time' | 'many', string>> = {
  pending: 'What would release it is being worked out',
  rules: 'What would release it is not worked out here under the rules of its queues',
  time: 'What would release it was not worked out: it takes too long while so many wait',
  many: 'What would release it is not worked out for all queues while so many wait: open it',
};

function releaseText(release: ViewRelease, payer: string, currency: string): string {
  if (release.kind === 'notKnown') return UNKNOWN[release.why];
  const asOf = `as of ${clockText(release.atMs)}`;
  if (release.kind === 'none') return `No more money at ${payer} alone releases it, ${asOf}`;
  if (release.amountMinor === '0') return `Released by the next cycle, ${asOf}`;
  return `Released by ${amountOf(currency, release.amountMinor)} more at ${payer}, at once or in the next cycle, ${asOf}`;
}

/** Why it waits, then what would release it, or may help: no release that was not worked out. */
export function waitTexts(wait: ViewWait, payer: string, currency: string): [string, string] {
  const helps: string[] = [];
  if (wait.release) helps.push(releaseText(wait.release, payer, currency));
  const isOwn = wait.shortages.some((one) => one.bic === payer && one.currency === currency);
  if (isOwn && wait.incoming > 0)
    helps.push(
      `${shownCount(wait.incoming)} incoming ${wait.incoming === 1 ? 'payment waits' : 'payments wait'} elsewhere, ${amountOf(currency, wait.incomingMinor)}`,
    );
  return [reasonText(wait, payer, currency), helps.join('. ')];
}
