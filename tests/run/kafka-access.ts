/**
 * The Kafka of each profile as a real broker on this machine: `npm run kafka` as it is, and those of
 * docker-compose.yml by their settings, with this machine's ports and folders. For tests.
 */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  certificateOf,
  makeCertificates,
} from '../../services/platform/kafka-broker/certificates.ts';
import {
  findJava,
  KafkaMissing,
  kafkaClasspath,
} from '../../services/platform/kafka-broker/jars.ts';
import { startKafkaBroker } from '../../services/platform/kafka-broker/start-kafka-broker.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { type ComposeFile, composeFile, secureVariables } from '../support/compose.ts';
import { freePorts } from '../support/free-ports.ts';

export type Profile = 'npm run kafka' | 'docker compose' | 'docker compose, secure';
export const PROFILES: readonly Profile[] = [
  'npm run kafka',
  'docker compose',
  'docker compose, secure',
];

export interface ProfileBroker {
  /** `host:port` of the services' listener, and of the banks'. */
  readonly services: string;
  readonly banks: string;
  /** Whether banks show certificates there. */
  readonly banksAreNamed: boolean;
  /** A folder for each name, as `certificates.sh` makes them. */
  readonly certificates: string;
  /** By `npm run kafka`: what it printed. */
  readonly said?: string;
  stop(): Promise<void>;
}

const CERTIFICATES = join(packageFolder, 'infra/kafka/certificates.sh');

/** Why there can be none on this machine; else an empty text. */
export async function whyNoBroker(): Promise<string> {
  try {
    await findJava();
    await kafkaClasspath(tmpdir());
    return '';
  } catch (error) {
    if (!(error instanceof KafkaMissing)) throw error;
    return error.message;
  }
}

export async function startProfile(
  profile: Profile,
  folder: string,
  banks: readonly string[],
): Promise<ProfileBroker> {
  if (profile === 'npm run kafka') return runScript(folder);
  const variables = profile === 'docker compose' ? {} : secureVariables();
  return runCompose(composeFile(variables), folder, variables.CORRIDOR_ACLS ? banks : []);
}

/** Runs a command, and ends it when standard input does: with the test that started it, however that ends. */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- &
pid=$!
(cat <&3 >/dev/null; kill -TERM $pid 2>/dev/null) &
exec 3<&-
wait $pid
`;

/** The command itself, until it is asked to end. */
async function runScript(folder: string): Promise<ProfileBroker> {
  const [port = 0, controllerPort = 0, banksPort = 0] = await freePorts(3);
  const child = spawn(
    'sh',
    [
      ...['-c', GUARD, 'kafka', process.execPath, join(packageFolder, 'scripts/kafka.mjs')],
      ...['--port', String(port), '--controller-port', String(controllerPort)],
      ...['--banks-port', String(banksPort), '--folder', folder],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('kafka: runs')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`npm run kafka ended with ${code}: ${said}`)));
  });
  const [services = ''] = /(?<=services connect to )[\d.:]+/.exec(said) ?? [];
  const [banks = ''] = /(?<=banks connect to )[\d.:]+/.exec(said) ?? [];
  return {
    services,
    banks,
    banksAreNamed: false,
    certificates: join(folder, 'certificates'),
    said,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

const TLS_LISTENER = /^SERVICES:SSL,BANKS:(\w+),/;

/** Certificates as the file's containers make them, then the broker. */
async function runCompose(
  file: ComposeFile,
  folder: string,
  banks: readonly string[],
): Promise<ProfileBroker> {
  const certificates = join(folder, 'certificates');
  const names = file.services.certificates?.command ?? [];
  execFileSync('sh', [CERTIFICATES, certificates, ...names]);
  await makeCertificates(certificates, banks);
  const [services = 0, controller = 0, inside = 0, host = 0, plain = 0] = await freePorts(5);
  const settings = brokerSettings(file, certificates, {
    9092: services,
    9093: controller,
    9094: host,
    9095: inside,
  });
  const own = `PLAIN://127.0.0.1:${plain}`;
  const broker = await startKafkaBroker({
    folder: join(folder, 'broker'),
    port: plain,
    controllerPort: controller,
    temporary: true,
    properties: {
      ...settings,
      // The plain listener is the test's own, to see the broker up.
      listeners: `${settings.listeners},${own}`,
      'advertised.listeners': `${settings['advertised.listeners']},${own}`,
      'listener.security.protocol.map': `${settings['listener.security.protocol.map']},PLAIN:PLAINTEXT`,
    },
  });
  const [, protocol] = TLS_LISTENER.exec(settings['listener.security.protocol.map'] ?? '') ?? [];
  return {
    services: `127.0.0.1:${services}`,
    banks: `127.0.0.1:${host}`,
    banksAreNamed: protocol === 'SSL',
    certificates,
    stop: () => broker.stop(),
  };
}

/** The file's KAFKA_A_B as Kafka's a.b, as the image reads it. */
function brokerSettings(
  file: ComposeFile,
  certificates: string,
  ports: Readonly<Record<number, number>>,
): Record<string, string> {
  const { environment = {} } = file.services.kafka ?? {};
  const settings = Object.entries(environment).flatMap(([variable, value]) => {
    const [, name] = /^KAFKA_(\w+)$/.exec(variable) ?? [];
    if (name === undefined || /^(HEAP_OPTS|LOG_DIRS)$/.test(name)) return [];
    const here = (value ?? '')
      .replace('/certificates/', `${certificates}/kafka/`)
      .replaceAll(/(kafka|localhost|127\.0\.0\.1)?:(909\d)\b/g, (_, __, port) => {
        return `127.0.0.1:${ports[Number(port)]}`;
      });
    return [[name.toLowerCase().replaceAll('_', '.'), here] as const];
  });
  return Object.fromEntries(settings);
}

/** What kafkajs is given so that it comes with this certificate. */
export function tlsOf(certificates: string, name: string) {
  const { caFile, certificateFile, keyFile } = certificateOf(certificates, name);
  return {
    ca: readFileSync(caFile, 'utf8'),
    cert: readFileSync(certificateFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
  };
}

/** `corridor found`, as the operator. */
export function found(
  broker: ProfileBroker,
  data: string,
  { scenario = join(packageFolder, 'scenarios/smoke.yaml') } = {},
) {
  const { caFile, certificateFile, keyFile } = certificateOf(broker.certificates, 'operator');
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(packageFolder, 'dist/services/cli/main.js'),
      ...['found', scenario, `--data=${data}`, '--witness-quorum=1'],
      `--log=kafka:${broker.services}`,
      ...(broker.banksAreNamed ? ['--acls=certificates'] : []),
    ],
    {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        CORRIDOR_KAFKA_CA_FILE: caFile,
        CORRIDOR_KAFKA_CERT_FILE: certificateFile,
        CORRIDOR_KAFKA_KEY_FILE: keyFile,
      },
    },
  );
  return { status, stderr };
}
