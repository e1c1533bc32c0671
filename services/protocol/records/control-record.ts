import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox';
import { MECHANISMS } from '../../core/settlement/events.ts';
import { CYCLE_MECHANISMS, DEFERRED_NET_CLASSES } from '../../core/settlement/records.ts';
import { CHAIN_LEGS_MAX } from '../messages/chain.ts';
import { isoDate } from '../messages/document.ts';
import { BIC_PATTERN, type Bic } from '../names/bic-and-uetr.ts';
import { ASSET_PATTERN } from '../names/currency-and-isin.ts';
import { ROLES } from '../names/participant-roles.ts';
import { SIGNED_FIELD_PATTERN } from '../names/signing-text.ts';
import { POOL_PATTERN } from '../names/topic-plan.ts';

/** What a new key signs (messages/key-possession.ts): when it was given, and what nobody can know before. */
export const CHALLENGE_PATTERN = '^(0|[1-9][0-9]{0,14})-[0-9a-f]{32}$';

export const COUNTRY_PATTERN = '^[A-Z]{2}$';
const country = Type.String({ pattern: COUNTRY_PATTERN, title: 'a country, as DE (ISO 3166)' });
const bic = Type.Unsafe<Bic>(
  Type.String({ pattern: BIC_PATTERN, title: 'a BIC of 8 or 11 characters, in capitals' }),
);
const currency = Type.String({
  pattern: ASSET_PATTERN,
  title: 'a currency, as EUR (ISO 4217), or an ISIN',
});
const date = Type.String({ ...isoDate, title: 'a date, as 2026-12-31' });
/** Null: every currency of the pool. */
const currencyOrAll = Type.Union([currency, Type.Null()]);
const INT64_PATTERN = '^(0|[1-9][0-9]{0,18})$';
const DIGITS = 'up to 19 decimal digits, without sign, point or a 0 before them';
const minor = Type.String({
  description:
    'Minor units (of EUR: cents) in decimal digits: a string, as JSON readers do not keep every such number',
  pattern: INT64_PATTERN,
  title: `minor units as text: ${DIGITS}`,
});
const minorSeconds = Type.String({
  description: 'Minor units x seconds in decimal digits, as a string',
  pattern: INT64_PATTERN,
  title: `minor units x seconds as text: ${DIGITS}`,
});
/** Null: none, or none any more. */
const minorOrNone = Type.Union([minor, Type.Null()]);
const basisPoints = Type.Integer({ minimum: 0, maximum: 10_000 });
export const timeMs = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });
const count = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });
const oneOf = <T extends string>(...texts: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: texts });

/** What a proposer is called: no name of a mechanism of the core. */
export const PROPOSER_PATTERN = `^(?!(${MECHANISMS.join('|')})$)[a-z][a-z0-9-]{0,31}$`;
const position = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** How one currency settles, from the record that says so on. */
const RULES = {
  queueRule: oneOf('fifo', 'bypass-fifo'),
  /** What a cycle does with what is queued or accepted. */
  cycleMechanism: oneOf(...CYCLE_MECHANISMS),
  atClose: oneOf('cancel', 'carry-over'),
  /** Whether an arriving payment may settle against one that its creditor's agent has queued. */
  entryOffsetting: Type.Boolean(),
  /** Whether queued payments of two banks are offset against each other. */
  bilateralOffsetting: Type.Boolean(),
  /** Shortest time in the queue before bilateral offsetting, ms. */
  offsettingMinimumMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
  /** What deferred net settlement takes; `normal` leaves urgent and high to gross settlement, and who names no chains all of these. */
  deferredNetClasses: oneOf(...DEFERRED_NET_CLASSES),
  defaultRule: oneOf('unwind', 'shareLoss'),
};
export type CurrencyRules = Fields<typeof RULES>;

/** Who issues the balance, or asks for it: once the currency has an issuer, no other may. */
const issuer = Type.Optional(bic);

/** That whoever registers a key has the secret key. */
const possession = Type.Optional(
  Type.Object(
    {
      challenge: Type.String({
        pattern: CHALLENGE_PATTERN,
        title: 'what GET /participants/challenge gives',
      }),
      signature: Type.String({
        pattern: '^[A-Za-z0-9+/]{86}==$',
        title: 'a signature in base64, of 88 characters',
      }),
    },
    { additionalProperties: false },
  ),
);
const signedField = Type.String({
  pattern: SIGNED_FIELD_PATTERN,
  title: '1 to 64 letters of ASCII, digits or . _ : -',
});
const KEY = {
  keyId: signedField,
  publicKey: Type.String({ pattern: '^[0-9a-f]{64}$', title: '32 bytes in lower-case hex' }),
  state: oneOf('registered', 'revoked'),
  /** Of its owner; a command that registers needs it. */
  possession,
};

/** By kind, what a control record says that the operator may command. */
const COMMAND_FIELDS = {
  participant: {
    bic,
    name: Type.String({ minLength: 1, maxLength: 140 }),
    role: oneOf(...ROLES),
    /** In which it is told of what it did not send itself. */
    syntax: Type.Optional(oneOf('json', 'xml')),
  },
  currency: {
    ...{ currency, minorUnits: Type.Integer({ minimum: 0, maximum: 4 }) },
    /** The most that one payment may have; absent: the network has no policy for it. */
    maximumMinor: Type.Optional(minor),
    /** What a participant may have set aside of an account in a business date; absent: there is no cap. */
    earmarkCapMinorSeconds: Type.Optional(minorSeconds),
  },
  /** The balance is issued to the account at opening. */
  account: { bic, currency, balanceMinor: minor, creditLineMinor: minor, issuer },
  creditLine: { bic, currency, amountMinor: minor },
  /** The haircut is 1/10,000 of the collateral's value that gives no credit. */
  collateral: { bic, currency, collateralMinor: minor, haircutBasisPoints: basisPoints },
  rules: { currency, ...RULES },
  /** The currency's own central bank. */
  issuer: { bic, currency },
  /**
   * A net debit cap of deferred net settlement. The counterparty is to whom a bilateral cap is
   * granted; null: against all together.
   */
  cap: { bic, currency, counterparty: Type.Union([bic, Type.Null()]), capMinor: minorOrNone },
  /**
   * What a currency is worth where participants have limits across currencies: the value of a minor
   * unit, relative to the other currencies' weights (all together < 2^48), and 1/10,000 that a long
   * balance counts less, and a short one more.
   */
  valuation: {
    currency,
    weight: Type.String({ pattern: INT64_PATTERN, title: DIGITS }),
    haircutBasisPoints: basisPoints,
  },
  /** A participant's limits across its currencies, in minor units of one of them. */
  crossLimit: {
    ...{ bic, currency },
    aggregateShortMinor: minorOrNone,
    pooledCollateralMinor: minorOrNone,
  },
  /** What may go from banks of one country to those of another on a business date (ISO 3166, of their BICs). */
  corridorLimit: { currency, from: country, to: country, limitMinor: minor },
  issue: { bic, currency, amountMinor: minor, issuer },
  redeem: { bic, currency, amountMinor: minor, issuer },
  default: { bic, currency: currencyOrAll },
  /** A cycle runs now. */
  cycle: { currency: currencyOrAll },
  /**
   * Sets of queued payments, by the positions of their records, for a cycle of one currency or of all:
   * each settles whole or not at all.
   */
  proposal: {
    mechanism: Type.String({
      pattern: PROPOSER_PATTERN,
      title: 'a name of up to 32 small letters, digits and -, and none of a mechanism of the core',
    }),
    currency: currencyOrAll,
    sets: Type.Array(Type.Array(position, { minItems: 1 })),
  },
  key: { bic, ...KEY },
  /** Another key of an operator, who is named by the id of his first. */
  operatorKey: { operator: signedField, ...KEY },
  /** Another key of the clearing node, which signs with the last that was registered. */
  nodeKey: KEY,
  open: {
    ...{ currency, date },
    closesAtMs: Type.Integer({
      ...timeMs,
      title: 'ms since 1970, as a number',
      description:
        'The cut-off that banks are told, in milliseconds since 1970: a number, of which JSON readers lose no digit. It closes nothing: the command `close` does',
    }),
  },
  close: { currency, date },
  tick: {},
};

type Fields<T extends Record<string, TSchema>> = Readonly<Static<TObject<T>>>;
export type CommandKind = keyof typeof COMMAND_FIELDS;
/** A control record but for its time. */
export type Command = {
  [K in CommandKind]: { readonly kind: K } & Fields<(typeof COMMAND_FIELDS)[K]>;
}[CommandKind];

/** By kind, the schema of a command: it has nothing but what is named. */
export const COMMAND_SCHEMAS = Object.fromEntries(
  Object.entries(COMMAND_FIELDS).map(([kind, fields]) => [
    kind,
    Type.Object({ kind: oneOf(kind), ...fields }, { additionalProperties: false }),
  ]),
) as unknown as Readonly<Record<CommandKind, TSchema>>;

/** The sizes of the core's tables, fixed for a pool's life. */
const LIMITS = {
  participants: count,
  currencies: count,
  livePayments: count,
  identities: count,
  quotes: count,
  /** Bilateral and multilateral limits, reservations and caps. */
  limits: count,
  /** Corridors with limits; absent: none can have one. */
  corridorLimits: Type.Optional(count),
};
export type CoreLimits = Fields<typeof LIMITS>;

/** What banks are told of their accounts beside statements at each close. */
const STATEMENTS = {
  /** Whether each booking is told (camt.054). */
  notifications: Type.Boolean(),
  /** Minutes between two reports (camt.052), counted from 1970; 0: none. */
  reportEveryMinutes: Type.Integer({ minimum: 0, maximum: 1440 }),
  /** Reports at times of day in UTC, HH:MM. */
  reportTimes: Type.Array(Type.String({ pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$' })),
};
export type StatementRules = Fields<typeof STATEMENTS>;

/** Of a network of which nothing else is said. */
export const USUAL_STATEMENTS: StatementRules = {
  notifications: true,
  reportEveryMinutes: 0,
  reportTimes: [],
};

/** As the core counts them, in five bits with the date of the request itself. */
export const RECALL_DAYS_MAX = 30;

/**
 * A corridor whose chains are pre-validated: by countries of the banks debited and credited (ISO 3166, of their BICs),
 * by a currency, or both; what is absent holds for all.
 */
const PRE_VALIDATION = {
  from: Type.Optional(country),
  to: Type.Optional(country),
  currency: Type.Optional(currency),
  /** Who has to accept each chain of the corridor. */
  desk: bic,
  /** Whether the banks that are credited in `to` have to accept too. */
  creditorAgent: Type.Boolean(),
  /** A chain that is not accepted so long after its first leg ends. */
  withinMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000 }),
};
export type PreValidation = Fields<typeof PRE_VALIDATION>;

/** The rules here hold for every currency of the pool until a `rules` record. */
const GENESIS = {
  kind: oneOf('genesis'),
  network: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
  pool: Type.String({ pattern: POOL_PATTERN }),
  rulesVersion: count,
  ...RULES,
  /** Time between two cycles, ms; 0: only the one before a close, and those of `cycle` records. */
  cycleIntervalMs: timeMs,
  /** An unmatched leg of a PvP ends after so many ms. */
  pvpTimeoutMs: timeMs,
  /** After each cycle, events say what holds the first payment of each queue. */
  certificates: Type.Boolean(),
  /** Absent: USUAL_STATEMENTS live, no statements in a simulation. */
  statements: Type.Optional(Type.Unsafe<StatementRules>(Type.Object(STATEMENTS))),
  /** Whether the request to cancel a settled payment is passed on; absent: it is refused. */
  passesRecalls: Type.Optional(Type.Boolean()),
  /**
   * At the close of how many business dates of the currency credited behind its own such a request ends that nobody answered; absent: it waits
   * for as long as its payment is known.
   */
  recallDays: Type.Optional(Type.Integer({ minimum: 1, maximum: RECALL_DAYS_MAX })),
  /**
   * Whether it is told what becomes of quotes, to their dealers and to all who may use them, and dealers may
   * withdraw them; absent: it is not.
   */
  tellsQuotes: Type.Optional(Type.Boolean()),
  /** Business days for which identities are remembered. */
  identityDays: count,
  /**
   * Whether these days count from when a payment ended, was returned or recalled, and an identity lives as long as
   * its payment; absent: they count from its settlement date.
   */
  countsFromEnd: Type.Optional(Type.Boolean()),
  /**
   * Whether what of a bank becomes no payment and no quote has a bounded part of the identities, and a refused
   * question none; absent: it is remembered as payments are.
   */
  boundsRefused: Type.Optional(Type.Boolean()),
  /** The most legs that a chain may have; absent: the network has no chains. */
  chainLegsMax: Type.Optional(Type.Integer({ minimum: 2, maximum: CHAIN_LEGS_MAX })),
  /** Chains can have conditions and earmarks, and attestations are taken. */
  conditions: Type.Optional(Type.Boolean()),
  /** A chain may have legs in two pools: in the one that is not its home it promises. */
  twoPools: Type.Optional(Type.Boolean()),
  /** Corridors whose payments are chains that a desk accepts before they settle; absent: there are none. */
  preValidation: Type.Optional(Type.Array(Type.Unsafe<PreValidation>(Type.Object(PRE_VALIDATION)))),
  limits: Type.Unsafe<CoreLimits>(Type.Object(LIMITS)),
  /** 16 bytes, lower-case hex: keys the identity table's hash. */
  hashKey: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  /** 32 bytes, lower-case hex: who may command this pool. Absent: nobody may, as in a simulation. */
  operatorKey: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  /**
   * Operators beside the one of `operatorKey`, how many must agree on limits, keys and participants, and
   * how long an approval may take. Absent: that one alone decides.
   */
  operators: Type.Optional(
    Type.Object({
      keys: Type.Array(
        Type.Object({
          keyId: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
          publicKey: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        }),
      ),
      approvals: Type.Integer({ minimum: 1, maximum: 2 }),
      approvalValidMs: timeMs,
    }),
  ),
  /** The clearing node's first key, under which banks verify what it signs. Absent: it signs nothing. */
  nodeKey: Type.Optional(
    Type.Object({
      keyId: Type.String({ pattern: SIGNED_FIELD_PATTERN }),
      /** 32 bytes, lower-case hex. */
      publicKey: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
  /** Records that were written together with it, itself included: they need no signature. */
  foundingRecords: Type.Optional(Type.Integer({ minimum: 1 })),
};
export type Genesis = Fields<typeof GENESIS>;
export const GenesisSchema = Type.Object(GENESIS);

/**
 * Input records that the operator's gateway writes: one JSON object each, amounts in minor units as
 * decimal strings, times in ms since 1970. The first record of a pool is its genesis.
 */
export type ControlRecord = { readonly timeMs: number; readonly command?: SignedCommand } & (
  | Genesis
  | Command
);

/**
 * What the operator signed, beside the record that the gateway made of it (operator-command.ts). It
 * takes effect once: clearing drops a record whose command id it has taken before.
 */
export interface SignedCommand {
  readonly id: string;
  /** The bank that signed, about its own keys; absent: an operator did. */
  readonly sender?: string;
  /** Of who signed; absent: the operator whose key the genesis names. */
  readonly keyId?: string;
  readonly issuedAtMs: number;
  /** 64 bytes, standard base64. */
  readonly signature: string;
  /** The bytes that were signed, as text. */
  readonly payload: string;
  /** COMMAND_VERSION; one logged before there were versions has none. Not signed: TakenCommands judges. */
  readonly version?: number;
}

/**
 * From this version on a command's outcome is told by an event of its own, and one that registers a key
 * proves its possession.
 */
export const COMMAND_VERSION = 2;

/** A record about a key that is no bank's: it changes nothing in the core. */
export type SystemKeyRecord = Extract<Command, { kind: 'operatorKey' | 'nodeKey' }>;
/** What the core is told of. */
export type CoreRecord = Exclude<ControlRecord, SystemKeyRecord>;

/** A record that gives a name or a key, if clearing accepts it. */
export type NamingRecord = Extract<ControlRecord, { kind: 'participant' | 'currency' | 'key' }>;

export const isNaming = (control: ControlRecord): control is NamingRecord =>
  control.kind === 'participant' || control.kind === 'currency' || control.kind === 'key';

export type Role = Extract<Command, { kind: 'participant' }>['role'];
