import { NONE16, NONE32, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import { decodeRecord, type FlatRecord } from './flat-records.ts';
import { add, type Draft, type Fields, oneIn } from './random-draft.ts';
import {
  addMessage,
  capped,
  messageFields,
  PAYMENT_TYPE,
  settlementDate,
  someone,
  times,
} from './random-messages.ts';

/** A leg of a PvP between two banks: often the mirror of one of late, or nearly. */
export function addLeg(draft: Draft): void {
  const { pick } = draft;
  const legs = draft.messages
    .slice(-14)
    .map((message) => decodeRecord(message))
    .filter((record) => record.kind === RECORD_KINDS.pvpLeg);
  const earlier = legs[pick(legs.length)];
  const kind = pick(8);
  const terms =
    earlier === undefined || kind < 2
      ? newTerms(draft)
      : kind < 3
        ? swappedBack(draft, earlier)
        : mirrorOf(draft, earlier);
  const sender = oneIn(draft, 40) ? pick(8) : Number(terms.debtorAgent);
  addMessage(draft, 'pvpLeg', {
    ...messageFields(draft, PAYMENT_TYPE, sender),
    dealer: NONE32,
    priority: oneIn(draft, 3) ? pick(oneIn(draft, 20) ? 4 : 3) : 2,
    ...(oneIn(draft, 4) ? times(draft, Number(terms.date)) : {}),
    ...terms,
  });
}

function newTerms(draft: Draft): Fields {
  const { pick } = draft;
  const currency1 = pick(draft.currencies);
  const another = (currency1 + 1 + pick(draft.currencies - 1)) % draft.currencies;
  const currency2 = oneIn(draft, 30) ? NONE16 : another;
  const debtorAgent = someone(draft, currency1, NONE32, NONE32);
  return {
    debtorAgent,
    creditorAgent: oneIn(draft, 40) ? debtorAgent : someone(draft, currency2, debtorAgent, NONE32),
    currency1,
    currency2,
    amount1: oneIn(draft, 40) ? BigInt(pick(2) - 1) : draft.amounts(pick),
    amount2: oneIn(draft, 40) ? BigInt(pick(2) - 1) : draft.amounts(pick),
    date: settlementDate(draft),
    matchKey: BigInt(pick(3)) - 1n,
  };
}

/** The same bank wants back what it gave: two such pairs need no money. */
function swappedBack({ pick }: Draft, leg: FlatRecord): Fields {
  const { debtorAgent, creditorAgent, date } = leg;
  return {
    ...{ debtorAgent, creditorAgent, date, matchKey: BigInt(pick(3)) - 1n },
    ...{ currency1: leg.currency2, currency2: leg.currency1 },
    ...{ amount1: leg.amount2, amount2: leg.amount1 },
  };
}

function mirrorOf(draft: Draft, leg: FlatRecord): Fields {
  const mirrored = {
    debtorAgent: leg.creditorAgent,
    creditorAgent: leg.debtorAgent,
    currency1: leg.currency2,
    currency2: leg.currency1,
    amount1: leg.amount2,
    amount2: leg.amount1,
    date: leg.date,
    matchKey: leg.matchKey,
  };
  if (!oneIn(draft, 6)) return mirrored;
  const off = [
    { creditorAgent: draft.pick(draft.participants) },
    { amount1: capped(leg.amount2 + 1n) },
    { amount2: capped(leg.amount1 + 1n) },
    { date: leg.date + 1 },
    { matchKey: leg.matchKey + 1n },
    { currency1: leg.currency1, currency2: leg.currency2 },
  ];
  return { ...mirrored, ...off[draft.pick(off.length)] };
}

/** What the members of a loss-sharing scheme grant each other to begin with. */
export function addCaps(draft: Draft): void {
  const accounts = [...draft.accounts].map((name) => name.split('/').map(Number));
  for (const [participant = 0, currency1 = 0] of accounts)
    for (const [creditorAgent, currency] of accounts)
      if (currency === currency1 && !oneIn(draft, 3))
        add(draft, 'cap', {
          ...{ participant, currency1, creditorAgent: creditorAgent as number },
          amount1: capped(draft.amounts(draft.pick) * BigInt(1 + draft.pick(3))),
        });
}

/** A cap, multilateral or granted to one, of a size that binds or that shares a loss. */
export function addCap(draft: Draft): void {
  const { pick } = draft;
  const size = draft.amounts(pick) * BigInt(1 + pick(3));
  add(draft, 'cap', {
    participant: pick(draft.participants),
    currency1: pick(oneIn(draft, 20) ? 5 : draft.currencies),
    creditorAgent: oneIn(draft, 4) ? NONE32 : pick(draft.participants + (pick(12) >> 3)),
    amount1: oneIn(draft, 6) ? BigInt(pick(3)) - 2n : capped(size),
  });
}

export function addCycle(draft: Draft): void {
  const currency1 = oneIn(draft, 3) ? NONE16 : draft.pick(draft.currencies);
  add(draft, 'cycle', { currency1: oneIn(draft, 20) ? 9 : currency1 });
}

export function addDefault(draft: Draft): void {
  const currency1 = oneIn(draft, 2) ? NONE16 : draft.pick(draft.currencies);
  const participant = draft.pick(draft.participants + (oneIn(draft, 12) ? 1 : 0));
  add(draft, 'default', { participant, currency1: oneIn(draft, 20) ? 9 : currency1 });
}
