import { Type } from '@sinclair/typebox';
import type { Bic } from '../names/bic-and-uetr.ts';
import { isoTime } from '../names/dates.ts';
import { amountText, RATE_PATTERN, type Rate, rateText } from '../names/minor-units.ts';
import type { Money } from './amounts.ts';
import {
  agent,
  amount,
  closed,
  documentBytes,
  institution,
  oneOf,
  text,
  uetr,
  utcTime,
} from './document.ts';

/**
 * corridor.quoteuse.1: a payment used up a part of a dealer's quote, or gave it back when it was cancelled. The
 * names are those that the payment has; the amounts too.
 */
export const QUOTE_USE = 'corridor.quoteuse.1';

export const QuoteUseSchema = closed({
  QuoteUse: closed({
    MsgId: text(35),
    CreDtTm: utcTime,
    Id: Type.Unsafe<string>({ ...uetr, description: 'The quote’s id' }),
    Use: oneOf('USED', 'BACK'),
    UETR: uetr,
    InstgAgt: agent,
    InstdAmt: closed(amount.properties),
    IntrBkSttlmAmt: closed(amount.properties),
    XchgRate: Type.String({ pattern: RATE_PATTERN }),
    Left: Type.Object(amount.properties, {
      additionalProperties: false,
      description: 'What the quote covers still, after this',
    }),
  }),
});

export interface QuoteUse {
  readonly messageId: string;
  readonly createdAtMs: number;
  readonly quoteId: string;
  readonly uetr: string;
  /** Who sent the payment. */
  readonly instructingAgent: Bic;
  /** What the dealer receives and pays; both below zero where they are given back. */
  readonly base: Money & { readonly decimals: number };
  readonly quoted: Money & { readonly decimals: number };
  readonly rate: Rate;
  /** Minor units of the base currency. */
  readonly leftMinor: bigint;
}

export function writeQuoteUse(use: QuoteUse): Uint8Array {
  const isBack = use.base.amountMinor < 0n;
  const told = ({ currency, amountMinor, decimals }: QuoteUse['base']) => ({
    Ccy: currency,
    Amt: amountText(isBack ? -amountMinor : amountMinor, decimals),
  });
  return documentBytes<typeof QuoteUseSchema>({
    QuoteUse: {
      MsgId: use.messageId,
      CreDtTm: isoTime(use.createdAtMs),
      Id: use.quoteId,
      Use: isBack ? 'BACK' : 'USED',
      UETR: use.uetr as never,
      InstgAgt: institution(use.instructingAgent),
      InstdAmt: told(use.base),
      IntrBkSttlmAmt: told(use.quoted),
      XchgRate: rateText(use.rate),
      Left: { Ccy: use.base.currency, Amt: amountText(use.leftMinor, use.base.decimals) },
    },
  });
}

/** Whether a message in a bank's statuses tells the use of a quote. */
export const isQuoteUse = (payload: Uint8Array): boolean =>
  Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.byteLength, 512))
    .toString('latin1')
    .includes('QuoteUse');
