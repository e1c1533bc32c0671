/**
 * The leaves of the scenario's schema. `title` says what is expected in the words that an error
 * message uses; `description` says what the field means. Both reach the editor through the
 * published JSON Schema.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { BIC_PATTERN } from '../protocol/names/bic-and-uetr.ts';
import {
  ASSET_PATTERN,
  CURRENCY_PATTERN,
  ISIN_PATTERN,
} from '../protocol/names/currency-and-isin.ts';
import { COUNTRY_PATTERN } from '../protocol/records/control-record.ts';

/**
 * A field that may be left out: the value is then `value`. The checker fills it in, so its type
 * is that of a field which is always there.
 */
export function defaulted<T extends TSchema>(schema: T, value: Static<T>): T {
  return Type.Optional({ ...schema, default: value } as TSchema) as unknown as T;
}

export function plainText(description: string, maxLength = 2000) {
  return Type.String({ description, minLength: 1, maxLength, title: 'a text' });
}

/** A name that goes into identifiers and file names. */
export function label(description: string, maxLength: number) {
  return Type.String({
    description,
    pattern: `^[a-z0-9](?:[a-z0-9-]{0,${maxLength - 2}}[a-z0-9])?$`,
    title: `a name of at most ${maxLength} lower-case letters, digits and hyphens`,
  });
}

/** A text of one form. */
const matching = (pattern: string, title: string) => (description: string) =>
  Type.String({ description, pattern, title });

export const isoCurrency = matching(
  CURRENCY_PATTERN,
  'a currency code of three capital letters (ISO 4217)',
);

export const code = matching(
  ASSET_PATTERN,
  'a currency code of three capital letters (ISO 4217) or an ISIN',
);

export const country = matching(
  COUNTRY_PATTERN,
  'a country code of two capital letters (ISO 3166)',
);

/** ISO 9362. Whether a participant's may be a real one: see `realBics`. */
export const bic = matching(BIC_PATTERN, 'a BIC of 8 or 11 characters, such as "BANKDE00"');

/** Any size: what is too large, or has too many decimals, is told with its currency. */
const AMOUNT_PATTERN = '^[0-9]+(?:\\.[0-9]+)?$';
/** An amount of money of 0 or more, in major units, as text so that no digit is lost. */
export const decimalAmount = matching(
  AMOUNT_PATTERN,
  'an amount of 0 or more as a decimal in quotes, such as "1250.00"',
);

export const rate = matching(
  '^[0-9]{1,10}(?:\\.[0-9]{1,12})?$',
  'an exchange rate as a decimal in quotes, such as "1.1478", with at most 12 decimals',
);

export const PAIR_PATTERN = '^[A-Z]{3}/[A-Z]{3}$';
export const pair = matching(PAIR_PATTERN, 'two currency codes with a slash, such as "EUR/CNY"');

export const date = matching('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', 'a date as YYYY-MM-DD');

export const clockTime = matching(
  '^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{3})?)?$',
  'a time of day as HH:MM or HH:MM:SS',
);

/** A time inside a business date's day, which may reach into calendar days beside the date. */
export const dayTime = matching(
  '^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{3})?)?(?:[+-][12])?$',
  'a time of day as HH:MM or HH:MM:SS, with +1 behind it on the calendar day after the date',
);

/** A time at which something ends: the day's end may be written 24:00. */
export const endOfPeriod = matching(
  '^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
  'a time of day as HH:MM, up to 24:00',
);

export const minuteOfDay = matching(
  '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$',
  'a time of day as HH:MM, in quotes',
);

export const flag = (description: string) => Type.Boolean({ description, title: 'true or false' });

export const zone = (description: string) =>
  Type.String({
    description,
    minLength: 1,
    maxLength: 64,
    title: 'an IANA time zone, such as "Europe/Berlin"',
  });

export const weight = (description: string) =>
  Type.Number({ description, minimum: 0, maximum: 1e9, title: 'a weight of 0 or more' });

export const share = (description: string) =>
  Type.Number({ description, minimum: 0, maximum: 1, title: 'a share from 0 to 1' });

/** Of log-normal draws of a quantity. */
export const sigma = (quantity: string) =>
  Type.Number({
    description: `Standard deviation of the logarithm; 0 makes every ${quantity} the median.`,
    minimum: 0,
    maximum: 10,
    title: 'a number from 0 to 10',
  });

export const integer = (description: string, minimum: number, maximum: number) =>
  Type.Integer({
    description,
    minimum,
    maximum,
    title: `a whole number from ${minimum} to ${maximum}`,
  });

/** A mapping whose keys are of one form and whose values are of one schema. */
export function mapping<T extends TSchema>(
  keyPattern: string,
  keyTitle: string,
  value: T,
  description: string,
) {
  return Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    description,
    title: `a mapping whose keys are ${keyTitle}`,
    patternProperties: { [keyPattern]: value },
    additionalProperties: false,
  });
}

export const byCurrency = <T extends TSchema>(value: T, description: string) =>
  mapping(CURRENCY_PATTERN, 'currency codes (ISO 4217)', value, description);
export const byIsin = <T extends TSchema>(value: T, description: string) =>
  mapping(ISIN_PATTERN, 'ISINs (ISO 6166)', value, description);
export const byCode = <T extends TSchema>(value: T, description: string) =>
  mapping(ASSET_PATTERN, 'currency codes (ISO 4217) or ISINs', value, description);
export const byBic = <T extends TSchema>(value: T, description: string) =>
  mapping(BIC_PATTERN, 'BICs', value, description);

export function record<P extends Record<string, TSchema>>(description: string, properties: P) {
  return Type.Object(properties, { description, additionalProperties: false });
}

export function list<T extends TSchema>(items: T, description: string, minItems = 0) {
  return Type.Array(items, {
    description,
    minItems,
    title:
      minItems > 0
        ? `a list with at least ${minItems} ${minItems > 1 ? 'entries' : 'entry'}`
        : 'a list',
  });
}

export function choice<const V extends readonly string[]>(values: V, description: string) {
  return Type.Unsafe<V[number]>({
    type: 'string',
    enum: [...values],
    description,
    title: `one of ${values.join(', ')}`,
  });
}
