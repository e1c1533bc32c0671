import type { Bic } from './identifiers.ts';

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
    }
  | {
      readonly kind: 'creditLine' | 'issue' | 'redeem';
      readonly bic: Bic;
      readonly currency: string;
      readonly amountMinor: string;
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
export interface SignedCommand {
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

export type Role = 'bank' | 'dealer';

export interface Genesis {
  readonly kind: 'genesis';
  readonly network: string;
  readonly pool: string;
  readonly rulesVersion: number;
  readonly mechanism: 'rtgs';
  readonly queueRule: 'fifo' | 'bypass-fifo';
  readonly gridlockResolution: boolean;
  /** Time between two cycles of gridlock resolution, ms; 0: only the one before close. */
  readonly cycleIntervalMs: number;
  readonly atClose: 'cancel' | 'carry-over';
  /** Business days for which identities are remembered. */
  readonly identityDays: number;
  readonly limits: CoreLimits;
  /** 16 bytes, lower-case hex: keys the identity table's hash. */
  readonly hashKey: string;
  /** 32 bytes, lower-case hex: who may command this pool. Absent: nobody may, as in a simulation. */
  readonly operatorKey?: string;
}

/** The sizes of the core's tables, fixed for a pool's life. */
export interface CoreLimits {
  readonly participants: number;
  readonly currencies: number;
  readonly livePayments: number;
  readonly identities: number;
  readonly quotes: number;
}

/** The rules that this version of the code applies; replay of other rules stops with a message. */
export const RULES_VERSION = 1;
