import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instantMs, isDate, isZone } from './local-time-to-instant.ts';

const utc = (text: string) => Date.parse(`${text}Z`);

describe('local times', () => {
  const rows: [string, string, string, string, string][] = [
    ['winter time', '2026-03-16', '02:30', 'Europe/Berlin', '2026-03-16T01:30'],
    [
      'summer time, three weeks ahead of Europe',
      '2026-03-16',
      '00:00',
      'America/New_York',
      '2026-03-16T04:00',
    ],
    ['no summer time', '2026-03-16', '17:30', 'Asia/Bangkok', '2026-03-16T10:30'],
    ['half an hour off', '2026-03-16', '09:00', 'Asia/Kolkata', '2026-03-16T03:30'],
    ['the day before in UTC', '2026-03-16', '06:00', 'Asia/Tokyo', '2026-03-15T21:00'],
    [
      'the hour that is left out moves forward',
      '2026-03-29',
      '02:30',
      'Europe/Berlin',
      '2026-03-29T01:30',
    ],
    ['after it', '2026-03-29', '03:30', 'Europe/Berlin', '2026-03-29T01:30'],
    [
      'of the hour that comes twice, the first',
      '2026-10-25',
      '02:30',
      'Europe/Berlin',
      '2026-10-25T00:30',
    ],
    ['the end of the day', '2026-03-16', '24:00', 'UTC', '2026-03-17T00:00'],
    ['the end of a day of 23 hours', '2026-03-29', '24:00', 'Europe/Berlin', '2026-03-29T22:00'],
    ['seconds', '2026-03-16', '12:00:01.250', 'UTC', '2026-03-16T12:00:01.250'],
  ];
  for (const [what, date, time, zone, expected] of rows)
    test(`${what}: ${date} ${time} ${zone}`, () => {
      assert.equal(instantMs(date, time, zone), utc(expected));
    });

  test('dates that the calendar has', () => {
    assert.equal(isDate('2024-02-29'), true);
    assert.equal(isDate('2026-02-29'), false);
    assert.equal(isDate('1969-12-31'), false);
  });

  test('zones', () => {
    assert.equal(isZone('Asia/Singapore'), true);
    assert.equal(isZone('UTC'), true);
    assert.equal(isZone('Asia/Atlantis'), false);
  });
});
