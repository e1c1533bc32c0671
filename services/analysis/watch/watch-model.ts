/**
 * A model of the watched flow, as `corridor watch train` writes it: two ensembles of trees that libraries trained
 * (services/watch/train.py), asked here. Why not by ONNX: docs/decisions.md.
 */
import { createHash } from 'node:crypto';
import { FEATURES, type FeatureName } from './watched-features.ts';

export const MODEL_FORMAT = 'corridor.watch-model.1';

/** Nodes of a tree; a leaf has the feature -1. A row goes left where its feature is at most the threshold. */
export interface TreeNodes {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

/** Of a day that a model was trained on: what was shown of it. */
export interface TrainingRun {
  readonly run: string;
  /** Empty: the day was planned and not run. */
  readonly eventsHash: string;
  readonly payments: number;
  readonly labelled: number;
}

/** What a model file holds. */
export interface ModelDocument {
  readonly format: string;
  readonly features: readonly string[];
  readonly runs: readonly TrainingRun[];
  /** Labelled payments by kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Kinds whose payments it was not shown. */
  readonly without: readonly string[];
  /** Share of the training's payments that name the payer's account: a flow with another looks strange as a whole. */
  readonly withAccounts: number;
  readonly parameters: Readonly<Record<string, number>>;
  readonly libraries: Readonly<Record<string, string>>;
  /** Of each feature over the training's payments: what stands for it where a reason is sought. */
  readonly medians: readonly number[];
  /** The score that one in a hundred of the training's payments reach, each scored by ensembles that were not shown it. */
  readonly alertFrom: number;
  /** What gradient boosting gives to one in twenty at least: below it a payment is typical for a layered method. */
  readonly unusualFrom: number;
  /** Sums to the logarithm of the odds that a payment is an anomaly of a known kind. */
  readonly boosting: readonly TreeNodes[];
  /** Each gives the length of a row's path; meanPath is what is usual. */
  readonly isolation: readonly TreeNodes[];
  readonly meanPath: number;
}

/** What the two ensembles say of a payment, and what follows from both. */
export interface Suspicion {
  /** Probability of a known kind of anomaly, by gradient boosting. */
  readonly known: number;
  /** How easily it is told from all others, by the isolation forest; half is usual, 1 the most. */
  readonly isolated: number;
  /** From 0 to 1: by what payments are ranked. */
  readonly score: number;
}

/** A score with what an operator is told of it. */
export interface ExplainedScore extends Suspicion {
  /** Whether the score reaches what is an alert of the model's. */
  readonly isAlert: boolean;
  /** Of an alert: what moved the score most. */
  readonly reasons: readonly ScoreReason[];
}

/** A feature that moved a score, and by how much. */
export interface ScoreReason {
  readonly feature: FeatureName;
  readonly by: number;
  readonly says: string;
}

/** What is wrong with a model's file. */
export class BadModel extends Error {}

/** An ensemble, its trees one behind the other in lists of its own: the same walk costs a third. */
class Trees {
  readonly #roots: Int32Array;
  readonly #feature: Int32Array;
  readonly #threshold: Float64Array;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #value: Float64Array;
  /** Of the row walked last, by tree: value of its leaf, and a bit for each feature that was asked on the way. */
  readonly #leaves: Float64Array;
  readonly #asked: Int32Array;

  constructor(trees: readonly TreeNodes[]) {
    const starts: number[] = [];
    let size = 0;
    for (const { feature } of trees) {
      starts.push(size);
      size += feature.length;
    }
    this.#roots = Int32Array.from(starts);
    this.#leaves = new Float64Array(starts.length);
    this.#asked = new Int32Array(starts.length);
    const list = (of: (tree: TreeNodes, start: number) => readonly number[]) =>
      trees.flatMap((tree, at) => [...of(tree, starts[at]!)]);
    this.#feature = Int32Array.from(list(({ feature }) => feature));
    this.#threshold = Float64Array.from(list(({ threshold }) => threshold));
    this.#left = Int32Array.from(list(({ left }, start) => left.map((to) => start + to)));
    this.#right = Int32Array.from(list(({ right }, start) => right.map((to) => start + to)));
    this.#value = Float64Array.from(list(({ value }) => value));
  }

  /** Sum of the leaves that a row of features comes to. */
  sum(rows: Float32Array, from: number): number {
    const feature = this.#feature;
    const threshold = this.#threshold;
    let sum = 0;
    for (let tree = 0; tree < this.#roots.length; tree++) {
      let at = this.#roots[tree]!;
      for (let by = feature[at]!; by >= 0; by = feature[at]!)
        at = rows[from + by]! <= threshold[at]! ? this.#left[at]! : this.#right[at]!;
      sum += this.#value[at]!;
    }
    return sum;
  }

  /** The same of a row that begins the list, which is remembered for `sumBut`. */
  walk(row: Float32Array): number {
    const feature = this.#feature;
    let sum = 0;
    for (let tree = 0; tree < this.#roots.length; tree++) {
      let at = this.#roots[tree]!;
      let asked = 0;
      for (let by = feature[at]!; by >= 0; by = feature[at]!) {
        asked |= 1 << by;
        at = row[by]! <= this.#threshold[at]! ? this.#left[at]! : this.#right[at]!;
      }
      this.#asked[tree] = asked;
      this.#leaves[tree] = this.#value[at]!;
      sum += this.#value[at]!;
    }
    return sum;
  }

  /** `sum` of the remembered row with another value of one feature: a tree that did not ask for it comes to the same leaf. */
  sumBut(row: Float32Array, changed: number): number {
    const feature = this.#feature;
    const bit = 1 << changed;
    let sum = 0;
    for (let tree = 0; tree < this.#roots.length; tree++) {
      if ((this.#asked[tree]! & bit) === 0) {
        sum += this.#leaves[tree]!;
        continue;
      }
      let at = this.#roots[tree]!;
      for (let by = feature[at]!; by >= 0; by = feature[at]!)
        at = row[by]! <= this.#threshold[at]! ? this.#left[at]! : this.#right[at]!;
      sum += this.#value[at]!;
    }
    return sum;
  }
}

/** How far the shares of payments with accounts may lie apart in the training and in what is scored. */
const ACCOUNTS_APART_MAX = 0.1;

/** Reasons that a score names at most. */
const REASONS_MAX = 3;

/** What is unusual of a payment, from known kinds and from what nothing else resembles. */
export const eitherOf = (known: number, isolated: number): number =>
  1 - (1 - known) * (1 - isolated);

/** A probability from the logarithm of its odds. */
export const oddsShare = (odds: number): number => 1 / (1 + Math.exp(-odds));

export class WatchModel {
  readonly digest: string;
  readonly document: ModelDocument;
  readonly #boosting: Trees;
  readonly #isolation: Trees;
  readonly #isolationTrees: number;
  readonly #probe = new Float32Array(FEATURES.length);

  /** @throws BadModel saying what the file lacks */
  constructor(bytes: Uint8Array) {
    this.digest = createHash('sha256').update(bytes).digest('hex');
    this.document = documentOf(bytes);
    this.#boosting = new Trees(this.document.boosting);
    this.#isolation = new Trees(this.document.isolation);
    this.#isolationTrees = this.document.isolation.length;
  }

  /** @param from where the payment's row begins */
  suspicion(rows: Float32Array, from = 0): Suspicion {
    return this.#suspicionOf(this.#boosting.sum(rows, from), this.#isolation.sum(rows, from));
  }

  /** @param boosting and the other: sums over the trees of an ensemble */
  #suspicionOf(boosting: number, isolation: number): Suspicion {
    const known = oddsShare(boosting);
    const path = isolation / this.#isolationTrees;
    const isolated = 2 ** (-path / this.document.meanPath);
    return { known, isolated, score: eitherOf(known, isolated) };
  }

  /** @param from where the payment's row begins */
  judge(rows: Float32Array, from = 0): ExplainedScore {
    const { known, isolated, score } = this.suspicion(rows, from);
    const isAlert = score >= this.document.alertFrom;
    return { known, isolated, score, isAlert, reasons: isAlert ? this.reasons(rows, from) : [] };
  }

  /** Whether it was trained on a flow of which about this share of the payments names the payer's account. */
  knowsShare(withAccounts: number): boolean {
    return Math.abs(withAccounts - this.document.withAccounts) <= ACCOUNTS_APART_MAX;
  }

  /** The features without which the score would be lowest: each in turn gives way to its median. */
  reasons(rows: Float32Array, from = 0): ScoreReason[] {
    const probe = this.#probe;
    probe.set(rows.subarray(from, from + FEATURES.length));
    const { score } = this.#suspicionOf(this.#boosting.walk(probe), this.#isolation.walk(probe));
    const { medians } = this.document;
    return FEATURES.map(({ name, more, less }, at): ScoreReason => {
      const value = probe[at]!;
      const median = medians[at]!;
      probe[at] = median;
      const but = this.#suspicionOf(
        this.#boosting.sumBut(probe, at),
        this.#isolation.sumBut(probe, at),
      );
      const by = score - but.score;
      probe[at] = value;
      return { feature: name, by, says: value > median ? more : less };
    })
      .filter(({ by }) => by > 0)
      .sort((a, b) => b.by - a.by)
      .slice(0, REASONS_MAX);
  }
}

const isList = (value: unknown, length: number): value is readonly unknown[] =>
  Array.isArray(value) && value.length === length;
const isShare = (value: number): boolean => Number.isFinite(value) && value >= 0 && value <= 1;
/** Of a leaf: far beyond what training gives, and no sum of them leaves the numbers. */
const LEAF_MAX = 1e6;

function documentOf(bytes: Uint8Array): ModelDocument {
  let document: ModelDocument;
  try {
    document = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw new BadModel(`it is no JSON (${(error as Error).message})`);
  }
  if (document?.format !== MODEL_FORMAT)
    throw new BadModel(`format ${JSON.stringify(document?.format)}: expected "${MODEL_FORMAT}"`);
  const names = FEATURES.map(({ name }) => name);
  const { features } = document;
  if (!isList(features, names.length) || !names.every((name, at) => features[at] === name))
    throw new BadModel(`features ${features}: expected ${names}, those of this version`);
  if (!isList(document.medians, names.length) || !document.medians.every(Number.isFinite))
    throw new BadModel(`medians: expected ${names.length} numbers`);
  for (const name of ['withAccounts', 'alertFrom', 'unusualFrom'] as const)
    if (!isShare(document[name]))
      throw new BadModel(`${name} ${document[name]}: expected a number from 0 to 1`);
  if (document.alertFrom === 0)
    throw new BadModel('alertFrom 0: expected a number above 0; each payment would be an alert');
  if (!Number.isFinite(document.meanPath) || document.meanPath < 1)
    throw new BadModel(`meanPath ${document.meanPath}: expected a number, 1 or more`);
  for (const [name, least] of [
    ['boosting', -LEAF_MAX],
    ['isolation', 0],
  ] as const) {
    const trees: unknown = document[name];
    if (!Array.isArray(trees) || trees.length === 0 || !trees.every((tree) => isTree(tree, least)))
      throw new BadModel(
        `${name}: expected trees whose nodes lead forward to leaves from ${least} to ${LEAF_MAX}`,
      );
  }
  return document;
}

/** Whether every walk ends: children stand behind their parent, inside the lists. */
function isTree(tree: TreeNodes | null, least: number): boolean {
  const { feature, threshold, left, right, value } = tree ?? ({} as Partial<TreeNodes>);
  if (!Array.isArray(feature) || feature.length === 0) return false;
  const size = feature.length;
  if (![threshold, left, right, value].every((list) => isList(list, size))) return false;
  return feature.every((by, at) => {
    if (!Number.isInteger(by)) return false;
    const leaf = value![at]!;
    if (by < 0) return Number.isFinite(leaf) && leaf >= least && leaf <= LEAF_MAX;
    const isInside = [left![at]!, right![at]!].every(
      (to) => Number.isInteger(to) && to > at && to < size,
    );
    return by < FEATURES.length && Number.isFinite(threshold![at]) && isInside;
  });
}
