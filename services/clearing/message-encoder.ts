import {
  RECORD_OFFSETS as AT,
  EARMARKS,
  type EarmarkTime,
  NONE16,
  NONE32,
  REPLIES,
  VERDICTS,
} from '../core/settlement/records.ts';
import { type ChainEarmark, MOVES } from '../protocol/messages/instruction.ts';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { timeSeconds } from '../protocol/messages/settlement-times.ts';
import { type AskedCondition, deadlineSeconds } from '../protocol/records/pre-validation.ts';
import type {
  AttestationContent,
  CancellationContent,
  ChainLegContent,
  LegContent,
  PaymentContent,
  QuoteContent,
  Said,
} from '../protocol/records/verified-content.ts';
import type { VerifiedHead } from '../protocol/records/verified-record.ts';
import type { Names } from './names-to-handles.ts';

/**
 * Writes the body of a message that its sender's key signed.
 * @param record begun, with kind, position, time, participant, id, digest and message type
 * @param reason what it is refused for (unknown-names-and-pre-validation.ts)
 */
export function encodeMessage(
  record: Buffer,
  verified: VerifiedHead & Said,
  names: Names,
  reason: number,
): void {
  record.writeUInt16LE(reason, AT.reason);
  switch (verified.kind) {
    case 'payment':
      encodeTerms(record, verified.content, verified.sender, names);
      encodeRate(record, verified.content, names);
      return;
    case 'pvpLeg':
      encodeTerms(record, verified.content, verified.sender, names);
      record.writeUInt32LE(NONE32, AT.dealer);
      record.writeBigInt64LE(verified.content.matchKey, AT.rateMantissa);
      return;
    case 'chainLeg':
      encodeChainLeg(record, verified.content, verified.sender, names);
      return;
    case 'attestation':
      encodeAttestation(record, verified.content, verified.sender, names);
      return;
    case 'quote':
      encodeQuote(record, verified.content, verified.sender, names);
      return;
    case 'cancellation':
      encodeTarget(record, verified.content);
      return;
    case 'reordering':
      encodeTarget(record, verified.content);
      record[AT.priority] = PRIORITIES.indexOf(verified.content.priority);
      record[AT.move] = MOVES.indexOf(verified.content.move);
      return;
    case 'limit': {
      const { counterparty, currency, limit } = verified.content;
      record.writeUInt16LE(names.currency(currency), AT.currency1);
      record.writeUInt32LE(names.participant(counterparty ?? ''), AT.creditorAgent);
      record.writeBigInt64LE(limit ?? -1n, AT.amount1);
      return;
    }
    case 'return': {
      const { original, originalType } = verified.content;
      const terms = { ...verified.content, amount2: 0n, currency2: null };
      encodeTerms(record, terms, verified.sender, names);
      record.writeUInt32LE(NONE32, AT.dealer);
      record.set(original, AT.original);
      record[AT.originalType] = originalType;
      return;
    }
    case 'reply':
      encodeTarget(record, verified.content);
      record.writeUInt32LE(names.participant(verified.content.receiver), AT.creditorAgent);
      record[AT.reply] = REPLIES.indexOf(verified.content.reply);
      return;
    case 'reservation':
      record.writeUInt16LE(names.currency(verified.content.currency), AT.currency1);
      record[AT.priority] = PRIORITIES.indexOf(verified.content.priority);
      record.writeBigInt64LE(verified.content.amount, AT.amount1);
      return;
    case 'query': {
      const { currency, about } = verified.content;
      record.writeUInt16LE(names.currency(currency ?? ''), AT.currency1);
      if (!about) return;
      record.writeUInt32LE(names.participant(about.sender), AT.creditorAgent);
      encodeTarget(record, about);
    }
  }
}

function encodeTarget(record: Buffer, { target, targetType }: CancellationContent): void {
  record.set(target, AT.target);
  record.writeUInt16LE(targetType, AT.targetType);
}

/** The terms of a payment or leg, with the core's handles in place of names. */
export interface CoreTerms {
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly currency1: number;
  /** NONE16: the same. */
  readonly currency2: number;
  readonly amount1: bigint;
  readonly amount2: bigint;
  readonly settlementDate: number;
  /** Place in PRIORITIES. */
  readonly priority: number;
  readonly earliest: number;
  readonly latest: number;
}

export function writeTerms(record: DataView, at: number, terms: CoreTerms): void {
  record.setUint16(at + AT.currency1, terms.currency1, true);
  record.setUint16(at + AT.currency2, terms.currency2, true);
  record.setUint32(at + AT.debtorAgent, terms.debtorAgent, true);
  record.setUint32(at + AT.creditorAgent, terms.creditorAgent, true);
  record.setUint32(at + AT.date, terms.settlementDate, true);
  record.setBigInt64(at + AT.amount1, terms.amount1, true);
  record.setBigInt64(at + AT.amount2, terms.amount2, true);
  record.setUint8(at + AT.priority, terms.priority);
  writeU24(record, at + AT.earliest, terms.earliest);
  writeU24(record, at + AT.latest, terms.latest);
}

/** Of times, and of handles where they stand side by side. */
function writeU24(record: DataView, at: number, value: number): void {
  record.setUint16(at, value & 0xffff, true);
  record.setUint8(at + 2, value >>> 16);
}

function encodeTerms(
  record: Buffer,
  terms: Omit<PaymentContent | LegContent, 'currency2'> & { readonly currency2: string | null },
  sender: string,
  names: Names,
): void {
  const { currency2 } = terms;
  writeTerms(new DataView(record.buffer, record.byteOffset, record.length), 0, {
    // The sender is the debtor's agent, or the payload was refused and it is who must be told.
    debtorAgent: names.participant(sender),
    creditorAgent: names.participant(terms.creditorAgent),
    currency1: names.currency(terms.currency1),
    currency2: currency2 ? names.currency(currency2) : NONE16,
    amount1: terms.amount1,
    amount2: terms.amount2,
    settlementDate: terms.settlementDate,
    priority: PRIORITIES.indexOf(terms.priority),
    earliest: terms.earliest,
    latest: terms.latest,
  });
}

/** A leg of a chain with the core's handles in place of names. */
export interface CoreChainLeg extends Omit<CoreTerms, 'currency2' | 'amount2'> {
  readonly legNumber: number;
  readonly legCount: number;
  /** The first 20 bytes. */
  readonly termsDigest: Uint8Array;
}

export function writeChainTerms(record: DataView, at: number, leg: CoreChainLeg): void {
  writeTerms(record, at, { ...leg, currency2: 0, amount2: 0n });
  record.setUint8(at + AT.legNumber, leg.legNumber);
  record.setUint8(at + AT.legCount, leg.legCount);
  writeTermsDigest(record, at, leg.termsDigest);
}

function writeTermsDigest(record: DataView, at: number, digest: Uint8Array): void {
  for (let place = 0; place < digest.length; place++)
    record.setUint8(
      at + (place < 16 ? AT.terms + place : AT.termsEnd + place - 16),
      digest[place] as number,
    );
}

/** What an attestor says, with the core's handle in place of its name. */
export interface CoreAttestation extends AttestationContent {
  readonly attestor: number;
}

export function writeAttestationRecord(
  record: DataView,
  at: number,
  attestation: CoreAttestation,
): void {
  record.setUint16(at + AT.currency1, NONE16, true);
  record.setUint8(at + AT.verdict, VERDICTS.indexOf(attestation.verdict));
  record.setUint8(at + AT.legCount, attestation.legCount);
  record.setUint32(at + AT.debtorAgent, attestation.attestor, true);
  record.setUint32(at + AT.creditorAgent, NONE32, true);
  record.setUint32(at + AT.date, attestation.date, true);
  if (attestation.verdict === 'recorded')
    record.setBigInt64(at + AT.counter, attestation.counter, true);
  else {
    record.setBigInt64(at + AT.validUntilMs, attestation.validUntilMs, true);
    record.setBigInt64(at + AT.chainPosition, attestation.leg1Position, true);
  }
  writeTermsDigest(record, at, attestation.digest);
}

function encodeAttestation(
  record: Buffer,
  content: AttestationContent,
  sender: string,
  names: Names,
): void {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  writeAttestationRecord(view, 0, { ...content, attestor: names.participant(sender) });
}

/** What the terms of a chain say besides its legs, with the core's handles in place of names. */
export interface CoreFurtherTerms {
  readonly condition?: {
    readonly groups: readonly {
      readonly threshold: number;
      readonly attestors: readonly number[];
      readonly isMandatory?: true;
    }[];
    /** How many groups must hold, mandatory ones counted. */
    readonly threshold: number;
    /** As records carry times; 0: none. */
    readonly deadline: number;
    readonly silenceSettles: boolean;
  };
  readonly earmark?: {
    readonly when: EarmarkTime;
    readonly expiry: number;
    readonly goesOn: boolean;
  };
  /** The last group decides, once all is set aside and the others hold. */
  readonly promises?: true;
}

/** The record that stands before each leg of a chain whose terms have more than legs. */
export function writeFurtherTerms(
  record: DataView,
  at: number,
  { condition, earmark, promises }: CoreFurtherTerms,
): void {
  let attestors = 0;
  const mandatory = (condition?.groups ?? []).filter(({ isMandatory }) => isMandatory);
  const others = (condition?.groups ?? []).filter(({ isMandatory }) => !isMandatory);
  for (const [place, group] of [...mandatory, ...others].entries()) {
    record.setUint8(at + AT.groupSizes + place, group.attestors.length);
    record.setUint8(at + AT.groupThresholds + place, group.threshold);
    for (const handle of group.attestors)
      writeU24(record, at + AT.attestors + 3 * attestors++, handle);
  }
  record.setUint8(at + AT.groupCount, condition?.groups.length ?? 0);
  record.setUint8(at + AT.attestorCount, attestors);
  record.setUint8(at + AT.mandatoryGroups, mandatory.length);
  record.setUint8(at + AT.rootThreshold, (condition?.threshold ?? 0) - mandatory.length);
  writeU24(record, at + AT.deadline, condition?.deadline ?? 0);
  writeU24(record, at + AT.expiry, earmark?.expiry ?? 0);
  record.setUint8(
    at + AT.furtherTerms,
    EARMARKS.indexOf(earmark?.when ?? 'none') |
      (condition?.silenceSettles ? SILENCE_SETTLES : 0) |
      (earmark?.goesOn ? GOES_ON : 0) |
      (promises ? PROMISES : 0),
  );
}
const SILENCE_SETTLES = 4;
const GOES_ON = 8;
const PROMISES = 16;

/**
 * The same with names.
 * @param asked what has to be attested of the chain, by its terms and the network's policy; null: nothing
 * @param settlementDate days since 1970
 * @param atMs when the leg came
 */
export const furtherTerms = (
  asked: AskedCondition | null,
  earmark: ChainEarmark | undefined,
  names: Names,
  settlementDate: number,
  atMs: number,
  promises?: true,
): CoreFurtherTerms => ({
  ...(asked && {
    condition: {
      groups: asked.groups.map((group) => ({
        ...group,
        attestors: group.attestors.map((bic) => names.participant(bic)),
      })),
      threshold: asked.threshold,
      deadline: deadlineSeconds(asked, settlementDate, atMs),
      silenceSettles: asked.onSilence === 'settle',
    },
  }),
  ...(earmark && {
    earmark: {
      when: earmark.when,
      expiry: timeSeconds(earmark.expiry),
      goesOn: earmark.onExpiry === 'continue',
    },
  }),
  ...(promises && { promises }),
});

function encodeChainLeg(record: Buffer, leg: ChainLegContent, sender: string, names: Names): void {
  writeChainTerms(new DataView(record.buffer, record.byteOffset, record.length), 0, {
    ...leg,
    debtorAgent: names.participant(sender),
    creditorAgent: names.participant(leg.creditorAgent),
    currency1: names.currency(leg.currency1),
    priority: PRIORITIES.indexOf(leg.priority),
  });
}

function encodeQuote(record: Buffer, quote: QuoteContent, sender: string, names: Names): void {
  encodeCurrencies(record, quote.baseCurrency, quote.quoteCurrency, names);
  record.writeUInt32LE(names.participant(sender), AT.debtorAgent);
  record.writeBigInt64LE(quote.validUntilMs, AT.amount1);
  record.writeBigInt64LE(quote.covers, AT.amount2);
  encodeRate(record, quote, names);
}

function encodeCurrencies(record: Buffer, first: string, second: string, names: Names): void {
  record.writeUInt16LE(names.currency(first), AT.currency1);
  record.writeUInt16LE(second === '' ? NONE16 : names.currency(second), AT.currency2);
}

function encodeRate(record: Buffer, of: PaymentContent | QuoteContent, names: Names): void {
  record.writeUInt32LE(names.participant(of.dealer ?? ''), AT.dealer);
  record.writeBigInt64LE(of.rateMantissa, AT.rateMantissa);
  record[AT.rateScale] = of.rateScale;
}
