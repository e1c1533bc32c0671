import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html, trusted } from './html.ts';

test('what is put into a template is text, unless a template made it', () => {
  const name = `<b a="1" b='2'>&amp;`;
  assert.equal(
    html`<p title="${name}">${name}</p>`.text,
    '<p title="&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;">&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;</p>',
  );
  assert.equal(html`<p>${html`<i>${'<'}</i>`}</p>`.text, '<p><i>&lt;</i></p>');
  assert.equal(html`${trusted('<i>')}`.text, '<i>');
});

test('lists follow one another; null and false leave nothing, zero stays', () => {
  assert.equal(
    html`<ul>${['a', '<'].map((one) => html`<li>${one}</li>`)}</ul>`.text,
    '<ul><li>a</li><li>&lt;</li></ul>',
  );
  assert.equal(html`(${null}${false}${0}${12n}${['<', 1]})`.text, '(012&lt;1)');
});
