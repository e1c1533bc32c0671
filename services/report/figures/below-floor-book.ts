import { type AccountKey, accountKey, type LedgerAccount } from '../../analysis/ledger.ts';

/** An account that lies below what it may owe: a core would have let none of it settle so. */
export interface BelowFloor {
  readonly participant: number;
  readonly currency: number;
  /** When it first did. */
  readonly firstMs: number;
  /** When it lay lowest, and by how much below its floor then. */
  readonly lowestMs: number;
  readonly shortMinor: bigint;
}

/** Gathers them from the accounts of a liquidity book, as `NoteAccount` has them. */
export class FloorBook {
  readonly #below = new Map<AccountKey, BelowFloor>();

  note({ participant, currency, balance, creditLine, collateral }: LedgerAccount, timeMs: number) {
    const shortMinor = -(balance + creditLine + collateral);
    if (shortMinor <= 0n) return;
    const key = accountKey(participant, currency);
    const { firstMs = timeMs, shortMinor: most = 0n } = this.#below.get(key) ?? {};
    if (shortMinor > most)
      this.#below.set(key, { participant, currency, firstMs, lowestMs: timeMs, shortMinor });
  }

  /** By when they first did. */
  get accounts(): BelowFloor[] {
    return [...this.#below.values()].sort((a, b) => a.firstMs - b.firstMs);
  }
}
