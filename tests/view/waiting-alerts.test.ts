import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { CaseBook } from '../../services/live/case-book.ts';
import { LEG, MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { type Bic, type Uetr, uetrBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import { ViewModel } from '../../services/view/view-model.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

type Event = Omit<ReferenceEvent, 'number'>;

const NOW = 100_000_000;
const MINUTE = 60_000;
const LEG_TYPE = MESSAGE_TYPES.indexOf(LEG);
const directory = () =>
  Directory.from({
    participants: ['ALFADE00', 'BETASG00'].map((bic) => ({
      ...{ bic: bic as Bic, name: bic, role: 'bank' },
    })),
    currencies: ['EUR', 'SGD'].map((currency) => ({ currency, minorUnits: 2 })),
  });

function pool(name: string) {
  const view = new PoolView(name, directory(), {
    series: new Series(),
    senders: new SenderBook(),
  });
  let number = 0;
  const write = (...events: Event[]) =>
    view.take(
      readEvents(eventBytes(events.map((event) => ({ number: ++number, ...event })))),
      NOW,
      {
        rules: new Map(),
        reorderings: new Map([[3, { priority: 1, atFront: false }]]),
      },
    );
  return { view, write };
}

const payment = (position: number, agoMinutes: number, currency1 = 0): Event => ({
  ...{ kind: 'queued', position, paymentPosition: position, messageType: 1, priority: 2 },
  ...{
    debtorAgent: 0,
    creditorAgent: 1,
    currency1,
    amount1: 5n,
    timeMs: NOW - agoMinutes * MINUTE,
  },
  id: uetrBytes(`00000000-0000-4000-8000-${String(position).padStart(12, '0')}` as Uetr),
});
const run = (cycle: number, outcome: number, currency1 = 0xffff): Event => ({
  ...{ kind: 'cycled', mechanism: 'gridlockResolution', priority: outcome, cycle, currency1 },
  timeMs: NOW - 60 * MINUTE + cycle * MINUTE,
});
const settled = (position: number, currency1 = 0): Event => ({
  ...{ ...payment(position, 1, currency1), kind: 'settled', mechanism: 'queue' },
});

/** Deadlocks that the view raises over some pools, by id. */
const deadlocks = (...views: PoolView[]) =>
  new ViewModel({
    ...{
      network: { network: 'test', pools: [] } as never,
      version: '',
      drive: () => null,
      nowMs: () => NOW,
    },
    ...{ series: new Series(), senders: new SenderBook(), cases: new CaseBook([]) },
    pools: views.map((view) => ({
      view,
      state: () => ({ pool: view.pool, events: 1, digest: '', fault: null }),
    })),
  })
    .snapshot()
    .alerts.filter(({ id }) => id.startsWith('deadlock'))
    .map(({ id }) => id);

test('the oldest is the first submitted, re-ordered, unmatched or matched late', () => {
  const age = (view: PoolView) => (NOW - (view.oldest()?.sinceMs ?? NOW)) / MINUTE;
  const reordered = pool('main');
  reordered.write(payment(1, 40), payment(2, 5));
  reordered.write({ ...payment(1, 1), kind: 'reordered', position: 3, priority: 1 });
  assert.equal(age(reordered.view), 40);
  const legs = pool('main');
  legs.write({ ...payment(1, 40), messageType: LEG_TYPE });
  assert.equal(age(legs.view), 40, 'an unmatched leg waits');
  const matched: Event = { ...payment(4, 1, 1), kind: 'matched', messageType: LEG_TYPE };
  legs.write(
    payment(2, 5),
    { ...matched, balances: [1n] },
    { ...matched, ...{ position: 4, paymentPosition: 1, currency1: 0, balances: [4n] } },
  );
  assert.equal(age(legs.view), 40, 'behind a younger one in its queue');
});

test('a deadlock ends with what waited, and is of its own pool and currency', () => {
  const one = pool('a');
  const other = pool('b');
  one.write(payment(1, 40), run(1, 2));
  assert.deepEqual(deadlocks(one.view, other.view), ['deadlock/a/']);
  one.write(settled(1));
  other.write(payment(9, 1));
  assert.deepEqual(deadlocks(one.view, other.view), [], 'what waits in b is not in deadlock');
  one.write(payment(2, 1));
  assert.deepEqual(deadlocks(one.view, other.view), [], 'one that has just come is not');
  const parts = pool('c');
  parts.write(payment(1, 40), payment(2, 40, 1), run(1, 2, 0), run(2, 1, 1), settled(2, 1));
  assert.deepEqual(deadlocks(parts.view), ['deadlock/c/EUR']);
});
