import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createSigner } from '../core/verification/signing.ts';
import { NETWORK_POLICY_FILE } from '../gateway/evidence-policy-check.ts';
import type { Network } from '../live/network.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { makeFolder, writeWhole } from '../platform/folders-and-whole-files.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import { readNetworkFile } from '../platform/service/network-file.ts';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import { PAYMENT_PARTITIONS } from '../protocol/names/topic-plan.ts';
import { referenceRates } from '../report/figures/scenario-tables.ts';
import type { Scenario, ScenarioCurrency } from '../scenario/scenario.ts';
import { maximumField } from '../simulator/keys-and-genesis.ts';
import {
  KEY_FOLDERS,
  keyFile,
  makeKeys,
  makeLogKey,
  readSecretKey,
  WITNESSES_FOLDER,
} from './secret-keys.ts';
import { viewToken } from './view-token.ts';

/** The claim of who founds a network in a folder, and what the names of all beside it begin with. */
export const CLAIM = '.founding';

/** Where a sandbox of a scenario lies, unless `--data` names a folder. @throws BadInput for an empty name */
export function sandboxAt(data: string | undefined, scenario: string): string {
  if (data === '') throw new BadInput('--data: expected the name of a folder, found nothing');
  return data ?? `sandboxes/${scenario}`;
}

/** What is there before the network is: the beginning of a founding, or volumes put there for it. */
const FOUNDATION = new Set([
  ...KEY_FOLDERS,
  'passwords',
  '.network.json',
  'log',
  NETWORK_POLICY_FILE,
  WITNESSES_FOLDER,
]);
/** A log has this file from its first moment on. */
const LOG_FILE = 'log/log.sqlite';
/** What only a sandbox leaves whose log was there. */
const AFTER_LOG = ['clickhouse', 'snapshots', 'corridor.log'];
/** What tells the runs of two foundings of one scenario apart. */
const RUN_ID_BYTES = 4;

/**
 * The folder of a sandbox: `network.json` (written last: with it the sandbox exists), `keys/` with the
 * secret keys of its banks and of its operator and the live view's token, `log/`, `clickhouse/` and
 * `snapshots/`, and of the pools' transparency logs `evidence/` and `evidence-keys/`.
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
        const { code, minorUnits, maximumMinor } = scenario.currencies[
          currency
        ] as ScenarioCurrency;
        return { code, minorUnits, ...maximumField(maximumMinor) };
      }),
    })),
    scenario: {
      name: scenario.name,
      seed: scenario.seed,
      referenceRates: referenceRates(scenario),
    },
  };
}

/**
 * Opens the sandbox in a folder, or founds it there; throws BadInput in one line where it cannot be.
 * @param hasLog whether its log lies in the folder too, and not where `--log` says
 */
export function openSandboxFolder(
  asGiven: string,
  scenario: Scenario,
  hasLog: boolean,
): SandboxFolder {
  const path = resolve(asGiven);
  const file = (name: string) => join(path, name);
  try {
    if (!existsSync(file('network.json'))) {
      if (hasLog) refuseWithoutNetworkFile(file, asGiven);
      found(path, asGiven, scenario, hasLog);
    }
  } catch (error) {
    if (error instanceof BadInput) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(
      `--data ${asGiven}: expected a folder that can be written (${code ?? message})`,
    );
  }
  const network = readNetwork(file('network.json'), asGiven);
  if (hasLog) refuseWithoutLog(file, asGiven, network.run);
  refuseWithoutKeys(file, asGiven, network.run);
  const expected = networkOf(scenario);
  const [founded, asked] = [ruled(network), ruled({ ...expected, run: `${expected.run}-` })];
  const other = [...founded].find(([part, text]) => text !== asked.get(part));
  if (other) {
    const [part, text] = other;
    throw new BadInput(
      `--data ${asGiven}: it holds the sandbox ${network.run} of network ${network.network}, founded with the ${part} ${text}, not ${asked.get(part)}; name another folder, or the scenario that it was founded with${foundedWith(network)}`,
    );
  }
  const secretKeyOf = (name: string) => readSecretKey(path, name);
  return {
    path,
    network,
    file,
    secretKeyOf,
    publicKeyOf: (name) => createSigner(secretKeyOf(name)).publicKey,
    viewToken: () => viewToken(file('keys')),
  };
}

/** What a scenario has to say as at the founding. Rates may have been looked up again since: a network keeps those of its founding. */
const ruled = ({ network, run, paymentPartitions, pools }: Network) =>
  new Map([
    ['network', network],
    // Without what is drawn for each founding.
    ['name and seed', run.slice(0, run.lastIndexOf('-'))],
    ['pools and currencies', JSON.stringify(pools.map(({ logKey: _, ...pool }) => pool))],
    ['payment partitions', `${paymentPartitions}`],
  ]);

const foundedWith = ({ scenario }: Network) =>
  scenario ? `: ${scenario.name}, seed ${scenario.seed}` : '';

/** Its log would be a new one, of nothing that the network did. */
function refuseWithoutLog(file: (name: string) => string, asGiven: string, run: string): void {
  if (existsSync(file(LOG_FILE))) return;
  // A first start that ended before its log began has an empty folder for it, and nothing else.
  if (existsSync(file('log')) && !AFTER_LOG.some((name) => existsSync(file(name)))) return;
  throw new BadInput(
    `--data ${asGiven}: network.json and keys of sandbox ${run} are here, its log/ is not: restore log/ from a backup (docs/operations.md), or name another folder for a new network`,
  );
}

/** New ones would be keys that nobody registered. */
function refuseWithoutKeys(file: (name: string) => string, asGiven: string, run: string): void {
  if (existsSync(keyFile(file('.'), OPERATOR))) return;
  const missing = existsSync(file('keys'))
    ? 'keys/operator.pem is not: restore it'
    : 'the keys of its banks and of its operator are not: restore keys/';
  throw new BadInput(
    `--data ${asGiven}: network.json of sandbox ${run} is here, ${missing} from a backup (docs/operations.md), or name another folder for a new network`,
  );
}

function refuseWithoutNetworkFile(file: (name: string) => string, asGiven: string): void {
  if (!existsSync(file(LOG_FILE))) return;
  throw new BadInput(
    `--data ${asGiven}: the log of a sandbox is here, its network.json is missing: restore network.json from a backup, or write it again: corridor found <scenario> --log embedded:${asGiven}/log --data ${asGiven}`,
  );
}

function found(path: string, asGiven: string, scenario: Scenario, hasLog: boolean): void {
  if (existsSync(path) && !statSync(path).isDirectory())
    throw new BadInput(`--data ${asGiven}: expected a folder, found a file`);
  // `found` writes anew the network.json of a sandbox that lost it.
  const known = !hasLog && existsSync(join(path, LOG_FILE)) ? AFTER_LOG : [];
  const foreign = existsSync(path)
    ? readdirSync(path).filter(
        (name) => !FOUNDATION.has(name) && !name.startsWith(CLAIM) && !known.includes(name),
      )
    : [];
  if (foreign.length > 0)
    throw new BadInput(
      `--data ${asGiven}: it holds ${foreign[0]} and no sandbox; expected a sandbox or an empty folder`,
    );
  makeKeys(path, [...scenario.participants.map(({ bic }) => bic), OPERATOR]);
  if (hasLog) makeFolder(join(path, 'log'));
  const network = networkOf(scenario);
  // Of its own: the analysis store may have rows of another founding, which would be taken for these.
  const run = `${network.run}-${randomBytes(RUN_ID_BYTES).toString('hex')}`;
  const pools = network.pools.map((pool) => ({
    ...pool,
    logKey: makeLogKey(path, network.network, pool.name),
  }));
  const content = `${JSON.stringify({ ...network, run, pools }, null, 2)}\n`;
  writeWhole(path, 'network.json', content, 0o644);
}

function readNetwork(file: string, asGiven: string): Network {
  try {
    return readNetworkFile(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const reason = error.message.replace(/^CORRIDOR_NETWORK_FILE=/, '');
    throw new BadInput(
      reason.includes(': EACCES')
        ? `--data ${asGiven}: this user may not read its network.json (${reason}): give it permission, or come as the owner`
        : `--data ${asGiven}: its network.json is none (${reason})`,
    );
  }
}
