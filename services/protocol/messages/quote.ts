import { Type } from '@sinclair/typebox';
import { BIC_PATTERN, type Bic, type Uetr } from '../names/bic-and-uetr.ts';
import { amountText, parseRate, RATE_PATTERN, type Rate, rateText } from '../names/minor-units.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { readAmount, unknownCurrency } from './amounts.ts';
import {
  amount,
  closed,
  currencyCode,
  documentBytes,
  isRefusal,
  reader,
  uetr,
} from './document.ts';

/**
 * corridor.quote.1: a dealer's offer to buy the base currency for the quote currency, signed by the
 * dealer like every message. Payments that name the dealer, the pair and exactly this rate use up
 * the base amount that it covers, until `ValidUntil`. It has no business header, whose BizMsgIdr is too short for its id.
 *
 *     {"Quote": {"Id": "<uuid v4>", "Dealer": "<BIC>", "Rate": "7.9154",
 *       "Covers": {"Ccy": "EUR", "Amt": "1000000.00"}, "QuoteCcy": "CNY",
 *       "ValidUntilMs": "1773680400000"}}
 */
export const QuoteSchema = closed({
  Quote: closed({
    Id: uetr,
    Dealer: Type.Unsafe<Bic>(Type.String({ pattern: BIC_PATTERN })),
    Rate: Type.String({ pattern: RATE_PATTERN }),
    Covers: amount,
    QuoteCcy: currencyCode,
    ValidUntilMs: Type.String({
      description:
        'Until when it may be used, ms since 1970: a string, as all numbers of messages are',
      pattern: '^[0-9]{1,15}$',
    }),
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
  return documentBytes<typeof QuoteSchema>({
    Quote: {
      Id: quote.id,
      Dealer: quote.dealer,
      Rate: rateText(quote.rate),
      Covers: { Ccy: quote.baseCurrency, Amt: amountText(quote.coversMinor, baseDecimals) },
      QuoteCcy: quote.quoteCurrency,
      ValidUntilMs: String(quote.validUntilMs),
    },
  });
}

export const readQuote = reader(QuoteSchema, ({ Quote }, currencies): Quote | Refusal => {
  const { Id, Dealer, Rate, Covers, QuoteCcy, ValidUntilMs } = Quote;
  const base = currencies.get(Covers.Ccy);
  if (!base || !currencies.has(QuoteCcy))
    return base
      ? unknownCurrency(QuoteCcy, '/Quote/QuoteCcy', currencies)
      : unknownCurrency(Covers.Ccy, '/Quote/Covers/Ccy', currencies);
  const covers = readAmount(Covers, '/Quote/Covers', currencies);
  if (isRefusal(covers)) return covers;
  const rate = parseRate(Rate);
  if (!rate)
    return refuse(
      'amount-positive',
      '/Quote/Rate',
      Rate,
      'must be above zero, of at most 18 digits',
    );
  return {
    id: Id,
    dealer: Dealer,
    baseCurrency: Covers.Ccy,
    quoteCurrency: QuoteCcy,
    rate,
    coversMinor: covers.amountMinor,
    validUntilMs: Number(ValidUntilMs),
  };
});
