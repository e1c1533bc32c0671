/** ISO 4217. */
export const CURRENCY_PATTERN = '^[A-Z]{3}$';
/** ISO 6166: country, nine characters, check digit (rules/check-digits.ts). */
export const ISIN_PATTERN = '^[A-Z]{2}[A-Z0-9]{9}[0-9]$';
/** What an account holds: a currency or a security. */
export const ASSET_PATTERN = '^(?:[A-Z]{3}|[A-Z]{2}[A-Z0-9]{9}[0-9])$';
