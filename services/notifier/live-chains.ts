import { chainKey } from '../analysis/chains/attested-and-earmarked.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { readChainLeg } from '../protocol/messages/chain.ts';
import { isRefusal } from '../protocol/messages/document.ts';
import type { ChainLegInstruction, Currencies } from '../protocol/messages/instruction.ts';
import { CHAIN, CHAIN_TYPE } from '../protocol/messages/message-types.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import type { Originals } from './kept-originals.ts';

/** A chain of which a leg lives, as the core finds its legs together. */
export interface LiveChain {
  readonly key: string;
  /** The banks of its legs that live, handles, by the legs' positions. */
  readonly legs: Map<number, number>;
  /** Whether all of its legs have come: from then on it lives and ends whole. */
  isComplete: boolean;
}

/** What an event does to a chain. */
export interface ChainStep {
  readonly chain: LiveChain;
  /** Its first leg has come, others have not; its last leg has come; its last leg has ended. */
  readonly step: 'begun' | 'completed' | 'ended';
}

/**
 * The chains of which a leg lives, from the events and the records of these legs. A chain whose legs have ended is
 * another one when the same terms are instructed anew.
 */
export class LiveChains {
  readonly #originals: Originals;
  readonly #network: string;
  /** Of all pools: a chain may lie in two. */
  readonly #currencies: () => Currencies;
  readonly #chains = new Map<string, LiveChain>();
  readonly #keys = new Map<number, string>();

  constructor(originals: Originals, network: string, currencies: () => Currencies) {
    this.#originals = originals;
    this.#network = network;
    this.#currencies = currencies;
  }

  of(position: number): LiveChain | undefined {
    return this.#chains.get(this.#keys.get(position) ?? '');
  }

  with(termsDigest: Uint8Array, legCount: number): LiveChain | undefined {
    return this.#chains.get(chainKey(termsDigest, legCount));
  }

  /** The minor units of what a chain's legs move, in whichever pool. */
  readonly decimals = (code: string): number => this.#currencies().get(code)?.minorUnits ?? 0;

  /** What the banks of a leg's chain agree on; null: its record is not here. */
  terms(position: number): ChainLegInstruction | null {
    const original = this.#originals.bytesOf(position);
    if (!original) return null;
    const document = documentOf(CHAIN, original.payload);
    const terms = readChainLeg(document, this.#currencies(), this.#network);
    return isRefusal(terms) ? null : terms;
  }

  take(event: SettlementEvent): ChainStep | null {
    switch (event.kind) {
      case 'queued':
      case 'matched':
        return event.messageType === CHAIN_TYPE ? this.#come(event) : null;
      case 'settled':
      case 'cancelled':
        return this.#end(event.paymentPosition);
      default:
        return null;
    }
  }

  #come(event: EventOf<'queued' | 'matched'>): ChainStep | null {
    const { paymentPosition: position } = event;
    const isNew = !this.#keys.has(position);
    // What a restart finds no record of has ended since.
    const content = isNew ? this.#originals.chainLeg(position) : undefined;
    if (isNew && !content) return null;
    const key = content
      ? chainKey(content.termsDigest, content.legCount)
      : (this.#keys.get(position) as string);
    const known = this.#chains.get(key);
    const chain = known ?? { key, legs: new Map<number, number>(), isComplete: false };
    this.#chains.set(key, chain);
    this.#keys.set(position, key);
    chain.legs.set(position, event.debtorAgent);
    if (event.kind === 'queued') return known ? null : { chain, step: 'begun' };
    // Its legs are told one after the other.
    if (event.legNumber < event.legCount) return null;
    chain.isComplete = true;
    return { chain, step: 'completed' };
  }

  #end(position: number): ChainStep | null {
    const chain = this.of(position);
    this.#keys.delete(position);
    if (!chain) return null;
    chain.legs.delete(position);
    if (chain.legs.size > 0) return null;
    this.#chains.delete(chain.key);
    return { chain, step: 'ended' };
  }
}
