import { createHash } from 'node:crypto';
import { createBank } from '../bank/bank.ts';
import { reasonNumber } from '../core/settlement/reasons.ts';
import {
  BANK_TRANSFER,
  CREDIT_TRANSFER,
  type Currencies,
  LEG,
  MESSAGE_TYPES,
} from '../protocol/messages/instruction.ts';
import { type Instruction, readPayload } from '../protocol/messages/payload.ts';
import { type Envelope, isFault, readEnvelope } from '../protocol/names/envelope.ts';
import { type Bic, type Uetr, uetrBytes } from '../protocol/names/identifiers.ts';
import type { Message } from '../protocol/names/message.ts';
import {
  INT64_MAX,
  parseRate,
  RATE_PATTERN,
  type Rate,
  rateText,
} from '../protocol/names/money.ts';
import { readVerified } from '../protocol/records/input-record.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import type { PlannedPayment } from '../scenario/planned-payment.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { PlannedAction } from '../scenario/timeline.ts';
import { judge, placeIn, saidIn } from '../verifier/input-record-writer.ts';
import { PlannedMessages } from './planned-messages.ts';
import { currenciesOf, KEY_ID } from './setup.ts';

/** What a participant sends, as its pool's clearing takes it. */
export interface PlacedRecord {
  readonly pool: number;
  readonly record: VerifiedRecord;
}

/** A message that a participant sends: all but the operator's records. */
export type MessageAction = Extract<PlannedAction, { kind: 'payment' | 'quote' | 'request' }>;

/**
 * Planned messages as the records that a verifier makes of them, without the messages. A payment whose
 * document cannot but be read is taken as it is planned, and a stand-in takes the place of its
 * document's digest. Any other message is written and read as by a bank and a verifier.
 */
export class DirectRecords {
  readonly #scenario: Scenario;
  readonly #signatures: boolean;
  readonly #publicKeyOf: (bic: string) => Uint8Array;
  readonly #messages: PlannedMessages;
  readonly #currencies: Currencies;
  readonly #pools: ReadonlyMap<string, number>;
  readonly #defaultPool: string;
  /** As documents tell them; null: none can. */
  readonly #rates = new Map<Rate, Rate | null>();

  constructor(scenario: Scenario, signatures: boolean, publicKeyOf: (bic: string) => Uint8Array) {
    this.#scenario = scenario;
    this.#signatures = signatures;
    this.#publicKeyOf = publicKeyOf;
    this.#currencies = currenciesOf(scenario);
    this.#pools = new Map(scenario.pools.map(({ name }, pool) => [name, pool]));
    this.#defaultPool = scenario.pools[0]?.name as string;
    const decimals = (code: string) => this.#currencies.get(code)?.minorUnits as number;
    const { network, participants } = scenario;
    // A bank of a moment: it keeps no book of what it writes here.
    this.#messages = new PlannedMessages(scenario, (participant) => {
      const bic = participants[participant]?.bic as Bic;
      return createBank({ bic, keyId: KEY_ID, network, decimals });
    });
  }

  of(action: MessageAction): PlacedRecord {
    if (action.kind === 'payment') {
      const { payment } = action;
      const plain = this.#isForged(payment) ? null : this.#plain(payment);
      return plain ?? this.#judged(this.#document(payment), payment.atMs, this.#isForged(payment));
    }
    const message =
      action.kind === 'quote'
        ? this.#messages.quote(action)
        : this.#messages.request(action.request);
    return this.#judged(message, action.atMs, false);
  }

  /** SHA-256 of a payment's document. */
  digest(payment: PlannedPayment): Uint8Array {
    return createHash('sha256').update(this.#document(payment).value).digest();
  }

  #isForged({ corrupt }: PlannedPayment): boolean {
    return corrupt && this.#signatures;
  }

  /** A repeat is the document that was sent first. */
  #document(payment: PlannedPayment): Message {
    const { createdAtMs } = payment;
    return this.#messages.pay({ ...payment, atMs: createdAtMs, isRepeat: false, corrupt: false });
  }

  /** Null where it is for the document's reader to say what becomes of it. */
  #plain(planned: PlannedPayment): PlacedRecord | null {
    const { kind, amountMinor, amount2Minor, times, number } = planned;
    const changesCurrency = planned.currency2 !== null;
    if (!isAmount(amountMinor) || (changesCurrency && !isAmount(amount2Minor ?? 0n))) return null;
    if (times && times.earliest > 0 && times.latest > 0 && times.latest <= times.earliest)
      return null;
    if (kind === 'bank' && changesCurrency) return null;
    const instruction = this.#instruction(planned);
    if (!instruction) return null;
    const { pool, reason } = placeIn(instruction, {
      currencies: this.#currencies,
      defaultPool: this.#defaultPool,
    });
    const { kind: saidKind, content } = saidIn(instruction);
    const sender = this.#scenario.participants[planned.debtorAgent]?.bic as string;
    const record = {
      kind: saidKind,
      messageType: TYPE_NUMBERS[kind],
      reason,
      appendedAtMs: planned.atMs,
      issuedAtMs: planned.createdAtMs,
      id: uetrBytes(planned.uetr as Uetr),
      payloadDigest: standIn(number),
      publicKey: this.#publicKeyOf(sender),
      sender,
      partition: 0,
      logOffset: 0,
      payloadOmitted: true,
      content,
    } as VerifiedRecord;
    return { pool: this.#pools.get(pool) as number, record };
  }

  #instruction(planned: PlannedPayment): Instruction | null {
    if (planned.kind === 'leg') {
      const leg = this.#messages.leg(planned);
      return Object.assign(leg, { kind: 'pvpLeg' as const });
    }
    const payment = this.#messages.payment(planned);
    const { conversion } = payment;
    if (!conversion) return Object.assign(payment, { kind: 'payment' as const });
    const rate = this.#asTold(conversion.rate);
    if (!rate) return null;
    return Object.assign(payment, {
      kind: 'payment' as const,
      conversion: { ...conversion, rate },
    });
  }

  /** A rate as a document tells it. */
  #asTold(rate: Rate): Rate | null {
    let told = this.#rates.get(rate);
    if (told === undefined) {
      const text = rateText(rate);
      told = RATE.test(text) ? parseRate(text) : null;
      this.#rates.set(rate, told);
    }
    return told;
  }

  /** What the verifier makes of a message. */
  #judged({ value, headers }: Message, atMs: number, isForged: boolean): PlacedRecord {
    const envelope = readEnvelope(headers);
    if (isFault(envelope)) throw new Error(`a simulated message lacks a good ${envelope.header}`);
    const { pool, value: written } = judge({
      message: { partition: 0, logOffset: 0, timestampMs: atMs, value, headers },
      envelope,
      digest: createHash('sha256').update(value).digest(),
      payload: readPayload(envelope, value, this.#currencies),
      keepsPayload: false,
      defaultPool: this.#defaultPool,
      currencies: this.#currencies,
      outcome: this.#outcome(envelope, isForged),
    });
    return { pool: this.#pools.get(pool) as number, record: readVerified(written) };
  }

  #outcome({ sender }: Envelope, isForged: boolean) {
    if (isForged) return { authentic: false, reason: reasonNumber('signatureInvalid') } as const;
    return { authentic: true, publicKey: this.#publicKeyOf(sender) } as const;
  }
}

const RATE = new RegExp(RATE_PATTERN);
const TYPE_NUMBERS = {
  customer: MESSAGE_TYPES.indexOf(CREDIT_TRANSFER),
  bank: MESSAGE_TYPES.indexOf(BANK_TRANSFER),
  leg: MESSAGE_TYPES.indexOf(LEG),
} as const;

const isAmount = (minor: bigint): boolean => minor > 0n && minor <= INT64_MAX;

/** Zeros behind the payment's number, which its repeat has too: no document has such a digest. */
function standIn(number: number): Uint8Array {
  const digest = new Uint8Array(32);
  new DataView(digest.buffer).setFloat64(0, number + 1, true);
  return digest;
}

/** The payment's number; null for a digest that is one. */
export function stoodInFor(digest: Uint8Array): number | null {
  for (let at = 8; at < 32; at++) if (digest[at] !== 0) return null;
  return new DataView(digest.buffer, digest.byteOffset, 8).getFloat64(0, true) - 1;
}
