import * as field from './schema-field-types.ts';

const { defaulted, list, record } = field;

/** What banks are told of their accounts. */
export const StatementsSchema = record(
  'What banks are told of their accounts, beside statements (camt.053) at each close. A live network whose scenario lacks it has the defaults; a simulation then writes no statements.',
  {
    notifications: defaulted(field.flag('Tell each booking by a camt.054.'), true),
    reportEveryMinutes: defaulted(
      field.integer('Minutes between two reports (camt.052); 0: none.', 0, 1440),
      0,
    ),
    reportTimes: defaulted(
      list(field.minuteOfDay('A time of day in UTC.'), 'When all banks get a report (camt.052).'),
      [],
    ),
  },
);
