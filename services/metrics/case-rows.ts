import type { CaseChange } from '../live/case-book.ts';
import { clickHouseTime } from './store-rows.ts';

/** Rows of `case_events`, one a change, and of `case_money`, what an outage held then. */
export function caseTables(
  run: string,
  changes: readonly CaseChange[],
): { readonly table: string; readonly rows: readonly object[] }[] {
  return [
    { table: 'case_events', rows: changes.map((change) => eventRow(run, change)) },
    { table: 'case_money', rows: changes.flatMap((change) => moneyRows(run, change)) },
  ].filter(({ rows }) => rows.length > 0);
}

function eventRow(run: string, { kind, position, atMs, of, command }: CaseChange) {
  const { subject = {} } = of ?? {};
  return {
    run,
    case_id: of?.id ?? command?.case,
    position,
    time: clickHouseTime(atMs),
    event: kind,
    rule: of?.rule ?? '',
    title: of?.title ?? '',
    severity: of?.severity ?? '',
    summary: of?.summary ?? '',
    subject,
    pool: subject.pool ?? '',
    participant: subject.debtor_agent ?? subject.participant ?? '',
    currency: subject.currency ?? '',
    by_key: command?.by ?? '',
    why: command?.why ?? '',
    command_id: command?.id ?? '',
    command_pool: command?.pool ?? '',
    reason: command?.reason ?? '',
  };
}

function moneyRows(run: string, { kind, position, atMs, of }: CaseChange): object[] {
  if (!of?.held || (kind !== 'opened' && kind !== 'held')) return [];
  const place = { run, case_id: of.id, position, time: clickHouseTime(atMs) };
  return [
    ...of.held.trapped.map(({ currency, amountMinor }) => ({
      ...{ ...place, kind: 'trapped', participant: of.subject.debtor_agent ?? '', currency },
      ...{ amount_minor: amountMinor, payments: 0 },
    })),
    ...of.held.waiting.map(({ currency, bic, payments }) => ({
      ...{ ...place, kind: 'waiting', participant: bic, currency, amount_minor: '0', payments },
    })),
  ];
}
