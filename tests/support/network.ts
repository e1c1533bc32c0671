import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { NodeSecrets } from '../../services/notifier/node-signer.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { writeCreditTransfer } from '../../services/protocol/messages/credit-transfer.ts';
import { CREDIT_TRANSFER } from '../../services/protocol/messages/message-types.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { headersForHttp } from '../../services/protocol/names/http-headers.ts';
import { envelopeHeaders } from '../../services/protocol/names/message-headers.ts';
import { QUERY, querySigningText } from '../../services/protocol/names/signed-query.ts';
import { payloadDigest, signingText } from '../../services/protocol/names/signing-text.ts';
import {
  PARTICIPANTS,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
  topicPlan,
} from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord, Genesis } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { readParticipantMessage } from '../../services/protocol/records/participant-message.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { PoolPath } from '../../services/simulator/clear-and-notify.ts';
import {
  genesisRecords,
  KEY_ID,
  simulatedSecretKey,
} from '../../services/simulator/keys-and-genesis.ts';
import { TopicReader } from '../../services/simulator/run-topic-reader.ts';
import { createVerifier } from '../../services/verifier/verifier.ts';
import { load } from './run.ts';

const wasm = compiledCore();
const PARTITIONS = 2;
const DAY_MS = 86_400_000;

/** As a genesis names it. */
export const nodeKeyOf = (secretKey: Uint8Array) => ({
  keyId: 'node-1',
  publicKey: Buffer.from(createSigner(secretKey).publicKey).toString('hex'),
});

export const today = (): string => new Date().toISOString().slice(0, 10);

export interface TestNetworkOptions {
  readonly scenario?: Scenario;
  /** Public key of the operator, for the genesis. */
  readonly operatorKey?: string;
  /** Other operators, and how many must agree; for the genesis. */
  readonly operators?: Genesis['operators'];
  /** Secret key of the clearing node, with which it signs statements. */
  readonly nodeKey?: Uint8Array;
  /** PEM of its secret keys; default: of that one. */
  readonly nodeKeys?: () => string;
  /** Sizes of the tables beside what the scenario needs. */
  readonly limits?: Partial<Genesis['limits']>;
  /** For the genesis; absent: the network has no chains. */
  readonly chainLegsMax?: number;
  /** For the genesis: chains may have conditions, and attestations are taken. */
  readonly conditions?: boolean;
  /** Pass the request to cancel a settled payment on. */
  readonly passesRecalls?: boolean;
  /** Leave the currencies closed. */
  readonly closed?: boolean;
}

/**
 * A live network in one process: a verifier, and clearing and notifier of each pool, over a log and on
 * the wall clock, as the services run them. `start` makes it move by itself; `step` moves it once.
 */
export class TestNetwork {
  readonly scenario: Scenario;
  readonly pools: readonly PoolPath[];
  readonly settlements: readonly ReturnType<typeof createSettlement>[];
  readonly log: Log;
  readonly #options: TestNetworkOptions;
  readonly #payments: readonly TopicReader[];
  readonly #participants: TopicReader;
  readonly #verifier: ReturnType<typeof createVerifier>;
  #moving: Promise<void> | undefined;
  #isStopped = false;

  constructor(log: Log, options: TestNetworkOptions = {}) {
    this.log = log;
    this.#options = options;
    this.scenario = options.scenario ?? load('smoke');
    const { network, pools, currencies } = this.scenario;
    const { nodeKey, nodeKeys } = options;
    const secrets = nodeKey ? new NodeSecrets(nodeKeys ?? (() => secretKeyPem(nodeKey))) : null;
    this.#payments = Array.from(
      { length: PARTITIONS },
      (_, partition) => new TopicReader(log, PAYMENTS, partition, false),
    );
    this.#participants = new TopicReader(log, PARTICIPANTS, 0, false);
    this.settlements = pools.map(() => createSettlement(wasm));
    this.pools = pools.map(
      ({ name }, index) =>
        new PoolPath(network, name, this.settlements[index]!, log, false, { secrets }),
    );
    this.#verifier = createVerifier(
      {
        network,
        currencies: new Map(
          currencies.map(({ code, minorUnits, pool }) => [
            code,
            { minorUnits, pool: pools[pool]!.name },
          ]),
        ),
        defaultPool: pools[0]!.name,
      },
      createVerification(wasm),
    );
  }

  /** Creates the topics and writes each pool's first records. */
  async create(): Promise<void> {
    const { scenario, log } = this;
    const bics = scenario.participants.map(({ bic }) => bic as Bic);
    await log.createTopics(
      topicPlan(
        scenario.pools.map(({ name }) => name),
        bics,
        PARTITIONS,
      ),
    );
    const timeMs = Date.now();
    for (const pool of scenario.pools) {
      const records: ControlRecord[] = genesisRecords(
        scenario,
        pool,
        0,
        (bic) => createSigner(simulatedSecretKey(scenario.seed, bic)).publicKey,
      ).map((record) => ({ ...record, timeMs }));
      const { operatorKey, operators, closed, limits, nodeKey, passesRecalls } = this.#options;
      const { chainLegsMax, conditions } = this.#options;
      if (!closed)
        for (const currency of pool.currencies)
          records.push({
            kind: 'open',
            timeMs,
            currency: scenario.currencies[currency]!.code,
            date: today(),
            closesAtMs: timeMs + DAY_MS,
          });
      const [genesis] = records;
      if ((operatorKey || nodeKey || chainLegsMax) && genesis?.kind === 'genesis')
        records[0] = {
          ...{ ...genesis, foundingRecords: records.length },
          ...(operatorKey && { operatorKey }),
          ...(operators && { operators }),
          ...(nodeKey && { nodeKey: nodeKeyOf(nodeKey) }),
          ...(passesRecalls && { passesRecalls }),
          ...(chainLegsMax && { chainLegsMax }),
          ...(conditions && { conditions }),
          limits: { ...genesis.limits, ...limits },
        };
      await this.append(pool.name, records);
    }
    await this.step();
  }

  async append(pool: string, records: readonly ControlRecord[]): Promise<void> {
    await this.log.produce(
      poolInput(pool),
      records.map((record) => ({ key: pool, value: writeControl(record), headers: {} })),
    );
  }

  /** Takes everything that lies in the topics through the whole path. */
  async step(): Promise<void> {
    for (const { value } of await this.#participants.readNew()) {
      const key = readParticipantMessage(value);
      if (key) this.#verifier.learn(key);
    }
    for (const reader of this.#payments) {
      const { inputs, rejected } = await this.#verifier.verify(await reader.readNew());
      if (rejected.length > 0) await this.log.produce(PAYMENTS_REJECTED, rejected);
      for (const { pool, value } of inputs)
        await this.log.produce(poolInput(pool), [{ key: pool, value, headers: {} }]);
    }
    for (const pool of this.pools)
      for (const { topic, message } of (await pool.step()).messages)
        await this.log.produce(topic, [message]);
  }

  /** Moves by itself until `stop`; a log that is away is waited for. */
  start(): void {
    const move = async () => {
      while (!this.#isStopped) {
        await this.step();
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    this.#moving = move();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#moving;
  }

  signer(bic: string) {
    return createSigner(simulatedSecretKey(this.scenario.seed, bic));
  }

  /** A signed payment as an HTTP request has it. */
  payment(fields: {
    readonly uetr: string;
    readonly from?: string;
    readonly to?: string;
    readonly amountMinor?: bigint;
    readonly issuedAtMs?: number;
    readonly keyId?: string;
  }): { headers: Record<string, string>; payload: Buffer } {
    const { uetr, from = 'ALFADE00', to = 'BETASG00', amountMinor = 1250n } = fields;
    const issuedAtMs = fields.issuedAtMs ?? Date.now();
    const payload = Buffer.from(
      writeCreditTransfer(
        {
          messageId: 'M-1',
          endToEndId: 'E-1',
          uetr: uetr as Uetr,
          instructingAgent: from as Bic,
          debtorAgent: from as Bic,
          creditorAgent: to as Bic,
          currency: 'EUR',
          amountMinor,
          settlementDate: today(),
          priority: 'normal',
          conversion: null,
        },
        { debtor: 'A. Payer', creditor: 'B. Payee' },
        issuedAtMs,
        () => 2,
      ),
    );
    return {
      headers: this.sign(
        ...([PAYMENTS, CREDIT_TRANSFER, from, uetr, issuedAtMs, payload] as const),
        ...([this.signer(from), fields.keyId ?? KEY_ID] as const),
      ),
      payload,
    };
  }

  /** The HTTP headers of a signed message. */
  sign(
    topic: string,
    messageType: string,
    sender: string,
    id: string,
    issuedAtMs: number,
    payload: Uint8Array,
    signer = this.signer(sender),
    keyId = KEY_ID,
  ): Record<string, string> {
    const digest = payloadDigest(payload).toString('hex');
    const { network } = this.scenario;
    const signature = signer.sign(
      signingText({
        network,
        topic,
        messageType,
        sender,
        keyId,
        id,
        issuedAtMs: String(issuedAtMs),
        payloadDigest: digest,
      }),
    );
    return headersForHttp(
      envelopeHeaders({ id, sender, messageType, keyId, issuedAtMs, signature }),
    );
  }

  /** The headers with which a bank reads `target`. */
  reading(bic: string, target: string, issuedAtMs = Date.now()): Record<string, string> {
    const names = { sender: bic, keyId: KEY_ID, id: 'read-1', issuedAtMs };
    const signature = this.signer(bic).sign(
      querySigningText(this.scenario.network, names, 'GET', target),
    );
    const headers = headersForHttp(envelopeHeaders({ ...names, messageType: QUERY, signature }));
    delete headers['content-type'];
    return headers;
  }
}
