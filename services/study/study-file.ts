/** A study's file to its grid of cells, with everything said that a schema cannot say. */
import { posix } from 'node:path';
import { parse } from 'yaml';
import { didYouMean } from '../scenario/did-you-mean.ts';
import { type LoadOptions, loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Fail, type Path, ScenarioError, whyUnreadable } from '../scenario/scenario-error.ts';
import { checkYaml } from '../scenario/yaml-against-schema.ts';
import {
  CELLS_MAX,
  cellCount,
  type Dimension,
  type Option,
  repeatNames,
  SCALES,
  type Scale,
  type ScaleKind,
  type StudyDay,
} from './grid.ts';
import { type DayFile, filesOf, readDayFile, readingOf } from './imported-days.ts';
import { drawnFlows, scalingOverrides } from './scale-factors.ts';
import { stressOverrides } from './stress/bcbs-stress.ts';
import type { StressQuestion } from './stress/stress-dimensions.ts';
import { isTableColumn } from './study-columns.ts';
import { type StudyDocument, validateStudy } from './study-schema.ts';
import { seedsOf } from './study-seeds.ts';

export interface Study {
  readonly name: string;
  readonly description: string;
  /** As the user may type it. */
  readonly scenarioFile: string;
  readonly dimensions: readonly Dimension[];
  readonly seeds: readonly number[];
  /** In place of several seeds. */
  readonly days?: readonly StudyDay[];
  /** Of a stress test: its cells are failures, each held against the day without one. */
  readonly stress?: StressQuestion;
}

export type StressStudy = Study & { readonly stress: StressQuestion };
export const isStress = (study: Study): study is StressStudy => study.stress !== undefined;

/** By which the files of its folder are called. */
export const kindOfStudy = (study: Study): 'study' | 'stress' =>
  isStress(study) ? 'stress' : 'study';

/** What messages and its page call its cells, and those that have no figures. */
export const cellNames = (study: Study) =>
  isStress(study)
    ? { one: 'failure', many: 'failures', lost: 'not run' }
    : { one: 'cell', many: 'cells', lost: 'failed' };

/** A study, and where in its file each option of it stands. */
export interface StudyFile {
  readonly study: Study;
  /** `file:line` and the path of an option, for messages. */
  readonly place: (dimension: number, option: number) => string;
  /** Where `dates` stands. */
  readonly datesPlace: string;
  /** Files of imported days, which `readFile` is not asked for. */
  readonly dayFiles: readonly DayFile[];
  /** Decimals of the scenario's currencies and securities, by code. */
  readonly decimals: Readonly<Record<string, number>>;
}

/** The file of a study that options of the command made: a mistake in it is told at its option, as it has no lines. */
export const STUDY_OF_OPTIONS = 'the options';
const optionAt = ([key]: Path): string => (key === undefined ? STUDY_OF_OPTIONS : `--${key}`);

/** What names of dimensions begin with that are scaled, and no others. */
const SCALE = 'scale.';

const FILE = /\.ya?ml$/;

const isScenario = (parsed: unknown): boolean =>
  typeof parsed === 'object' &&
  parsed !== null &&
  'participants' in parsed &&
  'currencies' in parsed;

type ReadFile = LoadOptions['readFile'];

/**
 * @param file the path that messages name; the scenario is sought from its folder
 * @throws ScenarioError whose message is one line: file, path, value, expectation
 */
export function readStudy(file: string, text: string, readFile: ReadFile): StudyFile {
  const change = (parsed: unknown) => {
    if (isScenario(parsed))
      throw new ScenarioError(
        `${file}: it is a scenario: expected a study, or what to do with the scenario by --vary, --scale, --seeds or --dates`,
      );
    return { document: structuredClone(parsed), applied: [] };
  };
  const { document, fail, where } = checkYaml(
    file,
    text,
    validateStudy,
    change,
    file === STUDY_OF_OPTIONS ? optionAt : undefined,
  );
  const fromHere = (path: string) =>
    posix.isAbsolute(path) ? path : posix.join(posix.dirname(file), path);
  const scenarioFile = fromHere(document.scenario);
  const dayFiles = dayFilesOf(document, fromHere, fail);
  try {
    readFile(scenarioFile);
  } catch (error) {
    throw new ScenarioError(
      `${where(['scenario'])}: scenario: ${scenarioFile}: ${whyUnreadable(error)}`,
    );
  }
  const days = dayFiles && daysOf(dayFiles, scenarioFile, fail);
  const scenario = loadScenario(scenarioFile, {
    readFile: readingOf(scenarioFile, days?.[0], readFile),
    set: days?.[0]?.set ?? [],
  });
  const varied = Object.entries(document.vary).map(([name, options]) =>
    variation(name, options, { scenario, hasDays: days !== null, fromHere, fail }),
  );
  const scaled = SCALES.flatMap((kind) => scaling(kind, document, scenario, fail));
  const dimensions = [...varied, ...scaled];
  refuseTwice(varied, fail);
  const grid = { dimensions, seeds: seedsOf(document, scenario, fail), ...(days && { days }) };
  const cells = cellCount(grid);
  if (cells > CELLS_MAX)
    throw new ScenarioError(
      `${file}: ${cells} cells: expected at most ${CELLS_MAX}: fewer values, or fewer ${repeatNames(grid).many}`,
    );
  return {
    study: {
      name:
        document.name ?? (FILE.test(file) ? posix.basename(file).replace(FILE, '') : scenario.name),
      description: document.description ?? '',
      scenarioFile,
      ...grid,
    },
    place: (at, option) => {
      const { name = '' } = dimensions[at] ?? {};
      const path = at < varied.length ? ['vary', name] : ['scale', name.slice(SCALE.length)];
      const label = dimensions[at]?.options[option]?.label ?? '';
      return `${where([...path, option])}: ${path.join(': ')}: ${label}`;
    },
    datesPlace: `${where(['dates'])}: dates`,
    dayFiles: dayFiles ?? [],
    decimals: Object.fromEntries(
      scenario.currencies.map(({ code, minorUnits }) => [code, minorUnits]),
    ),
  };
}

/** Null where the study has none. */
function dayFilesOf(
  { dates, seeds }: StudyDocument,
  fromHere: (path: string) => string,
  fail: Fail,
): DayFile[] | null {
  if (dates === undefined) return null;
  if (seeds !== undefined)
    fail(['seeds'], 'none beside `dates`, which are what is run over', seeds);
  const paths = [dates].flat().flatMap((path, index) => {
    const files = filesOf(fromHere(path));
    if (files.length > 0) return files;
    return fail(Array.isArray(dates) ? ['dates', index] : ['dates'], 'a file of such a name', path);
  });
  return [...new Set(paths)].map(readDayFile);
}

/** In the order of the calendar. */
function daysOf(files: readonly DayFile[], scenarioFile: string, fail: Fail): StudyDay[] {
  const fileOf = new Map<string, string>();
  const days = files.flatMap(({ path, dates }) => {
    if (dates.length === 0) fail(['dates'], 'files with payments: this one has none', path);
    // As the scenario has it: from its folder.
    const csv = posix.relative(posix.dirname(scenarioFile), path);
    return dates.map((date): StudyDay => {
      const other = fileOf.get(date);
      if (other !== undefined) fail(['dates'], `each date in one file: ${other} has it too`, date);
      fileOf.set(date, path);
      const set = [`businessDates=[${date}]`, `payments.csv=${valueText(csv)}`];
      return { date, set: dates.length > 1 ? [...set, 'payments.otherDates=skip'] : set };
    });
  });
  return days.sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** What `mechanism` has where the cycles are the scenario's own. */
const OWN_CYCLES = 'scenario';

interface VariedIn {
  readonly scenario: Scenario;
  readonly hasDays: boolean;
  readonly fromHere: (path: string) => string;
  readonly fail: Fail;
}

function variation(
  name: string,
  options: StudyDocument['vary'][string],
  { scenario, hasDays, fromHere, fail }: VariedIn,
): Dimension {
  if (name.startsWith(SCALE))
    fail(['vary', name], 'another name: factors stand under `scale`', name);
  if (!Array.isArray(options)) refuseNames(name, Object.keys(options), fail);
  const optionOf = (label: string, paths: Readonly<Record<string, unknown>>): Option => {
    const { mechanism, stress = 'none', ...others } = paths;
    if (typeof stress !== 'string')
      return fail(['vary', name], 'a stress scenario, such as own=BANKDE00', stress);
    if (mechanism !== undefined && typeof mechanism !== 'string')
      fail(['vary', name], `${OWN_CYCLES}, or the file of a mechanism of one's own`, mechanism);
    // What it changes depends on what else a cell varies. What it names is told at once.
    stressOverrides(scenario, stress, (expected) => fail(['vary', name], expected, stress));
    return {
      label,
      set: Object.entries(others).map(([path, value]) => `${path}=${valueText(value)}`),
      scale: null,
      ...(stress !== 'none' && { stressScenario: stress }),
      ...(typeof mechanism === 'string' &&
        mechanism !== OWN_CYCLES && { mechanism: fromHere(mechanism) }),
    };
  };
  const dimension = {
    name,
    options: Array.isArray(options)
      ? options.map((value) => optionOf(labelText(value), { [name]: value }))
      : Object.entries(options as Record<string, Record<string, unknown>>).map(([label, paths]) =>
          optionOf(label, paths),
        ),
  };
  if (pathsOf(dimension).includes('seed'))
    fail(['vary', name], 'another path: seeds stand under `seeds`', options);
  const ofDays =
    hasDays && pathsOf(dimension).find((path) => /^(businessDates|payments)/.test(path));
  if (ofDays) fail(['vary', name], 'another path: `dates` gives each cell its day', ofDays);
  refuseSame(dimension, ['vary', name], fail);
  return dimension;
}

/** As `--set` reads it: a text that YAML takes for itself stands as it is. */
function valueText(value: unknown): string {
  if (typeof value === 'string' && !/[\n\r]/.test(value) && isPlain(value)) return value;
  return JSON.stringify(value);
}

/** As tables and the page have it: without the quotes that `--set` needs, where it is no blank. */
const labelText = (value: unknown): string =>
  typeof value === 'string' && /^\S(?:[^\n\r]*\S)?$/.test(value) ? value : valueText(value);

function isPlain(text: string): boolean {
  try {
    return parse(text) === text;
  } catch {
    return false;
  }
}

function scaling(
  kind: ScaleKind,
  document: StudyDocument,
  scenario: Scenario,
  fail: Fail,
): Dimension[] {
  const given = document.scale[kind];
  if (given === undefined) return [];
  const { factors, ...of } = Array.isArray(given) ? { factors: given } : given;
  const chosen = { participants: [], currencies: [], flows: [], ...of };
  for (const [what, known] of Object.entries(namesOf(scenario)))
    for (const [index, name] of chosen[what as keyof typeof chosen].entries())
      if (!known.includes(name))
        fail(
          ['scale', kind, what, index],
          `one of the scenario's ${what}${didYouMean(name, known)}`,
          name,
        );
  const scaleBy = (factor: string): Scale => ({ kind, factor, ...chosen });
  if (scalingOverrides(scenario, scaleBy('2')).length === 0)
    fail(['scale', kind], SCALED[kind], given);
  const dimension = {
    name: `${SCALE}${kind}`,
    options: factors.map((factor) => ({
      label: String(factor),
      set: [],
      scale: scaleBy(String(factor)),
    })),
  };
  refuseSame(dimension, ['scale', kind], fail);
  return [dimension];
}

const NO_FLOWS =
  'flows that draw payments, trades or chains: what a list has, or an attestor counts, is not scaled';

/** Said where there is nothing to scale. */
const SCALED: Readonly<Record<ScaleKind, string>> = {
  liquidity: 'accounts with a balance or credit in the scenario',
  traffic: NO_FLOWS,
  amounts: NO_FLOWS,
};

const namesOf = (scenario: Scenario) => ({
  participants: scenario.participants.map(({ bic }) => bic as string),
  currencies: scenario.currencies.map(({ code }) => code),
  flows: drawnFlows(scenario).map(({ name }) => name),
});

/** A path is one of the scenario, which no column has. A name is free, and so are those of variants. */
function refuseNames(name: string, variants: readonly string[], fail: Fail): void {
  if (name.trim() === '') fail(['vary', name], 'a path, or a name of variants', name);
  if (isTableColumn(name))
    fail(['vary', name], "another name: the study's tables have a column of this one", name);
  const blank = variants.find((variant) => variant.trim() === '');
  if (blank !== undefined) fail(['vary', name, blank], 'a name of the variant', blank);
}

function refuseSame({ options }: Dimension, path: readonly string[], fail: Fail): void {
  const labels = options.map(({ label }) => label);
  const again = labels.findIndex((label, index) => labels.indexOf(label) !== index);
  if (again >= 0) fail([...path, again], 'each value once', labels[again]);
}

/** Two dimensions that set one path would have cells in which one of them says nothing. */
function refuseTwice(varied: readonly Dimension[], fail: Fail): void {
  const seen = new Map<string, string>();
  const names = varied.map(({ name }) => name.toLowerCase());
  for (const [at, { name }] of varied.entries())
    if (names.indexOf(name.toLowerCase()) !== at)
      fail(['vary', name], 'a name that differs from the others by more than its case', name);
  for (const dimension of varied)
    for (const path of new Set(pathsOf(dimension))) {
      const other = seen.get(path);
      if (other !== undefined)
        fail(['vary', dimension.name], `a path that ${other} does not set`, path);
      seen.set(path, dimension.name);
    }
}

const pathsOf = ({ options }: { readonly options: readonly Option[] }): string[] =>
  options.flatMap(({ set, mechanism }) => [
    ...set.map((text) => text.slice(0, text.indexOf('='))),
    ...(mechanism === undefined ? [] : ['mechanism']),
  ]);
