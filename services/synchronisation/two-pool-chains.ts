import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { writeAttestation } from '../protocol/messages/attestation.ts';
import { readChainLeg, synchronisedBy } from '../protocol/messages/chain.ts';
import { isRefusal } from '../protocol/messages/document.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { ATTESTATION, CHAIN } from '../protocol/messages/message-types.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import { instantOf, timeSeconds } from '../protocol/messages/settlement-times.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { Message } from '../protocol/names/message.ts';
import { type BankSignature, signedBy } from '../protocol/names/signed-message.ts';
import { idDigest } from '../protocol/names/text-digest.ts';
import { isControl, readOriginal, readVerified } from '../protocol/records/input-record.ts';

/**
 * What a synchronisation operator knows of chains over two pools, from the inputs and events of both alone, and what it
 * has to attest next. Of each pool the first complete chain with the same terms counts, and any further one is refused:
 * so all operators, also one that is behind, decide alike. docs/settlement.md has the proof.
 */
export interface DueAttestation {
  /** Of this message: the same order has the same. */
  readonly id: string;
  readonly verdict: 'accepted' | 'refused';
  /** Of the home part. */
  readonly isHome: boolean;
  /** 32 bytes. */
  readonly digest: Uint8Array;
  readonly settlementDate: string;
  /** Of the part that the pool settles. */
  readonly legCount: number;
  /** Position of the record of the part's leg 1: the chain that is meant. */
  readonly leg1Position: bigint;
  /** A currency that the pool settles. */
  readonly currency: string;
  /** Of the event that completed that chain. */
  readonly createdAtMs: number;
}

/** A chain that waits for its decision. */
export interface Undecided {
  readonly chainId: string;
  readonly pool: string;
  /** Since when it is promised, ms. */
  readonly sinceMs: number;
}

/** A chain of which one pool has settled its part and the other has ended its own: somebody broke a rule. */
export interface Breach {
  readonly chainId: string;
  readonly settledIn: string;
  readonly endedIn: string;
}

/** What the message of a leg says. */
interface Leg {
  readonly key: string;
  readonly digest: Uint8Array;
  readonly chainId: string;
  readonly settlementDate: string;
  readonly currency: string;
  readonly isHome: boolean;
  /** What the first leg of the other part moves, and which pool settles that. */
  readonly otherCode: string;
  readonly otherPool: string;
  /** From when on its pool takes no leg with these terms. */
  readonly endMs: number;
}

type State = 'complete' | 'promised' | 'settled' | 'ended';
/** A complete chain of one pool. */
interface Part {
  readonly leg: Leg;
  readonly pool: string;
  readonly leg1Position: number;
  readonly legCount: number;
  readonly completeMs: number;
  promisedMs: number;
  state: State;
  /** That the operator accepts it counts. */
  isAccepted: boolean;
}
interface TwoPoolChain {
  home: Part | null;
  other: Part | null;
  /** Complete chains with the same terms behind the first of their pool, which live. */
  readonly further: Map<string, Part>;
  readonly leg: Leg;
}

/** Of a pool's first records, which are its founding's: no message. */
const NO_LEG = 1;

const partKey = (pool: string, position: number): string => `${pool} ${position}`;

export class TwoPoolChains {
  readonly #network: string;
  readonly #operator: Bic;
  readonly #currencies: Currencies;
  /** Messages of legs, by pool and position. */
  readonly #legs = new Map<string, Leg>();
  /** Complete chains that live, by pool and position of leg 1. */
  readonly #parts = new Map<string, Part>();
  /** By digest of the terms, in hex. */
  readonly #chains = new Map<string, TwoPoolChain>();
  /** Those of which a part lives: of the others nothing is due. */
  readonly #live = new Map<string, TwoPoolChain>();
  readonly #breaches: Breach[] = [];
  /** The time of the last event of each pool. */
  readonly #timeMs = new Map<string, number>();

  constructor(network: string, operator: Bic, currencies: Currencies) {
    this.#network = network;
    this.#operator = operator;
    this.#currencies = currencies;
  }

  /** @param value of a record of a pool's input */
  takeInput(pool: string, position: number, value: Uint8Array): void {
    if (isControl(value)) return;
    const { kind, reason, content } = readVerified(value);
    if (kind !== 'chainLeg' || reason !== 0) return;
    const document = documentOf(CHAIN, readOriginal(value).payload);
    const over = synchronisedBy(document);
    if (over?.operator !== this.#operator) return;
    const read = readChainLeg(document, this.#currencies, this.#network);
    if (isRefusal(read) || !read.earmark) return;
    const { termsDigest: digest, chainId, settlementDate } = read;
    this.takeLeg(pool, position, {
      ...{ digest, chainId, settlementDate, isHome: over.isHome, otherCode: over.otherCode },
      currency: read.legs[read.legNumber - 1]?.code ?? '',
      endMs: instantOf(content.settlementDate, timeSeconds(read.earmark.expiry)),
    });
  }

  /** A leg that names this operator, in place of the record that has it: whoever plans it need not write it. */
  takeLeg(pool: string, position: number, leg: Omit<Leg, 'key' | 'otherPool'>): void {
    this.#legs.set(partKey(pool, position), {
      ...leg,
      key: Buffer.from(leg.digest).toString('hex'),
      otherPool: this.#poolOf(leg.otherCode),
    });
  }

  /** An event, behind the inputs up to its position. */
  takeEvent(pool: string, event: SettlementEvent): void {
    this.#timeMs.set(pool, event.timeMs);
    switch (event.kind) {
      case 'matched':
        if (event.mate === event.paymentPosition && event.legCount > 0) this.#complete(pool, event);
        break;
      case 'promised': {
        const part = this.#parts.get(partKey(pool, event.paymentPosition));
        if (!part) break;
        part.state = 'promised';
        part.promisedMs = event.timeMs;
        break;
      }
      case 'attested': {
        const part = this.#parts.get(partKey(pool, event.mate));
        if (part && idDigest(orderOf(part, 'accepted').id).equals(event.id)) part.isAccepted = true;
        break;
      }
      case 'settled':
      case 'cancelled':
      case 'rejected':
        this.#end(pool, event.paymentPosition, event.kind === 'settled' ? 'settled' : 'ended');
        break;
      // Not a leg that the pool has taken: it was before, or was signed with a key that is not the sender's any more.
      case 'repeated':
      case 'noticed':
        this.#legs.delete(partKey(pool, event.position));
        break;
      default:
    }
  }

  #complete(pool: string, event: Extract<SettlementEvent, { kind: 'matched' }>): void {
    const { paymentPosition: leg1Position, legCount, timeMs: completeMs } = event;
    const leg = this.#legs.get(partKey(pool, leg1Position));
    if (!leg) return;
    const part: Part = {
      ...{ leg, pool, leg1Position, legCount, completeMs, promisedMs: 0, state: 'complete' },
      isAccepted: false,
    };
    this.#parts.set(partKey(pool, leg1Position), part);
    const chain = this.#chains.get(leg.key) ?? {
      ...{ home: null, other: null, further: new Map(), leg },
    };
    this.#chains.set(leg.key, chain);
    this.#live.set(leg.key, chain);
    const side = leg.isHome ? 'home' : 'other';
    if (chain[side] === null) chain[side] = part;
    else chain.further.set(partKey(pool, leg1Position), part);
  }

  #end(pool: string, position: number, state: 'settled' | 'ended'): void {
    const key = partKey(pool, position);
    const part = this.#parts.get(key);
    this.#legs.delete(key);
    this.#parts.delete(key);
    if (!part) return;
    part.state = state;
    const chain = this.#chains.get(part.leg.key);
    chain?.further.delete(key);
    if (chain && !lives(chain)) this.#live.delete(part.leg.key);
    // Of the two that count: neither has anything due any more, and other chains go on.
    const breach = chain && (part === chain.home || part === chain.other) ? breachOf(chain) : null;
    if (breach) this.#breaches.push(breach);
  }

  /** The breaches since it was called last. */
  takeBreaches(): Breach[] {
    return this.#breaches.splice(0);
  }

  /**
   * What is to be attested and has not had its effect yet, oldest chain first.
   * @param nowMs by the operator's own clock: from a chain's expiry on a pool that has written nothing since is asked
   */
  due(nowMs: number): DueAttestation[] {
    return [...this.#live.values()].flatMap((chain) => [
      ...this.#dueOf(chain),
      ...this.#questionsOf(chain, nowMs),
    ]);
  }

  /**
   * Where one pool alone has a part: what makes the other tell its time, by an event that answers. It names a record that
   * is no leg, and so no chain.
   */
  #questionsOf({ home, other }: TwoPoolChain, nowMs: number): DueAttestation[] {
    const part = home ?? other;
    if (!part || (home && other) || isOver(part.state) || this.#isOver(part)) return [];
    const { leg } = part;
    if (nowMs < leg.endMs) return [];
    const asked = { ...leg, isHome: !leg.isHome, currency: leg.otherCode };
    return [orderOf({ ...part, leg: asked, leg1Position: NO_LEG, legCount: 1 }, 'refused')];
  }

  #dueOf({ home, other, further }: TwoPoolChain): DueAttestation[] {
    const orders = [...further.values()].map((part) => orderOf(part, 'refused'));
    // Before anything is settled: who promised first cannot be released any more but by what home does.
    if (home?.state === 'complete' && other?.state === 'promised' && !home.isAccepted)
      orders.push(orderOf(home, 'accepted'));
    if (home?.state === 'complete' && (other ? other.state === 'ended' : this.#isOver(home)))
      orders.push(orderOf(home, 'refused'));
    const waits = other?.state === 'promised' || other?.state === 'complete';
    if (waits && home?.state === 'settled') orders.push(orderOf(other, 'accepted'));
    if (waits && (home ? home.state === 'ended' : this.#isOver(other)))
      orders.push(orderOf(other, 'refused'));
    return orders;
  }

  /** Whether the other pool than that of a part can have no chain with its terms any more. */
  #isOver({ leg: { otherPool, endMs } }: Part): boolean {
    return (this.#timeMs.get(otherPool) ?? 0) >= endMs;
  }

  #poolOf(code: string): string {
    return this.#currencies.get(code)?.pool ?? '';
  }

  undecided(): Undecided[] {
    return [...this.#live.values()].flatMap(({ other, leg: { chainId } }) =>
      other?.state === 'promised' ? [{ chainId, pool: other.pool, sinceMs: other.promisedMs }] : [],
    );
  }

  /** Forgets what has ended in both pools and can come in neither again. */
  forget(): void {
    for (const [key, chain] of this.#chains) {
      const { leg } = chain;
      const ownPool = this.#poolOf(leg.currency);
      const nowMs = Math.min(
        ...[ownPool, leg.otherPool].map((pool) => this.#timeMs.get(pool) ?? 0),
      );
      if (!lives(chain) && nowMs >= leg.endMs) this.#chains.delete(key);
    }
  }
}

const isOver = (state: State): boolean => state === 'settled' || state === 'ended';

/** Whether a part of it, or another complete chain with its terms, has not ended. */
const lives = ({ home, other, further }: TwoPoolChain): boolean =>
  [home, other].some((part) => part && !isOver(part.state)) || further.size > 0;

/** A chain that one pool has settled and the other has not. */
function breachOf({ home, other, leg: { chainId } }: TwoPoolChain): Breach | null {
  if (!home || !other || !isOver(home.state) || !isOver(other.state)) return null;
  if (home.state === other.state) return null;
  const [settled, ended] = home.state === 'settled' ? [home, other] : [other, home];
  return { chainId, settledIn: settled.pool, endedIn: ended.pool };
}

function orderOf(part: Part, verdict: DueAttestation['verdict']): DueAttestation {
  const { leg, leg1Position, legCount, completeMs: createdAtMs } = part;
  return {
    // Both parts can have their leg 1 at one position. 35 characters at the most.
    id: `S${leg.isHome ? 'H' : 'O'}-${leg.key.slice(0, 13)}-${leg1Position}-${verdict === 'accepted' ? 'A' : 'R'}`,
    ...{
      verdict,
      isHome: leg.isHome,
      digest: leg.digest,
      settlementDate: leg.settlementDate,
      legCount,
    },
    ...{ leg1Position: BigInt(leg1Position), currency: leg.currency, createdAtMs },
  };
}

/** What the operator sends for an order. @param signature its own */
export function orderMessage(
  signature: BankSignature,
  { id, verdict, digest, settlementDate, legCount, ...order }: DueAttestation,
  atMs: number,
): Message {
  const { leg1Position, currency, createdAtMs } = order;
  const payload = writeAttestation(
    {
      ...{ id, sender: signature.bic, verdict, digest, recordKind: null, currency },
      chain: { settlementDate, legCount, leg1Position, validUntilMs: null, reason: null },
    },
    createdAtMs,
  );
  return signedBy(signature)(ATTESTATION, id, payload, atMs);
}

/** What had no effect is said again so often: a key may be registered, or a pool's clearing be back. */
const AGAIN_MS = 10_000;

/** Which orders were said lately, and so need not be said again yet. */
export class OrdersSaid {
  /** When each was said last, by its id. */
  readonly #saidMs = new Map<string, number>();

  /** Those of what is due that were not said lately; what is due no more is forgotten. */
  unsaid(due: readonly DueAttestation[], atMs: number): readonly DueAttestation[] {
    const ids = new Set(due.map(({ id }) => id));
    for (const id of this.#saidMs.keys()) if (!ids.has(id)) this.#saidMs.delete(id);
    const lastMs = (id: string) => this.#saidMs.get(id) ?? Number.NEGATIVE_INFINITY;
    return due.filter(({ id }) => atMs - lastMs(id) >= AGAIN_MS);
  }

  say({ id }: DueAttestation, atMs: number): void {
    this.#saidMs.set(id, atMs);
  }
}
