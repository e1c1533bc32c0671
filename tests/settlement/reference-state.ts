import type { EventKind } from '../../services/core/settlement/events.ts';
import type { Reason } from '../../services/core/settlement/reasons.ts';
import { NONE16, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import { type EventFields, encodeEvent, type FlatRecord } from './flat-records.ts';

/** An account's name: participant and currency. */
type AccountName = `${number}/${number}`;

export interface ReferenceAccount {
  readonly participant: number;
  readonly currency: number;
  /** All of it, with what is set aside. */
  balance: bigint;
  /** What of the balance is set aside for legs of chains. */
  earmarked: bigint;
  /** Unsecured. */
  line: bigint;
  collateral: bigint;
  haircutBps: number;
  /** The highest credit capacity that it ever had. */
  highestCapacity: bigint;
  /** For the urgent and for the high class. */
  readonly reserved: bigint[];
}

export interface Leg {
  readonly debit: ReferenceAccount;
  readonly credit: ReferenceAccount;
  readonly amount: bigint;
}

/** A bilateral or multilateral limit. */
export interface ReferenceLimit {
  value: bigint;
  /** What was booked out less what was booked in since it was set. */
  position: bigint;
}

/** What an attestor has said of a chain. */
interface Said {
  readonly verdict: number;
  /** 0: as long as the chain lives. */
  readonly untilMs: bigint;
}

/** Who has to attest before a chain settles, and what has been attested. */
export interface Condition {
  /** The mandatory ones first. */
  readonly groups: readonly { readonly threshold: number; readonly attestors: readonly number[] }[];
  readonly mandatory: number;
  /** How many of the other groups must hold. */
  readonly root: number;
  /** In the seconds of a payment's times; 0: none. */
  readonly deadline: number;
  readonly silenceSettles: boolean;
  /** The last group decides, once the chain is promised: nothing else ends it then. */
  readonly promises: boolean;
  readonly said: Map<number, Said>;
  isMet: boolean;
  isPromised: boolean;
}

/** An amount that is set aside of an account for a participant, or may be, from one instant to another. */
export interface Use {
  readonly account: ReferenceAccount;
  readonly participant: number;
  readonly amount: bigint;
  fromMs: bigint;
  toMs: bigint;
}

/** That the money of a chain's legs is set aside before it settles. */
export interface Earmarks {
  readonly atTrigger: boolean;
  /** In the seconds of a payment's times; 0: none. */
  readonly expiry: number;
  /** Whether the chain goes on without earmarks after the expiry. */
  readonly goesOn: boolean;
}

export interface LivePayment {
  /** As it came, but for the priority that a re-ordering gave it. */
  record: FlatRecord;
  /** Of the first leg of a matched chain, those of the whole chain; of any other its own. */
  legs: readonly Leg[];
  readonly quote: Quote | undefined;
  readonly identity: Identity;
  /** What a return brings back. */
  readonly original?: Identity | undefined;
  /**
   * In the queues, or outside for an opening; accepted by deferred net settlement; a PvP leg that
   * looks for its mirror, or of a chain for the others, or that the first leg matched with it stands for;
   * booked by a proposal and not told; of a chain that is being funded, with its money set aside.
   */
  state: 'queued' | 'waiting' | 'accepted' | 'unmatched' | 'matched' | 'booked' | 'earmarked';
  /** Of a matched leg: all legs of the pair, or of the chain in leg order. The first stands for them. */
  partners?: readonly LivePayment[];
  /** Of a leg of a chain whose terms have one: all of its live legs share it. */
  condition?: Condition | undefined;
  /** Of a leg of a chain whose terms ask for them, while they may still begin. */
  earmarks?: Earmarks | undefined;
  /** Its chain is being funded: it stands in a queue, or is set aside, as a payment of one leg. */
  isByItself?: boolean;
  /** While it is set aside: the limit on which it counts. */
  countedOn?: ReferenceLimit | undefined;
  /** Of a leg that is to be set aside, or is, in a currency with a cap on that. */
  use?: Use | undefined;
  /** Its earliest time lies ahead. */
  isEarly: boolean;
  /** When it came. */
  readonly sinceMs: bigint;
  /** Since when it stands in the queues. */
  queuedMs?: bigint;
  /** The class that its own bank asked for: matched legs all have the least urgent one. */
  wish: number;
  /** Rises with every entry into the queues and with every joining of those that wait. */
  order: number;
}

export interface Quote {
  readonly record: FlatRecord;
  readonly identity: Identity;
  remaining: bigint;
  /** Withdrawn, or told to have expired. */
  isOver: boolean;
}

export interface Identity {
  readonly key: string;
  /** Rises with every message. */
  readonly serial: number;
  readonly digest: string;
  readonly position: bigint;
  day: number;
  readonly sender: number;
  readonly id: Uint8Array;
  readonly messageType: number;
  /** Where what is refused is bounded: against its sender's share. */
  isCounted?: boolean;
  outcome: { readonly kind: EventKind; readonly reason: Reason };
  /** Of a transfer that was accepted: what it credits, and how much of that no return takes back. */
  credits?: { readonly account: ReferenceAccount; left: bigint };
  /** That it should come back was asked and is not answered; what its creditor's agent said of its customer. */
  isRecalled?: boolean;
  /** At how many closes of the currency credited that ends; absent: at none. */
  recallCloses?: number;
  isCredited?: boolean;
}

interface ReferenceCurrency {
  readonly minorUnits: number;
  /** What a participant may have set aside of an account in a business date, minor units x seconds; 0: no cap. */
  readonly earmarkCap: bigint;
  /** The genesis or the last rules record. */
  rules: FlatRecord;
  issuer: number | undefined;
  open: boolean;
  /** Of today while it is open, else the last; undefined before its first opening. */
  date: number | undefined;
}

/** Limits of a participant across its currencies. */
interface CrossLimits {
  readonly aggregate: bigint;
  readonly pooled: bigint;
  readonly currency: number;
}

/** A leg that was accepted while its corridor had a limit. */
export interface CorridorUse {
  readonly corridor: string;
  readonly currency: number;
  readonly amount: bigint;
  readonly identity: Identity;
}

/** Everything that the definitions speak of, in plain arrays and maps. */
export interface ReferenceState {
  rules: FlatRecord | undefined;
  timeMs: bigint;
  participants: number;
  currencies: ReferenceCurrency[];
  accounts: Map<AccountName, ReferenceAccount>;
  /** By currency: issued less redeemed. */
  outstanding: bigint[];
  /** By account and counterparty (NONE32: multilateral). */
  limits: Map<`${AccountName}/${number}`, ReferenceLimit>;
  live: LivePayment[];
  netDebitCaps: Map<ReferenceAccount, bigint>;
  /** By currency: the value of a minor unit, and the haircut in basis points. */
  valuations: Map<number, { readonly weight: bigint; readonly haircutBps: bigint }>;
  /** By participant, in minor units of a currency; -1: none. */
  crossLimits: Map<number, CrossLimits>;
  /** By who granted it, then to whom; -1 once it has been taken away. */
  bilateralCaps: Map<ReferenceAccount, Map<ReferenceAccount, bigint>>;
  defaulted: Set<ReferenceAccount>;
  /** Since its currency opened last: who had what of an account set aside for how long; and of which pairs that was asked. */
  uses: Use[];
  usePairs: Set<string>;
  /** By participant. */
  countries: number[];
  corridorLimits: Map<string, bigint>;
  corridorUses: CorridorUse[];
  quotes: Quote[];
  identities: Identity[];
  messages: number;
  horizon: number;
  orders: number;
  nextCycleMs: bigint;
  /** When all queues were last offset bilaterally. */
  passMs: bigint;
  cycles: number;
  /** The number of events after the last cycle's own. */
  quietAt: number;
  /** How often a payment has joined the queues, and how often up to the last cycle. */
  joined: number;
  quietJoined: number;
  /** Accounts whose queues are to be scanned, in order. */
  worklist: ReferenceAccount[];
  position: bigint;
  /** The last record of what terms of a chain say besides its legs. */
  furtherTerms: FlatRecord | undefined;
  /** Told what no event shows, for tests that count what they met. */
  readonly note: (met: string) => void;
  /** By attestor, of its last record that counts. */
  counters: Map<number, bigint>;
  /** Sets that came at a position, for the proposal that is to follow there. */
  proposal:
    | { readonly position: bigint; readonly sets: bigint[][]; bytes: number; fault: Reason }
    | undefined;
  events: Uint8Array[];
}

export function newState(note: ReferenceState['note']): ReferenceState {
  return {
    rules: undefined,
    note,
    proposal: undefined,
    timeMs: 0n,
    participants: 0,
    currencies: [],
    accounts: new Map(),
    outstanding: [],
    limits: new Map(),
    live: [],
    netDebitCaps: new Map(),
    valuations: new Map(),
    crossLimits: new Map(),
    bilateralCaps: new Map(),
    defaulted: new Set(),
    uses: [],
    usePairs: new Set(),
    countries: [],
    corridorLimits: new Map(),
    corridorUses: [],
    quotes: [],
    identities: [],
    messages: 0,
    horizon: -1,
    orders: 0,
    nextCycleMs: 0n,
    passMs: -1n,
    cycles: 0,
    quietAt: 0,
    joined: 0,
    quietJoined: 0,
    worklist: [],
    position: 0n,
    furtherTerms: undefined,
    counters: new Map(),
    events: [],
  };
}

export function write(state: ReferenceState, kind: EventKind, fields: EventFields): void {
  state.events.push(
    encodeEvent(kind, {
      paymentPosition: state.position,
      ...fields,
      number: state.events.length + 1,
      position: state.position,
      timeMs: state.timeMs,
    }),
  );
}

export function identityKey(sender: number, messageType: number, id: Uint8Array): string {
  return `${sender}/${messageType}/${Buffer.from(id).toString('hex')}`;
}

/** Seconds count from 00:00 UTC of the day before the settlement date. */
export function instantOf(record: FlatRecord, seconds: number): bigint {
  return (BigInt(record.date) - 1n) * 86_400_000n + BigInt(seconds) * 1000n;
}

export const isReturn = (record: FlatRecord): boolean => record.kind === RECORD_KINDS.return;

export const isChainLeg = (record: FlatRecord): boolean => record.kind === RECORD_KINDS.chainLeg;

/** Legs are of one chain by the digest of its terms, how many there are, and the date; so an attestation names it. */
export function isSameChain(leg: FlatRecord, named: FlatRecord): boolean {
  const termsOf = ({ terms, termsEnd, legCount, date }: FlatRecord): string =>
    `${Buffer.from(terms).toString('hex')} ${termsEnd} ${legCount} ${date}`;
  return isChainLeg(leg) && termsOf(leg) === termsOf(named);
}

export const isLinked = (record: FlatRecord): boolean =>
  record.currency2 !== NONE16 && !isReturn(record) && !isChainLeg(record);

export const isLeg = (record: FlatRecord): boolean => record.kind === RECORD_KINDS.pvpLeg;

/** The identity of what a return brings back. */
export function originalOf(state: ReferenceState, record: FlatRecord): Identity | undefined {
  const key = identityKey(record.creditorAgent, record.originalType, record.original);
  return state.identities.find((identity) => identity.key === key);
}

/** By a return's record: the position of its original when it came in. */
export const originalPositions = new WeakMap<Uint8Array, bigint>();

/** What any event about a payment says of it; of a PvP leg what it delivers, of a return what it brings back. */
export function paymentFields(record: FlatRecord): EventFields {
  return {
    id: isReturn(record) ? record.original : record.id,
    messageType: record.messageType,
    priority: record.priority,
    debtorAgent: record.debtorAgent,
    creditorAgent: record.creditorAgent,
    currency1: record.currency1,
    amount1: record.amount1,
    ...(isReturn(record) ? { amount2: originalPositions.get(record.id) ?? 0n } : {}),
    ...(isLinked(record) && !isLeg(record)
      ? { dealer: record.dealer, currency2: record.currency2, amount2: record.amount2 }
      : {}),
  };
}

/** Which leg of how many: told when one is queued, matched, triggered, earmarked, released or rejected. */
export const numberFields = ({ legNumber, legCount }: FlatRecord): EventFields => ({
  count: legNumber + 256 * legCount,
});

/** The payment that stands in queues: of a matched pair the leg that came first, of a chain leg 1. */
export function leadOf(payment: LivePayment): LivePayment {
  return payment.partners?.[0] ?? payment;
}

/** The legs of all that a payment stands for, also of a chain that is being funded. */
export function allLegsOf(payment: LivePayment): readonly Leg[] {
  if (payment.isByItself !== true) return payment.legs;
  return (payment.partners ?? []).flatMap(({ legs }) => legs);
}

/** Puts a payment outside the queues, behind those that wait there. */
export function waitOutside(state: ReferenceState, payment: LivePayment): void {
  state.orders += 1;
  payment.state = 'waiting';
  payment.order = state.orders;
}

/** Tells the counter of what is met, where the payment is a chain. */
export function noteChain(state: ReferenceState, payment: LivePayment, what: string): void {
  if (isChainLeg(payment.record) && payment.partners !== undefined) state.note(`chain ${what}`);
}

/** How many payments are counted: a pair is one, a chain as many as it has legs. */
export function countOf(payments: Iterable<LivePayment>): number {
  const sizes = [...payments].map(({ record, legs }) => (isChainLeg(record) ? legs.length : 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A participant's accounts, by currency. */
export function accountsOf(state: ReferenceState, participant: number): ReferenceAccount[] {
  return [...state.accounts.values()]
    .filter((account) => account.participant === participant)
    .sort((a, b) => a.currency - b.currency);
}

export function rulesOf(state: ReferenceState, currency: number): FlatRecord {
  return state.currencies[currency]?.rules as FlatRecord;
}

/** The queue of an account: by priority, then entry. */
export function queueOf(state: ReferenceState, account: ReferenceAccount): LivePayment[] {
  return state.live
    .filter((p) => p.state === 'queued' && p.legs.some((leg) => leg.debit === account))
    .sort((a, b) => a.record.priority - b.record.priority || a.order - b.order);
}

/** What stands in a place, in the order in which it came to stand there. */
export function inOrder(state: ReferenceState, place: LivePayment['state']): LivePayment[] {
  return state.live.filter((p) => p.state === place).sort((a, b) => a.order - b.order);
}

export const queuedInEntryOrder = (state: ReferenceState): LivePayment[] =>
  inOrder(state, 'queued');

/** What deferred net settlement has accepted in a currency, in order. */
export function acceptedIn(state: ReferenceState, currency: number): LivePayment[] {
  return state.live
    .filter((p) => p.state === 'accepted' && p.legs[0]?.debit.currency === currency)
    .sort((a, b) => a.order - b.order);
}

export const waitingInOrder = (state: ReferenceState): LivePayment[] => inOrder(state, 'waiting');

/** Balances after a settlement, as its event gives them. */
export function balanceFields(legs: readonly Leg[]): EventFields {
  const first = legs[0] as Leg;
  const second = legs[1];
  if (second === undefined)
    return { balance1: first.debit.balance, balance2: first.credit.balance };
  return {
    balance1: first.debit.balance,
    balance2: second.credit.balance,
    balance3: first.credit.balance,
    balance4: second.debit.balance,
  };
}
