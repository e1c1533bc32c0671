import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StatusWait, statusWait } from '../analysis/waits/wait-status-text.ts';
import type { WaitingMessage } from '../analysis/waits/waiting-message.ts';
import { type Uetr, uetrBytes } from '../protocol/names/bic-and-uetr.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { heldUpWait } from './held-up-wait.ts';
import { ToldWaits } from './wait-teller.ts';

const directory = new Directory();
for (const bic of ['ALFADE00', 'BETASG00'])
  directory.fold({ kind: 'participant', bic, name: bic, role: 'bank' } as ControlRecord);
for (const [currency, minorUnits] of [
  ['JPY', 0],
  ['EUR', 2],
] as const)
  directory.fold({ kind: 'currency', currency, minorUnits } as ControlRecord);

/** What is told to ALFADE00, or to `sender`, of a shortage of 1234 minor units. */
function told(changes: object, sender = 'ALFADE00', isReserved = false) {
  const event = { by: 'balance', participant: 0, currency: 1, amount: 1234n, ...changes };
  return heldUpWait(event as Parameters<typeof heldUpWait>[0], sender, directory, isReserved);
}

test("a bank is told its own shortage: in its currency's decimals, with the code of what it lacks", () => {
  const own = told({});
  assert.equal(own?.reason?.code, 'AM04');
  assert.deepEqual(own?.information, ['Short by EUR 12.34']);
  assert.deepEqual(told({ currency: 0 })?.information, ['Short by JPY 1234']);
  const codes = ['bilateralLimit', 'multilateralLimit'].map((by) => told({ by })?.reason?.code);
  assert.deepEqual(codes, ['AM23', 'AM23']);
  assert.match(told({}, 'ALFADE00', true)?.reason?.text ?? '', /reserved/);
});

test("another bank's shortage is told without the bank and the amount", () => {
  const other = told({ participant: 1 });
  assert.equal(other?.reason?.code, 'COUNTERPARTY');
  assert.doesNotMatch(other?.information.join() ?? '', /BETA|EUR|12|Short/);
  assert.deepEqual(told({ participant: 0 }, 'BETASG00'), other);
});

test('what is held up by nothing is told nothing', () => {
  assert.equal(told({ by: 'none' }), null);
});

test('every kind of wait has a reason, and what a bank can do or look for', () => {
  const uetr = '8a562c67-ca16-48ba-b074-65581be6f001' as Uetr;
  const front = { id: uetrBytes(uetr) } as WaitingMessage;
  const said = (wait: Parameters<typeof statusWait>[0]) => {
    const { reason, information } = statusWait(wait, directory, () => null);
    for (const text of [reason?.text, reason?.remedy, ...information])
      assert.ok((text as string).length <= 105, `AddtlInf is Max105Text: ${text}`);
    return [reason?.code, reason?.isProprietary === true, ...information];
  };
  const short = { currency: 1, amount: 1250n };
  assert.deepEqual(said({ kind: 'behind', front }), ['BEHIND', true, `Behind ${uetr}`]);
  assert.deepEqual(said({ kind: 'reservation', ...short }), ['AM04', false, 'Short by EUR 12.50']);
  assert.deepEqual(said({ kind: 'closed', currencies: [1], date: 20_528 }), [
    ...['CLOSED', true, 'Until EUR opens for 2026-03-16 or a later date'],
  ]);
  assert.deepEqual(said({ kind: 'closed', currencies: [0, 1], date: 20_528 }), [
    ...['CLOSED', true, 'Until JPY and EUR open for 2026-03-16 or a later date'],
  ]);
  assert.deepEqual(said({ kind: 'closed', currencies: [], date: 20_528 }), ['CLOSED', true]);
  assert.deepEqual(said({ kind: 'earliestTime', atMs: Date.UTC(2026, 2, 16, 8) }), [
    ...['EARLIEST', true, 'Not before 2026-03-16T08:00:00.000Z'],
  ]);
  for (const [kind, code] of [
    ['unmatched', 'UNMATCHED'],
    ['counterparty', 'COUNTERPARTY'],
    ['cycle', 'CYCLE'],
  ] as const)
    assert.deepEqual(said({ kind }), [code, true]);
});

test('a wait is told once, again when it changes, and anew of a payment that was forgotten', () => {
  const waits = new ToldWaits();
  const own = told({}) as StatusWait;
  const less = told({ amount: 1n }) as StatusWait;
  const other = told({ participant: 1 }) as StatusWait;
  const limited = told({ by: 'bilateralLimit' }) as StatusWait;
  const steps = [own, own, less, less, own, limited, other, other];
  assert.deepEqual(
    steps.map((wait) => waits.isNew(7, wait)),
    [true, false, true, false, true, true, true, false],
  );
  assert.ok(waits.isNew(8, other), 'of another payment');
  waits.forget(7);
  assert.ok(waits.isNew(7, other));
  assert.ok(!waits.isNew(8, other));
});
