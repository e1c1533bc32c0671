import { type Bank, type BankBook, createBank } from '../bank/bank.ts';
import { createSigner } from '../core/verification/signing.ts';
import type { BatchSigning, Unsigned } from '../core/verification/signing-thread.ts';
import type { Bic } from '../protocol/names/identifiers.ts';
import type { Message } from '../protocol/names/message.ts';
import { deliveriesOf, statusesOf } from '../protocol/names/topic-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { PlannedMessages } from './planned-messages.ts';
import { KEY_ID, simulatedSecretKey } from './setup.ts';
import type { SimulationLog } from './simulation-log.ts';
import { TopicReader } from './topic-reader.ts';

/** Stands in a message until its signature is there. */
const UNSIGNED = new Uint8Array(64);
const UNSIGNED_TEXT = Buffer.from(UNSIGNED).toString('base64');

/** The banks and dealers of a scenario: what they send, and what they learn from their topics. */
export class SimulatedBanks {
  readonly publicKeys = new Map<string, Uint8Array>();
  /** What they send, as planned. */
  readonly messages: PlannedMessages;
  /** Null: each message is signed as it is written, or none is. */
  readonly #signing: BatchSigning | null;
  /** Of the messages that were written last, in their order. */
  #unsigned: Unsigned[] = [];
  readonly #banks: readonly { bank: Bank; statuses: TopicReader; deliveries: TopicReader }[];

  /** @param signing signs for the scenario's participants, by their numbers */
  constructor(
    scenario: Scenario,
    log: SimulationLog,
    signatures: boolean,
    signing: BatchSigning | null,
    forgets: boolean,
  ) {
    this.#signing = signing;
    const decimalsOf = new Map(
      scenario.currencies.map(({ code, minorUnits }) => [code, minorUnits]),
    );
    this.#banks = scenario.participants.map((participant, index) => {
      const bic = participant.bic as Bic;
      const signer = createSigner(simulatedSecretKey(scenario.seed, bic));
      this.publicKeys.set(bic, signer.publicKey);
      const bank = createBank({
        bic,
        keyId: KEY_ID,
        network: scenario.network,
        ...(signatures && {
          sign: signing
            ? (text: Uint8Array) => {
                this.#unsigned.push({ key: index, text });
                return UNSIGNED;
              }
            : (text: Uint8Array) => signer.sign(text),
        }),
        decimals: (currency) => decimalsOf.get(currency) as number,
        keepsSent: scenario.repeatMessages.some((rule) => rule.participant === index),
      });
      return {
        bank,
        statuses: new TopicReader(log, statusesOf(bic), 0, forgets),
        deliveries: new TopicReader(log, deliveriesOf(bic), 0, forgets),
      };
    });
    this.messages = new PlannedMessages(
      scenario,
      (participant) => this.#banks[participant]?.bank as Bank,
    );
  }

  /**
   * Messages with their signatures, which are made beside what is done meanwhile.
   * @param messages all that were written since the last time
   */
  async signed(messages: readonly Message[]): Promise<readonly Message[]> {
    const unsigned = this.#unsigned;
    this.#unsigned = [];
    if (this.#signing === null || unsigned.length === 0) return messages;
    const signatures = await this.#signing.sign(unsigned);
    return messages.map((message, index) =>
      withSignature(message, Buffer.from((signatures[index] as Uint8Array).buffer)),
    );
  }

  /** Each bank reads what is new in its own topics. */
  async receive(): Promise<void> {
    for (const { bank, statuses, deliveries } of this.#banks) {
      for (const { value } of await statuses.readNew()) bank.takeStatus(value);
      for (const _ of await deliveries.readNew()) bank.takeDelivery();
    }
  }

  /** What all banks know together of their own payments. */
  books(): BankBook {
    const total = { sent: 0, pending: 0, settled: 0, rejected: 0, cancelled: 0, received: 0 };
    const sum: BankBook = { ...total, answers: 0, unmatched: 0 };
    for (const { bank } of this.#banks) {
      const book = bank.book();
      for (const key of Object.keys(sum) as (keyof BankBook)[]) sum[key] += book[key];
    }
    return sum;
  }
}

/** What was flipped before the signature was there is flipped in it. */
function withSignature(message: Message, signature: Buffer): Message {
  const { ce_signature: flipped = UNSIGNED_TEXT } = message.headers;
  if (flipped !== UNSIGNED_TEXT)
    for (const [at, bits] of Buffer.from(flipped, 'base64').entries())
      signature.writeUInt8(signature.readUInt8(at) ^ bits, at);
  // The message is nobody else's yet: a copy of it and of its headers would take longer than all else here.
  (message.headers as Record<string, string>).ce_signature = signature.toString('base64');
  return message;
}
