import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { DefaultBook } from '../../services/report/figures/default-book.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';
import { load, runDirectly } from '../support/run.ts';

type EventFields = Omit<ReferenceEvent, 'number'>;
const bics = ['AAAADE00', 'BBBBDE00', 'CCCCDE00', 'DEALDE00'];

function defaultsOf(events: readonly EventFields[]) {
  const directory = new Directory();
  for (const bic of bics)
    directory.fold({
      ...{ kind: 'participant', timeMs: 0, bic, name: bic, role: 'bank' },
    } as never);
  for (const currency of ['EUR', 'USD'])
    directory.fold({ ...{ kind: 'currency', timeMs: 0, currency, minorUnits: 2 } } as never);
  const book = new DefaultBook(directory);
  book.fold(eventBytes(events.map((event, index) => ({ ...event, number: index + 1 }))));
  return book.defaults;
}

const [A, B, C, DEALER] = [0, 1, 2, 3];
const CUSTOMER = MESSAGE_TYPES.indexOf('pacs.008.001.08');
const cycled = (cycle: number): EventFields => ({
  kind: 'cycled',
  cycle,
  mechanism: 'deferredNet',
});
const defaulted = (
  debtorAgent: number,
  amount1: bigint,
  cycle = 1,
  currency1 = 0,
): EventFields => ({
  ...{ kind: 'defaulted', debtorAgent, amount1, cycle, currency1, timeMs: 700 },
});
const of = (
  kind: 'unwound' | 'rejected' | 'cancelled',
  debtorAgent: number,
  creditorAgent: number,
  amount1: bigint,
  change: Partial<EventFields> = {},
): EventFields => ({
  ...{ kind, debtorAgent, creditorAgent, amount1, messageType: CUSTOMER },
  ...{ reason: 'participantDefaulted', ...change },
});

test('what a defaulter was to pay each, net, is borne by those; what it was owed makes up for nothing', () => {
  const [one, ...others] = defaultsOf([
    cycled(1),
    defaulted(A, 60n),
    of('unwound', A, B, 100n),
    of('unwound', B, A, 30n),
    of('unwound', C, A, 20n),
    of('unwound', A, C, 5n),
    // A later cycle: it may still be paid, which is unwound too.
    cycled(2),
    of('unwound', B, A, 500n),
  ]);
  assert.deepEqual(others, []);
  assert.deepEqual(one, {
    ...{ participant: 'AAAADE00', currency: 'EUR', atMs: 700, cycle: 1, shortfallMinor: 60n },
    borneBy: [{ participant: 'BBBBDE00', how: 'unwound', amountMinor: 70n }],
    unwound: { payments: 5, valueMinor: 655n },
    rejected: { payments: 0, valueMinor: 0n },
    cancelled: { payments: 0, valueMinor: 0n },
  });
});

test('shares of a loss are told by bearer, over all cycles, in the currency of the default alone', () => {
  const share = (debtorAgent: number, amount1: bigint, currency1 = 0): EventFields => ({
    ...{ kind: 'lossShared', debtorAgent, creditorAgent: A, amount1, currency1, cycle: 1 },
  });
  const [one] = defaultsOf([
    defaulted(A, 60n, 0),
    share(C, 20n),
    share(B, 30n),
    share(B, 10n),
    share(B, 7n, 1),
  ]);
  assert.equal(one?.cycle, null, 'the scenario made it default');
  assert.deepEqual(one?.borneBy, [
    { participant: 'BBBBDE00', how: 'lossShared', amountMinor: 40n },
    { participant: 'CCCCDE00', how: 'lossShared', amountMinor: 20n },
  ]);
});

test('what would have debited it is counted at it: a dealer by the currency that it pays', () => {
  const throughDealer = { dealer: DEALER, currency2: 1, amount2: 9n } as const;
  const [bank, dealer] = defaultsOf([
    of('rejected', A, B, 1n),
    defaulted(A, 60n),
    defaulted(DEALER, 5n, 1, 1),
    of('rejected', A, B, 10n),
    of('cancelled', A, B, 11n),
    of('rejected', B, C, 100n, throughDealer),
    // It pays into the dealer's EUR, which has not defaulted; and A's own comes first.
    of('rejected', A, C, 1000n, throughDealer),
    of('rejected', B, A, 10_000n),
    of('rejected', A, B, 12n, { reason: 'capExceeded' }),
  ]);
  assert.deepEqual(bank?.rejected, { payments: 2, valueMinor: 1010n });
  assert.deepEqual(bank?.cancelled, { payments: 1, valueMinor: 11n });
  assert.deepEqual(dealer?.rejected, { payments: 1, valueMinor: 9n });
});

test('a run with a default tells it in its summary, whichever rule it has, and its rejected add up', async () => {
  const runs = await Promise.all(
    ['unwind', 'share-loss'].map((rule) =>
      runDirectly(load('netting-default', [`settlement.onDefault=${rule}`]), { signatures: false }),
    ),
  );
  for (const { summary } of runs) {
    const [one, ...others] = summary.defaults;
    assert.deepEqual([one?.participant, others], ['EPSIDE00', []]);
    assert.equal(one?.rejected.payments, summary.rejectedByReason.AG10);
    assert.equal(
      (one?.unwound.payments ?? 0) + (one?.cancelled.payments ?? 0),
      summary.cancelledByReason.AG10 ?? 0,
    );
  }
  const [unwound, shared] = runs.map(({ summary }) => summary.defaults[0]);
  assert.ok(unwound?.borneBy.every(({ how }) => how === 'unwound'));
  const borne = shared?.borneBy.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n);
  assert.equal(borne, BigInt(shared?.shortfallMinor ?? 0), 'the shares are the shortfall');
});
