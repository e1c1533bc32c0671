/** What a mapping of CSV files may say: the schema is the type, as of a scenario (docs/import.md). */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { LISTED_COLUMNS } from '../scenario/listed-payments.ts';
import { ScenarioSchema } from '../scenario/schema.ts';
import * as field from '../scenario/schema-field-types.ts';
import { compileSchema } from '../scenario/yaml-against-schema.ts';
import { DECIMAL_MARKS, THOUSANDS_MARKS } from './amount-forms.ts';
import { ENCODINGS } from './csv-blocks.ts';

const { choice, defaulted, plainText, record } = field;

/** Of a table of payments; `settled` is when the payment was observed to settle. */
export const IMPORTED_COLUMNS = [...LISTED_COLUMNS, 'settled'] as const;
export type ImportedColumn = (typeof IMPORTED_COLUMNS)[number];
/** Without these a row is no payment. */
export const NEEDED_COLUMNS = ['time', 'debtor', 'creditor', 'currency', 'amount'] as const;

/** Of a table of balances: a row for each account. */
export const BALANCE_COLUMNS = [
  ...['participant', 'currency', 'balance', 'creditLine', 'netDebitCap', 'limit'],
  ...['name', 'role', 'size'],
] as const;
export type BalanceColumn = (typeof BALANCE_COLUMNS)[number] | 'participant' | 'currency';

const column = (name: string) => Type.Optional(plainText(`The source’s column for ${name}.`, 200));

/** A text for each of the columns that there are. */
const forEach = <T extends TSchema>(names: readonly string[], of: (name: string) => T) =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<string, T>;

const words = Type.Unsafe<Record<string, string>>({
  type: 'object',
  description: 'A text of the source to what it stands for.',
  title: 'a mapping of texts to texts',
  additionalProperties: { type: 'string', title: 'a text' },
});

/** A choice whose words need quotes to be seen. */
const mark = <const V extends readonly string[]>(marks: V, description: string) => ({
  ...choice(marks, description),
  title: `one of ${marks.map((one) => JSON.stringify(one)).join(' ')}`,
});

function table(names: readonly string[], description: string) {
  return {
    separator: Type.String({
      description: 'Between two fields.',
      pattern: '^[^"\\r\\n]$',
      title: 'one character, such as ";" or "\\t"',
    }),
    encoding: defaulted(choice(ENCODINGS, 'Of the file’s text.'), 'utf-8'),
    decimalMark: mark(DECIMAL_MARKS, 'Before the decimals of an amount.'),
    thousandsMark: defaulted(mark(THOUSANDS_MARKS, 'Between thousands.'), 'none'),
    columns: record(description, forEach(names, column)),
    constants: defaulted(
      record(
        'Values of columns that the source does not have.',
        forEach(names, (name) => Type.Optional(plainText(`Of ${name}.`, 200))),
      ),
      {},
    ),
    values: defaulted(
      record(
        'Of columns whose words are others than the scenario’s.',
        forEach(names, () => Type.Optional(words)),
      ),
      {},
    ),
  };
}

const form = (description: string) =>
  Type.Optional(
    Type.String({
      description,
      minLength: 1,
      maxLength: 60,
      title: 'a form of yyyy, M, d, HH, mm, ss, F and ZZ, such as "d.M.yyyy" or "HH:mm:ss"',
    }),
  );

/** What an import makes of its own; all else of a scenario a mapping may give. */
const MADE = ['businessDates', 'zone', 'participants', 'payments', 'realBics'];
const given = Object.entries(ScenarioSchema.properties)
  .filter(([name]) => !MADE.includes(name))
  .map(([name, schema]) => [name, Type.Optional(schema as TSchema)]);

export const MappingSchema = Type.Object(
  {
    payments: record('The files of payments.', {
      ...table(IMPORTED_COLUMNS, 'Columns of the scenario to columns of the source.'),
      dateForm: form('Of `date`.'),
      timeForm: form(
        'Of `time`, `earliest` and `latest`; with a date in it where there is no `date`.',
      ),
      settledForm: form('Of `settled`. Default: as of `time`.'),
      zone: field.zone('Of the times without an offset, and of the scenario.'),
    }),
    balances: Type.Optional(
      record('The files of balances: a row for each account.', {
        ...table(BALANCE_COLUMNS, 'Columns of the accounts to columns of the source.'),
      }),
    ),
    missingBalance: Type.Optional(
      Type.String({
        description: 'Of an account that no row of `balances` has. Default: it is an error.',
        pattern: '^(?:upperBound|zero|[0-9]+(?:\\.[0-9]+)?)$',
        title: 'upperBound, zero, or an amount as a decimal in quotes, such as "1250.00"',
      }),
    ),
    bics: defaulted(
      Type.Unsafe<Record<string, string>>({
        type: 'object',
        description: 'Names of the source to BICs of the scenario. Others get one.',
        title: 'a mapping of names to BICs',
        additionalProperties: field.bic('Its BIC in the scenario.'),
      }),
      {},
    ),
    scenario: Type.Optional(
      Type.Unsafe<Record<string, unknown>>(
        record('What else the scenario says.', Object.fromEntries(given)),
      ),
    ),
  },
  { title: 'a mapping of CSV files, as a mapping of YAML', additionalProperties: false },
);

export type MappingDocument = Static<typeof MappingSchema>;
export const validateMapping = compileSchema<MappingDocument>(MappingSchema);
