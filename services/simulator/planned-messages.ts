import type { Bank } from '../bank/bank.ts';
import { type ChainTerms, termsDigest } from '../protocol/messages/chain.ts';
import type { Customers } from '../protocol/messages/credit-transfer.ts';
import type {
  ChainLegInstruction,
  LegInstruction,
  PaymentInstruction,
} from '../protocol/messages/instruction.ts';
import { timeOnDateText } from '../protocol/messages/settlement-times.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';
import type { Message } from '../protocol/names/message.ts';
import type { PlannedPayment } from '../scenario/planned-payment.ts';
import { legsInPool, type PlannedRequest } from '../scenario/planned-requests.ts';
import type { PlannedQuote } from '../scenario/rates-and-rounding.ts';
import type { PlannedChainLeg, Scenario, ScenarioChain } from '../scenario/scenario.ts';

/** What a scenario plans, as the signed messages of its banks and dealers. */
export class PlannedMessages {
  readonly #scenario: Scenario;
  readonly #bankOf: (participant: number) => Bank;
  readonly #digests = new WeakMap<ScenarioChain, Uint8Array>();

  /** @param bankOf by the participant's number */
  constructor(scenario: Scenario, bankOf: (participant: number) => Bank) {
    this.#scenario = scenario;
    this.#bankOf = bankOf;
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
    const bank = this.#bankOf(planned.debtorAgent);
    if (planned.isRepeat) return { ...bank.repeat(String(planned.uetr), atMs), timestampMs: atMs };
    const message =
      planned.kind === 'leg'
        ? bank.leg(this.#leg(planned), atMs)
        : planned.ofChain
          ? bank.chainLeg(this.#chainLeg(planned, planned.ofChain), atMs)
          : bank.pay(this.#payment(planned), customersOf(planned), atMs);
    return { ...(planned.corrupt ? corrupted(message) : message), timestampMs: atMs };
  }

  #payment(planned: PlannedPayment): PaymentInstruction {
    const { dealer, currency2, amount2Minor, rate, times } = planned;
    const converts = dealer !== null && currency2 !== null && amount2Minor !== null && rate;
    return {
      messageId: planned.endToEndId,
      endToEndId: planned.endToEndId,
      uetr: `${planned.uetr}` as Uetr,
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
      uetr: `${planned.uetr}` as Uetr,
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

  #chainLeg(
    planned: PlannedPayment,
    { chain, legNumber }: PlannedChainLeg,
  ): Omit<ChainLegInstruction, 'termsDigest'> {
    return {
      ...this.chainTerms(chain),
      messageId: `${planned.uetr}`.slice(0, 35),
      uetr: `${planned.uetr}` as Uetr,
      instructingAgent: this.#name(planned.debtorAgent),
      legNumber,
      priority: planned.priority,
      ...(planned.times && { times: planned.times }),
    };
  }

  /** What the banks of a chain agree on. */
  chainTerms(chain: ScenarioChain): ChainTerms {
    const { condition, earmark, synchronised } = chain;
    const settlementDate = this.#scenario.businessDates[chain.dateIndex] as string;
    return {
      chainId: chain.id,
      settlementDate,
      ...(condition && {
        condition: {
          groups: condition.groups.map((group) => ({
            ...group,
            attestors: group.attestors.map((attestor) => this.#name(attestor)),
          })),
          threshold: condition.threshold,
          deadline:
            condition.deadlineMs === null
              ? null
              : timeOnDateText(condition.deadlineMs, settlementDate),
          onSilence: condition.onSilence,
        },
      }),
      ...(earmark && {
        earmark: {
          ...{ when: earmark.when, onExpiry: earmark.onExpiry },
          expiry: timeOnDateText(earmark.expiryMs, settlementDate),
        },
      }),
      ...(synchronised && {
        synchronised: {
          operator: this.#name(synchronised.operator),
          homeLegs: synchronised.homeLegs,
        },
      }),
      legs: chain.legs.map((leg) => ({
        debtorAgent: this.#name(leg.debtorAgent),
        creditorAgent: this.#name(leg.creditorAgent),
        code: this.#code(leg.currency),
        minor: leg.amountMinor,
      })),
    };
  }

  /** SHA-256 of the terms of a chain, by which what is attested names it. */
  termsDigestOf(chain: ScenarioChain): Uint8Array {
    let digest = this.#digests.get(chain);
    if (!digest) {
      digest = termsDigest(this.#scenario.network, this.chainTerms(chain));
      this.#digests.set(chain, digest);
    }
    return digest;
  }

  /** The signed message of a cancellation, re-ordering, return, limit, reservation or attestation. */
  request(planned: PlannedRequest): Message {
    const { atMs, id, participant } = planned;
    const bank = this.#bankOf(participant);
    const sender = this.#name(participant);
    const currency = this.#code(planned.currency);
    const sent = () => {
      switch (planned.kind) {
        case 'cancellation':
        case 'reordering': {
          const { paymentType, priority, move } = planned;
          const about = { id, uetr: `${planned.uetr}` as Uetr, paymentType, currency };
          return planned.kind === 'cancellation'
            ? bank.cancel({ ...about, sender }, atMs, planned.amountMinor)
            : bank.reorder({ ...about, priority, move }, atMs);
        }
        case 'return': {
          const { originalMessageId, paymentType, amountMinor, priority } = planned;
          const uetr = `${planned.uetr}` as Uetr;
          const about = { id, uetr, paymentType, originalMessageId, sender };
          const receiver = this.#name(planned.receiver);
          const terms = { currency, amountMinor, settlementDate: planned.businessDate, priority };
          return bank.giveBack({ ...about, receiver, ...terms }, RETURN_REASON, atMs);
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
        case 'attestation': {
          const { chain, verdict, validUntilMs, reason, createdAtMs } = planned;
          const digest = this.termsDigestOf(chain);
          const settlementDate = this.#scenario.businessDates[chain.dateIndex] as string;
          const legCount = legsInPool(this.#scenario, chain, planned.currency);
          const of = { settlementDate, legCount, validUntilMs, reason };
          const said = { id, sender, verdict, digest, chain: of, recordKind: null, currency };
          return bank.attestation(said, atMs, createdAtMs);
        }
        case 'record': {
          const { digest, recordKind, counter, createdAtMs } = planned;
          const counted = counter === null ? {} : { counter };
          const said = {
            id,
            sender,
            verdict: 'recorded',
            digest,
            chain: null,
            ...counted,
          } as const;
          return bank.attestation({ ...said, recordKind, currency }, atMs, createdAtMs);
        }
      }
    };
    const message = sent();
    const isForged = 'isForged' in planned && planned.isForged === true;
    return { ...(isForged ? corrupted(message) : message), timestampMs: atMs };
  }

  quote({ atMs, id, quote, validUntilMs }: PlannedQuote): Message {
    const message = this.#bankOf(quote.dealer).quote(
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
}

/** The account is closed. */
const RETURN_REASON = 'AC04';

const CUSTOMERS = {
  debtor: 'Debtor of the simulation',
  creditor: 'Creditor of the simulation',
};

/** Null: its bank pays on its own account. */
function customersOf({ kind, accounts }: PlannedPayment): Customers | null {
  if (kind === 'bank') return null;
  return accounts ? { ...CUSTOMERS, accounts } : CUSTOMERS;
}

/** The same message with one bit of its signature flipped. */
export function corrupted(message: Message): Message {
  const signature = Buffer.from(message.headers.ce_signature ?? '', 'base64');
  signature.writeUInt8(signature.readUInt8(0) ^ 1, 0);
  return {
    ...message,
    headers: { ...message.headers, ce_signature: signature.toString('base64') },
  };
}
