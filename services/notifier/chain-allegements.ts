import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { partOf } from '../protocol/messages/chain.ts';
import {
  CHAIN_ALLEGEMENT,
  type ChainAllegementState,
  chainAllegementId,
  writeChainAllegement,
} from '../protocol/messages/chain-allegement.ts';
import type { ChainLegInstruction } from '../protocol/messages/instruction.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { toldId } from '../protocol/names/message-ids.ts';
import { statusesOf } from '../protocol/names/topic-plan.ts';
import type { ChainStep, LiveChains } from './live-chains.ts';
import type { StatementSender } from './statements.ts';

const NOTHING: readonly AddressedMessage[] = [];

/**
 * Tells the banks of a chain, when its first leg has come, which legs are missing; and when that is over whom no leg
 * of its own tells so. A function of the events and of the records of the legs that live. Of a chain over two pools each
 * pool tells the banks of both of its own part: it does not see what has come to the other.
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
    const isWhole = step.step === 'ended' && step.chain.isComplete;
    // Of a complete chain its legs tell themselves how it ends.
    if (isWhole && event.kind === 'settled') return NOTHING;
    const terms = this.#live.terms(event.paymentPosition);
    if (!terms || (isWhole && !terms.synchronised)) return NOTHING;
    const own = partOf(terms).legs;
    const debitedBy = (legs: ChainLegInstruction['legs']) =>
      new Set(legs.map(({ debtorAgent }) => debtorAgent));
    const [debited, debitedHere] = [debitedBy(terms.legs), debitedBy(own)];
    const creditors = terms.legs.map(({ creditorAgent }) => creditorAgent);
    const others = [...new Set([...debited, ...creditors])].filter(
      (bic) => bic !== terms.instructingAgent,
    );
    /** Whom no leg tells that the part is complete. */
    const matched = new Set(
      own.map(({ creditorAgent }) => creditorAgent).filter((bic) => !debited.has(bic)),
    );
    switch (step.step) {
      case 'begun':
        return this.#told(event, terms, 'ALLEGED', others);
      case 'completed':
        if (own.length > 1) return this.#told(event, terms, 'MATCHED', [...matched]);
        // Of one leg nothing was missing, but in another pool.
        return terms.synchronised ? this.#told(event, terms, 'ALLEGED', others) : NOTHING;
      case 'ended': {
        const isTold = (bic: Bic) =>
          isWhole && (debitedHere.has(bic) || (own.length > 1 && matched.has(bic)));
        return this.#told(
          event,
          terms,
          'ENDED',
          others.filter((bic) => !isTold(bic)),
        );
      }
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
    // Of the legs in another pool it was not asked whether their banks are participants.
    const known = banks.filter((bic) => directory.participantHandle(bic) !== undefined);
    return known.map((to) => {
      const told = { messageId, createdAtMs: event.timeMs, state, to, chain, missing };
      const message = {
        key: chainAllegementId(chain),
        ...{ value: writeChainAllegement(told, this.#live.decimals), timestampMs: event.timeMs },
        headers: headers(event, messageId, CHAIN_ALLEGEMENT),
      };
      return { topic: statusesOf(to), message };
    });
  }
}
