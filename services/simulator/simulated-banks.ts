import { type Bank, type BankBook, createBank } from '../bank/bank.ts';
import { createSigner } from '../core/signing.ts';
import type { Bic, Uetr } from '../protocol/identifiers.ts';
import type { LegInstruction, PaymentInstruction } from '../protocol/instruction.ts';
import type { Message } from '../protocol/message.ts';
import { deliveriesOf, statusesOf } from '../protocol/topics.ts';
import type { SimulationLog } from './ports.ts';
import type { PlannedRequest } from './scenario/planned-requests.ts';
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

  #bank(participant: number): Bank {
    return this.#banks[participant]?.bank as Bank;
  }

  #name(participant: number): Bic {
    return this.#scenario.participants[participant]?.bic as Bic;
  }

  #code(currency: number): string {
    return this.#scenario.currencies[currency]?.code as string;
  }

  /** The signed message of a payment or leg as planned. */
  pay(planned: PlannedPayment): Message {
    const { atMs } = planned;
    const bank = this.#bank(planned.debtorAgent);
    if (planned.isRepeat) return { ...bank.repeat(planned.uetr, atMs), timestampMs: atMs };
    const message =
      planned.kind === 'leg'
        ? bank.leg(this.#leg(planned), atMs)
        : bank.pay(this.#payment(planned), planned.kind === 'bank' ? null : CUSTOMERS, atMs);
    return { ...(planned.corrupt ? corrupted(message) : message), timestampMs: atMs };
  }

  #payment(planned: PlannedPayment): PaymentInstruction {
    const { dealer, currency2, amount2Minor, rate, times } = planned;
    const converts = dealer !== null && currency2 !== null && amount2Minor !== null && rate;
    return {
      messageId: planned.endToEndId,
      endToEndId: planned.endToEndId,
      uetr: planned.uetr as Uetr,
      instructingAgent: this.#name(planned.debtorAgent),
      debtorAgent: this.#name(planned.debtorAgent),
      creditorAgent: this.#name(planned.creditorAgent),
      currency: this.#code(planned.currency),
      amountMinor: planned.amountMinor,
      settlementDate: planned.businessDate,
      priority: planned.priority,
      conversion: converts
        ? {
            dealer: this.#name(dealer),
            currency: this.#code(currency2),
            amountMinor: amount2Minor,
            rate,
          }
        : null,
      ...(times && { times }),
    };
  }

  #leg(planned: PlannedPayment): LegInstruction {
    return {
      messageId: planned.endToEndId,
      endToEndId: planned.endToEndId,
      uetr: planned.uetr as Uetr,
      instructingAgent: this.#name(planned.debtorAgent),
      counterparty: this.#name(planned.creditorAgent),
      delivers: this.#code(planned.currency),
      deliversMinor: planned.amountMinor,
      receives: this.#code(planned.currency2 as number),
      receivesMinor: planned.amount2Minor as bigint,
      settlementDate: planned.businessDate,
      priority: planned.priority,
      ...(planned.times && { times: planned.times }),
    };
  }

  /** The signed message of a cancellation, re-ordering, limit or reservation. */
  request(planned: PlannedRequest): Message {
    const { atMs, id, participant } = planned;
    const bank = this.#bank(participant);
    const sender = this.#name(participant);
    const currency = this.#code(planned.currency);
    const sent = () => {
      switch (planned.kind) {
        case 'cancellation':
        case 'reordering': {
          const { paymentType, priority, move } = planned;
          const about = { id, uetr: planned.uetr as Uetr, paymentType, currency };
          return planned.kind === 'cancellation'
            ? bank.cancel({ ...about, sender }, atMs, planned.amountMinor)
            : bank.reorder({ ...about, priority, move }, atMs);
        }
        case 'limit': {
          const { counterparty, limitMinor } = planned;
          const against = counterparty === null ? null : this.#name(counterparty);
          return bank.limit({ id, sender, currency, counterparty: against, limitMinor }, atMs);
        }
        case 'reservation': {
          const { priority, amountMinor } = planned;
          return bank.reserve({ id, sender, currency, priority, amountMinor }, atMs);
        }
      }
    };
    return { ...sent(), timestampMs: atMs };
  }

  quote({ atMs, id, quote, validUntilMs }: PlannedQuote): Message {
    const message = this.#bank(quote.dealer).quote(
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

const CUSTOMERS = {
  debtor: 'Debtor of the simulation',
  creditor: 'Creditor of the simulation',
};

/** The same message with one bit of its signature flipped. */
function corrupted(message: Message): Message {
  const signature = Buffer.from(message.headers.ce_signature ?? '', 'base64');
  signature.writeUInt8(signature.readUInt8(0) ^ 1, 0);
  return {
    ...message,
    headers: { ...message.headers, ce_signature: signature.toString('base64') },
  };
}
