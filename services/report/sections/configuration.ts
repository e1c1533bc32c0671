/** What was configured, as tables; the scenario's whole document follows in `provenance`. */
import { Cell, type ColumnOf, facts, section, table } from '../elements.ts';
import { countText, grouped } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { quoteTable, tradesTable, trafficTable } from './configured-traffic.ts';
import {
  bankCell,
  hoursText,
  numeric,
  percentCell,
  scenarioCurrencies,
  type View,
} from './section-input.ts';
import { currencyRules } from './settlement-facts.ts';

type Participant = View['scenario']['document']['participants'][number];
type Account = Participant['accounts'][string];

export function configurationSection(view: View): Markup {
  return section(
    'configuration',
    'Configuration',
    html`<p class="def">As the scenario says it, with its defaults and the overrides of this run. Amounts in units of their
currency.</p>`,
    facts(generally(view)),
    rulesTable(view),
    accountTable(view),
    limitTable(view),
    trafficTable(view),
    tradesTable(view),
    quoteTable(view),
  );
}

function generally({ scenario, summary }: View): [string, string | Markup][] {
  const { settlement, document } = scenario;
  const overrides = summary.overrides.map((override) => html`<code>${override}</code> `);
  return [
    ['Seed', String(scenario.seed)],
    ['Overrides', overrides.length > 0 ? html`${overrides}` : 'none'],
    [
      'Signatures',
      summary.signatures ? 'signed and verified' : 'off: nothing was signed or verified',
    ],
    ['Unmatched legs end after', `${countText(settlement.pvpTimeoutMs / 60_000)} min`],
    ['Identities kept for', `${settlement.identityDays} days`],
    ['What holds payments up', settlement.certificates ? 'told after each cycle' : 'not told'],
    ['Clock records', `every ${countText(document.tickMs)} ms while a currency is open`],
    ...(document.payments && scenario.instructionsOf === undefined
      ? [listedFact(scenario.listedPayments.length, document.payments.csv)]
      : []),
  ];
}

const listedFact = (listed: number, csv: string): [string, string] => [
  'Listed payments',
  `${countText(listed)} from ${csv}`,
];

function rulesTable(view: View): Markup {
  const rows = scenarioCurrencies(view).map((currency) => ({
    code: currency.code,
    rules: new Map([...hoursText(view, currency), ...currencyRules(view.scenario, currency.index)]),
  }));
  const names = ['Open', 'Mechanism', 'Queue', 'Cycles', 'Offsetting', 'Queued at close'];
  return table('Opening hours and settlement rules by currency', rows, [
    ['Currency', ({ code }) => code],
    ...names.map(
      (head): ColumnOf<(typeof rows)[number]> => [
        { head, wraps: true },
        ({ rules }) => rules.get(head) ?? '–',
      ],
    ),
  ]);
}

function accountTable(view: View): Markup {
  const rows = accountsOf(view.scenario.document.participants);
  return table('Participants and their accounts at the beginning', rows, [
    [{ head: 'Participant', csvHead: 'BIC' }, ({ participant }) => bankCell(view, participant.bic)],
    ['Role', ({ participant }) => participant.role],
    [numeric('Size'), ({ participant }) => String(participant.size)],
    ['Currency', ({ code }) => code],
    [numeric('Balance'), ({ account }) => amountText(account.balance)],
    [numeric('Credit line'), ({ account }) => amountText(account.creditLine)],
    [
      numeric('Collateral'),
      ({ account: { collateral } }) => (collateral ? amountText(collateral.amount) : '–'),
    ],
    [
      numeric('Haircut'),
      ({ account: { collateral } }) =>
        collateral ? percentCell(collateral.haircutBasisPoints / 10_000, 2) : '–',
    ],
  ]);
}

/** Every account with its participant, in the order of the file. */
const accountsOf = (participants: readonly Participant[]) =>
  participants.flatMap((participant) =>
    Object.entries(participant.accounts).map(([code, account]) => ({ participant, code, account })),
  );

/** Separated like every amount; plain in CSV. */
const amountText = (text: string): Cell => new Cell(grouped(text), text);

/** Limits, caps and reservations; null where nobody has any. */
function limitTable(view: View): Markup | null {
  const { participants } = view.scenario.document;
  const limits = [
    ...accountsOf(participants).flatMap(({ participant, code, account }) =>
      limitsOf(account).map((limit) => ({ bic: participant.bic, code, limit })),
    ),
    ...participants.flatMap(({ bic, acrossCurrencies: across }) =>
      acrossOf(across).map((limit) => ({ bic, code: across?.currency ?? '', limit })),
    ),
  ];
  if (limits.length === 0) return null;
  return table('Limits, caps and reservations at the beginning', limits, [
    [{ head: 'Participant', csvHead: 'BIC' }, ({ bic }) => bankCell(view, bic)],
    ['Currency', ({ code }) => code],
    ['What', ({ limit: [what] }) => what],
    ['Against', ({ limit: [, against] }) => against],
    [numeric('Amount'), ({ limit: [, , amount] }) => amountText(amount)],
  ]);
}

/** Over all currencies of a participant. */
const acrossOf = (across: Participant['acrossCurrencies']): [string, string, string][] =>
  [
    ['aggregate short limit', across?.aggregateShortLimit] as const,
    ['pooled collateral', across?.pooledCollateral] as const,
  ].flatMap(([what, amount]) => (amount === undefined ? [] : [[what, 'all currencies', amount]]));

function limitsOf(account: Account): [string, string, string][] {
  const { limit, netDebitCap, reservations } = account;
  const against = (what: string, all: Readonly<Record<string, string>>) =>
    Object.entries(all).map(([bic, amount]): [string, string, string] => [what, bic, amount]);
  return [
    ...(netDebitCap === undefined ? [] : against('net debit cap', { all: netDebitCap })),
    ...against('bilateral cap granted', account.bilateralCaps),
    ...(limit === undefined ? [] : against('multilateral limit', { 'all others': limit })),
    ...against('bilateral limit', account.bilateralLimits),
    ...Object.entries(reservations ?? {}).map(([priority, amount]): [string, string, string] => [
      'reserved',
      priority,
      amount,
    ]),
  ];
}
