/** A recorded run in the store, and what an operator publishes of it, computed from the rows of payments and the audit's book. */

import { AuditedAccountsBook } from '../../services/analysis/audited-accounts-book.ts';
import type { DisclosedDate } from '../../services/export/disclosure.ts';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { dateText } from '../../services/protocol/names/dates.ts';
import type { DirectoryNames } from '../../services/protocol/names/handles-to-names.ts';
import { isCounted, type PaymentRow } from '../../services/report/figures/payment-table.ts';
import { runName } from '../../services/report/figures/run-name-in-store.ts';
import { scenarioTables } from '../../services/report/figures/scenario-tables.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import type { OwnDatabase } from '../support/engine.ts';
import { directly, followed } from '../support/run.ts';

const HOUR_MS = 3_600_000;

export interface RecordedPayments {
  readonly scenario: Scenario;
  readonly run: string;
  readonly rows: readonly PaymentRow[];
  readonly books: readonly AuditedAccountsBook[];
  /** Of its pools. */
  readonly directories: readonly DirectoryNames[];
}

/** Runs a scenario, and has its rows in the store, with others that must not count. */
export async function recordPayments(
  database: OwnDatabase,
  scenario: Scenario,
): Promise<RecordedPayments> {
  const run = runName(scenario);
  const insert = (table: string, rows: readonly object[], token: string) =>
    insertRows(database.client, table, rows, token);
  const simulation = directly(scenario, { signatures: false });
  const books = simulation.pools.map(() => new AuditedAccountsBook());
  const folds = simulation.pools.map(
    ({ name, clearing }) => new EventFold(run, name, clearing.directory),
  );
  const blocks: ReturnType<EventFold['fold']> = [];
  const { summary, rows } = await followed(scenario, simulation, {
    signatures: false,
    onSlice: ({ steps }) => {
      for (const [pool, { batch }] of steps.entries()) {
        books[pool]?.fold(batch.events);
        blocks.push(...(folds[pool]?.fold(batch.events) ?? []));
      }
    },
  });
  blocks.push(...folds.map((fold) => fold.end()));
  for (const { table, rows: some, token } of blocks.flatMap(insertions)) {
    await insert(table, some, token);
    await insert(
      table,
      some.map((row) => ({ ...row, run: 'another' })),
      `another/${token}`,
    );
  }
  for (const [table, some] of Object.entries(scenarioTables(scenario, summary, [])))
    await insert(table, some, `${run}/${table}`);
  const directories = simulation.pools.map(({ clearing }) => clearing.directory);
  return { scenario, run, rows, books, directories };
}

/** As payments and the book have it. */
export function disclosedByPayments({
  scenario,
  rows,
  books,
  directories,
}: RecordedPayments): DisclosedDate[] {
  const all: DisclosedDate[] = [];
  for (const { code, pool, hours, minorUnits, issuer } of scenario.currencies) {
    let beforeMs = Number.NEGATIVE_INFINITY;
    const units = (minor: bigint) => {
      const digits = `${minor}`.padStart(minorUnits + 1, '0');
      return minorUnits === 0
        ? digits
        : `${digits.slice(0, -minorUnits)}.${digits.slice(-minorUnits)}`;
    };
    const sum = (of: readonly PaymentRow[]) =>
      units(of.reduce((total, one) => total + one.amountMinor, 0n));
    const own = rows.filter(
      (row) => row.currency === code && row.pool === scenario.pools[pool]?.name,
    );
    const handle = scenario.pools[pool]?.currencies.findIndex(
      (one) => scenario.currencies[one]?.code === code,
    );
    const isIssuer = (participant: number) =>
      issuer !== null &&
      directories[pool]?.participants[participant]?.bic === scenario.participants[issuer]?.bic;
    for (const [index, open] of hours.entries()) {
      if (!open) continue;
      const { opensMs, closesMs } = open;
      const came = own.filter(
        (row) => isCounted(row) && row.submittedAtMs >= beforeMs && row.submittedAtMs < closesMs,
      );
      const legs = own.filter(
        ({ status, finalAtMs }) =>
          status === 'settled' &&
          (finalAtMs as number) > beforeMs &&
          (finalAtMs as number) <= closesMs,
      );
      const settled = legs.filter(isCounted);
      const rejected = came.filter(({ status }) => status === 'rejected').length;
      const withdrawn = came.filter(({ reason }) => reason === 'cancelledByDebtorAgent').length;
      const onTime = came.filter(
        ({ status, finalAtMs }) => status === 'settled' && (finalAtMs as number) <= closesMs,
      ).length;
      const owed = came.length - rejected - withdrawn;
      const perHour = new Map<number, PaymentRow[]>();
      for (const leg of legs) {
        const hour = Math.floor((leg.finalAtMs as number) / HOUR_MS) * HOUR_MS;
        perHour.set(hour, [...(perHour.get(hour) ?? []), leg]);
      }
      const [peak] = [...perHour].sort(
        ([a, x], [b, y]) => y.filter(isCounted).length - x.filter(isCounted).length || a - b,
      );
      const days = (books[pool]?.days ?? []).filter(
        ({ participant, currency, date }) =>
          currency === handle &&
          !isIssuer(participant) &&
          dateText(date) === scenario.businessDates[index],
      );
      const total = (of: (day: (typeof days)[number]) => bigint) =>
        units(days.reduce((all, day) => all + of(day), 0n));
      all.push({
        ...{ date: scenario.businessDates[index] as string, currency: code },
        ...{
          opened_at: new Date(opensMs).toISOString(),
          closed_at: new Date(closesMs).toISOString(),
        },
        ...{ submitted: came.length, rejected, withdrawn, settled_on_time: onTime },
        settled_on_time_share: owed === 0 ? null : onTime / owed,
        ...{ settled: settled.length, settled_value: sum(legs) },
        participants: new Set(legs.flatMap((row) => [row.debtorAgent, row.creditorAgent])).size,
        peak_hour: settled.length === 0 || !peak ? null : new Date(peak[0]).toISOString(),
        peak_hour_settled: peak ? peak[1].filter(isCounted).length : 0,
        peak_hour_value: sum(peak?.[1] ?? []),
        liquidity_available: total(
          (day) => day.balanceMinor + day.creditLineMinor + day.collateralMinor,
        ),
        liquidity_used: total(({ usageMinor }) => usageMinor),
        availability: null,
      });
      beforeMs = closesMs;
    }
  }
  const key = ({ date, currency }: DisclosedDate) => `${date} ${currency}`;
  return all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
