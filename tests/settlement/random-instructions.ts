import { NONE16, NONE32, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { decodeRecord } from './flat-records.ts';
import { add, type Draft, type Fields, newId, oneIn } from './random-draft.ts';
import { addMessage, capped, messageFields, settlementDate, times } from './random-messages.ts';

const CANCELLED = new Set<number>([
  RECORD_KINDS.payment,
  RECORD_KINDS.pvpLeg,
  RECORD_KINDS.chainLeg,
  RECORD_KINDS.return,
]);
export const CHAIN_LEGS = new Set<number>([RECORD_KINDS.chainLeg]);
const LEGS = new Set<number>([RECORD_KINDS.pvpLeg, RECORD_KINDS.chainLeg]);
const CANCELLATION_TYPE = 10;
const BOUND_TYPE = 11;
const QUERY_TYPE = 12;

/**
 * A cancellation or a re-ordering, mostly of a payment of late and by its sender.
 * @param kinds of payments
 */
export function addInstruction(draft: Draft, kinds = CANCELLED): void {
  const { pick } = draft;
  const payments = draft.messages.filter(([kind]) => kinds.has(kind as number));
  const back = pick(oneIn(draft, 6) ? payments.length : Math.min(payments.length, 12));
  const message = payments[payments.length - 1 - back];
  if (message === undefined) return;
  const payment = decodeRecord(message);
  const sender = oneIn(draft, 15) ? pick(draft.participants) : payment.participant;
  addMessage(draft, oneIn(draft, 3) ? 'cancellation' : 'reordering', {
    ...messageFields(draft, CANCELLATION_TYPE, sender),
    target: oneIn(draft, 15) ? newId(draft) : payment.id,
    targetType: oneIn(draft, 20) ? CANCELLATION_TYPE : payment.messageType,
    priority: oneIn(draft, 12) ? 3 : pick(3),
    move: oneIn(draft, 12) ? 2 : pick(2),
  });
}

/** A dealer takes a quote back, mostly a late one of its own. */
export function addWithdrawal(draft: Draft): void {
  const { pick } = draft;
  const back = pick(oneIn(draft, 3) ? draft.quotes.length : Math.min(draft.quotes.length, 4));
  const quote = draft.quotes[draft.quotes.length - 1 - back];
  if (quote === undefined) return;
  const sender = oneIn(draft, 15) ? pick(draft.participants) : quote.dealer;
  addMessage(draft, 'cancellation', {
    ...messageFields(draft, CANCELLATION_TYPE, sender),
    target: oneIn(draft, 15) ? newId(draft) : quote.id,
    targetType: quote.messageType,
  });
}

/** Somebody asks of one of its accounts, or of all. */
export function addQuery(draft: Draft): void {
  const { pick } = draft;
  addMessage(draft, 'query', {
    ...messageFields(draft, QUERY_TYPE, pick(draft.participants)),
    currency1: oneIn(draft, 3) ? NONE16 : pick(draft.currencies + 1),
  });
}

/** A bank of a payment asks how it stands, or another does. */
export function addStatusQuery(draft: Draft): void {
  const { pick } = draft;
  const transfer = someTransfer(draft);
  if (transfer === undefined) return;
  const { of } = transfer;
  const askers = [of.debtorAgent, of.creditorAgent, pick(draft.participants)];
  addMessage(draft, 'query', {
    ...messageFields(draft, QUERY_TYPE, askers[pick(3)] as number),
    creditorAgent: oneIn(draft, 12) ? pick(draft.participants) : of.debtorAgent,
    currency1: NONE16,
    target: oneIn(draft, 12) ? newId(draft) : of.id,
    targetType: of.messageType,
  });
}

const RETURN_TYPE = 13;
const REPLY_TYPE = 15;

/** Those that have settled, by what the reference told. */
function settledAmong(draft: Draft, messages: readonly Uint8Array[]): Uint8Array[] {
  const settled = new Set<number>();
  for (const { events } of draft.steps)
    for (const event of events) {
      const { kind, paymentPosition } = readFlatEvent(event, 0);
      if (kind === 'settled') settled.add(paymentPosition);
    }
  return messages.filter((message) => settled.has(Number(decodeRecord(message).position)));
}

/** A transfer of late, mostly one that has settled, and who got how much of what by it. */
function someTransfer(draft: Draft) {
  const { pick } = draft;
  const payments = draft.messages.filter(
    ([kind]) => kind === RECORD_KINDS.payment || (LEGS.has(kind as number) && oneIn(draft, 9)),
  );
  const settled = draft.isProposed || oneIn(draft, 4) ? payments : settledAmong(draft, payments);
  const among = settled.length > 0 ? settled : payments;
  const back = pick(oneIn(draft, 3) ? among.length : Math.min(among.length, 10));
  const message = among[among.length - 1 - back];
  if (message === undefined) return undefined;
  const of = decodeRecord(message);
  const isLinked = of.kind !== RECORD_KINDS.chainLeg && of.currency2 !== NONE16;
  const [currency, amount] = isLinked ? [of.currency2, of.amount2] : [of.currency1, of.amount1];
  return { of, currency, amount };
}

/** A return of a transfer: whole, half, a unit or too much of it, mostly by whom it credited. */
export function addReturn(draft: Draft): void {
  const { pick } = draft;
  const transfer = someTransfer(draft);
  if (transfer === undefined) return;
  const { of, currency, amount } = transfer;
  const sender = oneIn(draft, 20) ? pick(draft.participants) : of.creditorAgent;
  const parts = [amount, amount, (amount + 1n) / 2n, amount / 3n, 1n, 0n];
  const amount1 = oneIn(draft, 10) ? amount + 1n : (parts[pick(6)] as bigint);
  addMessage(draft, 'return', {
    ...messageFields(draft, RETURN_TYPE, sender),
    debtorAgent: oneIn(draft, 40) ? pick(draft.participants) : sender,
    creditorAgent: oneIn(draft, 20) ? pick(draft.participants) : of.debtorAgent,
    currency1: oneIn(draft, 8) ? pick(draft.currencies) : currency,
    currency2: oneIn(draft, 40) ? pick(draft.currencies) : NONE16,
    dealer: NONE32,
    date: settlementDate(draft),
    amount1: capped(amount1),
    priority: oneIn(draft, 3) ? pick(oneIn(draft, 20) ? 4 : 3) : 2,
    ...(oneIn(draft, 6) ? times(draft, draft.date) : {}),
    original: oneIn(draft, 25) ? newId(draft) : of.id,
    originalType: oneIn(draft, 25) ? RETURN_TYPE : of.messageType,
  });
}

/** What the creditor's agent says of a transfer, mostly after it was asked. */
export function addReply(draft: Draft): void {
  const { pick } = draft;
  const transfer = someTransfer(draft);
  if (transfer === undefined) return;
  const { of } = transfer;
  const asked = { target: of.id, targetType: of.messageType };
  if (pick(3) > 0)
    addMessage(draft, 'cancellation', {
      ...messageFields(draft, CANCELLATION_TYPE, of.debtorAgent),
      ...asked,
    });
  for (let i = pick(3); i >= 0; i -= 1)
    addMessage(draft, 'reply', {
      ...messageFields(
        draft,
        REPLY_TYPE,
        oneIn(draft, 12) ? pick(draft.participants) : of.creditorAgent,
      ),
      ...asked,
      creditorAgent: oneIn(draft, 12) ? pick(draft.participants) : of.debtorAgent,
      reply: pick(oneIn(draft, 12) ? 5 : 4),
      ...(oneIn(draft, 12) ? { target: newId(draft) } : {}),
    });
}

/** A limit or a reservation: small, so that it binds. */
export function addBound(draft: Draft): void {
  const { pick } = draft;
  const participant = pick(draft.participants);
  const size = (draft.amounts(pick) * BigInt(1 + pick(3))) / 2n;
  const common = {
    ...messageFields(draft, BOUND_TYPE, participant),
    currency1: pick(oneIn(draft, 20) ? 5 : draft.currencies),
  };
  if (pick(5) < 2) {
    const amount1 = oneIn(draft, 4) ? BigInt(pick(2) - 1) : size / 2n;
    const priority = oneIn(draft, 12) ? 2 : pick(2);
    addMessage(draft, 'reservation', { ...common, amount1, priority });
    return;
  }
  const creditorAgent = oneIn(draft, 3) ? NONE32 : pick(draft.participants + (pick(8) >> 2));
  const amount1 = oneIn(draft, 4) ? BigInt(pick(3) - 2) : size;
  addMessage(draft, 'limit', { ...common, creditorAgent, amount1 });
}

/** What a currency is worth, or what a participant may owe over all: small, so that it binds. */
export function addAcross(draft: Draft): void {
  const { pick } = draft;
  const currency1 = pick(draft.currencies + (oneIn(draft, 12) ? 1 : 0));
  if (oneIn(draft, 3)) {
    const weights = [0n, 1n, 2n, 110n, 2n ** 46n, 2n ** 47n, -1n];
    const amount1 = weights[oneIn(draft, 5) ? pick(7) : 1 + pick(3)] as bigint;
    const haircutBps = [0, 500, 10_000, 10_001][oneIn(draft, 4) ? pick(4) : pick(2)] as number;
    add(draft, 'valuation', { currency1, amount1, haircutBps });
    return;
  }
  const bound = (): bigint => {
    if (oneIn(draft, 3)) return -1n;
    return oneIn(draft, 8) ? BigInt(pick(3)) - 2n : (draft.amounts(pick) * BigInt(pick(4))) / 2n;
  };
  const participant = pick(draft.participants + (oneIn(draft, 12) ? 1 : 0));
  add(draft, 'crossLimit', { participant, currency1, amount1: bound(), amount2: bound() });
}

/** Now and then a currency stops netting. */
function nettingRules({ pick, rules, netsChains }: Draft): Fields {
  const others = { deferredNetClasses: pick(netsChains ? 5 : 2), defaultRule: pick(2) };
  return pick(3) > 0 ? { ...rules, ...others } : { ...others, cycleMechanism: 0 };
}

/** Other rules for a currency, or its issuer. */
export function addRegime(draft: Draft): void {
  const { pick } = draft;
  const currency1 = pick(draft.currencies + (oneIn(draft, 8) ? 1 : 0));
  if (oneIn(draft, 4)) {
    add(draft, 'issuer', { participant: oneIn(draft, 6) ? NONE32 : pick(2), currency1 });
    return;
  }
  const queueRule = pick(oneIn(draft, 10) ? 3 : 2);
  add(draft, 'rules', {
    ...draft.rules,
    ...(draft.isNetted ? nettingRules(draft) : {}),
    ...(draft.isMixed ? { cycleMechanism: pick(7), bilateralOffsetting: pick(2) } : {}),
    ...{ currency1, queueRule, atClose: pick(2) },
  });
}
