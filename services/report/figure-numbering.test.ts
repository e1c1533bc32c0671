import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figure, noFigure, table } from './elements.ts';
import { numbered } from './figure-numbering.ts';
import { html } from './html.ts';

const named = (caption: string) => table(caption, ['row'], [['Name', (row) => row]]);
const drawn = (title: string, source: string) =>
  figure({ title, text: 'What.', unit: 'payments', source, chart: html`<svg role="img"></svg>` });

test('figures and tables are numbered as they stand, and a figure names its table wherever that is', () => {
  const { text } = numbered(
    html`${drawn('One', 'Late & <last>')}${named('First')}${noFigure('Not drawn', 'None.')}${drawn('Two', 'First')}${named('Late & <last>')}`,
  );
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, ...parts]) => parts);
  assert.deepEqual(
    found(
      /<figure id="(.*?)">[\s\S]*?Figure (\d+)\.<\/b> <span class="title">(.*?)<[\s\S]*?#(table-\d+)">table (\d+)</g,
    ),
    [
      ['figure-1', '1', 'One', 'table-2', '2'],
      ['figure-2', '2', 'Two', 'table-1', '1'],
    ],
  );
  assert.deepEqual(
    found(/<div class="table" id="(.*?)">[\s\S]*?Table (\d+)\.<\/b> <p class="caption">(.*?)</g),
    [
      ['table-1', '1', 'First'],
      ['table-2', '2', 'Late &amp; &lt;last&gt;'],
    ],
  );
  assert.ok(!text.includes('<!--'), 'no mark is left');
});

test('a caption that looks like a mark is text, and a figure without its table is a fault', () => {
  const sly = '<!--next figure:-->';
  assert.match(numbered(named(sly)).text, /&lt;!--next figure:--&gt;/);
  assert.throws(() => numbered(html`${drawn('One', 'No such table')}`), /no table "No such table"/);
});
