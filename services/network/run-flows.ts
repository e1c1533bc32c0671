/** Who paid whom in a run, from whichever of its files has its payments. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { paymentsIn } from '../compare/payments-csv-reader.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { wantedRun } from '../replay/recorded-inputs.ts';
import { eachTableRow } from '../replay/table-rows.ts';
import { STATUS_CODES } from '../report/figures/payments-csv-columns.ts';

/** Payments as far as they came: all that were submitted, or those of them that settled. */
export const STAGES = ['submitted', 'settled'] as const;
export type Stage = (typeof STAGES)[number];

/** Takes a payment at a stage; each leg of a trade is one. Of a message whose creditor is not known that is ''. */
export type TakeFlow = (
  stage: Stage,
  debtor: string,
  creditor: string,
  currency: string,
  amountMinor: bigint,
) => void;

/**
 * The payments of a run, from its payments.csv, else from its tables.
 * @throws BadInput where it has neither, or one is damaged
 */
export async function runFlows(run: string, take: TakeFlow): Promise<void> {
  const csv = join(run, 'payments.csv');
  const table = join(run, 'tables/payments.parquet');
  if (existsSync(csv)) await flowsOfCsv(csv, take);
  else if (existsSync(table)) await flowsOfTable(table, take);
  else
    throw new BadInput(
      `network: ${run}: it has neither payments.csv nor tables/payments.parquet; expected the folder of ${wantedRun(run)}`,
    );
}

async function flowsOfCsv(file: string, take: TakeFlow): Promise<void> {
  for await (const payment of paymentsIn(file)) {
    const { debtorAgent, creditorAgent, currency, amountMinor, status } = payment;
    take('submitted', debtorAgent, creditorAgent, currency, amountMinor);
    if (status === 'settled') take('settled', debtorAgent, creditorAgent, currency, amountMinor);
  }
}

const COLUMNS = [
  ...['is_first', 'status', 'debtor_agent', 'creditor_agent', 'currency', 'amount_minor'],
] as const;
type FlowRow = readonly [
  ...[isFirst: number, status: string, debtor: string, creditor: string, currency: string],
  amount: bigint,
];

/** A row a change of status: the first is of what was submitted. */
const flowsOfTable = (path: string, take: TakeFlow): Promise<void> =>
  eachTableRow<FlowRow>(path, COLUMNS, ([isFirst, status, ...payment]) => {
    if (isFirst === 1) take('submitted', ...payment);
    if (status === STATUS_CODES.settled) take('settled', ...payment);
  });
