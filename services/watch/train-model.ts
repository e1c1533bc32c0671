/** Trains a model of the watched flow on recorded days: libraries of Python's do it, pinned in requirements.txt. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from 'simple-statistics';
import { ALERT_OF } from '../analysis/watch/alert-budgets.ts';
import {
  eitherOf,
  MODEL_FORMAT,
  type ModelDocument,
  oddsShare,
  WatchModel,
} from '../analysis/watch/watch-model.ts';
import { FEATURES } from '../analysis/watch/watched-features.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { packageFolder } from '../platform/service/build-info.ts';
import { pythonWith } from '../platform/service/python-packages.ts';
import { type RecordedFlow, type RecordedPayment, withAccounts } from './watched-run.ts';

const FOLDER = join(packageFolder, 'services/watch');

/** What the libraries are told. */
const PARAMETERS = {
  ...{ trees: 120, leaves: 15, learningRate: 0.08, leastInLeaf: 20, seed: 1 },
  ...{ isolationTrees: 100, isolationSample: 256 },
} as const;
/** Parts at most of several runs, each scored by what the others taught. */
const PARTS_MAX = 4;
/** Of one run. With more of them, neighbours of one event teach too well what a payment is. */
const PARTS_OF_RUN = 2;
/** One payment in so many is not typical by gradient boosting alone. */
const UNUSUAL_OF = 20;

/** What the libraries say: logarithms of odds by boosting, and `isolated` by the forest. */
interface Said {
  readonly boosting: readonly number[];
  readonly isolation: readonly number[];
}

/** What Python answers: the ensembles, what they say of some rows, and what others say of each part, which they were not shown. */
type Trained = Pick<ModelDocument, 'libraries' | 'boosting' | 'isolation' | 'meanPath'> & {
  readonly unseen: Said;
  readonly check: Said & { readonly rows: readonly (readonly number[])[] };
};

/**
 * The text of a model's file.
 * @param flows with labels; what has one of `leftOut` is not shown to the model
 * @throws BadInput where nothing is labelled or left out, a run is there twice, or Python or a library is not to be had
 */
export function trainModel(
  flows: readonly RecordedFlow[],
  leftOut: readonly string[] = [],
): string {
  const width = FEATURES.length;
  for (const [at, { run, eventsHash, folder }] of flows.entries()) {
    const same = flows.findIndex((flow) => flow.run === run && flow.eventsHash === eventsHash);
    if (same < at)
      throw new BadInput(
        `watch train: ${folder}: expected each run once; ${flows[same]!.folder} is ${run} too`,
      );
  }
  const there = new Set(flows.flatMap(({ payments }) => payments.map(({ label }) => label)));
  there.delete('');
  if (there.size === 0)
    throw new BadInput(
      'watch train: no payment is labelled; expected runs whose tables/labels.parquet names payments, as of scenarios with anomalies',
    );
  const named = [...there].join(', ');
  for (const kind of leftOut)
    if (!there.has(kind))
      throw new BadInput(`--without ${kind}: expected a kind of these runs: ${named}`);
  if ([...there].every((kind) => leftOut.includes(kind)))
    throw new BadInput(
      `--without ${leftOut.join(', ')}: expected a kind at least that is shown of ${named}`,
    );
  const isShown = ({ label }: RecordedPayment) => !leftOut.includes(label);
  const chosen = flows.flatMap(({ payments, features }, flow) =>
    payments.flatMap((payment, at) =>
      isShown(payment)
        ? [{ label: payment.label, flow, row: features.subarray(at * width, (at + 1) * width) }]
        : [],
    ),
  );
  const rows = new Float32Array(chosen.length * width);
  for (const [at, { row }] of chosen.entries()) rows.set(row, at * width);
  const labels = Uint8Array.from(chosen, ({ label }) => (label === '' ? 0 : 1));
  const kinds: Record<string, number> = {};
  for (const { label } of chosen) if (label !== '') kinds[label] = (kinds[label] ?? 0) + 1;
  const { check, unseen, ...trained } = libraries(rows, labels, partsOf(chosen));
  const medians = FEATURES.map((_, column) => median(chosen.map(({ row }) => row[column]!)));
  const document: ModelDocument = {
    format: MODEL_FORMAT,
    features: FEATURES.map(({ name }) => name),
    runs: flows.map(({ run, eventsHash, payments }) => {
      const shown = payments.filter(isShown);
      const labelled = shown.filter(({ label }) => label !== '').length;
      return { run, eventsHash, payments: shown.length, labelled };
    }),
    ...{ kinds, without: leftOut },
    withAccounts: withAccounts(flows.flatMap(({ payments }) => payments.filter(isShown))),
    ...{ parameters: { ...PARAMETERS, alertOf: ALERT_OF, unusualOf: UNUSUAL_OF }, medians },
    ...{ alertFrom: 1, unusualFrom: 0, ...trained },
  };
  const text = (of: ModelDocument) => `${JSON.stringify(of)}\n`;
  const model = new WatchModel(Buffer.from(text(document)));
  holdAgainst(model, check);
  const known = chosen.map((_, at) => model.suspicion(rows, at * width).known);
  const reachedBy = (of: number, values: readonly number[]) =>
    Float64Array.from(values)
      .sort()
      .at(-Math.ceil(values.length / of)) as number;
  return text({
    ...document,
    // A model scores higher what it was shown: by those scores fewer payments of other days would be alerts.
    alertFrom: reachedBy(
      ALERT_OF,
      unseen.boosting.map((odds, at) => eitherOf(oddsShare(odds), unseen.isolation[at]!)),
    ),
    unusualFrom: reachedBy(UNUSUAL_OF, known),
  });
}

/**
 * Of each payment the part of the training that it is scored with: by runs, where each part leaves labels in the others; else
 * what is labelled and what is not is dealt out in turn, since by time a kind that comes once would be new to the others.
 */
function partsOf(chosen: readonly { readonly label: string; readonly flow: number }[]): Uint8Array {
  const byRun = Uint8Array.from(chosen, ({ flow }) => flow % PARTS_MAX);
  const labelled = new Set(byRun.filter((_, at) => chosen[at]!.label !== ''));
  if (labelled.size > 1) return byRun;
  const dealt = [0, 0];
  return Uint8Array.from(chosen, ({ label }) => dealt[label === '' ? 0 : 1]!++ % PARTS_OF_RUN);
}

function libraries(rows: Float32Array, labels: Uint8Array, parts: Uint8Array): Trained {
  const packages = readFileSync(join(FOLDER, 'requirements.txt'), 'utf8').trim().split('\n');
  const folder = mkdtempSync(join(tmpdir(), 'corridor-watch-'));
  try {
    const program = libraryPython(packages);
    const task = { features: FEATURES.length, parameters: PARAMETERS };
    writeFileSync(join(folder, 'task.json'), JSON.stringify(task));
    writeFileSync(join(folder, 'features.f32'), rows);
    writeFileSync(join(folder, 'labels.u8'), labels);
    writeFileSync(join(folder, 'parts.u8'), parts);
    const answer = execFileSync(program, [join(FOLDER, 'train.py'), folder], {
      ...{ maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'pipe'] },
    });
    return JSON.parse(answer.toString());
  } catch (error) {
    const { stderr } = error as { readonly stderr?: Buffer | null };
    if (stderr == null || stderr.length === 0) throw error;
    throw new Error(`watch train: train.py: ${stderr.toString().trim().split('\n').at(-1)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function libraryPython(packages: readonly string[]): string {
  try {
    return pythonWith(...packages);
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new BadInput(
      `watch train: expected python3 with venv, and ${packages.join(', ')} from PyPI; to score none is needed (${line})`,
    );
  }
}

/** @throws where the model answers other than the libraries that trained it */
function holdAgainst(model: WatchModel, check: Trained['check']): void {
  for (const [at, row] of check.rows.entries()) {
    const { known, isolated } = model.suspicion(Float32Array.from(row));
    const odds = check.boosting[at]!;
    for (const [own, theirs] of [
      [known, oddsShare(odds)],
      [isolated, check.isolation[at]!],
    ] as const)
      if (Math.abs(own - theirs) > 1e-9)
        throw new Error(`watch train: row ${at} has ${own} here and ${theirs} by the library`);
  }
}
