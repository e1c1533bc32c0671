import type {
  EventOf,
  EventTerms,
  SettlementEvent,
} from '../../core/settlement/settlement-event.ts';

/** A payment that deferred net settlement took in, or that its caps kept out. */
export interface NettingPayment {
  /** Number of the event that says so. */
  readonly event: number;
  /** Position of its record in the input log. */
  readonly position: number;
  /** UETR, 32 hexadecimal digits. */
  readonly id: string;
  readonly debtor: number;
  readonly creditor: number;
  readonly amount: bigint;
}

export interface RefusedByCaps extends NettingPayment {
  /** By how much it was beyond the debtor's net debit cap when it came; 0n: it was not. */
  readonly overNetDebitCap: bigint;
  /** The same of the bilateral cap that the creditor granted the debtor. */
  readonly overBilateralCap: bigint;
}

/** A cap as an event set it. */
export interface CapSet {
  readonly event: number;
  readonly participant: number;
  /** To whom a bilateral cap is granted; null: the participant's own net debit cap. */
  readonly counterparty: number | null;
  /** Null: none from now on. */
  readonly cap: bigint | null;
}

/** What a cycle of a currency nets, by the events since its last one. */
export interface NettingInput {
  /** In order of acceptance. */
  readonly accepted: readonly NettingPayment[];
  readonly refused: readonly RefusedByCaps[];
  /** Those in force after the last cycle, and every one that was set since, in order. */
  readonly caps: readonly CapSet[];
  /** By participant, the event with which its account defaulted. */
  readonly defaulted: ReadonlyMap<number, number>;
}

/** Net debit caps and positions by participant, bilateral ones by `creditor/debtor`. */
interface Book {
  accepted: NettingPayment[];
  refused: RefusedByCaps[];
  caps: CapSet[];
  readonly inForce: Map<string, CapSet>;
  readonly positions: Map<string, bigint>;
  readonly defaulted: Map<number, number>;
}

const between = (creditor: number, debtor: number): string => `${creditor}/${debtor}`;

/** Follows what deferred net settlement accepts in each currency of a pool, by the pool's events alone. */
export class NettingBooks {
  readonly #books = new Map<number, Book>();

  /**
   * Takes the next event.
   * @returns what the cycle nets, where the event is the `cycled` of a netting cycle
   */
  take(event: SettlementEvent): NettingInput | null {
    switch (event.kind) {
      case 'accepted':
        accept(this.#book(event.currency1), paymentOf(event));
        return null;
      case 'rejected':
      case 'cancelled':
        if (event.reason === 'capExceeded') refuse(this.#book(event.currency1), paymentOf(event));
        return null;
      case 'capSet':
        setCap(this.#book(event.currency), event);
        return null;
      case 'defaulted':
        this.#book(event.currency).defaulted.set(event.participant, event.number);
        return null;
      case 'cycled':
        return event.mechanism === 'deferredNet' && event.currency !== null
          ? this.#close(event.currency)
          : null;
      default:
        return null;
    }
  }

  #book(currency: number): Book {
    const known = this.#books.get(currency);
    if (known !== undefined) return known;
    const fresh: Book = {
      ...{ accepted: [], refused: [], caps: [] },
      ...{ inForce: new Map(), positions: new Map(), defaulted: new Map() },
    };
    this.#books.set(currency, fresh);
    return fresh;
  }

  /** A cycle settles or unwinds all that was accepted; of the caps the last of each stays. */
  #close(currency: number): NettingInput {
    const book = this.#book(currency);
    const { accepted, refused, caps } = book;
    book.accepted = [];
    book.refused = [];
    book.positions.clear();
    const inForce = new Set(book.inForce.values());
    book.caps = caps.filter((cap) => cap.cap !== null && inForce.has(cap));
    return { accepted, refused, caps, defaulted: new Map(book.defaulted) };
  }
}

function accept(book: Book, payment: NettingPayment): void {
  const { debtor, creditor, amount } = payment;
  const move = (key: string, by: bigint): void => {
    book.positions.set(key, (book.positions.get(key) ?? 0n) + by);
  };
  book.accepted.push(payment);
  move(`${debtor}`, -amount);
  move(`${creditor}`, amount);
  move(between(creditor, debtor), -amount);
  move(between(debtor, creditor), amount);
}

function refuse(book: Book, payment: NettingPayment): void {
  const { debtor, creditor, amount } = payment;
  const over = (key: string): bigint => {
    const cap = book.inForce.get(key)?.cap ?? null;
    const beyond = cap === null ? 0n : amount - (book.positions.get(key) ?? 0n) - cap;
    return beyond > 0n ? beyond : 0n;
  };
  book.refused.push({
    ...payment,
    overNetDebitCap: over(`${debtor}`),
    overBilateralCap: over(between(creditor, debtor)),
  });
}

function setCap(book: Book, { number, participant, counterparty, cap: to }: EventOf<'capSet'>) {
  const cap = { event: number, participant, counterparty, cap: to };
  book.caps.push(cap);
  const key = counterparty === null ? `${participant}` : between(participant, counterparty);
  book.inForce.set(key, cap);
}

const paymentOf = (event: EventTerms & { readonly number: number }): NettingPayment => ({
  event: event.number,
  position: event.paymentPosition,
  id: Buffer.from(event.id).toString('hex'),
  debtor: event.debtorAgent,
  creditor: event.creditorAgent,
  amount: event.amount1,
});
