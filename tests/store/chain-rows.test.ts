import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Ledger } from '../../services/analysis/ledger.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EventFold } from '../../services/metrics/event-rows.ts';
import { PoolTotals } from '../../services/metrics/pool-totals.ts';
import { Directory, type DirectoryNames } from '../../services/protocol/names/handles-to-names.ts';
import { createWorld } from '../settlement/case-language.ts';
import { conditionDay, DAY_NAMES } from '../support/condition-days.ts';
import { core } from '../support/live.ts';

function directory(): Directory {
  const names = new Directory();
  for (const bic of DAY_NAMES)
    names.fold({ ...{ kind: 'participant', timeMs: 0, bic, name: bic, role: 'bank' } } as never);
  for (const currency of ['EUR', 'USD'])
    names.fold({ ...{ kind: 'currency', timeMs: 0, currency, minorUnits: 2 } } as never);
  return names;
}

function rowsOf(history: Uint8Array, names: DirectoryNames = directory()) {
  const fold = new EventFold('run-1', 'main', names);
  assert.deepEqual(fold.fold(history), []);
  return fold.end().rows.chain_events;
}

const ACCOUNTS = {
  ...{ 'A EUR': 100, 'A USD': 0, 'B EUR': 0, 'B USD': 110, 'C USD': 0 },
  ...{ 'D EUR': 0, 'O EUR': 0, 'P EUR': 0, 'Q EUR': 0 },
} as const;
const hex = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 40);

test('rows of a chain: its legs by the position of leg 1, what is set aside, who said what', () => {
  const world = createWorld(core.module, { chainLegsMax: 16, conditions: true }, ACCOUNTS);
  for (const row of [
    ...['open EUR 1', 'open USD 1', 'link c2 B>C 110 USD as 2/2 of x if 1(O) earmark acceptance'],
    ...['attest a1 O holds x of 2', 'link c1 A>B 60 EUR as 1/2 of x if 1(O) earmark acceptance'],
    ...['at 1000', 'attest a2 P records deed', 'cancel k c2', 'pay p A>B 1 EUR'],
  ])
    world.say(row);
  const rows = rowsOf(world.history());
  const [held, ...others] = rows;
  const place = held?.chain as number;
  assert.deepEqual(held, {
    ...{ run: 'run-1', pool: 'main', event_number: held?.event_number },
    ...{ time: '2024-10-04 12:00:00.000', kind: 'attested', chain: place, leg: 0, legs: 2 },
    ...{ payment_position: place + 1, uetr: '', participant: 'O', verdict: 'held', reason: '' },
    ...{ currency: '', amount_minor: '0', earmarked_minor: '0', digest: hex('x') },
  });
  assert.deepEqual(
    others.map((row) => [
      ...[row.kind, row.chain - place, row.leg, row.legs, row.payment_position - place],
      ...[row.participant, row.currency, row.amount_minor, row.earmarked_minor],
      ...[row.reason, row.digest],
    ]),
    [
      ['matched', 2, 1, 2, 2, 'A', 'EUR', '60', '0', '', ''],
      ['matched', 2, 2, 2, 0, 'B', 'USD', '110', '0', '', ''],
      ['earmarked', 2, 1, 2, 2, 'A', 'EUR', '60', '60', '', ''],
      ['earmarked', 2, 2, 2, 0, 'B', 'USD', '110', '110', '', ''],
      ['recorded', -place, 0, 0, 4, 'P', '', '0', '0', '', hex('deed')],
      ['released', 2, 1, 2, 2, 'A', 'EUR', '60', '0', 'cancelledByDebtorAgent', ''],
      ['released', 2, 2, 2, 0, 'B', 'USD', '110', '0', 'cancelledByDebtorAgent', ''],
    ],
  );
});

test('a row tells of each leg for which nothing is set aside, and that the chain went on', () => {
  const rules = { chainLegsMax: 16, conditions: true, earmarkCap: 1 };
  const world = createWorld(core.module, rules, ACCOUNTS);
  for (const row of [
    ...['open EUR 1', 'open USD 1'],
    'link c1 A>B 60 EUR as 1/2 of x earmark acceptance until 5000 continue',
    'link c2 B>C 110 USD as 2/2 of x earmark acceptance until 5000 continue',
  ])
    world.say(row);
  const rows = rowsOf(world.history()).filter(({ kind }) => kind === 'notEarmarked');
  assert.deepEqual(
    rows.map((row) => [row.leg, row.participant, row.currency, row.amount_minor, row.reason]),
    [
      [1, 'A', 'EUR', '60', 'earmarkCapReached'],
      [2, 'B', 'USD', '110', 'earmarkCapReached'],
    ],
  );
  assert.ok(rows[0]!.chain > 0 && rows[0]!.chain === rows[1]!.chain);
});

test('a row tells of each leg that is promised, with all that is set aside for it', () => {
  const world = createWorld(core.module, { chainLegsMax: 16, conditions: true }, ACCOUNTS);
  const terms = 'if 1(O) mandatory 1 promise earmark acceptance until 90000';
  for (const row of [
    ...['open EUR 1', 'open USD 1', `link c1 A>B 60 EUR as 1/2 of x ${terms}`],
    `link c2 B>C 110 USD as 2/2 of x ${terms}`,
  ])
    world.say(row);
  const history = world.history();
  const rows = rowsOf(history).filter(({ kind }) => kind === 'promised');
  assert.deepEqual(
    rows.map((row) => [
      row.leg,
      row.participant,
      row.currency,
      row.amount_minor,
      row.earmarked_minor,
    ]),
    [
      [1, 'A', 'EUR', '60', '60'],
      [2, 'B', 'USD', '110', '110'],
    ],
  );
  assert.ok(rows[0]!.chain > 0 && rows[0]!.chain === rows[1]!.chain);
  const totals = new PoolTotals(directory(), new Ledger());
  for (const event of readEvents(history)) totals.take(event);
  assert.equal(totals.tables.chain_events, rowsOf(history).length);
});

test('random days: a row for each such event, and every leg under the chain with which it was matched', () => {
  let chained = 0;
  for (let seed = 1; seed <= 12; seed += 1) {
    const history = conditionDay(core.module, seed).history();
    const names = directory();
    const rows = rowsOf(history, names);
    const totals = new PoolTotals(names, new Ledger());
    const leads = new Map<number, number>();
    for (const event of readEvents(history)) {
      totals.take(event);
      if (event.kind === 'matched') leads.set(event.paymentPosition, event.mate);
    }
    assert.equal(rows.length, totals.tables.chain_events, `seed ${seed}`);
    for (const { kind, chain, payment_position } of rows) {
      if (kind !== 'earmarked' && kind !== 'released') continue;
      chained += 1;
      assert.equal(chain, leads.get(payment_position), `seed ${seed}`);
    }
  }
  assert.ok(chained > 100);
});
