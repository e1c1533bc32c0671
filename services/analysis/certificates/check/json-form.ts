import { Type } from '@sinclair/typebox';
import { CYCLE_MECHANISMS } from '../../../core/settlement/records.ts';
import { checker, closed } from '../../../protocol/messages/document.ts';
import { UETR_PATTERN } from '../../../protocol/names/bic-and-uetr.ts';
import {
  MILLISECONDS_PATTERN,
  SIGNATURE_PATTERN,
} from '../../../protocol/names/message-headers.ts';
import { SIGNED_FIELD_PATTERN } from '../../../protocol/names/signing-text.ts';
import { COUNTRY_PATTERN, PROPOSER_PATTERN } from '../../../protocol/records/control-record.ts';
import type { Certificate } from '../certificate-format.ts';
import type { NettingCertificate } from '../netting-certificate.ts';
import type { OffsettingCertificate } from '../offsetting-certificate.ts';
import type { ProposalCertificate } from '../proposal-certificate.ts';
import type { WaitCertificate } from '../wait-certificate.ts';

/**
 * The form of a certificate's JSON file. That nothing stands there twice and all fits together:
 * premises-check.ts. What the certificate proves: gridlock-, netting-, offsetting-,
 * proposal- and wait-check.ts (docs/settlement.md).
 */

// 128 bits have at most 39 digits: positions of limits are that wide.
const amount = Type.String({ pattern: '^(0|[1-9][0-9]{0,38})$' });
const positive = Type.String({ pattern: '^[1-9][0-9]{0,38}$' });
const balance = Type.String({ pattern: '^(0|-?[1-9][0-9]{0,38})$' });
const participant = Type.String({ pattern: '^[A-Z0-9]{1,11}$' });
const currency = Type.String({ pattern: '^[A-Z0-9]{1,12}$' });
const nullable = <T extends ReturnType<typeof Type.String>>(type: T) =>
  Type.Union([type, Type.Null()]);
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** 32 bytes: a digest, or a public key. */
const hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const literals = <T extends string>(names: readonly T[]) =>
  Type.Union(names.map((name) => Type.Literal(name)));

const shortage = closed({
  by: literals([
    'balance',
    'bilateralLimit',
    'multilateralLimit',
    'aggregateShortLimit',
    'pooledCollateral',
  ]),
  participant,
  currency,
  counterparty: nullable(participant),
  amount: positive,
});
const drop = closed({
  payment: count,
  because: Type.Union([
    closed({ kind: Type.Literal('short'), shortage }),
    closed({ kind: Type.Literal('behind'), participant, currency }),
    closed({ kind: Type.Literal('held') }),
  ]),
});
const leg = closed({ currency, debtor: participant, creditor: participant, amount: positive });

const place = {
  pool: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }),
  event: count,
  eventsDigest: hex32,
  timeMs: count,
};
const uetr = Type.String({ pattern: UETR_PATTERN });
const positions = Type.Array(count);
const number = Type.Integer({ minimum: 1 });
const queued = {
  position: count,
  uetr,
  pairedWith: nullable(uetr),
  priority: literals(['urgent', 'high', 'normal']),
  isChain: Type.Optional(Type.Literal(true)),
  isHeld: Type.Optional(Type.Literal(true)),
  legs: Type.Array(leg, { minItems: 1, maxItems: 16 }),
};
/** What queues settle against. */
const tables = {
  accounts: Type.Array(
    closed({
      participant,
      currency,
      balance,
      creditLine: amount,
      reservedUrgent: amount,
      reservedHigh: amount,
    }),
  ),
  valuations: Type.Array(closed({ currency, weight: amount, haircutBps: amount })),
  crossLimits: Type.Array(
    closed({
      participant,
      currency,
      aggregateShort: nullable(amount),
      pooledCollateral: nullable(amount),
    }),
  ),
  limits: Type.Array(
    closed({
      participant,
      currency,
      counterparty: nullable(participant),
      limit: amount,
      position: balance,
    }),
  ),
  heldUp: Type.Array(closed({ payment: count, shortages: Type.Array(shortage) })),
};

const ruled = {
  rules: Type.Array(
    closed({
      currency,
      mechanism: literals(CYCLE_MECHANISMS),
      bypasses: Type.Boolean(),
      offsets: Type.Boolean(),
    }),
  ),
};

const FORMAT: Certificate['format'] = 'corridor-certificate-1';
const ofQueues = closed({
  format: Type.Literal(FORMAT),
  ...place,
  cycle: Type.Union([number, Type.Null()]),
  mechanism: literals(
    CYCLE_MECHANISMS.filter((m) => !['none', 'deferredNet', 'proposed'].includes(m)),
  ),
  currencies: Type.Array(currency),
  outcome: Type.Union([
    literals(['nothingQueued', 'resolved', 'deadlock', 'gridlock', 'undecided']),
    Type.Null(),
  ]),
  ...ruled,
  ...tables,
  payments: Type.Array(closed(queued)),
  settled: positions,
  largest: positions,
  drops: Type.Array(drop),
  asked: Type.Union([count, Type.Null()]),
  release: Type.Union([
    closed({
      payment: count,
      participant,
      currency,
      amount: nullable(amount),
      settles: positions,
      least: nullable(amount),
      drops: Type.Array(drop),
    }),
    Type.Null(),
  ]),
  digest: hex32,
});

const OFFSETTING: OffsettingCertificate['format'] = 'corridor-offsetting-certificate-1';
const ofOffsetting = closed({
  format: Type.Literal(OFFSETTING),
  ...place,
  offsetting: number,
  nextCycle: number,
  currencies: Type.Array(currency),
  rules: Type.Array(
    closed({ currency, bypasses: Type.Boolean(), offsets: Type.Boolean(), minimumMs: count }),
  ),
  ...tables,
  payments: Type.Array(closed({ ...queued, sinceMs: count })),
  settled: positions,
  digest: hex32,
});

const PROPOSAL: ProposalCertificate['format'] = 'corridor-proposal-certificate-1';
const refusal = Type.Union([
  closed({ kind: Type.Literal('short'), shortage }),
  closed({ kind: Type.Literal('notQueued'), payment: count }),
  closed({ kind: Type.Literal('elsewhere'), payment: count, currency }),
  Type.Null(),
]);
const ofProposal = closed({
  format: Type.Literal(PROPOSAL),
  ...place,
  cycle: number,
  mechanism: Type.String({ pattern: PROPOSER_PATTERN }),
  currencies: Type.Array(currency),
  outcome: literals(['nothingQueued', 'resolved', 'undecided']),
  ...ruled,
  ...tables,
  payments: Type.Array(closed(queued)),
  sets: Type.Array(
    closed({
      payments: Type.Array(count, { minItems: 1 }),
      refused: refusal,
      balances: Type.Array(closed({ participant, currency, balance })),
    }),
  ),
  settled: positions,
  digest: hex32,
});

const NETTING: NettingCertificate['format'] = 'corridor-netting-certificate-1';
const netted = {
  event: number,
  position: count,
  uetr,
  debtor: participant,
  creditor: participant,
  amount: positive,
};
const capShortage = closed({ by: literals(['netDebitCap', 'bilateralCap']), amount: positive });
const ofNetting = closed({
  format: Type.Literal(NETTING),
  ...place,
  cycle: number,
  currency,
  outcome: literals(['nothingAccepted', 'netted', 'unwound']),
  onDefault: literals(['unwind', 'shareTheLoss']),
  accounts: Type.Array(
    closed({
      participant,
      balance,
      creditLine: amount,
      defaultedAt: Type.Union([number, Type.Null()]),
    }),
  ),
  caps: Type.Array(
    closed({
      event: number,
      participant,
      counterparty: nullable(participant),
      cap: nullable(amount),
    }),
  ),
  payments: Type.Array(closed(netted)),
  refused: Type.Array(closed({ ...netted, short: Type.Array(capShortage) })),
  nets: Type.Array(
    closed({ participant, position: balance, netted: balance, borne: amount, balance }),
  ),
  defaults: Type.Array(closed({ participant, shortfall: positive })),
  shares: Type.Array(closed({ defaulter: participant, survivor: participant, amount: positive })),
  unwound: Type.Array(closed({ payment: count, because: Type.Array(participant) })),
  settled: positions,
  digest: hex32,
});

const WAIT: WaitCertificate['format'] = 'corridor-wait-certificate-1';
const signedField = Type.String({ pattern: SIGNED_FIELD_PATTERN });
const headers = closed({
  ce_specversion: Type.Literal('1.0'),
  ce_id: signedField,
  ce_source: signedField,
  ce_type: signedField,
  ce_keyid: signedField,
  ce_issuedatms: Type.String({ pattern: MILLISECONDS_PATTERN }),
  ce_signature: Type.String({ pattern: SIGNATURE_PATTERN }),
});
const signed = {
  position: count,
  appendedAtMs: count,
  timeMs: count,
  headers,
  payload: Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
};
const countOrNone = Type.Union([count, Type.Null()]);
const country = Type.Optional(Type.String({ pattern: COUNTRY_PATTERN }));
const ofWait = closed({
  format: Type.Literal(WAIT),
  ...place,
  position: count,
  network: signedField,
  preValidation: Type.Array(
    closed({
      from: country,
      to: country,
      currency: Type.Optional(currency),
      desk: participant,
      creditorAgent: Type.Boolean(),
      withinMs: count,
    }),
  ),
  assets: Type.Array(closed({ currency, minorUnits: count, pool: place.pool })),
  keys: Type.Array(
    closed({
      participant,
      keyId: signedField,
      publicKey: hex32,
      registeredAt: count,
      revokedAt: countOrNone,
    }),
  ),
  began: closed({ position: count, appendedAtMs: count }),
  legs: Type.Array(closed({ ...signed, setAsideMs: countOrNone }), { minItems: 1, maxItems: 16 }),
  attestations: Type.Array(closed(signed)),
  isPromised: Type.Boolean(),
  termsDigest: hex32,
  groups: Type.Array(
    closed({
      askedBy: literals(['policy', 'twoPools', 'terms']),
      isMandatory: Type.Boolean(),
      threshold: number,
      attestors: Type.Array(participant),
      accepted: Type.Array(participant),
      refused: Type.Array(participant),
      missing: count,
      open: Type.Array(participant),
    }),
  ),
  threshold: number,
  missing: count,
  holders: Type.Array(participant),
  deadlineMs: countOrNone,
  onSilence: Type.Union([literals(['settle', 'release']), Type.Null()]),
  queue: Type.Union([ofQueues, Type.Null()]),
  digest: hex32,
});

/** By a certificate's `format`. */
export const CERTIFICATE_FORMS = new Map<unknown, ReturnType<typeof checker>>([
  [FORMAT, checker(ofQueues)],
  [OFFSETTING, checker(ofOffsetting)],
  [NETTING, checker(ofNetting)],
  [PROPOSAL, checker(ofProposal)],
  [WAIT, checker(ofWait)],
]);
/** Of what is in no format of a certificate: says which there are. */
export const checkFormat = checker(
  Type.Object({ format: literals([FORMAT, OFFSETTING, NETTING, PROPOSAL, WAIT]) }),
);
