import { Command } from 'commander';
import { type At, type Explanation, explainPayment } from '../explain/explain-payment.ts';
import { explanationJson } from '../explain/explanation-json.ts';
import { tracePayment } from '../explain/payment-trace.ts';
import { showCycles } from '../explain/show-cycles.ts';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { writeNamedFile } from '../platform/service/named-output.ts';
import { isUetr, type Uetr } from '../protocol/names/bic-and-uetr.ts';
import { type Inputs, logInputs, runInputs } from '../replay/recorded-inputs.ts';
import { type LabelCells, labelsIn } from '../run/labels-csv.ts';
import { decimalFrom, ordinalFrom } from './number-flags.ts';
import { refuseOverwrite } from './output-file.ts';

const secondsFrom = decimalFrom('--time-limit', (seconds) => seconds > 0, 'seconds, above 0');

interface ExplainFlags {
  readonly log?: string;
  readonly at?: At;
  readonly pool?: string;
  readonly cycle?: number;
  readonly cycles?: boolean;
  readonly offsetting?: number;
  readonly certificate?: string;
  readonly certificates?: string;
  readonly exact?: boolean;
  readonly valueIn?: string;
  readonly minimum?: boolean;
  readonly timeLimit: number;
  readonly json?: boolean;
}

export function explainCommand(): Command {
  return new Command('explain')
    .description(
      'say what holds or held a payment of a run and what releases it, or what a cycle did',
    )
    .argument('[run]', 'folder of a run (it holds input.log); left out with --log')
    .argument('[uetr]', 'the payment')
    .option(
      '--log <log>',
      "instead of a run, a live network's log: embedded:<folder> or kafka:<host:port>[,...]",
    )
    .option(
      '--at <state>',
      'the state at an ISO time (2026-03-16T12:00:00Z) or after an event (its number); default: the last in which the payment waited',
      atFrom,
    )
    .option(
      '--cycles',
      'instead of a payment: what each cycle settled, by which mechanism, and left',
    )
    .option(
      '--cycle <n>',
      'one cycle, with what holds the first payment left in each queue',
      ordinalFrom('--cycle', 'a cycle'),
    )
    .option(
      '--offsetting <n>',
      'one bilateral offsetting of queues, which cycles begin with (--cycles numbers them)',
      ordinalFrom('--offsetting', 'an offsetting'),
    )
    .option('--pool <name>', 'with --cycle, --offsetting and --cycles: of this pool alone')
    .option(
      '--certificate <file>',
      'write the certificate of the state or the cycle (see corridor verify)',
    )
    .option('--certificates <folder>', 'with --cycles: write the certificate of each')
    .option(
      '--exact',
      'with --cycle: how much could have settled without the sequence rule (HiGHS): the value in one currency, else the number',
    )
    .option('--value-in <currency>', 'with --exact: as much value in this currency as can be')
    .option(
      '--minimum',
      'also the least money over all accounts that releases the payment by gridlock resolution (HiGHS)',
    )
    .option('--time-limit <seconds>', 'for HiGHS; the gap that is left is told', secondsFrom, 10)
    .option('--json', 'print JSON: one object, with --cycles one a line; amounts are minor units')
    .action(async (run: string | undefined, uetr: string | undefined, flags: ExplainFlags) => {
      process.once('SIGINT', () => process.exit(EXIT.interrupted));
      const input = flags.log?.replace(/^embedded:/, '') ?? run;
      for (const option of ['certificate', 'certificates'] as const)
        refuseOverwrite(`--${option}`, flags[option], [input]);
      const wasm = compiledCore();
      if (flags.cycles || flags.cycle !== undefined || flags.offsetting !== undefined)
        return showCycles(inputsOf(run, uetr, flags.log), wasm, {
          pool: flags.pool ?? null,
          cycle: flags.cycle ?? null,
          offsetting: flags.offsetting ?? null,
          json: flags.json ?? false,
          certificate: flags.certificate ?? null,
          certificates: flags.certificates ?? null,
          exact: flags.exact ? { valueIn: flags.valueIn ?? null, seconds: flags.timeLimit } : null,
        });
      const [inputs, asked] = subjectOf(run, uetr, flags.log);
      const labels = flags.log === undefined ? labelsIn(run as string, asked) : [];
      await explainUetr(inputs, wasm, asked, flags, labels);
    });
}

function inputsOf(
  run: string | undefined,
  uetr: string | undefined,
  log: string | undefined,
): Inputs {
  if (uetr !== undefined)
    throw new BadInput(
      `explain: UETR ${uetr}: expected none beside --cycle, --offsetting or --cycles`,
    );
  if ((run === undefined) === (log === undefined))
    throw new BadInput('explain: expected the folder of a run, or --log');
  return log === undefined ? runInputs(run as string) : logInputs(log);
}

/** With --log the one argument is the UETR. */
function subjectOf(
  run: string | undefined,
  uetr: string | undefined,
  log: string | undefined,
): [Inputs, Uetr] {
  const named = log === undefined ? uetr : run;
  if (named === undefined || (log !== undefined && uetr !== undefined))
    throw new BadInput('explain: expected the folder of a run and a UETR, or --log and a UETR');
  if (!isUetr(named))
    throw new BadInput(
      `explain: UETR ${named}: expected a lower-case UUID of version 4, as the column uetr of payments.csv has it`,
    );
  return [log === undefined ? runInputs(run as string) : logInputs(log), named];
}

function atFrom(text: string): At {
  if (/^[1-9][0-9]{0,15}$/.test(text)) return { kind: 'event', number: Number(text) };
  const timeMs = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(timeMs))
    throw new BadInput(
      `--at ${text}: expected the number of an event or an ISO time with a zone, such as 2026-03-16T12:00:00Z`,
    );
  return { kind: 'time', timeMs };
}

async function explainUetr(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  uetr: Uetr,
  flags: ExplainFlags,
  labels: readonly LabelCells[],
): Promise<void> {
  const at = flags.at ?? null;
  const traced = await tracePayment(inputs, wasm, uetr, at?.kind === 'event' ? at.number : null);
  if (traced.payments.length === 0)
    throw new BadInput(
      `explain: UETR ${uetr}: no payment of ${inputs.name} has it; expected one of its payments: the column uetr of payments.csv lists them`,
    );
  const explanations: Explanation[] = [];
  for (const trace of traced.payments)
    explanations.push(
      await explainPayment(inputs, wasm, traced, trace, at, flags.minimum ? flags.timeLimit : null),
    );
  if (flags.certificate !== undefined) await writeCertificate(flags.certificate, explanations);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ uetr, ...(labels.length > 0 && { labels }), payments: explanations.map(explanationJson) }, null, 2)}\n`
      : `${[...explanations.map(({ sentences }) => `${uetr}, ${sentences.join('\n')}`), ...labels.map(labelSentence)].join('\n')}\n`,
  );
}

const labelSentence = ({ injection, kind, participant, from, until }: LabelCells): string =>
  `The scenario injected it: ${injection}, ${kind} of ${participant}, ${from} to ${until}.`;

async function writeCertificate(file: string, explanations: readonly Explanation[]): Promise<void> {
  const make = explanations.find(({ certificate }) => certificate !== null)?.certificate;
  if (!make)
    throw new BadInput(
      '--certificate: in this state the payment stands in no queue, and its chain waits for no attestor; expected --at a state in which it does, or for one that was netted --cycle',
    );
  writeNamedFile('--certificate', file, `${JSON.stringify(await make(), null, 2)}\n`);
}
