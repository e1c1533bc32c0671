import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellAt, cellCount, cellsOf, cellWords, type Grid, picksAt, settingOf } from './grid.ts';

const option = (label: string) => ({ label, set: [], scale: null });
const GRID: Grid = {
  dimensions: [
    { name: 'a', options: [option('off'), option('on')] },
    { name: 'b', options: [option('1'), option('2'), option('3')] },
  ],
  seeds: [7, 9],
};

test('cells are every combination, seeds fastest, then the last dimension', () => {
  const words = [...cellsOf(GRID, null)].map((cell) => cellWords(GRID, cell));
  assert.deepEqual(words, [
    'a=off, b=1, seed 7',
    'a=off, b=1, seed 9',
    'a=off, b=2, seed 7',
    'a=off, b=2, seed 9',
    'a=off, b=3, seed 7',
    'a=off, b=3, seed 9',
    'a=on, b=1, seed 7',
    'a=on, b=1, seed 9',
    'a=on, b=2, seed 7',
    'a=on, b=2, seed 9',
    'a=on, b=3, seed 7',
    'a=on, b=3, seed 9',
  ]);
});

test('a study of one setting has a cell for each seed', () => {
  const cells = [...cellsOf({ dimensions: [], seeds: [3, 1] }, null)];
  assert.deepEqual(cells, [
    { number: 1, picks: [], seed: 3 },
    { number: 2, picks: [], seed: 1 },
  ]);
});

test('the number of a setting and its options say the same', () => {
  for (let setting = 0; setting < 6; setting++)
    assert.equal(settingOf(GRID, picksAt(GRID, setting)), setting);
  assert.deepEqual(cellAt(GRID, 12).picks, [1, 2]);
});

for (const of of [1, 2, 5, 12])
  test(`${of} shards have each cell once`, () => {
    const numbers = Array.from({ length: of }, (_, at) => [
      ...cellsOf(GRID, { index: at + 1, of }),
    ]).flatMap((cells) => cells.map(({ number }) => number));
    assert.equal(numbers.length, cellCount(GRID));
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      Array.from({ length: 12 }, (_, at) => at + 1),
    );
  });
