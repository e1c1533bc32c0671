import { BadInput } from '../platform/exit-codes.ts';

const WHOLE = /^[0-9]+$/;
const DECIMAL = /^[0-9]+(\.[0-9]+)?$/;

/** Reads an option's number. @param expected what a message says of it */
const numberFrom =
  (name: string, form: RegExp, isIn: (value: number) => boolean, expected: string) =>
  (text: string): number => {
    const value = Number(text);
    if (!form.test(text) || !isIn(value))
      throw new BadInput(`${name} ${text}: expected ${expected}`);
    return value;
  };

/** @param isIn of whole numbers up to 2^53-1 */
export const wholeFrom = (name: string, isIn: (value: number) => boolean, expected: string) =>
  numberFrom(name, WHOLE, (value) => Number.isSafeInteger(value) && isIn(value), expected);
export const decimalFrom = (name: string, isIn: (value: number) => boolean, expected: string) =>
  numberFrom(name, DECIMAL, isIn, expected);

export const portFrom = numberFrom(
  'a port',
  /^[0-9]{1,5}$/,
  (port) => port <= 65_535,
  'a whole number from 0 to 65535',
);
export const seedFrom = wholeFrom('--seed', () => true, 'a whole number from 0 to 2^53-1');
/** @param what is numbered, with its article */
export const ordinalFrom = (name: string, what: string) =>
  numberFrom(name, /^[1-9][0-9]{0,8}$/, () => true, `the number of ${what}, 1 or more`);
