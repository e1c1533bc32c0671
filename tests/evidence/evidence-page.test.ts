/** What docs/evidence.md says of events is what the code does: whoever checks by the page alone comes to the same bytes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EVENT_BYTES, EVENT_OFFSETS, MECHANISMS } from '../../services/core/settlement/events.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { PRIORITIES } from '../../services/protocol/messages/priorities.ts';
import { EventChain, eventsHash } from '../../services/protocol/records/event-chain.ts';
import { atLeast } from '../support/at-least.ts';

const page = readFileSync(join(packageFolder, 'docs/evidence.md'), 'utf8');
const rowsOf = (title: string): string[][] =>
  (page.split(`### ${title}\n`)[1]?.split('\n#')[0] ?? '')
    .split('\n')
    .filter((line) => /^\| +[^-]/.test(line))
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .map((cells) => cells.slice(1, -1));
const BYTES: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, u64: 8, i64: 8 };

test('the layout of an event is that of the code: every field, without a gap', () => {
  const rows = rowsOf('The 128 bytes of an event');
  const offsets: Record<string, number> = {};
  let end = 0;
  for (const [bytes = '', as = '', field = ''] of atLeast(20, rows)) {
    const [first, last = first] = bytes.split(/ to |, /).map(Number) as [number, number?];
    offsets[field] = first;
    assert.equal(last + 1 - first, BYTES[as] ?? Number.parseInt(as, 10), `${field}: ${as}`);
    // The digest lies over the balances.
    if (field === 'digest') assert.equal(last + 1, EVENT_BYTES);
    else {
      assert.equal(first, end, field);
      end = last + 1;
    }
  }
  assert.deepEqual(offsets, { ...EVENT_OFFSETS });
  assert.equal(end, EVENT_BYTES);
  const words = page.replaceAll(/\s+/g, ' ');
  assert.ok(words.includes(`So does \`mechanism\`: ${MECHANISMS.join(', ')}. `));
  assert.ok(words.includes(`\`priority\` counts from 0: ${PRIORITIES.join(', ')}. `));
});

const vectorEvent = (number: number): Buffer => {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeBigUInt64LE(BigInt(number));
  return event;
};
const digestOf = (count: number): Buffer => {
  const chain = new EventChain();
  for (let number = 1; number <= count; number += 1) chain.append(vectorEvent(number));
  return chain.digest();
};

test('the digests of the page are those of the code, and its program prints them', (t) => {
  const rows = rowsOf("The digest of a pool's events");
  const pools = new Map([
    ['west', digestOf(1)],
    ['east', digestOf(0)],
  ]);
  const expected = [0, 1, 1024, 1025].map((n) => [`${n}`, digestOf(n).toString('hex')]);
  expected.push(['east, west', eventsHash(pools)]);
  assert.deepEqual(rows, expected);
  const program = join(packageFolder, 'docs/examples/events_digest.py');
  const { error, stdout, stderr } = spawnSync('python3', [program], { encoding: 'utf8' });
  if (error) {
    t.diagnostic('no python3: the program of the page was not run');
    return;
  }
  assert.equal(stdout, expected.map((row) => `${row.join(' ')}\n`).join(''), stderr);
});
