import type { EventOf } from '../../core/settlement/settlement-event.ts';
import type { PaymentTable } from './payment-table.ts';

/** Rows of the payments of one sender by what they are known by, up to the last that was asked for. */
interface SendersRows {
  /** Rows of the table that were looked at. */
  looked: number;
  readonly rows: Map<string, number>;
}

const ID_BYTES = 16;

/**
 * Which row of a table has the payment that a message says it is, by sender, type and id. Only of senders that are asked
 * for, which are few, something is kept.
 */
export class RowsByIdentity {
  readonly #table: PaymentTable;
  readonly #of = new Map<number, SendersRows>();

  constructor(table: PaymentTable) {
    this.#table = table;
  }

  /** The first row of such a payment; undefined: there is none yet. */
  rowOf({ debtorAgent, messageType, id }: EventOf<'noticed'>): number | undefined {
    const known = this.#of.get(debtorAgent) ?? { looked: 0, rows: new Map() };
    this.#of.set(debtorAgent, known);
    const { of, length } = this.#table;
    for (; known.looked < length; known.looked++) {
      const row = known.looked;
      if (of.debtors[row] !== debtorAgent) continue;
      const ids = of.ids.subarray(row * ID_BYTES, (row + 1) * ID_BYTES);
      const identity = identityOf(of.messageTypes[row] as number, ids);
      if (!known.rows.has(identity)) known.rows.set(identity, row);
    }
    return known.rows.get(identityOf(messageType, id));
  }
}

const identityOf = (messageType: number, id: Uint8Array): string =>
  `${messageType} ${Buffer.from(id).toString('latin1')}`;
