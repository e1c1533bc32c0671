/**
 * The networks of a run: of each currency and of all together, as submitted and as settled. At which rates:
 * report/reference-rates.ts.
 */
import { clustering } from '../analysis/graphs/clustering.ts';
import { type Digraph, degreeOf, digraphOf } from '../analysis/graphs/digraph.ts';
import { type ComparedRun, decimalsByCurrency, finishedRun } from '../compare/finished-run.ts';
import { type ReferenceValue, referenceValue } from '../report/reference-rates.ts';
import { LinkBook, type LinkTotals, mergedLinks } from './link-book.ts';
import { type NodeFigures, type Structure, structureOf } from './network-structure.ts';
import { runFlows, STAGES, type Stage } from './run-flows.ts';
import { type Concentration, concentrationOf } from './share-of-largest-banks.ts';

export interface BankFigures {
  readonly bic: string;
  readonly outDegree: number;
  readonly inDegree: number;
  /** Strength by payments and by value; minor units as text, null where the currencies have no rates. */
  readonly paymentsOut: number;
  readonly paymentsIn: number;
  readonly valueOutMinor: string | null;
  readonly valueInMinor: string | null;
  readonly clustering: number;
  readonly clusteringByPayments: number;
  readonly clusteringByValue: number | null;
  readonly betweenness: number;
  readonly coreNumber: number;
  readonly isCore: boolean;
  readonly isInLargestStrongComponent: boolean;
}

export interface BankNetwork extends Structure {
  /** Null: all currencies together. */
  readonly currency: string | null;
  readonly stage: Stage;
  readonly payments: number;
  /** Of all currencies in the reference currency. */
  readonly valueMinor: string | null;
  /** Means over the banks; null without banks. */
  readonly clustering: number | null;
  readonly clusteringByPayments: number | null;
  readonly clusteringByValue: number | null;
  readonly sent: Concentration | null;
  readonly received: Concentration | null;
  /** By BIC. */
  readonly byBank: readonly BankFigures[];
}

export interface RunNetworks {
  readonly run: string;
  readonly scenario: string;
  readonly seed: number;
  readonly version: string;
  /** In which the value of all currencies is; null: they have no common rates. */
  readonly reference: { readonly currency: string; readonly source: string | null } | null;
  /** Messages that name no two banks, or one bank twice: in no network. */
  readonly leftOut: number;
  readonly networks: readonly BankNetwork[];
}

/** Networks, and what is needed to write their amounts. */
export interface DescribedRun {
  readonly networks: RunNetworks;
  readonly decimals: (currency: string | null) => number;
}

/** @throws BadInput where the folder is no finished run with its payments */
export async function describeRun(name: string): Promise<DescribedRun> {
  const run = finishedRun('network', name);
  const decimals = decimalsByCurrency([run]);
  const banks = new Map<string, number>();
  const numberOf = (bic: string) => {
    const known = banks.get(bic);
    if (known !== undefined) return known;
    banks.set(bic, banks.size);
    return banks.size - 1;
  };
  const books: Record<Stage, Map<string, LinkBook>> = { submitted: new Map(), settled: new Map() };
  let leftOut = 0;
  await runFlows(name, (stage, debtor, creditor, currency, amountMinor) => {
    if (debtor === '' || creditor === '' || currency === '' || debtor === creditor) {
      if (stage === 'submitted') leftOut += 1;
      return;
    }
    const book = books[stage].get(currency) ?? new LinkBook();
    books[stage].set(currency, book);
    book.add(numberOf(debtor), numberOf(creditor), amountMinor);
  });
  const reference = referenceOf(run, [...books.submitted.keys()], decimals);
  const { scenario, seed, version } = run.summary;
  const source = reference?.source ?? null;
  return {
    networks: {
      ...{ run: name, scenario, seed, version, leftOut },
      reference: reference && {
        currency: reference.currency,
        source: source && `${source.text}, ${source.date}`,
      },
      networks: networksOf([...banks.keys()], books, reference),
    },
    decimals: (currency) => (currency === null ? (reference?.decimals ?? 0) : decimals(currency)),
  };
}

/** Over the currencies in which there are payments: what is not paid in needs no rate. */
function referenceOf(
  { document }: ComparedRun,
  codes: readonly string[],
  decimals: (currency: string) => number,
): ReferenceValue | null {
  const { rates } = document ?? {};
  const all = new Set([...codes, ...(codes.length > 1 && rates ? [rates.base] : [])]);
  return referenceValue({
    currencies: [...all].map((code) => ({ code, minorUnits: decimals(code) })),
    document: rates === undefined ? {} : { rates },
  });
}

function networksOf(
  bics: readonly string[],
  books: Readonly<Record<Stage, ReadonlyMap<string, LinkBook>>>,
  reference: ReferenceValue | null,
): BankNetwork[] {
  const codes = [...books.submitted.keys()].sort();
  const scopes = [
    ...(codes.length > 1 ? [{ currency: null, codes }] : []),
    ...codes.map((code) => ({ currency: code, codes: [code] })),
  ];
  const inOrder = bics.map((bic, bank) => ({ bic, bank })).sort((a, b) => (a.bic < b.bic ? -1 : 1));
  return scopes.flatMap(({ currency, codes: paid }) => {
    const described = new Described();
    return STAGES.map((stage) => {
      const flows = paid.map((code) => ({ code, links: books[stage].get(code)?.all ?? [] }));
      return networkOf({ currency, stage, flows, inOrder, reference, described });
    });
  });
}

/** Most of what is submitted settles: the links are then the same, and so is what they alone decide. */
class Described {
  #last: { from: Int32Array; to: Int32Array; bics: string; result: LinkFigures } | null = null;

  of(bics: readonly string[], from: Int32Array, to: Int32Array): LinkFigures {
    const names = bics.join();
    const last = this.#last;
    const isSame = (a: Int32Array, b: Int32Array) => Buffer.compare(bytes(a), bytes(b)) === 0;
    if (last?.bics === names && isSame(last.from, from) && isSame(last.to, to)) return last.result;
    const graph = digraphOf(bics.length, from, to);
    const unweighted = clustering(graph);
    const result = { graph, ...structureOf(graph), unweighted, weighted: new Map() };
    this.#last = { from, to, bics: names, result };
    return result;
  }
}

const bytes = (of: Int32Array) => new Uint8Array(of.buffer, of.byteOffset, of.byteLength);

interface LinkFigures {
  readonly graph: Digraph;
  readonly structure: Structure;
  readonly nodes: NodeFigures;
  readonly unweighted: Float64Array;
  /** The last of each weighting. */
  readonly weighted: Map<'payments' | 'value', { weights: Float64Array; figures: Float64Array }>;
}

/** Where all that was submitted settled, the weights are the same too. */
function weightedClustering(
  { graph, weighted }: LinkFigures,
  by: 'payments' | 'value',
  weights: Float64Array,
): Float64Array {
  const last = weighted.get(by);
  if (last?.weights.every((weight, link) => weight === weights[link])) return last.figures;
  const figures = clustering(graph, weights);
  weighted.set(by, { weights, figures });
  return figures;
}

interface NetworkParts {
  readonly currency: string | null;
  readonly stage: Stage;
  /** By currency. */
  readonly flows: readonly { readonly code: string; readonly links: readonly LinkTotals[] }[];
  /** All banks of the run, by BIC. */
  readonly inOrder: readonly { readonly bic: string; readonly bank: number }[];
  readonly reference: ReferenceValue | null;
  readonly described: Described;
}

function networkOf(parts: NetworkParts): BankNetwork {
  const { currency, stage, flows, inOrder, described } = parts;
  const reference = currency === null ? parts.reference : null;
  const isValued = currency !== null || reference !== null;
  const links = flows.map((flow) => flow.links);
  const paying = new Uint8Array(inOrder.length);
  for (const { debtor, creditor } of links.flat()) paying[debtor] = paying[creditor] = 1;
  const members = inOrder.filter(({ bank }) => paying[bank] === 1);
  const order = new Int32Array(inOrder.length).fill(-1);
  for (const [at, { bank }] of members.entries()) order[bank] = at;
  const units = flows.map(({ code }) => reference?.exact(1n, code).toNumber() ?? 1);
  const merged = mergedLinks(links, order, members.length, units);
  const bics = members.map(({ bic }) => bic);
  const figures = described.of(bics, merged.from, merged.to);
  const { graph, structure, nodes, unweighted } = figures;
  const { payments, value } = merged;
  const byPayments = weightedClustering(figures, 'payments', payments);
  // A value of 0 would be no weight.
  const isWeighed = isValued && value.every((one) => one > 0);
  const byValue = isWeighed ? weightedClustering(figures, 'value', value) : undefined;
  const strengths = strengthsOf(members.length, order, flows, reference);
  const byBank = bics.map((bic, bank): BankFigures => {
    const { paymentsOut, paymentsIn, valueOut, valueIn } = strengths(bank);
    return {
      bic,
      outDegree: degreeOf(graph.out, bank),
      inDegree: degreeOf(graph.in, bank),
      paymentsOut,
      paymentsIn,
      valueOutMinor: isValued ? String(valueOut) : null,
      valueInMinor: isValued ? String(valueIn) : null,
      clustering: unweighted[bank]!,
      clusteringByPayments: byPayments[bank]!,
      clusteringByValue: byValue?.[bank] ?? null,
      betweenness: nodes.betweenness[bank]!,
      coreNumber: nodes.coreNumber[bank]!,
      isCore: nodes.isCore[bank] === 1,
      isInLargestStrongComponent: nodes.isInLargest[bank]!,
    };
  });
  const mean = (of: Float64Array | undefined) =>
    of === undefined || of.length === 0 ? null : of.reduce((a, b) => a + b, 0) / of.length;
  const values = (of: 'valueOutMinor' | 'valueInMinor') => byBank.map((one) => Number(one[of]));
  return {
    ...{ currency, stage },
    payments: byBank.reduce((sum, { paymentsOut }) => sum + paymentsOut, 0),
    valueMinor: isValued ? String(totalOf(flows, reference)) : null,
    ...structure,
    clustering: mean(unweighted),
    clusteringByPayments: mean(byPayments),
    clusteringByValue: mean(byValue),
    sent: isValued ? concentrationOf(values('valueOutMinor')) : null,
    received: isValued ? concentrationOf(values('valueInMinor')) : null,
    byBank,
  };
}

/** Sums by currency, converted and rounded once. */
function converted(
  sums: readonly bigint[],
  flows: NetworkParts['flows'],
  reference: ReferenceValue | null,
): bigint {
  if (reference === null) return sums.reduce((a, b) => a + b, 0n);
  const exact = sums.map((sum, at) => reference.exact(sum, flows[at]!.code));
  return BigInt(exact.reduce((a, b) => a.add(b)).toFixed(0));
}

const totalOf = (flows: NetworkParts['flows'], reference: ReferenceValue | null): bigint =>
  converted(
    flows.map(({ links }) => links.reduce((sum, { valueMinor }) => sum + valueMinor, 0n)),
    flows,
    reference,
  );

function strengthsOf(
  size: number,
  order: Int32Array,
  flows: NetworkParts['flows'],
  reference: ReferenceValue | null,
) {
  const zeros = () => flows.map(() => new Array<bigint>(size).fill(0n));
  const [out, into] = [zeros(), zeros()];
  const [paymentsOut, paymentsIn] = [new Float64Array(size), new Float64Array(size)];
  for (const [at, { links }] of flows.entries())
    for (const { debtor, creditor, payments, valueMinor } of links) {
      const [from, to] = [order[debtor]!, order[creditor]!];
      out[at]![from]! += valueMinor;
      into[at]![to]! += valueMinor;
      paymentsOut[from]! += payments;
      paymentsIn[to]! += payments;
    }
  const worth = (by: bigint[][], bank: number) =>
    converted(
      by.map((of) => of[bank]!),
      flows,
      reference,
    );
  return (bank: number) => ({
    paymentsOut: paymentsOut[bank]!,
    paymentsIn: paymentsIn[bank]!,
    valueOut: worth(out, bank),
    valueIn: worth(into, bank),
  });
}
