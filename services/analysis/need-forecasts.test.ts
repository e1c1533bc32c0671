import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NEED_DATES_MAX, NeedForecasts } from './need-forecasts.ts';
import type { HourNeed } from './needs-by-hour.ts';

const HOUR: HourNeed = {
  ...{ participant: 3, currency: 1, date: 100, hour: 2, atMs: 0, balanceMinor: 0n },
  ...{ creditMinor: 0n, movedMinor: 0n, needMinor: 0n, dateMovedMinor: 0n },
};
/** What is forecast after dates with these needs, on each of which 40 of 100 had moved by the hour. */
function after(needs: readonly number[], today: Partial<HourNeed> = {}) {
  const forecasts = new NeedForecasts();
  for (const [date, need] of needs.entries())
    forecasts.learn([
      { ...HOUR, date, movedMinor: 40n, dateMovedMinor: 100n, needMinor: BigInt(need) },
    ]);
  const of = forecasts.of({ ...HOUR, movedMinor: 40n, ...today });
  return of && [of.dates, of.lowerMinor, of.middleMinor, of.upperMinor].map(Number);
}
const tens = (count: number) => Array.from({ length: count }, (_, at) => 10 * (at + 1));

describe('a forecast of the need for the rest of a date', () => {
  it('is the need of earlier dates at ranks 0.1, 0.5 and 0.9 of (dates + 1)', () => {
    assert.deepEqual(after(tens(9)), [9, 10, 50, 90]);
    assert.deepEqual(after([50, 10, 90, 30, 70, 20, 80, 40, 60]), [9, 10, 50, 90]);
    assert.deepEqual(after(tens(19)), [19, 20, 100, 180]);
    // Between two of them in proportion: ranks 1.4, 7 and 12.6.
    assert.deepEqual(after(tens(13)), [13, 14, 70, 126]);
  });

  it('goes from the least to the largest where there are few, and needs four', () => {
    assert.deepEqual(after([30, 10, 20, 60]), [4, 10, 25, 60]);
    assert.equal(after([30, 10, 20]), null);
    assert.equal(after([]), null);
  });

  it('goes with what the date has moved more or less than usual, by its share of a usual date', () => {
    // 40 usual, 100 in all: 90 by now makes 150 of the day, 0 makes 60.
    assert.deepEqual(after(tens(9), { movedMinor: 90n }), [9, 15, 75, 135]);
    assert.deepEqual(after(tens(9), { movedMinor: 0n }), [9, 6, 30, 54]);
  });

  it('rests on the last dates alone, of the same account and hour', () => {
    const many = [...tens(30).map(() => 0), ...tens(NEED_DATES_MAX)];
    assert.deepEqual(after(many), [NEED_DATES_MAX, 21, 105, 189]);
    assert.equal(after(tens(9), { hour: 3 }), null);
    assert.equal(after(tens(9), { participant: 4 }), null);
    assert.equal(after(tens(9), { currency: 2 }), null);
  });

  it('takes a date that closes again as it closed last, and never the date itself', () => {
    const forecasts = new NeedForecasts();
    const learn = (date: number, need: bigint) =>
      forecasts.learn([{ ...HOUR, date, needMinor: need, dateMovedMinor: 100n }]);
    for (let date = 0; date < 5; date += 1) learn(date, 10n);
    learn(4, 70n);
    const at = (date: number) => forecasts.of({ ...HOUR, date });
    assert.deepEqual([at(5)?.dates, at(5)?.upperMinor], [5, 70n]);
    assert.deepEqual([at(4)?.dates, at(4)?.upperMinor], [4, 10n]);
  });

  it('is of dates on which nothing moved what they needed', () => {
    const forecasts = new NeedForecasts();
    for (let date = 0; date < 4; date += 1) forecasts.learn([{ ...HOUR, date }]);
    assert.equal(forecasts.of({ ...HOUR, movedMinor: 9n })?.upperMinor, 0n);
  });
});
