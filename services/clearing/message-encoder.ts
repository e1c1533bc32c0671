import { type Reason, reasonNumber } from '../core/settlement/reasons.ts';
import { RECORD_OFFSETS as AT, NONE16, NONE32 } from '../core/settlement/records.ts';
import { MOVES, PRIORITIES } from '../protocol/messages/instruction.ts';
import type {
  CancellationContent,
  LegContent,
  PaymentContent,
  QuoteContent,
  Said,
} from '../protocol/records/verified-content.ts';
import type { VerifiedHead } from '../protocol/records/verified-record.ts';
import type { Names } from './handles.ts';

/**
 * Writes the body of a message that its sender's key signed. A name that the log has not registered
 * becomes a refusal, so that the sender is told which.
 * @param record begun, with kind, position, time, participant, id, digest and message type
 */
export function encodeMessage(record: Buffer, verified: VerifiedHead & Said, names: Names): void {
  record.writeUInt16LE(verified.reason || unknownName(verified, names), AT.reason);
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
    case 'reservation':
      record.writeUInt16LE(names.currency(verified.content.currency), AT.currency1);
      record[AT.priority] = PRIORITIES.indexOf(verified.content.priority);
      record.writeBigInt64LE(verified.content.amount, AT.amount1);
  }
}

function encodeTarget(record: Buffer, { target, targetType }: CancellationContent): void {
  record.set(target, AT.target);
  record.writeUInt16LE(targetType, AT.targetType);
}

function encodeTerms(
  record: Buffer,
  terms: PaymentContent | LegContent,
  sender: string,
  names: Names,
): void {
  encodeCurrencies(record, terms.currency1, terms.currency2 ?? '', names);
  // The sender is the debtor's agent, or the payload was refused and it is who must be told.
  record.writeUInt32LE(names.participant(sender), AT.debtorAgent);
  record.writeUInt32LE(names.participant(terms.creditorAgent), AT.creditorAgent);
  record.writeUInt32LE(terms.settlementDate, AT.date);
  record.writeBigInt64LE(terms.amount1, AT.amount1);
  record.writeBigInt64LE(terms.amount2, AT.amount2);
  record[AT.priority] = PRIORITIES.indexOf(terms.priority);
  record.writeUIntLE(terms.earliest, AT.earliest, 3);
  record.writeUIntLE(terms.latest, AT.latest, 3);
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

/** The reason for the first currency or agent that this pool does not know, 0 where it knows all. */
function unknownName({ kind, content }: Said, names: Names): number {
  switch (kind) {
    case 'payment':
    case 'pvpLeg':
      return (
        unknownCurrency(names, content.currency1, content.currency2) ||
        unknownAgent(names, content.debtorAgent, 'debtorAgentUnknown') ||
        unknownAgent(names, content.creditorAgent, 'creditorAgentUnknown') ||
        (kind === 'payment' ? unknownAgent(names, content.dealer, 'dealerUnknown') : 0)
      );
    case 'quote':
      return unknownCurrency(names, content.baseCurrency, content.quoteCurrency);
    case 'limit':
      return (
        unknownCurrency(names, content.currency, null) ||
        unknownAgent(names, content.counterparty, 'creditorAgentUnknown')
      );
    case 'reservation':
      return unknownCurrency(names, content.currency, null);
    default:
      return 0;
  }
}

function unknownCurrency(names: Names, first: string, second: string | null): number {
  const isUnknown = (code: string | null) =>
    code !== null && code !== '' && names.currency(code) === NONE16;
  return isUnknown(first) || isUnknown(second) ? reasonNumber('currencyUnknown') : 0;
}

const unknownAgent = (names: Names, bic: string | null, reason: Reason): number =>
  bic !== null && names.participant(bic) === NONE32 ? reasonNumber(reason) : 0;
