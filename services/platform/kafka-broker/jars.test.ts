import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kafkaClasspath } from './jars.ts';

/** A folder, and a Maven that a shell script stands in for, first on the path. */
function standIn(t: TestContext, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-jars-'));
  const before = process.env.PATH;
  writeFileSync(join(folder, 'mvn'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'mvn'), 0o755);
  process.env.PATH = `${folder}:${before}`;
  t.after(() => {
    process.env.PATH = before;
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test('who may not write into the program’s folder has the class path in his own, once', async (t) => {
  const script =
    'for word; do case $word in -Dmdep.outputFile=*) printf %s "$0" >"$(echo "$word" | cut -d= -f2)";; esac; done';
  const folder = standIn(t, script);
  let fetched = 0;
  const ask = () => kafkaClasspath(folder, () => fetched++, '/proc/none');
  assert.equal(await ask(), join(folder, 'mvn'));
  assert.equal(await ask(), join(folder, 'mvn'));
  assert.equal(fetched, 1);
  const [file = ''] = readdirSync(folder).filter((name) => name.startsWith('classpath-'));
  assert.equal(readFileSync(join(folder, file), 'utf8'), join(folder, 'mvn'));
});

test('a folder that nobody may write is not blamed on Maven, and Maven says what it could not do', async (t) => {
  const folder = standIn(t, 'echo "[ERROR] no route to host"; exit 1');
  await assert.rejects(kafkaClasspath('/proc/other', undefined, '/proc/none'), {
    name: 'KafkaMissing',
    message: /^nothing can be written in \/proc\/other \(.*\): name a folder that can be written$/,
  });
  await assert.rejects(kafkaClasspath(folder, undefined, '/proc/none'), {
    name: 'KafkaMissing',
    message: "Maven could not fetch Kafka's jars: [ERROR] no route to host",
  });
});
