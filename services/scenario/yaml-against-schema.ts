/** YAML text to a checked document: syntax, overrides, schema. Errors carry the line in the file. */
import { createRequire } from 'node:module';
import type { TSchema } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { didYouMean } from './did-you-mean.ts';
import { type AppliedOverride, applyOverrides } from './overrides-by-flags.ts';
import { type Fail, formatPath, formatValue, type Path, ScenarioError } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

/** What is left out is filled in, and errors have what `report` needs of the schema. */
export const CHECK_OPTIONS = {
  ...{ useDefaults: true, verbose: true, strict: true, allowUnionTypes: true },
  // Tests hold the schemas against that of schemas: at each start that would be compiled too.
  validateSchema: false,
};

// A file is checked once: what is compiled for it takes longer than it.
const ajv = new Ajv({ ...CHECK_OPTIONS, code: { optimize: false } });
/**
 * A schema whose titles say what is expected; what it leaves out is filled in.
 * @returns gives its validator, compiled when it is first asked for: a start that has no use for it does not
 * wait for that
 */
export function compileSchema<T>(schema: TSchema): () => ValidateFunction<T> {
  let compiled: ValidateFunction<T> | undefined;
  return () => {
    compiled ??= ajv.compile<T>(schema);
    return compiled;
  };
}

const load = createRequire(import.meta.url);

/** Of ScenarioSchema: every command that reads a scenario would wait for it, so the build compiles it (scripts/compile-schemas.mjs). */
export const scenarioCheck = (): ValidateFunction<ScenarioDocument> => load('./scenario-check.cjs');

export interface CheckedDocument<T> {
  readonly document: T;
  /** Throws a ScenarioError that names file, line, path, value and expectation. */
  readonly fail: Fail;
  /** `file:line` of a path, or the override that set it. */
  readonly where: (path: Path) => string;
  /**
   * Throws as `fail` where a number of the file is not the one that was read of it, and shows it as it is
   * written: a double has 53 bits.
   */
  readonly checkExact: (path: Path, expected: string, value: number) => void;
}

/**
 * A scenario.
 * @param file the path that messages name
 * @param overrides `dot.path=yaml`, applied before checking
 * @throws ScenarioError
 */
export const checkDocument = (file: string, text: string, overrides: readonly string[]) =>
  checkYaml(file, text, scenarioCheck, (parsed) => applyOverrides(parsed, overrides));

/**
 * A YAML file of any schema of the house's.
 * @param change of a copy of what was read, before it is checked and what it leaves out is filled in
 * @param placeOf where a path stands, of a text that is in no file; undefined: in the file
 * @throws ScenarioError
 */
export function checkYaml<T>(
  file: string,
  text: string,
  validator: () => ValidateFunction<T>,
  change: (parsed: unknown) => { document: unknown; applied: readonly AppliedOverride[] },
  placeOf?: (path: Path) => string,
): CheckedDocument<T> {
  const { yaml, lineCounter, parsed } = parsedOnce(file, text);
  const { document, applied } = change(parsed);
  const where = placeOf ?? ((path: Path) => locate(file, yaml, lineCounter, path, applied));
  const fail: Fail = (path, expected, value) => {
    throw new ScenarioError(
      `${where(path)}: ${formatPath(path)}: ${formatValue(value)}: expected ${expected}`,
    );
  };
  const validate = validator();
  if (!validate(document)) report(validate.errors ?? [], fail);
  const checkExact = (path: Path, expected: string, value: number): void => {
    const node = yaml.getIn(path, true);
    const written = isScalar(node) ? node.source : undefined;
    if (written === undefined || decimalOf(written) === decimalOf(String(value))) return;
    throw new ScenarioError(
      `${where(path)}: ${formatPath(path)}: ${written}: expected ${expected}`,
    );
  };
  return { document: document as T, fail, where, checkExact };
}

/** A decimal number in one form: digits without zeros around them, and the power of ten of the last. */
function decimalOf(text: string): string {
  const [, sign, whole = '', part = '', power = '0'] =
    /^([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/i.exec(text) ?? [];
  const digits = (whole + part).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  if (kept === '') return '0';
  const last = Number(power) - part.length + digits.length - kept.length;
  return `${sign === '-' ? '-' : ''}${kept}e${last}`;
}

interface ParsedYaml {
  readonly text: string;
  readonly yaml: Document;
  readonly lineCounter: LineCounter;
  readonly parsed: unknown;
}

/** The cells of a study load one file, each with other overrides, and reading takes longer than the rest. */
let lastParsed: ParsedYaml | null = null;

function parsedOnce(file: string, text: string): ParsedYaml {
  if (lastParsed?.text === text) return lastParsed;
  const lineCounter = new LineCounter();
  const yaml = parseDocument(text, { lineCounter, prettyErrors: false });
  const problem = yaml.errors[0];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    const message = problem.message.split('\n')[0];
    throw new ScenarioError(`${file}:${line}:${col}: expected well-formed YAML: ${message}`);
  }
  try {
    lastParsed = { text, yaml, lineCounter, parsed: yaml.toJS() };
    return lastParsed;
  } catch (error) {
    throw new ScenarioError(`${file}: expected well-formed YAML: ${(error as Error).message}`);
  }
}

/** `file:line` of the deepest part of the path that the file has, or the override that set it. */
function locate(
  file: string,
  yaml: Document,
  lineCounter: LineCounter,
  path: Path,
  applied: readonly AppliedOverride[],
): string {
  const override = applied.findLast(({ path: set }) =>
    set.every((key, depth) => depth >= path.length || path[depth] === key),
  );
  if (override !== undefined && override.path.length <= path.length)
    return `${file}: --set ${override.text}`;
  let node: unknown = yaml.contents;
  let start = 0;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(yaml);
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(key),
      );
      if (pair === undefined) break;
      start = isScalar(pair.key) ? (pair.key.range?.[0] ?? start) : start;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[key as number];
      const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
      if (range === undefined || range === null) break;
      start = range[0];
    } else break;
  }
  return `${file}:${lineCounter.linePos(start).line}`;
}

interface Alternative {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, { readonly const?: unknown }>>;
}

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/**
 * Of alternatives only the errors of the one that is meant: of those that a word tells apart (`type: OneTime`)
 * the one with the document's word, else the one of the document's type where something inside is wrong.
 * Where none has the word, it is at fault itself.
 */
function ofMeant(errors: readonly ErrorObject[], fail: Fail): readonly ErrorObject[] {
  const last = errors.at(-1) as ErrorObject;
  if (last.keyword !== 'anyOf') return errors;
  const alternatives = last.schema as readonly Alternative[];
  const errorsOf = (index: number): ErrorObject[] =>
    errors.filter(({ schemaPath }) => schemaPath.startsWith(`${last.schemaPath}/${index}/`));
  const words = alternatives.map(({ properties = {} }) =>
    Object.entries(properties).find(([, { const: word }]) => word !== undefined),
  );
  const [key] = words.find((word) => word !== undefined) ?? [];
  if (key !== undefined && typeOf(last.data) === 'object') {
    const value = (last.data as Record<string, unknown>)[key];
    const meant = words.findIndex((word) => word?.[1].const === value);
    if (meant >= 0) return ofMeant(errorsOf(meant), fail);
    const known = words.flatMap((word) => (word === undefined ? [] : [String(word[1].const)]));
    const hint = typeof value === 'string' ? didYouMean(value, known) : '';
    return fail([...pathOf(last), key], `one of ${known.join(', ')}${hint}`, value);
  }
  const inside = errorsOf(alternatives.findIndex(({ type }) => type === typeOf(last.data)));
  const isDeeper = inside.some(
    ({ instancePath }) => instancePath.length > last.instancePath.length,
  );
  return isDeeper ? ofMeant(inside, fail) : errors;
}

/** Turns the checker's errors into the one that says most. */
function report(all: readonly ErrorObject[], fail: Fail): never {
  const errors = ofMeant(all, fail);
  // Of an alternative's errors, one inside the value says more than "none of the alternatives".
  const last = errors.at(-1) as ErrorObject;
  const inside = errors.find(
    (error) =>
      error.instancePath.length > last.instancePath.length ||
      error.keyword === 'additionalProperties' ||
      error.keyword === 'required',
  );
  const error = inside ?? last;
  const path = pathOf(error);
  const schema = error.parentSchema as {
    title?: string;
    description?: string;
    properties?: Record<string, { title?: string; description?: string }>;
  };
  const known = Object.keys(schema.properties ?? {});
  if (error.keyword === 'required') {
    // A key that is misspelt is missing too; the one that is there says more.
    const data = error.data as Record<string, unknown>;
    const stray = Object.keys(data).find((key) => !known.includes(key));
    if (stray !== undefined) return failUnknown(path, stray, data[stray], known, fail);
    const key = String(error.params.missingProperty);
    const wanted = schema.properties?.[key];
    return fail([...path, key], wanted?.title ?? wanted?.description ?? 'a value');
  }
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params.additionalProperty);
    const value = (error.data as Record<string, unknown>)[key];
    if (known.length > 0) return failUnknown(path, key, value, known, fail);
    return fail([...path, key], schema.title ?? 'another key', value);
  }
  const expected = schema.title ?? (error.params.type === 'object' ? 'a mapping' : error.message);
  return fail(path, expected ?? 'another value', error.data);
}

function failUnknown(
  path: Path,
  key: string,
  value: unknown,
  known: readonly string[],
  fail: Fail,
): never {
  const hint = didYouMean(key, known) || `: ${known.join(', ')}`;
  return fail([...path, key], `a key of the schema${hint}`, value);
}

/** The JSON pointer of an error as a path; what is an index in it becomes a number. */
function pathOf(error: ErrorObject): (string | number)[] {
  return error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
