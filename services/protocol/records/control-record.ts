import type { CycleMechanism } from '../../core/settlement/records.ts';
import type { Bic } from '../names/identifiers.ts';

/**
 * Input records that the operator's gateway writes: one JSON object each, amounts in minor units as
 * decimal strings, times in ms since 1970. The first record of a pool is its genesis.
 */
export type ControlRecord = { readonly timeMs: number; readonly command?: SignedCommand } & (
  | Genesis
  | { readonly kind: 'participant'; readonly bic: Bic; readonly name: string; readonly role: Role }
  | { readonly kind: 'currency'; readonly currency: string; readonly minorUnits: number }
  | {
      readonly kind: 'account';
      readonly bic: Bic;
      readonly currency: string;
      /** Issued to the account at opening. */
      readonly balanceMinor: string;
      readonly creditLineMinor: string;
      /** Who issues the balance: needed once the currency has an issuer. */
      readonly issuer?: Bic;
    }
  | {
      readonly kind: 'creditLine';
      readonly bic: Bic;
      readonly currency: string;
      readonly amountMinor: string;
    }
  | {
      readonly kind: 'issue' | 'redeem';
      readonly bic: Bic;
      readonly currency: string;
      readonly amountMinor: string;
      /** Who asks for it: once the currency has an issuer, no other may. */
      readonly issuer?: Bic;
    }
  | ({ readonly kind: 'rules'; readonly currency: string } & CurrencyRules)
  | {
      /** A cycle runs now. */
      readonly kind: 'cycle';
      /** Null: in every currency of the pool. */
      readonly currency: string | null;
    }
  | {
      /** The currency's own central bank. */
      readonly kind: 'issuer';
      readonly bic: Bic;
      readonly currency: string;
    }
  | {
      readonly kind: 'collateral';
      readonly bic: Bic;
      readonly currency: string;
      readonly collateralMinor: string;
      /** 1/10,000 of the collateral's value that gives no credit, 0 to 10,000. */
      readonly haircutBasisPoints: number;
    }
  | {
      /** What a currency is worth where participants have limits across currencies. */
      readonly kind: 'valuation';
      readonly currency: string;
      /** The value of a minor unit, relative to the other currencies' weights; all together < 2^48. */
      readonly weight: string;
      /** 1/10,000 that a long balance counts less, and a short one more. */
      readonly haircutBasisPoints: number;
    }
  | {
      /** A participant's limits across its currencies, in minor units of one of them; null: none. */
      readonly kind: 'crossLimit';
      readonly bic: Bic;
      readonly currency: string;
      readonly aggregateShortMinor: string | null;
      readonly pooledCollateralMinor: string | null;
    }
  | {
      /** A net debit cap of deferred net settlement. */
      readonly kind: 'cap';
      readonly bic: Bic;
      readonly currency: string;
      /** To whom a bilateral cap is granted; null: against all together. */
      readonly counterparty: Bic | null;
      /** Null: none any more. */
      readonly capMinor: string | null;
    }
  | {
      readonly kind: 'default';
      readonly bic: Bic;
      /** Null: in every currency of the pool. */
      readonly currency: string | null;
    }
  | {
      readonly kind: 'key';
      readonly bic: Bic;
      readonly keyId: string;
      /** 32 bytes, lower-case hex. */
      readonly publicKey: string;
      readonly state: 'registered' | 'revoked';
    }
  | {
      readonly kind: 'open';
      readonly currency: string;
      readonly date: string;
      readonly closesAtMs: number;
    }
  | { readonly kind: 'close'; readonly currency: string; readonly date: string }
  | { readonly kind: 'tick' }
);

/**
 * What the operator signed, beside the record that the gateway made of it (operator-command.ts). It
 * takes effect once: clearing drops a record whose command id it has taken before.
 */
interface SignedCommand {
  readonly id: string;
  readonly issuedAtMs: number;
  /** 64 bytes, standard base64. */
  readonly signature: string;
  /** The bytes that were signed, as text. */
  readonly payload: string;
}

/** A record that gives a name or a key, if clearing accepts it. */
export type NamingRecord = Extract<ControlRecord, { kind: 'participant' | 'currency' | 'key' }>;

export const isNaming = (control: ControlRecord): control is NamingRecord =>
  control.kind === 'participant' || control.kind === 'currency' || control.kind === 'key';

export type Role = 'bank' | 'dealer' | 'central-bank';

/** How one currency settles, from the record that says so on. */
export interface CurrencyRules {
  readonly queueRule: 'fifo' | 'bypass-fifo';
  /** What a cycle does with what is queued or accepted. */
  readonly cycleMechanism: CycleMechanism;
  readonly atClose: 'cancel' | 'carry-over';
  /** Whether an arriving payment may settle against one that its creditor's agent has queued. */
  readonly entryOffsetting: boolean;
  /** Whether queued payments of two banks are offset against each other. */
  readonly bilateralOffsetting: boolean;
  /** Shortest time in the queue before bilateral offsetting, ms. */
  readonly offsettingMinimumMs: number;
  /** What deferred net settlement takes; `normal` leaves urgent and high to gross settlement. */
  readonly deferredNetClasses: 'all' | 'normal';
  readonly defaultRule: 'unwind' | 'shareLoss';
}

/** The rules here hold for every currency of the pool until a `rules` record. */
export interface Genesis extends CurrencyRules {
  readonly kind: 'genesis';
  readonly network: string;
  readonly pool: string;
  readonly rulesVersion: number;
  /** Time between two cycles, ms; 0: only the one before a close, and those of `cycle` records. */
  readonly cycleIntervalMs: number;
  /** An unmatched leg of a PvP ends after so many ms. */
  readonly pvpTimeoutMs: number;
  /** After each cycle, events say what holds the first payment of each queue. */
  readonly certificates: boolean;
  /** Business days for which identities are remembered. */
  readonly identityDays: number;
  readonly limits: CoreLimits;
  /** 16 bytes, lower-case hex: keys the identity table's hash. */
  readonly hashKey: string;
  /** 32 bytes, lower-case hex: who may command this pool. Absent: nobody may, as in a simulation. */
  readonly operatorKey?: string;
  /** Records that were written together with it, itself included: they need no signature. */
  readonly foundingRecords?: number;
}

/** The sizes of the core's tables, fixed for a pool's life. */
export interface CoreLimits {
  readonly participants: number;
  readonly currencies: number;
  readonly livePayments: number;
  readonly identities: number;
  readonly quotes: number;
  /** Bilateral and multilateral limits, reservations and caps. */
  readonly limits: number;
}

/** The rules that this version of the code applies; replay of other rules stops with a message. */
export const RULES_VERSION = 2;
