import { NONE16, NONE32, RECORD_OFFSETS } from '../../services/core/settlement/records.ts';
import { decodeRecord, encodeRecord, type FlatRecord } from './flat-records.ts';
import { addEncoded, type Draft, type Fields, newDigest, newId, oneIn } from './random-draft.ts';

export const PAYMENT_TYPE = 8;
const QUOTE_TYPE = 9;

export const capped = (amount: bigint): bigint => (amount < 2n ** 63n ? amount : 2n ** 63n - 1n);

type MessageKind =
  | 'payment'
  | 'pvpLeg'
  | 'chainLeg'
  | 'quote'
  | 'cancellation'
  | 'reordering'
  | 'limit'
  | 'reservation'
  | 'query'
  | 'return'
  | 'reply'
  | 'attestation';

/** Returns the kind of its own event. */
export function addMessage(
  draft: Draft,
  kind: MessageKind,
  fields: Fields,
): ReturnType<typeof addEncoded> {
  const common = { position: draft.steps.length + 1, timeMs: draft.timeMs };
  const record = encodeRecord(kind, { ...common, ...fields });
  const event = addEncoded(draft, record);
  draft.messages.push(record);
  if (event === 'quoted') draft.quotes.push(decodeRecord(record));
  return event;
}

export function settlementDate(draft: Draft): number {
  if (oneIn(draft, 15)) return draft.date - draft.pick(4);
  return draft.date + (oneIn(draft, 15) ? draft.pick(4) : 0);
}

export function messageFields(draft: Draft, messageType: number, participant: number): Fields {
  return {
    participant,
    messageType,
    id: newId(draft),
    payloadDigest: newDigest(draft),
    reason: oneIn(draft, 40) ? 3 : 0,
  };
}

/** A participant, mostly another one than the two and with an account in the currency. */
export function someone(draft: Draft, currency: number, one: number, other: number): number {
  const all = Array.from({ length: draft.participants }, (_, participant) => participant);
  const fit = all.filter((p) => p !== one && p !== other && draft.accounts.has(`${p}/${currency}`));
  return fit[draft.pick(fit.length + (oneIn(draft, 25) ? 2 : 0))] ?? draft.pick(draft.participants);
}

export function addPayment(draft: Draft): void {
  const { pick } = draft;
  const latestMs = oneIn(draft, 12) ? 0 : draft.timeMs;
  const valid = draft.quotes.filter(({ amount1: validUntilMs }) => validUntilMs >= latestMs);
  const quote = valid[pick(valid.length)];
  let amount1 = draft.amounts(pick);
  if (oneIn(draft, 60)) amount1 = BigInt(pick(3)) - 1n;
  const single = { currency1: pick(draft.currencies), currency2: NONE16, dealer: NONE32 };
  const fields =
    quote !== undefined && draft.pick(3) > 0 ? crossFields(draft, quote, amount1) : single;
  const { currency1, currency2, dealer } = fields;
  const isCross = currency2 !== NONE16;
  const debtorAgent = someone(draft, currency1, dealer, dealer);
  const creditorAgent = isCross
    ? someone(draft, currency2, dealer, dealer)
    : someone(draft, currency1, debtorAgent, dealer);
  const date = settlementDate(draft);
  addMessage(draft, 'payment', {
    ...messageFields(draft, PAYMENT_TYPE, oneIn(draft, 50) ? pick(8) : debtorAgent),
    debtorAgent,
    creditorAgent: oneIn(draft, 80) ? NONE32 : creditorAgent,
    date,
    ...(oneIn(draft, 6) ? times(draft, date) : {}),
    priority: oneIn(draft, 3) ? pick(oneIn(draft, 20) ? 4 : 3) : 2,
    amount1,
    ...fields,
  });
}

/** Earliest, latest or both, seconds away; some do not fit each other or have passed. */
export function times(draft: Draft, date: number): Fields {
  const nowSeconds = Math.floor(draft.timeMs / 1000) - (date - 1) * 86_400;
  const near = (): number => Math.max(0, nowSeconds + draft.pick(12) - 2);
  const which = draft.pick(3);
  return { earliest: which === 1 ? 0 : near(), latest: which === 0 ? 0 : near() + draft.pick(6) };
}

/** Converts at a logged quote's rate, to the nearest unit or sometimes a few units off. */
function crossFields(
  draft: Draft,
  quote: FlatRecord,
  amount1: bigint,
): Pick<
  FlatRecord,
  'currency1' | 'currency2' | 'dealer' | 'amount2' | 'rateMantissa' | 'rateScale'
> {
  const units = (currency: number): bigint => BigInt(draft.units[currency] ?? 0);
  // The same rate with a zero more, where it fits.
  const scale = oneIn(draft, 10) && quote.rateMantissa < 10n ** 17n ? 1 : 0;
  const whole = 10n ** (units(quote.currency1) + BigInt(quote.rateScale));
  const exact = amount1 * quote.rateMantissa * 10n ** units(quote.currency2);
  const off = oneIn(draft, 8) ? BigInt(draft.pick(5) - 2) : 0n;
  const amount2 = (exact + whole / 2n) / whole + off;
  return {
    currency1: quote.currency1,
    currency2: oneIn(draft, 50) ? quote.currency1 : quote.currency2,
    dealer: oneIn(draft, 50) ? draft.pick(8) : quote.dealer,
    amount2: capped(amount2),
    rateMantissa: quote.rateMantissa * (scale === 1 ? 10n : 1n),
    rateScale: quote.rateScale + scale,
  };
}

export function addQuote(draft: Draft): void {
  const { pick } = draft;
  const dealer = pick(Math.min(oneIn(draft, 4) ? 4 : 2, draft.participants));
  const currency1 = pick(draft.currencies);
  const lifeMs = oneIn(draft, 20) ? -50 : pick(oneIn(draft, 3) ? 9000 : 400_000_000);
  const rates = [
    [1n, 0],
    [11n, 1],
    [3n, 0],
    [10870n, 4],
    [1n, 1],
    [9_000_000_000_000_000_000n, 18],
  ] as const;
  const [rateMantissa, rateScale] = rates[pick(rates.length)] as (typeof rates)[number];
  addMessage(draft, 'quote', {
    ...messageFields(draft, QUOTE_TYPE, oneIn(draft, 40) ? 3 : dealer),
    dealer,
    currency1,
    currency2: oneIn(draft, 30) ? currency1 : (currency1 + 1 + pick(2)) % draft.currencies,
    amount1: draft.timeMs + lifeMs,
    amount2: capped(draft.amounts(pick) * BigInt(pick(30))),
    rateMantissa: oneIn(draft, 40) ? 0n : rateMantissa,
    rateScale: oneIn(draft, 40) ? 19 : rateScale,
  });
}

/** A message seen before: the same again, or another payload under its identity. */
export function addRepeat(draft: Draft): void {
  const earlier = draft.messages[draft.pick(draft.messages.length)];
  if (earlier === undefined) return;
  const record = Buffer.from(earlier);
  record.writeBigInt64LE(BigInt(draft.steps.length + 1), RECORD_OFFSETS.position);
  record.writeBigInt64LE(BigInt(draft.timeMs), RECORD_OFFSETS.timeMs);
  if (oneIn(draft, 3)) record.set(newDigest(draft), RECORD_OFFSETS.payloadDigest);
  addEncoded(draft, record);
}
