import { folded, section, table } from '../elements.ts';
import { countText, ratioText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import type { Verification } from '../queries/run.ts';
import { instant, type View } from './view.ts';

/** What the scenario did, and how the run can be had again. */
export function provenance(view: View, verification: Verification): Markup {
  const { scenario, summary } = view;
  return section(
    'provenance',
    'What produced this',
    events(view),
    html`<p>Corridor ${summary.version} ran <code>${scenario.file}</code> with seed ${String(scenario.seed)} in virtual
time. The events that the settlement core gave were folded into ClickHouse, and the figures were queried from
there. <code>corridor replay</code> on the folder of this run settles the recorded input once more and
compares the hash; <code>payments.csv</code> has every payment.</p>`,
    verificationText(verification),
    folded(
      'The scenario as it was run: defaults and overrides filled in',
      html`<pre>${JSON.stringify(scenario.document, null, 2)}</pre>`,
    ),
  );
}

function events(view: View): Markup {
  const { marks, scenario } = view;
  if (marks.length === 0) return html`<p>The scenario has no events.</p>`;
  return table(
    'Events of the scenario, with their letters on the charts; times UTC',
    [
      { head: 'Mark' },
      { head: 'From', numeric: true },
      { head: 'Until', numeric: true },
      { head: 'Participant' },
      { head: 'What' },
    ],
    marks.map(({ letter, fromMs, untilMs, participant, what, endless }) => {
      const { name = '', bic = '' } = scenario.participants[participant] ?? {};
      return [
        letter || '–',
        fromMs === null ? 'all day' : instant(view, fromMs),
        untilMs !== null ? instant(view, untilMs) : endless ? 'the end' : '',
        html`${name} <small>${bic}</small>`,
        what,
      ];
    }),
  );
}

function verificationText({ messages, invalid, durationNs }: Verification): Markup {
  if (messages === 0) return html`<p>No message was verified.</p>`;
  const microseconds = Number(durationNs / BigInt(messages)) / 1000;
  return html`<p>The verifier took in ${countText(messages)} messages, refused ${countText(invalid)}, and needed
${ratioText(microseconds, 1)} µs for each on the machine of this run. <span class="def">Measured, so it differs from run to
run; it is in no hash.</span></p>`;
}
