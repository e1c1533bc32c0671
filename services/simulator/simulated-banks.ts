import { type Bank, type BankBook, createBank } from '../bank/bank.ts';
import { createSigner } from '../core/verification/signing.ts';
import type { Bic } from '../protocol/names/identifiers.ts';
import { deliveriesOf, statusesOf } from '../protocol/names/topic-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { PlannedMessages } from './planned-messages.ts';
import type { SimulationLog } from './ports.ts';
import { KEY_ID, simulatedSecretKey } from './setup.ts';
import { TopicReader } from './topic-reader.ts';

/** The banks and dealers of a scenario: what they send, and what they learn from their topics. */
export class SimulatedBanks {
  readonly publicKeys = new Map<string, Uint8Array>();
  /** What they send, as planned. */
  readonly messages: PlannedMessages;
  readonly #banks: readonly { bank: Bank; statuses: TopicReader; deliveries: TopicReader }[];

  constructor(scenario: Scenario, log: SimulationLog, signatures: boolean, forgets: boolean) {
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
        ...(signatures && { sign: (text: Uint8Array) => signer.sign(text) }),
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
