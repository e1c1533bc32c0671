import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { certificateDigest, keepText } from './certificate-format.ts';

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

test('the digest is of the JSON with all keys in order, no spaces, and not of itself', () => {
  const content = {
    zone: 'UTC',
    format: 'f',
    digest: 'left out',
    nested: [{ b: null, a: [1, 'x', true], '10': {}, '9': [] }],
  };
  const text = '{"format":"f","nested":[{"10":{},"9":[],"a":[1,"x",true],"b":null}],"zone":"UTC"}';
  assert.equal(certificateDigest(content), digestOf(text));
});

test('tables of thousands of rows, of one shape or of several in turn, are hashed whole', () => {
  const row = (n: number) =>
    n % 3 === 0 ? { b: n, a: `é${n}` } : { c: [{ z: n, y: { x: '😀', w: n } }], b: -n };
  const text = (n: number) =>
    n % 3 === 0 ? `{"a":"é${n}","b":${n}}` : `{"b":${-n},"c":[{"y":{"w":${n},"x":"😀"},"z":${n}}]}`;
  const numbers = Array.from({ length: 3000 }, (_, n) => n);
  const content = { rows: numbers.map(row), last: 1 };
  assert.equal(
    certificateDigest(content),
    digestOf(`{"last":1,"rows":[${numbers.map(text).join(',')}]}`),
  );
});

test('what JSON escapes is escaped as JSON.stringify does', () => {
  for (let code = 0; code < 0x180; code += 1) {
    const name = `a${String.fromCharCode(code)}b`;
    const text = `{${JSON.stringify(name)}:${JSON.stringify(name)}}`;
    assert.equal(certificateDigest({ [name]: name }), digestOf(text), `character ${code}`);
  }
  for (const name of ['\ud800', '\u2028', '😀'])
    assert.equal(certificateDigest({ a: name }), digestOf(`{"a":${JSON.stringify(name)}}`));
});

test('texts and keys of any length are hashed whole, wherever they begin among others', () => {
  for (const length of [65_000, 65_533, 65_534, 65_535, 65_536, 200_000])
    for (const more of ['', 'é']) {
      const name = 'x'.repeat(length) + more;
      const content = { a: ['y'.repeat(700), name, 1], [name]: [name, name, 'z'] };
      assert.equal(
        certificateDigest(content),
        digestOf(JSON.stringify(content)),
        `${length}${more}`,
      );
    }
});

test('what stands in one certificate after the other has the digest of its content in each', () => {
  const row = (n: number) => ({
    b: `text ${n} ${'x'.repeat(n % 90)}`,
    a: [n, { d: null, c: 'é' }],
  });
  const kept = Array.from({ length: 1_500 }, (_, n) => keepText(row(n)));
  // In another order, fewer of them, and behind more or less of something else.
  for (const [lead, step] of [
    [0, 1],
    [0, 1],
    [60_000, 1],
    [7, -1],
    [65_000, 3],
  ] as const) {
    const rows = kept.filter((_, n) => n % step === 0);
    if (step < 0) rows.reverse();
    const content = { lead: 'l'.repeat(lead), rows };
    assert.equal(
      certificateDigest(content),
      certificateDigest(JSON.parse(JSON.stringify(content))),
      `behind ${lead}`,
    );
  }
});
