/** `npm run kafka` in a folder whose name has a space: what it prints runs, and nobody else gets in. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { freePorts } from '../support/free-ports.ts';
import { startProfile, whyNoBroker } from './kafka-access.ts';

const missing = await whyNoBroker();

test('a folder in which a broker runs is refused to another, and its commands run in a shell', {
  skip: missing === '' ? false : missing,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor kafka-'));
  const broker = await startProfile('npm run kafka', folder, []);
  t.after(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'clients/operator.env');
  const variables = readFileSync(file, 'utf8');

  const [port = 0, controllerPort = 0, banksPort = 0] = await freePorts(3);
  const ports = ['--port', `${port}`, '--controller-port', `${controllerPort}`];
  const script = join(packageFolder, 'scripts/kafka.mjs');
  const second = spawnSync(
    process.execPath,
    [script, ...ports, '--banks-port', `${banksPort}`, '--folder', folder],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.match(
    second.stderr,
    /^kafka: --folder .*: process \d+ writes into it; expected another folder, or wait for it\n$/,
  );
  assert.equal(second.status, 2);
  assert.equal(readFileSync(file, 'utf8'), variables);
  await (await openKafkaLog({ brokers: [broker.banks] })).close();

  const [command = ''] = /(?<=founded:\n +)\(.*\)$/m.exec(broker.said ?? '') ?? [];
  assert.match(command, /npx corridor found/);
  const found = spawnSync(
    'sh',
    [
      '-c',
      command
        .replace('npx corridor', `${process.execPath} ${packageFolder}/scripts/corridor.mjs`)
        .replace('sandboxes/smoke-kafka', `'${join(folder, 'net')}'`),
    ],
    { encoding: 'utf8', cwd: packageFolder },
  );
  assert.match(found.stdout, /^network sandbox-1 is founded on /, found.stderr);
  await broker.stop();
  assert.throws(() => readFileSync(join(folder, '.writing')), { code: 'ENOENT' });
});
