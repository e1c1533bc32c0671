/** A network on a log in memory, whose operator commands it and asks through its gateways. */
import { createHash, randomUUID } from 'node:crypto';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import {
  OPERATOR,
  OPERATOR_COMMAND,
  OPERATOR_KEY_ID,
} from '../../services/protocol/messages/operator-command.ts';
import { QUERY } from '../../services/protocol/names/signed-query.ts';
import { poolInput } from '../../services/protocol/names/topic-plan.ts';
import { buildTestGateway } from './gateway.ts';
import { TestNetwork } from './network.ts';

/** Of somebody of that name. */
export const namedSigner = (name: string): Signer =>
  createSigner(createHash('sha256').update(name).digest());

export interface GivenCommand {
  readonly id?: string;
  readonly signer?: Signer;
  /** Beside the command. */
  readonly more?: object;
}

export function createOperatedNetwork() {
  const operator = namedSigner('operator');
  const log = createMemoryLog({ now: Date.now });
  const network = new TestNetwork(log, {
    operatorKey: Buffer.from(operator.publicKey).toString('hex'),
  });
  return {
    ...{ log, network },
    build: () => buildTestGateway({ network: network.scenario.network, log, name: randomUUID() }),
    give(
      gateway: Gateway,
      command: object,
      { id = randomUUID(), signer = operator, more = {} }: GivenCommand = {},
    ) {
      const payload = Buffer.from(JSON.stringify({ pool: 'main', command, ...more }));
      const headers = network.sign(
        ...([poolInput('main'), OPERATOR_COMMAND, OPERATOR, id, Date.now(), payload] as const),
        signer,
        OPERATOR_KEY_ID,
      );
      return gateway.app.inject({ method: 'POST', url: '/operator/commands', headers, payload });
    },
    ask(gateway: Gateway, url: string, signer = operator, keyId = OPERATOR_KEY_ID) {
      const payload = Buffer.from(`GET ${url}`);
      const { 'content-type': _, ...headers } = network.sign(
        ...(['http', QUERY, OPERATOR, randomUUID(), Date.now(), payload] as const),
        signer,
        keyId,
      );
      return gateway.app.inject({ method: 'GET', url, headers });
    },
  };
}
