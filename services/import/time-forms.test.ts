import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DateTime } from 'luxon';
import { SeededStream } from '../scenario/random-streams.ts';
import { amountReader, DECIMAL_MARKS, THOUSANDS_MARKS } from './amount-forms.ts';
import { LocalTimes } from './local-times.ts';
import { NumberedTexts } from './numbered-texts.ts';
import { SourceBics } from './test-bics.ts';
import { timeOfDayText, timeReader } from './time-forms.ts';

test('an amount written with any marks is read back; one with a mark elsewhere is none', () => {
  const stream = new SeededStream(1, 'amounts');
  for (let round = 0; round < 300; round++) {
    const minor = Math.floor(10 ** (stream.uniform() * 11));
    const plain = (minor / 100).toFixed(2);
    const [whole = '', decimals] = plain.split('.');
    for (const decimalMark of DECIMAL_MARKS)
      for (const thousandsMark of THOUSANDS_MARKS.filter((mark) => mark !== decimalMark)) {
        const read = amountReader({ decimalMark, thousandsMark });
        const mark = thousandsMark === 'none' ? '' : thousandsMark;
        const grouped = whole.replace(/\B(?=(\d{3})+$)/g, mark);
        assert.equal(read(`${grouped}${decimalMark}${decimals}`), plain);
        assert.equal(read(whole + decimalMark + decimals), plain);
        assert.equal(read(`-${plain}`), null);
        if (mark !== '') assert.equal(read(`1${mark}23${decimalMark}00`), null);
      }
  }
  const swiss = amountReader({ decimalMark: ',', thousandsMark: ' ' });
  assert.equal(swiss('1\u00a0234\u202f567,5'), '1234567.5');
});

test('a time in any form is read as luxon reads it', () => {
  const forms = [
    ['d.M.yyyy H:mm', 'd.M.yyyy H:mm'],
    ['yyyyMMdd HHmmss', 'yyyyMMdd HHmmss'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSZZ", 'yyyy-MM-ddTHH:mm:ssFZZ'],
  ];
  const stream = new SeededStream(2, 'times');
  for (let round = 0; round < 300; round++) {
    const atMs = Math.floor(stream.uniform() * 2e12);
    const local = DateTime.fromMillis(atMs, { zone: 'Asia/Kolkata' });
    for (const [luxon = '', form = ''] of forms) {
      const text = local.toFormat(luxon);
      const again = DateTime.fromFormat(text, luxon, { setZone: true });
      assert.deepEqual(timeReader(form)(text), {
        date: again.toISODate(),
        timeMs: again.diff(again.startOf('day')).toMillis(),
        offsetMinutes: form.includes('ZZ') ? 330 : null,
      });
    }
    assert.equal(
      timeOfDayText(atMs % 86_400_000),
      DateTime.fromMillis(atMs, { zone: 'UTC' }).toFormat(
        atMs % 1000 === 0 ? 'HH:mm:ss' : 'HH:mm:ss.SSS',
      ),
    );
  }
  assert.equal(timeReader('H:mm')('24:00'), null);
  assert.equal(timeReader('H:mm')('9:60'), null);
  assert.equal(timeReader('d.M.yy')('16.3.26')?.date, '2026-03-16');
});

test('instants and local times of a zone are luxon’s, at the turns of its clocks too', () => {
  const stream = new SeededStream(3, 'zones');
  for (const zone of ['Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC']) {
    const times = new LocalTimes(zone);
    for (let round = 0; round < 200; round++) {
      const turn = Date.UTC(2026, round % 2 === 0 ? 2 : 9, 29);
      const atMs = turn + Math.floor((stream.uniform() - 0.5) * 8 * 86_400_000);
      const local = DateTime.fromMillis(atMs, { zone });
      const found = times.localOf(atMs);
      assert.deepEqual(
        [found.date, timeOfDayText(found.timeMs).slice(0, 8)],
        [local.toISODate(), local.toFormat('HH:mm:ss')],
      );
      const first = Math.min(...local.getPossibleOffsets().map((one) => one.toMillis()));
      assert.equal(times.instantOf(found.date, found.timeMs), first);
    }
  }
});

test('names become test BICs, each its own, the same for the same', () => {
  const bics = new SourceBics({ Given: 'GIVNDE00' }, false);
  const names = ['Given', 'NORDDEFF', 'NORDDEFM', 'NORDDEF0', 'Ärzte-Bank', 'X', '--', 'Given 2'];
  const many = Array.from({ length: 500 }, (_, at) => `Bank number ${at}`);
  const all = [...names, ...many].map((name) => bics.of('from', name));
  assert.deepEqual(all.slice(0, 8), [
    'GIVNDE00',
    'NORDDEF0',
    'NORDDE00',
    'NORDDEA0',
    'ARZTXX00',
    'XXXXXX00',
    'XXXXXXA0',
    'GIVEXX00',
  ]);
  assert.equal(new Set(all).size, all.length);
  for (const bic of all) assert.match(bic, /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]0([A-Z0-9]{3})?$/);
  assert.equal(bics.of('to', 'Bank  number\n7'), bics.of('from', 'Bank number 7'));
});

test('texts keep the number that they got first, among many', () => {
  const texts = new NumberedTexts();
  const truth = new Map<string, number>();
  const stream = new SeededStream(4, 'texts');
  for (let number = 0; number < 20_000; number++) {
    const text = `r${Math.floor(stream.uniform() * 15_000)}`;
    assert.equal(texts.add(text, number), truth.get(text) ?? null);
    if (!truth.has(text)) truth.set(text, number);
  }
});
