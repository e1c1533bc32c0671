import { EVENT_KINDS, kindNumbers } from '../../core/settlement/events.ts';
import type { Verdict } from '../../core/settlement/records.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import { ATTESTATION_TYPE, CHAIN_TYPE } from '../../protocol/messages/message-types.ts';
import { type AccountKey, accountKey } from '../ledger.ts';

/** What became of chains; each is counted once in each figure that it is in. */
export interface ChainTotals {
  /** All of their legs had come. */
  matched: number;
  /** Their condition was met; `metBySilence`: of these, at the deadline, because silence settles. */
  met: number;
  metBySilence: number;
  settled: number;
  /** Ended because attestors refused, all legs there or not. */
  refused: number;
  /** At the deadline of the condition. */
  deadline: number;
  /** At the expiry of their earmarks. */
  expired: number;
  /** As nothing could be set aside for them under the cap on amount × time. */
  capped: number;
  /** As nothing could be set aside for them under that cap they went on without earmarks. */
  unearmarked: number;
  /** All was set aside for them in the pool that does not decide; what became of them is counted as of the others. */
  promised: number;
}

/** Legs whose money was set aside, and how that ended. */
export interface EarmarkTotals {
  set: number;
  settled: number;
  /** At the expiry, whether the chain went on without or ended. */
  expired: number;
  /** For another end of the chain, or a close that carried it over. */
  released: number;
}

/** What an attestor said that counted, and how often what it said did not. */
export type AttestationTotals = Record<Verdict | 'notCounted', number>;

/** Chains that waited for an attestor last of all. */
export interface WaitedForLast {
  /** Whose condition was met with what it said. */
  chains: number;
  /** The longest time from when all legs of one had come to then, ms. */
  longestMs: number;
}

/** What is set aside of an account. */
interface EarmarkedAccount {
  readonly participant: number;
  readonly currency: number;
  /** Minor units, now and at most. */
  earmarked: bigint;
  peak: bigint;
  /** Legs so far. */
  count: number;
  /** Σ amount × time up to `atMs`, minor units × ms. */
  locked: bigint;
  atMs: number;
}

/** A chain whose legs have all come and that has not ended. */
interface LiveChain {
  /** Position of leg 1. */
  readonly lead: number;
  readonly matchedAt: number;
  readonly matchedMs: number;
  attestedAt: number;
  /** Who attested then. */
  attestedBy: number;
  /** Null: its condition is not met, or it has none. */
  metMs: number | null;
  isMetBySilence: boolean;
  /** Legs that are set aside. */
  earmarks: number;
}

interface LiveLeg {
  readonly chain: LiveChain;
  /** What of it is set aside; null: nothing. */
  earmark: EarmarkedAccount | null;
}

/** Is told of times, ms. */
export interface ChainTimes {
  /** From when all legs had come to when attestations had met the condition. */
  readonly toLastAttestation: (ms: number) => void;
  /** From then to settlement. */
  readonly toSettlement: (ms: number) => void;
}

/** By kind of event: whether it may tell of chains at all. Of the others, only what is about legs or attestations. */
const ALWAYS = kindNumbers([
  ...(['attested', 'triggered', 'earmarked', 'promised', 'released'] as const),
  ...(['notEarmarked', 'recorded'] as const),
]);
const OF_LEG = kindNumbers(['matched', 'settled', 'cancelled', 'unwound']);

/** Whether an event is one that a ChainBook takes, by the numbers in its bytes. */
export const tellsOfChains = (kind: number, messageType: number): boolean =>
  ALWAYS.has(kind) ||
  (messageType === CHAIN_TYPE && OF_LEG.has(kind)) ||
  (messageType === ATTESTATION_TYPE && kind === EVENT_KINDS.rejected);

/**
 * Chains, earmarks and attestations of one pool, from its events alone. Memory follows chains that live, accounts and
 * attestors.
 */
export class ChainBook {
  readonly totals: ChainTotals = {
    ...{ matched: 0, met: 0, metBySilence: 0, settled: 0 },
    ...{ refused: 0, deadline: 0, expired: 0, capped: 0, unearmarked: 0, promised: 0 },
  };
  readonly earmarks: EarmarkTotals = { set: 0, settled: 0, expired: 0, released: 0 };
  /** By the attestor's handle. */
  readonly attestations = new Map<number, AttestationTotals>();
  /** By the attestor's handle. */
  readonly waitedForLast = new Map<number, WaitedForLast>();
  /** Chains that live, by the position of leg 1. */
  readonly live = new Map<number, Readonly<LiveChain>>();
  readonly #legs = new Map<number, LiveLeg>();
  readonly #accounts = new Map<AccountKey, EarmarkedAccount>();
  readonly #times: ChainTimes | null;
  /** Of the attestation that ended legs whose chain was not complete. */
  #refusedAt = 0;

  constructor(times: ChainTimes | null = null) {
    this.#times = times;
  }

  /** Whether anything was attested or set aside, or ended for want of it. */
  get hasConditions(): boolean {
    const { met, refused, deadline, expired, capped, unearmarked } = this.totals;
    const ended = refused + deadline + expired + capped + unearmarked;
    return met + ended + this.earmarks.set > 0 || this.attestations.size > 0;
  }

  /** Those of which anything ever was set aside, with `locked` up to an instant. */
  accountsAt(timeMs: number): readonly Readonly<EarmarkedAccount>[] {
    for (const account of this.#accounts.values()) lock(account, timeMs);
    return [...this.#accounts.values()];
  }

  take(event: SettlementEvent): void {
    switch (event.kind) {
      case 'matched':
        if (event.messageType === CHAIN_TYPE) this.#match(event);
        return;
      case 'attested':
        this.#said(event.debtorAgent)[event.verdict] += 1;
        this.#attested(event);
        return;
      case 'recorded':
        this.#said(event.debtorAgent).recorded += 1;
        return;
      case 'rejected':
        if (event.messageType === ATTESTATION_TYPE) this.#said(event.debtorAgent).notCounted += 1;
        return;
      case 'triggered':
        this.#meet(event);
        return;
      case 'earmarked':
        this.#earmark(event);
        return;
      case 'released':
        this.#release(event, event.reason === 'earmarkExpired' ? 'expired' : 'released');
        return;
      case 'notEarmarked':
        // Of a chain once: its leg 1 stands for it.
        if (event.legNumber === 1) this.totals.unearmarked += 1;
        return;
      case 'promised':
        if (event.legNumber === 1) this.totals.promised += 1;
        return;
      case 'settled':
      case 'cancelled':
      case 'unwound':
        if (event.messageType === CHAIN_TYPE) this.#end(event);
    }
  }

  #said(attestor: number): AttestationTotals {
    const known = this.attestations.get(attestor);
    if (known) return known;
    const totals = { accepted: 0, refused: 0, held: 0, recorded: 0, notCounted: 0 };
    this.attestations.set(attestor, totals);
    return totals;
  }

  #match({ paymentPosition, mate, position, timeMs }: EventOf<'matched'>): void {
    let chain = this.#legs.get(mate)?.chain;
    if (!chain) {
      this.totals.matched += 1;
      const [matchedAt, matchedMs] = [position, timeMs];
      chain = {
        ...{ lead: mate, matchedAt, matchedMs, attestedAt: 0, attestedBy: 0 },
        ...{ metMs: null, isMetBySilence: false, earmarks: 0 },
      };
      this.live.set(mate, chain);
    }
    this.#legs.set(paymentPosition, { chain, earmark: null });
  }

  #attested({ mate, position, debtorAgent }: EventOf<'attested'>): void {
    const chain = this.#legs.get(mate)?.chain;
    if (!chain) return;
    chain.attestedAt = position;
    chain.attestedBy = debtorAgent;
  }

  #meet({ paymentPosition, position, timeMs }: EventOf<'triggered'>): void {
    const chain = this.#legs.get(paymentPosition)?.chain;
    if (!chain || chain.metMs !== null) return;
    chain.metMs = timeMs;
    this.totals.met += 1;
    // Its deadline may come due with the record of an attestation of another chain.
    chain.isMetBySilence = position !== chain.attestedAt && position !== chain.matchedAt;
    const waitedMs = timeMs - chain.matchedMs;
    if (chain.isMetBySilence) this.totals.metBySilence += 1;
    else this.#times?.toLastAttestation(waitedMs);
    if (position === chain.attestedAt) this.#noteLast(chain.attestedBy, waitedMs);
  }

  #noteLast(attestor: number, waitedMs: number): void {
    const { chains, longestMs } = this.waitedForLast.get(attestor) ?? { chains: 0, longestMs: 0 };
    const longest = Math.max(longestMs, waitedMs);
    this.waitedForLast.set(attestor, { chains: chains + 1, longestMs: longest });
  }

  #earmark(event: EventOf<'earmarked'>): void {
    const leg = this.#legs.get(event.paymentPosition);
    if (!leg) return;
    const { debtorAgent: participant, currency1: currency, timeMs } = event;
    const key = accountKey(participant, currency);
    let account = this.#accounts.get(key);
    if (!account) {
      account = {
        ...{ participant, currency, earmarked: 0n, peak: 0n },
        ...{ count: 0, locked: 0n, atMs: timeMs },
      };
      this.#accounts.set(key, account);
    }
    lock(account, timeMs);
    account.earmarked += event.amount1;
    if (account.earmarked > account.peak) account.peak = account.earmarked;
    account.count += 1;
    leg.earmark = account;
    leg.chain.earmarks += 1;
    this.earmarks.set += 1;
  }

  /** Nothing of a leg is set aside any more, if anything was. */
  #release(
    { paymentPosition, timeMs, amount1 }: EventOf<'released' | 'settled'>,
    how: Exclude<keyof EarmarkTotals, 'set'>,
  ): void {
    const leg = this.#legs.get(paymentPosition);
    if (!leg?.earmark) return;
    lock(leg.earmark, timeMs);
    leg.earmark.earmarked -= amount1;
    leg.earmark = null;
    leg.chain.earmarks -= 1;
    this.earmarks[how] += 1;
  }

  #end(event: EventOf<'settled' | 'cancelled' | 'unwound'>): void {
    const { paymentPosition, timeMs } = event;
    const leg = this.#legs.get(paymentPosition);
    const why = event.kind === 'settled' ? null : event.reason;
    if (!leg) {
      if (why !== 'conditionRefused' || this.#refusedAt === event.position) return;
      this.#refusedAt = event.position;
      this.totals.refused += 1;
      return;
    }
    if (event.kind === 'settled') this.#release(event, 'settled');
    this.#legs.delete(paymentPosition);
    const { chain } = leg;
    if (!this.live.delete(chain.lead)) return;
    if (why === null) {
      this.totals.settled += 1;
      if (chain.metMs !== null && !chain.isMetBySilence)
        this.#times?.toSettlement(timeMs - chain.metMs);
    } else if (why === 'conditionRefused') this.totals.refused += 1;
    else if (why === 'conditionUnmet') this.totals.deadline += 1;
    else if (why === 'earmarkExpired') this.totals.expired += 1;
    else if (why === 'earmarkCapReached') this.totals.capped += 1;
  }
}

function lock(account: EarmarkedAccount, timeMs: number): void {
  account.locked += account.earmarked * BigInt(Math.max(0, timeMs - account.atMs));
  account.atMs = Math.max(account.atMs, timeMs);
}
