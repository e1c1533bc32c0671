import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClearing } from '../../services/clearing/clearing.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { readEventsHeaders } from '../../services/protocol/records/events-message.ts';

const wasm = compiledCore();
const isLong = process.env.CORRIDOR_LONG_TESTS === '1';
/** Kills, spread over the run by the number of acknowledged records after which they come. */
const KILLS = isLong ? 16 : 8;
const LAST_KILL = 2_850;

/** Runs the child and kills it once it has acknowledged `records`; returns what it acknowledged. */
async function runAndKill(folder: string, records: number): Promise<Map<string, number>> {
  const script = fileURLToPath(new URL('./kill-run.child.js', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    lines += piece.split('\n').length - 1;
    if (lines >= records) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.on('close', (_, how) => resolve(how)));
  assert.equal(signal, 'SIGKILL', 'the run ended before it was killed');
  const acknowledged = new Map<string, number>();
  // A last line without its end was cut by the kill: its record may or may not be there.
  for (const line of text.split('\n').slice(0, -1)) {
    const [topic, partition, logOffset] = line.split(' ');
    acknowledged.set(`${topic} ${partition}`, Number(logOffset));
  }
  return acknowledged;
}

async function readWhole(log: Log, topic: string, partition: number) {
  const records = [];
  for (;;) {
    const batch = await log.read(topic, partition, records.length, 1000);
    if (batch.length === 0) return records;
    records.push(...batch);
  }
}

/** The events in the topic are those that the input in the topic gives: the chain says so. */
async function checkEvents(log: Log): Promise<number> {
  const inputs = await readWhole(log, 'pool.main.input', 0);
  const clearing = createClearing(createSettlement(wasm));
  const digests = [clearing.digest().toString('hex')];
  for (const { logOffset, value } of inputs) {
    const { count, digestAfter } = clearing.apply([{ position: logOffset, value }]);
    if (count > 0) digests.push(digestAfter);
  }
  const messages = await readWhole(log, 'pool.main.events', 0);
  let next = 1;
  for (const { headers } of messages) {
    const placed = readEventsHeaders(headers);
    assert.equal(placed.firstNumber, next, 'events follow one another');
    assert.ok(digests.includes(placed.digestBefore), 'what was there before is the same history');
    assert.ok(digests.includes(placed.digestAfter), 'and what it adds');
    next += placed.count;
  }
  return messages.length;
}

test(`a run over the embedded log, killed ${KILLS} times, loses no acknowledged record`, async () => {
  let eventMessages = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const folder = mkdtempSync(join(tmpdir(), 'corridor-crash-'));
    try {
      const acknowledged = await runAndKill(
        folder,
        3 + Math.round((kill / (KILLS - 1)) * LAST_KILL),
      );
      const log = openEmbeddedLog({ folder });
      for (const [place, logOffset] of acknowledged) {
        const [topic, partition] = place.split(' ') as [string, string];
        const records = await readWhole(log, topic, Number(partition));
        assert.ok(
          records.length > logOffset,
          `${place}: ${records.length} records, ${logOffset} acknowledged`,
        );
        records.forEach((record, index) => {
          assert.equal(record.logOffset, index, `${place} is dense`);
        });
      }
      if (acknowledged.has('pool.main.input 0')) eventMessages += await checkEvents(log);
      await log.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  assert.ok(eventMessages > 0, 'some kills came after events were written');
});
