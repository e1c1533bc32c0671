/** A service whose stdout, or stderr too, is on a disk that is full goes on, and ends when it is asked. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createStartWorld, founded } from '../support/startup.ts';

const MAIN = fileURLToPath(new URL('../../services/gateway/main.js', import.meta.url));
const world = createStartWorld();
after(() => world.remove());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

for (const isStderrFull of [false, true])
  test(`a service goes on where stdout${isStderrFull ? ' and stderr are' : ' is'} full`, async () => {
    const port = await freePort();
    const log = await world.prepared(founded);
    const env = {
      ...world.good(`embedded:${log}`),
      CORRIDOR_HTTP_HOST: '127.0.0.1',
      CORRIDOR_HTTP_PORT: String(port),
    };
    // The device of Linux on which every write finds the disk full.
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [MAIN], {
      env,
      stdio: ['ignore', full, isStderrFull ? full : 'pipe'],
      timeout: 180_000,
      killSignal: 'SIGKILL',
    });
    closeSync(full);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = once(child, 'close');
    const isAlive = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ status }) => status === 200,
        () => false,
      );
    while (child.exitCode === null && child.signalCode === null && !(await isAlive()))
      await pause(50);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], said);
    if (!isStderrFull)
      assert.match(said, /^stdout cannot be written, all else goes on: ENOSPC.*\n$/);
  });

test('its help on a full disk is one line', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [MAIN, '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.match(stderr, /^gateway: the output cannot be written: ENOSPC.*\n$/);
  assert.equal(status, 1);
});
