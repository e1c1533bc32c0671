/** docs/settlement.md names each member of each format of certificate: whoever checks one has nothing else to read. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { certifiedDay } from '../support/certified-days.ts';
import { samples } from './certificate-samples.ts';
import { certifiedIn, followedPool, waitingDay } from './waiting-days.ts';

const page = readFileSync(join(packageFolder, 'docs/settlement.md'), 'utf8');
const part = page.slice(
  page.indexOf('\n## Certificates\n'),
  page.indexOf('\n### What holds a payment\n'),
);
const rows = part
  .slice(part.indexOf('\n### Members of certificates\n'))
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** Signed headers are those of messages; the certificate in a certificate is one of its own. */
const ELSEWHERE = ['headers', 'queue'];

/** Members of objects in a value, each with the member in which its object stands; of the certificate itself the empty one. */
function* membersOf(value: unknown, of: string): Generator<readonly [of: string, member: string]> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) yield* membersOf(one, of);
    return;
  }
  for (const [member, inner] of Object.entries(value)) {
    yield [of, member];
    if (!ELSEWHERE.includes(member)) yield* membersOf(inner, member);
  }
}

async function* certificates(): AsyncGenerator<{ readonly format: string }> {
  yield* samples(6);
  for (const seed of [3, 4, 41, 47])
    for (const { certificate } of certifiedDay(seed, seed % 2 === 0, 'plain')) yield certificate;
  const inputs = await waitingDay(1);
  const followed = followedPool('main');
  for (const [position, value] of inputs.entries()) {
    followed.pool.take(position, value);
    followed.pool.flush();
    if (position % 17 !== 0) continue;
    for (const { partners, condition, record } of followed.reference.live)
      if (partners?.[0]?.record === record && condition && !condition.isMet)
        try {
          yield certifiedIn(followed, Number(record.position), inputs);
        } catch (error) {
          // It was complete behind the policy's time, and ends with the next record.
          assert.match(String(error), /deadlineMs: it had come/);
        }
  }
}

test('each member of a certificate of each format stands on the page', async () => {
  const seen = new Set<string>();
  const missing = new Set<string>();
  for await (const certificate of certificates()) {
    seen.add(certificate.format);
    for (const [of, member] of membersOf(certificate, '')) {
      const isNamed =
        of === ''
          ? part.includes(`\`${member}\``)
          : rows.some(
              ([, names = '', members = '']) =>
                names.includes(`\`${of}\``) && members.includes(`\`${member}\``),
            );
      if (!isNamed) missing.add(`${certificate.format}: ${of} ${member}`);
    }
  }
  assert.deepEqual([...missing], []);
  const formats = ['', '-netting', '-offsetting', '-proposal', '-wait'];
  assert.deepEqual([...seen].sort(), formats.map((one) => `corridor${one}-certificate-1`).sort());
});
