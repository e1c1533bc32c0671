import { ratio } from '../../results/indicators.ts';
import { seriesColour } from '../charts/axes.ts';
import { liquidityChart, liquidityHeight } from '../charts/liquidity.ts';
import { draw, HALF } from '../charts/render.ts';
import { figure, legend, nothing, section, table } from '../elements.ts';
import { html, type Markup } from '../html.ts';
import type { Account } from '../queries/state.ts';
import { amount, currencies, instant, nameOf, type View } from './view.ts';

const BARS_MAX = 16;
const SAMPLE_MS = 60_000;

interface UsedAccount extends Account {
  readonly availableMinor: bigint;
  readonly usedMinor: bigint;
  /** Null for an account without liquidity. */
  readonly usage: number | null;
}

export function liquidity(view: View, accounts: readonly Account[]): Markup {
  const title = 'Liquidity by bank';
  if (accounts.length === 0)
    return section('liquidity', title, nothing('No settlement account was opened in this run.'));
  const used = accounts.map(withUse);
  return section(
    'liquidity',
    title,
    html`<p class="def"><b>Liquidity</b> is the opening balance, what was issued less what was
redeemed later, and the credit line (its largest of the run).
<b>Used</b> is the most by which payments drew the account down:
max(0, opening balance + issued − redeemed − balance). It and the lowest balance are exact, not sampled.</p>`,
    legend([
      { text: 'used at the most', colour: 'var(--c0)', shape: 'square' },
      { text: 'liquidity', colour: 'var(--track)', shape: 'square' },
      { text: 'money ends, credit begins', colour: 'var(--ink)', shape: 'stroke' },
    ]),
    html`<div class="pair">${currencies(view).flatMap(({ code, index }) => currencyFigure(view, used, code, index))}</div>`,
    accountTable(view, used),
  );
}

function withUse(account: Account): UsedAccount {
  const { openingMinor, drawnMinor: usedMinor, creditLineMinor, injectedMinor } = account;
  const availableMinor = openingMinor + injectedMinor + creditLineMinor;
  return {
    ...account,
    availableMinor,
    usedMinor,
    usage: availableMinor > 0n ? ratio(usedMinor, availableMinor) : null,
  };
}

/** An account that kept a cent did not use all. */
function percent(usage: number | null): string {
  if (usage === null) return '–';
  return usage < 1 && usage > 0.9995 ? '> 99.9 %' : `${(usage * 100).toFixed(1)} %`;
}

function currencyFigure(
  view: View,
  accounts: readonly UsedAccount[],
  code: string,
  index: number,
): Markup[] {
  const ranked = accounts
    .filter(({ currency }) => currency === code)
    .sort((a, b) => (b.usage ?? 0) - (a.usage ?? 0));
  if (ranked.length === 0) return [];
  const bars = ranked.slice(0, BARS_MAX).map((account) => ({
    name: nameOf(view, account.participant),
    used: account.usage ?? 0,
    funded:
      account.availableMinor > 0n
        ? ratio(account.openingMinor + account.injectedMinor, account.availableMinor)
        : 1,
    text: percent(account.usage),
  }));
  const available = ranked.reduce((sum, { availableMinor }) => sum + availableMinor, 0n);
  const used = ranked.reduce((sum, { usedMinor }) => sum + usedMinor, 0n);
  const more =
    ranked.length > bars.length ? ` The ${bars.length} that used the largest share.` : '';
  return [
    figure({
      title: code,
      text: `${code} ${amount(view, used, code)} of ${amount(view, available, code)} used.${more}`,
      chart: draw(
        `liquidity-${index}`,
        `Share of liquidity used in ${code}: ${bars.map(({ name, text }) => `${name} ${text}`).join(', ')}.`,
        { width: HALF, height: liquidityHeight(bars.length) },
        liquidityChart(bars, seriesColour(index)),
      ),
    }),
  ];
}

function accountTable(view: View, accounts: readonly UsedAccount[]): Markup {
  const numeric = (head: string) => ({ head, numeric: true });
  const rows = currencies(view).flatMap(({ code }) =>
    accounts
      .filter(({ currency }) => currency === code)
      .map((account) => [
        html`${nameOf(view, account.participant)} <small>${account.participant}</small>`,
        code,
        amount(view, account.openingMinor, code),
        amount(view, account.creditLineMinor, code),
        amount(view, account.lowestMinor, code),
        instant(view, account.lowestAtMs - SAMPLE_MS),
        amount(view, account.closingMinor, code),
        amount(view, account.usedMinor, code),
        percent(account.usage),
      ]),
  );
  return table(
    'Settlement accounts, in major units; the lowest balance with the minute in which it lay, UTC',
    [
      { head: 'Bank or dealer' },
      { head: 'Currency' },
      numeric('Opening balance'),
      numeric('Credit line'),
      numeric('Lowest balance'),
      numeric('at'),
      numeric('Closing balance'),
      numeric('Used'),
      numeric('Used %'),
    ],
    rows,
  );
}
