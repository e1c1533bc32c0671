import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEG, MESSAGE_TYPES } from '../protocol/messages/instruction.ts';
import { Directory } from '../protocol/names/directory.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { heldUpWait, type StatusWait, ToldWaits, waitWords } from './waits.ts';

const directory = new Directory();
for (const bic of ['ALFADE00', 'BETASG00'])
  directory.fold({ kind: 'participant', bic, name: bic, role: 'bank' } as ControlRecord);
for (const [currency, minorUnits] of [
  ['JPY', 0],
  ['EUR', 2],
] as const)
  directory.fold({ kind: 'currency', currency, minorUnits } as ControlRecord);

/** What is told to ALFADE00, or to `sender`, of a shortage of 1234 minor units. */
function told(changes: object, sender = 'ALFADE00') {
  const event = { by: 'balance', participant: 0, currency: 1, amount: 1234n, ...changes };
  return heldUpWait(event as Parameters<typeof heldUpWait>[0], sender, directory);
}

test("a bank is told its own shortage: in its currency's decimals, with the code of what it lacks", () => {
  const own = told({});
  assert.equal(own?.reason?.code, 'AM04');
  assert.deepEqual(own?.information, ['Short by EUR 12.34']);
  assert.deepEqual(told({ currency: 0 })?.information, ['Short by JPY 1234']);
  const codes = ['bilateralLimit', 'multilateralLimit'].map((by) => told({ by })?.reason?.code);
  assert.deepEqual(codes, ['AM23', 'AM23']);
});

test("another bank's shortage is told without the bank and the amount", () => {
  const other = told({ participant: 1 });
  assert.equal(other?.reason, null);
  assert.doesNotMatch(other?.information.join() ?? '', /BETA|EUR|12|Short/);
  assert.deepEqual(told({ participant: 0 }, 'BETASG00'), other);
});

test('what is held up by nothing is told nothing', () => {
  assert.equal(told({ by: 'none' }), null);
});

test('a leg that is queued waits for its mate; another payment that is says nothing more', () => {
  const words = (kind: string, messageType: string) =>
    waitWords({ kind, messageType: MESSAGE_TYPES.indexOf(messageType as typeof LEG) } as Parameters<
      typeof waitWords
    >[0]).join();
  assert.match(words('queued', LEG), /counterparty's leg/);
  assert.equal(words('queued', 'pacs.008.001.08'), '');
  assert.match(words('matched', LEG), /both settle together/);
  assert.match(words('accepted', 'pacs.008.001.08'), /end of the cycle/);
  assert.equal(words('settled', LEG), '');
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
