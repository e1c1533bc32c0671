import { ChainNotes, type TakenRecord } from '../analysis/chains/attested-and-earmarked.ts';
import {
  awaitedOf,
  awaitedText,
  deadlineMsOf,
  holdersIn,
} from '../analysis/chains/awaited-attestors.ts';
import { ChainBook, tellsOfChains } from '../analysis/chains/chain-totals.ts';
import { mayHaveFurtherTerms } from '../analysis/waits/chain-facts.ts';
import { EVENT_KINDS } from '../core/settlement/events.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { CHAIN, CHAIN_TYPE } from '../protocol/messages/message-types.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../protocol/names/handles-to-names.ts';
import type { PreValidation } from '../protocol/records/control-record.ts';
import { readOriginal, readVerified } from '../protocol/records/input-record.ts';
import { type AskedCondition, askedOf } from '../protocol/records/pre-validation.ts';
import type { ChainsState, WaitingChain } from './told-to-page.ts';

interface NotedCondition {
  readonly asked: AskedCondition;
  readonly deadlineMs: number | null;
}

interface StandingChain {
  readonly uetr: string;
  readonly legs: number;
}

/** What a view is told of records that their events do not say, by position. */
export type ChainRecords = ReadonlyMap<number, Uint8Array>;

/** Events whose records a ChainsBook wants: a leg as it is taken in, and an attestation. */
export const wantsRecord = (event: SettlementEvent): boolean =>
  event.kind === 'attested' ||
  ((event.kind === 'queued' || event.kind === 'matched') &&
    event.messageType === CHAIN_TYPE &&
    event.position === event.paymentPosition);

/** Chains of a pool for the live view: by state, what is set aside, who attested, and whom each waits for. */
export class ChainsBook {
  readonly #directory: DirectoryNames;
  readonly #book = new ChainBook();
  readonly #notes = new ChainNotes();
  /** By the position of leg 1. */
  readonly #conditions = new Map<number, NotedCondition>();
  /** By the position of leg 1. */
  readonly #standing = new Map<number, StandingChain>();
  /** Of the genesis: corridors whose chains are pre-validated. */
  preValidation: readonly PreValidation[] = [];

  constructor(directory: DirectoryNames) {
    this.#directory = directory;
  }

  /** @param records those that `wantsRecord` asks for */
  take(event: SettlementEvent, records: ChainRecords): void {
    if (!('messageType' in event)) return;
    const record = wantsRecord(event) ? records.get(event.position) : undefined;
    if (record && event.kind !== 'attested') this.#begin(event, record);
    if (event.kind === 'matched' && event.legCount > 0 && event.mate === event.paymentPosition)
      this.#standing.set(event.mate, {
        uetr: uetrFromBytes(event.id) ?? '',
        legs: event.legCount,
      });
    if (!tellsOfChains(EVENT_KINDS[event.kind], event.messageType)) return;
    this.#book.take(event);
    this.#notes.take(event, (position) => records.get(position));
    if (event.kind !== 'settled' && event.kind !== 'cancelled') return;
    this.#conditions.delete(event.paymentPosition);
    this.#standing.delete(event.paymentPosition);
  }

  #begin(taken: TakenRecord, record: Uint8Array): void {
    const { position } = taken;
    const { kind, content, appendedAtMs } = readVerified(record);
    if (kind !== 'chainLeg') return;
    this.#notes.begin(taken, content, appendedAtMs);
    // All legs have the same terms.
    if (content.legNumber !== 1) return;
    const { payload } = readOriginal(record);
    if (payload.length === 0 || !mayHaveFurtherTerms(payload, this.preValidation)) return;
    const asked = askedOf(documentOf(CHAIN, payload), this.preValidation);
    if (!asked) return;
    const beganMs = this.#notes.beganMs(position) ?? appendedAtMs;
    const deadlineMs = deadlineMsOf(asked, content.settlementDate, beganMs);
    this.#conditions.set(position, { asked, deadlineMs });
  }

  /**
   * Null: the pool has had no chain that was complete, and no attestation.
   * @param most waiting chains that are told of, the oldest first
   */
  state(pool: string, nowMs: number, most: number): ChainsState | null {
    const { totals, earmarks, live, attestations, hasConditions } = this.#book;
    if (totals.matched === 0 && !hasConditions) return null;
    // In the order in which they were complete.
    const waiting = [...live.values()];
    return {
      pool,
      ...totals,
      waiting: waiting.length,
      awaitingAttestors: waiting.filter(({ lead }) => this.isAwaited(lead)).length,
      earmarks: { ...earmarks },
      earmarked: this.#earmarked(nowMs),
      attestations: [...attestations]
        .map(([handle, said]) => ({ attestor: bicOf(this.#directory, handle), ...said }))
        .sort((a, b) => (a.attestor < b.attestor ? -1 : 1)),
      chains: waiting.slice(0, most).map(({ lead, matchedMs, metMs, earmarks: legs }) => ({
        ...{ position: lead, uetr: this.#standing.get(lead)?.uetr ?? '' },
        ...{ legs: this.#standing.get(lead)?.legs ?? 0, sinceMs: matchedMs, metMs },
        ...{ earmarks: legs, ...this.#waitOf(lead, nowMs) },
      })),
    };
  }

  /** Whether a chain, by the position of its leg 1, has a condition that is not met. */
  isAwaited(lead: number): boolean {
    return this.#conditions.has(lead) && !this.#notes.isMet(lead);
  }

  #waitOf(
    lead: number,
    nowMs: number,
  ): Pick<WaitingChain, 'awaited' | 'holders' | 'deadlineMs' | 'silenceSettles'> {
    const noted = this.isAwaited(lead) ? this.#conditions.get(lead) : undefined;
    if (!noted) return { awaited: null, holders: [], deadlineMs: null, silenceSettles: false };
    const said = this.#notes.verdictsOf(lead, nowMs);
    const verdicts = new Map(
      [...said].map(([one, verdict]) => [bicOf(this.#directory, one), verdict]),
    );
    return {
      awaited: awaitedText(awaitedOf(noted.asked, verdicts)),
      holders: holdersIn(verdicts),
      deadlineMs: noted.deadlineMs,
      silenceSettles: noted.asked.onSilence === 'settle',
    };
  }

  /** By currency, where anything is. */
  #earmarked(nowMs: number): ChainsState['earmarked'] {
    const sums = new Map<string, bigint>();
    for (const { currency, earmarked } of this.#book.accountsAt(nowMs)) {
      const code = currencyOf(this.#directory, currency);
      sums.set(code, (sums.get(code) ?? 0n) + earmarked);
    }
    return [...sums]
      .filter(([, sum]) => sum > 0n)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, sum]) => ({ currency, minor: String(sum) }));
  }
}
