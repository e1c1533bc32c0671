import { createHash } from 'node:crypto';
import type { GrossOutcome } from '../../core/settlement/events.ts';
import type { CycleMechanism } from '../../core/settlement/records.ts';

/** An amount in minor units, as JSON has it. */
export type AmountText = string;
/** A payment, by the position of its record in the pool's input log. */
export type PaymentPosition = number;

/** What a currency's cycles do and how its queues move, for each currency of the pool. */
interface CertifiedRules {
  readonly currency: string;
  readonly mechanism: CycleMechanism;
  /** Whether normal payments may pass each other (bypass FIFO). */
  readonly bypasses: boolean;
  /** Whether its cycles offset its queues bilaterally first. */
  readonly offsets: boolean;
}

interface CertifiedAccount {
  readonly participant: string;
  readonly currency: string;
  readonly balance: AmountText;
  /** Credit capacity: the balance may go down to minus it. */
  readonly creditLine: AmountText;
  readonly reservedUrgent: AmountText;
  readonly reservedHigh: AmountText;
}

export interface CertifiedLimit {
  readonly participant: string;
  readonly currency: string;
  /** Null: multilateral. */
  readonly counterparty: string | null;
  readonly limit: AmountText;
  /** Booked out less booked in, of what counts on it. */
  readonly position: AmountText;
}

/** What limits across currencies count of a balance (docs/settlement.md). */
interface CertifiedValuation {
  readonly currency: string;
  readonly weight: string;
  readonly haircutBps: string;
}

interface CertifiedCrossLimit {
  readonly participant: string;
  /** In whose minor units both are. */
  readonly currency: string;
  readonly aggregateShort: AmountText | null;
  readonly pooledCollateral: AmountText | null;
}

export interface CertifiedPayment {
  readonly position: PaymentPosition;
  readonly uetr: string;
  /** UETR of the other bank's leg, where two matched legs are this one payment. */
  readonly pairedWith: string | null;
  readonly priority: 'urgent' | 'high' | 'normal';
  /** Of a chain alone, whose legs stand in their order; `uetr` is the first's. */
  readonly isChain?: true;
  /** It waits for its money to be set aside: no cycle takes it, nor what stands behind it. */
  readonly isHeld?: true;
  /** One, or two that settle together; of a chain up to 16. */
  readonly legs: readonly {
    readonly currency: string;
    readonly debtor: string;
    readonly creditor: string;
    readonly amount: AmountText;
  }[];
}

export interface CertifiedShortage {
  readonly by:
    | 'balance'
    | 'bilateralLimit'
    | 'multilateralLimit'
    | 'aggregateShortLimit'
    | 'pooledCollateral';
  readonly participant: string;
  readonly currency: string;
  /** Of a bilateral limit, else null. */
  readonly counterparty: string | null;
  readonly amount: AmountText;
}

type CertifiedReason =
  | { readonly kind: 'short'; readonly shortage: CertifiedShortage }
  /** Something before it in this account's queue went. */
  | { readonly kind: 'behind'; readonly participant: string; readonly currency: string }
  /** Another leg is in a currency that takes no part, or the mechanism settles no chains. */
  | { readonly kind: 'held' };

/** A payment that no feasible set has, once those dropped before it are in none. */
export interface CertifiedDrop {
  readonly payment: PaymentPosition;
  readonly because: CertifiedReason;
}

/** Tries after which the search for the smallest injection, and its check, give up. */
export const RELEASE_STEPS_MAX = 5000;

/** Of a payment: the smallest amount that, added to an account, settles it at once or in a cycle run then. */
export interface CertifiedRelease {
  readonly payment: PaymentPosition;
  readonly participant: string;
  readonly currency: string;
  /** Null: no amount does. */
  readonly amount: AmountText | null;
  /** All that settles with that amount, in entry order; empty where no amount does. */
  readonly settles: readonly PaymentPosition[];
  /** No smaller amount can release it, as the drops show; null: none at all. */
  readonly least: AmountText | null;
  /**
   * With nothing reserved and one minor unit less than `least` (null: any amount; 0: no drops): the
   * payment is among them.
   */
  readonly drops: readonly CertifiedDrop[];
}

/** Of whatever is certified: which moment of which history it is of. */
export interface CertificateBase {
  readonly pool: string;
  /** The last event before, and the digest of the pool's event chain there, hex. */
  readonly event: number;
  readonly eventsDigest: string;
  /** State time, ms since 1970. */
  readonly timeMs: number;
  /** SHA-256 of all the rest, see `certificateDigest`: shows a slip, not a forger. */
  readonly digest: string;
}

/**
 * The queues of a pool at one moment, what a run of a cycle settled of them, and why nothing more:
 * whoever holds this can check it without the resolver (gridlock-check.ts) and without the log.
 */
export interface Certificate extends CertificateBase {
  readonly format: 'corridor-certificate-1';
  /** Null: of a state between two records; nothing ran. */
  readonly cycle: number | null;
  /** What ran; of a state `gridlockResolution`, which is what `largest` is worked out for. */
  readonly mechanism: CycleMechanism;
  /**
   * Those whose queues it looked at: of gridlock resolution all that do it by `rules`, of another
   * mechanism one that does that; of a state those that resolve gridlocks, or where none does all.
   */
  readonly currencies: readonly string[];
  /**
   * Nothing was queued, it settled payments, or it settled none: in a deadlock no set that respects the
   * order can settle, in a gridlock one could, but not by this mechanism. Undecided: a heuristic for
   * limits across currencies found none. Null where nothing ran.
   */
  readonly outcome: GrossOutcome | null;
  /** Of every currency, in the order of the pool's registration. */
  readonly rules: readonly CertifiedRules[];
  readonly accounts: readonly CertifiedAccount[];
  readonly limits: readonly CertifiedLimit[];
  /** Empty where no participant has limits across currencies. */
  readonly valuations: readonly CertifiedValuation[];
  readonly crossLimits: readonly CertifiedCrossLimit[];
  /** In entry order: a queue is its payments by class, then in this order. */
  readonly payments: readonly CertifiedPayment[];
  /** What the run settled, in entry order. */
  readonly settled: readonly PaymentPosition[];
  /**
   * The largest set that can settle and respects the order of every queue, in entry order, limits
   * across currencies not counted: with these no set is the largest, and what settles in order lies
   * within.
   */
  readonly largest: readonly PaymentPosition[];
  /**
   * Why it is the largest: from everything that is queued, one payment after another, each the last of
   * its queue's part and its account short, or behind one that went.
   */
  readonly drops: readonly CertifiedDrop[];
  /** Of the first payment left in each queue, and of the one asked about: what it and all that must go with it leave short. */
  readonly heldUp: readonly {
    readonly payment: PaymentPosition;
    readonly shortages: readonly CertifiedShortage[];
  }[];
  /** The payment that a state was asked about; null of a run. */
  readonly asked: PaymentPosition | null;
  /** Of it, there where every currency is first in, first out and resolves gridlocks, else null; see docs/settlement.md. */
  readonly release: CertifiedRelease | null;
}

/**
 * Where what stands in one certificate after the other has its canonical text, once it was put together; null: it is to be
 * kept. A weak map of a hundred thousand of them has the collector look through all of it each time.
 */
const KEPT = Symbol('canonical text');
type Kept = { [KEPT]?: Uint8Array | null };

/** Has the canonical text of an object kept for the next digests, in each of which it stands in a list: it never changes. */
export function keepText<One extends object>(object: One): One {
  // No walk over the object's members meets it.
  return Object.defineProperty(object, KEPT, { value: null, writable: true, enumerable: false });
}

/** Bytes that are hashed at once. */
const HASHED_AT_ONCE = 0x1_0000;
/** One digest is made after the other, and most are of fewer bytes: they share the room. */
const SCRATCH = new Uint8Array(HASHED_AT_ONCE);
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
/** Characters from here to there stand in JSON as they are, but for the first two of those. */
const [FIRST_PLAIN, LAST_PLAIN] = [0x20, 0x7e];

/**
 * Hashes JSON with the keys of every object in order and no spaces: one text for one content. It is put together as
 * bytes: megabytes of text would be made of millions of texts.
 */
class CanonicalHash {
  readonly #hash = createHash('sha256');
  readonly #bytes = SCRATCH;
  #length = 0;
  #updates = 0;

  add(value: unknown, holder: Holder): void {
    if (typeof value === 'string') this.#addText(value);
    else if (typeof value !== 'object' || value === null) this.#addPlain(JSON.stringify(value));
    else if (Array.isArray(value)) this.#addList(value, holder);
    else this.#addObject(value, holder);
  }

  #addText(text: string): void {
    if (!this.#hasRoom(text.length + 2)) {
      this.#hash.update(JSON.stringify(text));
      return;
    }
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let place = 0; place < text.length; place++) {
      const code = text.charCodeAt(place);
      if (code < FIRST_PLAIN || code > LAST_PLAIN || code === QUOTE || code === BACKSLASH) {
        this.#update();
        this.#hash.update(JSON.stringify(text));
        return;
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  /** Of ASCII alone. */
  #addPlain(text: string): void {
    this.#hasRoom(text.length);
    for (let place = 0; place < text.length; place++)
      this.#bytes[this.#length++] = text.charCodeAt(place);
  }

  #addBytes(piece: Uint8Array): void {
    if (!this.#hasRoom(piece.length)) {
      this.#hash.update(piece);
      return;
    }
    let at = this.#length;
    // A call for each of a few bytes would take longer.
    if (piece.length > 64) this.#bytes.set(piece, at);
    else
      for (let place = 0; place < piece.length; place++)
        this.#bytes[at + place] = piece[place] as number;
    at += piece.length;
    this.#length = at;
  }

  /** Makes room for so many bytes; false: there are never so many, and nothing waits to be hashed. */
  #hasRoom(bytes: number): boolean {
    if (this.#length + bytes > HASHED_AT_ONCE) this.#update();
    return bytes <= HASHED_AT_ONCE;
  }

  #addList(list: readonly unknown[], holder: Holder): void {
    this.#addPlain('[');
    const first = list[0];
    const areKept = typeof first === 'object' && first !== null && KEPT in first;
    for (let at = 0; at < list.length; at++) {
      if (at > 0) this.#addPlain(',');
      if (areKept) this.#addKept(list[at] as Kept, holder);
      else this.add(list[at], holder);
    }
    this.#addPlain(']');
  }

  #addKept(value: Kept, holder: Holder): void {
    const text = value[KEPT];
    if (text) {
      this.#addBytes(text);
      return;
    }
    const from = this.#length;
    const updates = this.#updates;
    this.add(value, holder);
    // What was hashed meanwhile is not there any more.
    if (text === null && updates === this.#updates)
      value[KEPT] = this.#bytes.slice(from, this.#length);
  }

  #addObject(value: object, holder: Holder): void {
    const shape = shapeOf(value, holder.last);
    holder.last = shape;
    for (const member of shape.inOrder) {
      this.#addBytes(member.before);
      this.add(value[member.key as never], member);
    }
    this.#addPlain(shape.keys.length === 0 ? '{}' : '}');
  }

  #update(): void {
    this.#updates += 1;
    this.#hash.update(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }

  hex(): string {
    this.#update();
    return this.#hash.digest('hex');
  }
}

/** What holds objects, by itself or in a list: the next mostly has the shape of the last. */
interface Holder {
  last: Shape | null;
}

/** The keys of an object as they stand, and in order with the text before each value. */
interface Shape {
  readonly keys: readonly string[];
  readonly inOrder: readonly ({ readonly key: string; readonly before: Uint8Array } & Holder)[];
}

/** Tables have thousands of rows of one shape: its keys are sorted once. */
const shapes: Shape[] = [];
const SHAPES_MAX = 64;

function shapeOf(value: object, likely: Shape | null): Shape {
  if (likely !== null && hasShape(value, likely)) return likely;
  for (const shape of shapes) if (hasShape(value, shape)) return shape;
  const keys = Object.keys(value);
  const inOrder = [...keys].sort().map((key, at) => ({
    ...{ key, before: Buffer.from(`${at === 0 ? '{' : ','}${JSON.stringify(key)}:`) },
    last: null,
  }));
  const shape = { keys, inOrder };
  if (shapes.length < SHAPES_MAX) shapes.push(shape);
  return shape;
}

function hasShape(value: object, { keys }: Shape): boolean {
  let at = 0;
  // Without a list of its keys: content is plain.
  for (const key in value) if (key !== keys[at++]) return false;
  return at === keys.length;
}

/** Lower-case hex, over the canonical JSON of everything but the field `digest`. */
export function certificateDigest(certificate: object): string {
  const { digest: _, ...rest } = certificate as { digest?: unknown };
  const hash = new CanonicalHash();
  hash.add(rest, { last: null });
  return hash.hex();
}

export const digestFaults = (certificate: { readonly digest: string }): string[] =>
  certificateDigest(certificate) === certificate.digest ? [] : ['the digest is of another content'];
