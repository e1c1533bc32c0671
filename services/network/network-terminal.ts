/** The networks of a run for the terminal: a column a network, then the banks of the one that says most. */
import Table from 'cli-table3';
import { countText, moneyText, percentText, ratioText } from '../report/format.ts';
import { FIGURES, scopeNote, titleOfNetwork } from './network-figure-names.ts';
import type { DescribedRun } from './run-networks.ts';

/** Networks beside each other; of more the first are shown. */
const COLUMNS_MAX = 4;
const BANKS_MAX = 12;

export function networkText(described: DescribedRun): string {
  const { run, scenario, seed, networks } = described.networks;
  const shown = networks.slice(0, COLUMNS_MAX);
  const figures = tableOf(['', ...shown.map(titleOfNetwork)]);
  for (const { name, text } of FIGURES)
    figures.push([name, ...shown.map((network) => text(network, described))]);
  const more = networks.length - shown.length;
  return [
    `${run}: scenario ${scenario}, seed ${seed}`,
    ...scopeNote(described.networks),
    figures.toString(),
    ...(more > 0 ? [`and ${countText(more)} more networks: --json and --html have all`] : []),
    ...banksPart(described),
    '',
  ].join('\n');
}

const tableOf = (head: string[]) =>
  new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  });

/** The largest by value sent, else by payments, of the first network that settled. */
function banksPart({ networks: { networks }, decimals }: DescribedRun): string[] {
  const network = networks.find(({ stage }) => stage === 'settled');
  if (network === undefined) return [];
  const size = (value: string | null, payments: number) =>
    value === null ? BigInt(payments) : BigInt(value);
  const banks = [...network.byBank].sort((a, b) => {
    const [one, other] = [a, b].map((bank) => size(bank.valueOutMinor, bank.paymentsOut));
    return one === other ? 0 : (one as bigint) < (other as bigint) ? 1 : -1;
  });
  const table = tableOf([
    ...['bank', 'out', 'in', 'value sent', 'value received', 'clustering'],
    ...['betweenness', 'core number', 'core'],
  ]);
  const money = (minor: string | null) =>
    minor === null ? '–' : moneyText(BigInt(minor), decimals(network.currency));
  for (const bank of banks.slice(0, BANKS_MAX))
    table.push([
      bank.bic,
      countText(bank.outDegree),
      countText(bank.inDegree),
      money(bank.valueOutMinor),
      money(bank.valueInMinor),
      ratioText(bank.clustering, 3),
      percentText(bank.betweenness, 2),
      countText(bank.coreNumber),
      bank.isCore ? 'yes' : '',
    ]);
  const more = banks.length - BANKS_MAX;
  return [
    '',
    `Banks, ${titleOfNetwork(network)}, the largest first`,
    table.toString(),
    ...(more > 0 ? [`and ${countText(more)} more: --json and --html have all`] : []),
  ];
}
