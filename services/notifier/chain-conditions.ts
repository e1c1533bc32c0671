import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { reasonAttested } from '../protocol/messages/attestation.ts';
import {
  ATTESTATION_REQUEST,
  type RequestState,
  writeAttestationRequest,
} from '../protocol/messages/attestation-request.ts';
import type { ChainLegInstruction } from '../protocol/messages/instruction.ts';
import { ATTESTATION, CHAIN } from '../protocol/messages/message-types.ts';
import { reasonOfMessage } from '../protocol/messages/own-ids.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import {
  STATUS_REPORT,
  type StatusCode,
  writeStatusReport,
} from '../protocol/messages/status-report.ts';
import { isoTime } from '../protocol/names/dates.ts';
import { type IsoReason, WAIT_REASONS } from '../protocol/names/iso-reasons.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { toldId } from '../protocol/names/message-ids.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { statusesOf } from '../protocol/names/topic-plan.ts';
import { reasonOf } from '../protocol/records/event-payment.ts';
import type { AskedCondition } from '../protocol/records/pre-validation.ts';
import { lines } from '../protocol/rules/refusal.ts';
import {
  isBlocked,
  isToldToBanks,
  ownWords,
  silent,
  type Word,
  waitText,
} from './attestor-words.ts';
import type { Originals } from './kept-originals.ts';
import type { ChainStep, LiveChain, LiveChains } from './live-chains.ts';
import type { StatementSender } from './statements.ts';

/** A message, and the position of the bank's own leg that it tells of; null: of none. */
export interface ToldOfChain {
  readonly addressed: AddressedMessage;
  readonly leg: number | null;
}

interface ConditionalChain {
  readonly terms: ChainLegInstruction;
  readonly asked: AskedCondition;
  /** Under which its attestors were asked; null: not all of its legs have come, and nobody was. */
  requestId: string | null;
  readonly words: Map<string, Word>;
  isMet: boolean;
}

const NOTHING: readonly ToldOfChain[] = [];

/**
 * Tells attestors of the complete chains whose conditions name them, and the banks of these chains what was attested,
 * whom they wait for, that the condition is met, and what of their money is set aside. A function of the events and of
 * the records of the legs that live and of what was attested of them.
 */
export class ChainConditions {
  readonly #originals: Originals;
  readonly #sender: StatementSender;
  readonly #live: LiveChains;
  /** By key, of chains that live those that were complete, or of which something was attested. */
  readonly #chains = new Map<string, ConditionalChain>();

  constructor(originals: Originals, sender: StatementSender, live: LiveChains) {
    this.#originals = originals;
    this.#sender = sender;
    this.#live = live;
  }

  /** What a leg waits for, in words; null: its chain has no condition that is to be met. */
  waitOf(position: number, timeMs: number): readonly string[] | null {
    const live = this.#live.of(position);
    // Its legs are told that they are matched one by one, and the last of them completes it.
    const chain = live && this.#begin(live, position);
    return chain && !chain.isMet ? waitText(chain.asked, chain.words, timeMs) : null;
  }

  /**
   * @param step what the event did to a chain
   * @param isTold false: nothing is written
   */
  take(event: SettlementEvent, step: ChainStep | null, isTold = true): readonly ToldOfChain[] {
    switch (event.kind) {
      case 'matched':
        return step?.step === 'completed' ? this.#ask(event, step.chain, isTold) : NOTHING;
      case 'attested':
        return this.#attest(event, isTold);
      case 'triggered':
        return this.#meet(event, isTold);
      case 'earmarked':
        return isTold ? [this.#setAside(event, 'ACFC', 'Set aside')] : NOTHING;
      case 'promised':
        return isTold ? [this.#setAside(event, 'ACFC', 'Promised')] : NOTHING;
      case 'released':
        return isTold ? [this.#setAside(event, 'PDNG', 'Set aside no more')] : NOTHING;
      case 'notEarmarked':
        return isTold ? [this.#setAside(event, 'PDNG', 'Not set aside')] : NOTHING;
      case 'settled':
      case 'cancelled':
        return step?.step === 'ended' ? this.#end(event, step.chain, isTold) : NOTHING;
      default:
        return NOTHING;
    }
  }

  #of(position: number): ConditionalChain | undefined {
    return this.#chains.get(this.#live.of(position)?.key ?? '');
  }

  /** @param position of a leg that lives; undefined: the chain has no condition */
  #begin({ key }: LiveChain, position: number): ConditionalChain | undefined {
    const known = this.#chains.get(key);
    if (known) return known;
    if (!this.#originals.payment(position)?.isConditional) return undefined;
    const terms = this.#live.terms(position);
    const asked = this.#originals.askedOf(position);
    if (!terms || !asked) return undefined;
    const chain: ConditionalChain = {
      ...{ terms, asked, requestId: null },
      ...{ words: new Map(), isMet: false },
    };
    this.#chains.set(key, chain);
    return chain;
  }

  /** All legs have come: who has not said its word yet is asked. */
  #ask(event: EventOf<'matched'>, live: LiveChain, isTold: boolean): readonly ToldOfChain[] {
    const chain = this.#begin(live, event.paymentPosition);
    if (!chain) return NOTHING;
    chain.requestId = toldId(`${this.#sender.pool}-${event.number}`);
    if (!isTold) return NOTHING;
    const attestors = silent(attestorsOf(chain), chain.words, event.timeMs);
    return this.#toAttestors(event, chain, 'REQUESTED', attestors);
  }

  #attest(event: EventOf<'attested'>, isTold: boolean): readonly ToldOfChain[] {
    const live = this.#live.with(event.termsDigest, event.legCount);
    const chain = live && this.#begin(live, event.mate);
    if (!live || !chain) return NOTHING;
    const attestor = this.#sender.directory.bic(event.debtorAgent);
    const until = this.#originals.attestation(event.position)?.validUntilMs ?? 0n;
    const word: Word = {
      ...{ verdict: event.verdict, validUntilMs: Number(until) },
      count: (chain.words.get(attestor)?.count ?? 0) + 1,
    };
    chain.words.set(attestor, word);
    if (!isTold || !isToldToBanks(word)) return NOTHING;
    const blocked = isBlocked(chain.asked, chain.words);
    const said = this.#originals.bytesOf(event.position);
    const why = said && reasonAttested(documentOf(ATTESTATION, said.payload));
    const information = [
      `${attestor} ${saidText(word, blocked)}`,
      ...(why ? ownWords(attestor, why) : []),
      ...waitText(chain.asked, chain.words, event.timeMs),
    ];
    const code = blocked ? 'BLCK' : 'PDNG';
    return [...live.legs].map(([leg, bank]) =>
      this.#status(event, leg, bank, code, WAIT_REASONS.condition, information),
    );
  }

  #meet(event: EventOf<'triggered'>, isTold: boolean): readonly ToldOfChain[] {
    const { paymentPosition: leg } = event;
    const chain = this.#of(leg);
    const isFirst = chain !== undefined && !chain.isMet;
    if (chain) chain.isMet = true;
    if (!isTold) return NOTHING;
    const met = this.#status(event, leg, event.debtorAgent, 'ACWP', null, [MET]);
    return isFirst ? [met, ...this.#toAttestors(event, chain, 'MET')] : [met];
  }

  #end(
    event: EventOf<'settled' | 'cancelled'>,
    { key }: LiveChain,
    isTold: boolean,
  ): readonly ToldOfChain[] {
    const chain = this.#chains.get(key);
    this.#chains.delete(key);
    return isTold && chain && !chain.isMet ? this.#toAttestors(event, chain, 'ENDED') : NOTHING;
  }

  #setAside(
    event: EventOf<'earmarked' | 'released' | 'notEarmarked' | 'promised'>,
    code: StatusCode,
    words: string,
  ): ToldOfChain {
    const { currency, minorUnits } = this.#sender.directory.currency(event.currency1);
    const why = reasonOfMessage(reasonOf(event), CHAIN);
    return this.#status(event, event.paymentPosition, event.debtorAgent, code, why, [
      `${words}: ${currency} ${amountText(event.amount1, minorUnits)}`,
    ]);
  }

  #status(
    event: SettlementEvent,
    leg: number,
    bank: number,
    status: StatusCode,
    reason: IsoReason | null,
    information: readonly string[],
  ): ToldOfChain {
    const { pool, headers, directory } = this.#sender;
    const to = directory.bic(bank);
    const messageId = toldId(`${pool}-${event.number}-${leg}-chain`);
    const original = this.#originals.of(leg, true);
    const value = writeStatusReport({
      ...{ messageId, createdAtMs: event.timeMs, to, original, status, reason },
      ...{ information: information.flatMap(lines), detail: null, payloadDigest: null },
    });
    const message = {
      ...{ key: original?.uetr ?? messageId, value, timestampMs: event.timeMs },
      headers: headers(event, messageId, STATUS_REPORT),
    };
    return { addressed: { topic: statusesOf(to), message }, leg };
  }

  /** Nothing where nobody was asked. */
  #toAttestors(
    event: SettlementEvent,
    chain: ConditionalChain,
    state: RequestState,
    attestors = attestorsOf(chain),
  ): readonly ToldOfChain[] {
    const { requestId, terms, asked } = chain;
    if (requestId === null) return NOTHING;
    const { pool, headers } = this.#sender;
    const messageId = toldId(`${pool}-${event.number}-attest`);
    return attestors.map((attestor) => {
      const value = writeAttestationRequest(
        {
          ...{ messageId, createdAtMs: event.timeMs, requestId, state, attestor },
          ...{ chain: terms, policy: asked.policy?.groups ?? [] },
        },
        this.#live.decimals,
      );
      const message = {
        ...{ key: requestId, value, timestampMs: event.timeMs },
        headers: headers(event, messageId, ATTESTATION_REQUEST),
      };
      return { addressed: { topic: statusesOf(attestor), message }, leg: null };
    });
  }
}

const MET = 'The condition of the chain is met';

/** Who is asked. An operator between two pools reads them by itself, and attests by rules of its own. */
const attestorsOf = ({ asked, terms }: ConditionalChain) =>
  [...new Set(asked.groups.flatMap(({ attestors }) => attestors))].filter(
    (bic) => bic !== terms.synchronised?.operator,
  );

function saidText({ verdict, validUntilMs }: Word, isBlocked: boolean): string {
  if (verdict === 'held') return isBlocked ? 'holds the chain' : 'has not decided';
  return validUntilMs === 0 ? verdict : `${verdict}, until ${isoTime(validUntilMs)}`;
}
