/**
 * `--set dot.path=yaml` on a scenario document, before it is checked. A list's element is named by
 * its number or by its bic, name or dealer; `*` is each key of a mapping or element of a list that
 * the file has; a `+` at the end is a new element behind the others. The path must be one that the
 * schema knows; mappings that the file leaves out are made. Behind a `*` those that are named by the
 * file (a currency, a bank) are not: what is set for each account makes no account. Where the schema
 * wants a text, the text is taken as it stands, so that an amount needs no quotes.
 */
import { parse } from 'yaml';
import { didYouMean } from './did-you-mean.ts';
import { formatPath, type Path, ScenarioError } from './scenario-error.ts';
import { ScenarioSchema } from './schema.ts';

/** The part of a JSON Schema that the walk needs. */
interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

type Tree = Record<string, unknown>;

/** What wins over the scenario's file. */
export interface OverridingFlags {
  /** `dot.path=yaml-scalar`, applied in order before checking. */
  readonly set?: readonly string[];
  /** Takes the place of the file's seed, and of one that `--set` names. */
  readonly seed?: number;
}

/** In the order in which they are applied: the last wins. */
export const overridesOf = ({ set = [], seed }: OverridingFlags): readonly string[] =>
  seed === undefined ? set : [...set, `seed=${seed}`];

/** Names that a message lists. */
const SHOWN_MAX = 8;

/** What is there, in a message. */
function thereIs(names: Iterable<string>): string {
  const all = [...new Set(names)];
  if (all.length === 0) return 'there is nothing';
  const more = all.length > SHOWN_MAX ? ` and ${all.length - SHOWN_MAX} more` : '';
  return `there is ${all.slice(0, SHOWN_MAX).join(', ')}${more}`;
}

export interface AppliedOverride {
  readonly path: Path;
  readonly text: string;
}

/**
 * The document with the overrides applied, and where each went: to several places with `*`. The given one is left unchanged.
 * @throws ScenarioError naming the override and the part of its path that does not exist
 */
export function applyOverrides(
  document: unknown,
  overrides: readonly string[],
): { document: unknown; applied: AppliedOverride[] } {
  // By way of JSON, so that what an alias shares in the YAML is no longer shared.
  const copy = isTree(document) ? (JSON.parse(JSON.stringify(document)) as Tree) : document;
  const applied: AppliedOverride[] = [];
  for (const text of overrides) {
    const equals = text.indexOf('=');
    if (equals < 1 || !isTree(copy))
      throw new ScenarioError(`--set ${text}: expected dot.path=value on a scenario`);
    const keys = text
      .slice(0, equals)
      .replace(/\[(\d+)\]/g, '.$1')
      .split('.');
    const paths = new Setting(keys, text.slice(equals + 1), text).setIn(copy);
    applied.push(...paths.map((path) => ({ path, text })));
  }
  return { document: copy, applied };
}

const EACH = '*';
const NEXT = '+';

/** What a key leads to: the key or index in the document, and the schema of what is there. */
interface Step {
  readonly key: string | number;
  readonly below: Node;
  /** The schema leaves its name to the file. */
  readonly isNamed: boolean;
}

/** Where a path with `*` found nothing to go on with, and the names that are there instead. */
interface DeadEnd {
  readonly path: readonly string[];
  readonly there: Set<string>;
}

/** One `--set` on its way through a document. */
class Setting {
  readonly #keys: readonly string[];
  readonly #value: string;
  readonly #text: string;
  /** The one that came furthest. */
  #deadEnd: DeadEnd | null = null;

  constructor(keys: readonly string[], value: string, text: string) {
    this.#keys = keys;
    this.#value = value;
    this.#text = text;
  }

  /** Sets the value wherever the path leads, and says where that was. */
  setIn(root: Tree): Path[] {
    const paths = this.#descend(root, ScenarioSchema as unknown as Node, []);
    if (paths.length > 0 || this.#deadEnd === null) return paths;
    const { path, there } = this.#deadEnd;
    throw new ScenarioError(
      `--set ${this.#text}: ${path.join('.')}: expected a path that matches something in the scenario; ${thereIs(there)}`,
    );
  }

  #descend(holder: Tree | unknown[], schema: Node, path: Path): Path[] {
    const depth = path.length;
    return this.#steps(holder, schema, path).flatMap(({ key, below, isNamed }) => {
      const slot = holder as Record<string | number, unknown>;
      if (depth === this.#keys.length - 1) {
        slot[key] = parseValue(this.#value, below, this.#text);
        return [[...path, key]];
      }
      if (!isHolder(slot[key])) {
        const isBehind = this.#keys.slice(0, depth).includes(EACH);
        // In what is made now a `*` would match nothing.
        if ((isNamed && isBehind) || this.#keys.slice(depth + 1).includes(EACH))
          return this.#end(holder, depth);
        slot[key] = below.type === 'array' ? [] : {};
      }
      return this.#descend(slot[key] as Tree | unknown[], below, [...path, key]);
    });
  }

  #steps(holder: Tree | unknown[], schema: Node, path: Path): Step[] {
    const depth = path.length;
    const name = this.#keys[depth] as string;
    if (name === NEXT) return [this.#next(holder, schema, path)];
    if (name !== EACH) {
      const isBehind = this.#keys.slice(0, depth).includes(EACH);
      const isLacking = isBehind && Array.isArray(holder) && indexIn(holder, name) < 0;
      return isLacking ? this.#end(holder, depth) : [this.#step(holder, schema, name, path)];
    }
    const names = Object.keys(holder);
    if (names.length === 0) this.#end(holder, depth);
    return names.map((one) => this.#step(holder, schema, one, path));
  }

  /** A new element of a list; nothing can be named in it before it is there. */
  #next(holder: Tree | unknown[], schema: Node, path: Path): Step {
    const isLast = path.length === this.#keys.length - 1;
    if (isLast && Array.isArray(holder) && schema.items !== undefined)
      return { key: holder.length, below: schema.items, isNamed: false };
    throw new ScenarioError(
      `--set ${this.#text}: ${formatPath([...path, NEXT])}: expected + at the end of the path, behind a list`,
    );
  }

  /** Throws where the scenario can have no such path. */
  #step(holder: Tree | unknown[], schema: Node, name: string, path: Path): Step {
    if (Array.isArray(holder)) {
      const key = indexIn(holder, name);
      if (key >= 0 && schema.items !== undefined)
        return { key, below: schema.items, isNamed: false };
      return this.#unknown(name, path, namesIn(holder));
    }
    for (const node of [schema, ...(schema.anyOf ?? [])]) {
      const property = Object.hasOwn(node.properties ?? {}, name)
        ? node.properties?.[name]
        : undefined;
      if (property !== undefined) return { key: name, below: property, isNamed: false };
      for (const [pattern, below] of Object.entries(node.patternProperties ?? {}))
        if (new RegExp(pattern).test(name)) return { key: name, below, isNamed: true };
    }
    const known = [...Object.keys(schema.properties ?? {}), ...Object.keys(holder)];
    return this.#unknown(name, path, known);
  }

  #unknown(name: string, path: Path, known: Iterable<string>): never {
    const where = formatPath([...path, name]);
    const names = [...known];
    throw new ScenarioError(
      `--set ${this.#text}: ${where}: expected a path of the scenario${didYouMean(name, names) || `; ${thereIs(names)}`}`,
    );
  }

  #end(holder: Tree | unknown[], depth: number): [] {
    const path = this.#keys.slice(0, depth + 1);
    if (this.#deadEnd === null || this.#deadEnd.path.length < path.length)
      this.#deadEnd = { path, there: new Set() };
    if (this.#deadEnd.path.length === path.length)
      for (const name of namesIn(holder)) this.#deadEnd.there.add(name);
    return [];
  }
}

/** -1 where the list has no such element. */
function indexIn(list: readonly unknown[], name: string): number {
  const index = /^\d+$/.test(name)
    ? Number(name)
    : list.findIndex((element) => elementName(element) === name);
  return index < list.length ? index : -1;
}

/** By what a path can go on; a list of nameless elements by its numbers. */
function namesIn(holder: Tree | readonly unknown[]): string[] {
  if (!Array.isArray(holder)) return Object.keys(holder);
  const names = holder.map(elementName).filter((name) => name !== '');
  if (names.length > 0 || holder.length === 0) return names;
  return [holder.length === 1 ? '0' : `0 to ${holder.length - 1}`];
}

function parseValue(value: string, schema: Node, text: string): unknown {
  let parsed: unknown;
  try {
    parsed = parse(value);
  } catch {
    throw new ScenarioError(`--set ${text}: ${JSON.stringify(value)}: expected a YAML value`);
  }
  return schema.type === 'string' && typeof parsed !== 'string' ? value : parsed;
}

/** By what an element of a list is named in a path; empty: by its number alone. */
export function elementName(element: unknown): string {
  if (!isTree(element)) return '';
  return String(element.bic ?? element.name ?? element.dealer ?? element.participant ?? '');
}

const isHolder = (value: unknown): value is Tree | unknown[] =>
  isTree(value) || Array.isArray(value);

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
