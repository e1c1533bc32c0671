import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { NETWORK_POLICY_FILE } from '../gateway/evidence-policy-check.ts';
import { EXIT, Interrupted } from '../platform/exit-codes.ts';
import { packageFolder } from '../platform/service/build-info.ts';
import { stopSignal } from '../platform/service/stop-signal.ts';
import { AUDITORS_MAX, FINALITY_POLICY_FILE } from '../sandbox/auditors.ts';
import { TRAFFIC_PER_SECOND_MAX } from '../sandbox/balanced-traffic.ts';
import { GATEWAY_PORT, VIEW_PORT } from '../sandbox/default-ports.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/sandbox.ts';
import { sandboxAt } from '../sandbox/sandbox-folder.ts';
import { storeFaultLine } from '../sandbox/store-fault-line.ts';
import { WITNESSES_MAX } from '../sandbox/witness-keys-and-majority.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { WATCH_MODEL_FLAG, WATCH_MODEL_SAYS, watchModelIn } from './named-model.ts';
import { decimalFrom, portFrom, wholeFrom } from './number-flags.ts';

interface UpFlags {
  readonly data?: string;
  readonly port: number;
  readonly probesPort: number;
  readonly viewPort?: number;
  readonly traffic: number;
  readonly witnesses?: number;
  readonly auditors?: number;
  readonly watchModel?: string;
}

const DEFAULT_SCENARIO = join(packageFolder, 'scenarios/four-corridors.yaml');

const rateFrom = decimalFrom(
  '--traffic',
  (rate) => rate <= TRAFFIC_PER_SECOND_MAX,
  `a number from 0 to ${TRAFFIC_PER_SECOND_MAX}`,
);

export function upCommand(): Command {
  return new Command('up')
    .description('a live sandbox on this machine: every service in one process, without Docker')
    .argument(
      '[scenario]',
      'a scenario file, for its participants, currencies, liquidity and rules',
      DEFAULT_SCENARIO,
    )
    .option('--data <dir>', 'where its log, keys and tables lie (default: sandboxes/<scenario>)')
    .option(
      '--port <n>',
      'port of the gateway on 127.0.0.1 (docs/http.md); 0: a free one',
      portFrom,
      GATEWAY_PORT,
    )
    .option(
      '--probes-port <n>',
      'port of /healthz, /readyz and /metrics; 0: a free one',
      portFrom,
      0,
    )
    .option(
      '--view-port <n>',
      `port of the live view on 127.0.0.1; 0: a free one (default: ${VIEW_PORT}, or a free one)`,
      portFrom,
    )
    .option('--traffic <n>', 'payments a second that its banks send each other', rateFrom, 0)
    .option(
      '--witnesses <n>',
      'so many of its banks cosign its transparency logs, and receipts wait for more than half of them (docs/evidence.md; default: those that its folder has)',
      wholeFrom(
        '--witnesses',
        (n) => n <= WITNESSES_MAX,
        `a whole number from 0 to ${WITNESSES_MAX}`,
      ),
    )
    .option(
      '--auditors <n>',
      'so many auditors, a process each, settle everything again, and payments are final once more than half of them agree (docs/evidence.md; default: those that its folder has)',
      wholeFrom('--auditors', (n) => n <= AUDITORS_MAX, `a whole number from 0 to ${AUDITORS_MAX}`),
    )
    .option(WATCH_MODEL_FLAG, WATCH_MODEL_SAYS)
    .action(async (file: string, flags: UpFlags) => {
      const scenario = loadScenario(file, {
        readFile: (path) => readFileSync(path, 'utf8'),
        set: [],
      });
      const watch = watchModelIn(flags);
      const folder = sandboxAt(flags.data, scenario.name);
      const signal = stopSignal();
      try {
        const sandbox = await untilStarted(signal.requested, {
          scenario,
          folder,
          probesHost: '127.0.0.1',
          probesPort: flags.probesPort,
          gatewayPort: flags.port,
          viewPort: flags.viewPort ?? null,
          paymentsPerSecond: flags.traffic,
          ...(flags.witnesses !== undefined && { witnesses: flags.witnesses }),
          ...(flags.auditors !== undefined && { auditors: flags.auditors }),
          ...(watch && { watch }),
          onGateway: (url) =>
            process.stdout.write(
              `the gateway takes payments at ${url}; they settle once the rest has started\n`,
            ),
        });
        describe(sandbox, scenario.name);
        await untilStopped(sandbox, signal.requested);
      } finally {
        signal.release();
      }
    });
}

/** What a start that is given up may take to close what it has opened. */
const ABANDON_MS = 10_000;

/** Throws Interrupted where the user does not wait for the start. */
async function untilStarted(requested: Promise<string>, options: SandboxOptions): Promise<Sandbox> {
  const starting = startSandbox(options);
  const early = await Promise.race([requested, starting.then(() => null)]);
  if (early === null) return starting;
  process.stderr.write('corridor: stopping before it has started\n');
  // What hangs while it starts is not waited for.
  setTimeout(() => process.exit(EXIT.interrupted), ABANDON_MS).unref();
  const stopped = starting.then((sandbox) => sandbox.stop()).catch(() => {});
  await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, ABANDON_MS / 2))]);
  throw new Interrupted('stopped before it had started');
}

/** Ends with Interrupted on Ctrl-C, well on SIGTERM, and with what a service failed with. */
async function untilStopped(sandbox: Sandbox, requested: Promise<string>): Promise<void> {
  try {
    const signal = await Promise.race([requested, sandbox.done]);
    process.stderr.write('corridor: stopping after the batches in hand\n');
    await sandbox.stop();
    if (signal === 'SIGINT')
      throw new Interrupted(`stopped; \`corridor up\` goes on in ${sandbox.folder.path}`);
  } catch (error) {
    await sandbox.stop().catch(() => {});
    throw error;
  }
}

function describe(sandbox: Sandbox, scenario: string): void {
  const { folder, probesUrl, gatewayUrl, viewUrl, witnesses, auditors } = sandbox;
  const fault = sandbox.storeFault();
  if (fault !== null)
    process.stderr.write(`corridor: ${storeFaultLine(fault, folder.file('clickhouse'))}\n`);
  const { network, pools } = folder.network;
  const shown = relative('', folder.path) || '.';
  const currencies = pools.flatMap((pool) => pool.currencies.map(({ code }) => code));
  process.stdout.write(
    [
      `network ${network} is up, as in scenario ${scenario}: ${currencies.join(', ')} are open around the clock`,
      `  live view   ${viewUrl}`,
      `  keys        ${shown}/keys/<BIC>.pem, the operator's ${shown}/keys/operator.pem`,
      `  gateway     ${gatewayUrl}/openapi.json, as docs/http.md explains`,
      `  probes      ${probesUrl}/readyz, ${probesUrl}/metrics`,
      ...(witnesses.length > 0
        ? [`  witnesses   ${witnesses.join(', ')}, as ${shown}/${NETWORK_POLICY_FILE} says`]
        : []),
      ...(auditors.length > 0
        ? [
            `  auditors    ${auditors.length}, a process each: a payment is ACSP until as many agree as ${shown}/${FINALITY_POLICY_FILE} says, and ACSC then`,
          ]
        : []),
      `  log lines   ${shown}/corridor.log`,
      'Ctrl-C ends it; the same command goes on where it was',
      '',
    ].join('\n'),
  );
}
