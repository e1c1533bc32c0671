/**
 * Kill -9 at many moments: every record that was acknowledged is there, byte for byte, and what else
 * is there is whole. One log is killed again and again, so that recovered files are hit as well.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { CRASH_TOPICS, crashMessage } from './crash-messages.ts';
import { readAll } from './log-contract.ts';

const KILLS = 30;
const SEED = 20260316;
const CHILD = fileURLToPath(new URL('./kill-log-writer.child.js', import.meta.url));

/** Acknowledged places: topic, partition and offset to the message's number. */
type Acknowledged = Map<string, number>;

/** Runs the child and kills it `delayMs` after its log is open; collects what it acknowledged. */
async function runAndKill(folder: string, first: number, delayMs: number, into: Acknowledged) {
  const child = spawn(process.execPath, [CHILD, folder, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), delayMs);
    output += text;
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
  assert.equal(signal, 'SIGKILL', 'the child ended before it was killed');
  // The last line may be torn: then it was never acknowledged as a whole.
  for (const line of output.slice(0, output.lastIndexOf('\n')).split('\n').slice(1)) {
    const [topic, from, ...places] = line.split(' ');
    places.forEach((place, i) => {
      into.set(`${topic} ${place}`, Number(from) + i);
    });
  }
}

/** Checks the whole log; returns a message number above all that are in it. */
async function checkLog(folder: string, acknowledged: Acknowledged): Promise<number> {
  const log = openEmbeddedLog({ folder });
  const missing = new Set(acknowledged.keys());
  let highest = -1;
  for (const { name, partitions } of CRASH_TOPICS)
    for (let partition = 0; partition < partitions; partition++) {
      const records = await readAll(log, name, partition);
      records.forEach((record, index) => {
        assert.equal(record.logOffset, index, 'offsets are dense');
        const number = Number(record.headers.number);
        const sent = crashMessage(number);
        assert.equal(record.key, sent.key);
        assert.deepEqual(record.headers, sent.headers);
        assert.equal(Buffer.compare(record.value, sent.value), 0, `value of message ${number}`);
        const place = `${name} ${partition}:${index}`;
        if (missing.delete(place)) assert.equal(number, acknowledged.get(place));
        highest = Math.max(highest, number);
      });
    }
  assert.deepEqual([...missing], [], 'acknowledged, but not in the log');
  await log.close();
  return highest + 1;
}

it(`the embedded log: ${KILLS} times kill -9, seed ${SEED}`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-crash-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = openEmbeddedLog({ folder });
  await log.createTopics(CRASH_TOPICS);
  await log.close();
  const acknowledged: Acknowledged = new Map();
  let state = SEED;
  let next = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    await runAndKill(folder, next, (state >>> 16) % 150, acknowledged);
    // The whole log is checked now and then; the first number of each life is fresh in any case.
    next = kill % 10 === 9 ? await checkLog(folder, acknowledged) : next + 1_000_000;
  }
  t.diagnostic(`${acknowledged.size} records acknowledged`);
  assert.ok(acknowledged.size > 1_000, `only ${acknowledged.size} records`);
});
