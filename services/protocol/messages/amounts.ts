import type { Static } from '@sinclair/typebox';
import { amountText, minorUnits } from '../names/minor-units.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import type { amount } from './document.ts';
import type { Currencies } from './instruction.ts';

/**
 * Amounts in documents, of money and of securities. Decimals and 64 bits are judged by `minorUnits`
 * (names/minor-units.ts); how many decimals a currency has is a network's own, from scenario/currency-decimals.ts.
 */

export interface Money {
  readonly currency: string;
  readonly amountMinor: bigint;
}

export const writeAmount = (
  currency: string,
  minor: bigint,
  decimals: (currency: string) => number,
) => ({ Ccy: currency, Amt: amountText(minor, decimals(currency)) });

/**
 * @param path where the amount stands, as a JSON pointer
 * @param zero whether an amount of zero means something
 */
export function readAmount(
  { Ccy, Amt }: Static<typeof amount>,
  path: string,
  currencies: Currencies,
  zero: 'refused' | 'allowed' = 'refused',
): Money | Refusal {
  return readQuantity(Ccy, Amt, path, 'Ccy', 'Amt', currencies, zero);
}

export const unknownCurrency = (code: string, path: string, currencies: Currencies): Refusal =>
  refuse('currency-known', path, code, `must be one of ${[...currencies.keys()].join(', ')}`);

const QUANTITY_RULES = {
  decimalsExcess: 'amount-decimals',
  amountTooLarge: 'amount-64-bits',
} as const;

/** So much of a currency or security, whose decimals the network knows. */
export function readQuantity(
  code: string,
  quantity: string,
  path: string,
  codeElement: 'Ccy' | 'ISIN',
  element: 'Amt' | 'Qty',
  currencies: Currencies,
  zero: 'refused' | 'allowed' = 'refused',
): Money | Refusal {
  const currency = currencies.get(code);
  if (!currency) return unknownCurrency(code, `${path}/${codeElement}`, currencies);
  const minor = minorUnits(quantity, currency.minorUnits);
  if (typeof minor === 'string')
    return refuse(
      QUANTITY_RULES[minor],
      `${path}/${element}`,
      quantity,
      `must fit ${code}, which has ${currency.minorUnits} decimals and 64 bits`,
    );
  if (minor === 0n && zero === 'refused')
    return refuse('amount-positive', `${path}/${element}`, quantity, 'must be above zero');
  return { currency: code, amountMinor: minor };
}

/** The most of a currency that one payment may have where the network has no policy: what T2 takes of EUR. */
const MAXIMUM_MINOR: Readonly<Record<string, bigint>> = { EUR: 99_999_999_999_999n };

/** Minor units; undefined: 63 bits bound it. */
export const maximumOf = (currency: string, currencies: Currencies): bigint | undefined =>
  currencies.get(currency)?.maximumMinor ?? MAXIMUM_MINOR[currency];

/** Whether a payment may have as much of a currency. */
const isWithinMaximum = ({ currency, amountMinor }: Money, currencies: Currencies): boolean =>
  amountMinor <= (maximumOf(currency, currencies) ?? amountMinor);

/** Refuses more money than one payment may have. */
export function beyondMaximum(money: Money, path: string, currencies: Currencies): Refusal | null {
  if (isWithinMaximum(money, currencies)) return null;
  const { currency, amountMinor } = money;
  const decimals = currencies.get(currency)?.minorUnits ?? 0;
  return refuse(
    'amount-maximum',
    `${path}/Amt`,
    amountText(amountMinor, decimals),
    `must be at most ${amountText(maximumOf(currency, currencies) as bigint, decimals)}`,
  );
}
