import { reasonNumber } from '../core/settlement/reasons.ts';
import {
  RECORD_OFFSETS as AT,
  CYCLE_MECHANISMS,
  DEFERRED_NET_CLASSES,
  NONE16,
  NONE32,
  type RecordKind,
  SET_MEMBERS,
} from '../core/settlement/records.ts';
import { countryOf } from '../protocol/names/bic-and-uetr.ts';
import { dayNumber } from '../protocol/names/dates.ts';
import type {
  ControlRecord,
  CoreRecord,
  CurrencyRules,
  Genesis,
} from '../protocol/records/control-record.ts';
import type { Names } from './names-to-handles.ts';

export const recordKindOf = (control: CoreRecord): RecordKind =>
  control.kind === 'key' ? 'keyState' : control.kind;

/**
 * Writes the body of a control record. A name that the log has not registered becomes a handle that
 * the core refuses.
 * @param record begun, with kind, position and time; else zero but for the participant (none)
 * @param admits whether a key or account record says something that can be
 */
export function encodeControl(
  record: Buffer,
  control: CoreRecord,
  names: Names,
  admits: boolean,
): void {
  switch (control.kind) {
    case 'genesis':
      encodeGenesis(record, control);
      return;
    case 'rules':
      record.writeUInt16LE(names.currency(control.currency), AT.currency1);
      encodeRules(record, control);
      return;
    case 'valuation':
      record.writeUInt16LE(names.currency(control.currency), AT.currency1);
      record.writeBigInt64LE(BigInt(control.weight), AT.amount1);
      record.writeUInt32LE(control.haircutBasisPoints, AT.haircutBps);
      return;
    case 'participant':
      record.writeUInt32LE(names.nextParticipant(control.bic), AT.participant);
      record.write(countryOf(control.bic), AT.country1, 2, 'latin1');
      return;
    case 'currency':
      record.writeUInt16LE(names.nextCurrency(control.currency), AT.currency1);
      record.writeUInt16LE(control.minorUnits, AT.currency2);
      record.writeBigInt64LE(BigInt(control.earmarkCapMinorSeconds ?? 0), AT.earmarkCap);
      return;
    case 'corridorLimit':
      record.writeUInt16LE(names.currency(control.currency), AT.currency1);
      record.write(control.from, AT.country1, 2, 'latin1');
      record.write(control.to, AT.country2, 2, 'latin1');
      record.writeBigInt64LE(BigInt(control.limitMinor), AT.amount1);
      return;
    case 'key':
      // What cannot be (another's key, an id used before) names nobody, so that the core refuses it.
      record.writeUInt32LE(admits ? names.participant(control.bic) : NONE32, AT.participant);
      if (control.state === 'revoked') record.writeUInt16LE(reasonNumber('keyRevoked'), AT.reason);
      record.write(control.publicKey, AT.payloadDigest, 32, 'hex');
      return;
    case 'open':
    case 'close':
      record.writeUInt16LE(names.currency(control.currency), AT.currency1);
      record.writeUInt32LE(dayNumber(control.date) ?? 0, AT.date);
      if (control.kind === 'open') record.writeBigInt64LE(BigInt(control.closesAtMs), AT.amount1);
      return;
    case 'cycle':
    case 'default':
      if (control.kind === 'default')
        record.writeUInt32LE(names.participant(control.bic), AT.participant);
      record.writeUInt16LE(handleOrAll(names, control.currency), AT.currency1);
      return;
    case 'proposal':
      record.write(control.mechanism, AT.payloadDigest, 32, 'latin1');
      record.writeUInt16LE(handleOrAll(names, control.currency), AT.currency1);
      return;
    case 'tick':
      return;
    default:
      encodeAccount(record, control, names);
      if (!admits) record.writeUInt32LE(NONE32, AT.participant);
  }
}

type AccountRecord = Extract<
  ControlRecord,
  {
    kind:
      | 'account'
      | 'creditLine'
      | 'issue'
      | 'redeem'
      | 'issuer'
      | 'collateral'
      | 'crossLimit'
      | 'cap';
  }
>;

/** What is about a participant in a currency. */
function encodeAccount(record: Buffer, control: AccountRecord, names: Names): void {
  record.writeUInt32LE(names.participant(control.bic), AT.participant);
  record.writeUInt16LE(names.currency(control.currency), AT.currency1);
  switch (control.kind) {
    case 'account':
      record.writeBigInt64LE(BigInt(control.balanceMinor), AT.amount1);
      record.writeBigInt64LE(BigInt(control.creditLineMinor), AT.amount2);
      record.writeUInt32LE(names.participant(control.issuer ?? ''), AT.issuer);
      return;
    case 'creditLine':
      record.writeBigInt64LE(BigInt(control.amountMinor), AT.amount1);
      return;
    case 'issue':
    case 'redeem':
      record.writeBigInt64LE(BigInt(control.amountMinor), AT.amount1);
      record.writeUInt32LE(names.participant(control.issuer ?? ''), AT.issuer);
      return;
    case 'collateral':
      record.writeBigInt64LE(BigInt(control.collateralMinor), AT.amount1);
      record.writeUInt32LE(control.haircutBasisPoints, AT.haircutBps);
      return;
    case 'crossLimit':
      record.writeBigInt64LE(BigInt(control.aggregateShortMinor ?? -1), AT.amount1);
      record.writeBigInt64LE(BigInt(control.pooledCollateralMinor ?? -1), AT.amount2);
      return;
    case 'cap':
      encodeCap(record, control, names);
      return;
    case 'issuer':
      return;
  }
}

function encodeCap(record: Buffer, cap: Extract<AccountRecord, { kind: 'cap' }>, names: Names) {
  record.writeBigInt64LE(cap.capMinor === null ? -1n : BigInt(cap.capMinor), AT.amount1);
  const counterparty = cap.counterparty === null ? NONE32 : names.participant(cap.counterparty);
  record.writeUInt32LE(counterparty, AT.creditorAgent);
  // An unknown counterparty must not read as "none": the record then names no participant at all.
  if (cap.counterparty !== null && counterparty === NONE32)
    record.writeUInt32LE(NONE32, AT.participant);
}

/** An unknown currency must not read as "all": it becomes a handle that no pool has. */
const handleOrAll = (names: Names, currency: string | null): number =>
  currency === null ? NONE16 : Math.min(names.currency(currency), NONE16 - 1);

/** The members of a proposed set in pieces, one for each record. */
export function* setPieces(set: readonly number[]): Generator<readonly number[]> {
  for (let at = 0; at < set.length; at += SET_MEMBERS) yield set.slice(at, at + SET_MEMBERS);
}

/** Writes a piece of a proposed set; the record is begun. */
export function encodeMembers(record: Buffer, members: readonly number[], begins: boolean): void {
  record.writeUInt32LE(members.length, AT.memberCount);
  record[AT.beginsSet] = begins ? 1 : 0;
  for (const [i, position] of members.entries())
    record.writeBigUInt64LE(BigInt(position), AT.members + 8 * i);
}

const QUEUE_RULES = ['fifo', 'bypass-fifo'] as const;
const AT_CLOSE = ['cancel', 'carry-over'] as const;
const DEFAULT_RULES = ['unwind', 'shareLoss'] as const;

function encodeRules(record: Buffer, rules: CurrencyRules): void {
  record[AT.queueRule] = QUEUE_RULES.indexOf(rules.queueRule);
  record[AT.cycleMechanism] = CYCLE_MECHANISMS.indexOf(rules.cycleMechanism);
  record[AT.atClose] = AT_CLOSE.indexOf(rules.atClose);
  record[AT.entryOffsetting] = rules.entryOffsetting ? 1 : 0;
  record[AT.bilateralOffsetting] = rules.bilateralOffsetting ? 1 : 0;
  record[AT.deferredNetClasses] = DEFERRED_NET_CLASSES.indexOf(rules.deferredNetClasses);
  record[AT.defaultRule] = DEFAULT_RULES.indexOf(rules.defaultRule);
  record.writeUInt32LE(rules.offsettingMinimumMs, AT.offsettingMinimumMs);
}

function encodeGenesis(record: Buffer, genesis: Genesis): void {
  encodeRules(record, genesis);
  const { limits } = genesis;
  record.writeUInt32LE(limits.participants, AT.participantsMax);
  record.writeUInt32LE(limits.currencies, AT.currenciesMax);
  record.writeUInt32LE(limits.livePayments, AT.livePaymentsMax);
  record.writeUInt32LE(limits.identities, AT.identitiesMax);
  record.writeUInt32LE(limits.quotes, AT.quotesMax);
  record.writeUInt32LE(limits.limits, AT.limitsMax);
  record.writeUInt32LE(limits.corridorLimits ?? 0, AT.corridorLimitsMax);
  record.writeUInt32LE(genesis.cycleIntervalMs, AT.cycleIntervalMs);
  record.writeUInt32LE(genesis.pvpTimeoutMs, AT.pvpTimeoutMs);
  record[AT.identityDays] = genesis.identityDays;
  record[AT.certificates] = genesis.certificates ? 1 : 0;
  record[AT.recalls] = genesis.passesRecalls ? 1 : 0;
  record[AT.quoteEvents] = genesis.tellsQuotes ? 1 : 0;
  record[AT.countsFromEnd] = genesis.countsFromEnd ? 1 : 0;
  record[AT.boundsRefused] = genesis.boundsRefused ? 1 : 0;
  record[AT.recallDays] = genesis.recallDays ?? 0;
  record[AT.chainLegsMax] = genesis.chainLegsMax ?? 0;
  record[AT.conditions] = genesis.conditions ? 1 : 0;
  record.writeUInt32LE(genesis.rulesVersion, AT.rulesVersion);
  record.write(genesis.hashKey, AT.hashKey, 16, 'hex');
}
