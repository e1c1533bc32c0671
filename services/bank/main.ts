import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Type } from '@sinclair/typebox';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { createSigner, type Signer, secretKeyFromPem } from '../core/verification/signing.ts';
import { currenciesOf, type Network } from '../live/network.ts';
import { checkNetwork } from '../live/network-against-log.ts';
import { together } from '../live/retry-loop.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import { logFilesAt } from '../platform/service/read-transparency-log.ts';
import { readSecretKeyFile } from '../platform/service/secret-files.ts';
import { runService } from '../platform/service/service-start-and-shutdown.ts';
import { NumberedRecords } from '../platform/service/small-files-each-number-once.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { BIC_PATTERN, type Bic, type Uetr } from '../protocol/names/bic-and-uetr.ts';
import type { ParticipantKey } from '../protocol/records/participant-message.ts';
import { participantsNow, startBank } from './bank-service.ts';
import {
  type BankWitnessOptions,
  networkWitness,
  startBankWitness,
  witnessName,
} from './bank-witness.ts';
import { type Order, OrderFault, readOrders } from './payment-orders-csv.ts';
import { RANDOM_AMOUNT_MAX, randomOrders } from './random-orders.ts';

await runService({
  name: 'bank',
  description: 'a sample bank that pays other participants',
  variables: {
    CORRIDOR_BIC: Type.String({ pattern: BIC_PATTERN, description: 'the BIC of this bank' }),
    CORRIDOR_SECRET_KEY_FILE: Type.String({
      minLength: 1,
      description: 'PEM file of its Ed25519 secret key',
    }),
    CORRIDOR_KEY_ID: Type.String({ default: 'key-1', description: 'the id of that key' }),
    CORRIDOR_ORDERS_FILE: Type.Optional(
      Type.String({
        description:
          'CSV of payments: uetr,creditorAgent,currency,amount[,priority]; without one it pays others at random',
      }),
    ),
    CORRIDOR_RATE: Type.Number({
      default: 1,
      minimum: 0,
      description: 'payments a second; 0: as fast as the log takes them, from a file alone',
    }),
    CORRIDOR_WITNESS_KEY_FILE: Type.Optional(
      Type.String({
        description:
          'PEM file of a witness’s Ed25519 key of its own: it cosigns the network’s logs with it',
      }),
    ),
    CORRIDOR_WITNESS_NAME: Type.Optional(
      Type.String({
        pattern: '^(?!.*/auditor/)[^\\s+]+$',
        description:
          'of the witness’s key, a URL without a scheme and without /auditor/ (default: corridor.invalid/witness/<BIC>)',
      }),
    ),
    CORRIDOR_WITNESS_FOLDER: Type.Optional(
      Type.String({ description: 'where it keeps what it cosigned' }),
    ),
    CORRIDOR_WITNESS_GATEWAY: Type.Optional(
      Type.String({ description: 'URL of the gateway that has the logs’ tiles' }),
    ),
    CORRIDOR_AMOUNT_MAX: Type.Integer({
      default: RANDOM_AMOUNT_MAX,
      minimum: 1,
      description: 'the largest random amount, in whole units of the currency',
    }),
  },
  async start(shared, config, network) {
    const context = shared.context('bank');
    const bic = config.CORRIDOR_BIC as Bic;
    const currencies = currenciesOf(network);
    const signer = signerIn('CORRIDOR_SECRET_KEY_FILE', config.CORRIDOR_SECRET_KEY_FILE);
    const witness = witnessOf(config, network, signer.publicKey, () => context.nowMs());
    const file = config.CORRIDOR_ORDERS_FILE;
    if (file === undefined && config.CORRIDOR_RATE === 0)
      throw new ConfigError('CORRIDOR_RATE=0: expected more than 0 where there is no orders file');
    const orders = file === undefined ? undefined : ordersFrom(file, currencies);
    await checkNetwork(context.log, network);
    const keys = await participantsNow(context).catch(whereThereAreNone);
    checkKey(keys, config, signer.publicKey, network.network);
    const others = [...new Set(keys.map((entry) => entry.bic))];
    const bank = await startBank(context, {
      bic,
      keyId: config.CORRIDOR_KEY_ID,
      network: network.network,
      sign: (text) => signer.sign(text),
      currencies,
      ratePerSecond: config.CORRIDOR_RATE,
      orders:
        orders ??
        randomOrders({
          bic,
          currencies,
          creditorAgents: () => others,
          newUetr: () => randomUUID() as Uetr,
          random: Math.random,
          amountMax: config.CORRIDOR_AMOUNT_MAX,
        }),
    });
    return witness ? together([bank, await startBankWitness(context, witness)]) : bank;
  },
});

/** Before the founding there is no such topic. */
function whereThereAreNone(error: Error & { readonly kind?: string }): ParticipantKey[] {
  if (error.kind === 'topicUnknown') return [];
  throw error;
}

interface KeyConfig {
  readonly CORRIDOR_BIC: string;
  readonly CORRIDOR_KEY_ID: string;
  readonly CORRIDOR_SECRET_KEY_FILE: string;
}

/** Whatever it signed with another key would be refused, one by one. */
function checkKey(
  keys: readonly ParticipantKey[],
  config: KeyConfig,
  publicKey: Uint8Array,
  network: string,
): void {
  const { CORRIDOR_BIC: bic, CORRIDOR_KEY_ID: keyId, CORRIDOR_SECRET_KEY_FILE: file } = config;
  if (keys.length === 0)
    throw new ConfigError(
      `CORRIDOR_BIC=${bic}: network ${network} has announced no participants yet: found it, start clearing and notifier, then this bank`,
    );
  const own = keys.filter((entry) => entry.bic === bic);
  if (own.length === 0)
    throw new ConfigError(`CORRIDOR_BIC=${bic}: no participant of network ${network}`);
  const registered = own.filter(({ state }) => state === 'registered');
  const entry = registered.find((one) => one.keyId === keyId);
  if (!entry)
    throw new ConfigError(
      `CORRIDOR_KEY_ID=${keyId}: expected a key of ${bic}: ${registered.map((one) => one.keyId).join(', ') || 'none is registered'}`,
    );
  if (entry.publicKey !== Buffer.from(publicKey).toString('hex'))
    throw new ConfigError(
      `CORRIDOR_SECRET_KEY_FILE=${file}: is not the key ${keyId} that ${bic} has registered`,
    );
}

function ordersFrom(file: string, currencies: Currencies): Order[] {
  try {
    return readOrders(readFileSync(file, 'utf8'), currencies);
  } catch (error) {
    const { message } = error as Error;
    const where = error instanceof OrderFault ? message : `cannot be read (${message})`;
    throw new ConfigError(`CORRIDOR_ORDERS_FILE=${file}: ${where}`);
  }
}

interface WitnessConfig {
  readonly CORRIDOR_BIC: string;
  readonly CORRIDOR_WITNESS_KEY_FILE?: string;
  readonly CORRIDOR_WITNESS_NAME?: string;
  readonly CORRIDOR_WITNESS_FOLDER?: string;
  readonly CORRIDOR_WITNESS_GATEWAY?: string;
}

/** Null: this bank witnesses nothing. */
function witnessOf(
  config: WitnessConfig,
  network: Network,
  paymentKey: Uint8Array,
  nowMs: () => number,
): BankWitnessOptions | null {
  const { CORRIDOR_WITNESS_KEY_FILE: file, CORRIDOR_WITNESS_FOLDER: folder } = config;
  const { CORRIDOR_WITNESS_GATEWAY: gateway } = config;
  if (file === undefined) return null;
  if (folder === undefined || gateway === undefined)
    throw new ConfigError(
      `CORRIDOR_WITNESS_KEY_FILE=${file}: expected CORRIDOR_WITNESS_FOLDER and CORRIDOR_WITNESS_GATEWAY with it`,
    );
  const signer = signerIn('CORRIDOR_WITNESS_KEY_FILE', file);
  if (Buffer.compare(signer.publicKey, paymentKey) === 0)
    throw new ConfigError(
      `CORRIDOR_WITNESS_KEY_FILE=${file}: it is the key of the bank’s payments; expected one that signs nothing else`,
    );
  const name = config.CORRIDOR_WITNESS_NAME ?? witnessName(config.CORRIDOR_BIC);
  const url = gateway.replace(/\/+$/, '');
  return networkWitness(
    network,
    { name, signer, records: recordsIn(folder) },
    {
      hashing: new TreeHashing(compiledCore()),
      nowMs,
      filesOf: (pool) => logFilesAt(`${url}/evidence/pools/${pool}`),
    },
  );
}

function recordsIn(folder: string): NumberedRecords {
  try {
    return new NumberedRecords(folder);
  } catch (error) {
    throw new ConfigError(`CORRIDOR_WITNESS_FOLDER=${folder}: ${(error as Error).message}`);
  }
}

function signerIn(variable: string, file: string): Signer {
  return createSigner(readSecretKeyFile(variable, file, secretKeyFromPem));
}
