import type { Role } from '../../protocol/records/control-record.ts';
import { COUNTERFACTUAL } from '../figures/summary.ts';
import { countText } from '../format.ts';
import { type Content, html, type Markup } from '../html.ts';
import type { View } from './section-input.ts';
import { settlementFacts } from './settlement-facts.ts';

/** What was run: name, seed, version, settings, and the hash by which a run is known. */
export function headSection({ scenario, summary }: View): Markup {
  const counted = (role: Role, word: string) => {
    const count = scenario.participants.filter((one) => one.role === role).length;
    return `${countText(count)} ${word}${count === 1 ? '' : 's'}`;
  };
  const hasCentralBanks = scenario.participants.some(({ role }) => role === 'central-bank');
  const facts: [string, Content][] = [
    [
      scenario.businessDates.length === 1 ? 'Business date' : 'Business dates',
      dates(scenario.businessDates),
    ],
    ['Seed', String(scenario.seed)],
    ['Version', `Corridor ${summary.version}`],
    ...(summary.overrides.length > 0
      ? [['Overrides', html`<code>${summary.overrides.join(' ')}</code>`] as [string, Content]]
      : []),
    ...(summary.counterfactualOf === undefined
      ? []
      : [
          [
            'Counterfactual',
            html`of <code>${summary.counterfactualOf}</code>. ${COUNTERFACTUAL}`,
          ] as [string, Content],
        ]),
    [
      'Participants',
      [
        counted('bank', 'bank'),
        counted('dealer', 'dealer'),
        ...(hasCentralBanks ? [counted('central-bank', 'central bank')] : []),
      ].join(', '),
    ],
    ['Currencies', scenario.currencies.map(({ code }) => code).join(', ')],
    ['Settlement pools', scenario.pools.map(({ name }) => name).join(', ')],
    ...settlementFacts(scenario),
    [
      'Exchange rates',
      scenario.ratesSource
        ? html`${scenario.ratesSource.source}, <time>${scenario.ratesSource.date}</time>`
        : 'none in the scenario',
    ],
    ['Network', scenario.network],
  ];
  return html`<header>
<p class="kicker">Corridor simulation report</p>
<h1>${scenario.name}</h1>
<p class="lead">${scenario.description}</p>
<dl class="facts">${facts.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}
<div class="whole"><dt>eventsHash</dt><dd><code>${summary.eventsHash}</code></dd></div></dl>
<p class="def">Same scenario, seed and version give the same events, and so this hash: the last link of the
SHA-256 chain over all settlement events. All times are in UTC. Amounts are exact; those on axes
and bars are rounded for reading.</p>
</header>
`;
}

const dates = (all: readonly string[]) =>
  all.length <= 5 ? all.join(', ') : `${all[0]} to ${all[all.length - 1]} (${all.length} dates)`;
