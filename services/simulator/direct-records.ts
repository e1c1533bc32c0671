import { createBank } from '../bank/bank.ts';
import {
  type CoreTerms,
  writeAttestationRecord,
  writeChainTerms,
  writeFurtherTerms,
  writeTerms,
} from '../clearing/message-encoder.ts';
import { setNumber } from '../clearing/record-encoder.ts';
import { reasonNumber } from '../core/settlement/reasons.ts';
import {
  RECORD_OFFSETS as AT,
  NONE16,
  NONE32,
  type RecordKind,
} from '../core/settlement/records.ts';
import { maximumOf } from '../protocol/messages/amounts.ts';
import { conditionOfPart, earmarkOfPart, partOf } from '../protocol/messages/chain.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import {
  ATTESTATION,
  BANK_TRANSFER,
  CHAIN,
  CREDIT_TRANSFER,
  LEG,
  MESSAGE_TYPES,
} from '../protocol/messages/message-types.ts';
import { readPayload } from '../protocol/messages/payload.ts';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { matchKey } from '../protocol/messages/pvp-leg.ts';
import { timeOnDate } from '../protocol/messages/settlement-times.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { dayNumber } from '../protocol/names/dates.ts';
import type { Message } from '../protocol/names/message.ts';
import { type Envelope, isFault, readEnvelope } from '../protocol/names/message-headers.ts';
import {
  INT64_MAX,
  parseRate,
  RATE_PATTERN,
  type Rate,
  rateText,
} from '../protocol/names/minor-units.ts';
import { payloadDigest } from '../protocol/names/signing-text.ts';
import { idDigest } from '../protocol/names/text-digest.ts';
import { readVerified } from '../protocol/records/input-record.ts';
import {
  earlier,
  faultBesidePolicy,
  isPreValidated,
  type PolicyCondition,
  policySeconds,
} from '../protocol/records/pre-validation.ts';
import { TERMS_DIGEST_BYTES } from '../protocol/records/verified-content.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import { chainPolicy } from '../scenario/chain-draws.ts';
import { DRAFT, DRAFT_KINDS, DraftRows } from '../scenario/draft-rows.ts';
import type { PlannedPayment } from '../scenario/planned-payment.ts';
import { legsInPool, type PlannedRequest } from '../scenario/planned-requests.ts';
import type { PlannedAction } from '../scenario/run-plan.ts';
import type {
  PaymentKind,
  PlannedChainLeg,
  Scenario,
  ScenarioChain,
  ScenarioCondition,
} from '../scenario/scenario.ts';
import { judge } from '../verifier/pool-and-input-record.ts';
import { KEY_ID, simulatedCurrencies } from './keys-and-genesis.ts';
import { PlannedMessages } from './planned-messages.ts';

/** A message that was read, and the number of its pool. */
export interface PlacedRecord {
  readonly pool: number;
  readonly record: VerifiedRecord;
}

export type AttestationAction = Extract<PlannedRequest, { kind: 'attestation' | 'record' }>;

export const isAttestation = (request: PlannedRequest): request is AttestationAction =>
  request.kind === 'attestation' || request.kind === 'record';

/** As the digest that stands in for its document has it. */
export const standInNumber = ({ number }: AttestationAction): number => -2 - number;

/** A message that a participant sends: all but the operator's records. */
export type MessageAction = Extract<PlannedAction, { kind: 'payment' | 'quote' | 'request' }>;

/**
 * Planned messages as records, without the messages. A payment with which a reader of its document can
 * find no fault is written as the core's record, and a stand-in takes the place of its document's digest.
 * Any other message is written and read as by a bank and a verifier.
 */
export class DirectRecords {
  readonly #signatures: boolean;
  readonly #publicKeyOf: (bic: string) => Uint8Array;
  readonly #messages: PlannedMessages;
  readonly #currencies: Currencies;
  readonly #pools: ReadonlyMap<string, number>;
  readonly #defaultPool: string;
  /** By the scenario's currency: its pool, and its handle there. */
  readonly #poolOf: readonly number[];
  readonly #handleOf: readonly number[];
  /** By the scenario's currency: the most that a document may have; and as a number, for amounts up to 2^53 - 1. */
  readonly #mostOf: readonly bigint[];
  readonly #mostInRow: Float64Array;
  /** By number: days since 1970. */
  readonly #dates: readonly number[];
  /** Whether each payment is looked at by itself: corridors are pre-validated, or keys revoked. */
  readonly #looksAtEach: boolean;
  /** Of the payment that is written. */
  readonly #terms: { -readonly [Term in keyof CoreTerms]: CoreTerms[Term] };
  /** As documents tell them; null: none can. */
  readonly #rates = new Map<Rate, Rate | null>();
  readonly #scenario: Scenario;
  readonly #numbers: ReadonlyMap<string, number>;
  /** Of its home, and of the other part of one over two pools. */
  readonly #policies = new WeakMap<
    ScenarioChain,
    Map<boolean, PolicyCondition | 'refused' | null>
  >();

  /** Of participants whose key is revoked: from when on. */
  readonly #revokedMs: ReadonlyMap<number, number>;

  constructor(scenario: Scenario, signatures: boolean, publicKeyOf: (bic: string) => Uint8Array) {
    this.#scenario = scenario;
    this.#revokedMs = new Map(
      scenario.revocations.map(({ participant, atMs }) => [participant, atMs]),
    );
    this.#numbers = new Map(scenario.participants.map(({ bic }, number) => [bic, number]));
    this.#signatures = signatures;
    this.#publicKeyOf = publicKeyOf;
    this.#currencies = simulatedCurrencies(scenario);
    this.#pools = new Map(scenario.pools.map(({ name }, pool) => [name, pool]));
    this.#defaultPool = scenario.pools[0]?.name as string;
    this.#poolOf = scenario.currencies.map(({ pool }) => pool);
    // As genesisRecords registers them; participants have the scenario's numbers for handles.
    this.#handleOf = scenario.currencies.map(({ pool }, currency) =>
      (scenario.pools[pool]?.currencies ?? []).indexOf(currency),
    );
    this.#terms = {
      ...{ debtorAgent: 0, creditorAgent: 0, currency1: 0, currency2: 0, amount1: 0n, amount2: 0n },
      ...{ settlementDate: 0, priority: 0, earliest: 0, latest: 0 },
    };
    this.#mostOf = scenario.currencies.map(({ code }) => {
      const most = maximumOf(code, this.#currencies) ?? INT64_MAX;
      return most < INT64_MAX ? most : INT64_MAX;
    });
    this.#mostInRow = Float64Array.from(this.#mostOf, Number);
    this.#dates = scenario.businessDates.map((date) => dayNumber(date) as number);
    this.#looksAtEach =
      scenario.settlement.preValidation.length > 0 || scenario.revocations.length > 0;
    const decimals = (code: string) => this.#currencies.get(code)?.minorUnits as number;
    const { network, participants } = scenario;
    // A bank of a moment: it keeps no book of what it writes here.
    this.#messages = new PlannedMessages(scenario, (participant) => {
      const bic = participants[participant]?.bic as Bic;
      return createBank({ bic, keyId: KEY_ID, network, decimals });
    });
  }

  /** Whether a document may have the amount. */
  #isAmount(currency: number, minor: bigint): boolean {
    return minor > 0n && minor <= (this.#mostOf[currency] as bigint);
  }

  /** The pool that a payment reaches as it is planned; null where its document has to be read. */
  poolOf(payment: PlannedPayment): number | null {
    const { kind, amountMinor, currency, currency2, amount2Minor, rate, times } = payment;
    if (this.#isForged(payment) || !this.#isAmount(currency, amountMinor)) return null;
    if (this.#isRevoked(payment.debtorAgent, payment.atMs)) return null;
    if (times && times.earliest > 0 && times.latest > 0 && times.latest <= times.earliest)
      return null;
    const pool = this.#poolOf[currency] as number;
    const hasCorridors = this.#scenario.settlement.preValidation.length > 0;
    if (hasCorridors && !payment.ofChain && this.#isOfCorridor(payment)) return null;
    // Of a chain the document has every leg, whose amounts are judged.
    if (payment.ofChain?.chain.legs.some((leg) => !this.#isAmount(leg.currency, leg.amountMinor)))
      return null;
    if (currency2 === null) return pool;
    if (
      kind === 'bank' ||
      !this.#isAmount(currency2, amount2Minor ?? 0n) ||
      this.#poolOf[currency2] !== pool
    )
      return null;
    return rate && this.#asTold(rate) === null ? null : pool;
  }

  /**
   * The pool that a payment reaches whose row tells all that its record has; null where it has to be looked at as an
   * object. It is in one currency, sent once, and its signature is good.
   */
  poolOfRow({ numbers }: DraftRows, row: number): number | null {
    const at = DraftRows.at(row);
    const currency = numbers[at + DRAFT.currency] as number;
    const amount = numbers[at + DRAFT.amount] as number;
    const isWhole = !this.#looksAtEach && numbers[at + DRAFT.furnished] === 0;
    const isAmount = amount > 0 && amount <= (this.#mostInRow[currency] as number);
    return isWhole && isAmount ? (this.#poolOf[currency] as number) : null;
  }

  /** Writes its record. @param number as `PlannedPayment` has it */
  writeRow(
    record: DataView,
    at: number,
    { numbers }: DraftRows,
    row: number,
    number: number,
  ): void {
    const from = DraftRows.at(row);
    const terms = this.#terms;
    terms.debtorAgent = numbers[from + DRAFT.debtorAgent] as number;
    terms.creditorAgent = numbers[from + DRAFT.creditorAgent] as number;
    terms.currency1 = this.#handleOf[numbers[from + DRAFT.currency] as number] as number;
    terms.currency2 = NONE16;
    terms.amount1 = 0n;
    terms.amount2 = 0n;
    terms.settlementDate = this.#dates[numbers[from + DRAFT.date] as number] as number;
    terms.priority = numbers[from + DRAFT.priority] as number;
    terms.earliest = 0;
    terms.latest = 0;
    writeTerms(record, at, terms);
    setNumber(record, at + AT.amount1, numbers[from + DRAFT.amount] as number);
    for (let word = 0; word < 4; word++)
      record.setInt32(at + AT.id + 4 * word, numbers[from + DRAFT.uetr + word] as number);
    const kind = DRAFT_KINDS[numbers[from + DRAFT.kind] as number] as PaymentKind;
    writeSent(record, at, terms.debtorAgent, number, TYPE_NUMBERS[kind]);
    record.setUint32(at + AT.dealer, NONE32, true);
  }

  termsDigestOf(chain: ScenarioChain): Uint8Array {
    return this.#messages.termsDigestOf(chain);
  }

  /** Writes the core's record of a payment that reaches its pool as planned. */
  write(record: DataView, at: number, planned: PlannedPayment): void {
    const { kind, currency2, dealer, rate, times } = planned;
    const terms = this.#terms;
    terms.debtorAgent = planned.debtorAgent;
    terms.creditorAgent = planned.creditorAgent;
    terms.currency1 = this.#handleOf[planned.currency] as number;
    terms.currency2 = currency2 === null ? NONE16 : (this.#handleOf[currency2] as number);
    terms.amount1 = planned.amountMinor;
    terms.amount2 = planned.amount2Minor ?? 0n;
    terms.settlementDate = dayNumber(planned.businessDate) as number;
    terms.priority = PRIORITIES.indexOf(planned.priority);
    terms.earliest = times ? times.earliest : 0;
    terms.latest = times ? times.latest : 0;
    if (planned.ofChain) this.#writeChainLeg(record, at, planned.ofChain);
    else writeTerms(record, at, terms);
    planned.uetr.writeTo(record, at + AT.id);
    writeSent(record, at, planned.debtorAgent, planned.number, TYPE_NUMBERS[kind]);
    if (planned.ofChain) return;
    record.setUint32(at + AT.dealer, dealer ?? NONE32, true);
    if (kind === 'leg') record.setBigUint64(at + AT.matchKey, matchKey(planned.endToEndId), true);
    else if (rate) {
      const { mantissa, scale } = this.#asTold(rate) as Rate;
      record.setBigInt64(at + AT.rateMantissa, mantissa, true);
      record.setUint8(at + AT.rateScale, scale);
    }
  }

  #writeChainLeg(record: DataView, at: number, leg: PlannedChainLeg): void {
    const { chain, legNumber } = leg;
    const digest = this.#messages.termsDigestOf(chain);
    const { from, legs, isHome } = partIn(leg);
    writeChainTerms(record, at, {
      ...{ ...this.#terms, legNumber: legNumber - from, legCount: legs.length },
      termsDigest: digest.subarray(0, TERMS_DIGEST_BYTES),
    });
    if (this.#policyOf(chain, isHome) === 'refused')
      record.setUint16(at + AT.reason, reasonNumber('formatInvalid'), true);
    if (this.hasFurtherTerms(leg)) record.setUint8(at + AT.furtherTerms, 1);
  }

  /** Whether a record of further terms stands before a leg. */
  hasFurtherTerms(leg: PlannedChainLeg): boolean {
    const { chain } = leg;
    const policy = this.#policyOf(chain, partIn(leg).isHome);
    return policy !== 'refused' && (chain.condition ?? chain.earmark ?? policy) !== null;
  }

  /** What the network's policy asks of a chain; `refused`: it has a condition that cannot be one beside that. */
  #policyOf(chain: ScenarioChain, isHome: boolean): PolicyCondition | 'refused' | null {
    const known = this.#policies.get(chain) ?? new Map();
    let policy = known.get(isHome);
    if (policy === undefined) {
      const asked = chainPolicy(this.#scenario, chain);
      const { groups = [], onSilence = 'release' } = conditionIn(chain, isHome) ?? {};
      const all = [...(asked?.groups ?? []), ...groups];
      const fault = faultBesidePolicy({ policy: asked, groups: all, onSilence });
      policy = fault === null ? asked : 'refused';
      this.#policies.set(chain, known.set(isHome, policy));
    }
    return policy;
  }

  /** Whether it is a payment or a leg of a PvP that a corridor which is pre-validated does not take. */
  #isOfCorridor(payment: PlannedPayment): boolean {
    const { participants, currencies, settlement } = this.#scenario;
    const { kind, currency, currency2, dealer } = payment;
    const bicOf = (participant: number) => participants[participant]?.bic as Bic;
    const codes = currency2 === null ? [currency] : [currency, currency2];
    return isPreValidated(
      settlement.preValidation,
      {
        debtorAgent: bicOf(payment.debtorAgent),
        creditorAgent: bicOf(payment.creditorAgent),
        dealer: dealer === null ? null : bicOf(dealer),
        currencies: codes.map((one) => currencies[one]?.code as string),
      },
      kind === 'leg',
    );
  }

  /** Writes what stands before a leg of a chain that has further terms, at the instant at which the leg comes. */
  writeFurtherTerms(record: DataView, at: number, leg: PlannedChainLeg, atMs: number): void {
    const { chain } = leg;
    const { earmark } = chain;
    const { isHome } = partIn(leg);
    const condition = conditionIn(chain, isHome);
    const date = this.#scenario.businessDates[chain.dateIndex] as string;
    const asked = this.#policyOf(chain, isHome);
    const policy = asked === 'refused' ? null : asked;
    const limit = policySeconds(policy, dayNumber(date) as number, atMs);
    const ofPolicy = (policy?.groups ?? []).map((group) => ({
      ...group,
      attestors: group.attestors.map((bic) => this.#numbers.get(bic) as number),
    }));
    writeFurtherTerms(record, at, {
      ...((condition || policy) && {
        condition: {
          groups: [...ofPolicy, ...(condition?.groups ?? [])],
          threshold: ofPolicy.length + (condition?.threshold ?? 0),
          deadline: earlier(timeOnDate(condition?.deadlineMs ?? null, date), limit),
          silenceSettles: condition?.onSilence === 'settle',
        },
      }),
      ...(earmark && {
        earmark: {
          when: earmarkOfPart(earmark, isHome).when,
          goesOn: earmark.onExpiry === 'continue',
          expiry: timeOnDate(earmark.expiryMs, date),
        },
      }),
      ...(!isHome && { promises: true }),
    });
  }

  /** The pool that an attestation reaches; null where its document has to be read, as its id may be another's. */
  poolOfAttestation(request: PlannedRequest): number | null {
    return isAttestation(request) &&
      !request.isNamed &&
      !this.#isForgedAnswer(request) &&
      !this.#isRevoked(request.participant, request.atMs)
      ? (this.#poolOf[request.currency] as number)
      : null;
  }

  /** Writes the core's record of an attestation. */
  writeAttestation(record: DataView, at: number, planned: AttestationAction): void {
    const { participant } = planned;
    const isRecord = planned.kind === 'record';
    const digest = isRecord ? planned.digest : this.#messages.termsDigestOf(planned.chain);
    writeAttestationRecord(record, at, {
      attestor: participant,
      verdict: isRecord ? 'recorded' : planned.verdict,
      legCount: isRecord ? 0 : legsInPool(this.#scenario, planned.chain, planned.currency),
      digest: digest.subarray(0, TERMS_DIGEST_BYTES),
      date: isRecord
        ? 0
        : (dayNumber(this.#scenario.businessDates[planned.chain.dateIndex] as string) as number),
      validUntilMs: isRecord ? 0n : BigInt(planned.validUntilMs ?? 0),
      counter: isRecord ? (planned.counter ?? 0n) : 0n,
      leg1Position: 0n,
    });
    const id = idDigest(planned.id);
    for (let place = 0; place < id.length; place++)
      record.setUint8(at + AT.id + place, id[place] as number);
    writeSent(record, at, participant, standInNumber(planned), ATTESTATION_TYPE);
  }

  /** Any other message, as a bank writes it and a verifier reads it. */
  read(action: MessageAction): PlacedRecord {
    if (action.kind !== 'payment')
      return this.#judged(
        action.kind === 'quote'
          ? this.#messages.quote(action)
          : this.#messages.request(action.request),
        action.atMs,
        action.kind === 'request' && this.#isForgedAnswer(action.request),
      );
    const { payment } = action;
    return this.#judged(this.#document(payment), payment.atMs, this.#isForged(payment));
  }

  /** What one of no plan sends: an operator between two pools. */
  readSent(message: Message, atMs: number): PlacedRecord {
    return this.#judged(message, atMs, false);
  }

  /** SHA-256 of the document of a payment or an attestation. */
  digest(planned: PlannedPayment | AttestationAction): Uint8Array {
    const { value } =
      'participant' in planned
        ? this.#messages.request({ ...planned, atMs: planned.createdAtMs })
        : this.#document(planned);
    return payloadDigest(value);
  }

  /** Whether a key is revoked by then: what its owner sends is for clearing to refuse. */
  #isRevoked(participant: number, atMs: number): boolean {
    return atMs >= (this.#revokedMs.get(participant) ?? Number.POSITIVE_INFINITY);
  }

  #isForged({ corrupt }: PlannedPayment): boolean {
    return corrupt && this.#signatures;
  }

  #isForgedAnswer(request: PlannedRequest): boolean {
    return isAttestation(request) && request.isForged === true && this.#signatures;
  }

  /** A repeat is the document that was sent first. */
  #document(payment: PlannedPayment): Message {
    const { createdAtMs } = payment;
    return this.#messages.pay({ ...payment, atMs: createdAtMs, isRepeat: false, corrupt: false });
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
      digest: payloadDigest(value),
      payload: readPayload(envelope, value, this.#currencies, this.#scenario.network),
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

/** What of its chain the pool of a leg settles. */
const partIn = ({ chain: { legs, synchronised }, legNumber }: PlannedChainLeg) =>
  partOf({ legs, legNumber, synchronised });

/** What of a chain has to be attested in one of its pools, but for the network's policy; null: nothing. */
function conditionIn(
  { condition, synchronised }: ScenarioChain,
  isHome: boolean,
): ScenarioCondition | null {
  if (!synchronised) return condition;
  const asked = condition ?? { groups: [], threshold: 0, deadlineMs: null, onSilence: 'release' };
  return conditionOfPart(asked, synchronised.operator, isHome);
}

const RATE = new RegExp(RATE_PATTERN);
const TYPE_NUMBERS = {
  customer: MESSAGE_TYPES.indexOf(CREDIT_TRANSFER),
  bank: MESSAGE_TYPES.indexOf(BANK_TRANSFER),
  leg: MESSAGE_TYPES.indexOf(LEG),
  chainLeg: MESSAGE_TYPES.indexOf(CHAIN),
} as const;
const ATTESTATION_TYPE = MESSAGE_TYPES.indexOf(ATTESTATION);

/** Which of the core's records a payment becomes. */
export const RECORD_OF: Readonly<Record<PaymentKind, RecordKind>> = {
  customer: 'payment',
  bank: 'payment',
  leg: 'pvpLeg',
  chainLeg: 'chainLeg',
};

/**
 * What a record has of any message: its sender, its type, and what stands in for its digest: zeros behind the payment's
 * number, which its repeat has too. No document has such a digest. Of attestations numbers are below -1.
 */
function writeSent(
  record: DataView,
  at: number,
  sender: number,
  number: number,
  messageType: number,
): void {
  record.setUint32(at + AT.participant, sender, true);
  record.setFloat64(at + AT.payloadDigest, number + 1, true);
  record.setUint16(at + AT.messageType, messageType, true);
}

/** The number that a document is known by; null for a digest that is one. */
export function stoodInFor(digest: Uint8Array): number | null {
  for (let at = 8; at < 32; at++) if (digest[at] !== 0) return null;
  return new DataView(digest.buffer, digest.byteOffset, 8).getFloat64(0, true) - 1;
}
