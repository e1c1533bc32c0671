/**
 * Configuration by environment: a TypeBox object whose properties are the variables, each with a
 * description and, where it may be left out, a default. Secrets are never values: a variable ends in
 * `_FILE` and names a file.
 */
import { type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { Ajv, type ErrorObject } from 'ajv';

/** One line: the variable, its value and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** An object schema whose properties are variables. */
export interface ConfigSchema {
  readonly properties: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

export const configSchema = (variables: TProperties): ConfigSchema =>
  Type.Object(variables) as unknown as ConfigSchema;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables of `schema` from the environment, as numbers and booleans where it says so. An empty
 * variable counts as absent. Throws ConfigError on the first that is missing or wrong.
 */
export function readConfig<Config>(schema: ConfigSchema, environment: Environment): Config {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(schema.properties))
    if (environment[name]) given[name] = environment[name];
  // That of schemas takes longer to compile than they do: what TypeBox makes has its form, as tests see.
  const ajv = new Ajv({
    ...{ coerceTypes: true, useDefaults: true, strict: true },
    validateSchema: false,
  });
  ajv.addKeyword('sample');
  const validate = ajv.compile<Config>(schema);
  const config: unknown = given;
  if (validate(config)) return config;
  throw new ConfigError(faultText(schema, environment, validate.errors?.[0]));
}

function faultText(
  schema: ConfigSchema,
  environment: Environment,
  error: ErrorObject | undefined,
): string {
  const name =
    error?.keyword === 'required'
      ? String(error.params.missingProperty)
      : (error?.instancePath.split('/')[1] ?? '');
  const property = schema.properties[name];
  const expected = property === undefined ? (error?.message ?? '') : expectation(property);
  const value = environment[name];
  return value
    ? `${name}=${value.slice(0, 200)}: expected ${expected}`
    : `${name} is not set: expected ${expected}`;
}

function expectation(property: TSchema): string {
  const limits = [
    property.minimum === undefined ? '' : `at least ${property.minimum}`,
    property.maximum === undefined ? '' : `at most ${property.maximum}`,
  ].filter((limit) => limit !== '');
  const type = property.type === 'integer' ? 'a whole number' : '';
  const form = [type, ...limits].filter((part) => part !== '').join(', ');
  const sample = property.sample === undefined ? '' : `, for example ${property.sample}`;
  return `${property.description}${form === '' ? '' : ` (${form})`}${sample}`;
}

/** The text of `--help`: every variable with its default and meaning. */
export function helpText(usage: string, schema: ConfigSchema): string {
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    const fallback = property.default === undefined ? '' : ` [${property.default}]`;
    return `  ${name}${required.has(name) && fallback === '' ? ' (required)' : fallback}\n      ${expectation(property)}`;
  });
  return `${usage}\n\nConfiguration by environment variables:\n${lines.join('\n')}\n`;
}
