/** What a study's file may say: the schema is the type, as of a scenario (docs/studies.md). */
import { type Static, Type } from '@sinclair/typebox';
import * as field from '../scenario/schema-field-types.ts';
import { compileSchema } from '../scenario/yaml-against-schema.ts';
import { CELLS_MAX } from './grid.ts';

const { record } = field;

const values = Type.Array(Type.Unknown(), {
  description: 'Values of the path, as YAML.',
  minItems: 1,
  title: 'a list of at least one value',
});

const variant = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  description: 'Paths, each with the value that the variant gives it.',
  minProperties: 1,
  title: 'a variant: paths of the scenario, each with its value',
});

const variants = Type.Unsafe<Record<string, Static<typeof variant>>>({
  type: 'object',
  description: 'Variants by name.',
  minProperties: 1,
  title: 'variants by name, each a mapping of paths to values',
  additionalProperties: variant,
});

const vary = Type.Unsafe<Record<string, readonly unknown[] | Static<typeof variants>>>({
  type: 'object',
  description: 'A path of the scenario to its values, or a name to named variants.',
  title: 'a mapping of paths to lists of values',
  additionalProperties: Type.Union([values, variants], {
    title: 'a list of at least one value, or variants by name, each a mapping of paths to values',
  }),
});

const factor = (least: { minimum: number } | { exclusiveMinimum: number }, title: string) =>
  Type.Number({ ...least, maximum: 1000, title });
const NOT_NEGATIVE = factor({ minimum: 0 }, 'a factor from 0 to 1000, such as 0.5');
const POSITIVE = factor({ exclusiveMinimum: 0 }, 'a factor above 0 and up to 1000, such as 0.5');

const names = (title: string) =>
  Type.Optional(Type.Array(Type.String({ title }), { minItems: 1, title: `a list of ${title}s` }));

/** Factors alone, or with whom they are of. */
function scaled<Of extends Record<string, ReturnType<typeof names>>>(
  one: typeof POSITIVE,
  what: string,
  of: Of,
) {
  const factors = Type.Array(one, { minItems: 1, title: 'a list of at least one factor' });
  return Type.Optional(
    Type.Union([factors, record(what, { factors, ...of })], {
      title: `a list of factors, or a mapping with ${['factors', ...Object.keys(of)].join(', ')}`,
    }),
  );
}

const dayFile = field.plainText('CSV files of payments, from the study’s folder.', 400);

const flows = { flows: names('name of a flow that draws payments, trades or chains') };

export const StudySchema = Type.Object(
  {
    name: Type.Optional(field.label('Short name; part of the name of the folder.', 40)),
    description: Type.Optional(field.plainText('What the study asks, in a sentence or two.')),
    scenario: field.plainText('The scenario’s file, from the study’s folder.', 400),
    vary: field.defaulted(vary, {}),
    scale: field.defaulted(
      record('Amounts of the scenario, each times a factor.', {
        liquidity: scaled(NOT_NEGATIVE, 'Balances and credit.', {
          participants: names('BIC'),
          currencies: names('currency code'),
        }),
        traffic: scaled(NOT_NEGATIVE, 'Numbers of payments, trades and chains.', flows),
        amounts: scaled(POSITIVE, 'Amounts that are drawn.', flows),
      }),
      {},
    ),
    seeds: Type.Optional(
      Type.Union(
        [
          Type.Integer({ minimum: 1, maximum: CELLS_MAX }),
          Type.Array(field.integer('A seed.', 0, Number.MAX_SAFE_INTEGER), { minItems: 1 }),
        ],
        { title: `a number of seeds from 1 to ${CELLS_MAX}, or a list of seeds` },
      ),
    ),
    dates: Type.Optional(
      Type.Union([dayFile, Type.Array(dayFile, { minItems: 1 })], {
        title: 'a CSV file of payments, or a list of them; * in a name stands for any characters',
      }),
    ),
  },
  { title: 'a study, as a mapping', additionalProperties: false },
);

export type StudyDocument = Static<typeof StudySchema>;
export const validateStudy = compileSchema<StudyDocument>(StudySchema);
