/**
 * Pieces of the dashboards' SQL. Values of variables are quoted by Grafana (`:sqlstring`), so that a
 * name with an apostrophe is a name. Money leaves the database in whole units of its currency; it is
 * summed in minor units before.
 */
export const RUN = 'run IN (${run:sqlstring})';
export const POOL = 'pool IN (${pool:sqlstring})';
export const CURRENCY = 'currency IN (${currency:sqlstring})';

/** Rows of the chosen run and pools in the dashboard's time range. */
export const inRange = (column: string) => `${RUN} AND ${POOL} AND $__timeFilter(${column})`;

/** Joins a subquery that has run and currency with the currency's decimals. */
export const withDecimals = (subquery: string, currency = 'currency') =>
  `(${subquery}) AS t INNER JOIN
  (SELECT run, currency AS code, any(currencies.minor_units) AS minor_units FROM currencies GROUP BY run, code) AS c
  ON t.run = c.run AND t.${currency} = c.code`;

/** An amount of minor units as a number of whole units, for drawing. */
export const units = (amount: string) => `toFloat64(${amount}) / exp10(c.minor_units)`;
