/** Which forms of dates, times and amounts fit all values of a column. */
import { isDate } from '../scenario/local-time-to-instant.ts';
import { amountReader, DECIMAL_MARKS, THOUSANDS_MARKS, thousandsPattern } from './amount-forms.ts';
import { timeReader } from './time-forms.ts';

/** All forms that fit; none: the sample is a value that fits no other form either. */
export interface FoundForm {
  readonly fits: readonly string[];
  readonly sample: string;
}

const DATES = [
  ...['yyyy-MM-dd', 'yyyyMMdd', 'yyyy/M/d', 'yyyy.M.d'],
  ...['.', '/', '-'].flatMap((mark) =>
    ['yyyy', 'yy'].flatMap((year) => [`d${mark}M${mark}${year}`, `M${mark}d${mark}${year}`]),
  ),
];
const HOURS = ['H:mm', 'H:mm:ss', 'H:mm:ssF', 'HHmm', 'HHmmss', 'HHmmssF'];
const TIMES = HOURS.flatMap((form) => [form, `${form}ZZ`, `${form} ZZ`]);
const STAMPS = DATES.flatMap((date) =>
  ['T', ' '].flatMap((mark) => TIMES.map((time) => `${date}${mark}${time}`)),
);

/** Beginning with so many values, which forms are tried on the others. */
const TRIED = 50;

/** The forms that fit most of the texts, where those are more than half: the others are bad rows. */
function fittingMost<T>(
  texts: readonly string[],
  candidates: readonly T[],
  fits: (one: T, text: string) => boolean,
) {
  const tried = candidates.filter((one) => texts.slice(0, TRIED).some((text) => fits(one, text)));
  const counted = tried.map((one) => ({
    one,
    count: texts.filter((text) => fits(one, text)).length,
  }));
  const most = Math.max(0, ...counted.map(({ count }) => count));
  if (2 * most <= texts.length) return [];
  return counted.filter(({ count }) => count === most).map(({ one }) => one);
}

/** @param texts at least one, none empty */
export function foundTimes(texts: readonly string[], wants: 'date' | 'time'): FoundForm {
  const candidates = wants === 'date' ? DATES : [...TIMES, ...STAMPS];
  const readers = candidates.map((form) => ({ form, read: timeReader(form) }));
  // Of all rows: a date that most have counts more than a word at the end.
  const fits = fittingMost(texts, readers, ({ read }, text) => {
    const found = read(text);
    return found !== null && (found.date === null || isDate(found.date));
  });
  const forms = fits.map(({ form }) => form);
  // Without decimals a form reads the same as with such as may be there.
  const plain = forms.filter(
    (form) => !forms.includes(form.replace('F', '')) || !form.includes('F'),
  );
  return { fits: plain, sample: texts[0] as string };
}

const AMOUNTS = DECIMAL_MARKS.flatMap((decimalMark) =>
  THOUSANDS_MARKS.filter((thousandsMark) => thousandsMark !== decimalMark).map((thousandsMark) => ({
    decimalMark,
    thousandsMark,
    read: amountReader({ decimalMark, thousandsMark }),
  })),
);

/** The marks of amounts; null: none stands between thousands. */
export function foundAmounts(texts: readonly string[]): {
  decimalMark: FoundForm;
  thousandsMark: FoundForm | null;
} {
  const marked = [...new Set(texts)].filter(
    (text) => /\D/.test(text) && AMOUNTS.some(({ read }) => read(text) !== null),
  );
  // Without any mark all forms read the same.
  if (marked.length === 0) return { decimalMark: { fits: ['.'], sample: '' }, thousandsMark: null };
  const fits = fittingMost(marked, AMOUNTS, ({ read }, text) => read(text) !== null).filter(
    ({ thousandsMark }) =>
      thousandsMark === 'none' ||
      marked.some((text) => new RegExp(thousandsPattern(thousandsMark)).test(text)),
  );
  const readings = (text: string) => new Set(fits.flatMap(({ read }) => Number(read(text) ?? [])));
  // 1.234 is a thousand, or one and a bit.
  const unclear = marked.find((text) => readings(text).size > 1);
  const sample = unclear ?? (marked[0] as string);
  const plain = fits.filter(({ thousandsMark }) => thousandsMark === 'none');
  const kept = unclear === undefined && plain.length > 0 ? plain : fits;
  const distinct = (marks: readonly string[]) => ({ fits: [...new Set(marks)], sample });
  const decimalMark = distinct(kept.map(({ decimalMark }) => decimalMark));
  if (plain.length === kept.length) return { decimalMark, thousandsMark: null };
  return { decimalMark, thousandsMark: distinct(kept.map(({ thousandsMark }) => thousandsMark)) };
}
