import { type Static, Type } from '@sinclair/typebox';
import { type Bic, UETR_PATTERN, type Uetr } from '../names/identifiers.ts';
import {
  AMOUNT_PATTERN,
  amountText,
  minorUnits,
  parseRate,
  RATE_PATTERN,
  type Rate,
  rateText,
} from '../names/money.ts';
import { checker, isRefusal } from './document.ts';
import type { Currencies, Refusal } from './instruction.ts';

/**
 * corridor.quote.1: a dealer's offer to buy the base currency for the quote currency, signed by the
 * dealer like every message. Payments that name the dealer, the pair and exactly this rate use up
 * the base amount that it covers, until `ValidUntil`.
 *
 *     {"Quote": {"Id": "<uuid v4>", "Dealer": "<BIC>", "Rate": "7.9154",
 *       "Covers": {"Ccy": "EUR", "Amt": "1000000.00"}, "QuoteCcy": "CNY",
 *       "ValidUntilMs": "1773680400000"}}
 */
export const QuoteSchema = Type.Object({
  Quote: Type.Object({
    Id: Type.String({ pattern: UETR_PATTERN }),
    Dealer: Type.String(),
    Rate: Type.String({ pattern: RATE_PATTERN }),
    Covers: Type.Object({
      Ccy: Type.String({ pattern: '^[A-Z]{3}$' }),
      Amt: Type.String({ pattern: AMOUNT_PATTERN }),
    }),
    QuoteCcy: Type.String({ pattern: '^[A-Z]{3}$' }),
    ValidUntilMs: Type.String({ pattern: '^[0-9]{1,15}$' }),
  }),
});

export interface Quote {
  readonly id: Uetr;
  readonly dealer: Bic;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  /** Units of the quote currency for one unit of the base currency. */
  readonly rate: Rate;
  /** Minor units of the base currency that the quote covers. */
  readonly coversMinor: bigint;
  readonly validUntilMs: number;
}

export function writeQuote(quote: Quote, baseDecimals: number): Uint8Array {
  const document: Static<typeof QuoteSchema> = {
    Quote: {
      Id: quote.id,
      Dealer: quote.dealer,
      Rate: rateText(quote.rate),
      Covers: { Ccy: quote.baseCurrency, Amt: amountText(quote.coversMinor, baseDecimals) },
      QuoteCcy: quote.quoteCurrency,
      ValidUntilMs: String(quote.validUntilMs),
    },
  };
  return Buffer.from(JSON.stringify(document));
}

const check = checker(QuoteSchema);

export function readQuote(document: unknown, currencies: Currencies): Quote | Refusal {
  const checked = check(document);
  if (isRefusal(checked)) return checked;
  const { Id, Dealer, Rate, Covers, QuoteCcy, ValidUntilMs } = checked.value.Quote;
  const base = currencies.get(Covers.Ccy);
  if (!base || !currencies.has(QuoteCcy))
    return { reason: 'currencyUnknown', detail: `pair ${Covers.Ccy} ${QuoteCcy}` };
  const coversMinor = minorUnits(Covers.Amt, base.minorUnits);
  if (typeof coversMinor === 'string') return { reason: coversMinor, detail: 'Covers/Amt' };
  const rate = parseRate(Rate);
  if (!rate || coversMinor === 0n)
    return { reason: 'amountNotPositive', detail: 'Rate and Covers/Amt must be above zero' };
  return {
    id: Id as Uetr,
    dealer: Dealer as Bic,
    baseCurrency: Covers.Ccy,
    quoteCurrency: QuoteCcy,
    rate,
    coversMinor,
    validUntilMs: Number(ValidUntilMs),
  };
}
