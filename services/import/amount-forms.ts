/** How amounts are written in a source: decimal and thousands marks, as a mapping names them. */

export const DECIMAL_MARKS = ['.', ','] as const;
/** A blank stands for each of the blanks that stand between thousands. */
export const THOUSANDS_MARKS = ['none', '.', ',', ' ', "'", '’'] as const;
const BLANKS = ' \u00a0\u202f';

/** A text that stands for itself in a regular expression. */
export const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Of a regular expression: what a mark between thousands may be. */
export const thousandsPattern = (mark: string): string =>
  mark === ' ' ? `[${BLANKS}]` : escaped(mark);

export interface AmountForm {
  readonly decimalMark: (typeof DECIMAL_MARKS)[number];
  readonly thousandsMark: (typeof THOUSANDS_MARKS)[number];
}

/** An amount as a decimal with a point; null: the text is none of the form. */
export type AmountReader = (text: string) => string | null;

export function amountReader({ decimalMark, thousandsMark }: AmountForm): AmountReader {
  const plain = /^\d+$/;
  const decimal = new RegExp(`^\\d+\\${decimalMark}\\d+$`);
  const mark = thousandsPattern(thousandsMark);
  const grouped = new RegExp(`^\\d{1,3}(?:${mark}\\d{3})+(?:\\${decimalMark}\\d+)?$`);
  const marks = new RegExp(mark, 'g');
  const pointed = (text: string) => (decimalMark === '.' ? text : text.replace(decimalMark, '.'));
  return (text) => {
    if (plain.test(text)) return text;
    if (decimal.test(text)) return pointed(text);
    if (thousandsMark === 'none' || !grouped.test(text)) return null;
    return pointed(text.replace(marks, ''));
  };
}
