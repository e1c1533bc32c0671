/** A live network whose pool is sealed into a folder when it stops, gateways before it, and payments of a bank. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretKeyFromPem } from '../../services/core/verification/signing.ts';
import { startGateway } from '../../services/gateway/gateway-service.ts';
import type { Network } from '../../services/live/network.ts';
import { readSigned } from '../../services/onboarding/gateway-client.ts';
import { logReader } from '../../services/platform/service/seal-folders.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { deliveriesOf, PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { logKeysFolder, logsFolder, makeLogKey } from '../../services/sandbox/secret-keys.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { hashing } from '../evidence/sample-log.ts';
import { ALFA, bankAs, CUSTOMERS, type paymentOf } from '../faults/banks.ts';
import { sealIn } from '../faults/seal-check.ts';
import { signerOf } from '../faults/traffic.ts';
import {
  liveNetwork,
  memoryLog,
  POOL,
  processOver,
  scenario,
  startNetwork,
  until,
} from './live.ts';

const NEVER_MS = 1e9;

export function createSealedNetwork() {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-sealed-network-'));
  const log = memoryLog();
  const { network, pools } = liveNetwork;
  const logKey = makeLogKey(folder, network, POOL);
  const sealed: Network = { ...liveNetwork, pools: pools.map((pool) => ({ ...pool, logKey })) };
  return {
    ...{ folder, log, logKey },
    /** With which the log signs. */
    logSecret: () =>
      secretKeyFromPem(readFileSync(join(logKeysFolder(folder), POOL, 'log.pem'), 'utf8')),
    start: () => startNetwork(log, { sealOf: (pool) => sealIn(folder, network, pool, NEVER_MS) }),
    /** @param of the network as its gateway knows it: with its log's key, or without */
    startDoor(name: string, policy?: string, of: Network = sealed) {
      const shared = processOver(log);
      return startGateway(shared.context('gateway'), {
        ...{ network: of, version: 'test', registry: shared.registry, name },
        ...{ host: '127.0.0.1', port: 0 },
        logs: { read: logReader(logsFolder(folder)), hashing: () => hashing },
        ...(policy !== undefined && { policy }),
      });
    },
    /** Resolves when the other bank has it. */
    async pay(payment: ReturnType<typeof paymentOf>): Promise<void> {
      await log.produce(PAYMENTS, [bankAs(scenario, ALFA).pay(payment, CUSTOMERS, Date.now())]);
      await until('it is delivered', async () =>
        (await log.read(deliveriesOf(payment.creditorAgent as Bic), 0, 0, 100)).some(
          ({ key }) => key === payment.uetr,
        ),
      );
    },
    /** What a gateway tells a bank. */
    read: (url: string, bic: string, target: string) =>
      readSigned({ url, network, signer: signerOf(scenario, bic), keyId: KEY_ID }, bic, target),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
