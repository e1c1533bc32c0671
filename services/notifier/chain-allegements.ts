import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import {
  CHAIN_ALLEGEMENT,
  type ChainAllegementState,
  chainAllegementId,
  writeChainAllegement,
} from '../protocol/messages/chain-allegement.ts';
import type { ChainLegInstruction } from '../protocol/messages/instruction.ts';
import type { Bic } from '../protocol/names/identifiers.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { toldId } from '../protocol/names/told-id.ts';
import { statusesOf } from '../protocol/names/topic-plan.ts';
import type { ChainStep, LiveChains } from './live-chains.ts';
import type { StatementSender } from './statements.ts';

const NOTHING: readonly AddressedMessage[] = [];

/**
 * Tells the banks of a chain, when its first leg has come, which legs are missing; and when that is over whom no leg
 * of its own tells so. A function of the events and of the records of the legs that live.
 */
export class ChainAllegements {
  readonly #sender: StatementSender;
  readonly #live: LiveChains;

  constructor(sender: StatementSender, live: LiveChains) {
    this.#sender = sender;
    this.#live = live;
  }

  /** @param step what the event did to a chain */
  take(event: SettlementEvent, step: ChainStep | null): readonly AddressedMessage[] {
    if (!step || !('paymentPosition' in event)) return NOTHING;
    // Of a complete chain its legs tell themselves how it ends.
    if (step.step === 'ended' && step.chain.isComplete) return NOTHING;
    const terms = this.#live.terms(event.paymentPosition);
    if (!terms) return NOTHING;
    const debited = new Set(terms.legs.map(({ debtorAgent }) => debtorAgent));
    const all = new Set([...debited, ...terms.legs.map(({ creditorAgent }) => creditorAgent)]);
    const others = [...all].filter((bic) => bic !== terms.instructingAgent);
    switch (step.step) {
      case 'begun':
        return this.#told(event, terms, 'ALLEGED', others);
      case 'completed':
        // Of one leg nothing was missing.
        if (terms.legs.length === 1) return NOTHING;
        return this.#told(
          event,
          terms,
          'MATCHED',
          [...all].filter((bic) => !debited.has(bic)),
        );
      case 'ended':
        return this.#told(event, terms, 'ENDED', others);
    }
  }

  #told(
    event: SettlementEvent,
    chain: ChainLegInstruction,
    state: ChainAllegementState,
    banks: readonly Bic[],
  ): readonly AddressedMessage[] {
    const { pool, headers, directory } = this.#sender;
    const messageId = toldId(`${pool}-${event.number}-alleged`);
    const missing =
      state === 'ALLEGED'
        ? chain.legs.map((_, place) => place + 1).filter((number) => number !== chain.legNumber)
        : [];
    return banks.map((to) => {
      const told = { messageId, createdAtMs: event.timeMs, state, to, chain, missing };
      const message = {
        key: chainAllegementId(chain),
        ...{ value: writeChainAllegement(told, directory.decimals), timestampMs: event.timeMs },
        headers: headers(event, messageId, CHAIN_ALLEGEMENT),
      };
      return { topic: statusesOf(to), message };
    });
  }
}
