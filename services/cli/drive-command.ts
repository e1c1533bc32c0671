import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { pino } from 'pino';
import { type Drive, type DriveFigures, type DriveOptions, startDrive } from '../drive/drive.ts';
import { SPEED_MAX, SPEED_MIN } from '../drive/drive-speed-and-clock.ts';
import { BadInput, EXIT, Interrupted } from '../platform/exit-codes.ts';
import { createServiceProcess } from '../platform/service/service-process.ts';
import { stopSignal } from '../platform/service/stop-signal.ts';
import { logConfig, openNamedLog } from '../replay/named-log.ts';
import { startProgress } from '../run/run-progress.ts';
import { GATEWAY_PORT, VIEW_PORT } from '../sandbox/default-ports.ts';
import { refuseOtherScenario } from '../sandbox/genesis.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { openSandboxFolder, sandboxAt } from '../sandbox/sandbox-folder.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { plannedPayments } from '../simulator/core-table-sizes.ts';
import { WATCH_MODEL_FLAG, WATCH_MODEL_SAYS, watchModelIn } from './named-model.ts';
import { decimalFrom, portFrom, seedFrom } from './number-flags.ts';

interface DriveFlags {
  readonly speed: number;
  readonly data?: string;
  readonly log?: string;
  readonly seed?: number;
  readonly port: number;
  readonly viewPort?: number;
  readonly stay?: boolean;
  readonly json?: boolean;
  readonly watchModel?: string;
}

const speedFrom = decimalFrom(
  '--speed',
  (speed) => speed >= SPEED_MIN && speed <= SPEED_MAX,
  `a number from ${SPEED_MIN} to ${SPEED_MAX}: scenario seconds for one second`,
);

export function driveCommand(): Command {
  return new Command('drive')
    .description('send a scenario’s messages into a live network, at the scenario’s times')
    .argument('<scenario>', 'a scenario file: the one that the network was founded with')
    .option('--speed <n>', 'scenario seconds for one second; 60: an hour a minute', speedFrom, 1)
    .option(
      '--data <dir>',
      'folder of the sandbox or of `corridor found`, with its keys (default: sandboxes/<scenario>)',
    )
    .option(
      '--log <log>',
      'kafka:<host:port>[,...]: drive the network there, whose services run; default: open the sandbox, as `corridor up`, and drive it in this process',
    )
    .option(
      '--seed <n>',
      'draws other payments than the scenario’s seed: a network takes those of a seed once',
      seedFrom,
    )
    .option(
      '--port <n>',
      'of a sandbox’s gateway on 127.0.0.1; 0: a free one',
      portFrom,
      GATEWAY_PORT,
    )
    .option(
      '--view-port <n>',
      `of a sandbox’s live view on 127.0.0.1; 0: a free one (default: ${VIEW_PORT}, or a free one)`,
      portFrom,
    )
    .option(
      '--stay',
      'when the scenario has ended, go on with the sandbox and its live view until Ctrl-C (default: on a terminal)',
    )
    .option('--no-stay', 'end with the scenario (default: elsewhere, and with --json)')
    .option(WATCH_MODEL_FLAG, WATCH_MODEL_SAYS)
    .option('--json', 'print the result as one JSON object')
    .action(async (file: string, flags: DriveFlags) => {
      const load = (seed?: number) =>
        loadScenario(file, {
          readFile: (path) => readFileSync(path, 'utf8'),
          ...(seed !== undefined && { seed }),
        });
      const founded = load();
      const data = sandboxAt(flags.data, founded.name);
      if (flags.stay && flags.log !== undefined)
        throw new BadInput('--stay: expected a sandbox, whose live view goes on; leave --log out');
      if (flags.watchModel !== undefined && flags.log !== undefined)
        throw new BadInput(
          '--watch-model: expected a sandbox; of the network of --log CORRIDOR_WATCH_MODEL_FILE of its metrics names it',
        );
      const request = { file, founded, driven: load(flags.seed), data, flags };
      const signal = stopSignal();
      try {
        if (flags.log === undefined) await driveSandbox(request, signal.requested);
        else await driveLog(request, flags.log, signal.requested);
      } finally {
        signal.release();
      }
    });
}

interface DriveRequest {
  /** The scenario's, as it was named. */
  readonly file: string;
  /** As the network was founded. */
  readonly founded: Scenario;
  /** What is sent: the same with the seed asked for. */
  readonly driven: Scenario;
  readonly data: string;
  readonly flags: DriveFlags;
}

async function driveSandbox(request: DriveRequest, stopped: Promise<string>): Promise<void> {
  const { file, founded, driven, data, flags } = request;
  const watch = watchModelIn(flags);
  const sandbox = await startSandbox({
    scenario: founded,
    folder: data,
    probesHost: '127.0.0.1',
    probesPort: 0,
    gatewayPort: flags.port,
    viewPort: flags.viewPort ?? null,
    paymentsPerSecond: 0,
    ...(watch && { watch }),
  });
  try {
    process.stderr.write(
      `corridor: the network is up, its gateway at ${sandbox.gatewayUrl}\ncorridor: live view at ${sandbox.viewUrl}\n`,
    );
    const { network, secretKeyOf } = sandbox.folder;
    const model = flags.watchModel === undefined ? '' : ` --watch-model ${flags.watchModel}`;
    const afterwards = `corridor up ${file} --data ${data}${model}`;
    const options = { scenario: driven, network, secretKeyOf, speed: flags.speed, afterwards };
    const drive = await startDrive(sandbox.context('drive'), options);
    sandbox.showDrive(drive.port);
    await follow(drive, options, flags, stopped, sandbox.done);
    if (staysOpen(flags)) {
      process.stderr.write(
        `corridor: the scenario has ended; its live view goes on at ${sandbox.viewUrl} until Ctrl-C\n`,
      );
      await Promise.race([stopped, sandbox.done]);
    }
    await sandbox.stop();
    process.stderr.write(`corridor: \`${afterwards}\` shows the network as it is now\n`);
  } catch (error) {
    await sandbox.stop().catch(() => {});
    throw error;
  }
}

/** Who watches wants to look at the end; a script waits for it. */
const staysOpen = ({ stay, json }: DriveFlags): boolean =>
  stay ?? (process.stdout.isTTY === true && process.stderr.isTTY === true && !json);

async function driveLog(
  { founded, driven, data, flags }: DriveRequest,
  spec: string,
  stopped: Promise<string>,
): Promise<void> {
  if (!/^kafka:[^ ]+$/.test(spec))
    throw new BadInput(
      `--log ${spec}: expected kafka:<host:port>[,...]; an embedded log has one process: leave --log out`,
    );
  if (!existsSync(join(data, 'network.json')))
    throw new BadInput(`--data ${data}: expected the folder of \`corridor found\``);
  const { network, secretKeyOf } = openSandboxFolder(data, founded, false);
  const log = await openNamedLog(logConfig(spec), 'corridor-drive');
  const shared = createServiceProcess({ log, logger: pino({ level: 'silent' }), stallMs: 10_000 });
  try {
    const context = { ...shared.context('drive'), logger: STDERR };
    await refuseOtherScenario(context.log, founded);
    const options = { scenario: driven, network, secretKeyOf, speed: flags.speed };
    const drive = await startDrive(context, options);
    await follow(drive, options, flags, stopped, new Promise(() => {}));
  } finally {
    await shared.close();
    await log.close();
  }
}

/** What a person should know while a drive waits. */
const STDERR = {
  info: (fields: object, text: string) => tell(fields, text),
  warn: (fields: object, text: string) => tell(fields, text),
  error: (fields: object, text: string) => tell(fields, text),
};

function tell(fields: object, text: string): void {
  const reason = 'reason' in fields ? ` (${String(fields.reason)})` : '';
  process.stderr.write(`corridor: ${text}${reason}\n`);
}

const PROGRESS_MS = 500;

/** Until the scenario has ended, or a signal; Interrupted on Ctrl-C. */
async function follow(
  drive: Drive,
  { scenario }: DriveOptions,
  flags: DriveFlags,
  stopped: Promise<string>,
  sandbox: Promise<void>,
): Promise<void> {
  const startedMs = performance.now();
  const progress = startProgress(plannedPayments(scenario), process.stderr);
  const update = () => {
    const { atMs, legs, sent, settled, waiting, reachedSpeed } = drive.figures();
    const note = reachedSpeed === null ? '' : paceText(reachedSpeed, drive.port.status().speed);
    progress.update({ atMs, legs, sent, settled, queued: waiting, note });
  };
  const timer = setInterval(update, PROGRESS_MS);
  const why = await Promise.race([stopped, drive.ended, drive.done, sandbox]).finally(() => {
    clearInterval(timer);
    progress.stop();
  });
  if (typeof why !== 'string') {
    update();
    progress.end('');
  }
  await drive.stop();
  const figures = drive.figures();
  const seconds = (performance.now() - startedMs) / 1000;
  if (typeof why === 'string')
    throw new Interrupted(
      `stopped with ${figures.sent} payments sent; the same command goes on where it was`,
    );
  print(scenario, flags, figures, seconds);
  if (figures.unanswered === 0) return;
  process.stderr.write(
    `corridor: ${figures.unanswered} payments have no status: do all services of the network run?\n`,
  );
  process.exitCode = EXIT.failure;
}

/** The scenario's time is what was sent, so it is told how fast that is. */
const paceText = (reached: number, speed: number): string =>
  `speed ${reached >= 10 ? Math.round(reached) : reached.toFixed(1)} of ${speed}: no more is taken`;

/** Below this a drive was not behind to speak of. */
const BEHIND_TOLD_MS = 1_000;

function print(
  { name, seed }: Scenario,
  { json, speed }: DriveFlags,
  figures: DriveFigures,
  seconds: number,
): void {
  const { sent, settled, rejected, cancelled, waiting, unanswered } = figures;
  const { messages, messagesBefore, behindMs } = figures;
  const books = { sent, settled, rejected, cancelled, waiting, unanswered };
  if (json) {
    const result = { scenario: name, seed, speed, ...books, messages, messagesBefore };
    process.stdout.write(
      `${JSON.stringify({ ...result, seconds, secondsBehind: behindMs / 1000 })}\n`,
    );
    return;
  }
  const before = messagesBefore > 0 ? `, ${messagesBefore} by an earlier drive` : '';
  process.stdout.write(
    [
      `scenario ${name}, seed ${seed}: ${messages} messages sent in ${seconds.toFixed(1)} s${before}`,
      ...(behindMs < BEHIND_TOLD_MS
        ? []
        : [
            `${(behindMs / 1000).toFixed(1)} s longer than at speed ${speed}: messages were not taken as fast, and the scenario's time waited for them`,
          ]),
      'payments, as the banks know from their statuses (two legs that met are one):',
      ...Object.entries(books).map(([what, count]) => `  ${what.padEnd(10)} ${count}`),
      '',
    ].join('\n'),
  );
}
