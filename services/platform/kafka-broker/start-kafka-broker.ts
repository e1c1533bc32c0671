/**
 * A real Apache Kafka of one node as a process of this machine, on loopback: for development, tests
 * and benchmarks. It is never left behind: a small shell beside it ends it when this process ends,
 * however that happens.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { makeFolder } from '../folders-and-whole-files.ts';
import { findJava, KafkaMissing, kafkaClasspath, kafkaConfigFolder } from './jars.ts';

const run = promisify(execFile);

export interface KafkaBrokerOptions {
  /** Data, the configuration in use and `broker.log`; created if need be. */
  readonly folder: string;
  readonly port: number;
  /** KRaft's own port. */
  readonly controllerPort: number;
  /** The folder goes when this process does. */
  readonly temporary?: boolean;
  /** Default: whoever connects may do everything, for tests. */
  readonly access?: BrokerAccess;
  /** More of the node's configuration, or in place of what it has: listeners, security. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Passwords of users that come by SCRAM-SHA-512, given to the data folder when it is made. */
  readonly scramUsers?: Readonly<Record<string, string>>;
  /** Called before the jars are fetched, which takes a while. */
  readonly onFetch?: () => void;
}

/** Two listeners, and an authorizer: infra/kafka/access.properties. */
interface BrokerAccess {
  /** As `makeCertificates` fills it: services show one of these at `port`. */
  readonly certificates: string;
  /** Where banks connect, without identity. */
  readonly banksPort: number;
}

export interface KafkaBroker {
  /** `host:port`, as `KAFKA_BROKERS` takes it. */
  readonly brokers: string;
  /** The same for banks; without `access` the same address. */
  readonly banks: string;
  /** Java's. */
  readonly pid: number;
  /** Resolves when the broker ends, however that happens. */
  readonly ended: Promise<void>;
  /** Shuts down cleanly; a broker that does not is killed after 20 s. */
  stop(): Promise<void>;
  /** As kill -9. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`, with its data, on the same ports. */
  start(): Promise<void>;
  /** Neither answers nor notices that time passes, until `resume`: SIGSTOP. Resolves when it stands still. */
  pause(): Promise<void>;
  resume(): void;
}

/**
 * Whether a process has no thread that runs. On a busy machine a signal is heeded late, and a broker
 * that was sent SIGSTOP answers for a while yet.
 */
async function standsStill(pid: number): Promise<boolean> {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(threads)) {
    const { stdout } = await run('ps', ['-o', 'state=', '-p', String(pid)]);
    return stdout.trim().startsWith('T');
  }
  // The state stands behind the command's name, which may hold anything.
  const stateOf = (stat: string) => stat[stat.lastIndexOf(')') + 2];
  return readdirSync(threads).every((thread) => {
    try {
      return stateOf(readFileSync(join(threads, thread, 'stat'), 'utf8')) === 'T';
    } catch {
      return true; // The thread has ended.
    }
  });
}

const HOST = '127.0.0.1';
const START_MS = 180_000;
const STOP_MS = 20_000;

/**
 * Runs java, prints its process id, and ends it when standard input does: at once, with its folder,
 * where that is to be removed, else cleanly.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null >>"$BROKER_LOG" 2>&1 3<&- &
pid=$!
echo $pid
(
  cat <&3 >/dev/null
  trap '' TERM
  kill -CONT $pid
  if [ -n "$BROKER_REMOVE" ]; then
    kill -KILL $pid; sleep 1; rm -rf "$BROKER_REMOVE"
  else
    kill -TERM $pid
    for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do kill -0 $pid && sleep 1; done
    kill -0 $pid && kill -KILL $pid
  fi
) 2>/dev/null &
watcher=$!
exec 3<&-
wait $pid
kill $watcher 2>/dev/null
`;

/** Throws unless nothing listens there. */
async function checkPort(port: number, option: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((done, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new KafkaMissing(
          error.code === 'EADDRINUSE'
            ? `port ${port} is in use: end what listens there, or choose another by ${option}`
            : `port ${port} cannot be used: ${error.message}`,
        ),
      ),
    );
    server.listen(port, HOST, () => server.close(() => done()));
  });
}

function listenersOf({ port, controllerPort, access }: KafkaBrokerOptions): string[] {
  const outer = access
    ? [`SERVICES://${HOST}:${port}`, `BANKS://${HOST}:${access.banksPort}`]
    : [`PLAINTEXT://${HOST}:${port}`];
  const lines = [
    `listeners=${[...outer, `CONTROLLER://${HOST}:${controllerPort}`].join(',')}`,
    `advertised.listeners=${outer.join(',')}`,
  ];
  if (!access) return lines;
  const own = join(resolve(access.certificates), 'kafka');
  return [
    ...lines,
    `ssl.keystore.location=${join(own, 'both.pem')}`,
    `ssl.truststore.location=${join(own, 'ca.pem')}`,
  ];
}

/** Writes the configuration, and formats the data folder the first time. */
async function prepare(options: KafkaBrokerOptions, java: string, classpath: string) {
  const folder = resolve(options.folder);
  const data = join(folder, 'data');
  makeFolder(data);
  const config = join(folder, 'server.properties');
  const own = [
    `controller.quorum.voters=1@${HOST}:${options.controllerPort}`,
    `log.dirs=${data}`,
    ...listenersOf(options),
    ...Object.entries(options.properties ?? {}).map(([name, value]) => `${name}=${value}`),
  ];
  const files = ['server.properties', ...(options.access ? ['access.properties'] : [])];
  const common = files.map((file) => readFileSync(join(kafkaConfigFolder, file), 'utf8'));
  writeFileSync(config, `${common.join('\n')}\n${own.join('\n')}\n`);
  const base = [
    '-cp',
    classpath,
    `-Dlog4j2.configurationFile=${join(kafkaConfigFolder, 'log4j2.properties')}`,
  ];
  if (!existsSync(join(data, 'meta.properties'))) {
    const format = ['kafka.tools.StorageTool', 'format', '-c', config];
    const users = Object.entries(options.scramUsers ?? {}).flatMap(([name, password]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${password}]`,
    ]);
    const args = [...base, '-XX:TieredStopAtLevel=1', ...format, '-t', clusterId(), ...users];
    await run(java, args).catch((error) => {
      throw new KafkaMissing(`the data folder ${data} could not be formatted: ${error.stderr}`);
    });
  }
  const heap = '-Xmx768m';
  return { folder, command: [java, heap, ...base, 'kafka.Kafka', config] };
}

/** As Kafka writes one, which would take Java a second: 16 bytes whose text is never taken for an option. */
function clusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] as number) & 0x7f;
  return bytes.toString('base64url');
}

/** Resolves with true once the broker answers, with false when it ended or took too long. */
async function answers(brokers: string, ended: Promise<void>): Promise<boolean> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const kafka = new Kafka({
    brokers: [brokers],
    clientId: 'corridor-start',
    connectionTimeout: 10_000,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const deadline = Date.now() + START_MS;
  while (!over && Date.now() < deadline) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { brokers: nodes } = await admin.describeCluster();
      if (nodes.length > 0) return true;
    } catch {
      // Not yet.
    } finally {
      await admin.disconnect().catch(() => {});
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

/** The last line of the broker's log that tells of an error, for a message. */
function lastError(log: string): string {
  const lines = readFileSync(log, 'utf8').split('\n');
  return (
    lines.findLast((line) => / (ERROR|FATAL) |Exception|Error:/.test(line)) ?? 'no error logged'
  );
}

/**
 * Starts a broker and resolves once it answers.
 * @throws KafkaMissing in one line: no Java, no jars, a port in use, a broker that ends at once
 */
export async function startKafkaBroker(options: KafkaBrokerOptions): Promise<KafkaBroker> {
  const { port, controllerPort } = options;
  const java = await findJava();
  const classpath = await kafkaClasspath(resolve(options.folder), options.onFetch);
  await checkPort(port, '--port');
  await checkPort(controllerPort, '--controller-port');
  const banksPort = options.access?.banksPort ?? port;
  if (banksPort !== port) await checkPort(banksPort, '--banks-port');
  const { folder, command } = await prepare(options, java, classpath);
  const log = join(folder, 'broker.log');
  const brokers = `${HOST}:${port}`;
  const banks = `${HOST}:${banksPort}`;
  let guard: ChildProcess | undefined;
  let pid = 0;
  let ended: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    closeSync(openSync(log, 'a'));
    const child = spawn('/bin/sh', ['-c', GUARD, 'kafka', ...command], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true, // away from the terminal's Ctrl-C: this process decides
      env: {
        ...process.env,
        BROKER_LOG: log,
        BROKER_REMOVE: options.temporary === true ? folder : '',
      },
    });
    guard = child;
    ended = new Promise<void>((done) => {
      child.once('exit', () => {
        child.stdin.destroy();
        done();
      });
      child.once('error', () => done());
    });
    pid = await new Promise<number>((done) => {
      child.stdout.once('data', (line: Buffer) => done(Number(line.toString())));
      void ended.then(() => done(0));
    });
    // A process that only waits for its broker to end may end itself.
    child.unref();
    for (const stream of [child.stdin, child.stdout])
      (stream as unknown as { unref(): void }).unref();
    if (await answers(banks, ended)) return;
    const reason = `Kafka did not start: ${lastError(log)} (see ${log})`;
    await end('SIGKILL');
    throw new KafkaMissing(reason);
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!running()) return;
    guard?.ref();
    const send = (name: NodeJS.Signals) => {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended by itself.
      }
    };
    send('SIGCONT');
    send(signal);
    const timer = setTimeout(() => send('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  const running = () => guard !== undefined && guard.exitCode === null && guard.signalCode === null;
  // Where the broker runs when this process ends, its shell removes the folder.
  if (options.temporary === true)
    process.once('exit', () => {
      if (!running()) rmSync(folder, { recursive: true, force: true });
    });
  await start();
  return {
    brokers,
    banks,
    get pid() {
      return pid;
    },
    get ended() {
      return ended;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    start,
    async pause() {
      process.kill(pid, 'SIGSTOP');
      while (!(await standsStill(pid))) await sleep(2);
    },
    resume: () => void process.kill(pid, 'SIGCONT'),
  };
}
