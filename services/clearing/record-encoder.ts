import { reasonNumber } from '../core/reasons.ts';
import {
  RECORD_OFFSETS as AT,
  NONE16,
  NONE32,
  RECORD_BYTES,
  RECORD_KINDS,
  type RecordKind,
} from '../core/records.ts';
import type { ControlRecord } from '../protocol/control-record.ts';
import { dayNumber } from '../protocol/dates.ts';
import type { Directory } from '../protocol/directory.ts';
import { PRIORITIES } from '../protocol/instruction.ts';
import type { VerifiedRecord } from '../protocol/verified-record.ts';
import type { KeyRing } from './key-ring.ts';

/**
 * Writes input records as the settlement core's records: names become handles, and a name that the
 * log has not registered becomes a refusal (or a handle that the core refuses).
 */
export class RecordEncoder {
  readonly #directory: Directory;
  readonly #keys: KeyRing;
  #bytes: Buffer = Buffer.alloc(RECORD_BYTES * 1024);
  #count = 0;

  constructor(directory: Directory, keys: KeyRing) {
    this.#directory = directory;
    this.#keys = keys;
  }

  /** The records written since the last call, valid until the next write. */
  take(): { bytes: Uint8Array; count: number } {
    const count = this.#count;
    this.#count = 0;
    return { bytes: this.#bytes.subarray(0, count * RECORD_BYTES), count };
  }

  #begin(kind: RecordKind, position: number, timeMs: number): Buffer {
    const start = this.#count * RECORD_BYTES;
    if (start + RECORD_BYTES > this.#bytes.length) {
      const larger = Buffer.alloc(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#count += 1;
    const record = this.#bytes.subarray(start, start + RECORD_BYTES).fill(0);
    record.writeUInt16LE(RECORD_KINDS[kind], AT.kind);
    record.writeUInt32LE(NONE32, AT.participant);
    record.writeBigUInt64LE(BigInt(position), AT.position);
    record.writeBigInt64LE(BigInt(timeMs), AT.timeMs);
    return record;
  }

  #participant(bic: string): number {
    return this.#directory.participantHandle(bic) ?? NONE32;
  }

  #currency(currency: string): number {
    return this.#directory.currencyHandle(currency) ?? NONE16;
  }

  /** The directory and the key ring must not have folded the record yet. */
  control(control: ControlRecord, position: number): void {
    const record = this.#begin(
      control.kind === 'key' ? 'keyState' : control.kind,
      position,
      control.timeMs,
    );
    switch (control.kind) {
      case 'genesis':
        writeGenesis(record, control);
        return;
      case 'participant': {
        const known = this.#directory.participantHandle(control.bic) !== undefined;
        const next = this.#directory.participants.length;
        record.writeUInt32LE(known ? NONE32 : next, AT.participant);
        return;
      }
      case 'currency': {
        const known = this.#directory.currencyHandle(control.currency) !== undefined;
        record.writeUInt16LE(known ? NONE16 : this.#directory.currencies.length, AT.currency1);
        record.writeUInt16LE(control.minorUnits, AT.currency2);
        return;
      }
      case 'account':
        this.#account(record, control.bic, control.currency);
        record.writeBigInt64LE(BigInt(control.balanceMinor), AT.amount1);
        record.writeBigInt64LE(BigInt(control.creditLineMinor), AT.amount2);
        return;
      case 'creditLine':
      case 'issue':
      case 'redeem':
        this.#account(record, control.bic, control.currency);
        record.writeBigInt64LE(BigInt(control.amountMinor), AT.amount1);
        return;
      case 'key':
        // What cannot be (another's key, an id used before) names nobody, so that the core refuses it.
        record.writeUInt32LE(
          this.#keys.admits(control) ? this.#participant(control.bic) : NONE32,
          AT.participant,
        );
        if (control.state === 'revoked')
          record.writeUInt16LE(reasonNumber('keyRevoked'), AT.reason);
        record.write(control.publicKey, AT.payloadDigest, 32, 'hex');
        return;
      case 'open':
      case 'close':
        record.writeUInt16LE(this.#currency(control.currency), AT.currency1);
        record.writeUInt32LE(dayNumber(control.date) ?? 0, AT.date);
        if (control.kind === 'open') record.writeBigInt64LE(BigInt(control.closesAtMs), AT.amount1);
        return;
      case 'tick':
        return;
    }
  }

  #account(record: Buffer, bic: string, currency: string): void {
    record.writeUInt32LE(this.#participant(bic), AT.participant);
    record.writeUInt16LE(this.#currency(currency), AT.currency1);
  }

  /**
   * A message that verified under a key which is not the sender's, or no longer, at this position
   * is a notice, not a payment.
   */
  verified(verified: VerifiedRecord, position: number): void {
    const fault =
      verified.kind === 'notice'
        ? verified.reason
        : this.#keys.fault(verified.sender, verified.publicKey);
    const kind = fault !== 0 ? 'notice' : verified.kind;
    const record = this.#begin(kind, position, verified.appendedAtMs);
    record.writeUInt32LE(this.#participant(verified.sender), AT.participant);
    record.set(verified.id, AT.id);
    record.set(verified.payloadDigest, AT.payloadDigest);
    record.writeUInt16LE(verified.messageType, AT.messageType);
    if (kind === 'notice') {
      record.writeUInt16LE(fault, AT.reason);
      return;
    }
    record.writeUInt16LE(verified.reason || this.#unknownName(verified), AT.reason);
    record.writeUInt16LE(this.#currency(verified.currency1), AT.currency1);
    record.writeUInt16LE(
      verified.currency2 === '' ? NONE16 : this.#currency(verified.currency2),
      AT.currency2,
    );
    // The sender is the debtor's agent, or the payload was refused and it is who must be told.
    record.writeUInt32LE(this.#participant(verified.sender), AT.debtorAgent);
    record.writeUInt32LE(this.#participant(verified.creditorAgent), AT.creditorAgent);
    record.writeUInt32LE(this.#participant(verified.dealer), AT.dealer);
    record.writeUInt32LE(verified.settlementDate, AT.date);
    record.writeBigInt64LE(verified.amount1, AT.amount1);
    record.writeBigInt64LE(verified.amount2, AT.amount2);
    record.writeBigInt64LE(verified.rateMantissa, AT.rateMantissa);
    record[AT.rateScale] = verified.rateScale;
    record[AT.priority] = PRIORITIES.indexOf(verified.priority);
  }

  /** The reason for the first agent or currency that this pool does not know, 0 where it knows all. */
  #unknownName(verified: VerifiedRecord): number {
    const unknown = (bic: string) => this.#directory.participantHandle(bic) === undefined;
    for (const currency of [verified.currency1, verified.currency2])
      if (currency !== '' && this.#directory.currencyHandle(currency) === undefined)
        return reasonNumber('currencyUnknown');
    if (verified.kind === 'quote') return 0;
    if (unknown(verified.debtorAgent)) return reasonNumber('debtorAgentUnknown');
    if (unknown(verified.creditorAgent)) return reasonNumber('creditorAgentUnknown');
    if (verified.dealer !== '' && unknown(verified.dealer)) return reasonNumber('dealerUnknown');
    return 0;
  }
}

function writeGenesis(record: Buffer, genesis: Extract<ControlRecord, { kind: 'genesis' }>): void {
  record.writeUInt32LE(genesis.limits.participants, AT.participantsMax);
  record.writeUInt32LE(genesis.limits.currencies, AT.currenciesMax);
  record.writeUInt32LE(genesis.limits.livePayments, AT.livePaymentsMax);
  record.writeUInt32LE(genesis.limits.identities, AT.identitiesMax);
  record.writeUInt32LE(genesis.limits.quotes, AT.quotesMax);
  record.writeUInt32LE(genesis.cycleIntervalMs, AT.cycleIntervalMs);
  record[AT.queueRule] = genesis.queueRule === 'fifo' ? 0 : 1;
  record[AT.cycleMechanism] = genesis.gridlockResolution ? 1 : 0;
  record[AT.atClose] = genesis.atClose === 'cancel' ? 0 : 1;
  record[AT.identityDays] = genesis.identityDays;
  record.writeUInt32LE(genesis.rulesVersion, AT.rulesVersion);
  record.write(genesis.hashKey, AT.hashKey, 16, 'hex');
}
