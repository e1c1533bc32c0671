import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LedgerBook } from '../../services/analysis/credit-and-limits-book.ts';
import { WaitBook } from '../../services/analysis/waits/wait-book.ts';
import type { WaitReason } from '../../services/analysis/waits/waiting-message.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type {
  QueueAccount,
  QueuedPayment,
  QueueLeg,
  QueueLimit,
  QueueState,
} from '../../services/core/settlement/queue-state.ts';
import { RECORD_BYTES, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { instantOf } from '../../services/protocol/messages/settlement-times.ts';
import { createWorld, type World } from './case-language.ts';
import { decodeRecord, type FlatRecord } from './flat-records.ts';
import { seeded } from './random-draft.ts';
import { earmarkRows, earmarkWorld } from './random-earmark-rows.ts';

/** What banks are told of accounts and queues while money is set aside, held against the core's own state. */
const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 400 : 9;
/** 466: what an expiry frees is set aside for a chain that expires at the same instant. */
const SEEDS = [466, ...Array.from({ length: DAYS }, (_, day) => 201 + day)];
const CAPPED = Array.from(
  { length: process.env.CORRIDOR_LONG_TESTS === '1' ? 300 : 5 },
  (_, day) => 701 + day,
);
const EARMARKS = ['none', 'acceptance', 'trigger'] as const;
const LIMITS = { bilateral: 'bilateralLimit', multilateral: 'multilateralLimit' } as const;

/** Records by position: of a chain the terms that stand before a leg, too. */
class Facts {
  readonly #records = new Map<number, FlatRecord>();
  readonly #terms = new Map<number, FlatRecord>();

  note(records: Uint8Array): void {
    for (let at = 0; at < records.length; at += RECORD_BYTES) {
      const record = decodeRecord(records.subarray(at, at + RECORD_BYTES));
      const to = record.kind === RECORD_KINDS.chainTerms ? this.#terms : this.#records;
      to.set(Number(record.position), record);
    }
  }

  movesToFront = (position: number) => this.#records.get(position)?.move === 1;

  payment = (position: number) => {
    const record = this.#records.get(position);
    if (!record) return undefined;
    const terms = this.#terms.get(position);
    const { date: settlementDate, earliest, legNumber, legCount } = record;
    const when = EARMARKS[(terms?.furtherTerms ?? 0) & 3];
    const expiryMs = terms?.expiry ? instantOf(settlementDate, terms.expiry) : Infinity;
    return {
      ...{ settlementDate, earliest, legNumber, legCount },
      termsDigest: Buffer.concat([record.terms, Buffer.from(`${record.termsEnd}`)]),
      ...(when && when !== 'none' && { earmark: { when, expiryMs } }),
    };
  };
}

/** What a ledger of events knows of an account, in one order. */
const accountsOf = (accounts: readonly QueueAccount[]) =>
  accounts
    .map(({ earmarked: _, ...one }) => one)
    .sort((a, b) => a.participant - b.participant || a.currency - b.currency);

const limitsOf = (limits: readonly QueueLimit[]) =>
  limits
    .map(
      (one) =>
        `${one.participant}>${one.counterparty} ${one.currency}: ${one.position} of ${one.limit}`,
    )
    .sort();

/** What debits an account, in the order of its queue: of each the position of the leg's own record. */
function queueOf(state: QueueState, chains: ReadonlyMap<string, number>, account: QueueAccount) {
  const placed = state.payments.flatMap((payment) =>
    payment.legs.flatMap((leg, at) =>
      leg.debtor === account.participant && leg.currency === account.currency
        ? [{ payment, leg, position: chains.get(`${payment.position}/${at + 1}`) }]
        : [],
    ),
  );
  return placed
    .map((one) => ({ ...one, position: one.position ?? one.payment.position }))
    .sort((a, b) => a.payment.priority - b.payment.priority);
}

/** Why what stands at a place by itself waits; null: nothing of its own account holds it. */
function ownWait(
  state: QueueState,
  account: QueueAccount,
  { payment, leg }: { payment: QueuedPayment; leg: QueueLeg },
  ahead: readonly { payment: QueuedPayment; position: number }[],
): string | null {
  const isPassing = payment.priority === 2 && state.bypasses[leg.currency] === true;
  const front = ahead.filter((one) => !isPassing || one.payment.priority < 2).at(-1);
  if (front) return `behind ${front.position}`;
  const usable = account.balance + account.creditLine;
  const kept = account.reserved.slice(0, payment.priority).reduce((sum, one) => sum + one, 0n);
  const short = leg.amount + kept - usable;
  if (short > 0n) return `${leg.amount > usable ? 'balance' : 'reservation'} ${short}`;
  const own = state.limits.filter(
    (one) => one.participant === leg.debtor && one.currency === leg.currency,
  );
  const bilateral = own.find(({ counterparty }) => counterparty === leg.creditor);
  const limit = bilateral ?? own.find(({ counterparty }) => counterparty === null);
  const over = limit ? limit.position + leg.amount - limit.limit : 0n;
  return over > 0n ? `${LIMITS[bilateral ? 'bilateral' : 'multilateral']} ${over}` : null;
}

const worded = (wait: WaitReason): string => {
  if (wait.kind === 'behind') return `behind ${wait.front.position}`;
  return 'amount' in wait ? `${wait.kind} ${wait.amount}` : wait.kind;
};

type Count = (what: string) => void;

/** Plays rows; after each the books have to say what the core does. */
function play(world: World, rows: Iterable<string>, name: string, isBypass: boolean, count: Count) {
  const facts = new Facts();
  const ledger = new LedgerBook();
  const book = new WaitBook(facts);
  const chains = new Map<string, number>();
  const take = (event: SettlementEvent) => {
    ledger.take(event);
    book.take(event);
    if (event.kind === 'matched')
      chains.set(`${event.mate}/${event.legNumber}`, event.paymentPosition);
    if (event.kind === 'released' && event.reason === 'earmarkExpired') count('expired');
    if (event.kind === 'notEarmarked')
      count(book.of(event.paymentPosition)?.standing.place ?? 'unknown');
  };
  book.usualRule(isBypass);
  facts.note(world.records());
  for (const event of readEvents(Buffer.from(world.history()))) take(event);
  for (const row of rows) {
    const where = `${name}, ${row}`;
    world.say(row);
    facts.note(world.record());
    for (const event of readEvents(Buffer.from(world.events()))) take(event);
    book.advance(Number(decodeRecord(world.record()).timeMs));
    const state = world.settlement.queues();
    assert.deepEqual(accountsOf(ledger.queueAccounts()), accountsOf(state.accounts), where);
    assert.deepEqual(limitsOf(ledger.queueLimits()), limitsOf(state.limits), where);
    for (const account of state.accounts) {
      const queue = queueOf(state, chains, account);
      const expected = queue.flatMap(({ position }, at) =>
        book.of(position)?.sender === account.participant ? [[position, at + 1]] : [],
      );
      const told = book
        .placesOf(account.participant)
        .filter(({ message, place }) => place !== null && message.currency === account.currency);
      assert.deepEqual(
        told.map(({ message, place }) => [message.position, place]),
        expected,
        `${where}: queue of ${account.participant} in ${account.currency}`,
      );
      for (const [at, one] of queue.entries()) {
        if (!one.payment.isHeld && (one.payment.legs.length > 1 || one.payment.isChain)) continue;
        const wait = ownWait(state, account, one, queue.slice(0, at));
        if (one.payment.isHeld) count(`held ${wait?.split(' ')[0]}`);
        const message = book.of(one.position);
        if (wait && message) assert.equal(worded(book.waitOf(message)), wait, where);
      }
    }
  }
}

test('accounts, limits, queues and reasons while money is set aside are those of the core', () => {
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  for (const seed of SEEDS) {
    const pick = seeded(seed);
    const world = earmarkWorld(wasm, seed, pick);
    play(world, earmarkRows(pick), `seed ${seed}`, seed % 2 === 1, count);
  }
  // Of caps that some chains stay below, and others do not.
  for (const seed of CAPPED) {
    const pick = seeded(seed);
    const world = earmarkWorld(wasm, seed, pick, 60 + 60 * (seed % 3));
    play(world, earmarkRows(pick, true), `seed ${seed}, capped`, seed % 2 === 1, count);
  }
  assert.ok((seen.get('queued') ?? 0) > 3, `went on without: ${JSON.stringify([...seen])}`);
  for (const kind of ['held behind', 'held balance', 'held bilateralLimit', 'expired'])
    assert.ok((seen.get(kind) ?? 0) > 3, `${kind} was met: ${JSON.stringify([...seen])}`);
});

test('a limit that was set anew meanwhile counts nothing back in the books either', () => {
  const seen: string[] = [];
  const accounts = {
    'A EUR': [100, 0],
    'B USD': [0, 0],
    'B EUR': [0, 0],
    'A USD': [0, 0],
  } as const;
  const world = createWorld(wasm, { chainLegsMax: 16, conditions: true }, accounts);
  const rows = [
    ...['open EUR 1', 'open USD 1', 'limit l1 A>B EUR 100'],
    'link c1 A>B 50 EUR as 1/2 of x earmark acceptance',
    'link c2 B>A 1 USD as 2/2 of x earmark acceptance',
    ...['limit l2 A>B EUR none', 'limit l3 A>B EUR 60', 'pay p1 A>B 10 EUR', 'cancel k1 c1'],
    ...['link c3 A>B 51 EUR as 1/2 of y earmark acceptance'],
    ...['link c4 B>A 1 USD as 2/2 of y earmark acceptance'],
  ];
  play(world, rows, 'set anew', false, (what) => seen.push(what));
  assert.deepEqual(seen.slice(-2), ['held bilateralLimit', 'held balance']);
});
