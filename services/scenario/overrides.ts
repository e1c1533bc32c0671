/**
 * `--set dot.path=yaml` on a scenario document, before it is checked. A list's element is named by
 * its number or by its bic, name or dealer. The path must be one that the schema knows; mappings
 * that the file leaves out are made. Where the schema wants a text, the text is taken as it stands,
 * so that an amount needs no quotes.
 */
import { parse } from 'yaml';
import { didYouMean, formatPath, type Path, ScenarioError } from './errors.ts';
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

export interface AppliedOverride {
  readonly path: Path;
  readonly text: string;
}

/**
 * The document with the overrides applied, and where each went. The given one is left unchanged.
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
    applied.push({ path: setOne(copy, keys, text.slice(equals + 1), text), text });
  }
  return { document: copy, applied };
}

function setOne(root: Tree, keys: readonly string[], value: string, text: string): Path {
  let holder: Tree | unknown[] = root;
  let schema: Node = ScenarioSchema as unknown as Node;
  const path: (string | number)[] = [];
  for (const [depth, name] of keys.entries()) {
    const [key, below] = step(holder, schema, name, path, text);
    path.push(key);
    const slot = holder as Record<string | number, unknown>;
    if (depth === keys.length - 1) slot[key] = parseValue(value, below, text);
    else {
      if (!isTree(slot[key]) && !Array.isArray(slot[key]))
        slot[key] = below.type === 'array' ? [] : {};
      holder = slot[key] as Tree | unknown[];
      schema = below;
    }
  }
  return path;
}

/** One key further: the key or index in the document, and the schema of what is there. */
function step(
  holder: Tree | unknown[],
  schema: Node,
  name: string,
  path: Path,
  text: string,
): [string | number, Node] {
  const unknown = (known: Iterable<string>): never => {
    const where = formatPath([...path, name]);
    throw new ScenarioError(
      `--set ${text}: ${where}: expected a path of the scenario${didYouMean(name, known)}`,
    );
  };
  if (Array.isArray(holder)) {
    const names = holder.map((element) => nameOf(element));
    const index = /^\d+$/.test(name) ? Number(name) : names.indexOf(name);
    if (index < 0 || index >= holder.length || schema.items === undefined)
      return unknown(names.filter((known) => known !== ''));
    return [index, schema.items];
  }
  for (const node of [schema, ...(schema.anyOf ?? [])]) {
    const property = Object.hasOwn(node.properties ?? {}, name)
      ? node.properties?.[name]
      : undefined;
    if (property !== undefined) return [name, property];
    for (const [pattern, below] of Object.entries(node.patternProperties ?? {}))
      if (new RegExp(pattern).test(name)) return [name, below];
  }
  return unknown([...Object.keys(schema.properties ?? {}), ...Object.keys(holder)]);
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

function nameOf(element: unknown): string {
  if (!isTree(element)) return '';
  return String(element.bic ?? element.name ?? element.dealer ?? element.participant ?? '');
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
