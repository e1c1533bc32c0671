/** Check digits of IBAN, LEI and ISIN. A BIC has none: its form is in `names/bic-and-uetr.ts`. */
import { isValidBBAN } from 'ibantools';

const DIGIT_0 = 0x30;
const LETTER_A = 0x41;
/** Where the account's number begins, behind country and check digits. */
const NUMBER_AT = 4;

/** Of digits and letters (A = 10), with what came before them: modulo 97 as ISO 7064 has it. */
function modulo97(text: string, from: number, to: number, before = 0): number {
  let remainder = before;
  for (let place = from; place < to; place++) {
    const code = text.charCodeAt(place);
    remainder =
      code < LETTER_A
        ? (remainder * 10 + code - DIGIT_0) % 97
        : (remainder * 100 + code - LETTER_A + 10) % 97;
  }
  return remainder;
}

/**
 * Whether a text of ISO 13616's form (country, two digits, at most 30 characters) has the length and the
 * form of its country, and check digits that fit. Those are 02 to 98: of 00, 01 and 99 the remainder may
 * be right too.
 */
export function isIban(text: string): boolean {
  const remainder = modulo97(text, 0, NUMBER_AT, modulo97(text, NUMBER_AT, text.length));
  const digits = Number(text.slice(2, NUMBER_AT));
  if (remainder !== 1 || digits < 2 || digits > 98) return false;
  return isValidBBAN(text.slice(NUMBER_AT), text.slice(0, 2));
}

/** Whether the check digits of a text of 20 characters fit: ISO 17442. */
export const isLei = (text: string): boolean => modulo97(text, 0, text.length) === 1;

/** Whether a text of an ISIN's form has the check digit of ISO 6166 (Luhn over digits, A = 10). */
export function isIsin(isin: string): boolean {
  const digits = [...isin].map((sign) => Number.parseInt(sign, 36)).join('');
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
