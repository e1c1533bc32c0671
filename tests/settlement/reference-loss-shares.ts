import type { ReferenceAccount } from './reference-state.ts';

/** What one survivor could bear of a defaulter's shortfall. */
export interface Bearer {
  readonly account: ReferenceAccount;
  /** The bilateral cap that it granted the defaulter, above 0. */
  readonly cap: bigint;
  /** What it can pay after its own net position and the shares it bears already. */
  readonly funds: bigint;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** `whole` in proportion to the weights, to the unit: largest remainders first, then the order. */
function inProportion(whole: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  const parts = weights.map((weight, at) => ({
    at,
    part: (whole * weight) / sum,
    rest: (whole * weight) % sum,
  }));
  const over = whole - parts.reduce((total, { part }) => total + part, 0n);
  const byRest = [...parts].sort((a, b) =>
    a.rest === b.rest ? a.at - b.at : a.rest > b.rest ? -1 : 1,
  );
  const rounded = new Set(byRest.slice(0, Number(over)));
  return parts.map((p) => p.part + (rounded.has(p) ? 1n : 0n));
}

/**
 * Shares of a shortfall in proportion to the caps, none above its cap or what the bearer can pay;
 * what that leaves open is shared among the others. Undefined where it cannot be covered.
 */
export function sharesOf(
  shortfall: bigint,
  bearers: readonly Bearer[],
): Map<ReferenceAccount, bigint> | undefined {
  const most = ({ cap, funds }: Bearer): bigint => (funds <= 0n ? 0n : least(cap, funds));
  const shares = new Map<ReferenceAccount, bigint>();
  let open = [...bearers];
  let rest = shortfall;
  while (open.length > 0) {
    const parts = inProportion(
      rest,
      open.map(({ cap }) => cap),
    );
    const full = open.filter((bearer, at) => (parts[at] as bigint) > most(bearer));
    if (full.length === 0) {
      for (const [at, { account }] of open.entries()) shares.set(account, parts[at] as bigint);
      return shares;
    }
    for (const bearer of full) {
      shares.set(bearer.account, most(bearer));
      rest -= most(bearer);
    }
    open = open.filter((bearer) => !full.includes(bearer));
  }
  return undefined;
}
