import { type Bank, type BankBook, createBank } from '../bank/bank.ts';
import { createSigner } from '../core/signing.ts';
import type { Bic, Uetr } from '../protocol/identifiers.ts';
import type { PaymentInstruction } from '../protocol/instruction.ts';
import type { Message } from '../protocol/message.ts';
import { deliveriesOf, statusesOf } from '../protocol/topics.ts';
import type { SimulationLog } from './ports.ts';
import type { PlannedQuote } from './scenario/rates.ts';
import type { Scenario } from './scenario/scenario.ts';
import type { PlannedPayment } from './scenario/traffic.ts';
import { KEY_ID, simulatedSecretKey } from './setup.ts';
import { TopicReader } from './topic-reader.ts';

/** The banks and dealers of a scenario: what they send, and what they learn from their topics. */
export class SimulatedBanks {
  readonly publicKeys = new Map<string, Uint8Array>();
  readonly #scenario: Scenario;
  readonly #banks: readonly { bank: Bank; statuses: TopicReader; deliveries: TopicReader }[];

  constructor(scenario: Scenario, log: SimulationLog, signatures: boolean, forgets: boolean) {
    this.#scenario = scenario;
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
  }

  #name(participant: number): Bic {
    return this.#scenario.participants[participant]?.bic as Bic;
  }

  #code(currency: number): string {
    return this.#scenario.currencies[currency]?.code as string;
  }

  /** The signed message of a payment as planned. */
  pay(planned: PlannedPayment): Message {
    const { atMs, endToEndId, debtorAgent, creditorAgent, currency2, amount2Minor } = planned;
    const bank = this.#banks[debtorAgent]?.bank as Bank;
    if (planned.isRepeat) return { ...bank.repeat(planned.uetr, atMs), timestampMs: atMs };
    const converts = planned.dealer !== null && currency2 !== null && amount2Minor !== null;
    const payment: PaymentInstruction = {
      messageId: endToEndId,
      endToEndId,
      uetr: planned.uetr as Uetr,
      instructingAgent: this.#name(debtorAgent),
      debtorAgent: this.#name(debtorAgent),
      creditorAgent: this.#name(creditorAgent),
      currency: this.#code(planned.currency),
      amountMinor: planned.amountMinor,
      settlementDate: planned.businessDate,
      priority: planned.priority,
      conversion:
        converts && planned.rate
          ? {
              dealer: this.#name(planned.dealer),
              currency: this.#code(currency2),
              amountMinor: amount2Minor,
              rate: planned.rate,
            }
          : null,
    };
    const customers = {
      debtor: 'Debtor of the simulation',
      creditor: 'Creditor of the simulation',
    };
    const message = bank.pay(payment, customers, atMs);
    return { ...(planned.corrupt ? corrupted(message) : message), timestampMs: atMs };
  }

  quote({ atMs, id, quote, validUntilMs }: PlannedQuote): Message {
    const bank = this.#banks[quote.dealer]?.bank as Bank;
    const message = bank.quote(
      {
        id: id as Uetr,
        dealer: this.#name(quote.dealer),
        baseCurrency: this.#code(quote.from),
        quoteCurrency: this.#code(quote.to),
        rate: quote.rate,
        coversMinor: quote.coveredMinor,
        validUntilMs,
      },
      atMs,
    );
    return { ...message, timestampMs: atMs };
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

/** The same message with one bit of its signature flipped. */
function corrupted(message: Message): Message {
  const signature = Buffer.from(message.headers.ce_signature ?? '', 'base64');
  signature.writeUInt8(signature.readUInt8(0) ^ 1, 0);
  return {
    ...message,
    headers: { ...message.headers, ce_signature: signature.toString('base64') },
  };
}
