import { CYCLE_MECHANISMS } from '../../services/core/settlement/records.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { addChain, addFollower } from './random-chain-days.ts';
import { addAttestations, addMoment, earmarkCap } from './random-conditions.ts';
import { addCorridor, corridorsMax, countryOf } from './random-corridors.ts';
import {
  add,
  type Draft,
  type Fields,
  newDigest,
  newId,
  oneIn,
  type Step,
  seeded,
} from './random-draft.ts';
import {
  addAcross,
  addBound,
  addInstruction,
  addQuery,
  addRegime,
  addReply,
  addReturn,
  addStatusQuery,
  addWithdrawal,
  CHAIN_LEGS,
} from './random-instructions.ts';
import { addPayment, addQuote, addRepeat } from './random-messages.ts';
import { addCap, addCaps, addCycle, addDefault, addLeg } from './random-netting.ts';
import { addProposal } from './random-proposals.ts';
import { createReference } from './reference.ts';

const ALL_OR_NOTHING = CYCLE_MECHANISMS.indexOf('allOrNothing');
const PARTIAL = CYCLE_MECHANISMS.indexOf('partial');
const DEFERRED_NET = CYCLE_MECHANISMS.indexOf('deferredNet');
const PROPOSED = CYCLE_MECHANISMS.indexOf('proposed');
const FIRST_DATE = 20_528;
const DAY_MS = 86_400_000;

/** Amounts of a day: small enough to meet often, or near the largest that there can be. */
const AMOUNT_STYLES: readonly Draft['amounts'][] = [
  (pick) => BigInt(pick(20) + 1),
  (pick) => BigInt(pick(20) + 1),
  (pick) => BigInt(pick(1000) + 1) * BigInt(pick(100) + 1),
  (pick) => BigInt(pick(4) + 1) * 10n ** 18n + BigInt(pick(5)),
];

/**
 * `plain`: without conditions and earmarks. `netted`: conditional, and currencies net those of one leg. `promised`:
 * conditional, and some promise.
 */
export type ChainsOfDay = 'none' | 'plain' | 'conditional' | 'netted' | 'promised';

/** Several business days with a bit of everything, from one seed: the records in order, each with
 * the events that the reference says it causes.
 * @param isProposed whether most currencies take proposals, and get some
 * @param hasReturns whether settled payments are returned, recalled and asked about
 * @param chains which chains banks instruct legs of
 * @param note is told what the reference meets and no event shows
 * @param isLimited whether corridors have limits
 */
export function randomDay(
  seed: number,
  isProposed = false,
  hasReturns = false,
  chains: ChainsOfDay = 'none',
  note?: Parameters<typeof createReference>[0],
  isLimited = false,
): readonly Step[] {
  const pick = seeded(seed);
  const hasChains = chains !== 'none';
  const netsChains = chains === 'netted';
  const currencies = [1, 2, 2, 3, 3][pick(5)] as number;
  const usual = pick(4);
  const isBounded = pick(hasChains ? 2 : 3) === 0;
  const isNetted = pick(hasChains ? 8 : 3) === 0 || netsChains;
  const isMixed = pick(2) === 0 && !netsChains;
  const isCrossed = pick(4) === 0;
  const draft: Draft = {
    pick,
    apply: createReference(note),
    steps: [],
    accounts: new Set(),
    isBounded,
    isNetted,
    isMixed,
    isCrossed,
    isProposed,
    hasReturns,
    hasChains,
    chainLegsMax: hasChains ? mostLegs(seeded(seed + 2_000_003)) : 0,
    chains: [],
    hasConditions: chains === 'conditional' || chains === 'promised' || netsChains,
    netsChains,
    promising: chains === 'promised' ? seeded(seed + 3_000_003) : null,
    limiting: isLimited ? seeded(seed + 4_000_003) : null,
    rules: {
      queueRule: pick(2),
      cycleMechanism: isNetted ? DEFERRED_NET : pick(6) === 0 ? 0 : 1,
      ...offsettingRules(pick),
      atClose: pick(2),
      deferredNetClasses: pick(2) + (netsChains ? 2 : 0),
      defaultRule: pick(2),
    },
    participants: 2 + pick(5),
    currencies,
    units: Array.from({ length: currencies }, () => (pick(10) === 0 ? pick(4) * 6 : usual)),
    amounts: AMOUNT_STYLES[pick(AMOUNT_STYLES.length)] as Draft['amounts'],
    quotes: [],
    messages: [],
    open: Array.from({ length: currencies }, () => false),
    lastDate: Array.from({ length: currencies }, () => undefined),
    date: FIRST_DATE,
    timeMs: FIRST_DATE * DAY_MS + pick(1000),
    ids: 0,
  };
  addGenesis(draft, seeded(seed + 1_000_003));
  addParties(draft);
  if (isMixed || isProposed) addMechanisms(draft);
  if (isNetted && pick(3) > 0) addCaps(draft);
  for (let i = 0; i < 4; i += 1) addCorridor(draft);
  for (let i = 0; isCrossed && i < 4; i += 1) addAcross(draft);
  const steps = hasChains ? 40 + pick(80) : 60 + pick(160);
  for (let step = 0; step < steps; step += 1) addStep(draft);
  return draft.steps;
}

function offsettingRules(pick: Draft['pick']): Fields {
  return {
    entryOffsetting: pick(2),
    bilateralOffsetting: pick(2),
    offsettingMinimumMs: [0, 400, 5000][pick(3)] as number,
  };
}

/** Of the core's own. */
function ownMechanism(draft: Draft): number {
  // All or nothing seldom finds that all can go: it is tried more often.
  if (oneIn(draft, 3)) return ALL_OR_NOTHING;
  return draft.hasChains && oneIn(draft, 3) ? PARTIAL : draft.pick(PROPOSED);
}

/** Each currency gets a mechanism of its own. */
function addMechanisms(draft: Draft): void {
  for (let currency1 = 0; currency1 < draft.currencies; currency1 += 1) {
    const own = ownMechanism(draft);
    const cycleMechanism = draft.isProposed && !oneIn(draft, 6) ? PROPOSED : own;
    const offsetting = offsettingRules(draft.pick);
    add(draft, 'rules', { ...draft.rules, ...offsetting, cycleMechanism, currency1 });
  }
}

/** @param own a stream of their own for what identities are kept by, so that days stay what they were */
function addGenesis(draft: Draft, own: Draft['pick']): void {
  const { pick } = draft;
  if (oneIn(draft, 20)) add(draft, 'tick', {});
  const isSmall = oneIn(draft, 12);
  add(draft, 'genesis', {
    participantsMax: oneIn(draft, 30) ? draft.participants - 1 : 10,
    currenciesMax: oneIn(draft, 30) ? draft.currencies - 1 : 4,
    livePaymentsMax: isSmall ? pick(12) : 500,
    identitiesMax: oneIn(draft, 12) ? pick(60) : 500,
    quotesMax: oneIn(draft, 6) ? pick(4) : 200,
    // Nights with chains have fewer cycles, and days fewer steps: there are many of them.
    cycleIntervalMs: (draft.hasChains ? [0, 2000, 7000, 60_000] : [0, 500, 2000, 7000])[
      pick(4)
    ] as number,
    pvpTimeoutMs: (draft.hasChains ? [0, 3000, 40_000] : [0, 300, 4000])[pick(3)] as number,
    limitsMax: oneIn(draft, 6) ? pick(4) : 50,
    certificates: pick(2),
    recalls: draft.hasReturns ? switched(pick) : 0,
    quoteEvents: draft.hasReturns ? switched(pick) : 0,
    recallDays: draft.hasReturns ? ([0, 1, 2, own(20) === 0 ? 31 : 30][own(4)] as number) : 0,
    countsFromEnd: draft.hasReturns ? switched(own) : 0,
    boundsRefused: draft.hasReturns ? switched(own) : 0,
    chainLegsMax: draft.chainLegsMax,
    ...corridorsMax(draft),
    conditions: draft.hasConditions ? (oneIn(draft, 25) ? 2 * pick(2) : 1) : 0,
    ...draft.rules,
    identityDays: 1 + pick(3),
    rulesVersion: 1,
    hashKey: newDigest(draft).subarray(0, 16),
  });
}

/** A switch of the genesis; seldom a number that is none. */
const switched = (pick: Draft['pick']): number => (pick(40) === 0 ? 2 : pick(4) > 0 ? 1 : 0);

/** Legs that a chain of the network may have, seldom none or a number that cannot be. */
function mostLegs(pick: Draft['pick']): number {
  if (pick(30) === 0) return [0, 1, 17, 255][pick(4)] as number;
  return pick(4) === 0 ? 2 + pick(15) : 16;
}

/** What follows a settled payment, or a quote. */
function addFollowUp(draft: Draft): void {
  const kind = draft.pick(5);
  if (kind < 2) addReturn(draft);
  else if (kind < 3) addReply(draft);
  else if (kind < 4) addStatusQuery(draft);
  else addWithdrawal(draft);
}

function addParties(draft: Draft): void {
  for (let participant = 0; participant < draft.participants; participant += 1)
    add(draft, 'participant', { participant, country1: countryOf(participant) });
  for (let currency = 0; currency < draft.currencies; currency += 1)
    add(draft, 'currency', {
      ...{ currency1: currency, currency2: draft.units[currency] as number },
      earmarkCap: draft.hasConditions ? earmarkCap(draft) : 0n,
    });
  for (let participant = 0; participant < draft.participants; participant += 1) {
    for (let currency = 0; currency < draft.currencies; currency += 1) {
      if (oneIn(draft, 25)) continue;
      const share = BigInt(draft.participants);
      // The first two deal, and need more.
      const funds = draft.amounts(draft.pick) * (participant < 2 ? 4n : 1n);
      const isFunded =
        draft.isNetted || draft.hasConditions
          ? !oneIn(draft, draft.hasConditions ? 6 : 3)
          : oneIn(draft, participant < 2 ? 1 : 3);
      const amount1 = isFunded ? funds / share : 0n;
      const amount2 = oneIn(draft, 4) ? draft.amounts(draft.pick) / share : 0n;
      const fields = { participant, currency1: currency, amount1, amount2 };
      if (add(draft, 'account', fields) === 'accountOpened')
        draft.accounts.add(`${participant}/${currency}`);
    }
  }
}

function addStep(draft: Draft): void {
  const { pick } = draft;
  draft.timeMs += pick(4) === 0 ? pick(3000) : pick(100);
  if (oneIn(draft, 40)) draft.timeMs -= pick(2000);
  if (oneIn(draft, 60)) draft.timeMs += 200_000;
  const kind = pick(100);
  if (draft.limiting?.(15) === 0) addCorridor(draft);
  if (draft.open.includes(false) && oneIn(draft, draft.open.includes(true) ? 8 : 2))
    addOpening(draft);
  else if (draft.isBounded && oneIn(draft, 8)) addBound(draft);
  else if (draft.isCrossed && oneIn(draft, 10)) addAcross(draft);
  else if (draft.hasChains && oneIn(draft, 3)) addChain(draft);
  else if (draft.hasConditions && oneIn(draft, 2)) addAboutChains(draft);
  else if (draft.isNetted && oneIn(draft, 8)) addNetting(draft);
  else if (draft.isProposed && oneIn(draft, 6)) addProposal(draft);
  else if (!draft.isNetted && oneIn(draft, draft.isMixed ? 12 : 30)) addCycle(draft);
  else if (draft.currencies > 1 && oneIn(draft, 7)) addLeg(draft);
  else if (draft.hasReturns && oneIn(draft, 9)) addFollowUp(draft);
  else if (kind < 58) addPayment(draft);
  else if (kind < 66) addQuote(draft);
  else if (kind < 74) addInstruction(draft);
  else if (kind < 82) addRepeat(draft);
  else if (kind < 89) addLiquidity(draft);
  else if (kind < 90) addRegime(draft);
  else if (kind < 92) addClosing(draft);
  else if (kind < 94) add(draft, 'tick', {});
  else if (kind < 96) addQuery(draft);
  else addOddity(draft);
}

/** What is attested of chains with conditions, and what comes between while their money is set aside. */
function addAboutChains(draft: Draft): void {
  const kind = draft.pick(18);
  if (kind < 6) addAttestations(draft);
  else if (kind < 9) addMoment(draft);
  else if (kind < 11) addInstruction(draft, CHAIN_LEGS);
  else if (kind < 12) addBound(draft);
  else if (kind < 13) addRedemption(draft);
  else addBeside(draft);
}

function addNetting(draft: Draft): void {
  const kind = draft.pick(16);
  if (kind < 7) addCap(draft);
  else if (kind < 15) addCycle(draft);
  else addDefault(draft);
}

function openOne(draft: Draft, currency: number): void {
  const fields = { currency1: currency, date: draft.date, amount1: draft.timeMs + 1000 };
  if (add(draft, 'open', fields) !== 'opened') return;
  draft.open[currency] = true;
  draft.lastDate[currency] = draft.date;
}

/** Opens what has not been open on this day, most of it at once; after that comes the next day. */
function addOpening(draft: Draft): void {
  const closed = draft.open.flatMap((isOpen, currency) => (isOpen ? [] : [currency]));
  let ready = closed.filter((currency) => draft.lastDate[currency] !== draft.date);
  if (!draft.open.includes(true) && (ready.length === 0 || oneIn(draft, 4))) {
    draft.date += 1 + (oneIn(draft, 5) ? 2 : 0);
    draft.timeMs = Math.max(draft.timeMs, draft.date * DAY_MS);
    ready = closed;
  }
  if (ready.length === 0) addClosing(draft);
  for (const currency of ready) if (!oneIn(draft, 4)) openOne(draft, currency);
  if (oneIn(draft, 10)) openOne(draft, draft.pick(draft.currencies));
}

function addClosing(draft: Draft): void {
  for (let currency = draft.currencies - 1; currency >= 0; currency -= 1) {
    if (oneIn(draft, 5)) continue;
    const date = (draft.lastDate[currency] ?? draft.date) + (oneIn(draft, 10) ? 1 : 0);
    const event = add(draft, 'close', { currency1: currency, date });
    if (event === 'closed') draft.open[currency] = false;
  }
}

function addLiquidity(draft: Draft): void {
  const kinds = ['creditLine', 'issue', 'redeem', 'collateral'] as const;
  const haircutBps = [0, 1, 1000, 9999, 10_000, 10_001][draft.pick(6)] as number;
  const issuer = oneIn(draft, 4) ? 1 : 0;
  add(draft, kinds[draft.pick(kinds.length)] as (typeof kinds)[number], {
    participant: draft.pick(draft.participants),
    issuer,
    haircutBps,
    currency1: draft.pick(draft.currencies),
    amount1: oneIn(draft, 10) ? BigInt(draft.pick(3)) - 1n : draft.amounts(draft.pick),
  });
}

/** One of the accounts in which, by the events of late, money is set aside, with its balance then. */
function lateEarmark(draft: Draft) {
  const found = new Map<string, { debtor: number; currency: number; balance: bigint }>();
  for (const event of draft.steps.slice(-80).flatMap(({ events }) => events)) {
    const { kind, mechanism, debtorAgent, currency1, balances } = readFlatEvent(event, 0);
    const name = `${debtorAgent}/${currency1}`;
    const [balance = 0n, earmarked = 0n] = balances;
    if (kind === 'earmarked')
      found.set(name, { debtor: debtorAgent, currency: currency1, balance });
    else if (mechanism === 'earmark' || (kind === 'released' && earmarked === 0n))
      found.delete(name);
  }
  return [...found.values()][draft.pick(Math.max(1, found.size))];
}

/** A bank would have nearly all of it taken away. */
function addRedemption(draft: Draft): void {
  const account = lateEarmark(draft);
  if (account === undefined) return;
  const { debtor: participant, currency: currency1, balance } = account;
  const amount1 = balance - BigInt(draft.pick(3));
  add(draft, 'redeem', { participant, currency1, issuer: 0, amount1 });
}

/** Payments from such an account and back, with a cycle behind them now and then. */
function addBeside(draft: Draft): void {
  const { pick, participants } = draft;
  const account = lateEarmark(draft);
  if (account === undefined) return;
  const { debtor, currency } = account;
  const creditor = (debtor + 1 + pick(participants - 1)) % participants;
  const amount = draft.amounts(pick);
  addFollower(draft, { debtor, creditor, currency, amount }, amount);
  const back = { debtor: creditor, creditor: debtor, currency, amount };
  addFollower(draft, back, oneIn(draft, 2) ? amount : 1n + amount / 3n);
  if (!oneIn(draft, 3)) addCycle(draft);
  else if (draft.isProposed) addProposal(draft);
}

/** Records that make no sense where they stand, and those that say nothing about money. */
function addOddity(draft: Draft): void {
  const { pick } = draft;
  const participant = pick(draft.participants + 1);
  const id = newId(draft);
  const payloadDigest = newDigest(draft);
  const odd = pick(7);
  if (odd === 0) add(draft, 'notice', { participant, reason: 12, id, payloadDigest });
  else if (odd === 1) add(draft, 'keyState', { participant, reason: 7 * pick(3), payloadDigest });
  else if (odd === 2) add(draft, 99, { participant, amount1: 5 });
  else if (odd === 3) add(draft, 'genesis', { identityDays: 1 });
  else if (odd === 4) add(draft, 'tick', { timeMs: -5n });
  else if (odd === 5) add(draft, 'account', { participant, currency1: pick(4), amount1: 1 });
  else add(draft, 'participant', { participant });
}
