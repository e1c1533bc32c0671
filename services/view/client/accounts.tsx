import { computed, signal } from '@preact/signals';
import type { AccountState } from '../told-to-page.ts';
import { CurrencyChoice } from './choice.tsx';
import { waitedText } from './clocks.ts';
import { approximately, clockText, shortMoneyText, shownCount, shownMoney } from './format.ts';
import { accounts, currency, decimalsOf, opened, participantName } from './page-state.ts';
import { ScrollTable, type ScrollTableProps } from './scroll-table.tsx';
import { waitTexts } from './wait-text.tsx';

/** Rows before all are asked for. */
const ROWS_MAX = 20;
const showsAll = signal(false);

const rows = computed(() => {
  const code = currency.value?.code;
  return [...accounts.value.values()]
    .filter((account) => account.currency === code)
    .sort((a, b) => Number(b.waiting > 0) - Number(a.waiting > 0) || (a.bic < b.bic ? -1 : 1));
});

/** How the balance stands between the floor and the highest that it was. */
function Bar({ account, decimals }: { readonly account: AccountState; readonly decimals: number }) {
  const balance = approximately(account.balance, decimals);
  const credit = approximately(account.credit, decimals);
  const span = credit + Math.max(approximately(account.peak, decimals), 0);
  if (span <= 0) return <span class="bar" aria-hidden="true" />;
  const zero = (100 * credit) / span;
  const at = (100 * Math.max(0, credit + balance)) / span;
  const [from, to] = at < zero ? [at, zero] : [zero, at];
  return (
    <span class="bar" aria-hidden="true">
      <span
        class={balance < 0 ? 'part drawn' : 'part held'}
        style={{ left: `${from}%`, width: `${Math.max(0.5, to - from)}%` }}
      />
      {credit > 0 && <span class="part zero" style={{ left: `${zero}%` }} />}
    </span>
  );
}

function Head({ account }: { readonly account: AccountState }) {
  const { head, bic } = account;
  if (!head) return null;
  const [why, release] = waitTexts(head.wait, bic, account.currency);
  return (
    <tr class="reason">
      <td colSpan={7}>
        <span class="why">
          First: {shownMoney(head.amountMinor, decimalsOf(account.currency))} to {head.creditor}.{' '}
          <strong>{why}.</strong> {release && `${release}.`}
        </span>{' '}
        <button type="button" class="link" onClick={() => (opened.value = head.uetr)}>
          Open<span class="hidden"> the first payment of {bic}</span>
        </button>
      </td>
    </tr>
  );
}

/** What the bank is forecast to need until the close. */
function Need({
  account,
  decimals,
}: {
  readonly account: AccountState;
  readonly decimals: number;
}) {
  const { need } = account;
  if (need?.kind !== 'forecast') return null;
  const { lowerMinor, middleMinor, upperMinor } = need;
  const [lower, middle, upper] = [lowerMinor, middleMinor, upperMinor].map((minor) =>
    shortMoneyText(minor, decimals),
  );
  return (
    <small class="need">
      <span class="unbroken">needs {middle}</span> <span class="unbroken">({lower}</span>{' '}
      <span class="unbroken">to {upper})</span>
    </small>
  );
}

/** What the needs are, or why there are none. */
function NeedNote() {
  const needs = rows.value.flatMap(({ need }) => need ?? []);
  const forecast = needs.flatMap((need) => (need.kind === 'forecast' ? [need.atMs] : []));
  const short = needs.flatMap((need) => (need.kind === 'tooShort' ? [need.datesMin] : []));
  const [atMs] = forecast;
  const [datesMin] = short;
  const whose =
    atMs === undefined
      ? 'No'
      : `Of ${shownCount(short.length)} of ${shownCount(needs.length)} accounts no`;
  return (
    <>
      {atMs !== undefined &&
        `Needs: what payments are forecast to take above what they bring from ${clockText(atMs).slice(0, 5)} to the close, and the interval of four dates in five. `}
      {datesMin !== undefined &&
        `${whose} need until the close is forecast: it takes ${datesMin} dates before that closed.`}
    </>
  );
}

function Row({ account, decimals }: { readonly account: AccountState; readonly decimals: number }) {
  const { bic, balance, credit, waiting, waitingMinor, oldestMs, oldestScenarioMs } = account;
  return (
    <>
      <tr class={waiting > 0 ? 'waits' : ''}>
        <th scope="row">
          <span class="bic">{bic}</span> <small>{participantName(bic)}</small>
        </th>
        <td class="num">
          {shownMoney(balance, decimals)}
          {credit !== '0' && <small class="narrow"> credit {shownMoney(credit, decimals)}</small>}
          <Need account={account} decimals={decimals} />
        </td>
        <td class="bar-cell wide">
          <Bar account={account} decimals={decimals} />
        </td>
        <td class="num wide">{credit === '0' ? '–' : shownMoney(credit, decimals)}</td>
        <td class="num">
          {waiting === 0 ? '–' : shownCount(waiting)}
          {waiting > 0 && <small class="narrow"> {shownMoney(waitingMinor, decimals)}</small>}
        </td>
        <td class="num wide">{waiting === 0 ? '–' : shownMoney(waitingMinor, decimals)}</td>
        <td class="num">{oldestMs === null ? '–' : waitedText(oldestMs, oldestScenarioMs)}</td>
      </tr>
      <Head account={account} />
    </>
  );
}

const HEADS: ScrollTableProps['heads'] = [
  ['Bank'],
  ['Balance', 'num'],
  [<span class="hidden">Balance as a bar</span>, 'bar-cell wide'],
  ['Credit', 'num wide'],
  ['Waiting', 'num'],
  ['Their value', 'num wide'],
  ['Oldest', 'num'],
];

export function Accounts() {
  const code = currency.value?.code ?? '';
  const decimals = decimalsOf(code);
  const all = rows.value;
  const shown = showsAll.value ? all : all.slice(0, ROWS_MAX);
  return (
    <section class="panel" aria-labelledby="accounts">
      <div class="panel-head">
        <h2 id="accounts">Balances and queues</h2>
        <CurrencyChoice name="account-currency" />
      </div>
      <p class="note">
        {code}; those with a queue first. The bar runs from the end of the credit line to the
        highest balance so far. <NeedNote />
      </p>
      {all.length === 0 ? (
        <p class="empty">No accounts in {code}.</p>
      ) : (
        <ScrollTable label="Balances and queues" heads={HEADS} style="accounts">
          {shown.map((account) => (
            <Row key={account.bic} account={account} decimals={decimals} />
          ))}
        </ScrollTable>
      )}
      {all.length > ROWS_MAX && (
        <button type="button" class="plain" onClick={() => (showsAll.value = !showsAll.value)}>
          {showsAll.value ? 'Show fewer' : `Show all ${shownCount(all.length)}`}
        </button>
      )}
    </section>
  );
}
