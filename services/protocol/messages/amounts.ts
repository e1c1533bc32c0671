import type { Static } from '@sinclair/typebox';
import { amountText, minorUnits } from '../names/minor-units.ts';
import type { amount } from './document.ts';
import type { Currencies, Refusal } from './instruction.ts';

/**
 * Amounts in documents, of money and of securities. Decimals and 64 bits are judged by `minorUnits`
 * (names/minor-units.ts); how many decimals a currency has is a network's own, from scenario/iso4217.ts.
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

/** @param zero whether an amount of zero means something */
export function readAmount(
  { Ccy, Amt }: Static<typeof amount>,
  element: string,
  currencies: Currencies,
  zero: 'refused' | 'allowed' = 'refused',
): Money | Refusal {
  return readQuantity(Ccy, Amt, `${element}/Ccy`, `${element}/Amt`, currencies, zero);
}

export const unknownCurrency = (
  code: string,
  element: string,
  currencies: Currencies,
): Refusal => ({
  reason: 'currencyUnknown',
  detail: `${element} ${code}: expected ${[...currencies.keys()].join(', ')}`,
});

/** So much of a currency or security, whose decimals the network knows. */
export function readQuantity(
  code: string,
  quantity: string,
  codeElement: string,
  element: string,
  currencies: Currencies,
  zero: 'refused' | 'allowed' = 'refused',
): Money | Refusal {
  const currency = currencies.get(code);
  if (!currency) return unknownCurrency(code, codeElement, currencies);
  const minor = minorUnits(quantity, currency.minorUnits);
  if (typeof minor === 'string')
    return {
      reason: minor,
      detail: `${element} ${quantity}: ${code} has ${currency.minorUnits} decimals and 64 bits`,
    };
  if (minor === 0n && zero === 'refused')
    return { reason: 'amountNotPositive', detail: `${element} ${quantity}: expected above zero` };
  return { currency: code, amountMinor: minor };
}
