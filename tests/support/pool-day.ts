/**
 * A made-up pool's events for tests: payments that settle, queue, settle in cycles, are rejected or
 * cancelled, with the sums that any store of them must show. Seeded: the same events each time.
 */

import { CREDIT_TRANSFER, MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

export const START_MS = Date.UTC(2026, 2, 16, 7);
const BICS = ['AAAADE00', 'BBBBFR00', 'CCCCTH00', 'DDDDCN00', 'DEALER00'] as Bic[];
const CURRENCIES = ['EUR', 'THB'];
export const PAYMENT = MESSAGE_TYPES.indexOf(CREDIT_TRANSFER);

export function poolDirectory(): Directory {
  const directory = new Directory();
  for (const bic of BICS)
    directory.fold({
      kind: 'participant',
      bic,
      name: `Bank ${bic}`,
      role: 'bank',
      timeMs: START_MS,
    });
  for (const currency of CURRENCIES)
    directory.fold({ kind: 'currency', currency, minorUnits: 2, timeMs: START_MS });
  return directory;
}

/** A UETR that follows from a number. */
export function numberedUetr(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, number);
  bytes[6] = 0x40;
  bytes[8] = 0x80;
  return bytes;
}

export interface PoolDay {
  readonly events: Uint8Array;
  /** Payments by their last status. */
  readonly counts: Readonly<Record<'ACSC' | 'RJCT' | 'CANC' | 'PDNG', number>>;
  /** Minor units settled, by the currency debited: far beyond 64 bits. */
  readonly settled: Readonly<Record<string, bigint>>;
  readonly statusChanges: number;
}

const FATES = ['settles', 'settles', 'settles', 'waits', 'waits', 'fails', 'expires', 'stays'];

/** @param payments how many; each gives one or two events */
export function poolDay(payments: number): PoolDay {
  const events: ReferenceEvent[] = [];
  const counts = { ACSC: 0, RJCT: 0, CANC: 0, PDNG: 0 };
  const settled: Record<string, bigint> = { EUR: 0n, THB: 0n };
  let state = 2026;
  const draw = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
  const add = (event: Omit<ReferenceEvent, 'number'>) =>
    events.push({ ...event, number: events.length + 1 });

  for (let i = 0; i < payments; i++) {
    const currency1 = draw(2);
    const converts = draw(4) === 0;
    const payment = {
      timeMs: START_MS + i * 25,
      messageType: PAYMENT,
      priority: draw(3),
      paymentPosition: i + 1,
      id: numberedUetr(i),
      debtorAgent: draw(4),
      creditorAgent: draw(4),
      dealer: converts ? 4 : 0xffffffff,
      currency1,
      currency2: converts ? 1 - currency1 : 0xffff,
      // Two of them exceed the largest signed 64-bit integer.
      amount1: 2n ** 62n + BigInt(draw(1_000_000)),
      amount2: converts ? BigInt(draw(1_000_000)) : 0n,
      balances: [1, 2, 3, 4].map((n) => BigInt(n * i)),
    };
    const fate = FATES[draw(FATES.length)]!;
    const later = { ...payment, position: i + 1, timeMs: payment.timeMs + 90_000 };
    if (fate !== 'settles' && fate !== 'fails') add({ ...payment, kind: 'queued' });
    if (fate === 'settles') add({ ...payment, kind: 'settled', mechanism: 'entry' });
    if (fate === 'waits')
      add({ ...later, kind: 'settled', mechanism: 'gridlockResolution', cycle: 1 });
    if (fate === 'fails') add({ ...payment, kind: 'rejected', reason: 'afterCutOff' });
    if (fate === 'expires') add({ ...later, kind: 'cancelled', reason: 'cancelledAtClose' });
    if (fate === 'settles' || fate === 'waits') {
      counts.ACSC++;
      settled[CURRENCIES[currency1]!]! += payment.amount1;
    } else counts[fate === 'fails' ? 'RJCT' : fate === 'expires' ? 'CANC' : 'PDNG']++;
  }
  return { events: eventBytes(events), counts, settled, statusChanges: events.length };
}
