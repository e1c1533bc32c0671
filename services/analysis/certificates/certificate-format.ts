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

/** A certificate with its digest, and its own keys in order. */
export const sealed = <Content extends object>(content: Content): Content & { digest: string } =>
  keysInOrder({ ...content, digest: certificateDigest(content) });

/** Those of the object itself alone: rows of large tables have them in order where they are made. */
export const keysInOrder = <Content extends object>(content: Content): Content =>
  Object.fromEntries(Object.entries(content).sort(byKey)) as Content;

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;

/** Lower-case hex, over the JSON of everything but the field `digest` with all keys in order and no spaces. */
export function certificateDigest(certificate: object): string {
  const { digest: _, ...rest } = certificate as { digest?: unknown };
  return createHash('sha256').update(textInOrder(rest)).digest('hex');
}

/** JSON with the keys of every object in order: one text for one content. */
function textInOrder(value: unknown): string {
  if (isInOrder(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(textInOrder)}]`;
  const members = Object.entries(value as object)
    .sort(byKey)
    .map(([key, of]) => `${JSON.stringify(key)}:${textInOrder(of)}`);
  return `{${members}}`;
}

/** As rows of the large tables are, by the thousand: member by member their JSON would take five times as long. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  let before = '';
  for (const key in value) {
    if (key < before || !isInOrder(value[key as never])) return false;
    before = key;
  }
  return true;
}

export const digestFaults = (certificate: { readonly digest: string }): string[] =>
  certificateDigest(certificate) === certificate.digest ? [] : ['the digest is of another content'];
