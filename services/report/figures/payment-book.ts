import { EventCursor } from '../../core/settlement/event-cursor.ts';
import { EVENT_KINDS, MECHANISMS, NO_CURRENCY } from '../../core/settlement/events.ts';
import { reasonNumber } from '../../core/settlement/reasons.ts';
import type { EventOf } from '../../core/settlement/settlement-event.ts';
import {
  CHAIN_TYPE,
  isPaymentType,
  MESSAGE_TYPES,
  QUOTE_TYPE,
} from '../../protocol/messages/message-types.ts';
import type { DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import { NoticeLimit } from '../../protocol/records/notices-told-per-minute.ts';
import { PaymentTable, STATUS } from './payment-table.ts';
import { RowsByIdentity } from './rows-by-identity.ts';

const KIND = EVENT_KINDS;
const KEY_REVOKED = reasonNumber('keyRevoked');
const PROPOSED = MECHANISMS.indexOf('proposed');
const IS_PAYMENT_TYPE = MESSAGE_TYPES.map((_, type) => isPaymentType(type));
/** By kind of event: the final status that it gives. */
const ENDS_AS: readonly (number | undefined)[] = [
  [KIND.settled, STATUS.settled] as const,
  [KIND.rejected, STATUS.rejected] as const,
  [KIND.cancelled, STATUS.cancelled] as const,
  [KIND.unwound, STATUS.cancelled] as const,
].reduce((statuses, [kind, status]) => {
  statuses[kind] = status;
  return statuses;
}, [] as number[]);

/** Chains whose legs had all come: of these so many settled, and so many ended unsettled. */
export interface ChainCounts {
  readonly matched: number;
  readonly settled: number;
  readonly ended: number;
}

/**
 * Folds a pool's events into one row for each submitted payment. It knows nothing of how clearing
 * or the analysis store count, so that the three can be compared.
 */
export class PaymentBook {
  readonly table: PaymentTable;
  /** With those that were refused. */
  repeated = 0;
  /** Payments that came again under a key that was revoked: refused, and no further payments. */
  refusedRepeats = 0;
  /** Cancellations, re-orderings, limits and reservations that were refused. */
  refusedRequests = 0;
  /** What is no payment and failed authentication, but for quotes. */
  noticedRequests = 0;
  noticedQuotes = 0;
  /** Of both: what no bank was told of by itself. */
  untoldRequests = 0;
  settled = 0;
  /** Legs that are one payment with the one that came before; and those of them that have ended. */
  secondLegs = 0;
  endedSecondLegs = 0;
  /** Chains that were complete: how many, and what became of them whole. */
  readonly chains = { matched: 0, settled: 0, ended: 0 };
  /** Positions of leg 1 of those that have not ended. */
  readonly #leads = new Set<number>();
  /** Legs that completed their chain as they came: they wait with it, unless it settled or ended at once. */
  readonly #completing = new Set<number>();
  readonly #notices = new NoticeLimit();
  readonly #known: RowsByIdentity;
  /** Rows of payments that failed authentication and whose banks were told by a count alone. */
  readonly #untold = new Set<number>();

  /** @param payments that are expected: memory for them is taken once, as it is used */
  constructor(pool: string, directory: DirectoryNames, payments = 0) {
    this.table = new PaymentTable(pool, directory, payments);
    this.#known = new RowsByIdentity(this.table);
  }

  /** Payments that were rejected and of which their banks have no status. */
  get untold(): number {
    return this.#untold.size;
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next()) this.#take(event);
  }

  #take(event: EventCursor): void {
    const { kind } = event;
    if (kind === KIND.noticed) {
      this.#noticed(event, event.read() as EventOf<'noticed'>);
      return;
    }
    const ending = ENDS_AS[kind];
    const isOpen =
      kind === KIND.queued ||
      kind === KIND.carriedOver ||
      kind === KIND.matched ||
      kind === KIND.accepted;
    if (ending === undefined && !isOpen && kind !== KIND.repeated) {
      if (kind === KIND.cycled && event.mechanism === PROPOSED)
        this.table.noteProposer(event.read());
      return;
    }
    const { messageType } = event;
    if (!IS_PAYMENT_TYPE[messageType]) {
      if (kind === KIND.rejected && messageType !== QUOTE_TYPE) this.refusedRequests += 1;
      return;
    }
    if (kind === KIND.repeated) {
      this.repeated += 1;
      return;
    }
    const { of } = this.table;
    const known = this.table.rowAt(event.paymentPosition);
    const row = known >= 0 && Number.isNaN(of.finalMs[known]) ? known : this.#newRow(event);
    if (ending === undefined) this.#goesOn(row, event);
    else this.#ends(row, event, ending);
  }

  #noticed(event: EventCursor, notice: EventOf<'noticed'>): void {
    const { messageType, debtorAgent } = notice;
    this.#notices.pass(notice.timeMs);
    const isTold = this.#notices.tells(debtorAgent);
    if (!IS_PAYMENT_TYPE[messageType]) {
      if (messageType === QUOTE_TYPE) this.noticedQuotes += 1;
      else this.noticedRequests += 1;
      if (!isTold) this.untoldRequests += 1;
      return;
    }
    // By a signature that is good its sender says which payment it is; a forger's word is nobody's.
    const known = event.reason === KEY_REVOKED ? this.#known.rowOf(notice) : undefined;
    if (known !== undefined) {
      this.repeated += 1;
      this.refusedRepeats += 1;
      // A bank that has no status yet takes this one, which is of the same document.
      if (isTold) this.#untold.delete(known);
      return;
    }
    const row = this.#newRow(event);
    this.#ends(row, event, STATUS.rejected);
    if (!isTold) this.#untold.add(row);
  }

  #goesOn(row: number, event: EventCursor): void {
    const { of } = this.table;
    if (event.kind === KIND.matched) this.#matched(row, event);
    else if (event.kind === KIND.accepted) of.statuses[row] = STATUS.accepted;
    else if (Number.isNaN(of.queuedMs[row])) of.queuedMs[row] = event.timeMs;
  }

  /** A pair is one payment; each leg of a chain is one, and leg 1 stands for the chain. */
  #matched(row: number, event: EventCursor): void {
    const other = Number(event.balance1);
    const { of } = this.table;
    if (event.messageType !== CHAIN_TYPE) {
      of.pairs[row] = other;
      if (!this.table.isCounted(row)) this.secondLegs += 1;
      return;
    }
    if (Number.isNaN(of.queuedMs[row])) {
      of.queuedMs[row] = event.timeMs;
      this.#completing.add(event.paymentPosition);
    }
    if (other === event.paymentPosition) {
      this.chains.matched += 1;
      this.#leads.add(other);
    }
  }

  #ends(row: number, event: EventCursor, status: number): void {
    const { of } = this.table;
    if (this.#leads.size > 0 && this.#leads.delete(event.paymentPosition))
      this.chains[status === STATUS.settled ? 'settled' : 'ended'] += 1;
    if (this.#completing.size > 0 && this.#completing.delete(event.paymentPosition))
      if (of.queuedMs[row] === event.timeMs) of.queuedMs[row] = Number.NaN;
    of.statuses[row] = status;
    of.finalMs[row] = event.timeMs;
    if (!this.table.isCounted(row)) this.endedSecondLegs += 1;
    if (status !== STATUS.settled) {
      of.reasons[row] = event.reason;
      of.mechanisms[row] = 0;
      return;
    }
    of.reasons[row] = 0;
    of.mechanisms[row] = event.mechanism;
    if (this.table.isCounted(row)) this.settled += 1;
  }

  #newRow(event: EventCursor): number {
    const row = this.table.add(event.paymentPosition);
    const { of } = this.table;
    of.messageTypes[row] = event.messageType;
    this.table.identify(row, event);
    of.debtors[row] = event.debtorAgent;
    of.submittedMs[row] = event.timeMs;
    of.statuses[row] = STATUS.queued;
    // A message that failed authentication is known by the sender it names, and by nothing else.
    if (event.kind === KIND.noticed) return row;
    of.creditors[row] = event.creditorAgent;
    of.priorities[row] = event.priority;
    of.currencies[row] = event.currency1;
    if (event.currency2 === NO_CURRENCY) return row;
    of.currencies2[row] = event.currency2;
    of.amounts2[row] = event.amount2;
    of.dealers[row] = event.dealer;
    return row;
  }
}

/** Of all pools; null: no chain was complete. */
export function allChains(pools: readonly ChainCounts[]): ChainCounts | null {
  const sum = (of: keyof ChainCounts) => pools.reduce((total, counts) => total + counts[of], 0);
  const all = { matched: sum('matched'), settled: sum('settled'), ended: sum('ended') };
  return all.matched > 0 ? all : null;
}
