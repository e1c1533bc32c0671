import { readFileSync } from 'node:fs';
import { ConfigError } from './environment-variables.ts';

/** A secret from the file that a variable names; throws ConfigError where there is none. */
export function readSecretFile(variable: string, file: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`${variable}=${file}: ${(error as Error).message}`);
  }
  if (secret === '') throw new ConfigError(`${variable}=${file}: expected a secret, found nothing`);
  return secret;
}

/**
 * The key with which a service signs, from the PEM file that a variable names; throws ConfigError where there is none.
 * @param fromPem throws where a text holds something else
 */
export function readSecretKeyFile<Key>(
  variable: string,
  file: string,
  fromPem: (pem: string) => Key,
): Key {
  const pem = readSecretFile(variable, file);
  try {
    return fromPem(pem);
  } catch (error) {
    throw new ConfigError(
      `${variable}=${file}: expected a PEM file of an Ed25519 key (${(error as Error).message})`,
    );
  }
}
