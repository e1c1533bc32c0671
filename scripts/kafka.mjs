// `npm run kafka [-- --port N --controller-port N --banks-port N --folder PATH]`: a real Apache Kafka of
// one node, on loopback, until Ctrl-C. Needs Java 17, openssl and, the first time, Maven.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, root } from './build.mjs';

const USAGE = `usage: npm run kafka -- [--port N] [--controller-port N] [--banks-port N] [--folder PATH]
  --port N             what services connect to, by certificate, on 127.0.0.1 (9092)
  --controller-port N  Kafka's own (the port after that)
  --banks-port N       what banks connect to, without identity (the port after that)
  --folder PATH        data, certificates, configuration and broker.log; kept (.kafka)
`;

function options() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: {
      port: text,
      'controller-port': text,
      'banks-port': text,
      folder: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  const port = Number(values.port ?? 9092);
  const controllerPort = Number(values['controller-port'] ?? port + 1);
  const banksPort = Number(values['banks-port'] ?? controllerPort + 1);
  for (const value of [port, controllerPort, banksPort])
    if (!Number.isInteger(value) || value < 1 || value > 65_535)
      throw new Error(`a port is a number from 1 to 65535, not ${value}`);
  const folder = resolve(values.folder ?? join(root, '.kafka'));
  return { help: values.help, port, controllerPort, banksPort, folder };
}

/** For each client a file of the variables that it is started with, for a shell to read. */
function writeVariables(folder, brokers, names, certificateOf, certificates, shellWord) {
  const files = join(folder, 'clients');
  mkdirSync(files, { recursive: true });
  for (const name of names) {
    const { caFile, certificateFile, keyFile } = certificateOf(certificates, name);
    const lines = [
      `CORRIDOR_LOG=kafka:${brokers}`,
      `CORRIDOR_KAFKA_CA_FILE=${shellWord(caFile)}`,
      `CORRIDOR_KAFKA_CERT_FILE=${shellWord(certificateFile)}`,
      `CORRIDOR_KAFKA_KEY_FILE=${shellWord(keyFile)}`,
    ];
    writeFileSync(join(files, `${name}.env`), `${lines.join('\n')}\n`);
  }
  return files;
}

let chosen;
try {
  chosen = options();
} catch (error) {
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exit(2);
}
if (chosen.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

await build();
const { startKafkaBroker } = await import(
  '../dist/services/platform/kafka-broker/start-kafka-broker.js'
);
const { certificateOf, makeCertificates } = await import(
  '../dist/services/platform/kafka-broker/certificates.js'
);
const { AUDITOR, SERVICES } = await import('../dist/services/sandbox/kafka-rights.js');
const { OPERATOR } = await import('../dist/services/protocol/messages/operator-command.js');
const { OWNER_FILE, own } = await import('../dist/services/platform/one-writer-of-a-folder.js');
const { shellWord } = await import('../dist/services/platform/shell-word.js');
const { folder, port, controllerPort, banksPort } = chosen;
const certificates = join(folder, 'certificates');
let broker;
let claim;
let lost;
try {
  const onLost = (error) => {
    lost = error;
    broker?.stop();
  };
  claim = own(join(folder, OWNER_FILE), `--folder ${folder}`, { onLost });
  await makeCertificates(certificates, ['kafka', OPERATOR, ...SERVICES, AUDITOR]);
  broker = await startKafkaBroker({
    folder,
    port,
    controllerPort,
    access: { certificates, banksPort },
    onFetch: () => process.stderr.write("kafka: fetching Apache Kafka's jars, once\n"),
  });
} catch (error) {
  claim?.release();
  // What the file system refuses has a code.
  if (!['KafkaMissing', 'BadInput'].includes(error.name) && error.code === undefined) throw error;
  process.stderr.write(`kafka: ${error.message}\n`);
  process.exit(error.name === 'BadInput' ? 2 : 1);
}
if (lost) broker.stop();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    interrupted = true;
    broker.stop();
  });
const names = [OPERATOR, ...SERVICES, AUDITOR];
const files = writeVariables(folder, broker.brokers, names, certificateOf, certificates, shellWord);
process.stdout.write(
  `kafka: banks connect to ${broker.banks}, as they are: they write \`payments\` and \`cosignatures\` alone
kafka: services connect to ${broker.brokers}, each by its certificate: the variables of
       ${names.join(', ')} are in ${files}/<name>.env
kafka: until a network is founded here, once, nobody has rights:
       (set -a; . ${shellWord(join(files, `${OPERATOR}.env`))}; npx corridor found scenarios/smoke.yaml --log $CORRIDOR_LOG --data sandboxes/smoke-kafka)
kafka: runs (data in ${folder}; Ctrl-C stops)
`,
);
// The broker alone keeps nothing waiting.
const alive = setInterval(() => {}, 60_000);
await broker.ended;
clearInterval(alive);
claim.release();
if (lost) process.stderr.write(`kafka: ${lost.message}\n`);
else if (!interrupted) process.stderr.write(`kafka: ended by itself, see ${folder}/broker.log\n`);
process.exitCode = interrupted && !lost ? 130 : 1;
