import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LedgerBook } from '../../services/analysis/credit-and-limits-book.ts';
import { accountKey } from '../../services/analysis/ledger.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import type { QueuedPayment } from '../../services/core/settlement/queue-state.ts';
import {
  CYCLE_MECHANISMS,
  type CycleMechanism,
  RECORD_KINDS,
} from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { isPaymentType } from '../../services/protocol/messages/message-types.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import type { CurrencyRules } from '../../services/protocol/records/control-record.ts';
import { isPaymentEvent } from '../../services/protocol/records/event-payment.ts';
import { EVENT_STATUS } from '../../services/protocol/records/event-status.ts';
import { OpenPaymentBook } from '../../services/view/open-payments-and-queues.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { RulesBook } from '../../services/view/rules-book.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import type { CorridorState } from '../../services/view/told-to-page.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { decodeRecord, type FlatRecord } from '../settlement/flat-records.ts';
import { randomDay } from '../settlement/random-day.ts';
import { typed } from '../support/random-days.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 2000 : 16;

/** Plain values, so that a difference shows both sides. */
const plain = ({ position, id, priority, legs }: QueuedPayment) => ({
  position,
  id,
  priority,
  legs: legs.map((leg) => ({ ...leg })),
});

const rulesOf = (fields: FlatRecord): CurrencyRules => ({
  queueRule: fields.queueRule === 0 ? 'fifo' : 'bypass-fifo',
  cycleMechanism: CYCLE_MECHANISMS[fields.cycleMechanism] as CycleMechanism,
  atClose: fields.atClose === 0 ? 'cancel' : 'carry-over',
  entryOffsetting: fields.entryOffsetting === 1,
  bilateralOffsetting: fields.bilateralOffsetting === 1,
  offsettingMinimumMs: fields.offsettingMinimumMs,
  deferredNetClasses: fields.deferredNetClasses === 0 ? 'all' : 'normal',
  defaultRule: fields.defaultRule === 0 ? 'unwind' : 'shareLoss',
});

const byPosition = (a: { position: number }, b: { position: number }) => a.position - b.position;

/** Payments by their last status, a pair of legs once: counted without the books. */
class PlainCount {
  readonly #last = new Map<number, string>();
  readonly #secondLegs = new Set<number>();

  take({ kind, paymentPosition, balances }: FlatEvent): void {
    const status = EVENT_STATUS[kind];
    if (!status) return;
    if (kind === 'matched' && balances[0] < paymentPosition) this.#secondLegs.add(paymentPosition);
    this.#last.set(paymentPosition, status);
  }

  get totals() {
    const of = (...statuses: string[]) =>
      [...this.#last].filter(([at, last]) => !this.#secondLegs.has(at) && statuses.includes(last))
        .length;
    return {
      submitted: of('PDNG', 'ACSP', 'ACSC', 'RJCT', 'CANC'),
      ...{ settled: of('ACSC'), rejected: of('RJCT'), cancelled: of('CANC') },
      ...{ queued: of('PDNG'), accepted: of('ACSP') },
    };
  }
}

const named = () =>
  Directory.from({
    participants: Array.from({ length: 10 }, (_, n) => ({
      ...{ bic: `BANKDE0${n}` as Bic, name: `Bank ${n}`, role: 'bank' },
    })),
    currencies: ['EUR', 'USD', 'SGD', 'THB'].map((currency) => ({ currency, minorUnits: 2 })),
  });

test(`a payment is counted once in ${DAYS} random days, a PvP of two legs as one`, () => {
  const seen = { pairs: 0 };
  for (let seed = 3_000_001; seed <= 3_000_000 + DAYS; seed += 1) {
    const view = new PoolView('main', named(), {
      series: new Series(),
      senders: new SenderBook(),
    });
    const plain = new PlainCount();
    const legs = new Set<number>();
    const core = createSettlement(wasm);
    for (const { record } of randomDay(seed, false, true)) {
      const fields = decodeRecord(record);
      if (fields.kind === RECORD_KINDS.pvpLeg) legs.add(Number(fields.position));
      const events = typed(core.apply(record, 1), legs);
      view.take(readEvents(events), 0, { reorderings: new Map(), rules: new Map() });
      for (let at = 0; at < events.length / EVENT_BYTES; at += 1) {
        const event = readFlatEvent(events, at);
        if (isPaymentType(event.messageType)) plain.take(event);
        if (event.kind === 'matched') seen.pairs += 1;
      }
      const { totals } = view;
      assert.deepEqual({ ...totals, ...plain.totals }, totals, `seed ${seed}`);
      const corridors = view.corridors(true);
      // Of a matched pair each leg stands in its own currency's corridor.
      const share = ({ corridor }: CorridorState) => (/\/(?!\?)/.test(corridor) ? 0.5 : 1);
      const sum = (member: 'settled' | 'queued') =>
        corridors.reduce((all, corridor) => all + share(corridor) * corridor[member], 0);
      assert.equal(sum('settled'), totals.settled, `seed ${seed}`);
      assert.equal(sum('queued'), totals.queued + totals.accepted, `seed ${seed}`);
    }
  }
  assert.ok(seen.pairs >= DAYS / 2, `${seen.pairs}`);
});

test(`the books of ${DAYS} random days are the core's own: balances, credit, reservations, limits, queues`, () => {
  const seen = { queued: 0, limits: 0, reserved: 0, pairs: 0 };
  for (let seed = 2_000_001; seed <= 2_000_000 + DAYS; seed += 1) {
    const core = createSettlement(wasm);
    const ledger = new LedgerBook();
    const payments = new OpenPaymentBook();
    const rules = new RulesBook();
    const legs = new Set<number>();
    const outside = new Set<number>();
    for (const [index, { record }] of randomDay(seed, false, true).entries()) {
      const fields = decodeRecord(record);
      if (fields.kind === RECORD_KINDS.pvpLeg) legs.add(Number(fields.position));
      for (const event of readEvents(typed(core.apply(record, 1), legs))) {
        ledger.take(event);
        if (isPaymentEvent(event)) payments.take(event);
        if (event.kind === 'genesis') rules.take(null, rulesOf(fields));
        if (event.kind === 'rulesSet') rules.take(event.currency, rulesOf(fields));
        rules.takeAcross(event);
        if (event.kind === 'reordered')
          payments.reorder(event, { priority: fields.priority, atFront: fields.move === 1 });
      }
      const where = `seed ${seed}, record ${index + 1}`;
      const state = core.queues();
      const { mechanisms, bypasses, offsets, valuations, crossLimits } = state;
      const expectedRules = { mechanisms, bypasses, offsets, valuations, crossLimits };
      assert.deepEqual(rules.of(mechanisms.length), expectedRules, where);
      const byKey = (a: { participant: number; currency: number }) =>
        a.participant * 0x10000 + a.currency;
      const accounts = ledger.queueAccounts().sort((a, b) => byKey(a) - byKey(b));
      const expected = state.accounts.map((account) => ({ ...account }));
      assert.deepEqual(
        accounts,
        expected.sort((a, b) => byKey(a) - byKey(b)),
        where,
      );
      const sorted = (limits: readonly { participant: number }[]) =>
        limits
          .map((limit) => JSON.stringify(limit, (_, v) => (typeof v === 'bigint' ? `${v}` : v)))
          .sort();
      assert.deepEqual(sorted(ledger.queueLimits()), sorted(state.limits), where);
      for (const { currency } of accounts) assert.ok(ledger.isConserved(currency), where);
      // What waits outside the queues (for an opening, a time) is open too, and events do not tell it
      // from what is queued, nor when it joins: of these the order is not known.
      const inQueues = new Set(state.payments.map(({ position }) => position));
      const own = payments.queuedPayments();
      for (const { position } of own) if (!inQueues.has(position)) outside.add(position);
      const there = own.filter(({ position }) => inQueues.has(position)).map(plain);
      const expectedThere = state.payments.map(plain);
      assert.deepEqual(there.toSorted(byPosition), expectedThere.toSorted(byPosition), where);
      const isOrdered = ({ position }: { position: number }) => !outside.has(position);
      assert.deepEqual(there.filter(isOrdered), expectedThere.filter(isOrdered), where);
      for (const { participant, currency } of state.accounts) {
        const isHere = ({ legs }: QueuedPayment) =>
          legs.some((leg) => leg.debtor === participant && leg.currency === currency);
        const queue = state.payments.filter(isHere).toSorted((a, b) => a.priority - b.priority);
        if (own.filter(isHere).some(({ position }) => outside.has(position))) continue;
        const head = payments.head(accountKey(participant, currency));
        assert.equal(head?.position, queue[0]?.position, where);
      }
      seen.queued += own.length;
      seen.pairs += own.filter(({ legs: both }) => both.length > 1).length;
      seen.limits += state.limits.length;
      seen.reserved += accounts.filter(({ reserved }) => reserved[0] + reserved[1] > 0n).length;
    }
  }
  for (const [what, count] of Object.entries(seen)) assert.ok(count > DAYS, `${what}: ${count}`);
});
