import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Publisher } from './page-updates.ts';
import type { History } from './payment-history.ts';
import type { PaymentHistory, ViewState } from './told-to-page.ts';
import { createViewApp } from './view-routes.ts';

const UETR = '00000000-0000-4000-8000-000000000001';

/** One pool's answer; the app asks nothing else of a history here. */
type Answer = Partial<PaymentHistory> | null | 'behind';
const answering = (answer: Answer) =>
  ({
    of: async (_uetr: string, whole: boolean) =>
      answer === 'behind' ? null : answer && { ...answer, whole },
    isBehind: async () => answer === 'behind',
  }) as never as History;

const app = (...answers: Answer[]) =>
  createViewApp({
    token: 'secret',
    files: new Map(),
    publisher: new Publisher('run', () => ({}) as ViewState),
    histories: new Map(answers.map((answer, n) => [`pool${n}`, answering(answer)])),
    drive: () => null,
    cases: {} as never,
    logger: { info() {}, warn() {}, error() {}, debug() {} } as never,
  });

const asked = async (path: string, ...answers: Answer[]) => {
  const headers = { authorization: 'Bearer secret', host: '127.0.0.1' };
  const response = await app(...answers).inject({ path, headers });
  return response.json();
};

test('a refused message in one pool does not hide the payment in another', async () => {
  const forged = { position: 5, isTaken: false };
  const taken = { position: 6, isTaken: true };
  const path = `/payments/${UETR}`;
  assert.equal((await asked(path, forged, taken)).position, 6);
  assert.equal((await asked(path, taken, forged)).position, 6);
  assert.equal((await asked(path, null, forged)).position, 5);
  assert.equal((await asked(path, null)).status, 404);
  assert.equal((await asked(`${path}?whole=true`, taken)).whole, true);
  assert.match((await asked(`${path}?whole=yes`, taken)).detail, /whole: expected true or false/);
});

test('what is not found in a log that is still being read is to be asked for again', async () => {
  const path = `/payments/${UETR}`;
  const forged = { position: 5, isTaken: false };
  for (const answers of [['behind'], [null, 'behind'], ['behind', forged]] as const) {
    const { status, detail } = await asked(path, ...answers);
    assert.deepEqual([status, detail], [503, 'the log has not been read to its end: ask again']);
  }
  const taken = { position: 6, isTaken: true };
  assert.equal((await asked(path, 'behind', taken)).position, 6);
});
