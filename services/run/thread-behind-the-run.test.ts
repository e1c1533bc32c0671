import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, getPriority } from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const { PRIORITY_LOW } = constants.priority;
const STEPS_BACK = 4;

/**
 * The priority of a thread that stands behind the run so many times.
 * @param before what it does before that
 */
async function priorityBehind(times: number, before = ''): Promise<number> {
  const module = new URL('./thread-behind-the-run.js', import.meta.url).href;
  const worker = new Worker(
    `${before}
    import(${JSON.stringify(module)}).then(({ standBehindTheRun }) => {
      for (let time = 0; time < ${times}; time++) standBehindTheRun();
      require('node:worker_threads').parentPort.postMessage(require('node:os').getPriority());
    });`,
    { eval: true, execArgv: [] },
  );
  const [priority] = await once(worker, 'message');
  await worker.terminate();
  return priority;
}

const isLinux = process.platform === 'linux';

test('a thread that stands behind the run takes no other thread back with it', async () => {
  const own = getPriority();
  const expected = isLinux ? Math.min(PRIORITY_LOW, own + STEPS_BACK) : own;
  assert.equal(await priorityBehind(1), expected);
  assert.equal(getPriority(), own);
});

test('of a process that stands back as far as can be its threads do no more', async () => {
  assert.equal(await priorityBehind(10), isLinux ? PRIORITY_LOW : getPriority());
});

test('where the call is refused a thread goes on as it is', async () => {
  const refuses = `require('node:os').setPriority = () => { throw new Error('EPERM'); };
    require('node:module').syncBuiltinESMExports();`;
  assert.equal(await priorityBehind(1, refuses), getPriority());
});
