/** An ASCII text in which nothing is escaped. */
const PLAIN = '"([ !#-[\\]-~]*)"';

/**
 * The form of a JSON text that is written time and again, by which its texts are read in half the time of JSON.parse.
 * @param sample the text, each of its texts "?"
 * @returns has a group for each of them; what is not to the byte of the form, or escapes anything, it does not match
 */
export const plainForm = (sample: string): RegExp =>
  new RegExp(`^${sample.replace(/[[\]{}]/g, '\\$&').replaceAll('"?"', PLAIN)}$`);
