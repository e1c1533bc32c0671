import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8Text } from './utf8-text.ts';

test('a text is UTF-8, or its first other line is told', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-text-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'm.yaml');
  const read = (...bytes: (string | number)[]) => {
    const parts = bytes.map((one) => (typeof one === 'string' ? Buffer.from(one) : [one]));
    writeFileSync(path, Buffer.concat(parts.map((one) => Uint8Array.from(one))));
    return utf8Text(path);
  };
  assert.equal(read('a: Südbank\n'), 'a: Südbank\n');
  assert.equal(read('\ufeffa: 1'), 'a: 1');
  const error = (line: number) => ({
    name: 'ScenarioError',
    message: `${path}:${line}: not UTF-8: expected a file in UTF-8`,
  });
  assert.throws(() => read('a: 1\nb: S', 0xfc, 'dbank\nc: ', 0xfc, '\n'), error(2));
  assert.throws(() => read('ü\n\nS', 0xfc), error(3));
  assert.throws(() => read('S', 0xc3, '\n'), error(1));
  assert.throws(
    () => utf8Text(join(folder, 'none')),
    /none: cannot be read: there is no such file/,
  );
});
