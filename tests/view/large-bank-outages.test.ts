import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SenderBook } from '../../services/view/silent-banks.ts';
import { seeded } from '../settlement/random-draft.ts';

const MINUTE = 60_000;
const DAY = 1_440;
const START = Date.parse('2026-11-02T00:00:00Z');

/**
 * Equal banks that send in a minute by chance, where `works` has them send at all.
 * @returns of each day on which the bank B0 is told the minute in which it is first; others by name
 */
function told(
  seed: number,
  days: number,
  banks: number,
  permille: number,
  works: (minute: number, day: number, bank: number) => boolean,
): Map<string, number> {
  const pick = seeded(seed);
  const book = new SenderBook();
  const first = new Map<string, number>();
  for (let day = 1; day <= days; day++)
    for (let minute = 0; minute < DAY; minute++) {
      const timeMs = START + ((day - 1) * DAY + minute) * MINUTE;
      for (const { bic } of book.outages(timeMs)) {
        const name = `${bic} day ${day}`;
        if (!first.has(name)) first.set(name, minute);
      }
      for (let bank = 0; bank < banks; bank++) {
        if (!works(minute, day, bank) || pick(1_000) >= permille) continue;
        book.take(`B${bank}`, 'EUR', timeMs + 1_000, false);
        book.settled(`B${bank}`, 'EUR', timeMs + 1_000, 100n);
      }
    }
  return first;
}

const isOpen = (minute: number) => minute >= 420 && minute < 1_080;

/** Habits of B0; all others send from 7:00 to 18:00. */
const HABITS: Readonly<Record<string, (minute: number, day: number) => boolean>> = {
  'ends at 16:00': (minute) => minute < 960,
  'has a break from 12:00 to 13:00': (minute) => minute < 720 || minute >= 780,
  'begins at 8:00': (minute) => minute >= 480,
  'sends in two batches': (minute) =>
    (minute >= 540 && minute < 560) || (minute >= 900 && minute < 920),
};
for (const [habit, isAtWork] of Object.entries(HABITS))
  test(`a large bank that ${habit} each day is not told`, () => {
    const works = (minute: number, day: number, bank: number) =>
      isOpen(minute) && (bank !== 0 || isAtWork(minute, day));
    assert.deepEqual([...told(1, 9, 10, 900, works)], []);
  });

test('in a network without nights a large bank that works from 8:00 to 18:00 is not told', () => {
  const works = (minute: number, _: number, bank: number) =>
    bank !== 0 || (minute >= 480 && minute < 1_080);
  assert.deepEqual([...told(2, 9, 10, 900, works)], []);
});

test('a weekend at home, a day off each week and a leaving are told on the first day, and never again', () => {
  const works = (minute: number, day: number, bank: number) =>
    isOpen(minute) && (bank !== 0 || (day - 1) % 7 < 5);
  assert.deepEqual([...told(3, 20, 10, 900, works).keys()], ['B0 day 6']);
  const off = (minute: number, day: number, bank: number) =>
    isOpen(minute) && (bank !== 0 || day % 7 !== 6);
  assert.deepEqual([...told(5, 20, 10, 900, off).keys()], ['B0 day 6'], 'one day of the week');
  const left = (minute: number, day: number, bank: number) =>
    isOpen(minute) && (bank !== 0 || day < 4);
  assert.deepEqual([...told(4, 12, 10, 900, left).keys()], ['B0 day 4'], 'a bank that left');
});

test('steady traffic by chance tells nobody on 30 days of a network', () => {
  for (const [seed, permille] of [300, 500, 700].entries())
    assert.deepEqual([...told(10 + seed, 13, 4, permille, () => true)], [], `${permille}`);
});

test('an outage is told within ten minutes of a bank that sends in 19 of 20 minutes', () => {
  for (const [from, day] of [
    [630, 4],
    [420, 5],
    [901, 8],
  ] as const) {
    const works = (minute: number, at: number, bank: number) =>
      isOpen(minute) && (bank !== 0 || at !== day || minute < from);
    const found = told(20 + day, day, 10, 950, works);
    const minute = found.get(`B0 day ${day}`) ?? Number.POSITIVE_INFINITY;
    assert.ok(minute >= from + 5 && minute <= from + 10, `${from} on day ${day}: ${minute}`);
    assert.equal(found.size, 1);
  }
});
