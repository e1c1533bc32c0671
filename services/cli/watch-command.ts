import { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { ALERT_OF } from '../analysis/watch/alert-budgets.ts';
import { WatchModel } from '../analysis/watch/watch-model.ts';
import { inGeneration } from '../metrics/run-generations.ts';
import { type ScoredPayment, scoreRow } from '../metrics/watch-score-rows.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { writeNamedFile } from '../platform/service/named-output.ts';
import { isIsoDate } from '../protocol/names/dates.ts';
import { withStore } from '../replay/named-store.ts';
import { accountsWarning, scoredFlow } from '../watch/flow-scores.ts';
import { heldOutFigures, modelCard } from '../watch/model-card.ts';
import { trainModel } from '../watch/train-model.ts';
import { flowFrom, type RecordedFlow, recordedFlow } from '../watch/watched-run.ts';
import { type ClickHouseFlags, clickHouseAddress } from './clickhouse-flags.ts';
import { namedModel } from './named-model.ts';
import { refuseOverwrite } from './output-file.ts';
import { oneMore } from './results-and-repeated-flags.ts';

interface TrainFlags {
  readonly out: string;
  readonly card?: string;
  readonly from?: string;
  readonly without: string[];
}

interface ScoreFlags extends ClickHouseFlags {
  readonly model: string;
  readonly from?: string;
  readonly out?: string;
}

const BLOCK_ROWS = 20_000;

export function watchCommand(): Command {
  return new Command('watch')
    .description('learn what is unusual in a flow of payments, and score payments by it')
    .addCommand(trainCommand())
    .addCommand(scoreCommand());
}

function trainCommand(): Command {
  return new Command('train')
    .description('train a model on recorded runs with labelled anomalies (python3 does it)')
    .argument(
      '<runs...>',
      'folders of runs with tables (--results tables), whose payments are learnt from',
    )
    .requiredOption('--out <file>', 'the model, as JSON')
    .option(
      '--card <file>',
      'also its card, as Markdown: data, what it finds of days that it was not shown, drift (trains twice)',
    )
    .option('--from <date>', 'learn from payments of this date (UTC) on; those before are history')
    .option(
      '--without <kind>',
      'a kind of anomaly that is not shown to it; may be repeated',
      oneMore,
      [],
    )
    .action(async (runs: readonly string[], { out, card, from, without }: TrainFlags) => {
      refuseOverwrite('--out', out, runs);
      refuseOverwrite('--card', card, [...runs, out]);
      const flows = [];
      for (const run of runs) flows.push(since(from, await recordedFlow(run)));
      const text = trainModel(flows, without);
      writeNamedFile('--out', out, text);
      const model = new WatchModel(Buffer.from(text));
      const { digest, document } = model;
      if (card !== undefined)
        writeNamedFile('--card', card, modelCard(model, heldOutFigures(flows, without)));
      const payments = document.runs.reduce((sum, run) => sum + run.payments, 0);
      const kinds = Object.entries(document.kinds).map(([kind, count]) => `${kind} ${count}`);
      process.stdout.write(
        `${out}: ${payments} payments of ${runs.length} runs; ${kinds.join(', ')}\n`,
      );
      process.stdout.write(`digest: ${digest}\n`);
    });
}

function scoreCommand(): Command {
  return new Command('score')
    .description("score a run's payments by a model, with the features that moved the score most")
    .argument('<run>', 'folder of a run with tables (--results tables)')
    .requiredOption('--model <file>', 'a model of `corridor watch train`')
    .option('--from <date>', 'score payments of this date (UTC) on; those before are history')
    .option('--out <file>', 'all scores, as CSV')
    .option('--clickhouse-url <url>', 'also write them there: the HTTP interface of a ClickHouse')
    .option('--clickhouse-user <name>', 'who writes there')
    .option('--clickhouse-password-file <file>', 'a file that holds the password')
    .option('--clickhouse-database <name>', 'the database', 'corridor')
    .action(async (run: string, { model: file, from, out, ...store }: ScoreFlags) => {
      if (from !== undefined && store.clickhouseUrl !== undefined)
        throw new BadInput(
          `--from ${from}: expected none with --clickhouse-url: the table has all payments of a run`,
        );
      refuseOverwrite('--out', out, [run, file]);
      const model = namedModel('--model', file);
      const flow = since(from, await recordedFlow(run));
      const warning = accountsWarning(flow, model);
      if (warning !== null) process.stderr.write(`${warning}\n`);
      const scored = scoredFlow(flow, model);
      const rows = scored.map((one) => scoreRow(flow.run, model, one));
      if (out !== undefined)
        writeNamedFile(
          '--out',
          out,
          stringify(
            rows.map((row) => ({ ...row, reasons: row.reasons.join(' ') })),
            { header: true },
          ),
        );
      if (store.clickhouseUrl !== undefined)
        await withStore({ address: clickHouseAddress('watch score', store) }, async (to) => {
          await to.upToDate();
          const scores = inGeneration(to, flow.run);
          for (let at = 0; at < rows.length; at += BLOCK_ROWS)
            await scores.insert(
              'watch_scores',
              rows.slice(at, at + BLOCK_ROWS),
              `${flow.run}/watch_scores/${model.digest}/${at / BLOCK_ROWS}`,
            );
        });
      process.stdout.write(alertsText(scored, model));
    });
}

/** @throws BadInput where the date is none, or the flow has no payment from it on */
function since(date: string | undefined, flow: RecordedFlow): RecordedFlow {
  if (date === undefined) return flow;
  const fromMs = isIsoDate(date) ? Date.parse(date) : Number.NaN;
  const later = flowFrom(flow, fromMs);
  if (later.payments.length === 0)
    throw new BadInput(
      `--from ${date}: expected a date, YYYY-MM-DD, on or after which ${flow.folder} has payments`,
    );
  return later;
}

/** Alerts that are told on a terminal. */
const SHOWN = 20;

function alertsText(scored: readonly ScoredPayment[], { digest }: WatchModel): string {
  const alerts = scored.filter(({ isAlert }) => isAlert).sort((a, b) => b.score - a.score);
  const lines = alerts.slice(0, SHOWN).map(({ payment, score, reasons }) => {
    const { timeMs, debtorAgent, creditorAgent, uetr } = payment;
    const why = reasons.map(({ says }) => says).join('; ');
    const time = new Date(timeMs).toISOString().slice(0, 19);
    return `${score.toFixed(3)}  ${time}Z  ${debtorAgent} to ${creditorAgent}  ${uetr}  ${why}\n`;
  });
  const more = alerts.length > SHOWN ? `${alerts.length - SHOWN} more\n` : '';
  const share = (100 * alerts.length) / Math.max(1, scored.length);
  return `${scored.length} payments, ${alerts.length} alerts (${share.toFixed(1)} %; about ${100 / ALERT_OF} % on days like its training's) by model ${digest.slice(0, 12)}\n${lines.join('')}${more}`;
}
