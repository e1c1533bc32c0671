import {
  type CertificateNames,
  type CertifiedPlace,
  uetrOf,
} from '../analysis/certificates/gridlock-certificate.ts';
import { ChainNotes } from '../analysis/chains/attested-and-earmarked.ts';
import { UnmatchedChains } from '../analysis/waits/unmatched-chains.ts';
import { type ClearedBatch, createClearing } from '../clearing/clearing.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import type { QueuedPayment, QueueState } from '../core/settlement/queue-state.ts';
import { createSettlement, type Settlement } from '../core/settlement/settlement.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { CHAIN_TYPE } from '../protocol/messages/message-types.ts';
import type { PreValidation } from '../protocol/records/control-record.ts';
import { mechanismOf } from '../protocol/records/event-payment.ts';
import { readControl, readVerified, writeControl } from '../protocol/records/input-record.ts';
import { ReplayedPool } from './replayed-pool.ts';

/** An amount is an i64 in the core. */
const MONEY_MAX = 2n ** 63n - 1n;

export interface AppliedBatch {
  readonly pool: PoolState;
  readonly batch: ClearedBatch;
  readonly events: readonly SettlementEvent[];
  /** The input value of a record in the batch. */
  value(position: number): Uint8Array | undefined;
}

/** The other leg of a matched PvP, or a leg of a chain. */
export interface Mate {
  readonly position: number;
  readonly idHex: string;
}

/** Positions of its records in a pool's input log; null: it is not revoked. */
export interface LoggedKey {
  readonly registeredAt: number;
  readonly revokedAt: number | null;
}

/** A pool as far as its input has been applied: the core's state, and the names and facts around it. */
export class PoolState {
  readonly name: string;
  readonly #wasm: WebAssembly.Module;
  readonly #replayed: ReplayedPool<Settlement>;
  readonly #onBatch: (batch: AppliedBatch) => void;
  #last = { event: 0, timeMs: 0 };
  /** Business date (days since 1970) of each currency that is open, by handle. */
  readonly open = new Map<number, number>();
  /** When each of these is to close, ms. */
  readonly closesAt = new Map<number, number>();
  /** Business date of the last close of each currency, by handle. */
  readonly lastClosed = new Map<number, number>();
  /** By account (participant and currency, by handle), since when it is in default, ms. */
  readonly #defaultedMs = new Map<string, number>();
  /** By currency whether its close carries over; null: those without rules of their own. */
  readonly #carriesOver = new Map<number | null, boolean>();
  /** Of each matched leg, by its position. */
  readonly mates = new Map<number, Mate>();
  /** Of each leg of a chain that was complete, by its position: all its legs, in their order. */
  readonly chains = new Map<number, readonly Mate[]>();
  /** Legs of chains that wait for others, by their positions. */
  #unmatched = new UnmatchedChains<number>();
  #network = '';
  #preValidation: readonly PreValidation[] = [];
  /** Of participants, by their public keys in hex. */
  readonly #keys = new Map<string, LoggedKey>();
  /** Of chains: attestations, and what is set aside. */
  #notes = new ChainNotes();
  /** By cycle: who proposed what it settled. */
  readonly proposers = new Map<number, string>();

  constructor(
    name: string,
    wasm: WebAssembly.Module,
    onBatch: (batch: AppliedBatch) => void = () => {},
    replayed = new ReplayedPool(name, createSettlement(wasm)),
  ) {
    this.name = name;
    this.#wasm = wasm;
    this.#replayed = replayed;
    this.#onBatch = onBatch;
  }

  /** The pool as it stands, to be carried on by itself: time may go on there as it did not here. */
  fork(): PoolState {
    this.flush();
    const core = createSettlement(this.#wasm, undefined, this.settlement.capture());
    const from = this.#replayed.clearing.state();
    const replayed = new ReplayedPool(this.name, core, from);
    const fork = new PoolState(this.name, this.#wasm, () => {}, replayed);
    fork.#last = this.#last;
    copy(this.open, fork.open);
    copy(this.closesAt, fork.closesAt);
    copy(this.lastClosed, fork.lastClosed);
    copy(this.#defaultedMs, fork.#defaultedMs);
    copy(this.#carriesOver, fork.#carriesOver);
    copy(this.mates, fork.mates);
    copy(this.chains, fork.chains);
    fork.#unmatched = this.#unmatched.copy();
    fork.#notes = this.#notes.copy();
    fork.#network = this.#network;
    fork.#preValidation = this.#preValidation;
    copy(this.#keys, fork.#keys);
    copy(this.proposers, fork.proposers);
    return fork;
  }

  get settlement(): Settlement {
    return this.#replayed.core;
  }

  get directory() {
    return this.#replayed.clearing.directory;
  }

  /** State time of the last event. */
  get timeMs(): number {
    return this.#last.timeMs;
  }

  take(position: number, value: Uint8Array): void {
    this.#replayed.take(position, value);
    if (this.#replayed.isFull) this.flush();
  }

  /** Applies what was taken. */
  flush(): void {
    const { waiting } = this.#replayed;
    const [first] = waiting;
    if (!first) return;
    const cleared = this.#replayed.flush();
    const events = readEvents(cleared.events);
    const value = (position: number): Uint8Array | undefined =>
      waiting[position - first.position]?.value;
    for (const event of events) this.#note(event, value);
    this.#onBatch({ pool: this, batch: cleared, events, value });
  }

  /** Lets all happen that falls due by an instant, as the next record would. Nothing can be taken after. */
  advance(timeMs: number): void {
    this.flush();
    this.take(this.#replayed.clearing.position(), writeControl({ kind: 'tick', timeMs }));
    this.flush();
  }

  /** Whether a close of the currency leaves payments waiting for the next opening. */
  carriesOver(currency: number): boolean {
    return this.#carriesOver.get(currency) ?? this.#carriesOver.get(null) ?? false;
  }

  /** Corridors whose chains are pre-validated. */
  get preValidation(): readonly PreValidation[] {
    return this.#preValidation;
  }

  get network(): string {
    return this.#network;
  }

  /** Where in the log a key of a participant is registered and revoked. @param publicKey lower-case hex */
  keyOf(publicKey: string): LoggedKey | undefined {
    return this.#keys.get(publicKey);
  }

  /** What was attested of chains whose legs live, and what of them is set aside. */
  get notes(): ChainNotes {
    return this.#notes;
  }

  #note(event: SettlementEvent, value: AppliedBatch['value']): void {
    this.#last = { event: event.number, timeMs: event.timeMs };
    if (event.kind === 'genesis' || event.kind === 'rulesSet') {
      const control = readControl(value(event.position) as Uint8Array);
      const of = event.kind === 'genesis' ? null : event.currency;
      if (control.kind === 'genesis') {
        this.#network = control.network;
        this.#preValidation = control.preValidation ?? [];
      }
      if ('atClose' in control) this.#carriesOver.set(of, control.atClose === 'carry-over');
    } else if (event.kind === 'opened') {
      this.open.set(event.currency, event.date);
      this.closesAt.set(event.currency, event.closesAtMs);
    } else if (event.kind === 'closed') {
      this.open.delete(event.currency);
      this.lastClosed.set(event.currency, event.date);
    } else if (event.kind === 'cycled') {
      if (event.proposer !== '') this.proposers.set(event.cycle, event.proposer);
    } else if (event.kind === 'defaulted') {
      const account = `${event.participant}/${event.currency}`;
      if (!this.#defaultedMs.has(account)) this.#defaultedMs.set(account, event.timeMs);
    } else if (event.kind === 'keyChanged') this.#noteKey(event);
    else if (event.kind === 'matched') this.#noteMatch(event, value);
    else if (event.kind === 'queued') this.#noteQueued(event, value);
    else if (event.kind === 'cancelled') this.#unmatched.remove(event.paymentPosition);
    this.#notes.take(event, value);
  }

  #noteKey({ publicKey, isRevoked, position }: EventOf<'keyChanged'>): void {
    const name = Buffer.from(publicKey).toString('hex');
    const known = this.#keys.get(name);
    if (!isRevoked) this.#keys.set(name, { registeredAt: position, revokedAt: null });
    else if (known) this.#keys.set(name, { ...known, revokedAt: position });
  }

  #noteQueued(
    { messageType, paymentPosition, timeMs }: EventOf<'queued'>,
    value: AppliedBatch['value'],
  ): void {
    if (messageType !== CHAIN_TYPE) return;
    const { kind, content, appendedAtMs } = readVerified(value(paymentPosition) as Uint8Array);
    if (kind !== 'chainLeg') return;
    this.#unmatched.add(paymentPosition, content);
    this.#notes.begin({ position: paymentPosition, timeMs }, content, appendedAtMs);
  }

  #noteMatch(
    { mate, paymentPosition, position, timeMs, id, legCount }: EventOf<'matched'>,
    value: AppliedBatch['value'],
  ): void {
    this.#unmatched.remove(paymentPosition);
    // The last leg of a chain never waited.
    const arrived = paymentPosition === position && legCount > 0 ? value(position) : undefined;
    const read = arrived && readVerified(arrived);
    if (read?.kind === 'chainLeg')
      this.#notes.begin({ position, timeMs }, read.content, read.appendedAtMs);
    const own = { position: paymentPosition, idHex: Buffer.from(id).toString('hex') };
    if (legCount === 0) {
      this.mates.set(mate, own);
      return;
    }
    // Leg 1 has its event first.
    const legs = mate === paymentPosition ? [own] : [...(this.chains.get(mate) ?? []), own];
    for (const { position } of legs) this.chains.set(position, legs);
  }

  /** Since when an account is in default, ms; undefined: it is not. */
  defaultedMs(participant: number, currency: number): number | undefined {
    return this.#defaultedMs.get(`${participant}/${currency}`);
  }

  /** The numbers of the legs that a leg of a chain waits for; undefined: it waits for none. */
  missingLegs(position: number): readonly number[] | undefined {
    return this.#unmatched.missing(position);
  }

  /** By what a payment of its settled. */
  mechanismOf(event: EventOf<'settled'>): string {
    return mechanismOf(event, this.proposers.get(event.cycle) ?? '');
  }

  queues(): QueueState {
    return this.settlement.queues();
  }

  place(): CertifiedPlace {
    return {
      pool: this.name,
      event: this.#last.event,
      eventsDigest: this.#replayed.clearing.digest().toString('hex'),
      timeMs: this.#last.timeMs,
    };
  }

  names(): CertificateNames {
    const { directory, mates } = this;
    return {
      participant: (handle) => directory.bic(handle),
      currency: (handle) => directory.currency(handle).currency,
      pairedWith: ({ position }: QueuedPayment) => {
        const mate = mates.get(position);
        return mate === undefined ? null : uetrOf(mate.idHex);
      },
    };
  }

  /**
   * What settles in the core itself, by its positions, if money comes into an account now (0: none) and a
   * cycle of all currencies runs; null: more money than the core counts in a currency. The state stays as
   * it is.
   */
  trial(): (participant: number, currency: number, amount: bigint) => ReadonlySet<number> | null {
    const captured = this.settlement.capture();
    const state = this.#replayed.clearing.state();
    const issuers = this.settlement.issuers();
    return (participant, currency, amount) => {
      if (amount > MONEY_MAX) return null;
      const core = createSettlement(this.#wasm, undefined, captured);
      const clearing = createClearing(core, state);
      const timeMs = this.#last.timeMs;
      const issuer = issuers[currency] ?? null;
      const issue = {
        kind: 'issue',
        timeMs,
        bic: this.directory.bic(participant),
        currency: this.directory.currency(currency).currency,
        amountMinor: String(amount),
        ...(issuer !== null && { issuer: this.directory.bic(issuer) }),
      } as const;
      const cycle = { kind: 'cycle', timeMs, currency: null } as const;
      const controls = amount > 0n ? [issue, cycle] : [cycle];
      const { events } = clearing.apply(
        controls.map((control, i) => ({
          position: state.nextPosition + i,
          value: writeControl(control),
        })),
      );
      const settled = new Set<number>();
      for (const event of readEvents(events)) {
        if (event.kind === 'refused' && event.position === state.nextPosition && amount > 0n)
          return null;
        if (event.kind === 'settled') settled.add(event.paymentPosition);
      }
      return settled;
    };
  }
}

function copy<Key, Value>(from: ReadonlyMap<Key, Value>, to: Map<Key, Value>): void {
  for (const [key, value] of from) to.set(key, value);
}
