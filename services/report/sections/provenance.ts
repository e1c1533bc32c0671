import { RULES_VERSION } from '../../protocol/records/rules-version.ts';
import { foldedTable, section, table } from '../elements.ts';
import { countText, ratioText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import type { VerificationRow } from '../queries/names-times-verification.ts';
import { bankCell, instantCell, numeric, type View } from './section-input.ts';

export interface Versions {
  readonly clickHouse: string;
}

/** What the scenario did, and how the run can be had again. */
export function provenanceSection(
  view: View,
  verification: VerificationRow,
  versions: Versions,
): Markup {
  const { scenario, summary } = view;
  return section(
    'provenance',
    'What produced this',
    events(view),
    anomaliesText(view),
    scenario.observedMs === undefined
      ? html`<p>Corridor ${summary.version} (settlement rules ${RULES_VERSION}) on Node ${process.versions.node} and ClickHouse
${versions.clickHouse} ran <code>${scenario.file}</code> with seed ${String(scenario.seed)} in virtual time. The events that the
settlement core gave were folded twice: into ClickHouse, from where counts, values, charts and accounts were queried, and
into the books behind <code>summary.json</code>, from where the indicators and the corridors come. The run compares what both
have and fails where they differ.</p>`
      : html`<p>Corridor ${summary.version} on Node ${process.versions.node} and ClickHouse ${versions.clickHouse} wrote the payments of
<code>${scenario.file}</code> as events at the times at which they were observed to be submitted and to settle. The settlement core
settled none of them. The events were folded twice, as those of any run: into ClickHouse, and into the books behind
<code>summary.json</code>. The run compares what both have and fails where they differ.</p>`,
    html`<p>${
      scenario.observedMs === undefined
        ? html`<code>corridor replay</code> on the folder of this run settles the recorded input once more and compares the hash.`
        : html`<code>corridor run</code> on the <code>scenario.json</code> of this run settles its payments by the scenario's rules, and
<code>corridor compare</code> holds that against what was observed.`
    }
<code>payments.csv</code> has every payment, <code>summary.json</code> the indicators, and <code>corridor export</code> writes every
table for pandas and R with a data dictionary.</p>`,
    verificationText(verification),
    foldedTable(
      'The scenario as it was run: defaults and overrides filled in',
      html`<pre>${JSON.stringify(scenario.document, null, 2)}</pre>`,
    ),
  );
}

function events(view: View): Markup {
  const { marks, scenario } = view;
  if (marks.length === 0) return html`<p>The scenario has no events.</p>`;
  return table('Events of the scenario, with their letters on the charts; times UTC', marks, [
    ['Mark', ({ letter }) => letter || '–'],
    [numeric('From'), ({ fromMs }) => (fromMs === null ? 'all day' : instantCell(view, fromMs))],
    [
      numeric('Until'),
      ({ untilMs, endless }) =>
        untilMs !== null ? instantCell(view, untilMs) : endless ? 'the end' : '',
    ],
    [
      { head: 'Participant', csvHead: 'BIC' },
      ({ participant }) => bankCell(view, scenario.participants[participant]?.bic ?? ''),
    ],
    [{ head: 'What', wraps: true }, ({ what }) => what],
  ]);
}

/** No mark and no table tells of them: a watch over the flow is to find them. */
function anomaliesText({ scenario }: View): Markup | string {
  const { anomalies } = scenario;
  if (anomalies.length === 0) return '';
  const named = anomalies.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  return html`<p>Injected anomalies, labelled in <code>labels.csv</code> and the table <code>labels</code>: ${named}.</p>`;
}

function verificationText({ messages, invalid, durationNs }: VerificationRow): Markup {
  if (messages === 0) return html`<p>No message was verified.</p>`;
  const microseconds = Number(durationNs / BigInt(messages)) / 1000;
  return html`<p>The verifier took in ${countText(messages)} messages, refused ${countText(invalid)}, and needed
${ratioText(microseconds, 1)} µs for each on the machine of this run. <span class="def">Measured, so it differs from run to
run; it is in no hash.</span></p>`;
}
