import { EventCursor } from '../../core/settlement/event-cursor.ts';
import { EVENT_KINDS, MECHANISMS, NO_CURRENCY } from '../../core/settlement/events.ts';
import { CHAIN, isPaymentType, MESSAGE_TYPES, QUOTE } from '../../protocol/messages/instruction.ts';
import type { DirectoryNames } from '../../protocol/names/directory.ts';
import { PaymentTable, STATUS } from './payment-table.ts';

const CHAIN_TYPE = MESSAGE_TYPES.indexOf(CHAIN);
const QUOTE_TYPE = MESSAGE_TYPES.indexOf(QUOTE);
const KIND = EVENT_KINDS;
const PROPOSED = MECHANISMS.indexOf('proposed');
const IS_PAYMENT_TYPE = MESSAGE_TYPES.map((_, type) => isPaymentType(type));
/** By kind of event: the final status that it gives. */
const ENDS_AS: readonly (number | undefined)[] = [
  [KIND.settled, STATUS.settled] as const,
  [KIND.rejected, STATUS.rejected] as const,
  [KIND.noticed, STATUS.rejected] as const,
  [KIND.cancelled, STATUS.cancelled] as const,
  [KIND.unwound, STATUS.cancelled] as const,
].reduce((statuses, [kind, status]) => {
  statuses[kind] = status;
  return statuses;
}, [] as number[]);

/**
 * Folds a pool's events into one row for each submitted payment. It knows nothing of how clearing
 * or the analysis store count, so that the three can be compared.
 */
export class PaymentBook {
  readonly table: PaymentTable;
  repeated = 0;
  /** Cancellations, re-orderings, limits and reservations that were refused. */
  refusedRequests = 0;
  settled = 0;

  constructor(pool: string, directory: DirectoryNames) {
    this.table = new PaymentTable(pool, directory);
  }

  /** @param events bytes, as events.ts lays them out */
  fold(events: Uint8Array): void {
    const event = new EventCursor(events);
    while (event.next()) this.#take(event);
  }

  #take(event: EventCursor): void {
    const { kind } = event;
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

  #goesOn(row: number, event: EventCursor): void {
    const { of } = this.table;
    if (event.kind === KIND.matched && event.messageType !== CHAIN_TYPE)
      of.pairs[row] = Number(event.balance1);
    else if (event.kind === KIND.accepted) of.statuses[row] = STATUS.accepted;
    else if (Number.isNaN(of.queuedMs[row])) of.queuedMs[row] = event.timeMs;
  }

  #ends(row: number, event: EventCursor, status: number): void {
    const { of } = this.table;
    of.statuses[row] = status;
    of.finalMs[row] = event.timeMs;
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
    of.ids.set(event.id, row * 16);
    of.debtors[row] = event.debtorAgent;
    of.submittedMs[row] = event.timeMs;
    of.statuses[row] = STATUS.queued;
    // A message that failed authentication is known by the sender it names, and by nothing else.
    if (event.kind === KIND.noticed) return row;
    of.creditors[row] = event.creditorAgent;
    of.priorities[row] = event.priority;
    of.currencies[row] = event.currency1;
    of.amounts[row] = event.amount1;
    if (event.currency2 === NO_CURRENCY) return row;
    of.currencies2[row] = event.currency2;
    of.amounts2[row] = event.amount2;
    of.dealers[row] = event.dealer;
    return row;
  }
}
