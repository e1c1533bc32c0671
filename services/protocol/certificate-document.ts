import { Type } from '@sinclair/typebox';
import { checkCertificate } from '../core/certificate-check.ts';
import type { Certificate } from '../core/certificate-format.ts';
import { CYCLE_MECHANISMS } from '../core/records.ts';
import { checker, closed } from './document.ts';
import { UETR_PATTERN } from './identifiers.ts';

/** A certificate as a JSON file: its form is checked here, what it proves in core/certificate-check. */

// 128 bits have at most 39 digits: positions of limits are that wide.
const amount = Type.String({ pattern: '^(0|[1-9][0-9]{0,38})$' });
const positive = Type.String({ pattern: '^[1-9][0-9]{0,38}$' });
const balance = Type.String({ pattern: '^(0|-?[1-9][0-9]{0,38})$' });
const participant = Type.String({ pattern: '^[A-Z0-9]{1,11}$' });
const currency = Type.String({ pattern: '^[A-Z0-9]{1,12}$' });
const nullable = <T extends ReturnType<typeof Type.String>>(type: T) =>
  Type.Union([type, Type.Null()]);
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
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

const FORMAT: Certificate['format'] = 'corridor-certificate-1';
const schema = closed({
  format: Type.Literal(FORMAT),
  pool: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }),
  event: count,
  eventsDigest: sha256,
  timeMs: count,
  cycle: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
  mechanism: literals(CYCLE_MECHANISMS.filter((m) => m !== 'none' && m !== 'deferredNet')),
  currencies: Type.Array(currency),
  outcome: Type.Union([
    literals(['nothingQueued', 'resolved', 'deadlock', 'gridlock', 'undecided']),
    Type.Null(),
  ]),
  rules: Type.Array(
    closed({
      currency,
      mechanism: literals(CYCLE_MECHANISMS),
      bypasses: Type.Boolean(),
      offsets: Type.Boolean(),
    }),
  ),
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
  payments: Type.Array(
    closed({
      position: count,
      uetr: Type.String({ pattern: UETR_PATTERN }),
      pairedWith: nullable(Type.String({ pattern: UETR_PATTERN })),
      priority: literals(['urgent', 'high', 'normal']),
      legs: Type.Array(leg, { minItems: 1, maxItems: 2 }),
    }),
  ),
  settled: Type.Array(count),
  largest: Type.Array(count),
  drops: Type.Array(drop),
  heldUp: Type.Array(closed({ payment: count, shortages: Type.Array(shortage) })),
  asked: Type.Union([count, Type.Null()]),
  release: Type.Union([
    closed({
      payment: count,
      participant,
      currency,
      amount: nullable(amount),
      settles: Type.Array(count),
      drops: Type.Array(drop),
    }),
    Type.Null(),
  ]),
  digest: sha256,
});
const check = checker(schema);

export interface VerifiedCertificate {
  /** Whether the text calls itself one; else the fault says why not. */
  readonly isOne: boolean;
  /** Null where the text has not the form of one. */
  readonly certificate: Certificate | null;
  /** What is wrong with it; empty where it holds. */
  readonly faults: string[];
}

/** Reads a certificate and checks all that it claims. */
export function verifyCertificate(text: string): VerifiedCertificate {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    // The parser quotes the text, lines and all.
    const message = (error as Error).message.replaceAll(/\s+/g, ' ');
    return { isOne: false, certificate: null, faults: [`it is not JSON: ${message}`] };
  }
  const isOne = (document as { format?: unknown } | null)?.format === FORMAT;
  const read = check(document);
  if ('reason' in read) return { isOne, certificate: null, faults: [read.detail] };
  const certificate = read.value as Certificate;
  return { isOne, certificate, faults: checkCertificate(certificate) };
}
