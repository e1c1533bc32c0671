import { NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { addAttestations, newFurtherTerms, sayFurtherTerms } from './random-conditions.ts';
import {
  type ChainHop,
  type Draft,
  type Fields,
  newDigest,
  oneIn,
  type RandomChain,
} from './random-draft.ts';
import {
  addMessage,
  capped,
  messageFields,
  PAYMENT_TYPE,
  settlementDate,
  times,
} from './random-messages.ts';
import { addCycle } from './random-netting.ts';

export const CHAIN_TYPE = 17;
const LEGS_MOST = 16;

/** A new chain or the legs that one of late still needs, and now and then what cannot be. */
export function addChain(draft: Draft): void {
  const { pick, chains } = draft;
  const incomplete = chains.slice(-8).filter(({ missing }) => missing.size > 0);
  const late = chains[chains.length - 1 - pick(Math.min(chains.length, 6))];
  const kind = pick(20);
  const lacking = incomplete[pick(incomplete.length)];
  if (kind < 7 && lacking !== undefined) {
    const numbers = inAnyOrder(draft, [...lacking.missing]);
    for (const number of oneIn(draft, 3) ? numbers.slice(0, 1) : numbers)
      instruct(draft, lacking, number);
  } else if (kind < 9 && late !== undefined) {
    instruct(draft, late, 1 + pick(late.legs.length));
  } else if (kind < 11 && late !== undefined) {
    instructWrongly(draft, late);
  } else {
    addNewChain(draft, oneIn(draft, 3) ? late : chains.at(-1));
  }
}

function addNewChain(draft: Draft, late: RandomChain | undefined): void {
  const { pick } = draft;
  const back = late !== undefined && oneIn(draft, 3) ? turnedRound(draft, late) : undefined;
  const drawn = back ?? possibleLegs(draft);
  if (drawn.length < 2) return;
  const isOne = draft.hasConditions && oneIn(draft, draft.netsChains ? 2 : 5);
  const isSmall = draft.hasConditions && !oneIn(draft, 4);
  const legs = (isOne ? drawn.slice(0, 1) : drawn).map((leg) =>
    isSmall ? { ...leg, amount: 1n + leg.amount / 12n } : leg,
  );
  const digest = newDigest(draft).subarray(0, 20);
  const date = settlementDate(draft);
  const chain: RandomChain = {
    digest,
    date,
    legs,
    priority: oneIn(draft, 3) ? pick(3) : 2,
    isTimed: oneIn(draft, 4),
    further: newFurtherTerms(draft, date, isOne),
    missing: new Set(legs.map((_, at) => at + 1)),
  };
  draft.chains.push(chain);
  const order = inAnyOrder(draft, [...chain.missing]);
  // Most chains are complete, as a rule at once; of some a leg or more comes late or never.
  const isHeld = oneIn(draft, back === undefined ? 3 : 8) && !isOne;
  const held = isHeld ? 1 + pick(legs.length - 1) : 0;
  for (const number of order.slice(held)) {
    instruct(draft, chain, number);
    if (oneIn(draft, 8)) draft.timeMs += pick(400);
  }
  if (draft.hasConditions && oneIn(draft, 2)) addAttestations(draft, chain);
  if (back !== undefined && oneIn(draft, 2)) addCycle(draft);
  else if (oneIn(draft, 2)) for (const leg of legs.slice(-3)) addFollower(draft, leg);
}

/** A small payment by a bank of the chain, which waits behind its leg where that waits; or of an amount. */
export function addFollower(
  draft: Draft,
  { debtor, creditor, currency }: ChainHop,
  amount?: bigint,
): void {
  addMessage(draft, 'payment', {
    ...messageFields(draft, PAYMENT_TYPE, debtor),
    ...{ debtorAgent: debtor, creditorAgent: creditor, dealer: NONE32 },
    ...{
      currency1: currency,
      currency2: NONE16,
      amount1: capped(amount ?? BigInt(1 + draft.pick(3))),
    },
    date: draft.date,
    priority: 2,
  });
}

function inAnyOrder(draft: Draft, numbers: readonly number[]): number[] {
  const left = [...numbers];
  if (oneIn(draft, 2)) return left;
  return numbers.map(() => left.splice(draft.pick(left.length), 1)[0] as number);
}

function legCount({ pick, chainLegsMax }: Draft): number {
  const size = pick(20);
  const count = size < 13 ? 2 + pick(3) : size < 18 ? 5 + pick(3) : 8 + pick(LEGS_MOST - 7);
  return pick(20) === 0 ? count : Math.max(2, Math.min(count, chainLegsMax));
}

/** Mostly those of which both accounts are there. */
function possibleLegs(draft: Draft): ChainHop[] {
  const legs = newLegs(draft);
  if (oneIn(draft, 25)) return legs;
  const has = (bank: number, currency: number): boolean =>
    draft.accounts.has(`${bank}/${currency}`);
  return legs.filter((leg) => has(leg.debtor, leg.currency) && has(leg.creditor, leg.currency));
}

/** Money on its way through banks, round in a ring, across currencies, there and back, or any legs. */
function newLegs(draft: Draft): ChainHop[] {
  const { pick, participants, currencies } = draft;
  const count = legCount(draft);
  const style = pick(6);
  const currency = pick(currencies);
  const amount = draft.amounts(pick);
  const start = pick(participants);
  const step = 1 + pick(participants - 1);
  const bank = (at: number): number => (start + at * step) % participants;
  const near = (): bigint => (oneIn(draft, 3) ? amount + BigInt(pick(3)) : amount);
  const crossing = (at: number): number => (currency + (at % 2) * pick(currencies)) % currencies;
  return Array.from({ length: count }, (_, at): ChainHop => {
    const [debtor, creditor] = [bank(at), bank(at + 1)];
    if (style === 0) return { debtor, creditor, currency, amount: near() };
    if (style === 1) return { debtor, creditor, currency: crossing(at), amount: near() };
    const other = (start + step) % participants;
    const [from, to] = at % 2 === 0 ? [start, other] : [other, start];
    if (style === 2)
      return { debtor: from, creditor: to, currency: (currency + at) % currencies, amount: near() };
    // Several banks pay one.
    if (style === 4 && debtor !== start)
      return { debtor, creditor: start, currency, amount: near() };
    const payer = pick(participants);
    const payee = (payer + 1 + pick(participants - 1)) % participants;
    // One bank pays several.
    if (style === 3 && payer !== start && !oneIn(draft, 3))
      return { debtor: start, creditor: payer, currency, amount: draft.amounts(pick) };
    return {
      debtor: payer,
      creditor: payee,
      currency: pick(currencies),
      amount: draft.amounts(pick),
    };
  });
}

/** The money of a chain goes back: two such chains need none. */
function turnedRound(draft: Draft, { legs }: RandomChain): ChainHop[] {
  const amount = (leg: ChainHop): bigint =>
    oneIn(draft, 8) ? leg.amount + BigInt(draft.pick(2)) : leg.amount;
  return legs
    .map((leg) => ({
      ...{ debtor: leg.creditor, creditor: leg.debtor, currency: leg.currency },
      amount: amount(leg),
    }))
    .reverse();
}

function instruct(draft: Draft, chain: RandomChain, number: number, wrong: Fields = {}): void {
  const { pick } = draft;
  const leg = chain.legs[number - 1] as ChainHop;
  const { debtor, creditor, currency, amount } = leg;
  const digest = Buffer.from(chain.digest);
  const said = sayFurtherTerms(draft, chain);
  const event = addMessage(draft, 'chainLeg', {
    ...messageFields(draft, CHAIN_TYPE, debtor),
    ...said,
    debtorAgent: debtor,
    creditorAgent: creditor,
    currency1: currency,
    amount1: capped(amount),
    legNumber: number,
    legCount: chain.legs.length,
    terms: digest.subarray(0, 16),
    termsEnd: digest.readUInt32LE(16),
    date: chain.date,
    priority: oneIn(draft, 8) ? pick(3) : chain.priority,
    ...(chain.isTimed && oneIn(draft, 3) ? times(draft, chain.date) : {}),
    ...wrong,
  });
  if (event !== 'rejected' || !oneIn(draft, 4)) chain.missing.delete(number);
}

/** A leg with something that it must not have, or that belongs to another chain. */
function instructWrongly(draft: Draft, chain: RandomChain): void {
  const { pick } = draft;
  const digest = Buffer.from(chain.digest);
  digest[oneIn(draft, 2) ? pick(20) : 15 + pick(5)] = pick(256);
  const wrongs: readonly Fields[] = [
    { legNumber: 0 },
    { legNumber: chain.legs.length + 1 },
    { legCount: pick(2) },
    { legCount: 17 + pick(239) },
    { legCount: 2 + pick(15) },
    { priority: 3 },
    { participant: pick(8) },
    { currency1: pick(5) },
    { debtorAgent: pick(8) },
    { creditorAgent: pick(8) },
    { creditorAgent: (chain.legs[0] as ChainHop).debtor },
    { amount1: BigInt(pick(3)) - 1n },
    { date: chain.date + pick(3) - 1 },
    { terms: digest.subarray(0, 16), termsEnd: digest.readUInt32LE(16) },
    { terms: digest.subarray(0, 16), termsEnd: digest.readUInt32LE(16) },
  ];
  instruct(draft, chain, 1 + pick(chain.legs.length), wrongs[pick(wrongs.length)]);
}

/** Of a day's events: positions of the first legs of the chains, by that of each of their legs. */
export function leadPositions(events: Iterable<Uint8Array>): Map<number, number> {
  const leads = new Map<number, number>();
  for (const event of events) {
    const { kind, messageType, paymentPosition, balances } = readFlatEvent(event, 0);
    if (kind === 'matched' && messageType === CHAIN_TYPE)
      leads.set(paymentPosition, Number(balances[0]));
  }
  return leads;
}
