import { randomBytes } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { createSigner, secretKeyFromPem, secretKeyPem } from '../../core/signing.ts';
import type { Network } from '../../live/network.ts';
import { makeFolder } from '../../platform/folders.ts';
import { ConfigError } from '../../platform/service/config.ts';
import { readNetworkFile } from '../../platform/service/settings.ts';
import { referenceRates } from '../../simulator/results/scenario-tables.ts';
import type { Scenario } from '../../simulator/scenario/scenario.ts';
import { BadInput } from '../exit.ts';

/** Partitions of `payments` in a sandbox. */
const PAYMENT_PARTITIONS = 4;
/** What is there before the network is: the beginning of a founding, or volumes put there for it. */
const FOUNDATION = new Set(['keys', 'passwords', '.network.json']);
/** What tells the runs of two foundings of one scenario apart. */
const RUN_ID_BYTES = 4;
/** Who commands a sandbox: its key is in every pool's genesis. */
export const OPERATOR = 'operator';

/**
 * The folder of a sandbox: `network.json` (written last: with it the sandbox exists), `keys/` with the
 * secret keys of its banks and of its operator and the live view's token, `log/`, `clickhouse/` and
 * `snapshots/`.
 */
export interface SandboxFolder {
  readonly path: string;
  readonly network: Network;
  file(name: string): string;
  /** 32 bytes of the public key of a bank, or of OPERATOR. */
  publicKeyOf(name: string): Uint8Array;
  secretKeyOf(name: string): Uint8Array;
  /** Opens the live view; the same at every start, so that an open page goes on. */
  viewToken(): string;
}

export function networkOf(scenario: Scenario): Network {
  return {
    network: scenario.network,
    run: `${scenario.name}-${scenario.seed}`,
    paymentPartitions: PAYMENT_PARTITIONS,
    pools: scenario.pools.map(({ name, currencies }) => ({
      name,
      currencies: currencies.map((currency) => {
        const { code, minorUnits } = scenario.currencies[currency] as {
          code: string;
          minorUnits: number;
        };
        return { code, minorUnits };
      }),
    })),
    scenario: {
      name: scenario.name,
      seed: scenario.seed,
      referenceRates: referenceRates(scenario),
    },
  };
}

/** Opens the sandbox in a folder, or founds it there; throws BadInput in one line where it cannot be. */
export function openSandboxFolder(asGiven: string, scenario: Scenario): SandboxFolder {
  const path = resolve(asGiven);
  const file = (name: string) => join(path, name);
  try {
    if (!existsSync(file('network.json'))) found(path, asGiven, scenario);
  } catch (error) {
    if (error instanceof BadInput) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(
      `--data ${asGiven}: expected a folder that can be written (${code ?? message})`,
    );
  }
  const network = readNetwork(file('network.json'), asGiven);
  const expected = networkOf(scenario);
  const isOf = network.run.startsWith(`${expected.run}-`);
  // Rates may have been looked up again since: a network keeps those of its founding.
  const ruled = ({ scenario: _, ...rest }: Network) => JSON.stringify({ ...rest, run: '' });
  if (!isOf || ruled(network) !== ruled(expected))
    throw new BadInput(
      `--data ${asGiven}: it holds the sandbox ${network.run} of network ${network.network}, not ${expected.run} with these pools and currencies; name another folder, or the scenario that it was founded with`,
    );
  const secretKeyOf = (name: string) => readKey(file(`keys/${name}.pem`));
  return {
    path,
    network,
    file,
    secretKeyOf,
    publicKeyOf: (name) => createSigner(secretKeyOf(name)).publicKey,
    viewToken: () => viewToken(file('keys')),
  };
}

const VIEW_TOKEN = 'view-token';

function viewToken(folder: string): string {
  const file = join(folder, VIEW_TOKEN);
  if (!existsSync(file))
    writeWhole(folder, VIEW_TOKEN, `${randomBytes(32).toString('base64url')}\n`, 0o600);
  const token = readFileSync(file, 'utf8').trim();
  if (/^[\w-]{22,}$/.test(token)) return token;
  throw new BadInput(
    `${file}: expected the live view's token, 22 characters or more of A-Z a-z 0-9 _ -; remove the file for a new one`,
  );
}

function found(path: string, asGiven: string, scenario: Scenario): void {
  if (existsSync(path) && !statSync(path).isDirectory())
    throw new BadInput(`--data ${asGiven}: expected a folder, found a file`);
  const foreign = existsSync(path) ? readdirSync(path).filter((name) => !FOUNDATION.has(name)) : [];
  if (foreign.length > 0)
    throw new BadInput(
      `--data ${asGiven}: it holds ${foreign[0]} and no sandbox; expected a sandbox or an empty folder`,
    );
  makeFolder(join(path, 'keys'), 0o700);
  for (const name of [...scenario.participants.map(({ bic }) => bic), OPERATOR])
    writeWhole(join(path, 'keys'), `${name}.pem`, secretKeyPem(randomBytes(32)), 0o600);
  const network = networkOf(scenario);
  // Of its own: the analysis store may have rows of another founding, which would be taken for these.
  const run = `${network.run}-${randomBytes(RUN_ID_BYTES).toString('hex')}`;
  writeWhole(path, 'network.json', `${JSON.stringify({ ...network, run }, null, 2)}\n`, 0o644);
}

/** Appears under its name when it is complete. */
function writeWhole(folder: string, name: string, text: string, mode: number): void {
  const partial = join(folder, `.${name}`);
  writeFileSync(partial, text, { mode, flush: true });
  renameSync(partial, join(folder, name));
}

function readNetwork(file: string, asGiven: string): Network {
  try {
    return readNetworkFile(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new BadInput(`--data ${asGiven}: its network.json is none (${error.message})`);
  }
}

function readKey(file: string): Uint8Array {
  try {
    return secretKeyFromPem(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BadInput(`${file}: expected the key of this sandbox (${(error as Error).message})`);
  }
}
