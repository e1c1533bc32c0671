// Writes the unrolled AssemblyScript of assembly/crypto/generated (not committed; the build runs
// this first). The four-lane field arithmetic is unrolled by a program because its speed depends on
// the order of some 2,500 vector operations and its safety on a bound for each of them: both are
// easier to read, and to check, as the few rules below generator/ than as their result.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateConstants } from './generator/constants.mjs';
import { generateField } from './generator/field.mjs';
import { generateFreeze } from './generator/freeze.mjs';
import { generatePoint } from './generator/point.mjs';
import { generateSha256Lanes } from './generator/sha256.mjs';
import { generateSha512Block } from './generator/sha512.mjs';

const directory = join(dirname(fileURLToPath(import.meta.url)), 'generated');
const field = generateField();
const files = {
  'constants.ts': generateConstants(),
  'field.ts': field.text,
  'freeze.ts': generateFreeze(),
  'point.ts': generatePoint(field.reduced),
  'sha256-lanes.ts': generateSha256Lanes(),
  'sha512-block.ts': generateSha512Block(),
};
mkdirSync(directory, { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
