import type { Summary } from '../results/summary.ts';
import type { Scenario } from '../scenario/scenario.ts';

export interface ReportInput {
  readonly query: <Row>(sql: string) => Promise<Row[]>;
  readonly run: string;
  readonly summary: Summary;
  readonly scenario: Scenario;
}

export async function renderReport({ run, summary }: ReportInput): Promise<string> {
  return `<!doctype html><title>${run}</title><p>${summary.settled} settled</p>`;
}
