import type { NettingCertificate } from '../netting-certificate.ts';

/**
 * Part of the netting certificate's checker: what the definition of a cycle (docs/settlement.md,
 * "Deferred net settlement") makes of payments, balances and caps. It shares no code with the core.
 */

type Closing = Pick<
  NettingCertificate,
  'nets' | 'defaults' | 'shares' | 'unwound' | 'settled' | 'outcome'
>;
type Payment = NettingCertificate['payments'][number];

/** The currency's accounts and what of the payments is still to settle. */
interface Cycle {
  readonly order: readonly string[];
  /** What each can pay before the cycle. */
  readonly funds: ReadonlyMap<string, bigint>;
  readonly earlier: ReadonlySet<string>;
  /** In default by now, with what was short where it failed in the cycle. */
  readonly fallen: Map<string, bigint | null>;
  readonly caps: ReadonlyMap<string, bigint>;
  readonly left: Set<Payment>;
  readonly net: Map<string, bigint>;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const aboveZero = (a: bigint): bigint => (a > 0n ? a : 0n);
const at = (sums: ReadonlyMap<string, bigint>, who: string): bigint => sums.get(who) ?? 0n;

function begin({ accounts, caps, payments }: NettingCertificate): Cycle {
  const earlier = accounts.filter((a) => a.defaultedAt !== null).map((a) => a.participant);
  const granted = new Map<string, bigint>();
  for (const { participant, counterparty, cap } of caps)
    granted.set(`${participant} ${counterparty ?? '*'}`, BigInt(cap ?? 0));
  const cycle: Cycle = {
    order: accounts.map((a) => a.participant),
    funds: new Map(
      accounts.map((a) => [a.participant, aboveZero(BigInt(a.balance) + BigInt(a.creditLine))]),
    ),
    earlier: new Set(earlier),
    fallen: new Map(earlier.map((who) => [who, null])),
    caps: granted,
    left: new Set(payments),
    net: new Map(),
  };
  for (const payment of payments) count(cycle, payment, 1n);
  return cycle;
}

function count({ net }: Cycle, { debtor, creditor, amount }: Payment, sign: 1n | -1n): void {
  net.set(debtor, at(net, debtor) - sign * BigInt(amount));
  net.set(creditor, at(net, creditor) + sign * BigInt(amount));
}

/** s = max(0, -x - funds); one that had defaulted before the cycle pays nothing. */
const shortfallOf = ({ net, funds, earlier }: Cycle, who: string): bigint =>
  aboveZero(-at(net, who) - (earlier.has(who) ? 0n : at(funds, who)));

/** All who are short at the same time default together. */
function fall(cycle: Cycle): string[] {
  const failing = cycle.order.filter(
    (who) => !cycle.fallen.has(who) && shortfallOf(cycle, who) > 0n,
  );
  for (const who of failing) cycle.fallen.set(who, shortfallOf(cycle, who));
  return failing;
}

function takeOut(cycle: Cycle, who: readonly string[]): void {
  const out = new Set(who);
  for (const payment of cycle.left)
    if (out.has(payment.debtor) || out.has(payment.creditor)) {
      cycle.left.delete(payment);
      count(cycle, payment, -1n);
    }
}

function unwind(cycle: Cycle): void {
  let out = [...cycle.earlier];
  do {
    takeOut(cycle, out);
    out = fall(cycle);
  } while (out.length > 0);
}

/** A whole in proportion to weights, in whole units: the largest remainders first, then the order. */
function divide(whole: bigint, weights: readonly (readonly [string, bigint])[]) {
  const sum = weights.reduce((total, [, weight]) => total + weight, 0n);
  const parts = new Map(weights.map(([who, weight]) => [who, (whole * weight) / sum]));
  const remainders = weights.map(([who, weight], place) => {
    return { who, place, remainder: (whole * weight) % sum };
  });
  remainders.sort((a, b) =>
    a.remainder === b.remainder ? a.place - b.place : a.remainder > b.remainder ? -1 : 1,
  );
  const over = Number(whole - [...parts.values()].reduce((total, part) => total + part, 0n));
  for (const { who } of remainders.slice(0, over)) parts.set(who, at(parts, who) + 1n);
  return parts;
}

/** Who bears how much of one defaulter's shortfall; null where not all of it can be borne. */
function shareOne(
  cycle: Cycle,
  defaulter: string,
  borne: ReadonlyMap<string, bigint>,
): Map<string, bigint> | null {
  let rest = shortfallOf(cycle, defaulter);
  const shares = new Map<string, bigint>();
  let open = cycle.order
    .filter((who) => !cycle.fallen.has(who))
    .map((who) => [who, at(cycle.caps, `${who} ${defaulter}`)] as const)
    .filter(([, cap]) => cap > 0n);
  const most = (who: string, cap: bigint): bigint =>
    least(cap, aboveZero(at(cycle.funds, who) + at(cycle.net, who) - at(borne, who)));
  while (open.length > 0) {
    const parts = divide(rest, open);
    const full = open.filter(([who, cap]) => at(parts, who) > most(who, cap));
    if (full.length === 0) return new Map([...shares, ...parts]);
    for (const [who, cap] of full) {
      shares.set(who, most(who, cap));
      rest -= most(who, cap);
    }
    open = open.filter((one) => !full.includes(one));
  }
  return null;
}

/** By defaulter; where one's loss cannot be borne it is taken out, and all is done again. */
function shareLosses(cycle: Cycle): Map<string, Map<string, bigint>> {
  for (;;) {
    fall(cycle);
    const shares = new Map<string, Map<string, bigint>>();
    const borne = new Map<string, bigint>();
    let uncovered: string | undefined;
    for (const who of cycle.order) {
      if (!cycle.fallen.has(who) || shortfallOf(cycle, who) === 0n) continue;
      const by = shareOne(cycle, who, borne);
      if (by === null) {
        uncovered = who;
        break;
      }
      shares.set(who, by);
      for (const [survivor, share] of by) borne.set(survivor, at(borne, survivor) + share);
    }
    if (uncovered === undefined) return shares;
    takeOut(cycle, [uncovered]);
  }
}

/** What the cycle had to do. @param certificate whose structure is sound */
export function closeCycle(certificate: NettingCertificate): Closing {
  const { payments, accounts, onDefault } = certificate;
  const cycle = begin(certificate);
  const positions = new Map(cycle.net);
  let byDefaulter = new Map<string, Map<string, bigint>>();
  if (onDefault === 'unwind') unwind(cycle);
  else byDefaulter = shareLosses(cycle);
  const { order, fallen, left } = cycle;
  const shares = [...byDefaulter].flatMap(([defaulter, by]) =>
    order
      .filter((who) => at(by, who) > 0n)
      .map((survivor) => ({ defaulter, survivor, amount: String(at(by, survivor)) })),
  );
  const borneBy = (who: string): bigint =>
    shares.reduce((sum, s) => (s.survivor === who ? sum + BigInt(s.amount) : sum), 0n);
  const nets = accounts
    .filter(({ participant }) => positions.has(participant) || borneBy(participant) > 0n)
    .map(({ participant, balance }) => {
      const short = fallen.has(participant) ? shortfallOf(cycle, participant) : 0n;
      const netted = at(cycle.net, participant) + short;
      const borne = borneBy(participant);
      return {
        participant,
        position: String(at(positions, participant)),
        netted: String(netted),
        borne: String(borne),
        balance: String(BigInt(balance) + netted - borne),
      };
    });
  return {
    nets,
    defaults: order.flatMap((participant) => {
      const shortfall = fallen.get(participant) ?? null;
      return shortfall === null ? [] : [{ participant, shortfall: String(shortfall) }];
    }),
    shares,
    unwound: payments
      .filter((p) => !left.has(p))
      .map(({ position, debtor, creditor }) => ({
        payment: position,
        because: [debtor, creditor].filter((who) => fallen.has(who)),
      })),
    settled: payments.filter((p) => left.has(p)).map((p) => p.position),
    outcome: payments.length === 0 ? 'nothingAccepted' : left.size > 0 ? 'netted' : 'unwound',
  };
}
