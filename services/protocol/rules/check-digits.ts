import { isValidIBAN } from 'ibantools';

/** Whether a text of ISO 13616's form has the length of its country, its form, and check digits that fit. */
export const isIban = (text: string): boolean => isValidIBAN(text);

/** Whether the check digits of a text of 20 characters fit: ISO 17442, modulo 97 as ISO 7064 has it. */
export function isLei(text: string): boolean {
  let remainder = 0;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    remainder =
      code < LETTER_A
        ? (remainder * 10 + code - DIGIT_0) % 97
        : (remainder * 100 + code - LETTER_A + 10) % 97;
  }
  return remainder === 1;
}

const DIGIT_0 = 0x30;
const LETTER_A = 0x41;
