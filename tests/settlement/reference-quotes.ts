import { reasonNumber } from '../../services/core/settlement/reasons.ts';
import type { FlatRecord } from './flat-records.ts';
import { happens } from './reference-dates.ts';
import {
  type LivePayment,
  paymentFields,
  type Quote,
  type ReferenceState,
  write,
} from './reference-state.ts';

/** What is told of quotes where the genesis asks for it, and how they end. */
const tells = (state: ReferenceState): boolean => state.rules?.quoteEvents === 1;

/** A rate without trailing zeros. */
function shortest({ rateMantissa, rateScale }: FlatRecord): [bigint, number] {
  let [mantissa, scale] = [rateMantissa, rateScale];
  for (; scale > 0 && mantissa % 10n === 0n; scale -= 1) mantissa /= 10n;
  return [mantissa, scale];
}

function rateFields({ record }: Quote) {
  const [balance4, count] = shortest(record);
  return { balance4, count };
}

/** A payment uses so much of a quote, or gives it back. */
export function tellUse(
  state: ReferenceState,
  quote: Quote,
  record: FlatRecord,
  sign: 1n | -1n,
): void {
  if (!tells(state)) return;
  const id = Buffer.from(quote.record.id);
  write(state, 'quoteUsed', {
    ...paymentFields(record),
    ...rateFields(quote),
    paymentPosition: record.position,
    amount1: sign * record.amount1,
    amount2: sign * record.amount2,
    balance1: id.readBigInt64LE(0),
    balance2: id.readBigInt64LE(8),
    balance3: quote.remaining,
  });
}

/** A payment is cancelled: what has ended gets nothing back. */
export function giveBack(state: ReferenceState, { quote, record }: LivePayment): void {
  if (quote === undefined || quote.isOver || quote.record.amount1 < state.timeMs) return;
  quote.remaining += record.amount1;
  tellUse(state, quote, record, -1n);
}

function endQuote(
  state: ReferenceState,
  quote: Quote,
  reason: 'quoteWithdrawn' | 'quoteExpired',
): void {
  quote.isOver = true;
  const { id, messageType, dealer: debtorAgent, currency1, currency2 } = quote.record;
  write(state, 'quoteEnded', {
    ...{ id, messageType, debtorAgent, currency1, currency2, ...rateFields(quote) },
    amount1: quote.remaining,
    reason: reasonNumber(reason),
  });
  quote.identity.outcome = { kind: 'quoteEnded', reason };
  happens(state, quote.identity);
}

/** By its dealer; false where it has ended, or nothing is told of quotes. */
export function withdraw(state: ReferenceState, identity: Quote['identity']): boolean {
  const quote = state.quotes.find((one) => one.identity === identity && !one.isOver);
  if (!tells(state) || quote === undefined) return false;
  endQuote(state, quote, 'quoteWithdrawn');
  return true;
}

/** The quote that ends first, and the instant at which it is valid no more. */
export function firstEnd(state: ReferenceState): { quote: Quote; timeMs: bigint } | undefined {
  if (!tells(state)) return undefined;
  const [quote] = state.quotes
    .filter((one) => !one.isOver)
    .sort((a, b) =>
      a.record.amount1 === b.record.amount1
        ? a.identity.serial - b.identity.serial
        : Number(a.record.amount1 - b.record.amount1),
    );
  return quote && { quote, timeMs: quote.record.amount1 + 1n };
}

export function expire(state: ReferenceState, { quote, timeMs }: { quote: Quote; timeMs: bigint }) {
  if (timeMs > state.timeMs) state.timeMs = timeMs;
  endQuote(state, quote, 'quoteExpired');
}
