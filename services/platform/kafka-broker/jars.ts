/**
 * What it takes to run Apache Kafka here: a Java of at least 17, and the jars that
 * `infra/kafka/pom.xml` names, which Maven fetches once into its own store.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeFolder } from '../folders-and-whole-files.ts';

const run = promisify(execFile);
/** Of the compiled file, below `dist/`. */
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const pom = join(root, 'infra/kafka/pom.xml');

/** Java 17 is the oldest that Kafka 4 brokers run on. */
const JAVA_MIN = 17;
const INSTEAD = 'or name a running broker in KAFKA_BROKERS';

/** Why no broker can be run on this machine, in one line that says what to do. */
export class KafkaMissing extends Error {
  override readonly name = 'KafkaMissing';
}

/** The folder of Kafka's configuration, `infra/kafka`. */
export const kafkaConfigFolder = join(root, 'infra/kafka');
/** Where the class path is remembered and where `npm run kafka` keeps its data by default. */
const kafkaFolder = join(root, '.kafka');

/** The `java` to run. @throws KafkaMissing */
export async function findJava(): Promise<string> {
  const home = process.env.JAVA_HOME;
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  // It prints its version to stderr: openjdk version "17.0.15" 2025-04-15
  const printed = await run(java, ['-version']).then(({ stderr }) => stderr, missing);
  const major = Number(/version "(\d+)/.exec(printed)?.[1] ?? 0);
  if (major < JAVA_MIN)
    throw new KafkaMissing(
      `Kafka needs Java ${JAVA_MIN} or newer, and ${java} is ${major || 'unknown'}: ` +
        `install openjdk-17-jre-headless, ${INSTEAD}`,
    );
  return java;

  function missing(): never {
    throw new KafkaMissing(
      `Kafka needs Java ${JAVA_MIN} or newer, and there is no ${java}: ` +
        `install openjdk-17-jre-headless, ${INSTEAD}`,
    );
  }
}

/** Kafka's class path, fetched by Maven where need be. @throws KafkaMissing */
export async function kafkaClasspath(onFetch: () => void = () => {}): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const cached = join(kafkaFolder, `classpath-${digest}`);
  if (existsSync(cached)) {
    const classpath = readFileSync(cached, 'utf8');
    if (classpath.split(':').every((jar) => existsSync(jar))) return classpath;
  }
  onFetch();
  makeFolder(kafkaFolder);
  const output = `${cached}.${process.pid}`;
  const args = ['-q', '-B', '-f', pom, 'dependency:build-classpath', `-Dmdep.outputFile=${output}`];
  await run('mvn', [...args, '-DincludeScope=runtime']).catch((error) => {
    if (error.code === 'ENOENT')
      throw new KafkaMissing(`Kafka's jars are fetched by Maven: install maven, ${INSTEAD}`);
    const reason = /\[ERROR\][^\n]*/.exec(`${error.stdout}`)?.[0] ?? error.message;
    throw new KafkaMissing(
      `Maven could not fetch Kafka's jars (${reason.slice(0, 300)}), ${INSTEAD}`,
    );
  });
  renameSync(output, cached);
  return readFileSync(cached, 'utf8');
}
