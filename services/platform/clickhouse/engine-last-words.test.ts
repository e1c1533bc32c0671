import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gist } from './engine-last-words.ts';

test('of what a dying engine writes the first line with an error is told, else the last', () => {
  assert.equal(
    gist('loading\n\nCode: 60. DB::Exception: no table\nError: later\n'),
    'Code: 60. DB::Exception: no table',
  );
  assert.equal(gist('loading\nsegmentation fault\n \n'), 'segmentation fault');
  assert.equal(gist(' \n'), '');
});
