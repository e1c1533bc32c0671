import type { CoreExports } from '../wasm-module.ts';
import { CYCLE_MECHANISMS, type CycleMechanism, NONE32 } from './records.ts';

/** The queues of a pool at one moment, and all that decides what can leave them. */
export interface QueueState {
  /** What the cycles of each currency do, by currency. */
  readonly mechanisms: readonly CycleMechanism[];
  /** Whether its queues move by bypass FIFO, by currency. */
  readonly bypasses: readonly boolean[];
  /** Whether its cycles offset its queues bilaterally, by currency. */
  readonly offsets: readonly boolean[];
  /** What limits across currencies count of a balance, by currency. */
  readonly valuations: readonly Valuation[];
  readonly accounts: readonly QueueAccount[];
  readonly crossLimits: readonly CrossLimit[];
  readonly limits: readonly QueueLimit[];
  /** In entry order: a queue is its payments by class, then in this order. */
  readonly payments: readonly QueuedPayment[];
}

export interface Valuation {
  /** The value of a minor unit. */
  readonly weight: bigint;
  /** What a balance above zero counts less, and one below zero more, in basis points. */
  readonly haircutBps: bigint;
}

/** What a participant may owe in all of its currencies together (docs/settlement.md). */
export interface CrossLimit {
  readonly participant: number;
  /** In whose minor units both are. */
  readonly currency: number;
  /** Null: no limit. */
  readonly aggregateShort: bigint | null;
  /** By how much its worth may be below zero; null: no worth is asked for. */
  readonly pooledCollateral: bigint | null;
}

/** Amounts in minor units; participants and currencies by handle. */
export interface QueueAccount {
  readonly participant: number;
  readonly currency: number;
  /** Less what is earmarked of it: what its owner can dispose of. */
  readonly balance: bigint;
  /** What is earmarked of it; absent: nothing. */
  readonly earmarked?: bigint;
  /** Credit capacity: the balance may go down to minus it. */
  readonly creditLine: bigint;
  /** For the urgent and for the high class. */
  readonly reserved: readonly [bigint, bigint];
}

export interface QueueLimit {
  readonly participant: number;
  readonly currency: number;
  /** Null: multilateral. */
  readonly counterparty: number | null;
  readonly limit: bigint;
  /** Booked out less booked in, of what counts on it. */
  readonly position: bigint;
}

export interface QueueLeg {
  readonly currency: number;
  readonly debtor: number;
  readonly creditor: number;
  readonly amount: bigint;
}

export interface QueuedPayment {
  /** Position of its record in the input log. */
  readonly position: number;
  /** UETR, 32 hexadecimal digits. */
  readonly id: string;
  /** 0 urgent, 1 high, 2 normal. */
  readonly priority: number;
  /** One leg, or those of a pair or a chain, which settle together; position and id are leg 1's. */
  readonly legs: readonly QueueLeg[];
  /** Of a chain alone: two legs that are none are a pair or a conversion. */
  readonly isChain?: true;
  /** No cycle takes it, nor what stands behind it: a leg of a chain that waits for its money to be set aside. */
  readonly isHeld?: true;
}

/** The same as the core has it, with what offsetting and netting go by. */
export interface CoreQueues extends QueueState {
  /** The shortest time in a queue before a payment is offset, ms, by currency. */
  readonly offsettingMinimumMs: readonly number[];
  /** Whether the loss of a default is shared where it nets; else it is unwound. By currency. */
  readonly sharesLosses: readonly boolean[];
  readonly payments: readonly TimedPayment[];
  /** Positions of the payments of each set that the step at hand is to judge; null: it is no proposal's. */
  readonly proposed: readonly (readonly number[])[] | null;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

interface TimedPayment extends QueuedPayment {
  /** Since when it has been queued, ms since 1970; 0 of one with two legs. */
  readonly sinceMs: number;
}

/** The same as it is taken out of a core: its payments, of which there are thousands, as the core describes them. */
export interface CapturedQueues extends Omit<CoreQueues, 'payments'> {
  /** DESCRIBED_BYTES for each, of a chain for each leg; its own memory. */
  readonly described: Uint8Array;
}

/** As assembly/settlement/state-for-host.ts lays them out. */
export const DESCRIBED_BYTES = 72;

/** Takes the state out of a core that is between two batches, or paused before a run of a cycle. */
export function captureQueues(core: CoreExports): CapturedQueues {
  const currencies = core.settlementCurrencies();
  const each = Array.from({ length: currencies }, (_, currency) => currency);
  return {
    mechanisms: each.map((c) => CYCLE_MECHANISMS[core.settlementMechanism(c)] as CycleMechanism),
    bypasses: each.map((c) => core.settlementBypasses(c) !== 0),
    offsets: each.map((c) => core.settlementOffsets(c) !== 0),
    offsettingMinimumMs: each.map((c) => core.settlementOffsettingMinimum(c)),
    sharesLosses: each.map((c) => core.settlementSharesLosses(c) !== 0),
    valuations: each.map((c) => ({
      weight: core.settlementWeight(c),
      haircutBps: BigInt(core.settlementHaircut(c)),
    })),
    accounts: readAccounts(core, currencies),
    crossLimits: readCrossLimits(core),
    limits: readLimits(core),
    described: describePayments(core),
    proposed: readProposed(core),
  };
}

export function readQueues({ described, ...state }: CapturedQueues): CoreQueues {
  return { ...state, payments: readPayments(described) };
}

function readAccounts(core: CoreExports, currencies: number): QueueAccount[] {
  const accounts: QueueAccount[] = [];
  for (let currency = 0; currency < currencies; currency += 1) {
    for (let participant = 0; participant < core.settlementParticipants(); participant += 1) {
      const account = core.settlementAccount(participant, currency);
      if (account === 0) continue;
      const earmarked = core.settlementEarmarked(account);
      const read: Writable<QueueAccount> = {
        participant,
        currency,
        balance: core.settlementBalance(account) - earmarked,
        creditLine: core.settlementCreditLine(account),
        reserved: [core.settlementReserved(account, 0), core.settlementReserved(account, 1)],
      };
      if (earmarked > 0n) read.earmarked = earmarked;
      accounts.push(read);
    }
  }
  return accounts;
}

function readCrossLimits(core: CoreExports): CrossLimit[] {
  const limits: CrossLimit[] = [];
  for (let participant = 0; participant < core.settlementParticipants(); participant += 1) {
    const aggregate = core.settlementAggregateLimit(participant);
    const pooled = core.settlementPooledCollateral(participant);
    if (aggregate < 0n && pooled < 0n) continue;
    limits.push({
      participant,
      currency: core.settlementCrossCurrency(participant),
      aggregateShort: aggregate < 0n ? null : aggregate,
      pooledCollateral: pooled < 0n ? null : pooled,
    });
  }
  return limits;
}

function readLimits(core: CoreExports): QueueLimit[] {
  const limits: QueueLimit[] = [];
  for (let index = 0; index < core.settlementLimits(); index += 1) {
    const at = core.settlementDescribeLimit(index);
    if (at === 0) continue;
    const view = new DataView(core.memory.buffer, at, 40);
    const counterparty = view.getUint32(8, true);
    limits.push({
      participant: view.getUint32(0, true),
      currency: view.getUint16(4, true),
      counterparty: counterparty === NONE32 ? null : counterparty,
      limit: view.getBigInt64(16, true),
      position: (view.getBigInt64(32, true) << 64n) | view.getBigUint64(24, true),
    });
  }
  return limits;
}

/** As proposals.ts of the core lays sets out: 24 bytes that begin with how many, then 8 for each member. */
function readProposed(core: CoreExports): number[][] | null {
  const start = core.settlementProposal();
  if (start === 0) return null;
  const view = new DataView(core.memory.buffer, start, core.settlementProposalBytes());
  const sets: number[][] = [];
  for (let at = 0; at < view.byteLength; ) {
    const members = view.getUint32(at, true);
    at += 24;
    sets.push(
      Array.from({ length: members }, (_, i) => Number(view.getBigUint64(at + 8 * i, true))),
    );
    at += 8 * members;
  }
  return sets;
}

function describePayments(core: CoreExports): Uint8Array {
  const described = new Uint8Array(DESCRIBED_BYTES * (core.settlementLive() >>> 0));
  let length = 0;
  /** The core has room for one description: it holds until the next. */
  function describe(payment: number): void {
    const at = core.settlementDescribe(payment);
    described.set(new Uint8Array(core.memory.buffer, at, DESCRIBED_BYTES), length);
    length += DESCRIBED_BYTES;
  }
  let payment = core.settlementFirstQueued();
  for (; payment !== 0; payment = core.settlementNextQueued(payment)) {
    const first = length;
    describe(payment);
    let leg = payment;
    for (let legs = described[first + 61] as number; legs > 1; legs -= 1) {
      leg = core.settlementNextLeg(leg);
      describe(leg);
    }
  }
  return described.slice(0, length);
}

function readPayments(described: Uint8Array): TimedPayment[] {
  const bytes = Buffer.from(described.buffer, described.byteOffset, described.length);
  const view = new DataView(described.buffer, described.byteOffset, described.length);
  const payments: TimedPayment[] = [];
  for (let at = 0; at < bytes.length; ) {
    const inChain = bytes[at + 61] as number;
    const first = at;
    const legs = [readLeg(view, at + 40, at + 56, at + 24)];
    if (view.getUint32(at + 48, true) !== NONE32)
      legs.push(readLeg(view, at + 48, at + 58, at + 32));
    at += DESCRIBED_BYTES;
    for (; legs.length < inChain; at += DESCRIBED_BYTES)
      legs.push(readLeg(view, at + 40, at + 56, at + 24));
    // Of thousands of payments one shape: a spread of what most lack takes longer than all the rest.
    const payment: Writable<TimedPayment> = {
      position: Number(view.getBigUint64(first, true)),
      id: bytes.toString('hex', first + 8, first + 24),
      priority: bytes[first + 60] as number,
      sinceMs: Number(view.getBigInt64(first + 64, true)),
      legs,
    };
    if (inChain > 0) payment.isChain = true;
    if ((bytes[first + 62] as number) > 0) payment.isHeld = true;
    payments.push(payment);
  }
  return payments;
}

const readLeg = (view: DataView, parties: number, currency: number, amount: number): QueueLeg => ({
  currency: view.getUint16(currency, true),
  debtor: view.getUint32(parties, true),
  creditor: view.getUint32(parties + 4, true),
  amount: view.getBigInt64(amount, true),
});
