import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountKey } from '../../services/analysis/ledger.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { isMessageEvent } from '../../services/protocol/records/event-payment.ts';
import { OpenPaymentBook } from '../../services/view/open-payments-and-queues.ts';
import { ALFA, BETA, NOW, world } from '../support/message-path.ts';

/** The live view's queues with a chain in them, against those of the core. */
const timeMs = NOW - 3_600_000;
const usd: ControlRecord[] = [
  { kind: 'currency', timeMs, currency: 'USD', minorUnits: 2 },
  ...[ALFA, BETA].map(
    (bic): ControlRecord => ({
      ...{ kind: 'account', timeMs, bic, currency: 'USD', balanceMinor: '0', creditLineMinor: '0' },
    }),
  ),
  { kind: 'open', timeMs, currency: 'USD', date: '2026-03-16', closesAtMs: NOW + 3_600_000 },
];
// Alfa lacks 1 cent of EUR.
const legs = [
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 300_001n },
  { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 200_000n },
  { debtorAgent: BETA, creditorAgent: ALFA, code: 'USD', minor: 7n },
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'USD', minor: 7n },
];
const uetrOf = (legNumber: number) => `00000000-0000-4000-b000-00000000000${legNumber}` as Uetr;
const leg = (legNumber: number) => ({
  ...{ messageId: `H-${legNumber}`, chainId: 'C', uetr: uetrOf(legNumber), legs, legNumber },
  instructingAgent: legs[legNumber - 1]?.debtorAgent as Bic,
  settlementDate: '2026-03-16',
  priority: legNumber === 3 ? ('normal' as const) : ('high' as const),
});

test('a chain that waits stands in the view as in the core, by leg 1, and leaves whole', async () => {
  const { alfa, beta, send, settlement, record } = world({ chainLegsMax: 16 }, usd);
  const bank = (bic: Bic) => (bic === ALFA ? alfa : beta);
  let read = 0;
  const book = new OpenPaymentBook();
  const follow = () => {
    const events = readEvents(record.events).slice(read);
    read += events.length;
    for (const event of events) if (isMessageEvent(event)) book.take(event);
  };
  const compare = () => {
    follow();
    const known = settlement.queues().payments.map(({ position, id, priority, legs }) => ({
      ...{ position, id, priority, legs },
    }));
    assert.deepEqual(book.queuedPayments(), known);
    return known.length;
  };
  // Leg 1 comes last but one: who completes a chain is not who stands for it.
  for (const number of [2, 4, 1])
    await send(bank(leg(number).instructingAgent).chainLeg(leg(number), NOW));
  assert.equal(compare(), 0);
  assert.equal(book.counts.queued, 3);
  await send(beta.chainLeg(leg(3), NOW));
  assert.equal(compare(), 1);
  assert.equal(book.counts.queued, 4);
  const [lead] = settlement.queues().payments;
  for (const [participant, currency] of [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as const)
    assert.equal(book.head(accountKey(participant, currency))?.position, lead?.position);
  const request = { id: 'C-1', sender: BETA, uetr: uetrOf(2), currency: 'EUR' };
  await send(beta.cancel({ ...request, paymentType: 'corridor.chain.1' }, NOW, 200_000n));
  assert.equal(compare(), 0);
  assert.equal(book.counts.queued, 0);
});
