import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { participantsNow } from '../bank/bank-service.ts';
import { checkNetwork, createTopics } from '../live/network.ts';
import { makeFolder } from '../platform/folders.ts';
import { type Grant, grant } from '../platform/log/kafka-acls.ts';
import type { KafkaLogOptions } from '../platform/log/kafka-options.ts';
import type { Bic } from '../protocol/identifiers.ts';
import { deliveriesOf, PARTICIPANTS, PAYMENTS, statusesOf } from '../protocol/topics.ts';
import { loadScenario } from '../simulator/scenario/load.ts';
import { BadInput } from './exit.ts';
import { writeGenesis } from './live/genesis.ts';
import { openNamedLog } from './live/named-log.ts';
import { OPERATOR, openSandboxFolder } from './live/sandbox-folder.ts';

/** Passwords that a network's other servers ask for, each a file that only its owner reads. */
const PASSWORDS = [
  'clickhouse_writer_password',
  'clickhouse_dashboard_password',
  'grafana_admin_password',
];
/** 24 random bytes: more than can be guessed, and no character that a shell or SQL would read. */
const PASSWORD_BYTES = 24;

interface FoundFlags {
  readonly log: string;
  readonly data: string;
  readonly kafkaCaFile?: string;
  readonly kafkaCertFile?: string;
  readonly kafkaKeyFile?: string;
  readonly acls: 'on' | 'off';
}

export function foundCommand(): Command {
  return new Command('found')
    .description(
      'found a live network on a log: its keys, passwords and network.json, topics, and the genesis of each pool',
    )
    .argument('<scenario>', 'a scenario file, for participants, currencies, liquidity and rules')
    .requiredOption('--log <log>', 'embedded:<folder>, or kafka:<host:port>[,<host:port>...]')
    .requiredOption(
      '--data <dir>',
      'where network.json, keys and passwords go; what is there stays',
    )
    .option('--kafka-ca-file <file>', 'PEM file of the authority of the brokers’ certificates')
    .option('--kafka-cert-file <file>', 'PEM file of the operator’s certificate for the brokers')
    .option('--kafka-key-file <file>', 'PEM file of that certificate’s secret key')
    .addOption(
      new Option(
        '--acls <on|off>',
        'on: let each bank write `payments` and read what is its own on Kafka; its certificate is CN=<BIC>',
      )
        .choices(['on', 'off'])
        .default('off'),
    )
    .action(async (file: string, flags: FoundFlags) => {
      const scenario = loadScenario(file, {
        readFile: (path) => readFileSync(path, 'utf8'),
        set: [],
      });
      const folder = openSandboxFolder(flags.data, scenario);
      writePasswords(folder.file('passwords'));
      const log = await openNamedLog(logConfig(flags), 'corridor-found');
      const banks = new Set(scenario.participants.map(({ bic }) => bic));
      try {
        await checkNetwork(log, folder.network);
        await createTopics(log, folder.network);
        await writeGenesis(log, scenario, {
          timeMs: Date.now(),
          publicKeyOf: folder.publicKeyOf,
          operatorKey: folder.publicKeyOf(OPERATOR),
        });
        // The operator may have registered others since.
        for (const { bic } of await participantsNow({ log })) banks.add(bic);
      } finally {
        await log.close();
      }
      if (flags.acls === 'on') await grant(kafkaAddress(flags), bankGrants(banks));
      process.stdout.write(
        `network ${folder.network.network} is founded on ${flags.log}; its files are in ${folder.path}\n`,
      );
    });
}

/** A bank writes payments and reads what concerns it alone, and what is everybody's. */
const bankGrants = (banks: Iterable<string>): Grant[] =>
  [...banks].map((bic) => ({
    name: bic,
    writes: [PAYMENTS],
    reads: [statusesOf(bic as Bic), deliveriesOf(bic as Bic), PARTICIPANTS],
    groups: `${bic}.`,
  }));

function kafkaAddress(flags: FoundFlags): KafkaLogOptions {
  const [kind, ...rest] = flags.log.split(':');
  if (kind !== 'kafka') throw new BadInput(`--acls on: expected --log kafka:..., not ${flags.log}`);
  const { kafkaCaFile: caFile, kafkaCertFile: certificateFile, kafkaKeyFile: keyFile } = flags;
  return {
    brokers: rest.join(':').split(','),
    clientId: 'corridor-found',
    tls: {
      ...(caFile && { caFile }),
      ...(certificateFile && { certificateFile }),
      ...(keyFile && { keyFile }),
    },
  };
}

function logConfig({ log, kafkaCaFile, kafkaCertFile, kafkaKeyFile }: FoundFlags) {
  if (!/^(embedded:.+|kafka:[^ ]+)$/.test(log))
    throw new BadInput(`--log ${log}: expected embedded:<folder> or kafka:<host:port>[,...]`);
  return {
    CORRIDOR_LOG: log,
    ...(kafkaCaFile && { CORRIDOR_KAFKA_CA_FILE: kafkaCaFile }),
    ...(kafkaCertFile && { CORRIDOR_KAFKA_CERT_FILE: kafkaCertFile }),
    ...(kafkaKeyFile && { CORRIDOR_KAFKA_KEY_FILE: kafkaKeyFile }),
  };
}

function writePasswords(folder: string): void {
  makeFolder(folder, 0o700);
  for (const name of PASSWORDS) {
    const file = join(folder, name);
    if (!existsSync(file))
      writeFileSync(file, randomBytes(PASSWORD_BYTES).toString('hex'), { mode: 0o600 });
  }
}
