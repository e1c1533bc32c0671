import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProgress } from './run-progress.ts';

const AT = Date.parse('2026-03-16T18:00:00Z');

function lines(isTTY: boolean, act: (progress: ReturnType<typeof startProgress>) => void) {
  const written: string[] = [];
  const stream = {
    isTTY,
    columns: 120,
    write: (text: string) => written.push(text),
    cursorTo: () => {},
    clearLine: () => {},
  };
  act(startProgress(200, stream as unknown as NodeJS.WriteStream));
  return written.join('');
}

const figures = (sent: number, queued = 3, legs = sent) => ({
  ...{ atMs: AT, legs, sent },
  ...{ settled: sent - queued, queued },
});

test('a line for each tenth; 100 % when the day is over, and then what is done', () => {
  const text = lines(false, (progress) => {
    for (const sent of [5, 20, 21, 100, 200, 200]) progress.update(figures(sent));
    progress.update(figures(200, 0));
    progress.end('the report is written');
    progress.stop();
  });
  assert.deepEqual(text.split('\n'), [
    ' 10%  03-16 18:00 UTC  20 payments sent, 17 settled, 3 queued',
    ' 50%  03-16 18:00 UTC  100 payments sent, 97 settled, 3 queued',
    ' 99%  03-16 18:00 UTC  200 payments sent, 197 settled, 3 queued',
    '100%  03-16 18:00 UTC  200 payments sent, 200 settled, 0 queued',
    '      the report is written',
    '',
  ]);
});

test('a day of trades goes by its legs, and tells payments', () => {
  const text = lines(false, (progress) => {
    progress.update(figures(55, 3, 100));
    progress.update(figures(100, 0, 200));
    progress.end('');
  });
  assert.match(text, /^ 50% .* 55 payments sent, 52 settled/);
  assert.match(text, /\n100% .* 100 payments sent, 100 settled/);
});

test('a note is told beside the figures, on a bar and in a line', () => {
  for (const isTTY of [true, false]) {
    const note = 'it cannot keep up';
    const text = lines(isTTY, (progress) => {
      progress.update({ ...figures(20), note });
      progress.end('');
    });
    assert.match(text, /3 queued(; | {2})it cannot keep up/);
  }
});

test('what is stopped on the way claims nothing', () => {
  const text = lines(false, (progress) => {
    progress.update(figures(200));
    progress.stop();
  });
  assert.doesNotMatch(text, /100%/);
});

test('a bar on a terminal is not full while the day goes on', () => {
  const text = lines(true, (progress) => {
    progress.update(figures(200));
    progress.end('the report is written');
  });
  assert.match(text, /the report is written\n$/);
  assert.doesNotMatch(text, /100%/);
});
