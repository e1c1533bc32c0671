import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { QueuedPayment } from '../../services/core/settlement/queue-state.ts';
import {
  CYCLE_MECHANISMS,
  type CycleMechanism,
  RECORD_KINDS,
} from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { LEG, MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { type Bic, type Uetr, uetrBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import type { CurrencyRules } from '../../services/protocol/records/control-record.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import type { AccountState } from '../../services/view/told-to-page.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';
import { decodeRecord } from '../settlement/flat-records.ts';
import { randomDay } from '../settlement/random-day.ts';
import { typed } from '../support/random-days.ts';

const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 1000 : 12;
const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const directory = () =>
  Directory.from({
    participants: Array.from({ length: 10 }, (_, n) => ({
      ...{ bic: `BANKDE0${n}` as Bic, name: `Bank ${n}`, role: 'bank' },
    })),
    currencies: ['EUR', 'USD', 'SGD', 'THB'].map((currency) => ({ currency, minorUnits: 2 })),
  });
const poolView = () =>
  new PoolView('main', directory(), { series: new Series(), senders: new SenderBook() });

const LEG_TYPE = MESSAGE_TYPES.indexOf(LEG);
const uetr = (n: number) =>
  uetrBytes(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as Uetr);
const RULES: CurrencyRules = {
  ...{ queueRule: 'fifo', cycleMechanism: 'gridlockResolution', atClose: 'cancel' },
  ...{ entryOffsetting: false, bilateralOffsetting: false, offsettingMinimumMs: 0 },
  ...{ deferredNetClasses: 'all', defaultRule: 'unwind' },
};
const accountKeyOf = ({ bic, currency }: AccountState) => `${bic} ${currency}`;

test('a pair at the head of its queue waits for what stands before its other leg too', () => {
  const view = poolView();
  let number = 0;
  const write = (...events: Omit<ReferenceEvent, 'number'>[]) =>
    view.take(readEvents(eventBytes(events.map((event) => ({ number: ++number, ...event })))), 0, {
      reorderings: new Map(),
      rules: new Map([1, 2].map((position) => [position, RULES])),
    });
  const account = (debtorAgent: number, currency1: number, amount1: bigint) =>
    ({ kind: 'accountOpened', debtorAgent, currency1, amount1, balances: [amount1] }) as const;
  const payment = (position: number, payer: number, currency1: number, amount1: bigint) => ({
    ...{ position, paymentPosition: position, id: uetr(position), messageType: LEG_TYPE },
    ...{ priority: 2, debtorAgent: payer, creditorAgent: 1 - payer, currency1, amount1 },
  });
  write(
    ...[0, 1].map(
      (currency1) => ({ kind: 'rulesSet', position: currency1 + 1, currency1 }) as const,
    ),
    ...[account(0, 0, 10n), account(0, 1, 0n), account(1, 0, 0n), account(1, 1, 50n)],
    ...[0, 1].map((currency1) => ({ kind: 'opened', currency1 }) as const),
    { ...payment(5, 1, 1, 500n), kind: 'queued', messageType: 1 },
    { ...payment(6, 0, 0, 30n), kind: 'queued' },
    { ...payment(7, 1, 1, 40n), kind: 'matched', balances: [6n] },
    { ...payment(6, 0, 0, 30n), kind: 'matched', balances: [7n] },
  );
  const [first] = view
    .accounts(true)
    .filter(({ bic, currency }) => `${bic}${currency}` === 'BANKDE00EUR');
  assert.deepEqual(
    first?.head?.wait.shortages.map((one) => `${one.bic} ${one.currency} ${one.amountMinor}`),
    ['BANKDE00 EUR 20', 'BANKDE01 USD 490'],
  );
  assert.deepEqual(first?.head?.wait.behind, { bic: 'BANKDE01', currency: 'USD' });
});

test(`over ${DAYS} random days every head says what its payment says, and a page hears of each change`, () => {
  const seen = { short: 0, across: 0, told: 0 };
  for (let seed = 4_000_001; seed <= 4_000_000 + DAYS; seed += 1) {
    const view = poolView();
    const core = createSettlement(wasm);
    const legs = new Set<number>();
    const page = new Map<string, AccountState>();
    for (const [index, { record }] of randomDay(seed, false, true).entries()) {
      const fields = decodeRecord(record);
      const position = Number(fields.position);
      if (fields.kind === RECORD_KINDS.pvpLeg) legs.add(position);
      const rules: CurrencyRules = {
        ...RULES,
        queueRule: fields.queueRule === 0 ? 'fifo' : 'bypass-fifo',
        cycleMechanism: CYCLE_MECHANISMS[fields.cycleMechanism] as CycleMechanism,
        bilateralOffsetting: fields.bilateralOffsetting === 1,
      };
      view.take(readEvents(typed(core.apply(record, 1), legs)), 0, {
        rules: new Map([[position, rules]]),
        reorderings: new Map([
          [position, { priority: fields.priority, atFront: fields.move === 1 }],
        ]),
      });
      const where = `seed ${seed}, record ${index + 1}`;
      for (const account of view.accounts(false)) page.set(accountKeyOf(account), account);
      view.forgetChanges();
      const all = view.accounts(true);
      assert.deepEqual(
        all,
        all.map((one) => page.get(accountKeyOf(one))),
        where,
      );
      seen.told += 1;
      const { payments } = core.queues();
      for (const account of all) {
        const { head } = account;
        const first = firstOf(payments, account);
        // What waits for a time or an opening stands in the view's queues, and not in the core's.
        if (!head || !first || String(first.amount) !== head.amountMinor) continue;
        const { incoming: _, incomingMinor: __, release: ___, ...wait } = head.wait;
        const exact = view.wait(first.position);
        if (!exact) continue;
        assert.deepEqual({ ...exact, ...wait }, exact, where);
        if (wait.kind === 'short') seen.short += 1;
        if (
          wait.shortages.some(({ by }) => by === 'pooledCollateral' || by === 'aggregateShortLimit')
        )
          seen.across += 1;
      }
    }
  }
  for (const [what, count] of Object.entries(seen)) assert.ok(count > DAYS, `${what}: ${count}`);
});

/** The first payment of an account's queue in the core, with what it debits there. */
function firstOf(payments: readonly QueuedPayment[], { bic, currency }: AccountState) {
  const handles = [Number(bic.at(-1)), ['EUR', 'USD', 'SGD', 'THB'].indexOf(currency)];
  const queue = payments.flatMap(({ position, priority, legs }) =>
    legs
      .filter((leg) => leg.debtor === handles[0] && leg.currency === handles[1])
      .map(({ amount }) => ({ position, priority, amount })),
  );
  return queue.sort((one, other) => one.priority - other.priority)[0];
}
