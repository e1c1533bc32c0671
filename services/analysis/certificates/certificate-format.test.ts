import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { certificateDigest, sealed } from './certificate-format.ts';

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

test('a certificate has its keys in order, and its digest is of its text without that member', () => {
  const content = { zone: 'UTC', format: 'f', rows: [{ a: 1, b: [null] }], event: 7 };
  const certificate = sealed(content);
  const text = JSON.stringify(certificate);
  const digest = digestOf(text.replace(/"digest":"[^"]*",/, ''));
  assert.equal(
    text,
    `{"digest":"${digest}","event":7,"format":"f","rows":[{"a":1,"b":[null]}],"zone":"UTC"}`,
  );
  assert.equal(certificateDigest(certificate), digest);
  // What is not in order within has the digest of what is.
  const other = sealed({ ...content, rows: [{ b: [null], a: 1 }] });
  assert.equal(other.digest, digest);
});
