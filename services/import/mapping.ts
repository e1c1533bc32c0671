/** A mapping's file, checked: with it a source can be read without a guess. */
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { isZone } from '../scenario/local-time-to-instant.ts';
import { type Fail, formatValue, type Path } from '../scenario/scenario-error.ts';
import { checkYaml } from '../scenario/yaml-against-schema.ts';
import { type MappingDocument, NEEDED_COLUMNS, validateMapping } from './mapping-schema.ts';
import { plainName } from './test-bics.ts';
import { formProblem, hasDate, hasTime } from './time-forms.ts';

export interface Mapping extends MappingDocument {
  /** What the user wrote under `scenario`, without the schema's defaults. */
  readonly scenario: Record<string, unknown>;
  /** `file:line` of a path in the mapping. */
  readonly where: (path: Path) => string;
}

type PaymentsMapping = MappingDocument['payments'];

/**
 * @param file the path that messages name
 * @throws ScenarioError naming file, line, path, value and expectation
 */
export function readMapping(file: string, text: string): Mapping {
  let scenario: Record<string, unknown> = {};
  const { document, fail, where } = checkYaml(file, text, validateMapping, (parsed) => {
    scenario = structuredClone((parsed as { scenario?: typeof scenario } | null)?.scenario ?? {});
    return { document: structuredClone(parsed), applied: [] };
  });
  checkPayments(document.payments, fail);
  if (document.balances !== undefined) {
    checkTable(['balances'], document.balances, ['participant', 'currency', 'balance'], fail);
  }
  checkBics(document.bics, fail);
  return { ...document, scenario, where };
}

/** Two names with one BIC would have one account, and one name has one BIC. */
function checkBics(bics: Readonly<Record<string, string>>, fail: Fail): void {
  const nameOf = new Map<string, string>();
  const names = new Map<string, string>();
  for (const [name, bic] of Object.entries(bics)) {
    const other = nameOf.get(bic);
    if (other !== undefined)
      fail(['bics', name], `each BIC once; ${formatValue(other)} has it`, bic);
    const same = names.get(plainName(name));
    if (same !== undefined)
      fail(['bics', name], `each name once; ${formatValue(same)} is the same`, bic);
    nameOf.set(bic, name);
    names.set(plainName(name), name);
  }
}

function checkPayments(payments: PaymentsMapping, fail: Fail): void {
  const path = ['payments'];
  checkTable(path, payments, NEEDED_COLUMNS, fail);
  if (!isZone(payments.zone)) fail([...path, 'zone'], 'an IANA time zone', payments.zone);
  const { columns, constants, values, dateForm, timeForm } = payments;
  for (const [word, priority] of Object.entries(values.priority ?? {}))
    if (!(PRIORITIES as readonly string[]).includes(priority))
      fail([...path, 'values', 'priority', word], `one of ${PRIORITIES.join(', ')}`, priority);
  for (const key of ['dateForm', 'timeForm', 'settledForm'] as const) {
    const problem = payments[key] === undefined ? null : formProblem(payments[key]);
    if (problem !== null) fail([...path, key], problem, payments[key]);
  }
  if (!hasTime(timeForm ?? ''))
    fail([...path, 'timeForm'], 'a form with hours and minutes', timeForm);
  const hasDates = columns.date !== undefined || constants.date !== undefined;
  if (hasDates === hasDate(timeForm ?? ''))
    fail(
      [...path, hasDates ? 'timeForm' : 'columns'],
      hasDates ? 'no date in it beside the column date' : 'a column date, or a date in timeForm',
      hasDates ? timeForm : columns,
    );
  if (columns.date !== undefined && (dateForm === undefined || !hasDate(dateForm)))
    fail([...path, 'dateForm'], 'a form with year, month and day', dateForm);
}

function checkTable(
  path: readonly string[],
  {
    separator,
    decimalMark,
    thousandsMark,
    columns,
    constants,
  }: NonNullable<MappingDocument['balances']>,
  needed: readonly string[],
  fail: Fail,
): void {
  if (thousandsMark === decimalMark)
    fail([...path, 'thousandsMark'], 'another mark than decimalMark', thousandsMark);
  if (separator === '#') fail([...path, 'separator'], 'another character', separator);
  for (const name of needed)
    if (columns[name] === undefined && constants[name] === undefined)
      fail([...path, 'columns', name], 'the name of a column of the source, or a constant');
  for (const name of Object.keys(constants))
    if (columns[name] !== undefined)
      fail([...path, 'constants', name], 'either a column or a constant', constants[name]);
}
