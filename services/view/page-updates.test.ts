import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Publisher } from './page-updates.ts';
import type { ViewState } from './told-to-page.ts';

const snapshot = () => ({ network: 'n' }) as ViewState;

function listen(publisher: Publisher, last?: string, takes = () => true) {
  const heard: { name: string; id: string; data: unknown }[] = [];
  const state = { ended: false };
  const leave = publisher.join(
    {
      send(text) {
        const [name, id, data] = text.split('\n').map((line) => line.replace(/^\w+: /, ''));
        heard.push({ name: name ?? '', id: id ?? '', data: JSON.parse(data ?? '') });
        return takes();
      },
      end() {
        state.ended = true;
      },
    },
    last,
  );
  return { heard, leave, state };
}

test('a page that comes again goes on behind what it had, without loss or double', () => {
  const publisher = new Publisher('a', snapshot);
  const first = listen(publisher);
  publisher.publish({ nowMs: 1 });
  first.leave();
  publisher.publish({ nowMs: 2 });
  publisher.publish({ nowMs: 3 });
  assert.deepEqual(
    first.heard.map(({ name, id }) => `${name} ${id}`),
    ['snapshot a-0', 'delta a-1'],
  );
  const again = listen(publisher, 'a-1');
  publisher.publish({ nowMs: 4 });
  assert.deepEqual(
    again.heard.map(({ id, data }) => [id, data]),
    [
      ['a-2', { nowMs: 2 }],
      ['a-3', { nowMs: 3 }],
      ['a-4', { nowMs: 4 }],
    ],
  );
  assert.deepEqual(listen(publisher, 'a-4').heard, []);
});

test('a page of another run, of the future or too far back gets a snapshot', () => {
  const publisher = new Publisher('a', snapshot);
  for (let version = 1; version <= 300; version++) publisher.publish({ nowMs: version });
  for (const last of ['b-299', 'a-301', 'a-20', 'nonsense', 'a-', ''])
    assert.deepEqual(
      listen(publisher, last).heard.map(({ name, id }) => `${name} ${id}`),
      ['snapshot a-300'],
      last,
    );
  assert.equal(listen(publisher, 'a-60').heard.length, 240);
});

test('deltas that are kept have a bound in bytes', () => {
  const publisher = new Publisher('a', snapshot);
  const network = 'x'.repeat(1_000_000);
  for (let version = 1; version <= 20; version++) publisher.publish({ network });
  assert.equal(listen(publisher, 'a-13').heard[0]?.name, 'delta');
  assert.equal(listen(publisher, 'a-5').heard[0]?.name, 'snapshot');
});

test('a page that takes no more is ended, the others go on', () => {
  const publisher = new Publisher('a', snapshot);
  const slow = listen(publisher, undefined, () => false);
  const other = listen(publisher);
  publisher.publish({ nowMs: 1 });
  publisher.publish({ nowMs: 2 });
  assert.ok(slow.state.ended);
  assert.equal(slow.heard.length, 2);
  assert.equal(other.heard.length, 3);
  assert.equal(publisher.listeners, 1);
});
