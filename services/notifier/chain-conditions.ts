import type { Verdict } from '../core/settlement/records.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { reasonAttested } from '../protocol/messages/attestation.ts';
import {
  ATTESTATION_REQUEST,
  type RequestState,
  writeAttestationRequest,
} from '../protocol/messages/attestation-request.ts';
import { readChainLeg } from '../protocol/messages/chain.ts';
import { isRefusal } from '../protocol/messages/document.ts';
import {
  ATTESTATION,
  CHAIN,
  CHAIN_TYPE,
  type ChainCondition,
  type ChainLegInstruction,
  type Currencies,
} from '../protocol/messages/instruction.ts';
import { reasonOfMessage } from '../protocol/messages/own-ids.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import {
  STATUS_REPORT,
  type StatusCode,
  writeStatusReport,
} from '../protocol/messages/status-report.ts';
import type { Bic } from '../protocol/names/identifiers.ts';
import { type IsoReason, WAIT_REASONS } from '../protocol/names/iso-reasons.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { toldId } from '../protocol/names/told-id.ts';
import { statusesOf } from '../protocol/names/topic-plan.ts';
import { reasonOf } from '../protocol/records/event-payment.ts';
import { lines } from '../protocol/rules/refusal.ts';
import type { Originals } from './originals.ts';
import type { StatementSender } from './statements.ts';

/** A message, and the position of the bank's own leg that it tells of; null: of none. */
export interface ToldOfChain {
  readonly addressed: AddressedMessage;
  readonly leg: number | null;
}

interface ConditionalChain {
  readonly terms: ChainLegInstruction & { readonly condition: ChainCondition };
  readonly requestId: string;
  /** The banks of its legs that live, by the legs' positions. */
  readonly legs: Map<number, Bic>;
  readonly verdicts: Map<string, Verdict>;
  isMet: boolean;
}

const NOTHING: readonly ToldOfChain[] = [];
const SAID: Readonly<Record<Verdict, string>> = {
  accepted: 'accepted',
  refused: 'refused',
  held: 'holds the chain',
  recorded: 'recorded',
};

/**
 * Tells attestors of the chains whose conditions name them, and the banks of these chains what was attested, whom
 * they wait for, that the condition is met, and what of their money is set aside. A function of the events and of
 * the records of the legs that live.
 */
export class ChainConditions {
  readonly #originals: Originals;
  readonly #sender: StatementSender;
  readonly #network: string;
  readonly #currencies: () => Currencies;
  readonly #chains = new Map<string, ConditionalChain>();
  readonly #keys = new Map<number, string>();

  constructor(
    originals: Originals,
    sender: StatementSender,
    network: string,
    currencies: () => Currencies,
  ) {
    this.#originals = originals;
    this.#sender = sender;
    this.#network = network;
    this.#currencies = currencies;
  }

  /** What a leg waits for, in words; null: its chain has no condition that is to be met. */
  waitOf(position: number): readonly string[] | null {
    const chain = this.#of(position);
    return chain && !chain.isMet ? waitText(chain) : null;
  }

  /** @param isTold false: nothing is written */
  take(event: SettlementEvent, isTold = true): readonly ToldOfChain[] {
    switch (event.kind) {
      case 'queued':
      case 'matched':
        return event.messageType === CHAIN_TYPE ? this.#begin(event, isTold) : NOTHING;
      case 'attested':
        return this.#attest(event, isTold);
      case 'triggered':
        return this.#meet(event, isTold);
      case 'earmarked':
        return isTold ? [this.#setAside(event, 'ACFC', 'Set aside')] : NOTHING;
      case 'released':
        return isTold ? [this.#setAside(event, 'PDNG', 'Set aside no more')] : NOTHING;
      case 'settled':
      case 'cancelled':
        return this.#end(event, isTold);
      default:
        return NOTHING;
    }
  }

  #of(position: number): ConditionalChain | undefined {
    return this.#chains.get(this.#keys.get(position) ?? '');
  }

  #begin(event: EventOf<'queued' | 'matched'>, isTold: boolean): readonly ToldOfChain[] {
    const { paymentPosition: position } = event;
    if (this.#keys.has(position)) return NOTHING;
    const original = this.#originals.bytesOf(position);
    // What a restart finds no record of has ended since.
    if (!original || !this.#originals.payment(position)?.isConditional) return NOTHING;
    const document = documentOf(CHAIN, original.payload);
    const terms = readChainLeg(document, this.#currencies(), this.#network);
    if (isRefusal(terms) || !terms.condition) return NOTHING;
    const key = keyOf(terms.termsDigest, terms.legs.length);
    this.#keys.set(position, key);
    const bank = this.#sender.directory.bic(event.debtorAgent);
    const known = this.#chains.get(key);
    if (known) {
      known.legs.set(position, bank);
      return NOTHING;
    }
    const chain: ConditionalChain = {
      terms: { ...terms, condition: terms.condition },
      requestId: toldId(`${this.#sender.pool}-${event.number}`),
      legs: new Map([[position, bank]]),
      verdicts: new Map(),
      isMet: false,
    };
    this.#chains.set(key, chain);
    return isTold ? this.#toAttestors(event, chain, 'REQUESTED') : NOTHING;
  }

  #attest(event: EventOf<'attested'>, isTold: boolean): readonly ToldOfChain[] {
    const chain = this.#chains.get(keyOf(event.termsDigest, event.legCount));
    if (!chain) return NOTHING;
    const attestor = this.#sender.directory.bic(event.debtorAgent);
    chain.verdicts.set(attestor, event.verdict);
    if (!isTold) return NOTHING;
    const said = this.#originals.bytesOf(event.position);
    const why = said && reasonAttested(documentOf(ATTESTATION, said.payload));
    const information = [
      `${attestor} ${SAID[event.verdict]}`,
      ...(why ? [why] : []),
      ...waitText(chain),
    ];
    const isHeld = [...chain.verdicts.values()].includes('held');
    const code = isHeld ? 'BLCK' : 'PDNG';
    return [...chain.legs].map(([leg, bank]) =>
      this.#status(event, leg, bank, code, WAIT_REASONS.condition, information),
    );
  }

  #meet(event: EventOf<'triggered'>, isTold: boolean): readonly ToldOfChain[] {
    const { paymentPosition: leg } = event;
    const chain = this.#of(leg);
    const isFirst = chain !== undefined && !chain.isMet;
    if (chain) chain.isMet = true;
    if (!isTold) return NOTHING;
    const bank = this.#sender.directory.bic(event.debtorAgent);
    const met = this.#status(event, leg, bank, 'ACWP', null, [MET]);
    return isFirst ? [met, ...this.#toAttestors(event, chain, 'MET')] : [met];
  }

  #end(event: EventOf<'settled' | 'cancelled'>, isTold: boolean): readonly ToldOfChain[] {
    const { paymentPosition: leg } = event;
    const key = this.#keys.get(leg);
    const chain = key === undefined ? undefined : this.#chains.get(key);
    this.#keys.delete(leg);
    if (key === undefined || !chain) return NOTHING;
    chain.legs.delete(leg);
    if (chain.legs.size > 0) return NOTHING;
    this.#chains.delete(key);
    return isTold && !chain.isMet ? this.#toAttestors(event, chain, 'ENDED') : NOTHING;
  }

  #setAside(
    event: EventOf<'earmarked' | 'released'>,
    code: StatusCode,
    words: string,
  ): ToldOfChain {
    const { directory } = this.#sender;
    const { currency, minorUnits } = directory.currency(event.currency1);
    const why = reasonOfMessage(reasonOf(event), CHAIN);
    return this.#status(event, event.paymentPosition, directory.bic(event.debtorAgent), code, why, [
      `${words}: ${currency} ${amountText(event.amount1, minorUnits)}`,
    ]);
  }

  #status(
    event: SettlementEvent,
    leg: number,
    to: Bic,
    status: StatusCode,
    reason: IsoReason | null,
    information: readonly string[],
  ): ToldOfChain {
    const { pool, headers } = this.#sender;
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

  #toAttestors(
    event: SettlementEvent,
    { terms, requestId }: ConditionalChain,
    state: RequestState,
  ): readonly ToldOfChain[] {
    const { pool, headers, directory } = this.#sender;
    const messageId = toldId(`${pool}-${event.number}-attest`);
    const decimals = (code: string) =>
      directory.currency(directory.currencyHandle(code) ?? 0).minorUnits;
    const attestors = new Set(terms.condition.groups.flatMap((group) => group.attestors));
    return [...attestors].map((attestor) => {
      const value = writeAttestationRequest(
        {
          ...{ messageId, createdAtMs: event.timeMs, requestId, state, attestor },
          chain: terms,
        },
        decimals,
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

const keyOf = (digest: Uint8Array, legCount: number): string =>
  `${legCount} ${Buffer.from(digest.subarray(0, 20)).toString('hex')}`;

/** Of each group that does not hold yet, who must accept. */
function waitText({ terms, verdicts }: ConditionalChain): string[] {
  const { groups, threshold } = terms.condition;
  let left = threshold;
  const open: string[] = [];
  for (const { attestors, threshold: needed } of groups) {
    const accepted = attestors.filter((bic) => verdicts.get(bic) === 'accepted').length;
    if (accepted >= needed) {
      left -= 1;
      continue;
    }
    const others = attestors.filter((bic) => !FINAL_VERDICTS.has(verdicts.get(bic)));
    const missing = needed - accepted;
    // Where too few are left, the group holds no more.
    if (others.length < missing) continue;
    open.push(
      others.length === missing
        ? others.join(' and ')
        : `${missing} of ${others.slice(0, -1).join(', ')} and ${others.at(-1)}`,
    );
  }
  if (left <= 0) return [];
  const needed = left < open.length ? `${left} of these: ` : '';
  return [`Waits for ${needed}${open.join('; ')}`];
}

const FINAL_VERDICTS: ReadonlySet<Verdict | undefined> = new Set(['accepted', 'refused'] as const);
