import type { ScenarioCurrency } from '../../scenario/scenario.ts';
import { seriesColour } from '../charts/axes.ts';
import { liquidityChart, liquidityHeight } from '../charts/liquidity.ts';
import { draw, HALF } from '../charts/render.ts';
import { Cell, facts, figure, legend, nothing, section, table } from '../elements.ts';
import { ratio } from '../figures/ratio-rounding.ts';
import { countText, percentText } from '../format.ts';
import { type Content, html, type Markup } from '../html.ts';
import type { AccountRow } from '../queries/queues-and-accounts.ts';
import {
  amountCell,
  bankCell,
  bankName,
  countCell,
  scenarioCurrencies as currenciesOf,
  currencyIndicators,
  hoursText,
  instantCell,
  minorText,
  numeric,
  percentCell,
  type View,
} from './section-input.ts';
import { currencyRules } from './settlement-facts.ts';

const BARS_MAX = 16;
const SAMPLE_MS = 60_000;
/** Closes listed one by one. */
const CLOSES_MAX = 31;

interface UsedAccount extends AccountRow {
  readonly availableMinor: bigint;
  /** Null for an account without liquidity. */
  readonly usage: number | null;
}

/** Of each currency: its rules, its accounts with the bounds of their liquidity, its closes. */
export function currenciesSection(view: View, accounts: readonly AccountRow[]): Markup {
  const title = 'Currencies';
  if (accounts.length === 0)
    return section('currencies', title, nothing('No settlement account was opened in this run.'));
  const used = accounts.map(withUse);
  return section(
    'currencies',
    title,
    html`<p class="def"><b>Liquidity</b> of an account is its opening balance, what was issued less what was
redeemed later, and its credit (of both the most at any time). <b>Used</b> is the most by which payments drew it down:
max(0, opening balance + issued − redeemed − balance). It and the lowest balance are exact, not sampled.
<b>Upper and lower bound</b> are the account’s own part of the bounds of liquidity: what its valid payments would need if
each settled as it came in, and what they need, net, over the whole run.</p>`,
    ...currenciesOf(view).map((currency) => oneCurrency(view, currency, used)),
  );
}

function withUse(account: AccountRow): UsedAccount {
  const { openingMinor, drawnMinor, creditLineMinor, injectedMinor } = account;
  const availableMinor = openingMinor + injectedMinor + creditLineMinor;
  const usage = availableMinor > 0n ? ratio(drawnMinor, availableMinor) : null;
  return { ...account, availableMinor, usage };
}

function oneCurrency(
  view: View,
  currency: ScenarioCurrency & { readonly index: number },
  all: readonly UsedAccount[],
): Markup {
  const { code } = currency;
  const accounts = all.filter((account) => account.currency === code);
  return html`<section class="part" id="currency-${code}" aria-label="Currency ${code}">
<h3>${code}</h3>
<div class="beside"><div>${facts([...hoursText(view, currency), ...currencyRules(view.scenario, currency.index), ...settledFacts(view, code)])}</div>
${accounts.length > 0 && liquidityFigure(view, accounts, currency)}</div>
${accounts.length > 0 && accountTable(view, accounts, code)}
${closeTable(view, currency)}
</section>
`;
}

function settledFacts(view: View, code: string): [string, Content][] {
  const mine = currencyIndicators(view, code);
  if (!mine) return [];
  const { valid, settled } = mine;
  const value = BigInt(view.summary.settledValueMinor[code] ?? 0);
  const inFlows = percentText(
    valid.grossMinor === 0n ? null : ratio(settled.grossMinor, valid.grossMinor),
    2,
  );
  return [
    ['Value settled, debited', `${code} ${minorText(view, value, code)}`],
    [
      'Flows of valid payments',
      `${countText(valid.legs)} legs, ${code} ${minorText(view, valid.grossMinor, code)}; of this value ${inFlows} settled`,
    ],
  ];
}

function liquidityFigure(
  view: View,
  accounts: readonly UsedAccount[],
  { code, index }: { readonly code: string; readonly index: number },
): Markup {
  const ranked = [...accounts].sort((a, b) => (b.usage ?? 0) - (a.usage ?? 0));
  const bars = ranked.slice(0, BARS_MAX).map((account) => ({
    name: bankName(view, account.participant),
    used: account.usage ?? 0,
    funded:
      account.availableMinor > 0n
        ? ratio(account.openingMinor + account.injectedMinor, account.availableMinor)
        : 1,
    text: percentText(account.usage),
  }));
  const sumText = (of: 'drawnMinor' | 'availableMinor') =>
    minorText(
      view,
      ranked.reduce((total, account) => total + account[of], 0n),
      code,
    );
  const more =
    ranked.length > bars.length ? ` The ${bars.length} that used the largest share.` : '';
  return figure({
    title: 'Liquidity used by each account',
    text: `${code} ${sumText('drawnMinor')} of ${sumText('availableMinor')} used.${more}`,
    unit: '% of the liquidity of the account',
    source: accountCaption(code),
    legend: legend([
      { text: 'used at the most', colour: seriesColour(index), shape: 'square' },
      { text: 'liquidity', colour: 'var(--track)', shape: 'square' },
      { text: 'money ends, credit begins', colour: 'var(--ink)', shape: 'stroke' },
    ]),
    chart: draw(
      `liquidity-${index}`,
      `Share of liquidity used in ${code}: ${bars.map(({ name, text }) => `${name} ${text}`).join(', ')}.`,
      { width: HALF, height: liquidityHeight(bars.length) },
      liquidityChart(bars, seriesColour(index)),
    ),
  });
}

const accountCaption = (code: string) =>
  `Accounts in ${code}: what they had, used and needed; the minute of the lowest balance, UTC`;

function accountTable(view: View, accounts: readonly UsedAccount[], code: string): Markup {
  const bounds = new Map(
    currencyIndicators(view, code)?.accounts.map((account) => [account.participant, account]),
  );
  const money = (minor: bigint) => amountCell(view, minor, code);
  return table(accountCaption(code), accounts, [
    [{ head: 'Bank or dealer', csvHead: 'BIC' }, ({ participant }) => bankCell(view, participant)],
    [numeric('Opening'), ({ openingMinor }) => money(openingMinor)],
    [numeric('Credit'), ({ creditLineMinor }) => money(creditLineMinor)],
    [numeric('Lowest'), ({ lowestMinor }) => money(lowestMinor)],
    [
      { head: 'at', numeric: true, csvHead: 'Minute of the lowest' },
      ({ lowestAtMs }) => instantCell(view, lowestAtMs - SAMPLE_MS),
    ],
    [numeric('Closing'), ({ closingMinor }) => money(closingMinor)],
    [numeric('Used'), ({ drawnMinor }) => money(drawnMinor)],
    [
      { head: 'Used %', numeric: true, csvHead: 'Used, share of liquidity' },
      ({ usage }) => percentCell(usage),
    ],
    [numeric('Upper bound'), ({ participant }) => money(bounds.get(participant)?.upperMinor ?? 0n)],
    [numeric('Lower bound'), ({ participant }) => money(bounds.get(participant)?.lowerMinor ?? 0n)],
  ]);
}

/** The closes at which something had not settled. */
function closeTable(view: View, { code }: ScenarioCurrency): Markup {
  const closes = currencyIndicators(view, code)?.unsettledAtCloses ?? [];
  // Second legs alone are no payment, and have a value.
  const unsettled = closes.filter(({ valueMinor }) => valueMinor > 0n);
  if (unsettled.length === 0)
    return html`<p class="def">At ${closes.length === 1 ? 'its close' : `each of its ${countText(closes.length)} closes`} nothing in ${code} was left unsettled.</p>`;
  const more = unsettled.length - CLOSES_MAX;
  const minute = (ms: number) => {
    const iso = new Date(ms).toISOString();
    return new Cell(iso.slice(0, 16).replace('T', ' '), iso);
  };
  return html`${table(
    `Unsettled at the close of ${code}, by currency debited`,
    unsettled.slice(0, CLOSES_MAX),
    [
      ['Close', ({ closesMs }) => minute(closesMs)],
      [numeric('Payments'), ({ payments }) => countCell(payments)],
      [numeric('Value'), ({ valueMinor }) => amountCell(view, valueMinor, code)],
      [numeric('Cancelled by the close'), ({ cancelled }) => countCell(cancelled)],
      [numeric('Kept'), ({ payments, cancelled }) => countCell(payments - cancelled)],
    ],
  )}${more > 0 && html`<p class="def">And ${countText(more)} closes more: summary.json has all.</p>`}`;
}
