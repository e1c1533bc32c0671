import { COMMAND_OUTCOMES, type CommandOutcome } from '../core/settlement/events.ts';
import { type Reason, reasonNumber } from '../core/settlement/reasons.ts';
import {
  RECORD_OFFSETS as AT,
  NONE32,
  RECORD_BYTES,
  RECORD_KINDS,
  type RecordKind,
} from '../core/settlement/records.ts';
import { furtherTermsOf, synchronisedBy } from '../protocol/messages/chain.ts';
import { CHAIN } from '../protocol/messages/message-types.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import {
  type ApprovedCommand,
  commandName,
} from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import type { CoreRecord, PreValidation } from '../protocol/records/control-record.ts';
import { readOriginal } from '../protocol/records/input-record.ts';
import { askedOf, faultBesidePolicy } from '../protocol/records/pre-validation.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import { encodeControl, encodeMembers, recordKindOf, setPieces } from './control-encoder.ts';
import type { KeyRing } from './key-rotation-and-revocation.ts';
import {
  type CoreFurtherTerms,
  encodeMessage,
  furtherTerms,
  writeFurtherTerms,
} from './message-encoder.ts';
import type { Names } from './names-to-handles.ts';
import { refusalOfMessage } from './unknown-names-and-pre-validation.ts';

/** What became of a command, and why it is not done. */
interface CameOf {
  readonly outcome: CommandOutcome;
  readonly reason: Reason;
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

const HIGH = 2 ** 32;

/** Of 64 bits, without a bigint for each of millions. */
export function setNumber(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true);
  view.setInt32(at + 4, Math.floor(value / HIGH), true);
}

/** Writes input records as the settlement core's records, one after the other. */
export class RecordEncoder {
  readonly #names: Names;
  readonly #keys: KeyRing;
  #bytes: Buffer = Buffer.alloc(RECORD_BYTES * 1024);
  #view = viewOf(this.#bytes);
  #count = 0;
  /** Bytes that records of before have left there: a record begins with zeros. */
  #used = 0;
  /** Whether chains may have conditions and earmarks. */
  takesConditions = false;
  /** Whether a chain may lie in two pools. */
  takesTwoPools = false;
  /** Corridors whose chains are pre-validated. */
  preValidation: readonly PreValidation[] = [];

  constructor(names: Names, keys: KeyRing) {
    this.#names = names;
    this.#keys = keys;
  }

  /** The records written since the last call, valid until the next write. */
  take(): { bytes: Uint8Array; count: number } {
    const count = this.#count;
    this.#count = 0;
    this.#used = Math.max(this.#used, count * RECORD_BYTES);
    return { bytes: this.#bytes.subarray(0, count * RECORD_BYTES), count };
  }

  #begin(kind: RecordKind, position: number, timeMs: number): Buffer {
    const start = this.#start(kind, position, timeMs);
    return this.#bytes.subarray(start, start + RECORD_BYTES);
  }

  /** Where the record begins that is written next, with kind, participant (none), position and time. */
  #start(kind: RecordKind, position: number, timeMs: number): number {
    const start = this.#count * RECORD_BYTES;
    if (start + RECORD_BYTES > this.#bytes.length) {
      const larger = Buffer.alloc(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = viewOf(larger);
    }
    this.#count += 1;
    // All at once: a filling for each of millions costs as much as their terms.
    if (start === 0) this.#bytes.fill(0, 0, this.#used);
    this.#used = 0;
    const view = this.#view;
    view.setUint16(start + AT.kind, RECORD_KINDS[kind], true);
    view.setUint32(start + AT.participant, NONE32, true);
    setNumber(view, start + AT.position, position);
    setNumber(view, start + AT.timeMs, timeMs);
    return start;
  }

  /** A message that somebody else writes. */
  encoded(
    kind: RecordKind,
    position: number,
    timeMs: number,
    write: (record: DataView, at: number) => void,
  ): void {
    const start = this.#start(kind, position, timeMs);
    write(this.#view, start);
  }

  /**
   * The directory and the key ring must not have folded the record yet.
   * @param admits false: a key record says what cannot be, or is not proven
   */
  control(control: CoreRecord, position: number, admits: boolean): void {
    if (control.kind === 'proposal')
      for (const set of control.sets)
        for (const [at, members] of [...setPieces(set)].entries())
          encodeMembers(this.#begin('proposedSet', position, control.timeMs), members, at === 0);
    const record = this.#begin(recordKindOf(control), position, control.timeMs);
    encodeControl(record, control, this.#names, admits);
  }

  /** What became of a command; its own records stand before. */
  command({ id, digest }: ApprovedCommand, position: number, timeMs: number, came: CameOf): void {
    const record = this.#begin('command', position, timeMs);
    record.set(commandName(id), AT.id);
    record.write(digest, AT.payloadDigest, 32, 'hex');
    record.writeUInt16LE(reasonNumber(came.reason), AT.reason);
    record[AT.outcome] = COMMAND_OUTCOMES.indexOf(came.outcome);
  }

  /**
   * A message that verified under a key which is not the sender's, or no longer, at this position
   * is a notice, not a payment.
   * @param value the input record, by whose document the other legs of a chain are judged; absent: they are sound
   */
  verified(verified: VerifiedRecord, position: number, value?: Uint8Array): void {
    const fault =
      verified.kind === 'notice'
        ? verified.reason
        : this.#keys.fault(verified.sender, verified.publicKey);
    const isNotice = fault !== 0 || verified.kind === 'notice';
    const isLeg = !isNotice && verified.kind === 'chainLeg' && verified.reason === 0;
    const document = isLeg && value ? documentOf(CHAIN, readOriginal(value).payload) : undefined;
    const rules = this.preValidation;
    const refused = isNotice ? fault : refusalOfMessage(verified, this.#names, rules, document);
    const taken = refused === 0 ? document : undefined;
    const terms = taken ? this.#furtherTerms(verified, taken) : null;
    const refusal = terms === 'refused' ? reasonNumber('formatInvalid') : refused;
    const hasTerms = terms !== null && terms !== 'refused';
    if (hasTerms)
      this.encoded('chainTerms', position, verified.appendedAtMs, (view, at) =>
        writeFurtherTerms(view, at, terms),
      );
    const record = this.#begin(
      isNotice ? 'notice' : verified.kind,
      position,
      verified.appendedAtMs,
    );
    record.writeUInt32LE(this.#names.participant(verified.sender), AT.participant);
    record.set(verified.id, AT.id);
    record.set(verified.payloadDigest, AT.payloadDigest);
    record.writeUInt16LE(verified.messageType, AT.messageType);
    if (isNotice) record.writeUInt16LE(fault, AT.reason);
    else encodeMessage(record, verified, this.#names, refusal);
    if (hasTerms) record[AT.furtherTerms] = 1;
  }

  /** What the document of a leg says besides its legs; null: nothing. */
  #furtherTerms(
    { kind, content, appendedAtMs }: VerifiedRecord,
    document: unknown,
  ): CoreFurtherTerms | 'refused' | null {
    if (kind !== 'chainLeg') return null;
    const terms = furtherTermsOf(document);
    const { earmark, promises } = terms;
    const asked = askedOf(document, this.preValidation, terms);
    if (!asked && !earmark) return null;
    const isOver = !this.takesTwoPools && synchronisedBy(document) !== null;
    if (!this.takesConditions || isOver || (asked && faultBesidePolicy(asked))) return 'refused';
    const { settlementDate } = content;
    return furtherTerms(asked, earmark, this.#names, settlementDate, appendedAtMs, promises);
  }
}
