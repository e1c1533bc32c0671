import { type Static, Type } from '@sinclair/typebox';
import { closed, currencyCode, quantity } from '../messages/document.ts';
import { BIC_PATTERN, UETR_PATTERN } from '../names/bic-and-uetr.ts';
import type { Message } from '../names/message.ts';
import { RATE_PATTERN } from '../names/minor-units.ts';

/**
 * A record of the topic `quotes`, keyed `<dealer's BIC>:<quote's id>`: a rate at which payments can be made now, and
 * up to how much. The topic is compacted; a record without a value says that nothing can be paid at it any
 * more.
 */
export const QuoteRecordSchema = closed({
  id: Type.String({ description: 'The quote’s own', pattern: UETR_PATTERN }),
  dealer: Type.String({ description: 'Its BIC, for IntrmyAgt1', pattern: BIC_PATTERN }),
  baseCurrency: Type.Unsafe<string>({
    ...currencyCode,
    description: 'Of InstdAmt: what the dealer receives',
  }),
  quoteCurrency: Type.Unsafe<string>({
    ...currencyCode,
    description: 'Of IntrBkSttlmAmt: what the dealer pays',
  }),
  rate: Type.String({
    description: 'For XchgRate: units of the quote currency for one of the base currency',
    pattern: RATE_PATTERN,
  }),
  covers: Type.Unsafe<string>({
    ...quantity,
    description: 'Of the base currency, what it covered when it came',
  }),
  left: Type.Unsafe<string>({ ...quantity, description: 'What of it is left' }),
  validUntilMs: Type.String({
    description: 'The last instant at which it can be used, ms since 1970, in decimal digits',
    pattern: '^[0-9]{1,15}$',
  }),
});
export type QuoteRecord = Static<typeof QuoteRecordSchema>;

/** Why nothing can be paid at a quote any more. Cover that a cancelled payment gives back may end `used-up`. */
export const QUOTE_ENDS = ['withdrawn', 'expired', 'used-up'] as const;
export type QuoteEnd = (typeof QUOTE_ENDS)[number];

export const quoteKey = ({ dealer, id }: Pick<QuoteRecord, 'dealer' | 'id'>): string =>
  `${dealer}:${id}`;

export const quoteMessage = (record: QuoteRecord): Message => ({
  key: quoteKey(record),
  value: Buffer.from(JSON.stringify(record)),
  headers: { 'content-type': 'application/json' },
});

/** Without a value, by which Kafka forgets what the key had. */
export const endedQuoteMessage = (
  quote: Pick<QuoteRecord, 'dealer' | 'id'>,
  end: QuoteEnd,
): Message => ({ key: quoteKey(quote), value: new Uint8Array(0), headers: { ce_quoteend: end } });

/** Null: it has ended. */
export const readQuoteMessage = (value: Uint8Array): QuoteRecord | null =>
  value.length === 0 ? null : JSON.parse(Buffer.from(value).toString('utf8'));
