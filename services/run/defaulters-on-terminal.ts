import { moneyText } from '../report/format.ts';
import type { FinishedRun } from './write-run.ts';

/** Defaults and their bearers that the terminal names one by one; summary.json has all. */
const DEFAULTS_MAX = 20;
const BEARERS_MAX = 3;

type Default = FinishedRun['summary']['defaults'][number];

const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;

/**
 * Which nets nothing bounded, and who defaulted: when, how short if at all, who bore it, and what it took out of
 * the netting. Empty where neither is so.
 */
export function defaultLines({ summary, scenario }: Pick<FinishedRun, 'summary' | 'scenario'>) {
  const { defaults, uncapped } = summary;
  const open = Object.entries(uncapped).filter(([, accounts]) => accounts > 0);
  const more = defaults.length - DEFAULTS_MAX;
  const lines = [
    ...(open.length > 0
      ? [
          `without a net debit cap: ${open.map(([code, accounts]) => `${counted(accounts, 'account')} in ${code}`).join(', ')}; what they may owe has no bound`,
        ]
      : []),
    ...(defaults.length > 0
      ? [
          `${counted(defaults.length, 'account')} defaulted; the delay indicator counts what that unwound or cancelled until then, and nothing of what it rejected`,
        ]
      : []),
    ...defaults.slice(0, DEFAULTS_MAX).map((one) => `  ${defaultLine(one, scenario)}`),
    ...(more > 0 ? [`  and ${more} more: summary.json has all`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function defaultLine(one: Default, { currencies }: FinishedRun['scenario']): string {
  const { participant, currency, atMs, cycle, shortfallMinor } = one;
  const decimals = currencies.find(({ code }) => code === currency)?.minorUnits ?? 0;
  const money = (minor: string) => `${currency} ${moneyText(BigInt(minor), decimals)}`;
  const time = new Date(atMs).toISOString().slice(5, 16).replace('T', ' ');
  const found = cycle === null ? 'outside a cycle' : `in cycle ${cycle}`;
  // Where payments settle one by one, or what it owed and was owed are even, a bank that the scenario makes default lacks nothing.
  const isShort = BigInt(shortfallMinor) > 0n;
  const what = isShort
    ? `${money(shortfallMinor)} short`
    : `${currency} in default with no net debit`;
  const ended = (['unwound', 'rejected', 'cancelled'] as const)
    .filter((what) => one[what].payments > 0)
    .map((what) => `${counted(one[what].payments, 'payment')} ${what}`);
  return [
    `${time} UTC ${participant} ${what} ${found}`,
    ...(isShort || one.borneBy.length > 0 ? [`borne by ${bearersText(one, money)}`] : []),
    ...(ended.length > 0 ? [ended.join(', ')] : []),
  ].join('; ');
}

/** Those who bear the most; why, where together they bear more than the defaulter was short of. */
function bearersText(one: Default, money: (minor: string) => string): string {
  const { borneBy, shortfallMinor } = one;
  if (borneBy.length === 0) return 'nobody';
  const borneMinor = borneBy.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n);
  const why =
    borneMinor > BigInt(shortfallMinor)
      ? ': what it was to pay them, net, whatever it had or others owed it'
      : '';
  const named = [...borneBy]
    .sort((a, b) => Number(BigInt(b.amountMinor) - BigInt(a.amountMinor)))
    .slice(0, BEARERS_MAX)
    .map(({ participant, amountMinor }) => `${participant} ${money(amountMinor)}`);
  const more = borneBy.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}${why}`;
}
