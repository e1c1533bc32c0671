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
import { makeWritableFolder } from '../folders-and-whole-files.ts';

const run = promisify(execFile);
/** Of the compiled file, below `dist/`. */
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const pom = join(root, 'infra/kafka/pom.xml');

/** Java 17 is the oldest that Kafka 4 brokers run on. */
const JAVA_MIN = 17;

/** Why no broker can be run on this machine, in one line that says what to do. */
export class KafkaMissing extends Error {
  override readonly name = 'KafkaMissing';
}

/** The folder of Kafka's configuration, `infra/kafka`. */
export const kafkaConfigFolder = join(root, 'infra/kafka');
/** Where `npm run kafka` keeps its data by default, and where the class path is looked for first. */
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
        'install openjdk-17-jre-headless',
    );
  return java;

  function missing(): never {
    throw new KafkaMissing(
      `Kafka needs Java ${JAVA_MIN} or newer, and there is no ${java}: ` +
        'install openjdk-17-jre-headless',
    );
  }
}

/**
 * Kafka's class path, fetched by Maven where need be.
 * @param folder where it is remembered if the program's own folder cannot be written
 * @throws KafkaMissing
 */
export async function kafkaClasspath(
  folder: string,
  onFetch: () => void = () => {},
  ownFolder = kafkaFolder,
): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const name = `classpath-${digest}`;
  for (const cached of [join(ownFolder, name), join(folder, name)]) {
    const classpath = readIfThere(cached);
    if (classpath?.split(':').every((jar) => existsSync(jar))) return classpath;
  }
  onFetch();
  const cached = join(writableOf(ownFolder, folder), name);
  const output = `${cached}.${process.pid}`;
  const args = ['-q', '-B', '-f', pom, 'dependency:build-classpath', `-Dmdep.outputFile=${output}`];
  await run('mvn', [...args, '-DincludeScope=runtime']).catch((error) => {
    if (error.code === 'ENOENT')
      throw new KafkaMissing(`Kafka's jars are fetched by Maven: install maven`);
    const reason = /\[ERROR\][^\n]*/.exec(`${error.stdout}`)?.[0] ?? error.message;
    throw new KafkaMissing(`Maven could not fetch Kafka's jars: ${reason.slice(0, 300)}`);
  });
  renameSync(output, cached);
  return readFileSync(cached, 'utf8');
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null; // Fetched anew: it is not there, or another user's.
  }
}

/** Who runs the program need not own it. @throws KafkaMissing where neither folder can be written */
function writableOf(ownFolder: string, folder: string): string {
  try {
    makeWritableFolder(ownFolder);
    return ownFolder;
  } catch {
    // The other one has to do.
  }
  try {
    makeWritableFolder(folder);
    return folder;
  } catch (error) {
    throw new KafkaMissing(
      `nothing can be written in ${folder} (${(error as Error).message}): name a folder that can be written`,
    );
  }
}
