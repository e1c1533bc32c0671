/** Names of a network's figures, for terminal and page. */
import { countText, moneyText, percentText, ratioText } from '../report/format.ts';
import type { ComponentFigures } from './network-structure.ts';
import type { BankNetwork, DescribedRun, RunNetworks } from './run-networks.ts';
import type { Concentration } from './share-of-largest-banks.ts';

export const titleOfNetwork = ({ currency, stage }: BankNetwork): string =>
  `${currency ?? 'all'}, ${stage}`;

/** In what all currencies are told, and what is in no network. */
export function scopeNote({ reference, leftOut, networks }: RunNetworks): string[] {
  const notes: string[] = [];
  if (networks.some(({ currency }) => currency === null))
    notes.push(
      reference === null
        ? 'all: payments of all currencies; their values have no common reference rates'
        : `all: all currencies; values in ${reference.currency} at the scenario’s reference rates (${reference.source})`,
    );
  if (leftOut > 0)
    notes.push(`${countText(leftOut)} messages name no two banks and a currency: in no network`);
  return notes;
}

interface FigureWords {
  readonly name: string;
  readonly text: (network: BankNetwork, described: DescribedRun) => string;
}

const count = (of: number | null): string => (of === null ? '–' : countText(of));
const components = ({ count: many, largest }: ComponentFigures): string =>
  `${countText(many)}, largest ${countText(largest)}`;
const density = (of: number | null): string => ratioText(of, 3);
const sent = (of: (sent: Concentration) => string) => (network: BankNetwork) =>
  network.sent === null ? '–' : of(network.sent);

/** In the order of docs/networks.md, which defines each. */
export const FIGURES: readonly FigureWords[] = [
  { name: 'payments', text: ({ payments }) => countText(payments) },
  {
    name: 'value',
    text: ({ valueMinor, currency }, { decimals }) =>
      valueMinor === null ? '–' : moneyText(BigInt(valueMinor), decimals(currency)),
  },
  { name: 'banks (nodes)', text: ({ banks }) => countText(banks) },
  { name: 'links', text: ({ links }) => countText(links) },
  { name: 'connectivity', text: ({ density: of }) => percentText(of, 2) },
  { name: 'mean degree', text: ({ meanDegree }) => ratioText(meanDegree, 2) },
  { name: 'largest out-degree', text: ({ outDegrees }) => count(outDegrees.at(-1)?.[0] ?? null) },
  { name: 'largest in-degree', text: ({ inDegrees }) => count(inDegrees.at(-1)?.[0] ?? null) },
  { name: 'reciprocity', text: ({ reciprocity }) => percentText(reciprocity, 2) },
  { name: 'clustering', text: ({ clustering }) => ratioText(clustering, 4) },
  {
    name: 'clustering by payments',
    text: ({ clusteringByPayments }) => ratioText(clusteringByPayments, 4),
  },
  {
    name: 'clustering by value',
    text: ({ clusteringByValue }) => ratioText(clusteringByValue, 4),
  },
  {
    name: 'average path length',
    text: ({ averagePathLength }) => ratioText(averagePathLength, 3),
  },
  { name: 'diameter', text: ({ diameter }) => count(diameter) },
  { name: 'weak components', text: ({ weakComponents }) => components(weakComponents) },
  { name: 'strong components', text: ({ strongComponents }) => components(strongComponents) },
  {
    name: 'innermost core',
    text: ({ innermostCore: { number, banks } }) => `${count(banks)} of number ${count(number)}`,
  },
  {
    name: 'core and periphery',
    text: ({ corePeriphery: { size, errorShare } }) =>
      `core ${count(size)}, errors ${percentText(errorShare, 1)}`,
  },
  {
    name: 'densities cc cp pc pp',
    text: ({ corePeriphery: { densities } }) => Object.values(densities).map(density).join(' '),
  },
  { name: 'HHI of value sent', text: sent(({ herfindahl }) => ratioText(herfindahl, 4)) },
  { name: 'share of the largest', text: sent(({ largest1 }) => percentText(largest1)) },
  { name: 'share of the five largest', text: sent(({ largest5 }) => percentText(largest5)) },
  { name: 'share of the ten largest', text: sent(({ largest10 }) => percentText(largest10)) },
  {
    name: 'banks with 75 % of the value',
    text: sent(({ banksOf75Percent }) => countText(banksOf75Percent)),
  },
];
