import { EventsFollower } from '../../services/live/events-follower.ts';
import type { Network } from '../../services/live/network.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import { type Bic, uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { layOutVerified, writeControl } from '../../services/protocol/records/input-record.ts';
import type { PaymentContent } from '../../services/protocol/records/verified-content.ts';
import {
  type VerifiedHead,
  writeVerifiedRecord,
} from '../../services/protocol/records/verified-record.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

/**
 * Writes a pool's history as clearing would, much faster than clearing with its verifiers could on a
 * small machine: payments of one minor unit round a ring of banks, each settled at entry.
 */
const POOL = 'main';
const CREDIT_TRANSFER = 1;
const NONE = 0xffffffff;
const FED_BALANCE = 1_000_000n;

export const fedNetwork: Network = {
  ...{ network: 'fed-1', run: 'fed', paymentPartitions: 1 },
  pools: [{ name: POOL, currencies: [{ code: 'XTS', minorUnits: 2 }] }],
};

export class Feeder {
  readonly #log: LogPort;
  readonly #banks: readonly { readonly bic: string; readonly name: string }[];
  readonly #balances: bigint[];
  readonly #follower = new EventsFollower(POOL);
  #number = 0;
  #position = 0;
  #queued: ReferenceEvent | null = null;
  /** Days since 1970. */
  #date = 0;
  /** Payments written. */
  payments = 0;
  /** State time of what is written, ms. */
  nowMs: () => number = Date.now;

  constructor(log: LogPort, banks: readonly { readonly bic: string; readonly name: string }[]) {
    this.#log = log;
    this.#banks = banks;
    this.#balances = banks.map(() => FED_BALANCE);
  }

  async begin(): Promise<void> {
    const timeMs = this.nowMs();
    const records: ControlRecord[] = [
      { kind: 'tick', timeMs },
      ...this.#banks.map(
        ({ bic, name }): ControlRecord => ({
          ...{ kind: 'participant', timeMs, bic: bic as Bic, name, role: 'bank' },
        }),
      ),
      { kind: 'currency', timeMs, currency: 'XTS', minorUnits: 2 },
      // Where the accounts and the opening stand, which are read from the events alone.
      ...[...this.#banks, null].map((): ControlRecord => ({ kind: 'tick', timeMs })),
    ];
    await this.#log.produce(
      poolInput(POOL),
      records.map((record) => ({ key: POOL, value: writeControl(record), headers: {} })),
    );
    const events: ReferenceEvent[] = [
      this.#event({ kind: 'genesis' }),
      ...this.#banks.map(() => this.#event({ kind: 'participantAdded' })),
      this.#event({ kind: 'currencyAdded' }),
    ];
    for (const [debtorAgent] of this.#banks.entries())
      events.push(
        this.#event({
          ...{ kind: 'accountOpened', debtorAgent, creditorAgent: NONE, amount1: FED_BALANCE },
          balances: [FED_BALANCE],
        }),
      );
    events.push(this.#event({ kind: 'opened' }));
    await this.#write(events);
  }

  /** @param payload of the messages that caused them: without one there is no message to look up */
  async pay(count: number, payload?: string): Promise<void> {
    if (payload !== undefined)
      await this.#log.produce(
        poolInput(POOL),
        Array.from({ length: count }, () => ({ key: POOL, value: message(payload), headers: {} })),
      );
    await this.#write(Array.from({ length: count }, () => this.#payment()));
  }

  /** One payment of this bank. */
  async payFrom(debtorAgent: number, amount = 1n): Promise<void> {
    await this.#write([this.#payment(debtorAgent, amount)]);
  }

  /** The date closes, and the one after it opens. */
  async nextDate(): Promise<void> {
    const closed = this.#event({ kind: 'closed', count: this.#date });
    this.#date += 1;
    await this.#write([closed, this.#event({ kind: 'opened', count: this.#date })]);
  }

  /** One payment that its bank cannot fund: it waits. Tells its UETR. */
  async queue(debtorAgent: number): Promise<string> {
    this.payments += 1;
    const id = fedId(this.payments);
    const creditorAgent = (debtorAgent + 1) % this.#banks.length;
    const queued = this.#event({
      ...{ kind: 'queued', priority: 2, messageType: CREDIT_TRANSFER, id, debtorAgent },
      ...{ creditorAgent, amount1: 2n * FED_BALANCE },
    });
    this.#queued = queued;
    await this.#write([queued]);
    return uetrFromBytes(id) as string;
  }

  /** The last that waits is taken back by its bank. */
  async cancelQueued(): Promise<void> {
    const { number: _, position = 0, ...payment } = this.#queued as ReferenceEvent;
    const cancelled = { ...payment, kind: 'cancelled', paymentPosition: position } as const;
    await this.#write([this.#event(cancelled)]);
  }

  #payment(debtorAgent = this.payments % this.#banks.length, amount1 = 1n): ReferenceEvent {
    const creditorAgent = (debtorAgent + 1) % this.#banks.length;
    this.payments += 1;
    this.#balances[debtorAgent]! -= amount1;
    this.#balances[creditorAgent]! += amount1;
    return this.#event({
      ...{ kind: 'settled', mechanism: 'entry', priority: 2, messageType: CREDIT_TRANSFER },
      ...{ id: fedId(this.payments), debtorAgent, creditorAgent, amount1 },
      balances: [this.#balances[debtorAgent] as bigint, this.#balances[creditorAgent] as bigint],
    });
  }

  #event(event: Omit<ReferenceEvent, 'number'>): ReferenceEvent {
    this.#number += 1;
    const position = this.#position++;
    return { number: this.#number, position, timeMs: this.nowMs(), ...event };
  }

  async #write(events: readonly ReferenceEvent[]): Promise<void> {
    // On a slow machine more is due at once than a message holds.
    for (const message of this.#follower.messages(eventBytes(events)))
      await this.#log.produce(poolEvents(POOL), [message]);
  }
}

/** The UETR of the n-th payment: 16 bytes, version 4. */
function fedId(n: number): Uint8Array {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(n, 12);
  id[6] = 0x40;
  id[8] = 0x80;
  return id;
}

/** A verified record whose figures are of no matter, around a payload. */
function message(payload: string): Uint8Array {
  const zeros = (length: number) => new Uint8Array(length);
  const headers = { ce_type: 'pacs.008.001.08', ce_source: 'EVILDE00' };
  const value = layOutVerified({ headers, payload: Buffer.from(payload) });
  const head: VerifiedHead = {
    ...{ messageType: CREDIT_TRANSFER, reason: 0, appendedAtMs: 0, issuedAtMs: 0 },
    ...{ id: zeros(16), payloadDigest: zeros(32), publicKey: zeros(32), sender: '' },
    ...{ partition: 0, logOffset: 0, payloadOmitted: false },
  };
  const content: PaymentContent = {
    ...{ debtorAgent: '', creditorAgent: '', dealer: null, currency1: '', currency2: null },
    ...{ amount1: 0n, amount2: 0n, rateMantissa: 0n, rateScale: 0, priority: 'normal' },
    ...{ settlementDate: 0, earliest: 0, latest: 0 },
  };
  writeVerifiedRecord(head, { kind: 'payment', content }, value);
  return value;
}
