import type { Wait, WaitShortage } from '../wire.ts';
import { countText, moneyText } from './format.ts';
import { decimalsOf } from './store.ts';

/** Currency first, as the messages have it. */
export const amountOf = (code: string, minor: string): string =>
  `${code} ${moneyText(minor, decimalsOf(code))}`;

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

const KINDS: Readonly<Record<Exclude<Wait['kind'], 'short' | 'turn'>, string>> = {
  leg: 'Waits for the counterparty’s leg',
  closed: 'Waits for an opening',
  cycle: 'Could settle: with the next cycle, or when its queue is looked at',
  other: 'Waits',
};

function reasonText({ kind, shortages, behind }: Wait, payer: string, currency: string): string {
  if (kind === 'short') return shortages.slice(0, 2).map(shortageText).join('; ');
  if (kind !== 'turn') return KINDS[kind];
  if (!behind || (behind.bic === payer && behind.currency === currency))
    return 'Behind another payment in its queue';
  return `Its other leg is behind another payment in the ${behind.currency} queue of ${behind.bic}`;
}

/** Why it waits, then what would release it. */
export function waitTexts(wait: Wait, payer: string, currency: string): [string, string] {
  const why = reasonText(wait, payer, currency);
  const ways: string[] = [];
  if (wait.injectionMinor === '0') ways.push('the next cycle');
  else if (wait.injectionMinor !== null)
    ways.push(
      `${amountOf(currency, wait.injectionMinor)} more at ${payer}, at once or in the next cycle`,
    );
  else if (wait.kind === 'short') ways.push('that much liquidity there');
  const isOwn = wait.shortages.some((one) => one.bic === payer && one.currency === currency);
  if (isOwn && wait.incoming > 0)
    ways.push(
      `${countText(wait.incoming)} incoming ${wait.incoming === 1 ? 'payment that waits' : 'payments that wait'} elsewhere, ${amountOf(currency, wait.incomingMinor)}`,
    );
  return [why, ways.length > 0 ? `Released by ${ways.join(', or by ')}` : ''];
}
