import type {
  CurrencyEntry,
  DirectoryNames,
  Participant,
} from '../protocol/names/handles-to-names.ts';
import type { AnalysisStore } from './analysis-store.ts';
import { type Check, check } from './reconcile-totals.ts';

interface NamesScope {
  readonly run: string;
  /** Every pool of the log, with the names that its events gave. */
  readonly pools: ReadonlyMap<string, DirectoryNames>;
  /** False where later names may have come into the store. */
  readonly isComplete: boolean;
}

type Ask = <Row>(sql: string, params?: Readonly<Record<string, unknown>>) => Promise<Row[]>;
type CurrencyRow = { pool: string; currency: string; minor_units: number };

/**
 * What scales and hides figures: decimals of currencies, the participants that lists offer, and rows
 * under a pool that the log does not have.
 */
export async function nameChecks(
  store: Pick<AnalysisStore, 'query'>,
  { run, pools, isComplete }: NamesScope,
): Promise<Check[]> {
  const ask: Ask = (sql, params) => store.query(sql, { run, ...params });
  return [
    ...(await currencyChecks(ask, pools, isComplete)),
    ...(await participantChecks(ask, pools, isComplete)),
    ...(await poolChecks(ask, [...pools.keys()])),
  ];
}

async function currencyChecks(
  ask: Ask,
  pools: ReadonlyMap<string, DirectoryNames>,
  isComplete: boolean,
): Promise<Check[]> {
  const rows = await ask<CurrencyRow>(
    'SELECT pool, currency, minor_units FROM currencies WHERE run = {run:String}',
  );
  const own = [...pools].flatMap(([pool, { currencies }]) =>
    currencies.map((entry) => ({ pool, ...entry })),
  );
  const decimals = ({ pool, currency, minorUnits }: CurrencyEntry & { pool: string }) => {
    const there = rows.filter((row) => row.pool === pool && row.currency === currency);
    const found = [...new Set(there.map((row) => row.minor_units))].join(' and ') || 'none';
    return check(`decimals of ${currency} in pool ${pool}`, minorUnits, found);
  };
  const all = isComplete ? [check('currencies: rows', own.length, rows.length)] : [];
  return [...all, ...own.map(decimals)];
}

async function participantChecks(
  ask: Ask,
  pools: ReadonlyMap<string, DirectoryNames>,
  isComplete: boolean,
): Promise<Check[]> {
  const rows = await ask<Participant>(
    'SELECT bic, name, role FROM participants WHERE run = {run:String}',
  );
  // Pools share their participants, and each has one row.
  const own = new Map(
    [...pools.values()].flatMap(({ participants }) => participants.map((one) => [one.bic, one])),
  );
  const text = ({ name, role }: Participant) => `${role} ${name}`;
  const there = new Map(rows.map((row) => [row.bic, text(row)]));
  const named = [...own.values()]
    .map((one) => check(`participant ${one.bic}`, text(one), there.get(one.bic) ?? 'none'))
    .filter(({ agrees }) => !agrees);
  const known = [...own.keys()].filter((bic) => there.has(bic)).length;
  return [
    check('participants', own.size, known),
    ...(isComplete ? [check('participants: rows', own.size, rows.length)] : []),
    ...named,
  ];
}

async function poolChecks(ask: Ask, pools: readonly string[]): Promise<Check[]> {
  const tables = await ask<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
       AND name IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'pool')
     ORDER BY name`,
  );
  const foreign = await ask<{ name: string; other: string; found: string }>(
    tables
      .map(
        ({ name }) =>
          `SELECT '${name}' AS name, pool AS other, count() AS found FROM ${name}
           WHERE run = {run:String} AND pool NOT IN {pools:Array(String)} GROUP BY pool`,
      )
      .join(' UNION ALL '),
    { pools },
  );
  const total = foreign.reduce((sum, { found }) => sum + BigInt(found), 0n);
  return [
    check('rows of pools that the log does not have', 0, total),
    ...foreign.map(({ name, other, found }) => check(`${name}: rows of pool ${other}`, 0, found)),
  ];
}
