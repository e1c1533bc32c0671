import type { CoreQueues } from '../../core/settlement/queue-state.ts';
import { afterSettling } from '../queues/settled-state.ts';
import {
  type Certificate,
  type CertificateBase,
  type CertifiedPayment,
  type PaymentPosition,
  sealed,
} from './certificate-format.ts';
import {
  type CertificateNames,
  type CertifiedPlace,
  describe,
  firstOfQueues,
  heldUp,
} from './gridlock-certificate.ts';

interface OffsetRules extends Omit<Certificate['rules'][number], 'mechanism'> {
  /** The shortest time in the queue before a payment is offset, ms. */
  readonly minimumMs: number;
}

export interface QueuedSince extends CertifiedPayment {
  /** When it came into its queue, ms since 1970; 0 of one with two legs, which is not offset. */
  readonly sinceMs: number;
}

/**
 * What the bilateral offsetting of a cycle settled, from the queues before it: whoever holds this can
 * go through it again without the core (offsetting-check.ts) and without the log.
 */
export interface OffsettingCertificate
  extends CertificateBase,
    Pick<Certificate, 'accounts' | 'limits' | 'valuations' | 'crossLimits' | 'heldUp'> {
  readonly format: 'corridor-offsetting-certificate-1';
  /** The pool's offsettings that settled anything are numbered from 1. */
  readonly offsetting: number;
  /** The number of the next run: of the same cycle, or of a later one where nothing ran after it. */
  readonly nextCycle: number;
  /** Those whose queues it went through: of those that offset by the rules all, or one. */
  readonly currencies: readonly string[];
  /** Of every currency, in the order of the pool's registration. */
  readonly rules: readonly OffsetRules[];
  /** In entry order: a queue is its payments by class, then in this order. */
  readonly payments: readonly QueuedSince[];
  /** In the order in which they settled, group after group. */
  readonly settled: readonly PaymentPosition[];
}

/**
 * @param before the core right before the step
 * @param step what it settled, in order, and of which currency the cycle is (null: of all)
 */
export function certifyOffsetting(
  before: CoreQueues,
  step: {
    readonly offsetting: number;
    readonly nextCycle: number;
    readonly currency: number | null;
    readonly settled: readonly PaymentPosition[];
  },
  place: CertifiedPlace,
  names: CertificateNames,
): OffsettingCertificate {
  const { offsetting, nextCycle, currency, settled } = step;
  const tables = describe(before, names);
  const after = afterSettling(before, new Set(settled));
  const rules = tables.rules.map(({ bypasses, currency: code, offsets }, c) => ({
    ...{ bypasses, currency: code },
    minimumMs: before.offsettingMinimumMs[c] ?? 0,
    offsets,
  }));
  const content = {
    format: 'corridor-offsetting-certificate-1' as const,
    ...place,
    ...{ offsetting, nextCycle },
    currencies: rules
      .filter((r, c) => r.offsets && (currency === null || c === currency))
      .map((r) => r.currency),
    ...tables,
    rules,
    payments: tables.payments.map(({ uetr, ...payment }, at) => ({
      ...payment,
      sinceMs: before.payments[at]?.sinceMs ?? 0,
      uetr,
    })),
    settled,
    heldUp: heldUp(after, firstOfQueues(after), names),
  };
  return sealed(content);
}
