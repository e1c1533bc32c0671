/** The cells of docs/studies/anomalies.md: each method on each seed's day, at each budget of alerts. */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { atBudget, BUDGETS } from '../analysis/watch/alert-budgets.ts';
import { type Suspicion, WatchModel } from '../analysis/watch/watch-model.ts';
import { FEATURES, type FeatureName } from '../analysis/watch/watched-features.ts';
import { JUDGED_FROM_MS, studyFlow } from './anomaly-days.ts';
import { trainModel } from './train-model.ts';
import { flowFrom, type RecordedFlow } from './watched-run.ts';

export const TRAINING_SEEDS = Array.from({ length: 8 }, (_, at) => 101 + at);
export const JUDGED_SEEDS = Array.from({ length: 20 }, (_, at) => 1001 + at);
/** Kinds whose payments a label names; a bank that is silent has none. */
export const LABELLED_KINDS = [
  'hijackedKey',
  'mistypedAmount',
  'run',
  'ring',
  'stuckBatch',
] as const;

/** A payment: its row in a day's features, and what a model says of it. */
interface Judged extends Suspicion {
  readonly rows: Float32Array;
  readonly from: number;
  readonly unusualFrom: number;
  /** Whether it is a customer's: its message names the payer's account. */
  readonly isCustomers: boolean;
}

const column = (name: FeatureName) => FEATURES.findIndex((feature) => feature.name === name);
const [AMOUNT, VELOCITY] = [column('amountToCurrency'), column('payer60m')];
const [TO_PAYER, PAYMENTS] = [column('amountToPayer'), column('payerPayments')];
const [REPEATS, ROUND] = [column('sameAmount60m'), column('roundness')];
const PAYEE = column('payeePayments');
/** A payer's mean says little before it has paid a few times. */
const FEW = Math.log(3.5);
const ROUND_FROM = 4;

/** A repeat before a round amount, a round amount before a customer's payment to a payee that nobody paid, by velocity. */
function byMarks({ rows, from, isCustomers }: Judged): number {
  const round = rows[from + ROUND]!;
  const toNew = isCustomers && rows[from + PAYEE] === 0 ? rows[from + VELOCITY]! / 10 : 0;
  return (rows[from + REPEATS]! > 0 ? 10 : 0) + (round >= ROUND_FROM ? round : 0) + toNew;
}

/** By what payments are ranked. Rules need no model. */
export const METHODS = {
  amount: ({ rows, from }: Judged) => rows[from + AMOUNT]!,
  amountToPayer: ({ rows, from, isCustomers }: Judged) =>
    isCustomers && rows[from + PAYMENTS]! > FEW ? rows[from + TO_PAYER]! : Number.NEGATIVE_INFINITY,
  velocity: ({ rows, from }: Judged) => rows[from + VELOCITY]!,
  marks: byMarks,
  isolation: ({ isolated }: Judged) => isolated,
  boosting: ({ known }: Judged) => known,
  layered: ({ known, isolated, unusualFrom }: Judged) => (known >= unusualFrom ? 1 + isolated : 0),
  together: ({ score }: Judged) => score,
} as const;
export type WatchMethod = keyof typeof METHODS;

export interface AnomalyCell {
  readonly seed: number;
  readonly method: WatchMethod;
  /** The kind that the model was not shown; empty: it was shown all. */
  readonly withheld: string;
  readonly budget: number;
  readonly precision: number;
  readonly recall: number;
  readonly kindsFound: number;
  /** By kind, in the order of LABELLED_KINDS. */
  readonly byKind: readonly number[];
}

/** Of a flow what is scored: its last day, with the history of the days before in the features. */
const judgedDay = (flow: RecordedFlow): RecordedFlow => flowFrom(flow, JUDGED_FROM_MS);

/** The cells of a seed with a model. */
export function cellsOfSeed(
  seed: number,
  model: WatchModel,
  withheld = '',
  day = judgedDay(studyFlow(seed)),
): AnomalyCell[] {
  const labels = day.payments.map(({ label }) => label);
  const { unusualFrom } = model.document;
  const judged = day.payments.map(({ debtorAccount }, at): Judged => {
    const [rows, from, isCustomers] = [day.features, at * FEATURES.length, debtorAccount !== ''];
    return { rows, from, unusualFrom, isCustomers, ...model.suspicion(rows, from) };
  });
  return (Object.keys(METHODS) as WatchMethod[]).flatMap((method) => {
    const scores = Float64Array.from(judged, METHODS[method]);
    return BUDGETS.map((budget): AnomalyCell => {
      const { precision, recall, kindsFound, byKind } = atBudget(labels, scores, budget);
      return {
        ...{ seed, method, withheld, budget, precision, recall, kindsFound },
        byKind: LABELLED_KINDS.map((kind) => byKind[kind] ?? 0),
      };
    });
  });
}

const trainingDays = (): RecordedFlow[] => TRAINING_SEEDS.map((seed) => judgedDay(studyFlow(seed)));

/** All of it: trains a model on all kinds and one without each kind. */
export function anomalyStudy(): { readonly cells: AnomalyCell[]; readonly model: string } {
  const days = trainingDays();
  const model = trainModel(days);
  const models = ['', ...LABELLED_KINDS].map((withheld) => {
    const text = withheld === '' ? model : trainModel(days, [withheld]);
    return { withheld, model: new WatchModel(Buffer.from(text)) };
  });
  const cells = JUDGED_SEEDS.flatMap((seed) => {
    const day = judgedDay(studyFlow(seed));
    return models.flatMap(({ withheld, model }) => cellsOfSeed(seed, model, withheld, day));
  });
  return { cells, model };
}

const HEADER = ['seed', 'method', 'withheld', 'budget', 'precision', 'recall', 'kindsFound'];

export const anomalyCsv = (cells: readonly AnomalyCell[]): string =>
  stringify([
    [...HEADER, ...LABELLED_KINDS],
    ...cells.map((cell) => [
      ...[cell.seed, cell.method, cell.withheld, cell.budget, cell.precision, cell.recall],
      ...[cell.kindsFound, ...cell.byKind],
    ]),
  ]);

export const cellsOfCsv = (text: string): AnomalyCell[] =>
  (parse(text, { columns: true }) as Record<string, string>[]).map((row) => ({
    ...{ seed: Number(row.seed), method: row.method as WatchMethod, withheld: row.withheld! },
    ...{ budget: Number(row.budget), precision: Number(row.precision), recall: Number(row.recall) },
    kindsFound: Number(row.kindsFound),
    byKind: LABELLED_KINDS.map((kind) => Number(row[kind])),
  }));

/**
 * Seeds whose rows of the kept table do not follow anew from their days and the kept model: each seventh of the judged ones, with
 * rules, baseline and the model that was shown all kinds. All rows, and models trained anew, take minutes: the study itself.
 */
export function seedsThatDiffer(table: string, model: Uint8Array): number[] {
  const kept = cellsOfCsv(table).filter(({ withheld }) => withheld === '');
  const watch = new WatchModel(model);
  return JUDGED_SEEDS.filter((_, at) => at % 7 === 0).filter((seed) => {
    const published = anomalyCsv(kept.filter((cell) => cell.seed === seed));
    return anomalyCsv(cellsOfSeed(seed, watch)) !== published;
  });
}
