/** The networks of a run as a page, in the report's style: all that `--json` has. */
import { version } from '../platform/service/build-info.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { drawBars } from '../report/charts/bars.ts';
import {
  Cell,
  type ColumnOf,
  figure,
  foldedTable,
  nothing,
  section,
  table,
} from '../report/elements.ts';
import { countText, moneyText, percentText, ratioText } from '../report/format.ts';
import { html, type Markup } from '../report/html.ts';
import { contentsNav, page } from '../report/page.ts';
import { numeric } from '../report/sections/section-input.ts';
import { FIGURES, scopeNote, titleOfNetwork } from './network-figure-names.ts';
import type { BankFigures, BankNetwork, DescribedRun } from './run-networks.ts';

/** Ranges of degrees that are one bar: powers of two. */
function degreeBars({ outDegrees }: BankNetwork): { name: string; banks: number }[] {
  const bars: { name: string; banks: number }[] = [];
  const most = outDegrees.at(-1)?.[0] ?? 0;
  for (let from = 0, to = 0; from <= most; from = to + 1, to = 2 * to + 1) {
    const inside = outDegrees.filter(([degree]) => degree >= from && degree <= to);
    const banks = inside.reduce((sum, [, many]) => sum + many, 0);
    bars.push({ name: from === to ? String(from) : `${from} to ${to}`, banks });
  }
  return bars;
}

export function networksPage(described: DescribedRun): string {
  const { scenario, seed, run, networks } = described.networks;
  const title = `${scenario}, seed ${seed}`;
  return page({
    version,
    title: `${title}: Corridor network`,
    // What stands at the foot of printed pages must not end the style sheet's string.
    running: title.replace(/[^\w ,.-]/g, ' '),
    fileName: `${scenario}-${seed}-network`,
    content: [
      html`<header>
<p class="kicker">Corridor network</p>
<h1>${title}</h1>
<p class="lead">Who paid whom in ${run}: banks are nodes, and a link leads from the debtor’s to the creditor’s agent where there was a
payment. docs/networks.md defines each figure.</p>
${scopeNote(described.networks).map((note) => html`<p class="def">${note}.</p>`)}
</header>
`,
      contentsNav([
        ['figures', 'Figures'],
        ['degrees', 'Degrees'],
        ['banks', 'Banks'],
      ]),
      section('figures', 'Figures', figuresTable(described)),
      section('degrees', 'Degrees', networks.map(degreesPart)),
      section(
        'banks',
        'Banks',
        networks.map((network) => banksTable(network, described)),
      ),
    ],
  }).text;
}

const figuresTable = (described: DescribedRun): Markup =>
  table('The networks of the run', FIGURES, [
    ['Figure', ({ name }) => name],
    ...described.networks.networks.map(
      (network): ColumnOf<(typeof FIGURES)[number]> => [
        numeric(titleOfNetwork(network)),
        ({ text }) => text(network, described),
      ],
    ),
  ]);

function degreesPart(network: BankNetwork, index: number): Markup {
  const name = titleOfNetwork(network);
  if (network.banks === 0) return nothing(`${name}: no payments.`);
  const bars = degreeBars(network).map(({ name: degrees, banks }) => ({
    ...{ name: degrees, value: banks },
    text: countText(banks),
  }));
  return html`${figure({
    title: `Out-degrees, ${name}`,
    text: 'Banks by how many others they paid.',
    unit: 'banks',
    source: `Banks by degree, ${name}`,
    chart: drawBars(`out-degrees-${index}`, `Banks by out-degree, ${name}`, bars),
  })}
${foldedTable(
  `Degrees, ${name}`,
  table(`Banks by degree, ${name}`, degreeRows(network), [
    [numeric('Degree'), ({ degree }) => String(degree)],
    [numeric('Banks by out-degree'), ({ out }) => countText(out)],
    [numeric('Banks by in-degree'), ({ into }) => countText(into)],
  ]),
)}`;
}

function degreeRows({ outDegrees, inDegrees }: BankNetwork) {
  const [out, into] = [new Map(outDegrees), new Map(inDegrees)];
  return [...new Set([...out.keys(), ...into.keys()])]
    .sort((a, b) => a - b)
    .map((degree) => ({ degree, out: out.get(degree) ?? 0, into: into.get(degree) ?? 0 }));
}

function banksTable(network: BankNetwork, { decimals }: DescribedRun): Markup {
  const name = titleOfNetwork(network);
  if (network.banks === 0) return nothing(`${name}: no payments.`);
  const money = (minor: string | null) =>
    minor === null
      ? new Cell('–', '')
      : new Cell(
          moneyText(BigInt(minor), decimals(network.currency)),
          amountText(BigInt(minor), decimals(network.currency)),
        );
  const exact = (shown: string, value: number | null) => new Cell(shown, String(value ?? ''));
  const columns: ColumnOf<BankFigures>[] = [
    ['Bank', ({ bic }) => bic],
    [numeric('Out-degree'), ({ outDegree }) => String(outDegree)],
    [numeric('In-degree'), ({ inDegree }) => String(inDegree)],
    [numeric('Payments sent'), (bank) => exact(countText(bank.paymentsOut), bank.paymentsOut)],
    [numeric('Payments received'), (bank) => exact(countText(bank.paymentsIn), bank.paymentsIn)],
    [numeric('Value sent'), ({ valueOutMinor }) => money(valueOutMinor)],
    [numeric('Value received'), ({ valueInMinor }) => money(valueInMinor)],
    [numeric('Clustering'), (bank) => exact(ratioText(bank.clustering, 4), bank.clustering)],
    [numeric('By value'), ({ clusteringByValue: of }) => exact(ratioText(of, 4), of)],
    [numeric('Betweenness'), (bank) => exact(percentText(bank.betweenness, 2), bank.betweenness)],
    [numeric('Core number'), ({ coreNumber }) => String(coreNumber)],
    ['Core', ({ isCore }) => (isCore ? 'yes' : '–')],
  ];
  return foldedTable(`Banks, ${name}`, table(`Banks, ${name}`, network.byBank, columns));
}
