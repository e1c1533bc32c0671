// `npm run kafka [-- --port N --controller-port N --folder PATH]`: a real Apache Kafka of one node, on
// loopback, until Ctrl-C. Needs Java 17 and, the first time, Maven.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, root } from './build.mjs';

const USAGE = `usage: npm run kafka -- [--port N] [--controller-port N] [--folder PATH]
  --port N             what clients connect to, on 127.0.0.1 (9092)
  --controller-port N  Kafka's own (the port after that)
  --folder PATH        data, configuration and broker.log; kept (.kafka)
`;

function options() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: {
      port: text,
      'controller-port': text,
      folder: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  const port = Number(values.port ?? 9092);
  const controllerPort = Number(values['controller-port'] ?? port + 1);
  for (const value of [port, controllerPort])
    if (!Number.isInteger(value) || value < 1 || value > 65_535)
      throw new Error('a port is a number from 1 to 65535');
  return { help: values.help, port, controllerPort, folder: values.folder ?? join(root, '.kafka') };
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
const { startKafkaBroker } = await import('../dist/services/platform/kafka-broker/broker.js');
let broker;
try {
  broker = await startKafkaBroker({
    ...chosen,
    onFetch: () => process.stderr.write("kafka: fetching Apache Kafka's jars, once\n"),
  });
} catch (error) {
  if (error.name !== 'KafkaMissing') throw error;
  process.stderr.write(`kafka: ${error.message}\n`);
  process.exit(1);
}
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    interrupted = true;
    broker.stop();
  });
process.stdout.write(
  `kafka: KAFKA_BROKERS=${broker.brokers} (data in ${chosen.folder}; Ctrl-C stops)\n`,
);
// The broker alone keeps nothing waiting.
const alive = setInterval(() => {}, 60_000);
await broker.ended;
clearInterval(alive);
if (!interrupted) process.stderr.write(`kafka: ended by itself, see ${chosen.folder}/broker.log\n`);
process.exitCode = interrupted ? 130 : 1;
