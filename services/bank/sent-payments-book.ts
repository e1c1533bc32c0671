import type { StatusCode } from '../protocol/messages/status-report.ts';
import { isOpen } from '../protocol/records/event-status.ts';

/** As a bank knows of a payment; `sent`: without a status. */
export type PaymentStanding = 'sent' | StatusCode;

interface Entry {
  standing: PaymentStanding;
  /** It has settled, and is not final yet. */
  isAhead: boolean;
  /** SHA-256 of what was sent under its UETR, hex. */
  readonly digests: string[];
}

/**
 * How a bank's payments stand, by UETR. Counts go on for ever; of the payments that ended, the last
 * `endedMax` are remembered one by one, so that memory follows what is open and not what was sent.
 */
export class StandingBook {
  readonly #endedMax: number;
  readonly #entries = new Map<string, Entry>();
  /** By digest; made when the first is asked for, which few banks do. */
  #uetrs: Map<string, string> | null = null;
  readonly #counts = new Map<PaymentStanding, number>();
  /** UETRs in the order in which they ended; where all are remembered nobody asks. */
  readonly #ended = new Set<string>();
  #entered = 0;

  constructor(endedMax: number) {
    this.#endedMax = endedMax;
  }

  /** Payments entered, each UETR once while it is remembered. */
  get entered(): number {
    return this.#entered;
  }

  count(standing: PaymentStanding): number {
    return this.#counts.get(standing) ?? 0;
  }

  standing(uetr: string): PaymentStanding | undefined {
    return this.#entries.get(uetr)?.standing;
  }

  /** The payment whose payload, or another one that was sent under its UETR, has this digest. */
  uetrOf(digest: string): string | undefined {
    this.#uetrs ??= new Map(
      [...this.#entries].flatMap(([uetr, { digests }]) => digests.map((one) => [one, uetr])),
    );
    return this.#uetrs.get(digest);
  }

  /** Sent, from now on; what was sent under the UETR before is known too. */
  enter(uetr: string, digest: string): void {
    const known = this.#entries.get(uetr);
    if (known) this.#count(known.standing, -1);
    else this.#entered += 1;
    this.#ended.delete(uetr);
    this.#entries.set(uetr, {
      standing: 'sent',
      isAhead: false,
      digests: known ? [...known.digests, digest] : [digest],
    });
    this.#uetrs?.set(digest, uetr);
    this.#count('sent', 1);
  }

  /**
   * What settled ahead of its final status stands until that: what waited before may be told behind it.
   * @param uetr of a payment that is remembered
   */
  set(uetr: string, standing: StatusCode, isAhead = false): void {
    const entry = this.#entries.get(uetr) as Entry;
    if (entry.isAhead && isOpen(standing)) return;
    this.#count(entry.standing, -1);
    entry.standing = standing;
    entry.isAhead = isAhead;
    this.#count(standing, 1);
    if (this.#endedMax === Number.POSITIVE_INFINITY || isOpen(standing)) return;
    this.#ended.add(uetr);
    if (this.#ended.size <= this.#endedMax) return;
    const [oldest] = this.#ended;
    this.#forget(oldest as string);
  }

  #forget(uetr: string): void {
    this.#ended.delete(uetr);
    for (const digest of this.#entries.get(uetr)?.digests ?? []) this.#uetrs?.delete(digest);
    this.#entries.delete(uetr);
  }

  #count(standing: PaymentStanding, by: 1 | -1): void {
    this.#counts.set(standing, this.count(standing) + by);
  }
}
