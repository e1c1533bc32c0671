import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { isoTime } from '../protocol/names/dates.ts';
import { flowLabels } from '../report/figures/label-tables.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** What a run's anomalies are, beside its results; none where the scenario has none. */
export const LABELS_FILE = 'labels.csv';
const COLUMNS = [
  ...['injection', 'kind', 'participant', 'from', 'until', 'uetr', 'endToEndId'],
] as const;

/** Of one payment, as its cells. */
export type LabelCells = Readonly<Record<(typeof COLUMNS)[number], string>>;

/** What a run's folder says of a payment, by anomaly: of most nothing. */
export function labelsIn(folder: string, uetr: string): LabelCells[] {
  const file = join(folder, LABELS_FILE);
  if (!existsSync(file)) return [];
  const rows = parse(readFileSync(file), { columns: true }) as unknown as LabelCells[];
  return rows.filter((row) => row.uetr === uetr);
}

export function writeLabelsCsv(file: string, scenario: Scenario): void {
  if (scenario.anomalies.length === 0) return;
  const rows = flowLabels(scenario).map((label) => [
    ...[label.injection, label.kind, label.participant, isoTime(label.fromMs)],
    ...[isoTime(label.untilMs), label.uetr, label.endToEndId],
  ]);
  writeFileSync(file, stringify([[...COLUMNS], ...rows]));
}
