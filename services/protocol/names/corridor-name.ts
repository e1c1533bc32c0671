/**
 * The corridor of a payment: `EUR` inside one currency, `EUR-USD` from the currency debited to the one
 * credited. A trade (PvP or DvP) is two payments in opposite directions, and apart from them: `EUR/USD`,
 * both in order, for which bank instructs first is chance; `EUR/?` until a leg has found its mirror.
 */
export const paymentCorridor = (debited: string, credited: string): string =>
  debited === credited ? debited : `${debited}-${credited}`;

/** @param other null: not known yet */
export const tradeCorridor = (currency: string, other: string | null): string =>
  other === null ? `${currency}/?` : [currency, other].sort().join('/');
