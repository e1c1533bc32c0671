/**
 * Kill -9 of a notifier that holds back what its quorum of auditors has not cosigned, and of the auditors with it: at the
 * end each bank was told everything, in order, as by a notifier that never stopped, and nothing as final before it was told ahead.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { coreModule } from '../../services/platform/service/shipped-files.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { atLeast } from '../support/at-least.ts';
import { load } from '../support/run.ts';
import type { ChildOrders, CrashOrder } from './child-orders.ts';
import { NODE_PEM } from './fault-network.ts';
import { checkSeal } from './seal-check.ts';
import { live } from './start-child-process.ts';
import { checkPool } from './topics-against-replay.ts';

const network = networkOf(load('smoke'));
const SEED = 5;
/** Each where something is told and not remembered, or sealed and not cosigned. */
const CRASHES: CrashOrder[] = [
  { point: 'notifier.afterDeliveries', times: 2 },
  { point: 'seal.afterBlock', times: 3 },
];

test('kill -9 of a notifier that waits for its quorum loses nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-quorum-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const evidence = join(folder, 'evidence');
  const base: ChildOrders = {
    log: { kind: 'embedded', folder: join(folder, 'log') },
    roles: ['clearing', 'verifier', 'notifier', 'gateway', 'operator'],
    ...{ snapshots: join(folder, 'snapshots'), snapshotRecords: 20, evidence, quorum: true },
    ...{ seed: SEED, date: new Date().toISOString().slice(0, 10), orders: 0 },
  };
  let until = 0;
  for (const crash of atLeast(2, CRASHES)) {
    until += 16;
    const { how, stderr } = await live({ ...base, until, crash }).over;
    assert.equal(how, 'SIGKILL', `at ${crash.point}: ended with ${how} ${stderr}`);
  }
  until += 16;
  assert.deepEqual(await live({ ...base, until }).over, { how: '0', stderr: '' });
  const log = openEmbeddedLog({ folder: join(folder, 'log') });
  const { module } = coreModule();
  for (const { name } of network.pools) {
    const pool = await checkPool(log, module, network.network, name, NODE_PEM, undefined, true);
    const settled = pool.events.filter(({ kind }) => kind === 'settled').length;
    assert.ok(settled >= until / 4, `${settled} payments settled`);
    await checkSeal(log, evidence, network.network, name);
  }
  await log.close();
});
