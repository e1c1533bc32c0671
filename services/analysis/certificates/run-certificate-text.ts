/**
 * The certificate of a run as the bytes of its JSON, put together from what the core describes: the same as
 * gridlock-certificate.ts has it, without an object for each of thousands of payments. For queues of payments with one leg
 * or a dealer's two, no pair among them, where nobody has a limit: as most are.
 */
import { createHash } from 'node:crypto';
import type { CapturedQueues, QueueAccount } from '../../core/settlement/queue-state.ts';
import { PRIORITIES } from '../../protocol/messages/priorities.ts';
import { UETR_LENGTH, writeUetr } from '../../protocol/names/bic-and-uetr.ts';
import { resolvedCurrencies } from '../queues/gridlock-resolution.ts';
import { keysInOrder } from './certificate-format.ts';
import {
  type CertificateNames,
  type CertifiedPlace,
  type CycleRun,
  contentOfRun,
  uetrOf,
} from './gridlock-certificate.ts';
import { NO_ACCOUNT, PlainQueues } from './plain-queues.ts';

/** Where a value comes in a text: JSON of nothing else has it. */
const mark = (field: string) => `@${field}@`;
const MARKED = /"@(\w+)@"/;

/** A text as words of four bytes, the last filled up: so it is copied in a quarter of the steps. */
interface Piece {
  readonly words: Int32Array;
  /** In bytes. */
  readonly length: number;
}

function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text);
  const words = new Int32Array(Math.ceil(bytes.length / 4));
  new Uint8Array(words.buffer).set(bytes);
  return { words, length: bytes.length };
}

/** What stands before each field, and behind the last. */
interface Form<Field> {
  readonly parts: readonly { readonly before: Piece; readonly field: Field }[];
  readonly end: Piece;
}

function formOf<Field extends string>(marked: unknown): Form<Field> {
  const texts = JSON.stringify(marked).split(MARKED);
  const end = pieceOf(texts.pop() as string);
  const parts: { before: Piece; field: Field }[] = [];
  for (let at = 0; at < texts.length; at += 2)
    parts.push({ before: pieceOf(texts[at] as string), field: texts[at + 1] as Field });
  return { parts, end };
}

/** What rows have: ids, UETRs and shortages, then names and amounts by their places in `Row`. */
const FIELDS = ['id', 'uetr', 'shortages'].concat(
  [0, 1, 2, 3, 4, 5, 6].map((place) => `name${place}`),
  [0, 1, 2, 3].map((place) => `amount${place}`),
);
const [ID, UETR, SHORTAGES, NAME, AMOUNT] = [0, 1, 2, 3, 10];

/** The same of a row, with fields as numbers: there are millions. */
function rowFormOf(marked: unknown): Form<number> {
  const { parts, end } = formOf(marked);
  return {
    parts: parts.map(({ before, field }) => ({ before, field: FIELDS.indexOf(field) })),
    end,
  };
}

const SHORTAGE = {
  amount: mark('amount0'),
  by: 'balance',
  counterparty: null,
  currency: mark('name1'),
  participant: mark('name0'),
};
/** @param of the places of its currency, its debtor and its creditor, and of its amount */
const leg = ([currency, debtor, creditor]: readonly number[], amount: number) => ({
  amount: mark(`amount${amount}`),
  creditor: mark(`name${creditor}`),
  currency: mark(`name${currency}`),
  debtor: mark(`name${debtor}`),
});
const payment = (legs: readonly object[]) =>
  rowFormOf({
    legs,
    pairedWith: null,
    position: mark('id'),
    priority: mark('name0'),
    uetr: mark('uetr'),
  });
const drop = (because: object) => rowFormOf({ because, payment: mark('id') });
/** Rows of the lists, each with its names and numbers in the places of `Row`, and keys in their order. */
const ROWS = {
  account: rowFormOf({
    balance: mark('amount0'),
    creditLine: mark('amount1'),
    currency: mark('name1'),
    participant: mark('name0'),
    reservedHigh: mark('amount3'),
    reservedUrgent: mark('amount2'),
  }),
  payment: payment([leg([1, 2, 3], 0)]),
  conversion: payment([leg([1, 2, 3], 0), leg([4, 5, 6], 1)]),
  short: drop({ kind: 'short', shortage: SHORTAGE }),
  behind: drop({ currency: mark('name1'), kind: 'behind', participant: mark('name0') }),
  held: drop({ kind: 'held' }),
  heldUp: rowFormOf({ payment: mark('id'), shortages: [mark('shortages')] }),
  shortage: rowFormOf(SHORTAGE),
};
type ListName = 'accounts' | 'payments' | 'drops' | 'heldUp';
const LISTS: readonly ListName[] = ['accounts', 'payments', 'drops', 'heldUp'];

/** The row that is written. */
interface Row {
  id: number;
  /** Where the bytes of its UETR begin in those described. */
  uetrAt: number;
  /** As JSON. */
  readonly names: Piece[];
  readonly amounts: Float64Array;
  /** Which of the shortages are its own. */
  shortagesFrom: number;
  shortagesEnd: number;
}

const [QUOTE, COMMA, MINUS, DIGIT_0] = [0x22, 0x2c, 0x2d, 0x30];
const [OPEN, CLOSE] = [0x5b, 0x5d];
const NOTHING: Uint8Array = new Uint8Array(0);
/** More than any row is long but for its names. */
const ROW_ROOM = 1024;
/** What an integer is written by at once: so many digits. */
const GROUP = 1e8;
/** Text that grows. */
class TextBytes {
  bytes = new Uint8Array(2 ** 16);
  #view = new DataView(this.bytes.buffer);
  length = 0;

  /** From now on there is room for so many bytes more. */
  ensure(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const longer = new Uint8Array(2 * this.bytes.length + more);
    longer.set(this.bytes.subarray(0, this.length));
    this.bytes = longer;
    this.#view = new DataView(longer.buffer);
  }

  byte(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  /** What there is room for, and for a word more. */
  put({ words, length }: Piece): void {
    const view = this.#view;
    const from = this.length;
    for (let at = 0; at < words.length; at++) view.setInt32(from + 4 * at, words[at]!, true);
    this.length = from + length;
  }

  add(piece: Piece): void {
    this.ensure(piece.length + 4);
    this.put(piece);
  }

  integer(value: number): void {
    if (value < 0) {
      this.byte(MINUS);
      this.integer(-value);
    } else if (value < GROUP) this.#digits(value | 0, digitsOf(value | 0));
    else {
      const high = Math.floor(value / GROUP);
      this.integer(high);
      this.#digits((value - high * GROUP) | 0, 8);
    }
  }

  #digits(value: number, digits: number): void {
    const { bytes } = this;
    let rest = value;
    this.length += digits;
    for (let at = this.length - 1; at >= this.length - digits; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = DIGIT_0 + rest - 10 * next;
      rest = next;
    }
  }

  /** As `uetrOf` writes it: of any sixteen bytes. */
  uetr(from: Uint8Array, at: number): void {
    if (writeUetr(from, at, this.#view, this.length)) {
      this.length += UETR_LENGTH;
      return;
    }
    const id = Buffer.from(from.buffer, from.byteOffset + at, 16).toString('hex');
    this.put(pieceOf(uetrOf(id)));
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let least = 10; value >= least; least *= 10) digits += 1;
  return digits;
}

/** A pair has two legs as well, and is named by both. */
function hasPairs(queues: PlainQueues, names: CertificateNames): boolean {
  for (let at = 0; at < queues.payments; at++)
    if (queues.legsEnd(at) > queues.legsBegin(at) + 1) {
      const position = queues.positions[at]!;
      if (names.pairedWith({ position }) !== null) return true;
    }
  return false;
}

const DIGEST_FIELD = '"digest":';
/** As JSON, in hex. */
const DIGEST_LENGTH = 66;

/** Writes one certificate after the other. */
export class RunCertificateText {
  readonly #text = new TextBytes();
  readonly #row: Row = {
    ...{ id: 0, uetrAt: 0, names: [], amounts: new Float64Array(4) },
    ...{ shortagesFrom: 0, shortagesEnd: 0 },
  };
  #described = NOTHING;
  #names: KnownNames | null = null;

  /** As JSON, until the next is written; null: it is for `certifyRun`. */
  write(
    before: CapturedQueues,
    run: CycleRun,
    place: CertifiedPlace,
    names: CertificateNames,
  ): Uint8Array | null {
    const currencies = run.currency === null ? resolvedCurrencies(before) : [run.currency];
    const queues = PlainQueues.of(before, currencies);
    if (queues === null || hasPairs(queues, names) || !queues.resolve(new Set(run.settled)))
      return null;
    // All but the lists.
    const frame = contentOfRun({ ...before, accounts: [], payments: [] }, run, place, names);
    const { settled, largest } = queues;
    const lists = Object.fromEntries(LISTS.map((list) => [list, mark(list)]));
    const whole = { ...frame, ...lists, settled, largest, digest: mark('digest') };
    const { parts, end } = formOf<ListName | 'digest'>(keysInOrder(whole));
    if (parts.length !== LISTS.length + 1) return null;
    this.#described = before.described;
    if (this.#names?.names !== names) this.#names = new KnownNames(names);
    const told = new ToldQueues(queues, before.accounts, this.#names);
    const text = this.#text;
    text.length = 0;
    let digestAt = 0;
    for (const { before, field } of parts) {
      text.add(before);
      if (field === 'digest') {
        digestAt = text.length;
        text.ensure(DIGEST_LENGTH);
        text.length += DIGEST_LENGTH;
      } else this.#list(field, told);
    }
    text.add(end);
    const written = text.bytes.subarray(0, text.length);
    // Of all but the digest's member: a comma stands behind it.
    const hash = createHash('sha256')
      .update(written.subarray(0, digestAt - DIGEST_FIELD.length))
      .update(written.subarray(digestAt + DIGEST_LENGTH + 1));
    written.set(Buffer.from(JSON.stringify(hash.digest('hex'))), digestAt);
    return written;
  }

  #list(list: ListName, told: ToldQueues): void {
    const text = this.#text;
    const rows = told.rowsOf(list);
    text.ensure(ROW_ROOM);
    text.byte(OPEN);
    for (let at = 0; at < rows; at++) {
      text.ensure(ROW_ROOM + told.namesRoom);
      if (at > 0) text.byte(COMMA);
      this.#put(told.row(list, at, this.#row), told);
    }
    text.byte(CLOSE);
  }

  #put({ parts, end }: Form<number>, told: ToldQueues): void {
    const [text, row] = [this.#text, this.#row];
    for (let at = 0; at < parts.length; at++) {
      const { before, field } = parts[at]!;
      text.put(before);
      if (field === ID) text.integer(row.id);
      else if (field === SHORTAGES) this.#shortages(told);
      else if (field >= NAME && field < AMOUNT) text.put(row.names[field - NAME]!);
      else {
        text.byte(QUOTE);
        if (field === UETR) text.uetr(this.#described, row.uetrAt);
        else text.integer(row.amounts[field - AMOUNT]!);
        text.byte(QUOTE);
      }
    }
    text.put(end);
  }

  #shortages(told: ToldQueues): void {
    const [text, row] = [this.#text, this.#row];
    for (let at = row.shortagesFrom; at < row.shortagesEnd; at++) {
      // For this one and for the end of the row.
      text.ensure(ROW_ROOM + told.namesRoom);
      if (at > row.shortagesFrom) text.byte(COMMA);
      told.shortage(at, row);
      this.#put(ROWS.shortage, told);
    }
  }
}

const jsonOf = (text: string): Piece => pieceOf(JSON.stringify(text));
const PRIORITY_NAMES = PRIORITIES.map(jsonOf);

/** Names as JSON, by handle: each is told in a thousand certificates. */
class KnownNames {
  readonly names: CertificateNames;
  readonly #participants: Piece[] = [];
  readonly #currencies: Piece[] = [];

  constructor(names: CertificateNames) {
    this.names = names;
  }

  participant(handle: number): Piece {
    this.#participants[handle] ??= jsonOf(this.names.participant(handle));
    return this.#participants[handle];
  }

  currency(handle: number): Piece {
    this.#currencies[handle] ??= jsonOf(this.names.currency(handle));
    return this.#currencies[handle];
  }
}

/** Queues with the names of what is in them, row by row. */
class ToldQueues {
  /** More than the names of a row are long. */
  readonly namesRoom: number;
  readonly #queues: PlainQueues;
  /** By the account's place. */
  readonly #participants: readonly Piece[];
  readonly #currencies: readonly Piece[];

  constructor(queues: PlainQueues, accounts: readonly QueueAccount[], names: KnownNames) {
    this.#queues = queues;
    this.#participants = accounts.map(({ participant }) => names.participant(participant));
    this.#currencies = accounts.map(({ currency }) => names.currency(currency));
    const longest = (of: readonly Piece[]) =>
      of.reduce((most, { length }) => Math.max(most, length), 0);
    this.namesRoom = 7 * Math.max(longest(this.#participants), longest(this.#currencies));
  }

  rowsOf(list: ListName): number {
    const { balances, payments, drops, firsts } = this.#queues;
    if (list === 'accounts') return balances.length;
    return list === 'payments' ? payments : list === 'drops' ? drops.length : firsts.length;
  }

  /** Sets what the row at a place of a list has; returns how it is written. */
  row(list: ListName, at: number, row: Row): Form<number> {
    const queues = this.#queues;
    switch (list) {
      case 'accounts':
        this.#named(at, row);
        row.amounts[0] = queues.balances[at]!;
        row.amounts[1] = queues.creditLines[at]!;
        row.amounts[2] = queues.reservedUrgent[at]!;
        row.amounts[3] = queues.reservedHigh[at]!;
        return ROWS.account;
      case 'payments': {
        const first = queues.legsBegin(at);
        const second = first + 1;
        row.id = queues.positions[at]!;
        row.uetrAt = queues.uetrAt(at);
        row.names[0] = PRIORITY_NAMES[queues.classes[at]!]!;
        this.#leg(first, row, 1);
        row.amounts[0] = queues.amounts[first]!;
        if (queues.legsEnd(at) === second) return ROWS.payment;
        this.#leg(second, row, 4);
        row.amounts[1] = queues.amounts[second]!;
        return ROWS.conversion;
      }
      case 'drops': {
        const account = queues.dropsAt[at]!;
        row.id = queues.positions[queues.drops[at]!]!;
        if (account === NO_ACCOUNT) return ROWS.held;
        this.#named(account, row);
        row.amounts[0] = queues.dropsMissing[at]!;
        return row.amounts[0] > 0 ? ROWS.short : ROWS.behind;
      }
      case 'heldUp':
        row.id = queues.positions[queues.firsts[at]!]!;
        row.shortagesFrom = at === 0 ? 0 : queues.firstsEnds[at - 1]!;
        row.shortagesEnd = queues.firstsEnds[at]!;
        return ROWS.heldUp;
    }
  }

  /** Sets what a shortage has. */
  shortage(at: number, row: Row): void {
    this.#named(this.#queues.shortAt[at]!, row);
    row.amounts[0] = this.#queues.shortMissing[at]!;
  }

  /** @param at where its names stand in the row */
  #leg(leg: number, row: Row, at: number): void {
    const debtor = this.#queues.debtors[leg]!;
    row.names[at] = this.#currencies[debtor]!;
    row.names[at + 1] = this.#participants[debtor]!;
    row.names[at + 2] = this.#participants[this.#queues.creditors[leg]!]!;
  }

  #named(place: number, row: Row): void {
    row.names[0] = this.#participants[place]!;
    row.names[1] = this.#currencies[place]!;
  }
}
