import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KafkaMissing, kafkaConfigFolder } from './jars.ts';

const run = promisify(execFile);

/**
 * An authority, and a certificate for each name, in folders of these names below `folder`: ca.pem,
 * certificate.pem and key.pem, which only their owner reads. What is there stays.
 * @throws KafkaMissing in one line: no openssl, a folder that cannot be written
 */
export async function makeCertificates(folder: string, names: readonly string[]): Promise<void> {
  const script = join(kafkaConfigFolder, 'certificates.sh');
  await run('sh', [script, folder, ...names]).catch((error) => {
    const reason = `${error.stderr ?? ''}`.trim().split('\n').at(-1) || error.message;
    throw new KafkaMissing(`certificates cannot be made in ${folder}: ${reason}`);
  });
}

/** What a client gives Kafka to be known by its name. */
export const certificateOf = (folder: string, name: string) => ({
  caFile: join(folder, name, 'ca.pem'),
  certificateFile: join(folder, name, 'certificate.pem'),
  keyFile: join(folder, name, 'key.pem'),
});
