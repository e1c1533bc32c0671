import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { participantsNow } from '../bank/bank-service.ts';
import { poolNames } from '../live/network.ts';
import { checkNetwork, createTopics } from '../live/network-against-log.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { takesAwayNew } from '../platform/folders-and-whole-files.ts';
import { setGrants } from '../platform/log/kafka/acls.ts';
import type { KafkaLogOptions } from '../platform/log/kafka/connection-tls-and-timeouts.ts';
import { setQuotas } from '../platform/log/kafka/quotas.ts';
import { type Log, LogError } from '../platform/log/log.ts';
import { own } from '../platform/one-writer-of-a-folder.ts';
import {
  kafkaIdentity,
  kafkaVariables,
  type LogConfig,
} from '../platform/service/log-variables.ts';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { openNamedLog } from '../replay/named-log.ts';
import {
  refuseOtherOperators,
  refuseOtherScenario,
  SECOND_OPERATOR,
  writeGenesis,
} from '../sandbox/genesis.ts';
import {
  auditorAccess,
  BANK_BYTES_PER_SECOND,
  bankQuotas,
  banksByIdentity,
  banksWithoutIdentity,
  byCertificate,
  byName,
  serviceAccess,
} from '../sandbox/kafka-rights.ts';
import {
  CLAIM,
  openSandboxFolder,
  type SandboxFolder,
  sandboxAt,
} from '../sandbox/sandbox-folder.ts';
import { hasKey, makeKeys, makeNodeKey } from '../sandbox/secret-keys.ts';
import { writePasswords } from '../sandbox/service-passwords.ts';
import {
  makeWitnesses,
  refuseOtherQuorum,
  refuseTooManyWitnesses,
  witnessesIn,
} from '../sandbox/witness-keys-and-majority.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { wholeFrom } from './number-flags.ts';

interface FoundFlags {
  readonly log: string;
  readonly data: string;
  readonly kafkaCaFile?: string;
  readonly kafkaCertFile?: string;
  readonly kafkaKeyFile?: string;
  readonly acls?: Acls;
  readonly bankBytesPerSecond: number;
  readonly twoOperators?: true;
  readonly witnessQuorum?: number;
}

const ACLS = ['anonymous', 'certificates', 'names', 'off'] as const;
type Acls = (typeof ACLS)[number];

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
    .addOption(tlsOption('ca', 'PEM file of the authority of the brokers’ certificates'))
    .addOption(tlsOption('cert', 'PEM file of the operator’s certificate for the brokers'))
    .addOption(tlsOption('key', 'PEM file of that certificate’s secret key'))
    .addOption(
      new Option(
        '--acls <banks>',
        'who may do what on Kafka: each service by its certificate, and banks `anonymous`, together on a listener of their own, or by `certificates` (CN=<BIC>); `names`: services and banks by the names that SASL tells, which are theirs; off: Kafka has no authorizer (default with kafka: anonymous)',
      ).choices(ACLS),
    )
    .option(
      '--bank-bytes-per-second <n>',
      'Kafka’s quota of each bank that comes with an identity: what it may write a second',
      wholeFrom('--bank-bytes-per-second', (n) => n >= 65_536, 'a whole number from 65536 on'),
      BANK_BYTES_PER_SECOND,
    )
    .addOption(
      new Option(
        '--two-operators',
        `limits, keys and participants need two operators: makes a key ${SECOND_OPERATOR} beside that of the first`,
      ).env('CORRIDOR_TWO_OPERATORS'),
    )
    .option(
      '--witness-quorum <n>',
      'receipts wait until so many banks have cosigned the logs: makes a key with which each bank witnesses, and the policy evidence-policy; 0: nobody; default: what evidence-policy asks for, or nobody',
      wholeFrom('--witness-quorum', () => true, 'a whole number, 0 or more'),
    )
    .action(async (file: string, flags: FoundFlags) => {
      const scenario = loadScenario(file, {
        readFile: (path) => readFileSync(path, 'utf8'),
        set: [],
      });
      const folder = await found(scenario, flags);
      process.stdout.write(
        `network ${folder.network.network} is founded on ${flags.log}; its files are in ${folder.path}\n`,
      );
    });
}

/**
 * What is refused before a record names its keys leaves no folder that it made, of its files or of an embedded
 * log. Foundings of one folder come one after the other, so that none takes another's away.
 */
async function found(scenario: Scenario, flags: FoundFlags): Promise<SandboxFolder> {
  const data = sandboxAt(flags.data, scenario.name);
  if (existsSync(data) && !statSync(data).isDirectory())
    throw new BadInput(`--data ${data}: expected a folder, found a file`);
  const takeAway = takesAwayNew(data);
  const takeLogAway = takesAwayNew(logFolder(flags) ?? data);
  const claim = own(join(data, CLAIM), `--data ${data}`, { does: 'founds a network in it' });
  const wasEmpty = readdirSync(data).every((name) => name.startsWith(CLAIM));
  let isNamed = false;
  let isNewLog = false;
  try {
    refuseTooManyWitnesses('--witness-quorum', flags.witnessQuorum ?? 0, scenario);
    const folder = openSandboxFolder(flags.data, scenario, false);
    if (flags.witnessQuorum !== undefined) refuseOtherQuorum(folder, flags.witnessQuorum);
    writePasswords(folder.file('passwords'));
    const log = await openNamedLog(logConfig(flags), 'corridor-found', { begins: true });
    try {
      isNewLog = logFolder(flags) !== null && (await log.topics()).length === 0;
      await foundOn(log, scenario, folder, flags, () => {
        claim.check();
        isNamed = true;
      });
    } finally {
      await log.close();
    }
    return folder;
  } catch (error) {
    const isOurs = !isNamed && claim.isHeld();
    if (isOurs && isNewLog) takeLogAway();
    if (isOurs && wasEmpty) takeAway();
    throw error;
  } finally {
    claim.release();
  }
}

/** Where an embedded log is; null: on brokers. */
const logFolder = ({ log }: FoundFlags): string | null => /^embedded:(.+)$/.exec(log)?.[1] ?? null;

/** @param writes told before the first record that names a key */
async function foundOn(
  log: Log,
  scenario: Scenario,
  folder: SandboxFolder,
  flags: FoundFlags,
  writes: () => void,
): Promise<void> {
  const banks = new Set<Bic>(scenario.participants.map(({ bic }) => bic as Bic));
  const isFounded = await checkNetwork(log, folder.network);
  await refuseOtherOperators(log, {
    operatorKey: folder.publicKeyOf(OPERATOR),
    needsTwo: flags.twoOperators === true,
    secondOperatorKey: hasKey(folder.path, SECOND_OPERATOR)
      ? folder.publicKeyOf(SECOND_OPERATOR)
      : null,
  });
  await refuseOtherScenario(log, scenario);
  await createTopics(log, folder.network);
  // The operator may have registered others since.
  for (const { bic } of await participantsNow({ log })) banks.add(bic as Bic);
  // Before the genesis: a pool whose input anybody may write is not founded.
  await setAccess(flags, poolNames(folder.network), [...banks]);
  // Behind all that can refuse the founding, and before the record that names it.
  if (flags.twoOperators) makeKeys(folder.path, [SECOND_OPERATOR]);
  if (flags.witnessQuorum) makeWitnesses(folder, witnessesIn(scenario), flags.witnessQuorum);
  writes();
  await writeGenesis(log, scenario, {
    timeMs: Date.now(),
    publicKeyOf: folder.publicKeyOf,
    operatorKey: folder.publicKeyOf(OPERATOR),
    // A network that was founded before it had one goes on without.
    ...(!isFounded && { nodeKey: makeNodeKey(folder.path) }),
    ...(flags.twoOperators && { secondOperatorKey: folder.publicKeyOf(SECOND_OPERATOR) }),
  });
}

/** `--kafka-<part>-file`, or the variable that services read. */
const tlsOption = (part: 'ca' | 'cert' | 'key', description: string): Option =>
  new Option(`--kafka-${part}-file <file>`, description).env(
    `CORRIDOR_KAFKA_${part.toUpperCase()}_FILE`,
  );

/** At every founding anew: the operator may have registered banks since, a new version needs other rights. */
async function setAccess(flags: FoundFlags, pools: string[], banks: Bic[]): Promise<void> {
  const acls = flags.acls ?? (flags.log.startsWith('kafka:') ? 'anonymous' : 'off');
  if (acls === 'off') return;
  const nameOf = acls === 'names' ? byName : byCertificate;
  const grants = [
    ...serviceAccess(pools, nameOf),
    auditorAccess(pools, nameOf),
    ...(acls === 'anonymous' ? banksWithoutIdentity(banks) : banksByIdentity(banks, nameOf)),
  ];
  const address = kafkaAddress(flags);
  await setGrants(address, grants).catch((error: unknown) => {
    if (!(error instanceof LogError)) throw error;
    throw new BadInput(
      `--log ${flags.log}: ${error.message}; start one with an authorizer, as \`npm run kafka\` does, come as its operator, or say --acls=off`,
    );
  });
  if (acls === 'anonymous') return;
  await setQuotas(address, bankQuotas(banks, nameOf, flags.bankBytesPerSecond)).catch(
    (error: unknown) => {
      if (!(error instanceof LogError)) throw error;
      throw new BadInput(`--log ${flags.log}: ${error.message}`);
    },
  );
}

function kafkaAddress(flags: FoundFlags): KafkaLogOptions {
  const [kind, ...rest] = flags.log.split(':');
  if (kind !== 'kafka')
    throw new BadInput(`--acls ${flags.acls}: expected --log kafka:..., not ${flags.log}`);
  return {
    brokers: rest.join(':').split(','),
    clientId: 'corridor-found',
    ...kafkaIdentity(logConfig(flags)),
  };
}

function logConfig({ log, kafkaCaFile, kafkaCertFile, kafkaKeyFile }: FoundFlags): LogConfig {
  if (!/^(embedded:.+|kafka:[^ ]+)$/.test(log))
    throw new BadInput(`--log ${log}: expected embedded:<folder> or kafka:<host:port>[,...]`);
  return {
    CORRIDOR_LOG: log,
    ...kafkaVariables(process.env),
    ...(kafkaCaFile && { CORRIDOR_KAFKA_CA_FILE: kafkaCaFile }),
    ...(kafkaCertFile && { CORRIDOR_KAFKA_CERT_FILE: kafkaCertFile }),
    ...(kafkaKeyFile && { CORRIDOR_KAFKA_KEY_FILE: kafkaKeyFile }),
  };
}
