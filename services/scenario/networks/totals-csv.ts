/**
 * Totals of fitted flows in a table: columns total (sent, received, hour), name (the bank's BIC, or the
 * hour as HH:00), payments and, where it has totals of several flows, flow.
 */
import { COMMENTED, checkedColumns, csvRows } from '../csv-table.ts';
import { didYouMean } from '../did-you-mean.ts';
import { formatValue, ScenarioError } from '../scenario-error.ts';
import type { NetworkDocument } from './resolve-network.ts';

const NEEDED = ['total', 'name', 'payments'] as const;
const COLUMNS = [...NEEDED, 'flow'] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

const KEYS = { sent: 'sent', received: 'received', hour: 'hours' } as const;

type Totals = Pick<NonNullable<NetworkDocument['fitted']>, 'sent' | 'received' | 'hours'>;

/**
 * @param file the path that messages name
 * @param flow whose rows are taken, where there are those of several
 * @param names all flows and banks that the scenario has
 * @throws ScenarioError naming file, line, column, value and expectation
 */
export function parseTotalsCsv(
  file: string,
  text: string,
  flow: string,
  names: { readonly flows: readonly string[]; readonly banks: readonly string[] },
): Totals {
  const { flows, banks } = names;
  const columns = (header: string[]) => checkedColumns(file, header, COLUMNS, NEEDED);
  const totals: Record<'sent' | 'received' | 'hours', Record<string, number>> = {
    ...{ sent: {}, received: {}, hours: {} },
  };
  for (const { record, line } of csvRows<Row>(file, text, { ...COMMENTED, columns })) {
    const fail = (column: keyof Row, expected: string): never => {
      const shown = formatValue(record[column] === '' ? undefined : record[column]);
      throw new ScenarioError(`${file}:${line}: column ${column}: ${shown}: expected ${expected}`);
    };
    if (record.flow !== undefined && !flows.includes(record.flow))
      fail('flow', `a flow of the scenario${didYouMean(record.flow, flows)}`);
    if (record.flow !== undefined && record.flow !== flow) continue;
    const { total = '', name = '', payments = '' } = record;
    if (!Object.hasOwn(KEYS, total)) fail('total', `one of ${Object.keys(KEYS).join(', ')}`);
    const of = totals[KEYS[total as keyof typeof KEYS]];
    if (name === '') fail('name', total === 'hour' ? 'an hour as HH:00' : 'a BIC');
    if (total !== 'hour' && !banks.includes(name))
      fail('name', `a participant of the scenario${didYouMean(name, banks)}`);
    if (Object.hasOwn(of, name)) fail('name', `each ${total} once`);
    if (total === 'hour' && !/^(?:[01]\d|2[0-3]):00$/.test(name)) fail('name', 'an hour as HH:00');
    if (!/^[0-9]{1,7}$/.test(payments)) fail('payments', 'a whole number from 0 to 5000000');
    of[name] = Number(payments);
  }
  const { hours, ...byBank } = totals;
  return Object.keys(hours).length > 0 ? totals : byBank;
}
